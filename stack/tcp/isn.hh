// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/seq_num.hh"
#include "stack/base/siphash.hh"

namespace packetwright::tcp {

//= RFC9293-MUST-8
//= RFC9293-MUST-9
//= RFC9293-SHLD-1
//= RFC6528-3-a
//= RFC6528-3-b
// The initial sequence number of a connection: M, a clock that ticks every 4 microseconds, plus
// F, a keyed hash of the four-tuple that nobody without the key can compute (RFC 6528, 3).
[[nodiscard]] SeqNum choose_isn(Instant now, const SipKey& key, const Endpoint& local,
                                const Endpoint& remote) noexcept;

}  // namespace packetwright::tcp
