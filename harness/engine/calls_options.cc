// SPDX-License-Identifier: Apache-2.0
#include <cerrno>

#include "harness/engine/calls.hh"
#include "harness/engine/evaluate.hh"
#include "harness/engine/socket_options.hh"
#include "harness/engine/symbols.hh"
#include "harness/script/printer.hh"

// getsockopt(), setsockopt(), fcntl() and ioctl().
namespace packetwright::engine {

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

// How much could be read at once. Where there is no system that knows, it is what a peek finds.
Attempt Calls::do_ioctl(Arguments call, Progress& progress) {
  const auto found = socket_at(call, 0);
  if (!found.ok()) return found.error();
  const Socket& socket = **found;
  const auto* request =
      call.arguments.size() == 3 ? call.arguments[1].as<script::Symbol>() : nullptr;
  const bool asks_for_unread =
      request != nullptr && (request->name == "SIOCINQ" || request->name == "FIONREAD");
  if (posix() != nullptr || !socket.is_socket || !asks_for_unread) return do_posix(call, progress);
  constexpr std::size_t kMost = std::size_t{1} << 30;
  const auto unread = session_.target.read(socket.live, kMost, {.peek = true});
  if (!unread.ok() && unread.error() != EAGAIN) return from_error(call, unread.error(), true);
  const auto got = unread.ok() ? static_cast<std::int64_t>(unread->octets.size()) : 0;
  Attempt attempt = Attempt::done(0);
  const auto want = pointed_integer_of(call.arguments[2], posix());
  if (!want.ok()) return Attempt::wrong(want.error());
  if (*want != got) {
    attempt.fields.push_back({request->name, std::to_string(*want), std::to_string(got)});
  }
  return attempt;
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

}  // namespace packetwright::engine
