// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "harness/engine/craft.hh"

namespace packetwright::engine {

// Appends the ICMP or ICMPv6 message, and what it quotes or carries.
[[nodiscard]] std::optional<CraftError> craft_icmp(const script::Icmp& icmp,
                                                   const CraftContext& context, bool inbound,
                                                   packet::Packet& out);

// Whether the message is one of those that hosts send before they have an address or to groups:
// neighbour and router discovery, multicast listeners.
[[nodiscard]] bool is_link_local_message(const script::Icmp& icmp);

}  // namespace packetwright::engine
