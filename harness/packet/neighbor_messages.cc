// SPDX-License-Identifier: Apache-2.0
#include "harness/packet/neighbor_messages.hh"

#include <utility>

#include "harness/packet/dissect.hh"
#include "harness/packet/packet.hh"
#include "stack/wire/multicast.hh"

namespace packetwright::packet {
namespace {

constexpr std::uint64_t kArpRequest = 1, kArpReply = 2;
// ICMPv6 types, options and flags: RFC 4861, 4.3, 4.4 and 4.6.1.
constexpr std::uint64_t kSolicitation = 135, kAdvertisement = 136;
constexpr std::uint8_t kSourceLinkAddress = 1, kTargetLinkAddress = 2;
constexpr std::uint64_t kSolicitedOverride = 0x60000000;
constexpr std::size_t kAddressSize = 16, kLinkOptionSize = 8;

Layer ethernet(const MacAddress& to, const MacAddress& from) {
  return Layer(Proto::ethernet)
      .set(Field::ethernet_dst, Wide{to})
      .set(Field::ethernet_src, Wide{from});
}

Buffer arp(std::uint64_t operation, const MacAddress& to, const Station& sender,
           const Station& target) {
  Packet out;
  out.layers.push_back(ethernet(to, sender.mac));
  out.layers.push_back(Layer(Proto::arp)
                           .set(Field::arp_op, operation)
                           .set(Field::arp_sender_mac, Wide{sender.mac})
                           .set(Field::arp_sender_ip, Wide{sender.address})
                           .set(Field::arp_target_mac, Wide{target.mac})
                           .set(Field::arp_target_ip, Wide{target.address}));
  return build(out);
}

// A message about `about`, with the sender's Ethernet address in an option unless that is 0.
Buffer discovery(std::uint64_t type, std::uint64_t flags, const Station& from, const Station& to,
                 const IpAddress& about, std::uint8_t option) {
  Packet out;
  out.layers.push_back(ethernet(to.mac, from.mac));
  out.layers.push_back(Layer(Proto::ipv6)
                           .set(Field::ipv6_src, Wide{from.address})
                           .set(Field::ipv6_dst, Wide{to.address})
                           .set(Field::ipv6_hop_limit, 255));
  out.layers.push_back(
      Layer(Proto::icmpv6).set(Field::icmpv6_type, type).set(Field::icmpv6_rest, flags));
  Buffer body(about.octets().begin(), about.octets().end());
  if (option != 0) {
    body.push_back(option);
    body.push_back(1);
    body.insert(body.end(), from.mac.octets.begin(), from.mac.octets.end());
  }
  out.payload = std::move(body);
  return build(out);
}

}  // namespace

MacAddress mac_of(const Wide& value) noexcept {
  MacAddress mac;
  for (std::size_t i = 0; i < mac.octets.size(); ++i) {
    mac.octets[i] = static_cast<std::uint8_t>(value.low >> (40 - 8 * i));
  }
  return mac;
}

Buffer who_has(const IpAddress& asked, const Station& asker) {
  if (asked.is_v4()) {
    return arp(kArpRequest, MacAddress::broadcast(), asker, {MacAddress{}, asked});
  }
  const IpAddress group = wire::solicited_node_group(asked);
  const std::uint8_t option = asker.address.is_unspecified() ? 0 : kSourceLinkAddress;
  return discovery(kSolicitation, 0, asker, {wire::multicast_mac(group), group}, asked, option);
}

std::optional<Question> question_of(const Dissected& frame) {
  if (frame.has(Proto::arp)) {
    const IpAddress asked = IpAddress::v4(frame.u32(Field::arp_target_ip));
    const IpAddress asker = IpAddress::v4(frame.u32(Field::arp_sender_ip));
    if (frame.u32(Field::arp_op) != kArpRequest || asker.is_unspecified() || asker == asked) {
      return std::nullopt;
    }
    return Question{asked, {mac_of(frame.get(Field::arp_sender_mac).value_or(Wide{})), asker}};
  }
  const auto addresses = frame.addresses();
  const Bytes body = frame.payload();
  if (!frame.has(Proto::icmpv6) || frame.u32(Field::icmpv6_type) != kSolicitation || !addresses ||
      addresses->src.is_unspecified() || body.size() < kAddressSize) {
    return std::nullopt;
  }
  return Question{IpAddress::from_octets(body.first(kAddressSize)),
                  {mac_of(frame.get(Field::ethernet_src).value_or(Wide{})), addresses->src}};
}

Buffer here_is(const Station& who, const Station& whom) {
  if (who.address.is_v4()) return arp(kArpReply, whom.mac, who, whom);
  return discovery(kAdvertisement, kSolicitedOverride, who, whom, who.address, kTargetLinkAddress);
}

std::optional<MacAddress> told_of(const IpAddress& asked, Bytes octets) {
  const Dissected frame = dissect(octets, true);
  if (asked.is_v4()) {
    // Whoever asks says where it is as well.
    if (frame.get(Field::arp_sender_ip) != Wide{asked}) return std::nullopt;
    return mac_of(frame.get(Field::arp_sender_mac).value_or(Wide{}));
  }
  if (frame.u32(Field::icmpv6_type) != kAdvertisement || !frame.has(Proto::icmpv6)) {
    return std::nullopt;
  }
  const Bytes body = frame.payload();
  if (body.size() < kAddressSize || IpAddress::from_octets(body.first(kAddressSize)) != asked) {
    return std::nullopt;
  }
  const Bytes option = body.subspan(kAddressSize);
  if (option.size() < kLinkOptionSize || option[0] != kTargetLinkAddress || option[1] != 1) {
    return mac_of(frame.get(Field::ethernet_src).value_or(Wide{}));
  }
  MacAddress mac;
  for (std::size_t i = 0; i < mac.octets.size(); ++i) mac.octets[i] = option[2 + i];
  return mac;
}

}  // namespace packetwright::packet
