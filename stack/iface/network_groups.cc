// SPDX-License-Identifier: Apache-2.0
// Multicast groups: who on this host listens to which, and what the routers of the link are told of
// it by IGMP and MLD. The state of both protocols is ip/group_membership.
#include <array>

#include "stack/iface/network.hh"
#include "stack/wire/checksum.hh"
#include "stack/wire/icmpv6.hh"
#include "stack/wire/ipv6.hh"
#include "stack/wire/ipv6_extensions.hh"
#include "stack/wire/multicast.hh"

namespace packetwright::iface {
namespace {

// IPv4 and IPv6 spell it differently: routers that forward no such packet have to look into it all
// the same (RFC 2113, RFC 2711).
constexpr std::array<std::uint8_t, 4> kRouterAlertV4 = {0x94, 4, 0, 0};
constexpr std::array<std::uint8_t, 8> kRouterAlertV6 = {
    static_cast<std::uint8_t>(wire::IpProtocol::icmpv6), 0, 5, 2, 0, 0, 1, 0};
constexpr std::uint8_t kInternetworkControl = 0xc0;  // RFC 3376, 4
constexpr std::uint16_t kMldAlert = 0;               // RFC 2711, 2.1

bool has_router_alert(Bytes packet) noexcept {
  const auto ip = wire::Ipv6View::parse(packet);
  if (!ip || ip->next_header() != wire::IpProtocol::hop_by_hop) return false;
  const auto header = wire::Ipv6ExtensionView::parse(wire::IpProtocol::hop_by_hop, ip->payload());
  if (!header) return false;
  for (const auto& option : header->options()) {
    if (option && option->router_alert() == kMldAlert) return true;
  }
  return false;
}

}  // namespace

void Network::join_group(Instant now, const IpAddress& group, bool quietly) {
  if (!addresses_.join(group)) return;
  groups_of(group.family()).join(now, group, quietly);
  announce_groups(now);
}

void Network::leave_group(Instant now, const IpAddress& group) {
  if (!addresses_.leave(group)) return;
  groups_of(group.family()).leave(now, group);
  announce_groups(now);
}

//= RFC4291-2.7.1-a
void Network::join_own_group(Instant now, const IpAddress& address) {
  if (address.is_v4()) return;
  const bool quietly = now == Instant{} && !config_.announce_groups;
  join_group(now, wire::solicited_node_group(address), quietly);
}

void Network::forget_address(Instant now, const IpAddress& address) {
  if (addresses_.find(address) == nullptr) return;
  addresses_.remove(address);
  if (address.is_v6()) leave_group(now, wire::solicited_node_group(address));
}

void Network::deliver_igmp(Instant now, const ip::Datagram& datagram) {
  if (!wire::verify_internet_checksum(datagram.payload)) {
    return drop(now, DropReason::group_bad_checksum);
  }
  if (const auto reason = groups_v4_.on_message(now, datagram.payload)) drop(now, *reason);
  announce_groups(now);
}

//= RFC3810-6.2-a
// From this link and no further away, and marked for those who look.
std::optional<DropReason> Network::deliver_mld(Instant now, const ip::Datagram& datagram,
                                               Bytes message) {
  if (datagram.hop_limit != 1) return DropReason::group_hop_limit;
  if (!datagram.source.is_link_local()) return DropReason::group_bad_source;
  if (!has_router_alert(datagram.packet)) return DropReason::group_no_router_alert;
  const auto reason = groups_v6_.on_message(now, message);
  announce_groups(now);
  return reason;
}

void Network::announce_groups(Instant now) {
  //= RFC3376-4-a
  while (const auto next = groups_v4_.next_announcement()) {
    ip::Datagram datagram;
    datagram.destination = next->destination;
    datagram.protocol = wire::IpProtocol::igmp;
    datagram.hop_limit = 1;
    datagram.traffic_class = kInternetworkControl;
    datagram.options = kRouterAlertV4;
    datagram.payload = next->message;
    // Without an address there is nobody yet whom a group could be forwarded to.
    (void)send(now, datagram);
  }
  while (auto next = groups_v6_.next_announcement()) send_mld(now, *std::move(next));
}

//= RFC3810-5-a
// From the link-local address, or from none before there is one.
void Network::send_mld(Instant now, ip::GroupAnnouncement announcement) {
  if (ipv6_silenced_) return;
  IpAddress source = IpAddress::v6({});
  for (const ip::LocalAddress& own : addresses_.all()) {
    const IpAddress& address = own.prefix.address;
    if (address.is_v6() && address.is_link_local() && addresses_.is_own(address)) source = address;
  }
  wire::fill_icmpv6_checksum(announcement.message, source, announcement.destination);
  wire::Ipv6Fields header;
  header.next_header = wire::IpProtocol::hop_by_hop;
  header.hop_limit = 1;
  header.src = source;
  header.dst = announcement.destination;
  header.set_lengths(kRouterAlertV6.size() + announcement.message.size());
  Buffer packet(wire::kIpv6HeaderSize + kRouterAlertV6.size() + announcement.message.size());
  const MutableBytes out{packet};
  header.emit(out);
  store_bytes(out, wire::kIpv6HeaderSize, kRouterAlertV6);
  store_bytes(out, wire::kIpv6HeaderSize + kRouterAlertV6.size(), announcement.message);
  queue_frame(now, wire::multicast_mac(announcement.destination), wire::EtherType::ipv6, packet);
}

}  // namespace packetwright::iface
