// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "stack/base/ip_address.hh"
#include "stack/base/siphash.hh"

namespace packetwright::tcp {

// A keyed hash of a connection's four-tuple.
[[nodiscard]] std::uint64_t hash_of(const SipKey& key, const Endpoint& local,
                                    const Endpoint& remote) noexcept;

}  // namespace packetwright::tcp
