// SPDX-License-Identifier: Apache-2.0
#include "stack/ip/output.hh"

#include <algorithm>
#include <utility>

#include "stack/ip/fragmenter.hh"
#include "stack/ip/options.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/ipv6.hh"
#include "stack/wire/multicast.hh"

namespace packetwright::ip {
namespace {

constexpr std::size_t kLargest = 65535;  // Total Length, or Payload Length

std::size_t header_size(Family family) noexcept {
  return family == Family::ipv4 ? wire::kIpv4HeaderSize : wire::kIpv6HeaderSize;
}

MacAddress group_mac(const Route& route, const IpAddress& destination) noexcept {
  switch (route.kind) {
    //= RFC894-addr-a
    case RouteKind::broadcast: return MacAddress::broadcast();
    case RouteKind::multicast: return wire::multicast_mac(destination);
    case RouteKind::local:
    case RouteKind::on_link:
    case RouteKind::gateway: break;
  }
  return {};
}

}  // namespace

Output::Output(const Addresses& addresses, const Routes& routes, Rng rng)
    : addresses_(addresses),
      routes_(routes),
      identification_(rng),
      flow_labels_(rng.fork("flow")) {}

Result<IpAddress, SendError> Output::source_for(Instant now, const IpAddress& destination) const {
  if (destination.is_loopback()) return destination;
  const std::optional<Route> route = routes_.find(now, destination);
  if (!route) return Err{SendError::network_unreachable};
  const auto source = addresses_.select_source(destination, route->next_hop);
  if (!source) return Err{SendError::address_not_available};
  return *source;
}

// A source is ours, or a loopback address that stays inside (RFC 1122, 3.2.1.3).
bool Output::may_send_from(const IpAddress& source, const Route& route) const noexcept {
  //= RFC1122-3.2.1.3-c
  //= RFC4291-2.5.3-a
  if (source.is_loopback()) return route.kind == RouteKind::local;
  //= RFC1122-3.2.1.3-e
  return addresses_.is_own(source);
}

std::optional<Route> Output::direct_route(Instant now, const Datagram& datagram,
                                          std::size_t payload_size) const {
  const IpAddress& destination = datagram.destination;
  if (!datagram.dont_fragment || datagram.ignore_path_mtu || !datagram.options.empty() ||
      datagram.hop_limit == 0 || datagram.source.family() != datagram.family() ||
      destination.is_unspecified() || addresses_.is_zero_broadcast(destination)) {
    return std::nullopt;
  }
  const std::optional<Route> route = routes_.find(now, destination);
  if (!route || (route->kind != RouteKind::on_link && route->kind != RouteKind::gateway) ||
      header_size(datagram.family()) + payload_size > route->mtu ||
      !may_send_from(datagram.source, *route)) {
    return std::nullopt;
  }
  return route;
}

Result<void, SendError> Output::send(Instant now, const Datagram& datagram,
                                     std::vector<Packet>& out) {
  Datagram ready = datagram;
  //= RFC1122-3.2.1.7-a
  if (ready.hop_limit == 0) return Err{SendError::invalid_hop_limit};
  //= RFC1122-3.2.1.3-a
  //= RFC4291-2.5.2-a
  if (addresses_.is_zero_broadcast(ready.destination) || ready.destination.is_unspecified()) {
    return Err{SendError::invalid_destination};
  }
  std::optional<Route> route = routes_.find(now, ready.destination);
  if (!route) return Err{SendError::network_unreachable};
  //= RFC4821-4-d
  if (ready.ignore_path_mtu) route->mtu = std::max(route->mtu, routes_.link_mtu(ready.family()));

  if (ready.source.is_unspecified()) {
    //= RFC1122-3.3.4.2-c
    const auto source = source_for(now, ready.destination);
    if (!source) return Err{source.error()};
    ready.source = *source;
  } else if (ready.source.family() != ready.family() || !may_send_from(ready.source, *route)) {
    //= RFC1122-3.3.4.2-b
    return Err{SendError::address_not_available};
  }

  auto packets =
      ready.family() == Family::ipv4 ? encode_v4(ready, *route) : encode_v6(ready, *route);
  if (!packets) return Err{packets.error()};
  for (Buffer& octets : *packets) {
    out.push_back({ready.family(), route->kind, route->next_hop, ready.source,
                   group_mac(*route, ready.destination), std::move(octets)});
  }
  return {};
}

Result<std::vector<Buffer>, SendError> Output::encode_v4(const Datagram& datagram,
                                                         const Route& route) {
  //= RFC1122-3.2.1.8-a
  const std::optional<Buffer> options = padded_options(datagram.options);
  if (!options) return Err{SendError::invalid_options};
  const std::size_t size = wire::kIpv4HeaderSize + options->size() + datagram.payload.size();
  if (size > kLargest) return Err{SendError::message_too_big};
  //= RFC791-3.2-d
  //= RFC6864-4.3-b
  //= RFC1122-3.3.3-b
  if (datagram.dont_fragment && size > route.mtu) return Err{SendError::message_too_big};

  // With DF set the Identification means nothing, and zero tells nobody how much we send.
  //= RFC6864-4.1-b
  //= RFC6864-4.2-a
  const std::uint16_t identification =
      datagram.dont_fragment
          ? std::uint16_t{0}
          : identification_.next_v4(datagram.source, datagram.destination, datagram.protocol);
  std::vector<Buffer> packets = packets_v4(datagram, *options, identification, route.mtu);
  if (packets.empty()) return Err{SendError::message_too_big};
  return packets;
}

Result<std::vector<Buffer>, SendError> Output::encode_v6(const Datagram& datagram,
                                                         const Route& route) {
  if (!datagram.options.empty()) return Err{SendError::invalid_options};
  if (datagram.payload.size() > kLargest) return Err{SendError::message_too_big};
  Datagram labelled = datagram;
  if (labelled.flow_label == 0) labelled.flow_label = flow_labels_.label_of(datagram);
  const bool fits = wire::kIpv6HeaderSize + datagram.payload.size() <= route.mtu;
  if (!fits && datagram.dont_fragment) return Err{SendError::message_too_big};

  //= RFC8504-5.1-b
  const std::uint32_t identification =
      fits ? 0 : identification_.next_v6(datagram.source, datagram.destination);
  std::vector<Buffer> packets = packets_v6(labelled, identification, route.mtu);
  if (packets.empty()) return Err{SendError::message_too_big};
  return packets;
}

}  // namespace packetwright::ip
