// SPDX-License-Identifier: Apache-2.0
#include "stack/neighbor/dns_servers.hh"

#include <algorithm>
#include <chrono>

namespace packetwright::neighbor {
namespace {

constexpr std::uint32_t kInfinity = 0xffffffff;

//= RFC8106-5.3.1-a
bool may_be_a_server(const IpAddress& address) noexcept {
  return !address.is_multicast() && !address.is_unspecified() && !address.is_loopback();
}

bool ends_before(const std::optional<Instant>& a, const std::optional<Instant>& b) noexcept {
  return a && (!b || *a < *b);
}

}  // namespace

//= RFC8106-5.1-a
bool DnsServers::on_option(Instant now, const wire::NdpDnsServers& offered) {
  std::optional<Instant> expires;
  if (offered.lifetime_s != kInfinity) expires = now + std::chrono::seconds{offered.lifetime_s};
  bool changed = false;
  std::ptrdiff_t fresh = 0;  // so many at the front are of this option
  for (std::size_t i = 0; i < offered.count(); ++i) {
    const IpAddress address = offered.address(i);
    if (!may_be_a_server(address)) continue;
    const auto known = std::find_if(servers_.begin(), servers_.end(), [&](const Server& server) {
      return server.address == address;
    });
    if (known != servers_.end()) {
      known->expires = expires;
      continue;
    }
    if (offered.lifetime_s == 0 || static_cast<std::size_t>(fresh) == limit_) continue;
    if (servers_.size() == limit_) {
      servers_.erase(std::min_element(
          servers_.begin() + fresh, servers_.end(),
          [](const Server& a, const Server& b) { return ends_before(a.expires, b.expires); }));
    }
    servers_.insert(servers_.begin() + fresh++, {address, expires});
    changed = true;
  }
  // A lifetime of zero ends at once.
  return on_deadline(now) || changed;
}

bool DnsServers::on_deadline(Instant now) {
  return std::erase_if(servers_, [&](const Server& server) {
           return server.expires && *server.expires <= now;
         }) != 0;
}

Deadline DnsServers::next_deadline() const noexcept {
  Deadline first;
  for (const Server& server : servers_) first.consider(server.expires);
  return first;
}

std::vector<IpAddress> DnsServers::addresses() const {
  std::vector<IpAddress> all;
  for (const Server& server : servers_) all.push_back(server.address);
  return all;
}

}  // namespace packetwright::neighbor
