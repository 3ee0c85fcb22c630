// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "harness/packet/field.hh"

// The numbers by which headers announce one another (IANA registries).
namespace packetwright::packet {

inline constexpr std::uint16_t kEthertypeIpv4 = 0x0800;
inline constexpr std::uint16_t kEthertypeArp = 0x0806;
inline constexpr std::uint16_t kEthertypeIpv6 = 0x86dd;
inline constexpr std::uint16_t kEthertypeMpls = 0x8847;

inline constexpr std::uint8_t kIpProtoNoNext = 59;

// The IP protocol (or IPv6 next header) number of a header; nullopt: it has none.
[[nodiscard]] constexpr std::optional<std::uint8_t> ip_protocol_of(Proto proto) noexcept {
  switch (proto) {
    case Proto::hop_by_hop: return std::uint8_t{0};
    case Proto::icmpv4: return std::uint8_t{1};
    case Proto::ipv4: return std::uint8_t{4};
    case Proto::tcp: return std::uint8_t{6};
    case Proto::udp: return std::uint8_t{17};
    case Proto::udplite: return std::uint8_t{136};
    case Proto::ipv6: return std::uint8_t{41};
    case Proto::routing: return std::uint8_t{43};
    case Proto::fragment: return std::uint8_t{44};
    case Proto::gre: return std::uint8_t{47};
    case Proto::icmpv6: return std::uint8_t{58};
    case Proto::destination: return std::uint8_t{60};
    case Proto::mpls: return std::uint8_t{137};
    case Proto::ethernet:
    case Proto::arp:
    case Proto::dns: return std::nullopt;
  }
  return std::nullopt;
}

// The header with that number; nullopt: one the harness has no fields for.
[[nodiscard]] constexpr std::optional<Proto> header_with_ip_protocol(
    std::uint64_t number) noexcept {
  switch (number) {
    case 0: return Proto::hop_by_hop;
    case 1: return Proto::icmpv4;
    case 4: return Proto::ipv4;
    case 6: return Proto::tcp;
    case 17: return Proto::udp;
    case 41: return Proto::ipv6;
    case 43: return Proto::routing;
    case 44: return Proto::fragment;
    case 47: return Proto::gre;
    case 58: return Proto::icmpv6;
    case 60: return Proto::destination;
    case 136: return Proto::udplite;
    case 137: return Proto::mpls;
    default: return std::nullopt;
  }
}

}  // namespace packetwright::packet
