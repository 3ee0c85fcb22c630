// SPDX-License-Identifier: Apache-2.0
#include "harness/import/link.hh"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace packetwright::import {
namespace {

using capture::Direction;
using capture::LinkType;

constexpr std::uint16_t kIpv4 = 0x0800, kIpv6 = 0x86dd;
// 802.1Q, 802.1ad, and the number that was used before 802.1ad had one.
constexpr std::uint16_t kVlan = 0x8100, kServiceVlan = 0x88a8, kOldServiceVlan = 0x9100;
constexpr std::uint16_t kSentByUs = 4;  // the packet type of Linux cooked headers

// Numbers that raw IP has had on some systems besides the registered one, and the loopback header
// of OpenBSD, which is that of `null` in network order.
constexpr auto kRawOfOpenBsd = static_cast<LinkType>(14);
constexpr auto kRawOfOthers = static_cast<LinkType>(12);
constexpr auto kLoop = static_cast<LinkType>(108);

std::string of_type(std::uint16_t type) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "frames of type 0x";
  for (int shift = 12; shift >= 0; shift -= 4) text += kDigits[type >> shift & 15];
  return text;
}

Result<NetworkPacket, std::string> too_short() {
  return Err{std::string("frames that are cut inside the header of their link")};
}

// `type` is an EtherType, `rest` what follows it.
Result<NetworkPacket, std::string> of_ether_type(std::uint16_t type, Bytes rest,
                                                 Direction direction) {
  while (type == kVlan || type == kServiceVlan || type == kOldServiceVlan) {
    if (rest.size() < 4) return too_short();
    type = load_be16(rest, 2);
    rest = rest.subspan(4);
  }
  if (type != kIpv4 && type != kIpv6) return Err{of_type(type)};
  return NetworkPacket{rest, direction};
}

// The version nibble decides; it is the only thing to go by where a link says nothing.
Result<NetworkPacket, std::string> bare(Bytes octets, Direction direction) {
  if (octets.empty()) return too_short();
  const unsigned version = octets[0] >> 4;
  if (version != 4 && version != 6) return Err{std::string("packets that are not IP")};
  return NetworkPacket{octets, direction};
}

}  // namespace

Result<NetworkPacket, std::string> network_packet(const capture::Packet& packet, LinkType link) {
  const Bytes octets = packet.octets;
  Direction direction = packet.direction;
  switch (link) {
    case LinkType::ethernet:
      if (octets.size() < 14) return too_short();
      return of_ether_type(load_be16(octets, 12), octets.subspan(14), direction);
    case LinkType::linux_sll:
      if (octets.size() < 16) return too_short();
      if (load_be16(octets, 0) == kSentByUs) direction = Direction::outbound;
      return of_ether_type(load_be16(octets, 14), octets.subspan(16), direction);
    case LinkType::linux_sll2:
      if (octets.size() < 20) return too_short();
      if (octets[10] == kSentByUs) direction = Direction::outbound;
      return of_ether_type(load_be16(octets, 0), octets.subspan(20), direction);
    case LinkType::null:
      // The family has another number on every system, in either byte order.
      if (octets.size() < 4) return too_short();
      return bare(octets.subspan(4), direction);
    case LinkType::raw:
    case LinkType::ipv4:
    case LinkType::ipv6: return bare(octets, direction);
  }
  if (link == kLoop) {
    if (octets.size() < 4) return too_short();
    return bare(octets.subspan(4), direction);
  }
  if (link == kRawOfOpenBsd || link == kRawOfOthers) return bare(octets, direction);
  return Err{"frames of link type " + std::to_string(static_cast<unsigned>(link))};
}

}  // namespace packetwright::import
