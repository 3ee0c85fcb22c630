// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "stack/base/bytes.hh"
#include "stack/base/deadline.hh"
#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/rng.hh"
#include "stack/neighbor/dns_servers.hh"
#include "stack/wire/ndp.hh"

namespace packetwright::neighbor {

struct RouterDiscoveryConfig {
  bool solicit = true;                      // RFC 4861, 6.3.7
  bool accept = true;                       // believe Router Advertisements
  Duration max_solicitation_delay = 1s;     // RFC 4861, 10
  Duration solicitation_interval = 4s;      // RFC 7559, 2: IRT
  Duration max_solicitation_interval = 1h;  // RFC 7559, 2: MRT
  std::size_t max_routers = 16;             // at least 2 (RFC 4861, 6.3.4); more are not believed
  std::size_t max_prefixes = 32;            // on the link
  std::size_t max_dns_servers = 4;          // at least 3 are recommended (RFC 8106, 5.3.1)
};

// What routers said that the host has to act on. Nothing is said twice.
struct RouterNews {
  enum class Kind : std::uint8_t {
    solicit,         // send a Router Solicitation
    router,          // `address` is a default router of `preference`
    router_gone,     // `address` is one no longer
    prefix,          // `prefix` is on the link
    prefix_gone,     // it is so no longer
    autonomous,      // `information` is for address autoconfiguration
    hop_limit,       // of what is sent: `number`
    mtu,             // of the link: `number`
    reachable_time,  // the base: `duration`
    retrans_timer,   // `duration`
    link_address,    // `address`, a router, is at `mac`
    dns_servers,     // dns_servers() has changed
  };
  Kind kind = Kind::solicit;
  IpAddress address;
  Prefix prefix;
  std::int32_t preference = 0;
  std::uint32_t number = 0;
  Duration duration{0};
  MacAddress mac;
  wire::NdpPrefixInformation information;
};

// What a host knows of the routers of its link (RFC 4861, 6.3): the default router list and the
// prefix list with their lifetimes, and when to ask (RFC 7559). It sends nothing itself.
class RouterDiscovery {
 public:
  // `link_mtu`: no advertised MTU may be larger.
  RouterDiscovery(const RouterDiscoveryConfig& config, std::uint16_t link_mtu, Rng rng)
      : config_(config), link_mtu_(link_mtu), rng_(rng), dns_servers_(config.max_dns_servers) {}

  // The interface came up.
  void start(Instant now);
  // An advertisement that passed check_router_advertisement(), from `router`.
  void on_advertisement(Instant now, const IpAddress& router,
                        const wire::RouterAdvertisementView& said);
  // It turned out to be no router (RFC 4861, 7.2.5).
  void forget_router(const IpAddress& router);

  void on_deadline(Instant now);
  [[nodiscard]] Deadline next_deadline() const noexcept;
  // Drain it after every call above.
  [[nodiscard]] std::optional<RouterNews> next_news();

  [[nodiscard]] std::size_t routers() const noexcept { return routers_.size(); }
  [[nodiscard]] std::size_t prefixes() const noexcept { return prefixes_.size(); }
  [[nodiscard]] std::vector<IpAddress> dns_servers() const { return dns_servers_.addresses(); }

 private:
  struct Router {
    IpAddress address;
    std::int32_t preference = 0;
    Instant expires;
  };
  struct OnLink {
    Prefix prefix;
    Deadline expires;  // nullopt: never
  };

  RouterNews& tell(RouterNews::Kind kind);
  void on_lifetime(Instant now, const IpAddress& router, const wire::RouterAdvertisementView& said);
  void on_option(Instant now, const IpAddress& router, const wire::NdpOption& option);
  void on_prefix(Instant now, const wire::NdpPrefixInformation& information);
  void schedule_solicitation(Instant now);

  RouterDiscoveryConfig config_;
  std::uint16_t link_mtu_;
  Rng rng_;
  Deadline solicit_at_;
  Duration interval_{0};  // RT of RFC 3315, 14; zero before the first solicitation
  std::vector<Router> routers_;
  std::vector<OnLink> prefixes_;
  DnsServers dns_servers_;
  std::deque<RouterNews> news_;
};

}  // namespace packetwright::neighbor
