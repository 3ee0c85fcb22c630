// SPDX-License-Identifier: Apache-2.0
#include "stack/iface/sockets.hh"

#include <algorithm>
#include <utility>

#include "stack/iface/error_words.hh"
#include "stack/iface/mapped_address.hh"

namespace packetwright::iface {
namespace {

// Whether two local endpoints of one port could both claim a connection.
bool overlap(const Endpoint& a, bool a_both, const Endpoint& b, bool b_both) noexcept {
  const bool a_any = a.address.is_unspecified();
  const bool b_any = b.address.is_unspecified();
  if (a.address.family() != b.address.family()) return (a_any && a_both) || (b_any && b_both);
  return a_any || b_any || a.address == b.address;
}

bool is_dual(const StreamSocket& socket) noexcept {
  return socket.settings().domain == Domain::inet6 && !socket.settings().v6_only;
}

}  // namespace

Sockets::Sockets(Network& network, const StackConfig& config)
    : network_(network), rng_(Rng{config.seed}.fork("sockets")), table_(config.max_sockets) {}

const SocketSettings& Sockets::settings_of(const Socket& socket) {
  return std::visit([](const auto& kind) -> const SocketSettings& { return kind.settings(); },
                    socket);
}

SocketResult<Endpoint> Sockets::accept_endpoint(const Socket& socket, const Endpoint& endpoint) {
  const SocketSettings& settings = settings_of(socket);
  // An inet socket takes IPv4 addresses as such; an inet6 one takes IPv6 addresses, mapped ones
  // included.
  if ((settings.domain == Domain::inet) != endpoint.address.is_v4()) {
    return Err{Errno::eafnosupport};
  }
  const Endpoint plain = unmapped(endpoint);
  if (!settings.admits(plain.address.family())) return Err{Errno::enetunreach};
  return plain;
}

SocketResult<Descriptor> Sockets::socket(Domain domain, SocketType type, Protocol protocol) {
  const Protocol echo = domain == Domain::inet ? Protocol::icmp : Protocol::icmpv6;
  if (table_.full()) return Err{Errno::emfile};
  std::optional<Descriptor> descriptor;
  if (type == SocketType::stream) {
    if (protocol != Protocol::any && protocol != Protocol::tcp) {
      return Err{Errno::eprotonosupport};
    }
    descriptor = table_.insert(StreamSocket{domain});
  } else if (protocol == Protocol::any || protocol == Protocol::udp) {
    descriptor = table_.insert(DatagramSocket{network_, domain});
  } else if (protocol == echo) {
    const auto identifier = free_identifier();
    if (!identifier) return Err{Errno::eagain};
    descriptor = table_.insert(PingSocket{domain, *identifier});
  } else {
    return Err{Errno::eprotonosupport};
  }
  return *descriptor;
}

// Drawn at random, and no other ping socket's; nullopt: all are in use.
std::optional<std::uint16_t> Sockets::free_identifier() {
  const auto is_taken = [&](std::uint16_t candidate) {
    bool taken = false;
    table_.for_each([&](Descriptor, const Socket& other) {
      const auto* ping = std::get_if<PingSocket>(&other);
      taken = taken || (ping != nullptr && ping->identifier() == candidate);
    });
    return taken;
  };
  const std::uint16_t first = rng_.next16();
  for (std::uint32_t i = 0; i <= 0xffff; ++i) {
    const auto candidate = static_cast<std::uint16_t>(first + i);
    if (!is_taken(candidate)) return candidate;
  }
  return std::nullopt;
}

SocketResult<void> Sockets::bind(Descriptor descriptor, const Endpoint& wanted) {
  Socket* const socket = table_.find(descriptor);
  if (socket == nullptr) return Err{Errno::ebadf};
  const auto local = accept_endpoint(*socket, wanted);
  if (!local) return Err{local.error() == Errno::enetunreach ? Errno::einval : local.error()};
  //= RFC1122-4.1.3.6-b
  const IpAddress& address = local->address;
  const bool is_group = address.is_multicast() || network_.addresses().is_broadcast(address);
  const bool may_be_group = std::holds_alternative<DatagramSocket>(*socket) && is_group;
  if (!address.is_unspecified() && !address.is_loopback() && !may_be_group &&
      !network_.addresses().is_own(address)) {
    return Err{Errno::eaddrnotavail};
  }
  if (auto* stream = std::get_if<StreamSocket>(socket)) return bind_stream(*stream, *local);
  if (auto* datagram = std::get_if<DatagramSocket>(socket)) return datagram->bind(network_, *local);
  return bind_ping(std::get<PingSocket>(*socket), *local);
}

// The identifier is shared by those who have all set SO_REUSEADDR, as a port would be.
SocketResult<void> Sockets::bind_ping(PingSocket& socket, const Endpoint& local) {
  // There are no Echo Requests of IPv4 behind mapped addresses.
  if (local.address.is_v4() != (socket.settings().domain == Domain::inet)) {
    return Err{Errno::eaddrnotavail};
  }
  bool free = true;
  table_.for_each([&](Descriptor, const Socket& entry) {
    const auto* other = std::get_if<PingSocket>(&entry);
    if (other == nullptr || other == &socket || local.port == 0) return;
    if (other->identifier() != local.port) return;
    free = free && socket.settings().reuse_address && other->settings().reuse_address;
  });
  if (!free) return Err{Errno::eaddrinuse};
  socket.bind(local);
  return {};
}

SocketResult<void> Sockets::bind_stream(StreamSocket& socket, Endpoint local) {
  if (socket.is_bound() || socket.is_deferred() || socket.has_connection()) {
    return Err{Errno::einval};
  }
  if (local.port == 0) {
    const auto port = network_.tcp().choose_port();
    if (!port) return Err{Errno::eaddrinuse};
    local.port = *port;
  } else if (!stream_port_is_free(socket, local)) {
    return Err{Errno::eaddrinuse};
  }
  socket.bind(network_, local);
  return {};
}

const StreamSocket* Sockets::holder_of(tcp::ConnectionId connection) const noexcept {
  if (connection.slot >= by_connection_.size()) return nullptr;
  const Socket* const holder = table_.find(by_connection_[connection.slot]);
  const auto* stream = holder == nullptr ? nullptr : std::get_if<StreamSocket>(holder);
  return stream != nullptr && stream->connection() == connection ? stream : nullptr;
}

// A port is taken by sockets that are bound to it and by connections that use it, TIME-WAIT
// included. SO_REUSEADDR shares it with everybody who has set it too and does not listen, and with
// connections that nobody holds any more.
bool Sockets::stream_port_is_free(const StreamSocket& socket, const Endpoint& local) const {
  const bool reuse = socket.settings().reuse_address;
  bool free = true;
  table_.for_each([&](Descriptor, const Socket& entry) {
    const auto* other = std::get_if<StreamSocket>(&entry);
    if (other == nullptr || other == &socket) return;
    const Endpoint theirs = other->bound() ? *other->bound() : other->local_endpoint(network_);
    if (theirs.port != local.port) return;
    if (!overlap(local, is_dual(socket), theirs, is_dual(*other))) return;
    const bool shared = reuse && other->settings().reuse_address && !other->is_listening();
    free = free && shared;
  });
  if (!free || reuse) return free;
  for (const tcp::ConnectionId id : network_.tcp().connections()) {
    const auto theirs = network_.tcp().local_endpoint(id);
    if (!theirs || theirs->port != local.port || holder_of(id) != nullptr) continue;
    if (overlap(local, is_dual(socket), *theirs, false)) return false;
  }
  return true;
}

SocketResult<void> Sockets::listen(Descriptor descriptor, int backlog) {
  Socket* const socket = table_.find(descriptor);
  if (socket == nullptr) return Err{Errno::ebadf};
  auto* const stream = std::get_if<StreamSocket>(socket);
  if (stream == nullptr) return Err{Errno::eopnotsupp};
  return stream->listen(network_, backlog);
}

SocketResult<Descriptor> Sockets::accept(Descriptor descriptor, Endpoint* peer) {
  Socket* const socket = table_.find(descriptor);
  if (socket == nullptr) return Err{Errno::ebadf};
  auto* const listener = std::get_if<StreamSocket>(socket);
  if (listener == nullptr) return Err{Errno::eopnotsupp};
  // Without a descriptor to give, the connection goes on waiting.
  if (table_.full()) return Err{listener->is_listening() ? Errno::emfile : Errno::einval};
  const auto connection = listener->accept(network_);
  if (!connection) return Err{connection.error()};
  const auto accepted = table_.insert(StreamSocket{network_, *listener, *connection});
  remember(*accepted, *connection);
  if (peer != nullptr) *peer = remote_endpoint(*accepted).value_or(Endpoint{});
  return *accepted;
}

SocketResult<void> Sockets::connect(Instant now, Descriptor descriptor, const Endpoint& wanted) {
  Socket* const socket = table_.find(descriptor);
  if (socket == nullptr) return Err{Errno::ebadf};
  const auto remote = accept_endpoint(*socket, wanted);
  if (!remote) return Err{remote.error()};
  if (auto* datagram = std::get_if<DatagramSocket>(socket)) {
    return datagram->connect(now, network_, *remote);
  }
  if (auto* ping = std::get_if<PingSocket>(socket)) return ping->connect(network_, *remote);
  auto& stream = std::get<StreamSocket>(*socket);
  const auto outcome = stream.connect(now, network_, *remote);
  if (stream.has_connection()) remember(descriptor, stream.connection());
  return outcome;
}

SocketResult<ReadResult> Sockets::read(Instant now, Descriptor descriptor, std::size_t limit,
                                       const ReadFlags& flags) {
  Socket* const socket = table_.find(descriptor);
  if (socket == nullptr) return Err{Errno::ebadf};
  if (auto* stream = std::get_if<StreamSocket>(socket)) {
    return stream->read(now, network_, limit, flags);
  }
  auto* const datagram = std::get_if<DatagramSocket>(socket);
  auto result = datagram != nullptr ? datagram->read(network_, limit, flags)
                                    : std::get<PingSocket>(*socket).read(limit, flags);
  if (!result) return result;
  const Domain domain = settings_of(*socket).domain;
  if (result->from) result->from = as_seen_by(domain, *result->from);
  if (result->to) result->to = as_seen_by(domain, *result->to);
  return result;
}

SocketResult<std::size_t> Sockets::read_into(Instant now, Descriptor descriptor,
                                             MutableBytes into) {
  Socket* const socket = table_.find(descriptor);
  if (socket == nullptr) return Err{Errno::ebadf};
  auto* const stream = std::get_if<StreamSocket>(socket);
  if (stream == nullptr) return Err{Errno::eopnotsupp};
  return stream->read_into(now, network_, into, into.size(), false);
}

SocketResult<std::size_t> Sockets::write(Instant now, Descriptor descriptor, Bytes octets,
                                         const WriteFlags& flags, const Endpoint* to) {
  Socket* const socket = table_.find(descriptor);
  if (socket == nullptr) return Err{Errno::ebadf};
  // A stream has one destination and does not look at another, unless it is to be connected now.
  if (auto* stream = std::get_if<StreamSocket>(socket)) {
    if (!stream->opens_with_write(flags)) return stream->write(now, network_, octets, flags);
    if (flags.no_family) return Err{Errno::eopnotsupp};
    std::optional<Endpoint> remote;
    if (to != nullptr) {
      const auto plain = accept_endpoint(*socket, *to);
      if (!plain) return Err{plain.error()};
      remote = *plain;
    }
    const auto taken = stream->fast_open(now, network_, octets, remote, flags.waits);
    if (stream->has_connection()) remember(descriptor, stream->connection());
    return taken;
  }
  if (flags.out_of_band) return Err{Errno::eopnotsupp};
  if (flags.no_family) return Err{Errno::eafnosupport};
  std::optional<Endpoint> destination;
  if (to != nullptr) {
    const auto plain = accept_endpoint(*socket, *to);
    if (!plain) return Err{plain.error()};
    destination = *plain;
  }
  if (auto* datagram = std::get_if<DatagramSocket>(socket)) {
    return datagram->write(now, network_, octets, destination);
  }
  return std::get<PingSocket>(*socket).write(now, network_, octets, destination);
}

SocketResult<void> Sockets::shutdown(Instant now, Descriptor descriptor, ShutdownHow how) {
  Socket* const socket = table_.find(descriptor);
  if (socket == nullptr) return Err{Errno::ebadf};
  if (auto* stream = std::get_if<StreamSocket>(socket)) {
    return stream->shutdown(now, network_, how);
  }
  if (auto* datagram = std::get_if<DatagramSocket>(socket)) {
    return datagram->shutdown(network_, how);
  }
  return Err{Errno::enotconn};
}

SocketResult<void> Sockets::close(Instant now, Descriptor descriptor) {
  Socket* const socket = table_.find(descriptor);
  if (socket == nullptr) return Err{Errno::ebadf};
  if (auto* stream = std::get_if<StreamSocket>(socket)) {
    // From here on the connection is nobody's: what happens to it is told to no socket.
    if (stream->has_connection()) by_connection_[stream->connection().slot] = kNobody;
    stream->close(now, network_);
  } else if (auto* datagram = std::get_if<DatagramSocket>(socket)) {
    datagram->close(now, network_);
  }
  table_.erase(descriptor);
  error_queues_.erase(descriptor);
  return {};
}

SocketResult<void> Sockets::abort(Instant now, Descriptor descriptor) {
  if (const auto set = set_option(now, descriptor, SocketOption::so_linger, 0); !set) return set;
  return close(now, descriptor);
}

SocketResult<void> Sockets::set_option(Instant now, Descriptor descriptor, SocketOption option,
                                       std::int64_t value) {
  Socket* const socket = table_.find(descriptor);
  if (socket == nullptr) return Err{Errno::ebadf};
  if (option == SocketOption::ip_recverr && value == 0) error_queues_.erase(descriptor);
  if (auto* stream = std::get_if<StreamSocket>(socket)) {
    return stream->set_option(now, network_, option, value);
  }
  if (auto* datagram = std::get_if<DatagramSocket>(socket)) {
    return datagram->set_option(network_, option, value);
  }
  return std::get<PingSocket>(*socket).set_option(option, value);
}

SocketResult<std::int64_t> Sockets::get_option(Instant now, Descriptor descriptor,
                                               SocketOption option) {
  Socket* const socket = table_.find(descriptor);
  if (socket == nullptr) return Err{Errno::ebadf};
  const std::uint8_t default_hop_limit =
      network_.hop_limit(option == SocketOption::ipv6_unicast_hops ? Family::ipv6 : Family::ipv4);
  if (auto* stream = std::get_if<StreamSocket>(socket)) {
    return stream->get_option(now, network_, option, default_hop_limit);
  }
  if (auto* datagram = std::get_if<DatagramSocket>(socket)) {
    return datagram->get_option(now, network_, option, default_hop_limit);
  }
  return std::get<PingSocket>(*socket).get_option(option, default_hop_limit);
}

SocketResult<void> Sockets::set_congestion_control(Instant now, Descriptor descriptor,
                                                   std::string_view name) {
  Socket* const socket = table_.find(descriptor);
  if (socket == nullptr) return Err{Errno::ebadf};
  auto* const stream = std::get_if<StreamSocket>(socket);
  if (stream == nullptr) return Err{Errno::enoprotoopt};
  return stream->set_congestion_control(now, network_, name);
}

SocketResult<std::string_view> Sockets::congestion_control(Descriptor descriptor) const {
  const Socket* const socket = table_.find(descriptor);
  if (socket == nullptr) return Err{Errno::ebadf};
  const auto* const stream = std::get_if<StreamSocket>(socket);
  if (stream == nullptr) return Err{Errno::enoprotoopt};
  return stream->congestion_control(network_);
}

SocketResult<void> Sockets::set_ip_options(Descriptor descriptor, Bytes options) {
  Socket* const socket = table_.find(descriptor);
  if (socket == nullptr) return Err{Errno::ebadf};
  auto* const datagram = std::get_if<DatagramSocket>(socket);
  if (datagram == nullptr) return Err{Errno::eopnotsupp};
  return datagram->set_ip_options(options);
}

SocketResult<void> Sockets::join_group(Instant now, Descriptor descriptor, const IpAddress& group) {
  Socket* const socket = table_.find(descriptor);
  if (socket == nullptr) return Err{Errno::ebadf};
  auto* const datagram = std::get_if<DatagramSocket>(socket);
  if (datagram == nullptr) return Err{Errno::eopnotsupp};
  return datagram->join_group(now, network_, group);
}

SocketResult<void> Sockets::leave_group(Instant now, Descriptor descriptor,
                                        const IpAddress& group) {
  Socket* const socket = table_.find(descriptor);
  if (socket == nullptr) return Err{Errno::ebadf};
  auto* const datagram = std::get_if<DatagramSocket>(socket);
  if (datagram == nullptr) return Err{Errno::eopnotsupp};
  return datagram->leave_group(now, network_, group);
}

SocketResult<bool> Sockets::at_mark(Descriptor descriptor) const {
  const Socket* const socket = table_.find(descriptor);
  if (socket == nullptr) return Err{Errno::ebadf};
  const auto* const stream = std::get_if<StreamSocket>(socket);
  if (stream == nullptr) return Err{Errno::eopnotsupp};
  return stream->at_mark(network_);
}

SocketResult<SocketError> Sockets::read_error(Descriptor descriptor) {
  if (table_.find(descriptor) == nullptr) return Err{Errno::ebadf};
  const auto queue = error_queues_.find(descriptor);
  if (queue == error_queues_.end()) return Err{Errno::eagain};
  SocketError oldest = std::move(queue->second.front());
  queue->second.pop_front();
  if (queue->second.empty()) error_queues_.erase(queue);
  return oldest;
}

SocketResult<Readiness> Sockets::poll(Descriptor descriptor) const {
  auto ready = poll_kind(descriptor);
  if (ready) ready->error = ready->error || error_queues_.contains(descriptor);
  return ready;
}

SocketResult<Readiness> Sockets::poll_kind(Descriptor descriptor) const {
  const Socket* const socket = table_.find(descriptor);
  if (socket == nullptr) return Err{Errno::ebadf};
  if (const auto* stream = std::get_if<StreamSocket>(socket)) return stream->poll(network_);
  if (const auto* datagram = std::get_if<DatagramSocket>(socket)) return datagram->poll(network_);
  return std::get<PingSocket>(*socket).poll();
}

SocketResult<Endpoint> Sockets::local_endpoint(Descriptor descriptor) const {
  const Socket* const socket = table_.find(descriptor);
  if (socket == nullptr) return Err{Errno::ebadf};
  const Domain domain = settings_of(*socket).domain;
  if (const auto* stream = std::get_if<StreamSocket>(socket)) {
    return as_seen_by(domain, stream->local_endpoint(network_));
  }
  if (const auto* datagram = std::get_if<DatagramSocket>(socket)) {
    return as_seen_by(domain, datagram->local_endpoint(network_));
  }
  return std::get<PingSocket>(*socket).local_endpoint();
}

SocketResult<Endpoint> Sockets::remote_endpoint(Descriptor descriptor) const {
  const Socket* const socket = table_.find(descriptor);
  if (socket == nullptr) return Err{Errno::ebadf};
  const auto* stream = std::get_if<StreamSocket>(socket);
  const auto* datagram = std::get_if<DatagramSocket>(socket);
  const auto remote = stream != nullptr     ? stream->remote_endpoint(network_)
                      : datagram != nullptr ? datagram->remote_endpoint(network_)
                                            : std::get<PingSocket>(*socket).remote_endpoint();
  if (!remote) return remote;
  return as_seen_by(settings_of(*socket).domain, *remote);
}

SocketResult<tcp::Status> Sockets::tcp_status(Descriptor descriptor) const {
  const Socket* const socket = table_.find(descriptor);
  if (socket == nullptr) return Err{Errno::ebadf};
  const auto* const stream = std::get_if<StreamSocket>(socket);
  if (stream == nullptr) return Err{Errno::eopnotsupp};
  return stream->status(network_);
}

SocketResult<void> Sockets::set_isn(Descriptor descriptor, std::uint32_t isn) {
  Socket* const socket = table_.find(descriptor);
  if (socket == nullptr) return Err{Errno::ebadf};
  auto* const stream = std::get_if<StreamSocket>(socket);
  if (stream == nullptr) return Err{Errno::eopnotsupp};
  return stream->set_isn(network_, isn);
}

void Sockets::remember(Descriptor descriptor, tcp::ConnectionId connection) {
  if (connection.slot >= by_connection_.size()) {
    by_connection_.resize(std::size_t{connection.slot} + 1, kNobody);
  }
  by_connection_[connection.slot] = descriptor;
}

void Sockets::on_tcp_event(const tcp::Event& event) {
  if (event.kind != tcp::EventKind::failed && event.kind != tcp::EventKind::soft_error) return;
  if (holder_of(event.connection) == nullptr) return;
  Socket* const holder = table_.find(by_connection_[event.connection.slot]);
  std::get<StreamSocket>(*holder).on_event(event);
}

void Sockets::on_echo_reply(const IpAddress& source, const IpAddress& destination,
                            const icmp::EchoReply& reply) {
  table_.for_each([&](Descriptor descriptor, const Socket&) {
    auto* const ping = std::get_if<PingSocket>(table_.find(descriptor));
    if (ping != nullptr) ping->on_reply(source, destination, reply);
  });
}

// Whether the packet that the report quotes came from this socket.
bool Sockets::has_sent(const Socket& socket, const icmp::ErrorReport& report) const {
  const Endpoint local{report.local, load_be16(report.transport, 0)};
  const Endpoint remote{report.remote, load_be16(report.transport, 2)};
  if (const auto* stream = std::get_if<StreamSocket>(&socket)) {
    if (report.protocol != wire::IpProtocol::tcp || !stream->has_connection()) return false;
    return stream->local_endpoint(network_) == local &&
           stream->remote_endpoint(network_).value_or(Endpoint{}) == remote;
  }
  if (const auto* datagram = std::get_if<DatagramSocket>(&socket)) {
    if (report.protocol != wire::IpProtocol::udp) return false;
    return network_.udp().socket_for(local, remote) == datagram->id();
  }
  const auto& ping = std::get<PingSocket>(socket);
  const bool echo =
      report.protocol == wire::IpProtocol::icmpv4 || report.protocol == wire::IpProtocol::icmpv6;
  return echo && ping.identifier() == load_be16(report.transport, 4);
}

void Sockets::on_error_report(const icmp::ErrorReport& report) {
  constexpr std::size_t kMostErrors = 16;
  constexpr std::size_t kUdpHeaderSize = 8;
  table_.for_each([&](Descriptor descriptor, const Socket& socket) {
    const SocketSettings& settings = settings_of(socket);
    if (!settings.report_all_errors || !has_sent(socket, report)) return;
    std::deque<SocketError>& queue = error_queues_[descriptor];
    if (queue.size() >= kMostErrors) return;  // a slow reader: its loss
    const bool udp = report.protocol == wire::IpProtocol::udp;
    const bool has_ports = udp || report.protocol == wire::IpProtocol::tcp;
    SocketError error;
    error.error = errno_of_icmp(report.local.family(), report.type, report.code);
    error.icmp_type = report.type;
    error.icmp_code = report.code;
    if (report.problem == icmp::Problem::packet_too_big) error.info = report.value;
    error.offender = report.reporter;
    const std::uint16_t port = has_ports ? load_be16(report.transport, 2) : std::uint16_t{0};
    error.destination = as_seen_by(settings.domain, {report.remote, port});
    if (udp) {
      const Bytes data = report.transport.subspan(kUdpHeaderSize);
      error.octets.assign(data.begin(), data.end());
    }
    queue.push_back(std::move(error));
  });
}

bool Sockets::on_echo_error(const icmp::ErrorReport& report, std::uint16_t identifier) {
  bool heard = false;
  table_.for_each([&](Descriptor descriptor, const Socket&) {
    auto* const ping = std::get_if<PingSocket>(table_.find(descriptor));
    if (ping != nullptr && ping->on_error(report, identifier)) heard = true;
  });
  return heard;
}

}  // namespace packetwright::iface
