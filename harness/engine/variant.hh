// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "stack/base/ip_address.hh"

namespace packetwright::engine {

// Which IP version a script runs over. The text of a script is the same for all of them.
enum class Variant : std::uint8_t {
  ipv4,              // AF_INET sockets, IPv4 on the wire
  ipv4_mapped_ipv6,  // AF_INET6 sockets with ::ffff:a.b.c.d addresses, IPv4 on the wire
  ipv6,              // AF_INET6 sockets, IPv6 on the wire
};

// "ipv4", "ipv4-mapped-ipv6", "ipv6".
[[nodiscard]] std::string_view name_of(Variant variant) noexcept;
// The inverse; `ipv4_mapped_ipv6` is accepted too. nullopt: not a variant.
[[nodiscard]] std::optional<Variant> variant_named(std::string_view name) noexcept;
// The family of the packets.
[[nodiscard]] constexpr Family wire_family(Variant variant) noexcept {
  return variant == Variant::ipv6 ? Family::ipv6 : Family::ipv4;
}
// The family of the sockets.
[[nodiscard]] constexpr Family socket_family(Variant variant) noexcept {
  return variant == Variant::ipv4 ? Family::ipv4 : Family::ipv6;
}

}  // namespace packetwright::engine
