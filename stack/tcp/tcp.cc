// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/tcp.hh"

#include <algorithm>
#include <utility>

#include "stack/tcp/isn.hh"

namespace packetwright::tcp {
namespace {

SipKey draw_key(Rng rng) {
  const std::uint64_t k0 = rng.next();
  return {k0, rng.next()};
}

}  // namespace

Tcp::Tcp(const TcpConfig& config, Rng rng)
    : shared_{config,
              SharedChallengeAckThrottle(config.challenge_window, config.challenge_limit_of_all,
                                         rng.fork("tcp.challenge_acks")),
              draw_key(rng.fork("tcp.timestamps")),
              FastOpenKeys(draw_key(rng.fork("tcp.fast_open")), config.fast_open_key_lifetime,
                           config.fast_open_key),
              FastOpenCache(config.fast_open_cache, config.fast_open_pause)},
      rng_(rng.fork("tcp.ports")),
      isn_key_(draw_key(rng.fork("tcp.isn"))),
      syn_cookies_(draw_key(rng.fork("tcp.syn_cookies"))),
      ports_(rng.fork("tcp.port_table")),
      table_(draw_key(rng.fork("tcp.table"))) {}

Tcp::~Tcp() = default;

void Tcp::set_config(const TcpConfig& config) {
  shared_.config = config;
  shared_.fast_open_keys.fix(config.fast_open_key);
  shared_.fast_open_cache.set_pause(config.fast_open_pause);
}

// --- the slots

Connection* Tcp::find(ConnectionId id) const {
  if (id.slot >= slots_.size() || generations_[id.slot] != id.generation) return nullptr;
  return slots_[id.slot].get();
}

Connection* Tcp::find(const Endpoint& local, const Endpoint& remote) const {
  const auto slot = table_.find(local, remote, [&](std::uint32_t candidate) {
    return slots_[candidate]->local() == local && slots_[candidate]->remote() == remote;
  });
  return slot ? slots_[*slot].get() : nullptr;
}

Connection* Tcp::make_connection(const Endpoint& local, const Endpoint& remote, const Path& path,
                                 const ConnectionOptions& options) {
  if (slots_.size() - free_slots_.size() >= shared_.config.max_connections) return nullptr;
  std::uint32_t slot = 0;
  if (free_slots_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
    generations_.push_back(0);
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  const ConnectionId id{slot, ++generations_[slot]};
  slots_[slot] = std::make_unique<Connection>(shared_, id, local, remote, path, options);
  table_.insert(local, remote, slot);
  ports_.take(local.port);
  return slots_[slot].get();
}

void Tcp::free_slot(Connection& connection) {
  const std::uint32_t slot = connection.id().slot;
  slots_[slot].reset();
  free_slots_.push_back(slot);
}

void Tcp::mark_dirty(Connection& connection) {
  if (connection.dirty) return;
  connection.dirty = true;
  dirty_.push_back(connection.id().slot);
}

void Tcp::settle(Connection& connection, Actions& act) {
  if (connection.embryo && connection.state() != State::syn_received) leave_embryo(connection, act);
  timers_.set(connection.id().slot, connection.next_deadline());
  if (connection.state() != State::closed) return;
  if (connection.registered) {
    connection.registered = false;
    table_.erase(connection.local(), connection.remote(), connection.id().slot);
    ports_.give_back(connection.local().port);
  }
  bring_back(std::exchange(connection.replaces, ConnectionId{}));
  if (connection.holder == Connection::Holder::nobody) free_slot(connection);
}

// SYN-RECEIVED is over: the connection waits for accept(), or was nothing.
void Tcp::leave_embryo(Connection& connection, Actions& act) {
  connection.embryo = false;
  Listener* const listener = listeners_.find(connection.listener());
  PW_ASSERT(listener != nullptr);  // an embryo does not outlive its listener
  --listener->embryos;
  if (connection.fast_opened()) {
    --listener->fast_opens;  // it has long been there for accept()
  } else if (connection.state() != State::closed) {
    offer(*listener, connection, act);
  } else {
    connection.holder = Connection::Holder::nobody;
  }
  if (connection.state() == State::closed) return;
  // The SYN was no old duplicate: the incarnation that stood aside is over.
  if (Connection* const old = find(std::exchange(connection.replaces, ConnectionId{}))) {
    old->finish_time_wait(act);
    settle(*old, act);
  }
}

void Tcp::offer(Listener& listener, Connection& connection, Actions& act) {
  listener.pending.push_back(connection.id());
  act.tell({.kind = EventKind::incoming, .listener = listener.id});
}

//= RFC9293-MAY-2
// The SYN that ended a TIME-WAIT early was an old duplicate: TIME-WAIT goes on.
void Tcp::bring_back(ConnectionId replaced) {
  const Connection* const old = find(replaced);
  if (old == nullptr || old->state() != State::time_wait) return;
  table_.insert(old->local(), old->remote(), replaced.slot);
}

SeqNum Tcp::choose_iss(Instant now, const Endpoint& local, const Endpoint& remote,
                       const ConnectionOptions& options) const {
  if (options.iss) return *options.iss;
  const SeqNum iss = choose_isn(now, isn_key_, local, remote);
  if (!floor_of_iss_ || *floor_of_iss_ < iss) return iss;
  // The hash is the same for the same four-tuple, so only a fast old incarnation gets here.
  constexpr std::uint32_t kClearance = 64000;
  return *floor_of_iss_ + kClearance;
}

// --- from below, and time

void Tcp::flush(Instant now, Actions& act) {
  for (std::size_t i = 0; i < dirty_.size(); ++i) {
    Connection* const connection = slots_[dirty_[i]].get();
    if (connection == nullptr || !connection->dirty) continue;
    connection->dirty = false;
    connection->output(now, act);
    settle(*connection, act);
  }
  dirty_.clear();
}

void Tcp::on_icmp_error(Instant now, const IcmpError& error, Actions& act) {
  Connection* const connection = find(error.local, error.remote);
  if (connection == nullptr) return act.drop(DropReason::icmp_error_unmatched);
  connection->on_icmp_error(now, error, act);
  connection->output(now, act);
  settle(*connection, act);
}

Deadline Tcp::next_deadline() const {
  return timers_.next();
}

void Tcp::on_deadline(Instant now, Actions& act) {
  flush(now, act);
  while (const auto slot = timers_.pop_due(now)) {
    Connection& connection = *slots_[*slot];
    connection.on_deadline(now, act);
    settle(connection, act);
  }
}

// --- 3.10.1 OPEN

Result<ConnectionId, TcpError> Tcp::open(Instant now, const ActiveOpen& open, Actions& act) {
  //= RFC9293-MUST-46
  const IpAddress& to = open.remote.address;
  if (open.remote.port == 0 || to.is_unspecified() || to.is_multicast() ||
      to.is_limited_broadcast()) {
    return Err{TcpError::remote_unspecified};
  }
  //= RFC9293-MUST-43
  Endpoint local{open.local_address, open.local_port};
  if (local.port == 0) {
    const auto draw = [&](auto acceptable) {
      return ports_.choose_for(open.local_address, open.remote, shared_.config.first_port,
                               shared_.config.last_port, acceptable);
    };
    std::optional<std::uint16_t> port;
    // With many thousands of connections every open() would look at every port in vain.
    const int range = shared_.config.last_port - shared_.config.first_port + 1;
    if (range > 0 && ports_.count() < static_cast<std::size_t>(range)) {
      port = draw([&](std::uint16_t p) { return !ports_.in_use(p); });
    }
    if (!port) {
      // All are taken: share one with connections to other remote endpoints.
      port = draw([&](std::uint16_t p) {
        return !ports_.is_reserved(p) && find({open.local_address, p}, open.remote) == nullptr;
      });
    }
    if (!port) return Err{TcpError::insufficient_resources};
    local.port = *port;
  }
  //= RFC9293-3.10.1-exists
  if (find(local, open.remote) != nullptr) return Err{TcpError::connection_already_exists};
  Connection* const connection = make_connection(local, open.remote, open.path, open.options);
  if (connection == nullptr) return Err{TcpError::insufficient_resources};
  const ConnectionId id = connection->id();
  std::optional<FastOpenAttempt> fast_open;
  if (open.fast_open && shared_.config.fast_open_client) {
    fast_open = fast_open_attempt(now, local.address, open.remote);
  }
  connection->open(now, choose_iss(now, local, open.remote, open.options),
                   fast_open ? &*fast_open : nullptr, open.text, open.waits, act);
  settle(*connection, act);
  return id;
}

std::optional<FastOpenAttempt> Tcp::fast_open_attempt(Instant now, const IpAddress& local,
                                                      const Endpoint& remote) const {
  auto attempt = shared_.fast_open_cache.attempt(now, local, remote);
  if (attempt && attempt->option.size == 0) {
    attempt->without_cookie = shared_.config.fast_open_client_without_cookie;
  }
  return attempt;
}

bool Tcp::may_fast_open(Instant now, const IpAddress& local, const Endpoint& remote) const {
  if (!shared_.config.fast_open_client) return false;
  const auto attempt = fast_open_attempt(now, local, remote);
  return attempt && (attempt->option.size > 0 || attempt->without_cookie);
}

std::optional<std::uint16_t> Tcp::choose_port() {
  return Ports::choose(shared_.config.first_port, shared_.config.last_port, rng_,
                       [this](std::uint16_t port) { return !ports_.in_use(port); });
}

Result<ListenerId, TcpError> Tcp::listen(const PassiveOpen& open) {
  Listener* const listener = listeners_.add(open.local, open.both_families);
  if (listener == nullptr) return Err{TcpError::connection_already_exists};
  listener->backlog = std::max<std::size_t>(open.backlog, 1);
  listener->options = open.options;
  listener->fast_open_queue = open.fast_open_queue;
  listener->defer_accept = open.defer_accept;
  ports_.reserve(open.local.port);
  return listener->id;
}

std::optional<ConnectionId> Tcp::accept(ListenerId id) {
  Listener* const listener = listeners_.find(id);
  if (listener == nullptr || listener->pending.empty()) return std::nullopt;
  const ConnectionId accepted = listener->pending.front();
  listener->pending.pop_front();
  Connection* const connection = find(accepted);
  PW_ASSERT(connection != nullptr);
  connection->holder = Connection::Holder::user;
  return accepted;
}

void Tcp::close_listener(Instant now, ListenerId id, Actions& act) {
  Listener* const listener = listeners_.find(id);
  if (listener == nullptr) return;
  for (const ConnectionId waiting : listener->pending) {
    Connection* const connection = find(waiting);
    PW_ASSERT(connection != nullptr);
    connection->holder = Connection::Holder::nobody;
    static_cast<void>(connection->abort(now, act));
    settle(*connection, act);
  }
  listener->pending.clear();
  // Nothing is said to the peers of embryos: what they send next meets CLOSED.
  for (std::size_t slot = 0; listener->embryos > 0 && slot < slots_.size(); ++slot) {
    Connection* const connection = slots_[slot].get();
    if (connection == nullptr || !connection->embryo || connection->listener() != id) continue;
    if (connection->holder == Connection::Holder::user) {
      // Accepted by Fast Open before the handshake was over: it goes on without us.
      connection->embryo = false;
      --listener->embryos;
      continue;
    }
    connection->vanish();
    settle(*connection, act);
  }
  ports_.unreserve(listener->local.port);
  listeners_.remove(id);
}

std::size_t Tcp::pending(ListenerId id) const {
  const Listener* const listener = listeners_.find(id);
  return listener == nullptr ? 0 : listener->pending.size();
}

void Tcp::set_backlog(ListenerId id, std::size_t backlog) {
  if (Listener* const listener = listeners_.find(id)) {
    listener->backlog = std::max<std::size_t>(backlog, 1);
  }
}

void Tcp::set_fast_open(ListenerId id, std::uint32_t queue) {
  if (Listener* const listener = listeners_.find(id)) listener->fast_open_queue = queue;
}

void Tcp::set_defer_accept(ListenerId id, Duration time) {
  if (Listener* const listener = listeners_.find(id)) listener->defer_accept = time;
}

std::optional<Endpoint> Tcp::local_endpoint(ListenerId id) const {
  const Listener* const listener = listeners_.find(id);
  if (listener == nullptr) return std::nullopt;
  return listener->local;
}

void Tcp::set_options(ListenerId id, const ConnectionOptions& options) {
  if (Listener* const listener = listeners_.find(id)) listener->options = options;
}

// --- 3.10.2 to 3.10.6: user_calls.cc has them; here they find their connection

Result<std::size_t, TcpError> Tcp::send(Instant now, ConnectionId id, Bytes text, SendFlags flags,
                                        Actions& act) {
  Connection* const connection = find(id);
  if (connection == nullptr) return Err{TcpError::connection_does_not_exist};
  const auto taken = connection->send(now, text, flags, act);
  settle(*connection, act);
  return taken;
}

Result<ReceiveResult, TcpError> Tcp::receive(Instant now, ConnectionId id, MutableBytes into,
                                             ReceiveFlags flags, Actions& act) {
  Connection* const connection = find(id);
  if (connection == nullptr) return Err{TcpError::connection_does_not_exist};
  const auto taken = connection->receive(now, into, flags.peek, act);
  settle(*connection, act);
  if (!taken) return Err{taken.error()};
  return ReceiveResult{.octets = *taken,
                       .end_of_stream = *taken == 0 && connection->end_of_stream()};
}

std::optional<std::uint8_t> Tcp::receive_urgent(ConnectionId id, bool peek) {
  Connection* const connection = find(id);
  if (connection == nullptr) return std::nullopt;
  return connection->receive_urgent(peek);
}

std::uint32_t Tcp::urgent_ahead(ConnectionId id) const {
  const Connection* const connection = find(id);
  return connection == nullptr ? 0 : connection->urgent_ahead();
}

bool Tcp::at_urgent_mark(ConnectionId id) const {
  const Connection* const connection = find(id);
  return connection != nullptr && connection->at_urgent_mark();
}

Result<void, TcpError> Tcp::close(Instant now, ConnectionId id, CloseMode mode, Actions& act) {
  Connection* const connection = find(id);
  if (connection == nullptr) return Err{TcpError::connection_does_not_exist};
  if (mode == CloseMode::half) {
    const auto closed = connection->close(now, act);
    settle(*connection, act);
    return closed;
  }
  connection->holder = Connection::Holder::nobody;
  //= RFC9293-MAY-1
  const bool loses_text = connection->unread() > 0;
  const auto closed = loses_text ? connection->close_unread(now, act) : connection->close(now, act);
  connection->stop_receiving(now);
  settle(*connection, act);
  return closed;
}

Result<void, TcpError> Tcp::abort(Instant now, ConnectionId id, Actions& act) {
  Connection* const connection = find(id);
  if (connection == nullptr) return Err{TcpError::connection_does_not_exist};
  const auto aborted = connection->abort(now, act);
  settle(*connection, act);
  return aborted;
}

void Tcp::release(Instant now, ConnectionId id, Actions& act) {
  static_cast<void>(close(now, id, CloseMode::full, act));
}

Result<Status, TcpError> Tcp::status(ConnectionId id) const {
  const Connection* const connection = find(id);
  if (connection == nullptr) return Err{TcpError::connection_does_not_exist};
  return connection->status();
}

// --- sockets want more

Readiness Tcp::readiness(ConnectionId id) const {
  const Connection* const connection = find(id);
  if (connection == nullptr) return {.readable = true, .writable = true, .closed = true};
  return connection->readiness();
}

State Tcp::state(ConnectionId id) const {
  const Connection* const connection = find(id);
  return connection == nullptr ? State::closed : connection->state();
}

std::size_t Tcp::unread(ConnectionId id) const {
  const Connection* const connection = find(id);
  return connection == nullptr ? 0 : connection->unread();
}

Result<Endpoint, TcpError> Tcp::local_endpoint(ConnectionId id) const {
  const Connection* const connection = find(id);
  if (connection == nullptr) return Err{TcpError::connection_does_not_exist};
  return connection->local();
}

Result<Endpoint, TcpError> Tcp::remote_endpoint(ConnectionId id) const {
  const Connection* const connection = find(id);
  if (connection == nullptr) return Err{TcpError::connection_does_not_exist};
  return connection->remote();
}

std::optional<TcpError> Tcp::failure(ConnectionId id) const {
  const Connection* const connection = find(id);
  if (connection == nullptr) return std::nullopt;
  return connection->failure();
}

ConnectionOptions Tcp::options(ConnectionId id) const {
  const Connection* const connection = find(id);
  return connection == nullptr ? ConnectionOptions{} : connection->options();
}

void Tcp::set_options(Instant now, ConnectionId id, const ConnectionOptions& options,
                      Actions& act) {
  Connection* const connection = find(id);
  if (connection == nullptr) return;
  connection->set_options(options);
  connection->output(now, act);
  settle(*connection, act);
}

void Tcp::push(Instant now, ConnectionId id, Actions& act) {
  Connection* const connection = find(id);
  if (connection == nullptr) return;
  connection->push();
  connection->output(now, act);
  settle(*connection, act);
}

void Tcp::quick_ack(Instant now, ConnectionId id, Actions& act) {
  Connection* const connection = find(id);
  if (connection == nullptr) return;
  connection->quick_ack();
  connection->output(now, act);
  settle(*connection, act);
}

std::size_t Tcp::memory() const {
  std::size_t octets =
      slots_.capacity() * sizeof slots_.front() + generations_.capacity() * sizeof(std::uint32_t) +
      free_slots_.capacity() * sizeof(std::uint32_t) + dirty_.capacity() * sizeof(std::uint32_t) +
      table_.memory() + timers_.memory();
  for (const auto& connection : slots_) {
    if (connection != nullptr) octets += connection->memory();
  }
  return octets;
}

std::vector<ConnectionId> Tcp::connections() const {
  std::vector<ConnectionId> ids;
  for (const auto& connection : slots_) {
    if (connection != nullptr) ids.push_back(connection->id());
  }
  return ids;
}

}  // namespace packetwright::tcp
