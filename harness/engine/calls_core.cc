// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>

#include "harness/engine/calls.hh"
#include "harness/engine/evaluate.hh"
#include "harness/engine/socket_options.hh"
#include "harness/engine/symbols.hh"
#include "harness/packet/text.hh"
#include "harness/script/printer.hh"

// What each system call does, in terms of the target's core calls.
namespace packetwright::engine {
namespace {

using targets::Protocol;
using targets::SocketType;

constexpr std::uint16_t kDnsPort = 53;
constexpr std::int64_t kTypeMask = 0xf;  // SOCK_NONBLOCK and SOCK_CLOEXEC are above

// An address of ::ffff:0:0/96 as the IPv4 address that it stands for.
IpAddress unmapped(const IpAddress& address) {
  if (address.is_v4()) return address;
  const Bytes octets = address.octets();
  const bool zeros =
      std::all_of(octets.begin(), octets.begin() + 10, [](std::uint8_t one) { return one == 0; });
  if (!zeros || octets[10] != 0xff || octets[11] != 0xff) return address;
  return IpAddress::from_octets(octets.subspan(12));
}

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

bool is_null(const script::Expression& expression) {
  const auto* symbol = expression.as<script::Symbol>();
  return symbol != nullptr && symbol->name == "NULL";
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
  switch (*type & kTypeMask) {
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

Attempt Calls::do_read(Arguments call, Progress& progress) {
  const auto found = socket_at(call, 0);
  if (!found.ok()) return found.error();
  Socket& socket = **found;
  if (call.arguments.size() < 3) return Attempt::wrong(call.name + "() has too few arguments");
  // NULL is a test of the system call, which only a system has.
  if (!socket.is_socket || is_null(call.arguments[1])) return do_posix(call, progress);
  const auto limit = integer_at(call, 2);
  if (!limit.ok()) return limit.error();
  if (*limit < 0 || *limit > (std::int64_t{1} << 30)) {
    return Attempt::wrong("cannot read " + std::to_string(*limit) + " octets");
  }
  std::int64_t flags = 0;
  if (call.arguments.size() > 3) {
    const auto given = integer_at(call, 3);
    if (!given.ok()) return given.error();
    flags = *given;
  }
  const std::int64_t known = symbol::kMsgOob | symbol::kMsgPeek | symbol::kMsgDontwait |
                             symbol::kMsgWaitall | symbol::kMsgNosignal;
  if ((flags & ~known) != 0) return do_posix(call, progress);
  const bool nonblocking = socket.nonblocking || (flags & symbol::kMsgDontwait) != 0;
  const bool peek = (flags & symbol::kMsgPeek) != 0;
  const bool out_of_band = (flags & symbol::kMsgOob) != 0;
  const auto size = static_cast<std::size_t>(*limit);
  const auto got =
      session_.target.read(socket.live, size - progress.received.size(), {peek, out_of_band});
  if (!got.ok()) {
    const bool some = !progress.received.empty();
    if (!some || got.error() == EAGAIN) return from_error(call, got.error(), nonblocking && !some);
  } else {
    progress.received.insert(progress.received.end(), got->octets.begin(), got->octets.end());
    const bool all =
        (flags & symbol::kMsgWaitall) != 0 && !peek && socket.type == SocketType::stream;
    const bool more = progress.received.size() < size && !got->octets.empty();
    if (all && more && !nonblocking) return Attempt::blocked();
  }
  Attempt attempt = Attempt::done(static_cast<std::int64_t>(progress.received.size()));
  if (!out_of_band) check_content(call, socket, progress.received, peek, attempt);
  return attempt;
}

void Calls::check_content(Arguments call, Socket& socket, Bytes octets, bool peek,
                          Attempt& attempt) {
  const script::Expression& buffer = call.arguments[1];
  std::optional<std::string> want;
  bool open = false;
  if (const auto* text = buffer.as<script::Text>()) want = text->octets;
  if (const auto* text = buffer.as<script::OpenText>()) want = text->text.octets, open = true;
  const bool stream = socket.type == SocketType::stream;
  Connection* connection = connection_of(socket);
  const std::uint64_t offset = stream ? socket.read : 0;
  if (stream && !peek) socket.read += octets.size();
  if (want.has_value()) {
    const std::string got(octets.begin(), octets.end());
    const bool same = open ? got.starts_with(*want) : got == *want;
    if (!same) {
      const Bytes wanted{reinterpret_cast<const std::uint8_t*>(want->data()), want->size()};
      attempt.fields.push_back(
          {"content", packet::payload_text(wanted), packet::payload_text(octets)});
    }
    return;
  }
  if (!session_.settings.strict || connection == nullptr) return;
  if (connection->inbound.accepts(offset, octets)) return;
  const Buffer wanted = connection->inbound.expected(offset, octets.size());
  const auto first = static_cast<std::size_t>(
      std::mismatch(wanted.begin(), wanted.end(), octets.begin()).first - wanted.begin());
  const std::string place = "octet " + std::to_string(offset + first) + " of the stream: ";
  constexpr std::size_t kShown = 16;
  attempt.fields.push_back({"content",
                            place + packet::payload_text(Bytes{wanted}.subspan(first), kShown),
                            place + packet::payload_text(octets.subspan(first), kShown)});
}

Buffer Calls::content_of(Arguments call, Socket& socket, std::size_t size, std::size_t already) {
  const script::Expression& buffer = call.arguments[1];
  const bool stream = socket.type == SocketType::stream;
  const std::uint64_t offset = stream ? socket.written : 0;
  Connection* connection = connection_of(socket);
  const auto* text = buffer.as<script::Text>();
  const auto* open = buffer.as<script::OpenText>();
  if (text != nullptr || open != nullptr) {
    const std::string& given = text != nullptr ? text->octets : open->text.octets;
    Buffer octets(given.begin(), given.end());
    octets.resize(size, 0);
    if (connection != nullptr && already == 0) connection->outbound.remember(offset, octets);
    return Buffer(octets.begin() + static_cast<long>(already), octets.end());
  }
  if (!session_.settings.strict || connection == nullptr) return Buffer(size - already, 0);
  return connection->outbound.pattern(offset, size - already);
}

Attempt Calls::do_write(Arguments call, Progress& progress) {
  const auto found = socket_at(call, 0);
  if (!found.ok()) return found.error();
  Socket& socket = **found;
  if (call.arguments.size() < 3) return Attempt::wrong(call.name + "() has too few arguments");
  // NULL is a test of the system call, which only a system has.
  if (!socket.is_socket || is_null(call.arguments[1])) return do_posix(call, progress);
  const auto count = integer_at(call, 2);
  if (!count.ok()) return count.error();
  if (*count < 0 || *count > (std::int64_t{1} << 28)) {
    return Attempt::wrong("cannot write " + std::to_string(*count) + " octets");
  }
  std::int64_t flags = 0;
  if (call.arguments.size() > 3) {
    const auto given = integer_at(call, 3);
    if (!given.ok()) return given.error();
    flags = *given;
  }
  const std::int64_t known =
      symbol::kMsgOob | symbol::kMsgDontwait | symbol::kMsgNosignal | symbol::kMsgMore;
  if ((flags & ~known) != 0) return do_posix(call, progress);
  const bool nonblocking = socket.nonblocking || (flags & symbol::kMsgDontwait) != 0;
  const bool stream = socket.type == SocketType::stream;
  const auto size = static_cast<std::size_t>(*count);

  // Only sendto() names a destination, and connected sockets keep their own.
  std::optional<Endpoint> to;
  if (call.name == "sendto" && call.arguments.size() > 4 && !stream) {
    const script::Expression& address = call.arguments[4];
    const auto null = integer_of(address, nullptr);
    if (!null.ok() || *null != 0) {
      const Settings& settings = session_.settings;
      const auto given = address_at(call, 4, {settings.peer(), settings.connect_port}, socket);
      if (!given.ok()) return given.error();
      to = *given;
      session_.connections.labelled(Transport::udp, {}).remote = {unmapped(given->address),
                                                                  given->port};
    }
  }
  const Buffer octets = content_of(call, socket, size, progress.written);
  const auto sent = session_.target.write(
      socket.live, octets, {(flags & symbol::kMsgOob) != 0, (flags & symbol::kMsgMore) != 0, true},
      to.has_value() ? &*to : nullptr);
  if (!sent.ok()) {
    if (progress.written > 0 && nonblocking) {
      return Attempt::done(static_cast<std::int64_t>(progress.written));
    }
    return from_error(call, sent.error(), nonblocking);
  }
  progress.written += *sent;
  if (stream) socket.written += *sent;
  // A blocking write returns when everything is taken.
  if (stream && progress.written < size && !nonblocking) return Attempt::blocked();
  return Attempt::done(static_cast<std::int64_t>(progress.written));
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

Attempt Calls::do_getsockopt(Arguments call, Progress& progress) {
  if (call.arguments.size() != 5) return Attempt::wrong("getsockopt() has five arguments");
  const auto socket = socket_at(call, 0);
  if (!socket.ok()) return socket.error();
  const auto option = option_of(call.arguments[1], call.arguments[2]);
  if (!option.has_value()) return do_posix(call, progress);
  const auto value = session_.target.get_option((*socket)->live, *option);
  if (!value.ok()) {
    if (value.error() == ENOTSUP && posix() != nullptr) return do_posix(call, progress);
    return from_error(call, value.error(), true);
  }
  Attempt attempt = Attempt::done(0);
  const script::Expression& wanted = call.arguments[3];
  if (is_ellipsis(wanted)) return attempt;
  const std::string name = script::print_expression(call.arguments[2]);
  if (*option == targets::Option::so_linger) {
    const auto* linger = wanted.as<script::Struct>();
    const script::Expression* onoff = linger == nullptr ? nullptr : linger->find("onoff");
    const script::Expression* seconds = linger == nullptr ? nullptr : linger->find("linger");
    if (onoff == nullptr || seconds == nullptr) return Attempt::wrong(name + " wants a linger");
    const auto on = integer_of(*onoff, posix());
    const auto time = integer_of(*seconds, posix());
    const std::int64_t want = on.ok() && *on != 0 ? time.value_or(0) : -1;
    if (want != *value) {
      attempt.fields.push_back({name, std::to_string(want), std::to_string(*value)});
    }
    return attempt;
  }
  const auto want = pointed_integer_of(wanted, posix());
  if (!want.ok()) return Attempt::wrong(want.error());
  if (*want != *value) {
    const bool errno_value = *option == targets::Option::so_error;
    const auto show = [&](std::int64_t number) {
      return errno_value && number != 0 ? errno_name(static_cast<int>(number))
                                        : std::to_string(number);
    };
    attempt.fields.push_back({name, show(*want), show(*value)});
  }
  return attempt;
}

Attempt Calls::do_setsockopt(Arguments call, Progress& progress) {
  if (call.arguments.size() != 5) return Attempt::wrong("setsockopt() has five arguments");
  const auto socket = socket_at(call, 0);
  if (!socket.ok()) return socket.error();
  const auto option = option_of(call.arguments[1], call.arguments[2]);
  if (!option.has_value()) return do_posix(call, progress);
  const script::Expression& given = call.arguments[3];
  std::int64_t value = 0;
  if (*option == targets::Option::so_linger) {
    const auto* linger = given.as<script::Struct>();
    const script::Expression* onoff = linger == nullptr ? nullptr : linger->find("onoff");
    const script::Expression* seconds = linger == nullptr ? nullptr : linger->find("linger");
    if (onoff == nullptr || seconds == nullptr) return do_posix(call, progress);
    const auto on = integer_of(*onoff, posix());
    const auto time = integer_of(*seconds, posix());
    if (!on.ok()) return Attempt::wrong(on.error());
    if (!time.ok()) return Attempt::wrong(time.error());
    value = *on != 0 ? *time : -1;
  } else {
    const auto number = pointed_integer_of(given, posix());
    if (!number.ok()) return do_posix(call, progress);
    value = *number;
  }
  const auto done = session_.target.set_option((*socket)->live, *option, value);
  if (done.ok()) return Attempt::done(0);
  if (done.error() == ENOTSUP) {
    if (posix() != nullptr) return do_posix(call, progress);
    // Every script begins with it; on a stack made anew there is no address to reuse.
    if (*option == targets::Option::so_reuseaddr) return Attempt::done(0);
  }
  return from_error(call, done.error(), true);
}

Attempt Calls::do_fcntl(Arguments call, Progress& progress) {
  const auto found = socket_at(call, 0);
  if (!found.ok()) return found.error();
  Socket& socket = **found;
  const auto command = integer_at(call, 1);
  if (!command.ok()) return command.error();
  switch (*command) {
    case symbol::kFGetfl:
      return Attempt::done(symbol::kORdwr | (socket.nonblocking ? symbol::kONonblock : 0));
    case symbol::kFSetfl: {
      const auto flags = integer_at(call, 2);
      if (!flags.ok()) return flags.error();
      socket.nonblocking = (*flags & symbol::kONonblock) != 0;
      forward_nonblocking(socket);
      return Attempt::done(0);
    }
    case symbol::kFGetfd: return Attempt::done(0);
    case symbol::kFSetfd: return Attempt::done(0);
    default: return do_posix(call, progress);
  }
}

Attempt Calls::do_poll(Arguments call, Progress& progress) {
  if (call.arguments.size() != 3) return Attempt::wrong("poll() has three arguments");
  const auto* array = call.arguments[0].as<script::Array>();
  if (array == nullptr) return Attempt::wrong("poll() wants an array of pollfd");
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
    const auto query =
        session_.target.resolve(name->octets, family, {session_.settings.peer(), kDnsPort});
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

std::optional<Attempt> Calls::bind_pair(Arguments call, const targets::PosixOutcome& outcome) {
  const auto* wanted = call.arguments.empty() ? nullptr : call.arguments[0].as<script::Array>();
  const auto* got = outcome.returned.empty()
                        ? nullptr
                        : std::get_if<targets::Value::Array>(&outcome.returned[0].is);
  if (wanted == nullptr || got == nullptr || wanted->elements.size() != got->elements.size()) {
    return Attempt::wrong(call.name + "() wants an array of two descriptors");
  }
  for (std::size_t i = 0; i < got->elements.size(); ++i) {
    const auto number = integer_of(wanted->elements[i], posix());
    const auto* live = std::get_if<std::int64_t>(&got->elements[i].is);
    if (!number.ok() || live == nullptr) return Attempt::wrong(call.name + "() gave no descriptor");
    Socket socket;
    socket.live = static_cast<targets::Fd>(*live);
    socket.is_socket = false;
    if (const Socket* old = find(*number); old != nullptr && old->open) {
      return Attempt::wrong("descriptor " + std::to_string(*number) + " is still open");
    }
    sockets_[*number] = socket;
    order_.push_back(*number);
  }
  return std::nullopt;
}

void Calls::note_connect(Socket& socket, const Endpoint& remote) {
  if (socket.type != SocketType::stream) {
    session_.connections.labelled(Transport::udp, {}).remote = remote;
    return;
  }
  if (socket.connecting || socket.connection != nullptr) return;
  socket.connecting = true;
  session_.connections.on_connect(remote, !session_.labels_used);
}

void Calls::forward_nonblocking(const Socket& socket) {
  if (posix() == nullptr) return;
  using targets::Value;
  Value flags{Value::Symbol{"O_RDWR"}};
  if (socket.nonblocking) {
    flags =
        Value{Value::AnyOf{{Value{Value::Symbol{"O_RDWR"}}, Value{Value::Symbol{"O_NONBLOCK"}}}}};
  }
  const auto token = posix()->start(
      "fcntl", {Value{std::int64_t{socket.live}}, Value{Value::Symbol{"F_SETFL"}}, flags});
  // A target without it has only calls that the engine makes, and those know.
  if (token.ok()) static_cast<void>(posix()->finish(*token));
}

Result<std::vector<targets::Value>, Attempt> Calls::posix_arguments(Arguments call) {
  std::vector<targets::Value> arguments;
  for (const script::Expression& one : call.arguments) arguments.push_back(value_of(one));
  // Descriptors are the script's own numbers; these are the places where calls have them.
  Socket* first = nullptr;
  const auto map = [&](std::size_t index) {
    if (index >= call.arguments.size()) return;
    const auto number = integer_of(call.arguments[index], posix());
    if (!number.ok()) return;
    Socket* socket = find(*number);
    if (socket == nullptr) return;
    arguments[index].is = static_cast<std::int64_t>(socket->live);
    if (index == 0) first = socket;
  };
  const bool opens = call.name == "open" || call.name == "epoll_create" || call.name == "socket";
  if (!opens) map(0);
  if (call.name == "epoll_ctl" || call.name == "splice") map(2);
  if (call.name == "sendfile") map(1);
  if (first == nullptr || !first->is_socket) return arguments;

  // Where packets go is packetdrill's business unless the script says it.
  const Settings& settings = session_.settings;
  const Endpoint peer{settings.peer(), settings.connect_port};
  const std::size_t place = call.name == "connect" ? 1 : 4;
  const bool names_peer = call.name == "connect" || call.name == "sendto";
  if (names_peer && place < call.arguments.size() && is_ellipsis(call.arguments[place])) {
    const auto address = address_at(call, place, peer, *first);
    if (!address.ok()) return Err{address.error()};
    arguments[place] = targets::Value{*address};
    note_connect(*first, peer);
  }
  if (call.name == "sendmsg" && arguments.size() > 1) {
    if (auto* message = std::get_if<targets::Value::Struct>(&arguments[1].is)) {
      for (auto& [name, value] : message->members) {
        if (name != "msg_name" || !std::holds_alternative<targets::Value::Omitted>(value.is)) {
          continue;
        }
        value = targets::Value{Endpoint{mapped(peer.address, *first), peer.port}};
        note_connect(*first, peer);
      }
    }
  }
  return arguments;
}

Attempt Calls::do_posix(Arguments call, Progress& progress) {
  if (posix() == nullptr) {
    return Attempt::unsupported("this target does not have " + call.name +
                                "() with these arguments");
  }
  if (!progress.started) {
    const auto arguments = posix_arguments(call);
    if (!arguments.ok()) return arguments.error();
    const auto token = posix()->start(call.name, *arguments);
    if (!token.ok()) return Attempt::unsupported(token.error());
    progress.started = true;
    progress.token = *token;
  }
  const auto outcome = posix()->finish(progress.token);
  if (!outcome.has_value()) return Attempt::blocked();
  if (outcome->result < 0) return Attempt::failed(outcome->error);
  Attempt attempt = Attempt::done(outcome->result);
  if (call.name == "pipe") {
    if (auto error = bind_pair(call, *outcome)) return *error;
    return attempt;
  }
  // An offset that a call moves on is where it began, in a script.
  const bool moves_offset = call.name == "sendfile" || call.name == "splice";
  for (std::size_t i = 0;
       !moves_offset && i < outcome->returned.size() && i < call.arguments.size(); ++i) {
    if (same_value(call.arguments[i], outcome->returned[i], posix())) continue;
    attempt.fields.push_back({"argument " + std::to_string(i + 1),
                              script::print_expression(call.arguments[i]),
                              value_text(outcome->returned[i])});
  }
  const bool opens = call.name == "open" || call.name == "epoll_create" || call.name == "socket" ||
                     call.name == "dup";
  if (opens) {
    Socket socket;
    socket.live = static_cast<targets::Fd>(outcome->result);
    socket.is_socket = call.name == "socket";
    Attempt bound = opened(call, socket);
    bound.fields = std::move(attempt.fields);
    return bound;
  }
  return attempt;
}

}  // namespace packetwright::engine
