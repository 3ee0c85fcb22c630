// SPDX-License-Identifier: Apache-2.0
#include "stack/iface/link.hh"

#include <algorithm>
#include <array>

#include "stack/wire/ethernet.hh"

namespace packetwright::iface {
namespace {

constexpr std::uint16_t kLargestLength = 1500;  // up to here the Type field is a length
// LLC for SNAP, then the organisation code zero; the EtherType follows (RFC 1042).
constexpr std::array<std::uint8_t, 6> kSnap{0xaa, 0xaa, 0x03, 0, 0, 0};

//= RFC1122-2.3.3-b
Result<LinkPacket, DropReason> unwrap_snap(LinkPacket packet) noexcept {
  const auto length = static_cast<std::size_t>(packet.ether_type);
  if (length > packet.payload.size() || length < kSnap.size() + 2) {
    return Err{DropReason::frame_too_short};
  }
  const Bytes payload = packet.payload.first(length);
  if (!std::equal(kSnap.begin(), kSnap.end(), payload.begin())) {
    return Err{DropReason::ethertype_unknown};
  }
  packet.ether_type = static_cast<wire::EtherType>(load_be16(payload, kSnap.size()));
  packet.payload = payload.subspan(kSnap.size() + 2);
  return packet;
}

}  // namespace

//= RFC1122-2.3.3-a
Result<LinkPacket, DropReason> read_frame(const MacAddress& ours, Bytes frame) noexcept {
  const auto ethernet = wire::EthernetView::parse(frame);
  if (!ethernet) return Err{DropReason::frame_too_short};

  LinkPacket packet{ethernet->ether_type(), ip::LinkCast::unicast, ethernet->payload()};
  //= RFC1122-2.4-a
  const MacAddress to = ethernet->dst();
  if (to == MacAddress::broadcast()) {
    packet.cast = ip::LinkCast::broadcast;
  } else if (to.is_group()) {
    packet.cast = ip::LinkCast::multicast;  // whether we are a member, IP knows by its own address
  } else if (to != ours) {
    return Err{DropReason::frame_not_for_us};
  }
  // A tag with identifier zero carries a priority and no VLAN (IEEE 802.1Q).
  if (ethernet->vlan() && ethernet->vlan()->identifier != 0) {
    return Err{DropReason::frame_not_for_us};
  }
  return static_cast<std::uint16_t>(packet.ether_type) <= kLargestLength
             ? unwrap_snap(packet)
             : Result<LinkPacket, DropReason>{packet};
}

// DEVIATION RFC894-frame-b: short frames are not padded, since the device that sends them does it.
void emit_frame_header(const MacAddress& to, const MacAddress& from, wire::EtherType ether_type,
                       MutableBytes out) noexcept {
  wire::EthernetFields header;
  header.dst = to;
  header.src = from;
  header.ether_type = ether_type;
  header.emit(out);
}

void emit_frame(const MacAddress& to, const MacAddress& from, wire::EtherType ether_type,
                Bytes payload, Buffer& out) {
  out.resize(wire::kEthernetHeaderSize + payload.size());
  emit_frame_header(to, from, ether_type, out);
  store_bytes(out, wire::kEthernetHeaderSize, payload);
}

}  // namespace packetwright::iface
