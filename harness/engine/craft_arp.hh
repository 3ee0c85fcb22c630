// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "harness/engine/craft.hh"

namespace packetwright::engine {

// Ethernet addresses of an injected frame that are not the usual ones.
struct LinkAddresses {
  std::optional<MacAddress> src, dst;
};

// Appends an ARP packet (RFC 826, RFC 5227), and says who it comes from and goes to on the link.
[[nodiscard]] std::optional<CraftError> craft_arp(const script::Arp& arp,
                                                  const CraftContext& context, bool inbound,
                                                  packet::Packet& out, LinkAddresses& link);

}  // namespace packetwright::engine
