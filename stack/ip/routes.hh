// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <vector>

#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/ip/addresses.hh"

namespace packetwright::ip {

struct RoutesConfig {
  std::uint16_t mtu = 1500;                // of the link, IP header included; 68 or 1280 at least
  std::size_t max_redirects = 256;         // host routes learnt from Redirects
  std::size_t max_path_mtus = 256;         // destinations with a path MTU below the link's
  Duration path_mtu_timeout = 10min;       // RFC 1191, 6.3; RFC 8201, 5.3
  Duration failed_gateway_holddown = 60s;  // before a gateway that failed is tried again
};

enum class RouteKind : std::uint8_t {
  local,      // to ourselves, and never onto a wire
  on_link,    // the destination is a neighbour
  gateway,    // through next_hop
  broadcast,  // IPv4 broadcast on this link
  multicast,  // a group, on this link
};

struct Route {
  RouteKind kind = RouteKind::on_link;
  IpAddress next_hop;     // whose link-layer address is needed: destination or gateway
  std::uint16_t mtu = 0;  // of the path as far as known, IP header included
};

// Where a datagram goes next (RFC 1122, 3.3.1; RFC 4861, 5.2). A host's table: networks that are on
// the link, default gateways in order of preference, and what Redirects taught.
class Routes {
 public:
  Routes(const Addresses& addresses, const RoutesConfig& config);

  // A default gateway of its family. Higher preference is used first; among equals the one that
  // was added first.
  void add_gateway(const IpAddress& gateway, std::int32_t preference = 0);
  void remove_gateway(const IpAddress& gateway);
  // A network that is on the link without an address of ours in it (RFC 4861, 6.3.4).
  void add_on_link(const Prefix& prefix);
  void remove_on_link(const Prefix& prefix);

  // nullopt: the network is unreachable.
  [[nodiscard]] std::optional<Route> find(Instant now, const IpAddress& destination) const;

  // Another one whenever find() may answer otherwise than before, unless it depends_on_time().
  [[nodiscard]] std::uint64_t version() const noexcept { return version_ + addresses_.version(); }
  // Path MTUs and failed gateways are forgotten after a while: what find() says counts for its
  // instant alone.
  [[nodiscard]] bool depends_on_time() const noexcept;

  // A Redirect came from `from`: datagrams for `destination` had better go to `gateway`. Believed
  // only if `from` is the present first hop and `gateway` a neighbour (RFC 1122, 3.2.2.2; RFC 4861,
  // 8.1). Says whether it was. Network Redirects are treated as Host Redirects by calling this.
  bool on_redirect(Instant now, const IpAddress& from, const IpAddress& destination,
                   const IpAddress& gateway);

  // Nothing was heard from this next hop: address resolution failed, or transport timed out often
  // (RFC 1122, 3.3.1.4). Redirects through it are forgotten and another gateway is chosen.
  void on_unreachable(Instant now, const IpAddress& next_hop);
  // It answered after all.
  void on_reachable(const IpAddress& next_hop);

  // A router reported that `mtu` octets fit on the path (RFC 1191, 3; RFC 8201, 4). Returns the new
  // estimate if it became lower. Never raises it, never goes below 68 (IPv4, RFC 1191) and ignores
  // reports below 1280 (IPv6). `quoted_length`: total length of the datagram that did not fit, for
  // old routers that report 0 (RFC 1191, 5).
  std::optional<std::uint16_t> on_packet_too_big(Instant now, const IpAddress& destination,
                                                 std::uint32_t mtu, std::uint32_t quoted_length);

  [[nodiscard]] const RoutesConfig& config() const noexcept { return config_; }
  // Of both families.
  void set_mtu(std::uint16_t mtu) noexcept {
    config_.mtu = mtu_v6_ = mtu;
    changed();
  }
  // A router said that IPv6 packets on this link had better be no larger (RFC 4861, 6.3.4).
  void set_mtu_v6(std::uint16_t mtu) noexcept {
    mtu_v6_ = mtu;
    changed();
  }
  [[nodiscard]] std::uint16_t link_mtu(Family family) const noexcept {
    return family == Family::ipv4 ? config_.mtu : mtu_v6_;
  }

 private:
  struct Gateway {
    IpAddress address;
    std::int32_t preference = 0;
    std::optional<Instant> failed_at;
  };
  struct Redirected {
    IpAddress gateway;
    std::list<IpAddress>::iterator age;
  };
  struct PathMtu {
    std::uint16_t mtu = 0;
    Instant lowered_at;
    std::list<IpAddress>::iterator age;
  };

  // The last answer of find(), because the next question is often the same. It is forgotten by
  // every change of this table, does not count after one of the addresses, and is kept only while
  // nothing here depends on the time.
  struct Last {
    IpAddress destination;
    Route route;
    std::uint64_t addresses_version = 0;
  };

  [[nodiscard]] std::optional<Route> search(Instant now, const IpAddress& destination) const;
  void changed() noexcept {
    last_.reset();
    ++version_;
  }
  [[nodiscard]] const Gateway* choose_gateway(Instant now, Family family) const noexcept;
  [[nodiscard]] bool is_on_link(const IpAddress& address) const noexcept;
  [[nodiscard]] std::uint16_t path_mtu(Instant now, const IpAddress& destination) const;

  const Addresses& addresses_;
  RoutesConfig config_;
  std::uint16_t mtu_v6_;
  std::vector<Gateway> gateways_;  // sorted: most preferred first
  std::vector<Prefix> on_link_;
  std::map<IpAddress, Redirected> redirects_;
  std::list<IpAddress> redirect_ages_;  // oldest first
  std::map<IpAddress, PathMtu> path_mtus_;
  std::list<IpAddress> path_mtu_ages_;  // oldest first
  std::uint64_t version_ = 0;
  mutable std::optional<Last> last_;
};

}  // namespace packetwright::ip
