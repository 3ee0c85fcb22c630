// SPDX-License-Identifier: Apache-2.0
// What IPv6 does by itself: Neighbor Discovery (RFC 4861) and autoconfiguration (RFC 4862). The
// parts know of each other only here.
#include "stack/iface/network.hh"
#include "stack/wire/icmpv6.hh"

namespace packetwright::iface {

void Network::start_ipv6(Instant now) {
  autoconfiguration_.start();
  routers_.start(now);
  drain_neighbors(now);
}

// Nobody knows what the cable was plugged into.
//= RFC5227-2.1-a
void Network::claim_addresses_anew(Instant now) {
  const std::vector<ip::LocalAddress> all(addresses_.all().begin(), addresses_.all().end());
  for (const ip::LocalAddress& ours : all) {
    addresses_.set_state(ours.prefix.address, ip::AddressState::tentative);
  }
  neighbors_.claim_anew(now);
  // What somebody else had on the other link may be free on this one.
  for (const Prefix& prefix : config_.addresses) {
    if (addresses_.find(prefix.address) != nullptr) continue;
    if (ipv6_silenced_ && prefix.address.is_v6()) continue;
    neighbors_.remove_address(prefix.address);
    add_address(now, prefix, true);
  }
  routers_.start(now);
  drain_neighbors(now);
}

void Network::add_address(Instant now, const Prefix& prefix, bool on_link) {
  if (addresses_.find(prefix.address) != nullptr) return;
  // An address that nobody may have is left out: input and output behave as if it were not there.
  //= RFC4862-5.4.2-a
  if (!addresses_.add(prefix, ip::AddressState::tentative, on_link)) return;
  neighbors_.add_address(now, prefix.address);
  join_own_group(now, prefix.address);
}

void Network::deliver_ndp(Instant now, const ip::Datagram& datagram, Bytes message) {
  const neighbor::NdpArrival arrival{datagram.source, datagram.destination, datagram.hop_limit,
                                     datagram.fragmented};
  std::optional<DropReason> refused;
  switch (static_cast<wire::Icmpv6Type>(load_u8(message, 0))) {
    case wire::Icmpv6Type::neighbor_solicitation:
      refused = neighbors_.on_solicitation(now, arrival, message);
      break;
    case wire::Icmpv6Type::neighbor_advertisement:
      refused = neighbors_.on_advertisement(now, arrival, message);
      break;
    case wire::Icmpv6Type::router_advertisement:
      refused = on_router_advertisement(now, arrival, message);
      break;
    case wire::Icmpv6Type::redirect: refused = on_redirect_v6(now, arrival, message); break;
    //= RFC4861-6.1.1-a
    //= RFC4861-6.2.1-a
    case wire::Icmpv6Type::router_solicitation: refused = DropReason::ndp_not_a_router; break;
    case wire::Icmpv6Type::unreachable:
    case wire::Icmpv6Type::packet_too_big:
    case wire::Icmpv6Type::time_exceeded:
    case wire::Icmpv6Type::parameter_problem:
    case wire::Icmpv6Type::echo_request:
    case wire::Icmpv6Type::echo_reply: refused = DropReason::icmp_unknown_type; break;
    case wire::Icmpv6Type::mld_query:
    case wire::Icmpv6Type::mld_report:
    case wire::Icmpv6Type::mld_done:
    case wire::Icmpv6Type::mld_report_v2: refused = deliver_mld(now, datagram, message); break;
  }
  if (refused) drop(now, *refused);
  drain_neighbors(now);
}

std::optional<DropReason> Network::on_router_advertisement(Instant now,
                                                           const neighbor::NdpArrival& arrival,
                                                           Bytes message) {
  const auto checked = neighbor::check_router_advertisement(arrival, message);
  if (!checked) return checked.error();
  if (!config_.routers.accept) return DropReason::ndp_switched_off;
  routers_.on_advertisement(now, arrival.source, *checked);
  return std::nullopt;
}

// RFC 4861, 8.3. The routes know whether it comes from the router in use.
std::optional<DropReason> Network::on_redirect_v6(Instant now, const neighbor::NdpArrival& arrival,
                                                  Bytes message) {
  const auto checked = neighbor::check_redirect(arrival, message);
  if (!checked) return checked.error();
  const IpAddress target = checked->target();
  const IpAddress destination = checked->destination();
  if (!config_.accept_redirects || !routes_.on_redirect(now, arrival.source, destination, target)) {
    return DropReason::ndp_redirect_refused;
  }
  const auto mac = wire::find_link_layer_address(checked->options(),
                                                 wire::NdpOptionType::target_link_layer_address);
  if (!mac) return std::nullopt;
  // A target that is not the destination forwards for it; one that is may do so or not.
  const std::optional<bool> router = target != destination ? std::optional{true} : std::nullopt;
  return neighbors_.mention(now, target, *mac, router);
}

bool Network::drain_discovery(Instant now) {
  bool any = false;
  while (const auto news = routers_.next_news()) {
    on_router_news(now, *news);
    any = true;
  }
  while (const auto news = autoconfiguration_.next_news()) {
    on_address_news(now, *news);
    any = true;
  }
  return any;
}

void Network::on_router_news(Instant now, const neighbor::RouterNews& news) {
  using Kind = neighbor::RouterNews::Kind;
  switch (news.kind) {
    case Kind::solicit: neighbors_.solicit_routers(); return;
    case Kind::router: routes_.add_gateway(news.address, news.preference); return;
    case Kind::router_gone: forget_router(now, news.address); return;
    case Kind::prefix: routes_.add_on_link(news.prefix); return;
    case Kind::prefix_gone: routes_.remove_on_link(news.prefix); return;
    case Kind::autonomous: autoconfiguration_.on_prefix(now, news.information); return;
    case Kind::hop_limit: hop_limit_v6_ = static_cast<std::uint8_t>(news.number); return;
    case Kind::mtu: routes_.set_mtu_v6(static_cast<std::uint16_t>(news.number)); return;
    case Kind::reachable_time: neighbors_.set_base_reachable_time(now, news.duration); return;
    case Kind::retrans_timer: neighbors_.set_retrans_timer(news.duration); return;
    case Kind::link_address:
      if (const auto reason = neighbors_.mention(now, news.address, news.mac, true)) {
        drop(now, *reason);
      }
      return;
    case Kind::dns_servers: use_dns_servers(); return;
  }
}

void Network::on_address_news(Instant now, const neighbor::AddressNews& news) {
  using Kind = neighbor::AddressNews::Kind;
  const IpAddress& address = news.prefix.address;
  switch (news.kind) {
    case Kind::formed: add_address(now, news.prefix, false); return;
    case Kind::preferred:
    case Kind::deprecated:
      // A tentative address becomes what it is to be once it is ready.
      if (!addresses_.is_own(address)) return;
      addresses_.set_state(address, news.kind == Kind::preferred ? ip::AddressState::preferred
                                                                 : ip::AddressState::deprecated);
      return;
    case Kind::gone:
      forget_address(now, address);
      neighbors_.remove_address(address);
      return;
    case Kind::no_ipv6: {
      ipv6_silenced_ = true;
      const std::vector<ip::LocalAddress> all(addresses_.all().begin(), addresses_.all().end());
      for (const ip::LocalAddress& known : all) {
        if (known.prefix.address.is_v4()) continue;
        forget_address(now, known.prefix.address);
        neighbors_.remove_address(known.prefix.address);
      }
      return;
    }
  }
}

void Network::forget_router(Instant now, const IpAddress& router) {
  //= RFC4861-6.3.5-a
  // What it was redirected for finds its way anew.
  routes_.on_unreachable(now, router);
  routes_.remove_gateway(router);
}

}  // namespace packetwright::iface
