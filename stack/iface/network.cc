// SPDX-License-Identifier: Apache-2.0
#include "stack/iface/network.hh"

#include <algorithm>

#include "stack/iface/link.hh"

namespace packetwright::iface {
namespace {

ip::RoutesConfig routes_config(const StackConfig& config) {
  ip::RoutesConfig routes = config.routes;
  routes.mtu = config.mtu;
  return routes;
}

neighbor::Config neighbor_config(const StackConfig& config) {
  neighbor::Config neighbors;
  neighbors.mac = config.mac;
  neighbors.cache = config.neighbors;
  neighbors.claim = config.claim;
  neighbors.detection = config.detection;
  return neighbors;
}

// IP and TCP headers without options (RFC 9293, 3.7.1).
constexpr std::uint16_t headers_of(Family family) noexcept {
  return family == Family::ipv4 ? 40 : 60;
}

// The smallest text worth sending, should a configuration leave less room than headers take.
constexpr std::uint16_t kSmallestMss = 8;

std::uint16_t mss_for(std::uint16_t mtu, Family family) noexcept {
  const std::uint16_t headers = headers_of(family);
  return mtu > headers + kSmallestMss ? static_cast<std::uint16_t>(mtu - headers) : kSmallestMss;
}

}  // namespace

Network::Network(const StackConfig& config, NetworkUser& user)
    : config_(config),
      user_(user),
      routes_(addresses_, routes_config(config)),
      input_(addresses_, config.ip_input),
      output_(addresses_, routes_, Rng{config.seed}.fork("ip")),
      neighbors_(neighbor_config(config), Rng{config.seed}.fork("neighbor")),
      routers_(config.routers, config.mtu, Rng{config.seed}.fork("routers")),
      autoconfiguration_(config.autoconfiguration, config.mac,
                         Rng{config.seed}.fork("autoconfiguration")),
      link_local_choice_(config.mac),
      groups_v4_(Family::ipv4, config.groups, Rng{config.seed}.fork("igmp")),
      groups_v6_(Family::ipv6, config.groups, Rng{config.seed}.fork("mld")),
      hop_limit_v6_(config.hop_limit),
      icmp_(config.icmp, Rng{config.seed}.fork("icmp")),
      udp_(config.udp, Rng{config.seed}.fork("udp")),
      tcp_(config.tcp, Rng{config.seed}.fork("tcp")),
      resolver_(config.dns, Rng{config.seed}.fork("dns"),
                [this](std::uint16_t port) { return udp_.is_port_free(port); }),
      frames_(config.max_queued_frames) {
  for (const auto& [address, mac] : config.static_neighbors) neighbors_.add_static(address, mac);
  for (const Prefix& prefix : config.addresses) add_address(Instant{}, prefix, true);
  const auto is_v4 = [](const Prefix& prefix) { return prefix.address.is_v4(); };
  config_.ipv4_link_local = config.ipv4_link_local &&
                            std::none_of(config.addresses.begin(), config.addresses.end(), is_v4);
  if (config_.ipv4_link_local) choose_link_local(Instant{});
  std::int32_t preference = 0;
  for (const IpAddress& gateway : config.gateways) routes_.add_gateway(gateway, preference--);
  drain_neighbors(Instant{});
  start_ipv6(Instant{});
}

void Network::on_frame(Instant now, Bytes frame) {
  if (trace_) trace_({now, TraceEvent::What::frame_in, std::nullopt, frame});
  if (!link_up_) return drop(now, DropReason::link_down);
  const auto packet = read_frame(config_.mac, frame);
  if (!packet) return drop(now, packet.error());
  if (packet->ether_type == wire::EtherType::arp) {
    if (const auto reason = neighbors_.on_arp(now, packet->payload)) drop(now, *reason);
    drain_neighbors(now);
  } else if (packet->ether_type == wire::EtherType::ipv4) {
    ip_input(now, Family::ipv4, packet->payload, packet->cast);
  } else if (packet->ether_type == wire::EtherType::ipv6) {
    if (ipv6_silenced_) return drop(now, DropReason::ndp_switched_off);
    ip_input(now, Family::ipv6, packet->payload, packet->cast);
  } else {
    drop(now, DropReason::ethertype_unknown);
  }
  settle(now);
}

void Network::set_link(Instant now, bool up) {
  if (up == link_up_) return;
  link_up_ = up;
  if (up) {
    claim_addresses_anew(now);
  } else {
    for (std::size_t lost = frames_.clear(); lost > 0; --lost) drop(now, DropReason::link_down);
    neighbors_.flush();
  }
  settle(now);
}

void Network::on_deadline(Instant now) {
  settle(now);
  input_.on_deadline(now);
  while (const auto discarded = input_.next_discarded()) handle(now, *discarded);
  neighbors_.on_deadline(now);
  routers_.on_deadline(now);
  autoconfiguration_.on_deadline(now);
  drain_neighbors(now);
  groups_v4_.on_deadline(now);
  groups_v6_.on_deadline(now);
  announce_groups(now);
  tcp_.on_deadline(now, actions_);
  run_actions(now);
  resolver_.on_deadline(now);
  run_resolver(now);
  settle(now);
}

Deadline Network::next_deadline() const {
  // More went to ourselves than one call may deal with: the rest is due at once.
  if (!local_.empty()) return Instant{};
  Deadline first = tcp_.next_deadline();
  first.consider(input_.next_deadline());
  first.consider(neighbors_.next_deadline());
  first.consider(routers_.next_deadline());
  first.consider(autoconfiguration_.next_deadline());
  first.consider(groups_v4_.next_deadline());
  first.consider(groups_v6_.next_deadline());
  first.consider(resolver_.next_deadline());
  return first;
}

Result<IpAddress, ip::SendError> Network::source_for(Instant now,
                                                     const IpAddress& destination) const {
  return output_.source_for(now, destination);
}

// RFC 3927, 2.1: the next address of 169.254/16 to be tried.
void Network::choose_link_local(Instant now) {
  add_address(now, {link_local_choice_.next(), 16}, true);
}

std::optional<std::uint16_t> Network::path_mtu(Instant now, const IpAddress& destination) const {
  const auto route = routes_.find(now, destination);
  if (!route) return std::nullopt;
  return route->mtu;
}

//= RFC9293-MUST-67
tcp::Path Network::tcp_path(Instant now, const IpAddress& remote) const {
  const std::uint16_t link = routes_.link_mtu(remote.family());
  const std::uint16_t known = path_mtu(now, remote).value_or(link);
  return {mss_for(link, remote.family()), mss_for(known, remote.family())};
}

void Network::set_attributes(const Endpoint& local, const std::optional<Endpoint>& remote,
                             const SegmentAttributes& attributes) {
  attributes_.set(local, remote, attributes, usual_attributes(local.address.family()));
}

MemoryUse Network::memory() const {
  MemoryUse use;
  use.connections = tcp_.memory();
  use.datagrams = udp_.queued();
  use.fragments = input_.reassembler().octets();
  use.neighbors = neighbors_.cache(Family::ipv4).memory() + neighbors_.cache(Family::ipv6).memory();
  use.frames = frames_.memory();
  return use;
}

void Network::drop(Instant now, DropReason reason) {
  drops_.count(reason);
  if (trace_) trace_({now, TraceEvent::What::dropped, reason, {}});
}

}  // namespace packetwright::iface
