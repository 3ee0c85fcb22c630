// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/calls.hh"

#include <algorithm>
#include <cerrno>

#include "harness/engine/environment.hh"
#include "harness/engine/evaluate.hh"
#include "harness/engine/symbols.hh"
#include "harness/script/printer.hh"
#include "stack/wire/address_text.hh"

// How calls are made, wait and are compared; what each of them does is in the calls_*.cc beside it.
namespace packetwright::engine {
namespace {

// A call that packetdrill would let block at the end of a script may still return within this.
constexpr Duration kGraceAtEnd = 1s;
// On a real clock an answer that is on its way may need a moment to become readable.
constexpr Duration kGraceReal = 20ms;
// How long a call of a replay may take.
constexpr Duration kPatienceFollow = 5s;

// The actual call in the words of the expected one.
std::string call_text(const script::SystemCall& call, const Attempt& attempt) {
  script::SystemCall actual = call;
  actual.note.clear();
  actual.error.clear();
  if (attempt.addresses.empty()) {
    actual.result.is = script::Number{attempt.value};
    if (attempt.value == -1 && attempt.error != 0) actual.error = errno_name(attempt.error);
  } else {
    script::Array all;
    for (const IpAddress& address : attempt.addresses) {
      script::Text text;
      text.octets = wire::to_string(address);
      text.spelling = '"' + text.octets + '"';
      all.elements.push_back({{}, text});
    }
    if (all.elements.size() == 1) {
      actual.result = all.elements.front();
    } else {
      actual.result.is = std::move(all);
    }
  }
  return script::print_call(actual);
}

bool returns_descriptor(std::string_view name) {
  return name == "socket" || name == "accept" || name == "open" || name == "epoll_create" ||
         name == "accept4" || name == "dup";
}

// "x" or ["x", "y"] as addresses.
std::vector<std::string> wanted_addresses(const script::Expression& result) {
  std::vector<std::string> texts;
  const auto add = [&texts](const script::Expression& one) {
    if (const auto* text = one.as<script::Text>()) texts.push_back(text->octets);
  };
  add(result);
  if (const auto* array = result.as<script::Array>()) {
    for (const script::Expression& one : array->elements) add(one);
  }
  return texts;
}

std::string join(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all.empty() ? "none" : all;
}

}  // namespace

void Calls::run(const script::Event& event, const script::SystemCall& call, const Window& window) {
  Progress progress;
  progress.began = session_.tap.now();
  session_.completed_at(progress.began);
  if (call.end.has_value() && pending_.has_value()) {
    return session_.wrong_script(event.where,
                                 "blocking system call while another one is in progress (line " +
                                     std::to_string(pending_->event->where.line) + ")");
  }
  if (session_.settings.follow && pending_.has_value()) {
    // Two writes of one stream keep their order.
    session_.tap.advance(pending_->end.latest() + 1us, true,
                         [this] { return retry() || !pending_.has_value(); });
    if (session_.over()) return;
  }
  ++session_.outcome.stimuli;
  Attempt result = attempt(call, progress);
  session_.tap.pump();
  if (call.end.has_value()) {
    const Window end = session_.end_of_call(event.when, *call.end, progress.began, window.anchor);
    if (result.kind == Attempt::Kind::blocked) {
      pending_ = Pending{&event, &call, end, std::move(progress)};
      return;
    }
    return complete(event, call, result, &end);
  }
  if (result.kind == Attempt::Kind::blocked && session_.settings.follow) {
    // A record does not tell how long a call took. A write, say, may need room that only the next
    // acknowledgements make.
    Window end = window;
    end.from = end.to = progress.began;
    end.early = Duration{0};
    end.late = kPatienceFollow;
    pending_ = Pending{&event, &call, end, std::move(progress)};
    return;
  }
  if (result.kind == Attempt::Kind::blocked) {
    // What the target sent in the call may have had its answer (ARP) by now.
    const Instant until =
        session_.tap.now() + (session_.settings.real_time ? kGraceReal : Duration{0});
    const auto again = [&] {
      result = attempt(call, progress);
      return result.kind != Attempt::Kind::blocked;
    };
    if (!again() && session_.settings.real_time) session_.tap.advance(until, true, again);
  }
  complete(event, call, result, nullptr);
}

bool Calls::retry() {
  if (!pending_.has_value() || session_.over()) return session_.over();
  const Attempt result = attempt(*pending_->call, pending_->progress);
  if (result.kind != Attempt::Kind::blocked) {
    const Pending done = std::move(*pending_);
    pending_.reset();
    complete(*done.event, *done.call, result, &done.end);
    return session_.over();
  }
  if (session_.tap.now() > pending_->end.latest()) {
    const Pending late = std::move(*pending_);
    pending_.reset();
    session_.fail(late.event->where, script::print_event(*late.event), "still blocked",
                  {{"time", "return after " + script::print_duration(late.end.to - late.end.anchor),
                    "still blocked"}});
  }
  return session_.over();
}

void Calls::finish() {
  if (!pending_.has_value()) return;
  const Instant until = std::max(pending_->end.latest() + 1us, session_.tap.now() + kGraceAtEnd);
  session_.tap.advance(until, true, [this] { return retry() || !pending_.has_value(); });
}

Attempt Calls::attempt(Arguments call, Progress& progress) {
  if (blocks_for_real(call)) return do_posix(call, progress);
  if (const Handler handler = handler_of(call.name)) return (this->*handler)(call, progress);
  return do_posix(call, progress);
}

bool Calls::blocks_for_real(Arguments call) const {
  // How a kernel wakes up who waits for room or data is a thing that packetdrill's scripts test.
  // Strict mode wants the octets, which the core calls give.
  if (!call.end.has_value() || session_.settings.strict || posix() == nullptr) return false;
  static constexpr std::string_view kTransfers[] = {"read", "recv",   "recvfrom", "write",
                                                    "send", "sendto", "connect"};
  return std::find(std::begin(kTransfers), std::end(kTransfers), call.name) != std::end(kTransfers);
}

Calls::Handler Calls::handler_of(std::string_view name) noexcept {
  static constexpr struct {
    std::string_view name;
    Handler handler;
  } kHandlers[] = {
      {"socket", &Calls::do_socket},
      {"bind", &Calls::do_bind},
      {"listen", &Calls::do_listen},
      {"accept", &Calls::do_accept},
      {"connect", &Calls::do_connect},
      {"read", &Calls::do_read},
      {"recv", &Calls::do_read},
      {"recvfrom", &Calls::do_read},
      {"write", &Calls::do_write},
      {"send", &Calls::do_write},
      {"sendto", &Calls::do_write},
      {"sendmsg", &Calls::do_write},
      {"ioctl", &Calls::do_ioctl},
      {"close", &Calls::do_close},
      {"shutdown", &Calls::do_shutdown},
      {"getsockopt", &Calls::do_getsockopt},
      {"setsockopt", &Calls::do_setsockopt},
      {"fcntl", &Calls::do_fcntl},
      {"poll", &Calls::do_poll},
      {"resolve", &Calls::do_resolve},
  };
  for (const auto& one : kHandlers) {
    if (one.name == name) return one.handler;
  }
  return nullptr;
}

bool Calls::settle(const script::Event& event, const Attempt& attempt) {
  if (attempt.kind == Attempt::Kind::unsupported) {
    session_.unsupported(event.where, attempt.reason);
    return true;
  }
  if (attempt.kind == Attempt::Kind::wrong) {
    session_.wrong_script(event.where, attempt.reason);
    return true;
  }
  return false;
}

void Calls::complete(const script::Event& event, Arguments call, const Attempt& attempt,
                     const Window* end) {
  if (settle(event, attempt)) return;
  const Instant now = session_.tap.now();
  std::string actual = call_text(call, attempt);
  std::vector<FieldDifference> fields;
  if (attempt.kind == Attempt::Kind::blocked) {
    actual = "it would block";
    fields.push_back({"result", script::print_expression(call.result), "it would block"});
  } else {
    compare_result(call, attempt, fields);
    fields.insert(fields.end(), attempt.fields.begin(), attempt.fields.end());
  }
  session_.trace.call(now, event.where, actual);
  const bool wants_success =
      call.error.empty() && integer_of(call.result, posix()).value_or(-1) >= 0;
  const bool failed = attempt.kind == Attempt::Kind::done && attempt.value == -1;
  // Where there is a system, it may lack something; a stack by itself has nobody else to blame.
  if (posix() != nullptr && wants_success && failed) {
    if (const auto lack = missing_for_call(call, attempt.error)) {
      return session_.unsupported(event.where, *lack);
    }
  }
  if (end != nullptr && (now < end->earliest() || now > end->latest())) {
    fields.insert(fields.begin(),
                  {"time", "return at " + session_.time_text(end->from, *end, event.when),
                   "returned at " + session_.time_text(now, *end, event.when)});
  }
  if (fields.empty()) return session_.pass();
  session_.fail(event.where, script::print_event(event), actual, std::move(fields));
}

void Calls::compare_result(Arguments call, const Attempt& attempt,
                           std::vector<FieldDifference>& fields) {
  if (is_ellipsis(call.result)) return;
  if (!attempt.addresses.empty() || call.result.as<script::Text>() != nullptr ||
      call.result.as<script::Array>() != nullptr) {
    std::vector<std::string> want = wanted_addresses(call.result);
    std::vector<std::string> got;
    for (const IpAddress& address : attempt.addresses) got.push_back(wire::to_string(address));
    // The order of addresses means nothing here (RFC 1035 gives none).
    std::sort(want.begin(), want.end());
    std::sort(got.begin(), got.end());
    if (want != got) {
      fields.push_back({"result", join(want),
                        attempt.value == -1 ? "-1 " + errno_name(attempt.error) : join(got)});
    }
    return;
  }
  const auto want = integer_of(call.result, posix());
  if (!want.ok()) {
    fields.push_back({"result", want.error(), std::to_string(attempt.value)});
    return;
  }
  const bool descriptor = returns_descriptor(call.name) && *want >= 0 && attempt.value >= 0;
  if (!descriptor && *want != attempt.value) {
    std::string got = std::to_string(attempt.value);
    if (attempt.value == -1) got += " " + errno_name(attempt.error);
    std::string wanted = std::to_string(*want);
    if (!call.error.empty()) wanted += " " + call.error;
    fields.push_back({"result", wanted, got});
    return;
  }
  if (call.error.empty()) return;
  std::optional<std::int64_t> error = errno_value(call.error);
  if (!error.has_value() && posix() != nullptr) {
    if (const auto known = posix()->symbol(call.error); known.ok()) error = *known;
  }
  const bool same =
      error.has_value() ? *error == attempt.error : call.error == errno_name(attempt.error);
  if (!same) fields.push_back({"errno", call.error, errno_name(attempt.error)});
}

// --- descriptors

Socket* Calls::find(std::int64_t fd) {
  const auto found = sockets_.find(fd);
  return found == sockets_.end() ? nullptr : &found->second;
}

Socket* Calls::last_stream() {
  for (auto it = order_.rbegin(); it != order_.rend(); ++it) {
    Socket* socket = find(*it);
    const bool stream = socket->is_socket && socket->type == targets::SocketType::stream;
    if (stream && !socket->listening) return socket;
  }
  for (auto it = order_.rbegin(); it != order_.rend(); ++it) {
    Socket* socket = find(*it);
    if (socket->is_socket && socket->type == targets::SocketType::stream) return socket;
  }
  return nullptr;
}

Socket* Calls::of_connection(const Connection& connection) {
  for (auto it = order_.rbegin(); it != order_.rend(); ++it) {
    Socket* socket = find(*it);
    if (socket->is_socket && !socket->listening && connection_of(*socket) == &connection) {
      return socket;
    }
  }
  return nullptr;
}

bool Calls::is_current(const Socket& socket) const {
  if (socket.open) return true;
  return std::none_of(sockets_.begin(), sockets_.end(), [&socket](const auto& one) {
    return one.second.open && one.second.live == socket.live;
  });
}

Connection* Calls::connection_of(Socket& socket) {
  if (socket.connection != nullptr || !socket.is_socket) return socket.connection;
  ConnectionTable& table = session_.connections;
  if (socket.type != targets::SocketType::stream) {
    return &table.labelled(Transport::udp, {});
  }
  if (socket.listening) return nullptr;
  if (socket.open) {
    const auto local = session_.target.local_endpoint(socket.live);
    if (local.ok() && local->port != 0) {
      socket.connection = table.of_local_port(Transport::tcp, local->port);
    }
  }
  if (socket.connection == nullptr && !session_.labels_used) {
    return &table.labelled(Transport::tcp, {});
  }
  return socket.connection;
}

Result<Socket*, Attempt> Calls::socket_at(Arguments call, std::size_t index) {
  if (index >= call.arguments.size())
    return Err{Attempt::wrong(call.name + "() needs a descriptor")};
  const auto number = integer_of(call.arguments[index], posix());
  if (!number.ok()) return Err{Attempt::wrong(number.error())};
  Socket* socket = find(*number);
  if (socket == nullptr) {
    return Err{Attempt::wrong("descriptor " + std::to_string(*number) + " was never opened")};
  }
  return socket;
}

Result<std::int64_t, Attempt> Calls::integer_at(Arguments call, std::size_t index) {
  if (index >= call.arguments.size()) {
    return Err{Attempt::wrong(call.name + "() has too few arguments")};
  }
  const auto number = integer_of(call.arguments[index], posix());
  if (!number.ok()) return Err{Attempt::wrong(number.error())};
  return *number;
}

IpAddress Calls::mapped(const IpAddress& address, const Socket& socket) const {
  if (!address.is_v4() || socket.domain == targets::Domain::inet) return address;
  // RFC 4291, 2.5.5.2: how an IPv6 socket names an IPv4 address.
  std::array<std::uint8_t, 16> octets{};
  octets[10] = octets[11] = 0xff;
  std::copy(address.octets().begin(), address.octets().end(), octets.begin() + 12);
  return IpAddress::v6(octets);
}

Result<Endpoint, Attempt> Calls::address_at(Arguments call, std::size_t index,
                                            const Endpoint& otherwise, const Socket& socket) {
  if (index < call.arguments.size()) {
    return address_of(call, call.arguments[index], otherwise, socket);
  }
  return Endpoint{mapped(otherwise.address, socket), otherwise.port};
}

Result<Endpoint, Attempt> Calls::address_of(Arguments call, const script::Expression& argument,
                                            const Endpoint& otherwise, const Socket& socket) {
  Endpoint endpoint = otherwise;
  if (const auto given = endpoint_of(argument)) {
    endpoint = *given;
  } else if (!is_ellipsis(argument)) {
    return Err{Attempt::unsupported(call.name + "() with the address " +
                                    script::print_expression(argument) + " is not supported")};
  }
  endpoint.address = mapped(endpoint.address, socket);
  return endpoint;
}

Attempt Calls::from_error(Arguments call, int error, bool nonblocking) const {
  if (error == EAGAIN || error == EWOULDBLOCK) {
    return nonblocking ? Attempt::failed(error) : Attempt::blocked();
  }
  // The target says ENOTSUP for what it does not have; a script may also want to see that errno.
  const bool wanted = call.error == "ENOTSUP" || call.error == "EOPNOTSUPP";
  if (error == ENOTSUP && !wanted) {
    return Attempt::unsupported(call.name + "() is not supported by this target");
  }
  return Attempt::failed(error);
}

void Calls::forget(Arguments call) {
  const auto wanted = integer_of(call.result, posix());
  if (!wanted.ok() || *wanted < 0) return;
  if (Socket* old = find(*wanted)) old->open = false;
}

Attempt Calls::opened(Arguments call, Socket socket) {
  const auto wanted = integer_of(call.result, posix());
  const targets::Fd live = socket.live;
  if (!wanted.ok() || *wanted < 0) return Attempt::done(live);  // compared, and told, by complete()
  if (const Socket* old = find(*wanted); old != nullptr && old->open) {
    return Attempt::wrong("descriptor " + std::to_string(*wanted) + " is still open");
  }
  sockets_[*wanted] = socket;
  order_.erase(std::remove(order_.begin(), order_.end(), *wanted), order_.end());
  order_.push_back(*wanted);
  return Attempt::done(*wanted);
}

}  // namespace packetwright::engine
