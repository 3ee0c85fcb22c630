// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "harness/engine/craft.hh"
#include "harness/packet/dissect.hh"
#include "harness/packet/packet.hh"
#include "harness/script/packet.hh"

namespace packetwright::engine {

// Whether the script leaves the signature of the segment to the harness: `md5 valid`.
[[nodiscard]] bool wants_signature(const script::Packet& packet);

// Fills the signature options (RFC 2385) of a crafted segment with what is right for `wire`: the
// frame that is made of it, or the one that came instead of it, in numbers of the wire.
[[nodiscard]] std::optional<CraftError> fill_signature(packet::Packet& crafted,
                                                       const packet::Dissected& wire,
                                                       const Settings& settings);

}  // namespace packetwright::engine
