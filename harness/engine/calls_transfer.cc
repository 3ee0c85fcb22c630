// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>

#include "harness/engine/calls.hh"
#include "harness/engine/evaluate.hh"
#include "harness/engine/symbols.hh"
#include "harness/packet/text.hh"

// read() and write() in all their names: how much, what, and whether it is the right piece of the
// stream.
namespace packetwright::engine {
namespace {

using targets::SocketType;

bool is_symbol(const script::Expression& expression, std::string_view name) {
  const auto* symbol = expression.as<script::Symbol>();
  return symbol != nullptr && symbol->name == name;
}

// How much the pieces of a message hold together; nullopt: they say nothing that makes sense.
std::optional<std::int64_t> size_of_message(const script::Struct& message,
                                            targets::PosixCalls* posix) {
  const script::Expression* pieces = message.find("msg_iov");
  const auto* array = pieces == nullptr ? nullptr : pieces->as<script::Array>();
  if (array == nullptr) return std::nullopt;
  std::int64_t size = 0;
  for (const script::Expression& element : array->elements) {
    const auto* piece = element.as<script::Struct>();
    const script::Expression* length = piece == nullptr ? nullptr : piece->find("len");
    const script::Expression* base = piece == nullptr ? nullptr : piece->find("base");
    if (length == nullptr || base == nullptr || !is_ellipsis(*base)) return std::nullopt;
    const auto number = integer_of(*length, posix);
    if (!number.ok() || *number < 0) return std::nullopt;
    size += *number;
  }
  return size;
}

constexpr std::int64_t kMostWritten = std::int64_t{1} << 28;

}  // namespace

Attempt Calls::do_read(Arguments call, Progress& progress) {
  const auto found = socket_at(call, 0);
  if (!found.ok()) return found.error();
  Socket& socket = **found;
  if (call.arguments.size() < 3) return Attempt::wrong(call.name + "() has too few arguments");
  // NULL is a test of the system call, which only a system has.
  if (!socket.is_socket || is_symbol(call.arguments[1], "NULL")) return do_posix(call, progress);
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

// Its SYN has no answer yet.
bool Calls::is_opening(const Socket& socket) {
  const auto status = session_.target.tcp_status(socket.live);
  return status.ok() && status->state == targets::TcpState::syn_sent;
}

// What a call that waited for the connection returns: how much it wrote, or why there is none.
Attempt Calls::opened(Arguments call, Socket& socket, std::size_t written) {
  const auto error = session_.target.get_option(socket.live, targets::Option::so_error);
  if (error.ok() && *error != 0) return from_error(call, static_cast<int>(*error), false);
  return Attempt::done(static_cast<std::int64_t>(written));
}

// What the arguments of write(), send(), sendto() and sendmsg() say; nullopt: something that only a
// system has.
Result<std::optional<Calls::Writing>, Attempt> Calls::writing_of(Arguments call) {
  const bool message = call.name == "sendmsg";
  if (call.arguments.size() < (message ? 2u : 3u)) {
    return Err{Attempt::wrong(call.name + "() has too few arguments")};
  }
  const std::size_t place_of_flags = message ? 2 : 3;
  Writing writing;
  if (call.arguments.size() > place_of_flags) {
    const auto given = integer_at(call, place_of_flags);
    if (!given.ok()) return Err{given.error()};
    writing.flags = *given;
  }
  std::int64_t size = 0;
  if (message) {
    const auto* header = call.arguments[1].as<script::Struct>();
    // Of ancillary data the core calls know nothing.
    if (header == nullptr || header->find("msg_control") != nullptr)
      return std::optional<Writing>{};
    const auto total = size_of_message(*header, posix());
    if (!total) return std::optional<Writing>{};
    size = *total;
    writing.to = header->find("msg_name");
  } else {
    // NULL is a test of the system call, which only a system has.
    if (is_symbol(call.arguments[1], "NULL")) return std::optional<Writing>{};
    const auto count = integer_at(call, 2);
    if (!count.ok()) return Err{count.error()};
    size = *count;
    // Only sendto() names a destination.
    if (call.name == "sendto" && call.arguments.size() > 4) writing.to = &call.arguments[4];
  }
  if (size < 0 || size > kMostWritten) {
    return Err{Attempt::wrong("cannot write " + std::to_string(size) + " octets")};
  }
  writing.size = static_cast<std::size_t>(size);
  if (writing.to != nullptr && is_symbol(*writing.to, "AF_UNSPEC")) {
    if (!session_.target.traits().has("af_unspec")) return std::optional<Writing>{};
    writing.no_family = true;
    writing.to = nullptr;
  }
  return std::optional{writing};
}

Attempt Calls::do_write(Arguments call, Progress& progress) {
  const auto found = socket_at(call, 0);
  if (!found.ok()) return found.error();
  Socket& socket = **found;
  // Messages are a system's own where there is one: it may take them apart in its own way.
  if (!socket.is_socket || (call.name == "sendmsg" && posix() != nullptr)) {
    return do_posix(call, progress);
  }
  const auto writing = writing_of(call);
  if (!writing.ok()) return writing.error();
  if (!writing->has_value()) return do_posix(call, progress);
  const std::int64_t flags = (*writing)->flags;
  std::int64_t known = symbol::kMsgOob | symbol::kMsgDontwait | symbol::kMsgNosignal |
                       symbol::kMsgMore | symbol::kMsgFastopen;
  if (session_.target.traits().has("msg_eor")) known |= symbol::kMsgEor;
  if ((flags & ~known) != 0) return do_posix(call, progress);
  const bool fast_open = (flags & symbol::kMsgFastopen) != 0;
  // Strict mode wants the octets, which the core calls give.
  const bool by_core =
      session_.target.traits().has("fastopen") && (session_.settings.strict || posix() == nullptr);
  if (fast_open && !by_core) return do_posix(call, progress);
  const bool nonblocking = socket.nonblocking || (flags & symbol::kMsgDontwait) != 0;
  const bool stream = socket.type == SocketType::stream;
  const std::size_t size = (*writing)->size;

  if (progress.started) {
    // Fast Open: the connection comes first. Without a cookie the data are behind it, and with one
    // a call that blocks returns when they are known to have a listener.
    const auto ready = session_.target.poll(socket.live);
    if (!ready.ok()) return from_error(call, ready.error(), false);
    if (!ready->writable && !ready->error && !ready->hang_up) return Attempt::blocked();
    if (progress.written == size) return opened(call, socket, size);
  }

  // Connected sockets keep their destination.
  std::optional<Endpoint> to;
  if (const script::Expression* address = (*writing)->to;
      address != nullptr && (!stream || fast_open)) {
    const auto null = integer_of(*address, nullptr);
    if (!null.ok() || *null != 0) {
      const Settings& settings = session_.settings;
      const auto given =
          address_of(call, *address, {settings.peer(), settings.connect_port}, socket);
      if (!given.ok()) return given.error();
      to = *given;
      const Endpoint remote{unmapped(given->address), given->port};
      if (stream) {
        note_connect(socket, remote);
      } else {
        session_.connections.labelled(Transport::udp, {}).remote = remote;
      }
    }
  }
  const Buffer octets = content_of(call, socket, size, progress.written);
  targets::WriteFlags how;
  how.out_of_band = (flags & symbol::kMsgOob) != 0;
  how.more = (flags & symbol::kMsgMore) != 0;
  how.fast_open = fast_open && !progress.started;
  how.record_end = (flags & symbol::kMsgEor) != 0;
  how.waits = !nonblocking;
  how.no_family = (*writing)->no_family;
  const auto sent =
      session_.target.write(socket.live, octets, how, to.has_value() ? &*to : nullptr);
  if (!sent.ok()) {
    if (progress.written > 0 && nonblocking) {
      return Attempt::done(static_cast<std::int64_t>(progress.written));
    }
    if (fast_open && sent.error() == EINPROGRESS && !nonblocking) {
      progress.started = true;
      return Attempt::blocked();
    }
    return from_error(call, sent.error(), nonblocking);
  }
  progress.written += *sent;
  progress.started = progress.started || fast_open;
  if (stream) socket.written += *sent;
  if (stream && !nonblocking && call.end.has_value() && is_opening(socket)) {
    progress.started = true;
    return Attempt::blocked();
  }
  // A blocking write returns when everything is taken.
  if (stream && progress.written < size && !nonblocking) return Attempt::blocked();
  return Attempt::done(static_cast<std::int64_t>(progress.written));
}

}  // namespace packetwright::engine
