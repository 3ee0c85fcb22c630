// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/wire_host/hearing.hh"

namespace packetwright::wire_host {
namespace {

using packet::Field;
using packet::Proto;
using packet::Wide;

constexpr std::uint32_t kSolicitation = 135, kAdvertisement = 136;  // RFC 4861, 4.3 and 4.4
constexpr std::size_t kAddressSize = 16;

}  // namespace

void Hearing::note_sent(const packet::Dissected& frame) {
  const auto addresses = frame.addresses();
  if (!addresses || addresses->src.is_unspecified() || addresses->src == host_.address) return;
  ours_.insert(addresses->src);
}

bool Hearing::concerns(const packet::Dissected& frame) const {
  if (frame.get(Field::ethernet_dst) == Wide{peer_.mac}) return true;
  if (const auto asked = frame.get(Field::arp_target_ip)) {
    return ours_.contains(IpAddress::v4(static_cast<std::uint32_t>(asked->low)));
  }
  const auto addresses = frame.addresses();
  if (!addresses) return false;
  if (ours_.contains(addresses->dst)) return true;
  if (!frame.has(Proto::icmpv6) || frame.payload().size() < kAddressSize) return false;
  const std::uint32_t type = frame.u32(Field::icmpv6_type);
  const IpAddress about = IpAddress::from_octets(frame.payload().first(kAddressSize));
  return (type == kSolicitation && ours_.contains(about)) ||
         (type == kAdvertisement && about == host_.address);
}

}  // namespace packetwright::wire_host
