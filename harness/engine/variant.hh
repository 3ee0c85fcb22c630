// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/script/tree.hh"
#include "stack/base/ip_address.hh"

namespace packetwright::engine {

// Which IP version a script runs over; script::name_of and script::variant_of give the words.
// ipv4_mapped_ipv6 means AF_INET6 sockets with ::ffff:a.b.c.d addresses, and IPv4 on the wire.
using Variant = script::Variant;

// The family of the packets.
[[nodiscard]] constexpr Family wire_family(Variant variant) noexcept {
  return variant == Variant::ipv6 ? Family::ipv6 : Family::ipv4;
}
// The family of the sockets.
[[nodiscard]] constexpr Family socket_family(Variant variant) noexcept {
  return variant == Variant::ipv4 ? Family::ipv4 : Family::ipv6;
}

}  // namespace packetwright::engine
