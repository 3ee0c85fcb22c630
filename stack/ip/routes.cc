// SPDX-License-Identifier: Apache-2.0
#include "stack/ip/routes.hh"

#include <algorithm>
#include <array>

namespace packetwright::ip {
namespace {

constexpr std::uint16_t kLoopbackMtu = 65535;
constexpr std::uint32_t kSmallestMtu4 = 68;    // RFC 791, 3.2
constexpr std::uint32_t kSmallestMtu6 = 1280;  // RFC 8200, 5

// RFC 1191, 7.1: the sizes that links commonly have. A router that does not tell the MTU of its
// next hop leaves us to try the next lower one.
std::uint32_t plateau_below(std::uint32_t length) noexcept {
  static constexpr std::array<std::uint16_t, 11> kPlateaus = {65535, 32000, 17914, 8166, 4352, 2002,
                                                              1492,  1006,  508,   296,  68};
  for (const std::uint16_t plateau : kPlateaus) {
    if (plateau < length) return plateau;
  }
  return kSmallestMtu4;
}

}  // namespace

Routes::Routes(const Addresses& addresses, const RoutesConfig& config)
    : addresses_(addresses), config_(config), mtu_v6_(config.mtu) {}

void Routes::add_gateway(const IpAddress& gateway, std::int32_t preference) {
  remove_gateway(gateway);
  const auto at = std::find_if(gateways_.begin(), gateways_.end(),
                               [&](const Gateway& known) { return known.preference < preference; });
  gateways_.insert(at, {gateway, preference, std::nullopt});
}

void Routes::remove_gateway(const IpAddress& gateway) {
  changed();
  std::erase_if(gateways_, [&](const Gateway& known) { return known.address == gateway; });
}

void Routes::add_on_link(const Prefix& prefix) {
  changed();
  if (std::find(on_link_.begin(), on_link_.end(), prefix) == on_link_.end()) {
    on_link_.push_back(prefix);
  }
}

void Routes::remove_on_link(const Prefix& prefix) {
  changed();
  std::erase(on_link_, prefix);
}

std::optional<Route> Routes::find(Instant now, const IpAddress& destination) const {
  if (last_ && last_->destination == destination &&
      last_->addresses_version == addresses_.version()) {
    return last_->route;
  }
  const std::optional<Route> found = search(now, destination);
  if (found && !depends_on_time()) last_ = {destination, *found, addresses_.version()};
  return found;
}

bool Routes::depends_on_time() const noexcept {
  return !path_mtus_.empty() ||
         std::any_of(gateways_.begin(), gateways_.end(),
                     [](const Gateway& gateway) { return gateway.failed_at.has_value(); });
}

std::optional<Route> Routes::search(Instant now, const IpAddress& destination) const {
  if (addresses_.is_own(destination) || destination.is_loopback()) {
    return Route{RouteKind::local, destination, kLoopbackMtu};
  }
  //= RFC1122-3.3.1.1-a
  if (destination.is_multicast()) {
    return Route{RouteKind::multicast, destination, link_mtu(destination.family())};
  }
  if (addresses_.is_broadcast(destination)) {
    return Route{RouteKind::broadcast, destination, config_.mtu};
  }

  const std::uint16_t mtu = path_mtu(now, destination);
  if (const auto at = redirects_.find(destination); at != redirects_.end()) {
    const IpAddress& gateway = at->second.gateway;
    return Route{gateway == destination ? RouteKind::on_link : RouteKind::gateway, gateway, mtu};
  }
  if (is_on_link(destination)) return Route{RouteKind::on_link, destination, mtu};
  if (const Gateway* gateway = choose_gateway(now, destination.family())) {
    return Route{RouteKind::gateway, gateway->address, mtu};
  }
  return std::nullopt;
}

bool Routes::on_redirect(Instant now, const IpAddress& from, const IpAddress& destination,
                         const IpAddress& gateway) {
  if (gateway.family() != destination.family() || gateway.is_unspecified() ||
      gateway.is_multicast() || gateway.is_loopback() || addresses_.is_own(gateway) ||
      addresses_.is_broadcast(gateway)) {
    return false;
  }
  //= RFC1122-3.2.2.2-c
  //= RFC4861-8.1-b
  const std::optional<Route> present = find(now, destination);
  if (!present || present->kind != RouteKind::gateway || present->next_hop != from) return false;
  // IPv6 may also be told that the destination itself is a neighbour, whatever its prefix.
  //= RFC4861-8.1-c
  //= RFC4861-8.1-d
  const bool is_neighbour =
      destination.is_v4() ? is_on_link(gateway) : gateway.is_link_local() || gateway == destination;
  if (!is_neighbour) return false;

  changed();
  //= RFC1122-3.2.2.2-b
  //= RFC4861-8.3-a
  const auto [at, added] = redirects_.try_emplace(destination);
  at->second.gateway = gateway;
  if (!added) redirect_ages_.erase(at->second.age);
  at->second.age = redirect_ages_.insert(redirect_ages_.end(), destination);
  if (redirects_.size() > config_.max_redirects) {
    redirects_.erase(redirect_ages_.front());
    redirect_ages_.pop_front();
  }
  return true;
}

void Routes::on_unreachable(Instant now, const IpAddress& next_hop) {
  changed();
  //= RFC1122-3.3.1.4-a
  for (auto at = redirects_.begin(); at != redirects_.end();) {
    if (at->second.gateway != next_hop) {
      ++at;
      continue;
    }
    redirect_ages_.erase(at->second.age);
    at = redirects_.erase(at);
  }
  for (Gateway& gateway : gateways_) {
    if (gateway.address == next_hop) gateway.failed_at = now;
  }
}

void Routes::on_reachable(const IpAddress& next_hop) {
  for (Gateway& gateway : gateways_) {
    if (gateway.address == next_hop) gateway.failed_at.reset();
  }
}

std::optional<std::uint16_t> Routes::on_packet_too_big(Instant now, const IpAddress& destination,
                                                       std::uint32_t mtu,
                                                       std::uint32_t quoted_length) {
  if (destination.is_v6()) {
    //= RFC8201-4-b
    if (mtu < kSmallestMtu6) return std::nullopt;
  } else {
    //= RFC1191-3-d
    if (mtu == 0) mtu = plateau_below(quoted_length);
    //= RFC1191-3-e
    mtu = std::max(mtu, kSmallestMtu4);
  }
  //= RFC1191-3-f
  //= RFC8201-4-g
  if (mtu >= path_mtu(now, destination)) return std::nullopt;

  changed();
  const auto [at, added] = path_mtus_.try_emplace(destination);
  at->second.mtu = static_cast<std::uint16_t>(mtu);
  at->second.lowered_at = now;
  if (!added) path_mtu_ages_.erase(at->second.age);
  at->second.age = path_mtu_ages_.insert(path_mtu_ages_.end(), destination);
  if (path_mtus_.size() > config_.max_path_mtus) {
    path_mtus_.erase(path_mtu_ages_.front());
    path_mtu_ages_.pop_front();
  }
  return static_cast<std::uint16_t>(mtu);
}

// RFC 1122, 3.3.1.6 and RFC 4861, 6.3.6: the most preferred gateway that is not known to be dead;
// if all are, the one that failed longest ago gets another chance.
const Routes::Gateway* Routes::choose_gateway(Instant now, Family family) const noexcept {
  const Gateway* fallback = nullptr;
  for (const Gateway& gateway : gateways_) {
    if (gateway.address.family() != family) continue;
    //= RFC1122-3.3.1.5-a
    if (!gateway.failed_at || now - *gateway.failed_at >= config_.failed_gateway_holddown) {
      return &gateway;
    }
    if (fallback == nullptr || *gateway.failed_at < *fallback->failed_at) fallback = &gateway;
  }
  return fallback;
}

bool Routes::is_on_link(const IpAddress& address) const noexcept {
  // Every link has the link-local prefix, whatever the addresses of the host (RFC 4861, 5.1 and RFC
  // 3927, 2.6.2): no router forwards to it.
  if (address.is_link_local()) return true;
  if (addresses_.is_on_link(address)) return true;
  return std::any_of(on_link_.begin(), on_link_.end(),
                     [&](const Prefix& prefix) { return prefix.contains(address); });
}

std::uint16_t Routes::path_mtu(Instant now, const IpAddress& destination) const {
  const auto at = path_mtus_.find(destination);
  //= RFC1191-6.3-a
  //= RFC8201-5.3-a
  if (at == path_mtus_.end() || now - at->second.lowered_at >= config_.path_mtu_timeout) {
    return link_mtu(destination.family());
  }
  return std::min(at->second.mtu, link_mtu(destination.family()));
}

}  // namespace packetwright::ip
