// SPDX-License-Identifier: Apache-2.0
#include "stack/iface/datagram_socket.hh"

#include <algorithm>
#include <utility>

#include "stack/iface/error_words.hh"
#include "stack/iface/mapped_address.hh"
#include "stack/ip/options.hh"
#include "stack/udp/output.hh"

namespace packetwright::iface {
namespace {

bool is_v4_broadcast(const Network& network, const IpAddress& address) noexcept {
  return address.is_limited_broadcast() || network.addresses().is_broadcast(address);
}

// A socket may be bound to a group in order to hear nothing else, but nobody speaks from there.
bool may_be_source(const Network& network, const IpAddress& address) noexcept {
  return !address.is_multicast() && !is_v4_broadcast(network, address);
}

}  // namespace

DatagramSocket::DatagramSocket(Network& network, Domain domain)
    : id_(network.udp().open(domain == Domain::inet ? udp::Families::v4 : udp::Families::both)) {
  settings_.domain = domain;
}

udp::Families DatagramSocket::families() const noexcept {
  if (settings_.domain == Domain::inet) return udp::Families::v4;
  return settings_.v6_only ? udp::Families::v6 : udp::Families::both;
}

SocketResult<void> DatagramSocket::bind(Network& network, const Endpoint& local) {
  if (is_bound(network)) return Err{Errno::einval};
  std::optional<IpAddress> address;
  if (!local.address.is_unspecified()) address = local.address;
  // An inet6 socket bound to 0.0.0.0 behind a mapped address speaks IPv4 alone.
  if (!address && local.address.is_v4()) network.udp().set_families(id_, udp::Families::v4);
  const auto bound = network.udp().bind(id_, address, local.port);
  if (!bound) return Err{errno_of(bound.error())};
  return {};
}

SocketResult<void> DatagramSocket::connect(Instant now, Network& network, const Endpoint& remote) {
  if (is_v4_broadcast(network, remote.address) && !settings_.broadcast) {
    return Err{Errno::eacces};
  }
  const auto source = network.source_for(now, remote.address);
  if (!source) return Err{errno_of(source.error())};
  const auto connected = network.udp().connect(id_, remote, *source);
  if (!connected) return Err{errno_of(connected.error())};
  return {};
}

SocketResult<ReadResult> DatagramSocket::read(Network& network, std::size_t limit,
                                              const ReadFlags& flags) {
  if (flags.out_of_band) return Err{Errno::eopnotsupp};
  if (const auto error = network.udp().take_error(id_)) return Err{errno_of(*error)};
  auto received = network.udp().receive(id_, flags.peek);
  if (!received) {
    // After shutdown() there is nothing to wait for.
    if (network.udp().status(id_).reading_closed) return ReadResult{};
    return Err{errno_of(received.error())};
  }
  ReadResult result;
  result.truncated = received->octets.size() > limit;
  result.octets = std::move(received->octets);
  if (result.truncated) result.octets.resize(limit);
  result.from = received->from;
  result.to = received->to;
  //= RFC1122-4.1.3.2-a
  result.ip_options = std::move(received->options);
  return result;
}

SocketResult<std::size_t> DatagramSocket::write(Instant now, Network& network, Bytes octets,
                                                const std::optional<Endpoint>& to) {
  if (const auto error = network.udp().take_error(id_)) return Err{errno_of(*error)};
  if (to && to->port == 0) return Err{Errno::einval};
  const auto route = network.udp().prepare_send(id_, to, octets.size());
  if (!route) return Err{errno_of(route.error())};
  const IpAddress& destination = route->destination.address;
  //= RFC1122-3.3.6-e
  if (is_v4_broadcast(network, destination) && !settings_.broadcast) return Err{Errno::eacces};

  //= RFC1122-3.3.4.2-b
  //= RFC1122-3.3.4.2-c
  IpAddress source;
  if (route->source && route->source->family() == destination.family() &&
      may_be_source(network, *route->source)) {
    source = *route->source;
  } else {
    const auto chosen = network.source_for(now, destination);
    if (!chosen) return Err{errno_of(chosen.error())};
    source = *chosen;
  }
  const auto sent =
      transmit(now, network, {source, route->source_port}, route->destination, octets);
  if (!sent) return Err{sent.error()};
  return octets.size();
}

//= RFC1122-4.1.4-a
SocketResult<void> DatagramSocket::transmit(Instant now, Network& network, const Endpoint& source,
                                            const Endpoint& destination, Bytes octets) {
  Buffer payload;
  udp::emit(source, destination, octets, payload);
  const Family family = destination.address.family();
  ip::Datagram datagram;
  datagram.source = source.address;
  datagram.destination = destination.address;
  datagram.protocol = wire::IpProtocol::udp;
  datagram.hop_limit = settings_.hop_limit(family).value_or(
      destination.address.is_multicast() ? std::uint8_t{1} : network.hop_limit(family));
  datagram.traffic_class = settings_.traffic_class(family);
  if (family == Family::ipv4) datagram.options = ip_options_;
  datagram.payload = payload;

  // By default a datagram that fits asks the path to say if it is too long after all, and one that
  // does not fit is fragmented here.
  datagram.dont_fragment = settings_.mtu_discover != 0;
  //= RFC4821-9-a
  datagram.ignore_path_mtu = settings_.mtu_discover == 3;
  auto sent = network.send(now, datagram);
  if (!sent && sent.error() == ip::SendError::message_too_big && settings_.mtu_discover == 1) {
    datagram.dont_fragment = false;
    sent = network.send(now, datagram);
  }
  if (!sent) return Err{errno_of(sent.error())};
  return {};
}

SocketResult<void> DatagramSocket::shutdown(Network& network, ShutdownHow how) {
  if (!network.udp().status(id_).remote) return Err{Errno::enotconn};
  if (how != ShutdownHow::write) network.udp().shut_down_reading(id_);
  if (how != ShutdownHow::read) network.udp().shut_down_writing(id_);
  return {};
}

void DatagramSocket::close(Instant now, Network& network) {
  for (const IpAddress& group : groups_) network.leave_group(now, group);
  network.udp().close(id_);
}

//= RFC1122-3.3.7-a
SocketResult<void> DatagramSocket::join_group(Instant now, Network& network,
                                              const IpAddress& group) {
  constexpr std::size_t kMostGroups = 20;
  if (!group.is_multicast() || !settings_.admits(group.family())) return Err{Errno::einval};
  if (std::find(groups_.begin(), groups_.end(), group) != groups_.end()) {
    return Err{Errno::eaddrinuse};
  }
  if (groups_.size() >= kMostGroups) return Err{Errno::enobufs};
  groups_.push_back(group);
  network.join_group(now, group);
  return {};
}

SocketResult<void> DatagramSocket::leave_group(Instant now, Network& network,
                                               const IpAddress& group) {
  if (!group.is_multicast()) return Err{Errno::einval};
  if (std::erase(groups_, group) == 0) return Err{Errno::eaddrnotavail};
  network.leave_group(now, group);
  return {};
}

SocketResult<void> DatagramSocket::set_option(Network& network, SocketOption option,
                                              std::int64_t value) {
  if (const auto set = set_setting(settings_, option, value, is_bound(network))) {
    network.udp().set_reuse_address(id_, settings_.reuse_address);
    network.udp().set_report_all_errors(id_, settings_.report_all_errors);
    if (option == SocketOption::ipv6_v6only) network.udp().set_families(id_, families());
    return *set;
  }
  if (option == SocketOption::so_rcvbuf) {
    network.udp().set_receive_buffer(id_,
                                     static_cast<std::size_t>(std::max<std::int64_t>(value, 0)));
    return {};
  }
  // What is sent leaves at once: there is no buffer whose size would matter.
  if (option == SocketOption::so_sndbuf) return {};
  return Err{Errno::enoprotoopt};
}

SocketResult<std::int64_t> DatagramSocket::get_option(Instant now, Network& network,
                                                      SocketOption option,
                                                      std::uint8_t default_hop_limit) {
  if (const auto value = get_setting(settings_, option, default_hop_limit)) return *value;
  if (option == SocketOption::so_error) {
    const auto error = network.udp().take_error(id_);
    return error ? static_cast<std::int64_t>(errno_of(*error)) + 1 : 0;
  }
  if (option == SocketOption::so_rcvbuf) {
    return static_cast<std::int64_t>(network.udp().status(id_).receive_buffer);
  }
  if (option == SocketOption::ip_mtu) {
    const auto remote = remote_endpoint(network);
    if (!remote) return Err{Errno::enotconn};
    const auto mtu = network.path_mtu(now, remote->address);
    if (!mtu) return Err{Errno::enetunreach};
    return *mtu;
  }
  return Err{Errno::enoprotoopt};
}

//= RFC1122-4.1.3.2-b
SocketResult<void> DatagramSocket::set_ip_options(Bytes options) {
  auto padded = ip::padded_options(options);
  if (!padded) return Err{Errno::einval};
  ip_options_ = std::move(*padded);
  return {};
}

Readiness DatagramSocket::poll(const Network& network) const {
  const udp::Udp::Status now = network.udp().status(id_);
  Readiness ready;
  ready.error = now.has_error;
  ready.readable = now.readable || now.has_error;
  ready.writable = true;  // nothing is ever queued
  ready.hang_up = now.reading_closed && now.writing_closed;
  return ready;
}

Endpoint DatagramSocket::local_endpoint(const Network& network) const {
  const udp::Udp::Status now = network.udp().status(id_);
  const Family family = settings_.domain == Domain::inet ? Family::ipv4 : Family::ipv6;
  return {now.address.value_or(unspecified(family)), now.port};
}

SocketResult<Endpoint> DatagramSocket::remote_endpoint(const Network& network) const {
  const auto remote = network.udp().status(id_).remote;
  if (!remote) return Err{Errno::enotconn};
  return *remote;
}

udp::Udp::Status DatagramSocket::status(const Network& network) const {
  return network.udp().status(id_);
}

}  // namespace packetwright::iface
