// SPDX-License-Identifier: Apache-2.0
#include "stack/iface/stream_socket.hh"

#include <algorithm>
#include <utility>

#include "stack/iface/error_words.hh"
#include "stack/iface/mapped_address.hh"

namespace packetwright::iface {
namespace {

constexpr int kMaxBacklog = 4'096;

bool names_one_host(const IpAddress& address) noexcept {
  return !address.is_unspecified() && !address.is_multicast() && !address.is_limited_broadcast();
}

}  // namespace

StreamSocket::StreamSocket(Domain domain) {
  settings_.domain = domain;
  tcp::ConnectionOptions options;
  options.oob_inline = false;  // POSIX: the urgent octet is read apart unless SO_OOBINLINE is set
  options_ = options;
}

StreamSocket::StreamSocket(Network& network, const StreamSocket& listener,
                           tcp::ConnectionId connection)
    : settings_(listener.settings_), options_(listener.options_), connection_(connection) {
  if (const auto remote = network.tcp().remote_endpoint(connection)) {
    family_ = remote->address.family();
  }
  // It may have ended while it waited to be accepted.
  if (const auto failure = network.tcp().failure(connection)) error_ = errno_of(*failure);
  apply_attributes(network);
}

void StreamSocket::bind(Network& network, const Endpoint& local) {
  PW_ASSERT(!bound_);
  bound_ = local;
  network.tcp().reserve_port(local.port);
}

void StreamSocket::unbind(Network& network) {
  if (bound_) network.tcp().unreserve_port(bound_->port);
  bound_.reset();
}

SocketResult<void> StreamSocket::listen(Network& network, int backlog) {
  if (has_connection() || is_deferred()) return Err{Errno::einval};
  const auto places = static_cast<std::size_t>(
      backlog < 0 ? kMaxBacklog : std::min(std::max(backlog, 1), kMaxBacklog));
  if (is_listening()) {
    network.tcp().set_backlog(listener_, places);
    return {};
  }
  if (!bound_) {
    const auto port = network.tcp().choose_port();
    if (!port) return Err{Errno::eaddrinuse};
    const Family family = settings_.domain == Domain::inet ? Family::ipv4 : Family::ipv6;
    bind(network, {unspecified(family), *port});
  }
  tcp::PassiveOpen open;
  open.local = *bound_;
  open.both_families =
      settings_.admits(Family::ipv4) && bound_->address == unspecified(Family::ipv6);
  open.backlog = places;
  open.options = *options_;
  open.fast_open_queue = fast_open_queue_;
  open.defer_accept = defer_accept_;
  const auto listener = network.tcp().listen(open);
  if (!listener) return Err{Errno::eaddrinuse};
  listener_ = *listener;
  apply_attributes(network);
  return {};
}

SocketResult<tcp::ConnectionId> StreamSocket::accept(Network& network) {
  if (!is_listening()) return Err{Errno::einval};
  const auto connection = network.tcp().accept(listener_);
  if (!connection) return Err{Errno::eagain};
  return *connection;
}

SocketResult<void> StreamSocket::connect(Instant now, Network& network, const Endpoint& remote) {
  if (is_listening()) return Err{Errno::eopnotsupp};
  if (has_connection()) {
    // The second call asks how the first one went.
    if (const auto error = take_error()) return Err{*error};
    if (!connecting_) return Err{Errno::eisconn};
    const auto status = network.tcp().status(connection_);
    if (status && status->state == tcp::State::syn_sent) return Err{Errno::ealready};
    connecting_ = false;
    return {};
  }
  if (deferred_) return Err{Errno::eisconn};
  auto open = prepare_open(now, network, remote);
  if (!open) return Err{open.error()};
  open->fast_open = fast_open_connect_;
  if (fast_open_connect_ && network.tcp().may_fast_open(now, open->local_address, remote)) {
    deferred_ = remote;
    return {};
  }
  if (auto started = start_open(now, network, *open); !started) return started;
  return Err{Errno::einprogress};
}

SocketResult<std::size_t> StreamSocket::fast_open(Instant now, Network& network, Bytes octets,
                                                  const std::optional<Endpoint>& remote,
                                                  bool waits) {
  if (!network.tcp().config().fast_open_client) return Err{Errno::eopnotsupp};
  if (writing_shut_) return Err{Errno::epipe};
  const std::optional<Endpoint> to = deferred_ ? deferred_ : remote;
  if (!to) return Err{Errno::edestaddrreq};
  auto open = prepare_open(now, network, *to);
  if (!open) return Err{open.error()};
  open->fast_open = true;
  open->text = octets;
  open->waits = waits && !octets.empty();
  if (auto started = start_open(now, network, *open); !started) return Err{started.error()};
  const auto status = network.tcp().status(connection_);
  const std::size_t taken = status ? status->send_queue : 0;
  if (taken == 0) return Err{Errno::einprogress};
  return taken;
}

SocketResult<tcp::ActiveOpen> StreamSocket::prepare_open(Instant now, const Network& network,
                                                         const Endpoint& remote) const {
  if (remote.port == 0) return Err{Errno::eaddrnotavail};
  //= RFC9293-MUST-46
  if (!names_one_host(remote.address)) return Err{Errno::enetunreach};

  //= RFC9293-MUST-44
  tcp::ActiveOpen open;
  open.remote = remote;
  open.local_port = bound_ ? bound_->port : std::uint16_t{0};
  if (bound_ && !bound_->address.is_unspecified()) {
    if (bound_->address.family() != remote.address.family()) return Err{Errno::einval};
    open.local_address = bound_->address;
  } else {
    const auto source = network.source_for(now, remote.address);
    if (!source) return Err{errno_of(source.error())};
    open.local_address = *source;
  }
  open.path = network.tcp_path(now, remote.address);
  open.options = *options_;
  return open;
}

SocketResult<void> StreamSocket::start_open(Instant now, Network& network,
                                            const tcp::ActiveOpen& open) {
  const auto connection = network.tcp().open(now, open, network.actions());
  if (!connection) return Err{errno_of(connection.error())};
  connection_ = *connection;
  deferred_.reset();
  family_ = open.remote.address.family();
  connecting_ = true;
  apply_attributes(network);  // before the SYN leaves
  network.run_actions(now);
  return {};
}

SocketResult<ReadResult> StreamSocket::read(Instant now, Network& network, std::size_t limit,
                                            const ReadFlags& flags) {
  if (flags.out_of_band && has_connection()) return read_urgent(network, flags.peek);
  ReadResult result;
  // No more than there is: the buffer is made for what will be in it.
  const std::size_t queued = has_connection() ? network.tcp().unread(connection_) : 0;
  result.octets.resize(std::min(limit, queued));
  const auto size = read_into(now, network, result.octets, limit, flags.peek);
  if (!size) return Err{size.error()};
  result.octets.resize(*size);
  return result;
}

SocketResult<std::size_t> StreamSocket::read_into(Instant now, Network& network, MutableBytes into,
                                                  std::size_t limit, bool peek) {
  if (!has_connection()) return Err{deferred_ ? Errno::eagain : Errno::enotconn};
  const auto received = network.tcp().receive(now, connection_, into, {peek}, network.actions());
  network.run_actions(now);
  if (!received) {
    if (const auto error = take_error()) return Err{*error};
    return std::size_t{0};  // it failed, and the user knows: there is nothing more to come
  }
  if (received->octets > 0 || received->end_of_stream || limit == 0 || reading_shut_) {
    return received->octets;
  }
  if (const auto error = take_error()) return Err{*error};
  return Err{Errno::eagain};
}

// POSIX: what MSG_OOB reads is the octet before the urgent mark. einval: there is none, it was read
// already, or it stays in the stream (SO_OOBINLINE).
SocketResult<ReadResult> StreamSocket::read_urgent(Network& network, bool peek) {
  if (options_->oob_inline) return Err{Errno::einval};
  const auto octet = network.tcp().receive_urgent(connection_, peek);
  if (octet) {
    ReadResult result;
    result.octets.push_back(*octet);
    result.out_of_band = true;
    return result;
  }
  const bool on_its_way = network.tcp().urgent_ahead(connection_) > 0;
  return Err{on_its_way ? Errno::eagain : Errno::einval};
}

SocketResult<std::size_t> StreamSocket::write(Instant now, Network& network, Bytes octets,
                                              const WriteFlags& flags) {
  if (!has_connection()) return Err{is_listening() ? Errno::epipe : Errno::enotconn};
  if (const auto error = take_error()) return Err{*error};
  if (flags.fast_open && connecting_ && !network.tcp().readiness(connection_).writable) {
    return Err{Errno::ealready};
  }
  if (writing_shut_) return Err{Errno::epipe};
  // TCP would queue it (RFC 9293, 3.10.2); a socket waits for the connection.
  if (network.tcp().state(connection_) == tcp::State::syn_sent) return Err{Errno::eagain};
  if (octets.empty()) return std::size_t{0};
  const tcp::SendFlags how{flags.out_of_band, flags.more, flags.record_end};
  const auto taken = network.tcp().send(now, connection_, octets, how, network.actions());
  network.run_actions(now);
  if (taken) return *taken;
  if (taken.error() == tcp::TcpError::insufficient_resources) return Err{Errno::eagain};
  // It ended, and the user was told before: what POSIX calls a broken pipe.
  return Err{Errno::epipe};
}

SocketResult<void> StreamSocket::shutdown(Instant now, Network& network, ShutdownHow how) {
  if (is_listening()) {
    if (how != ShutdownHow::write) {
      network.tcp().close_listener(now, std::exchange(listener_, {}), network.actions());
      network.run_actions(now);
    }
    return {};
  }
  if (!has_connection()) return Err{Errno::enotconn};
  if (network.tcp().readiness(connection_).closed) return Err{Errno::enotconn};
  if (how != ShutdownHow::write) reading_shut_ = true;
  if (how != ShutdownHow::read && !writing_shut_) {
    writing_shut_ = true;
    (void)network.tcp().close(now, connection_, tcp::CloseMode::half, network.actions());
    network.run_actions(now);
  }
  return {};
}

void StreamSocket::close(Instant now, Network& network) {
  if (is_listening()) {
    network.tcp().close_listener(now, std::exchange(listener_, {}), network.actions());
  } else if (has_connection() && settings_.linger == 0) {
    (void)network.tcp().abort(now, connection_, network.actions());
    network.tcp().release(now, connection_, network.actions());
  } else if (has_connection()) {
    (void)network.tcp().close(now, connection_, tcp::CloseMode::full, network.actions());
  }
  network.run_actions(now);
  unbind(network);
}

SocketResult<bool> StreamSocket::at_mark(const Network& network) const {
  if (!has_connection()) return Err{Errno::enotconn};
  return network.tcp().at_urgent_mark(connection_);
}

Readiness StreamSocket::poll(const Network& network) const {
  Readiness ready;
  if (is_listening()) {
    ready.readable = network.tcp().pending(listener_) > 0;
    return ready;
  }
  ready.error = error_.has_value();
  if (!has_connection()) {
    ready.writable = true;
    ready.hang_up = !deferred_;  // a deferred connect() has all but succeeded
    return ready;
  }
  const tcp::Readiness now = network.tcp().readiness(connection_);
  ready.readable = now.readable || now.peer_closed || now.closed || reading_shut_;
  ready.writable = now.writable || now.closed || writing_shut_;
  ready.urgent = now.urgent;
  ready.peer_closed = now.peer_closed || now.closed || reading_shut_;
  ready.hang_up = now.closed || (writing_shut_ && (now.peer_closed || reading_shut_));
  return ready;
}

Endpoint StreamSocket::local_endpoint(const Network& network) const {
  if (has_connection()) {
    if (const auto local = network.tcp().local_endpoint(connection_)) return *local;
  }
  if (bound_) return *bound_;
  return {unspecified(settings_.domain == Domain::inet ? Family::ipv4 : Family::ipv6), 0};
}

SocketResult<Endpoint> StreamSocket::remote_endpoint(const Network& network) const {
  if (deferred_) return *deferred_;
  if (!has_connection()) return Err{Errno::enotconn};
  const auto remote = network.tcp().remote_endpoint(connection_);
  if (!remote) return Err{Errno::enotconn};
  return *remote;
}

tcp::Status StreamSocket::status(const Network& network) const {
  tcp::Status status;
  if (is_listening()) status.state = tcp::State::listen;
  if (has_connection()) {
    if (const auto known = network.tcp().status(connection_)) status = *known;
  }
  return status;
}

SocketResult<void> StreamSocket::set_isn(Network& network, std::uint32_t isn) {
  if (has_connection()) return Err{Errno::eisconn};
  tcp::ConnectionOptions options = *options_;
  options.iss = SeqNum{isn};
  options_ = options;
  if (is_listening()) network.tcp().set_options(listener_, *options_);
  return {};
}

void StreamSocket::on_event(const tcp::Event& event) {
  const auto icmp = [&]() -> std::optional<Errno> {
    if (event.icmp_type == 0 && event.icmp_code == 0) return std::nullopt;
    // Type 3 is Destination Unreachable in one family and Time Exceeded in the other.
    return errno_of_icmp(family_, event.icmp_type, event.icmp_code);
  };
  if (event.kind == tcp::EventKind::soft_error) {
    soft_error_ = icmp();
    // RFC 1122, 4.2.3.9: the user is told if it asked; the connection goes on.
    if (settings_.report_all_errors) error_ = soft_error_;
  } else if (event.kind == tcp::EventKind::failed && event.error) {
    connecting_ = false;
    switch (*event.error) {
      case tcp::TcpError::unreachable: error_ = icmp().value_or(Errno::ehostunreach); break;
      // If a router said all along why nobody answers, that is the better reason.
      case tcp::TcpError::aborted_by_user_timeout:
        error_ = soft_error_.value_or(Errno::etimedout);
        break;
      case tcp::TcpError::connection_does_not_exist:
      case tcp::TcpError::connection_already_exists:
      case tcp::TcpError::connection_closing:
      case tcp::TcpError::connection_reset:
      case tcp::TcpError::connection_refused:
      case tcp::TcpError::insufficient_resources:
      case tcp::TcpError::remote_unspecified: error_ = errno_of(*event.error); break;
    }
  }
}

std::optional<Errno> StreamSocket::take_error() noexcept {
  return std::exchange(error_, std::nullopt);
}

}  // namespace packetwright::iface
