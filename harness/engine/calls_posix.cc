// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/calls.hh"
#include "harness/engine/evaluate.hh"
#include "harness/engine/message_check.hh"
#include "harness/engine/symbols.hh"
#include "harness/script/printer.hh"

// Everything that is none of the core calls, by its name, where the target has a system to ask.
namespace packetwright::engine {
namespace {

// What the first symbol that nobody knows is; nullopt: all are known.
std::optional<std::string> unknown_symbol(const script::Expression& expression,
                                          targets::PosixCalls* posix) {
  const auto look_at = [posix](const auto& list) -> std::optional<std::string> {
    for (const script::Expression& one : list) {
      if (auto unknown = unknown_symbol(one, posix)) return unknown;
    }
    return std::nullopt;
  };
  if (expression.as<script::Symbol>() != nullptr) {
    const auto value = integer_of(expression, posix);
    return value.ok() ? std::nullopt : std::optional{value.error()};
  }
  if (const auto* array = expression.as<script::Array>()) return look_at(array->elements);
  if (const auto* any = expression.as<script::AnyOf>()) return look_at(any->terms);
  const auto* record = expression.as<script::Struct>();
  // The family of a socket address is told by its address.
  if (record == nullptr || record->kind == script::StructKind::sockaddr) return std::nullopt;
  for (const script::Member& member : record->members) {
    if (auto unknown = unknown_symbol(member.value, posix)) return unknown;
  }
  return std::nullopt;
}

bool is_symbol(const script::Expression& expression, std::string_view name) {
  const auto* symbol = expression.as<script::Symbol>();
  return symbol != nullptr && symbol->name == name;
}

}  // namespace

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
  if (socket.type != targets::SocketType::stream) {
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
  if (call.name == "poll" && !arguments.empty()) {
    auto* polled = std::get_if<targets::Value::Array>(&arguments[0].is);
    if (polled == nullptr) return arguments;
    for (targets::Value& one : polled->elements) {
      auto* record = std::get_if<targets::Value::Struct>(&one.is);
      if (record == nullptr) continue;
      for (auto& [name, value] : record->members) {
        const auto* number = std::get_if<std::int64_t>(&value.is);
        if (name != "fd" || number == nullptr) continue;
        if (const Socket* socket = find(*number)) value.is = std::int64_t{socket->live};
      }
    }
    return arguments;
  }
  const bool opens = call.name == "open" || call.name == "epoll_create" || call.name == "socket";
  if (!opens) map(0);
  if (call.name == "socket" && !arguments.empty() && is_ellipsis(call.arguments[0])) {
    const bool v4 = socket_family(session_.settings.variant) == Family::ipv4;
    arguments[0].is = v4 ? symbol::kAfInet : symbol::kAfInet6;
  }
  if (call.name == "epoll_ctl" || call.name == "splice") map(2);
  if (call.name == "sendfile") map(1);
  if (first == nullptr || !first->is_socket) return arguments;

  // setsockopt(fd, SOL_TCP, TCP_MD5SIG, "secret", 6) signs what is exchanged with the peer.
  if (call.name == "setsockopt" && arguments.size() == 5 &&
      is_symbol(call.arguments[2], "TCP_MD5SIG") && call.arguments[3].as<script::Text>()) {
    const Endpoint with{mapped(session_.settings.peer(), *first), 0};
    targets::Value::Struct signature;
    signature.members = {{"address", targets::Value{with}}, {"key", arguments[3]}};
    arguments[3] = targets::Value{std::move(signature)};
  }

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
    for (const script::Expression& argument : call.arguments) {
      if (auto unknown = unknown_symbol(argument, posix())) return Attempt::wrong(*unknown);
    }
    const auto arguments = posix_arguments(call);
    if (!arguments.ok()) return arguments.error();
    const auto token = posix()->start(call.name, *arguments);
    if (!token.ok() && token.error().wrong) return Attempt::wrong(token.error().reason);
    if (!token.ok()) return Attempt::unsupported(token.error().reason);
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
  if (call.name == "recvmsg" && call.arguments.size() > 1 && outcome->returned.size() > 1) {
    const auto near_enough = [this](Duration script, Instant target) {
      const script::When absolute{script::WhenKind::absolute, {}, {}};
      const Instant now = session_.tap.now();
      const Window window = session_.end_of_call(absolute, {script, {}}, now, now);
      return target >= window.earliest() && target <= window.latest();
    };
    attempt.fields = compare_message(call.arguments[1], outcome->returned[1], posix(), near_enough);
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
    if (const auto type = integer_at(call, 1); socket.is_socket && type.ok()) {
      const bool stream = (*type & symbol::kSockTypeMask) == symbol::kSockStream;
      socket.type = stream ? targets::SocketType::stream : targets::SocketType::datagram;
      const bool v6 = socket_family(session_.settings.variant) == Family::ipv6;
      socket.domain = v6 ? targets::Domain::inet6 : targets::Domain::inet;
    }
    Attempt bound = opened(call, socket);
    bound.fields = std::move(attempt.fields);
    return bound;
  }
  return attempt;
}

}  // namespace packetwright::engine
