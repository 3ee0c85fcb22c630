// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>

#include "harness/engine/calls.hh"
#include "harness/engine/evaluate.hh"
#include "harness/engine/symbols.hh"
#include "harness/packet/text.hh"

// Opening, connecting and closing sockets, waiting for them and looking up names, in terms of the
// target's core calls.
namespace packetwright::engine {
namespace {

using targets::Protocol;
using targets::SocketType;

constexpr std::uint16_t kDnsPort = 53;

// What resolve() asks for follows from the answer that the script wants; the IP version that
// carries the question has nothing to do with it.
Family wanted_family(const script::Expression& result) {
  const script::Expression* first = &result;
  if (const auto* array = result.as<script::Array>();
      array != nullptr && !array->elements.empty()) {
    first = &array->elements.front();
  }
  const auto* text = first->as<script::Text>();
  const bool colon = text != nullptr && text->octets.find(':') != std::string::npos;
  return colon ? Family::ipv6 : Family::ipv4;
}

std::optional<Protocol> protocol_of(std::int64_t number) {
  switch (number) {
    case 0: return Protocol::any;
    case symbol::kIpprotoIcmp: return Protocol::icmp;
    case symbol::kIpprotoTcp: return Protocol::tcp;
    case symbol::kIpprotoUdp: return Protocol::udp;
    case symbol::kIpprotoIcmpv6: return Protocol::icmpv6;
    default: return std::nullopt;
  }
}

}  // namespace

Attempt Calls::do_socket(Arguments call, Progress& progress) {
  if (call.arguments.size() != 3) return Attempt::wrong("socket() has three arguments");
  Socket socket;
  socket.domain = socket_family(session_.settings.variant) == Family::ipv4 ? targets::Domain::inet
                                                                           : targets::Domain::inet6;
  if (!is_ellipsis(call.arguments[0])) {
    const auto domain = integer_at(call, 0);
    if (!domain.ok()) return domain.error();
    if (*domain == symbol::kAfInet) {
      socket.domain = targets::Domain::inet;
    } else if (*domain == symbol::kAfInet6) {
      socket.domain = targets::Domain::inet6;
    } else {
      return do_posix(call, progress);
    }
  }
  const auto type = integer_at(call, 1);
  if (!type.ok()) return type.error();
  switch (*type & symbol::kSockTypeMask) {
    case symbol::kSockStream: socket.type = SocketType::stream; break;
    case symbol::kSockDgram: socket.type = SocketType::datagram; break;
    case symbol::kSockRaw: socket.type = SocketType::raw; break;
    default: return do_posix(call, progress);
  }
  socket.nonblocking = (*type & symbol::kSockNonblock) != 0;
  const auto number = integer_at(call, 2);
  if (!number.ok()) return number.error();
  const auto protocol = protocol_of(*number);
  if (!protocol.has_value()) return do_posix(call, progress);
  const auto fd = session_.target.socket(socket.domain, socket.type, *protocol);
  if (!fd.ok()) return from_error(call, fd.error(), true);
  socket.live = *fd;
  if (socket.nonblocking) forward_nonblocking(socket);
  if (socket.type == SocketType::stream) session_.connections.on_stream_socket();
  return opened(call, socket);
}

Attempt Calls::do_bind(Arguments call, Progress&) {
  const auto socket = socket_at(call, 0);
  if (!socket.ok()) return socket.error();
  const Settings& settings = session_.settings;
  const auto address = address_at(call, 1, {settings.local(), settings.bind_port}, **socket);
  if (!address.ok()) return address.error();
  const auto done = session_.target.bind((*socket)->live, *address);
  return done.ok() ? Attempt::done(0) : from_error(call, done.error(), true);
}

Attempt Calls::do_listen(Arguments call, Progress&) {
  const auto socket = socket_at(call, 0);
  if (!socket.ok()) return socket.error();
  const auto backlog = integer_at(call, 1);
  if (!backlog.ok()) return backlog.error();
  const auto done = session_.target.listen((*socket)->live, static_cast<int>(*backlog));
  if (!done.ok()) return from_error(call, done.error(), true);
  (*socket)->listening = true;
  return Attempt::done(0);
}

Attempt Calls::do_accept(Arguments call, Progress&) {
  const auto listener = socket_at(call, 0);
  if (!listener.ok()) return listener.error();
  Endpoint peer;
  const auto fd = session_.target.accept((*listener)->live, &peer);
  if (!fd.ok()) return from_error(call, fd.error(), (*listener)->nonblocking);
  Socket socket;
  socket.live = *fd;
  socket.domain = (*listener)->domain;
  peer.address = unmapped(peer.address);
  socket.connection = session_.connections.of_remote(Transport::tcp, peer);
  // packetdrill lets accept() give out a number that is still taken; the older socket has none
  // then.
  if (!session_.settings.strict) forget(call);
  return opened(call, socket);
}

Attempt Calls::do_connect(Arguments call, Progress& progress) {
  const auto found = socket_at(call, 0);
  if (!found.ok()) return found.error();
  Socket& socket = **found;
  if (progress.started) {
    const auto ready = session_.target.poll(socket.live);
    if (!ready.ok()) return from_error(call, ready.error(), false);
    if (!ready->writable && !ready->error && !ready->hang_up) return Attempt::blocked();
    const auto error = session_.target.get_option(socket.live, targets::Option::so_error);
    if (!error.ok()) return from_error(call, error.error(), true);
    return *error == 0 ? Attempt::done(0) : Attempt::failed(static_cast<int>(*error));
  }
  // connect(fd, AF_UNSPEC, ...) dissolves an association, which only POSIX systems know.
  if (call.arguments.size() > 1) {
    const auto* symbol = call.arguments[1].as<script::Symbol>();
    if (symbol != nullptr) return do_posix(call, progress);
  }
  const Settings& settings = session_.settings;
  const auto address = address_at(call, 1, {settings.peer(), settings.connect_port}, socket);
  if (!address.ok()) return address.error();
  const Endpoint remote{unmapped(address->address), address->port};
  note_connect(socket, remote);
  const auto done = session_.target.connect(socket.live, *address);
  if (done.ok()) return Attempt::done(0);
  if (done.error() == EINPROGRESS && !socket.nonblocking) {
    progress.started = true;
    return Attempt::blocked();
  }
  return from_error(call, done.error(), true);
}

Attempt Calls::do_close(Arguments call, Progress& progress) {
  const auto found = socket_at(call, 0);
  if (!found.ok()) return found.error();
  Socket& socket = **found;
  if (!socket.open) return Attempt::failed(EBADF);
  if (!socket.is_socket) {
    socket.open = false;
    return do_posix(call, progress);
  }
  static_cast<void>(connection_of(socket));  // afterwards nobody can ask for its port
  const auto done = session_.target.close(socket.live);
  if (!done.ok()) return from_error(call, done.error(), socket.nonblocking);
  socket.open = false;
  return Attempt::done(0);
}

Attempt Calls::do_shutdown(Arguments call, Progress&) {
  const auto socket = socket_at(call, 0);
  if (!socket.ok()) return socket.error();
  const auto how = integer_at(call, 1);
  if (!how.ok()) return how.error();
  if (*how < symbol::kShutRd || *how > symbol::kShutRdwr) return Attempt::failed(EINVAL);
  const auto done =
      session_.target.shutdown((*socket)->live, static_cast<targets::ShutdownHow>(*how));
  return done.ok() ? Attempt::done(0) : from_error(call, done.error(), true);
}

Attempt Calls::do_poll(Arguments call, Progress& progress) {
  if (call.arguments.size() != 3) return Attempt::wrong("poll() has three arguments");
  const auto* array = call.arguments[0].as<script::Array>();
  if (array == nullptr) return Attempt::wrong("poll() wants an array of pollfd");
  // What wakes up who polls is the system's own affair; the core calls know less of it.
  if (!session_.settings.strict && posix() != nullptr) return do_posix(call, progress);
  const auto timeout = integer_at(call, 2);
  if (!timeout.ok()) return timeout.error();
  std::int64_t ready = 0;
  std::vector<FieldDifference> fields;
  for (const script::Expression& element : array->elements) {
    const auto* one = element.as<script::Struct>();
    const script::Expression* fd = one == nullptr ? nullptr : one->find("fd");
    const script::Expression* events = one == nullptr ? nullptr : one->find("events");
    if (fd == nullptr || events == nullptr) return Attempt::wrong("poll() wants pollfd structures");
    const auto number = integer_of(*fd, posix());
    const auto asked = integer_of(*events, posix());
    if (!number.ok()) return Attempt::wrong(number.error());
    if (!asked.ok()) return Attempt::wrong(asked.error());
    Socket* socket = find(*number);
    if (socket == nullptr) return Attempt::wrong("poll() of a descriptor that was never opened");
    const auto state = session_.target.poll(socket->live);
    if (!state.ok()) return from_error(call, state.error(), true);
    std::int64_t revents = 0;
    if (state->readable) revents |= symbol::kPollin | symbol::kPollrdnorm;
    if (state->writable) revents |= symbol::kPollout | symbol::kPollwrnorm;
    if (state->urgent) revents |= symbol::kPollpri;
    if (state->peer_closed) revents |= symbol::kPollrdhup;
    revents &= *asked;
    if (state->error) revents |= symbol::kPollerr;
    if (state->hang_up) revents |= symbol::kPollhup;
    if (revents != 0) ++ready;
    const script::Expression* expected = one->find("revents");
    const auto want =
        expected == nullptr ? Result<std::int64_t, std::string>(0) : integer_of(*expected, posix());
    if (!want.ok()) return Attempt::wrong(want.error());
    if (*want != revents) {
      fields.push_back({"revents of " + std::to_string(*number),
                        packet::hex_number(static_cast<std::uint64_t>(*want)),
                        packet::hex_number(static_cast<std::uint64_t>(revents))});
    }
  }
  const Instant now = session_.tap.now();
  const bool expired = *timeout == 0 || (*timeout > 0 && now - progress.began >=
                                                             std::chrono::milliseconds{*timeout});
  if (ready == 0 && !expired) return Attempt::blocked();
  Attempt attempt = Attempt::done(ready);
  attempt.fields = std::move(fields);
  return attempt;
}

Attempt Calls::do_resolve(Arguments call, Progress& progress) {
  if (call.arguments.empty()) return Attempt::wrong("resolve() wants a name");
  const auto* name = call.arguments[0].as<script::Text>();
  if (name == nullptr) return Attempt::wrong("resolve() wants a name in quotes");
  if (!progress.started) {
    Family family = wanted_family(call.result);
    if (call.arguments.size() > 1 && !is_ellipsis(call.arguments[1])) {
      const auto wanted = integer_at(call, 1);
      if (!wanted.ok()) return wanted.error();
      family = *wanted == symbol::kAfInet6 ? Family::ipv6 : Family::ipv4;
    }
    const Endpoint server{session_.settings.peer(), kDnsPort};
    session_.connections.may_connect(server);
    const auto query = session_.target.resolve(name->octets, family, server);
    if (!query.ok()) return from_error(call, query.error(), true);
    progress.started = true;
    progress.token = *query;
  }
  const auto addresses = session_.target.resolved(progress.token);
  if (!addresses.ok()) return from_error(call, addresses.error(), false);
  Attempt attempt = Attempt::done(0);
  attempt.addresses = *addresses;
  return attempt;
}

}  // namespace packetwright::engine
