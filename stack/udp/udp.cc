// SPDX-License-Identifier: Apache-2.0
#include "stack/udp/udp.hh"

#include <algorithm>
#include <utility>

#include "stack/udp/input.hh"

namespace packetwright::udp {
namespace {

constexpr std::size_t kHeaderSize = 8;

bool overlap(Families a, Families b) noexcept {
  return a == Families::both || b == Families::both || a == b;
}

bool includes(Families families, Family family) noexcept {
  return families == Families::both || (families == Families::v4) == (family == Family::ipv4);
}

// The longest data that fits a datagram: the Length fields of UDP and of IP are 16 bits wide, and
// the one of IPv4 counts its own header.
constexpr std::size_t max_data(Family family) noexcept {
  return family == Family::ipv4 ? 65'535 - 20 - kHeaderSize : 65'535 - kHeaderSize;
}

}  // namespace

Udp::Udp(const UdpConfig& config, Rng rng) : config_(config), rng_(rng) {
  PW_ASSERT(config.first_ephemeral > 0 && config.first_ephemeral <= config.last_ephemeral);
}

SocketId Udp::open(Families families) {
  SocketId id = static_cast<SocketId>(sockets_.size());
  if (!free_ids_.empty()) {
    id = free_ids_.back();
    free_ids_.pop_back();
  } else {
    sockets_.emplace_back();
  }
  sockets_[id].emplace(families, config_.receive_buffer);
  return id;
}

void Udp::close(SocketId id) {
  const std::uint16_t port = at(id).port;
  if (const auto bound = by_port_.find(port); bound != by_port_.end()) {
    std::erase(bound->second, id);
    if (bound->second.empty()) by_port_.erase(bound);
  }
  sockets_[id].reset();
  free_ids_.push_back(id);
}

bool Udp::port_is_free(const Socket& socket, const std::optional<IpAddress>& address,
                       std::uint16_t port) const {
  const auto bound = by_port_.find(port);
  if (bound == by_port_.end()) return true;
  return std::all_of(bound->second.begin(), bound->second.end(), [&](SocketId id) {
    const Socket& other = at(id);
    if (&other == &socket) return true;
    if (!overlap(socket.families, other.families)) return true;
    if (address && other.address && *address != *other.address) return true;
    return socket.reuse_address && other.reuse_address;
  });
}

// RFC 6056, 3.3.1: a random start, then the next free one. 0: none is free.
std::uint16_t Udp::draw_port(const Socket& socket, const std::optional<IpAddress>& address) {
  const std::uint32_t count = std::uint32_t{config_.last_ephemeral} - config_.first_ephemeral + 1;
  const auto start = static_cast<std::uint32_t>(rng_.below(count));
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto port = static_cast<std::uint16_t>(config_.first_ephemeral + (start + i) % count);
    // An ephemeral port is nobody else's, whatever was said about sharing.
    if (!by_port_.contains(port) && port_is_free(socket, address, port)) return port;
  }
  return 0;
}

Result<void, UdpError> Udp::bind(SocketId id, const std::optional<IpAddress>& address,
                                 std::uint16_t port) {
  Socket& socket = at(id);
  PW_ASSERT(socket.port == 0);
  if (port == 0) {
    port = draw_port(socket, address);
    if (port == 0) return Err{UdpError::no_port_free};
  } else if (!port_is_free(socket, address, port)) {
    return Err{UdpError::address_in_use};
  }
  socket.address = address;
  socket.port = port;
  by_port_[port].push_back(id);
  return {};
}

Result<void, UdpError> Udp::ensure_port(SocketId id) {
  Socket& socket = at(id);
  if (socket.port != 0) return {};
  return bind(id, socket.address, 0);
}

Result<void, UdpError> Udp::connect(SocketId id, const Endpoint& remote, const IpAddress& source) {
  if (auto bound = ensure_port(id); !bound) return bound;
  Socket& socket = at(id);
  socket.remote = remote;
  if (!socket.address || socket.address_by_connect) {
    socket.address = source;
    socket.address_by_connect = true;
  }
  socket.error.reset();
  return {};
}

void Udp::disconnect(SocketId id) {
  Socket& socket = at(id);
  socket.remote.reset();
  if (std::exchange(socket.address_by_connect, false)) socket.address.reset();
}

//= RFC1122-4.1.3.5-b
//= RFC768-ui-a
Result<Udp::Route, UdpError> Udp::prepare_send(SocketId id, const std::optional<Endpoint>& to,
                                               std::size_t size) {
  Socket& socket = at(id);
  if (socket.writing_closed) return Err{UdpError::closed_for_writing};
  const std::optional<Endpoint> destination = to ? to : socket.remote;
  if (!destination) return Err{UdpError::destination_required};
  if (size > max_data(destination->address.family())) return Err{UdpError::message_too_long};
  if (auto bound = ensure_port(id); !bound) return Err{bound.error()};
  return Route{socket.address, socket.port, *destination};
}

Result<Received, UdpError> Udp::receive(SocketId id, bool keep) {
  Socket& socket = at(id);
  if (socket.queue.empty()) return Err{UdpError::nothing_received};
  if (keep) return socket.queue.front();
  return socket.queue.pop();
}

void Udp::shut_down_reading(SocketId id) {
  at(id).reading_closed = true;
}
void Udp::shut_down_writing(SocketId id) {
  at(id).writing_closed = true;
}

// The socket that an exchange between these two belongs to: one that is connected to the remote
// before one that is not, then one that is bound to the very address before one that takes any.
// Among equals the one that was bound last, so that a restarted service with SO_REUSEADDR is heard.
std::optional<SocketId> Udp::socket_for(const Endpoint& local, const Endpoint& remote) const {
  const auto bound = by_port_.find(local.port);
  if (bound == by_port_.end()) return std::nullopt;
  std::optional<SocketId> best;
  int best_score = -1;
  for (const SocketId id : bound->second) {
    const Socket& socket = at(id);
    if (!includes(socket.families, local.address.family())) continue;
    if (socket.address && *socket.address != local.address) continue;
    if (socket.remote && *socket.remote != remote) continue;
    const int score = (socket.remote ? 2 : 0) + (socket.address ? 1 : 0);
    if (score < best_score) continue;
    best = id;
    best_score = score;
  }
  return best;
}

//= RFC1122-4.1.3.2-a
//= RFC1122-4.1.3.5-a
Result<void, DropReason> Udp::deliver(Socket& socket, const Arrival& arrival, const Endpoint& from,
                                      const Endpoint& to, Bytes data) {
  // Nobody will read it. The port is in use, so this is not an unreachable port either.
  if (socket.reading_closed) return Err{DropReason::udp_queue_full};
  Received received{from,
                    to,
                    arrival.tos,
                    arrival.ttl,
                    Buffer(arrival.options.begin(), arrival.options.end()),
                    Buffer(data.begin(), data.end())};
  if (!socket.queue.push(std::move(received))) return Err{DropReason::udp_queue_full};
  return {};
}

Result<void, DropReason> Udp::on_datagram(const Arrival& arrival, Bytes octets) {
  const auto input = check_input(arrival.src, arrival.dst, octets, config_);
  if (!input) return Err{input.error()};
  const Endpoint from{arrival.src, input->src_port};
  const Endpoint to{arrival.dst, input->dst_port};

  if (!arrival.to_group) {
    const auto id = socket_for(to, from);
    if (!id) return Err{DropReason::udp_no_socket};
    return deliver(at(*id), arrival, from, to, input->data);
  }

  // A group has many members: every socket that takes the port gets a copy.
  const auto bound = by_port_.find(to.port);
  if (bound == by_port_.end()) return Err{DropReason::udp_no_socket};
  Result<void, DropReason> outcome = Err{DropReason::udp_no_socket};
  for (const SocketId id : bound->second) {
    Socket& socket = at(id);
    if (!includes(socket.families, to.address.family())) continue;
    // A socket bound to one of our own addresses did not ask for what is sent to groups.
    if (socket.address && *socket.address != to.address) continue;
    if (socket.remote && *socket.remote != from) continue;
    const auto delivered = deliver(socket, arrival, from, to, input->data);
    if (delivered || !outcome) outcome = delivered;
  }
  return outcome;
}

//= RFC1122-4.1.3.3-a
Result<void, DropReason> Udp::on_error(const Endpoint& local, const Endpoint& remote,
                                       UdpError error, bool fatal) {
  const auto id = socket_for(local, remote);
  if (!id) return Err{DropReason::icmp_error_unmatched};
  Socket& socket = at(*id);
  // An unconnected socket talks to many: an error without an address would tell it nothing, so it
  // has to ask. A connected one wants to know at once that nobody listens at the other end.
  const bool wanted = socket.report_all_errors || (socket.remote && fatal);
  if (wanted) socket.error = error;
  return {};
}

std::optional<UdpError> Udp::take_error(SocketId id) {
  return std::exchange(at(id).error, std::nullopt);
}

void Udp::set_reuse_address(SocketId id, bool on) {
  at(id).reuse_address = on;
}
void Udp::set_families(SocketId id, Families families) {
  at(id).families = families;
}
void Udp::set_report_all_errors(SocketId id, bool on) {
  at(id).report_all_errors = on;
}
void Udp::set_receive_buffer(SocketId id, std::size_t octets) {
  at(id).queue.set_limit(octets);
}

Udp::Status Udp::status(SocketId id) const {
  const Socket& socket = at(id);
  return Status{socket.address,
                socket.port,
                socket.remote,
                socket.families,
                !socket.queue.empty() || socket.reading_closed,
                socket.error.has_value(),
                socket.reading_closed,
                socket.writing_closed,
                socket.queue.data_size(),
                socket.queue.limit()};
}

Udp::Socket& Udp::at(SocketId id) {
  PW_ASSERT(id < sockets_.size() && sockets_[id].has_value());
  return *sockets_[id];
}

const Udp::Socket& Udp::at(SocketId id) const {
  PW_ASSERT(id < sockets_.size() && sockets_[id].has_value());
  return *sockets_[id];
}

std::size_t Udp::queued() const noexcept {
  std::size_t octets = 0;
  for (const auto& socket : sockets_) {
    if (socket) octets += socket->queue.charged();
  }
  return octets;
}

}  // namespace packetwright::udp
