// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/packetdrill_so/plugin_posix.hh"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>

#include "harness/targets/linux/posix_values.hh"
#include "harness/targets/linux/symbols.hh"

namespace packetwright::packetdrill_so {
namespace {

using targets::PosixOutcome;
using targets::Value;

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::int64_t number_at(const std::vector<Value>& arguments, std::size_t index) {
  if (index >= arguments.size()) return 0;
  return linux_stack::integer_of(arguments[index]).value_or(0);
}

// Where a call has its flags; none: it has none.
std::optional<std::size_t> place_of_flags(std::string_view name) {
  if (is_one_of(name, {"recv", "recvfrom", "send", "sendto"})) return 3;
  if (is_one_of(name, {"recvmsg", "sendmsg"})) return 2;
  return std::nullopt;
}

// Where a call says how long it may wait, in milliseconds.
std::optional<std::size_t> place_of_timeout(std::string_view name) {
  if (name == "poll") return 2;
  if (name == "epoll_wait") return 3;
  return std::nullopt;
}

// What blocks in it has no time to give; and a lingering close() lingers on the wire only.
bool never_waits(std::string_view name) {
  return name == "close";
}

}  // namespace

Result<std::int64_t, std::string> PluginPosix::symbol(std::string_view name) {
  const std::optional<std::int64_t> value = linux_stack::symbol_value(name);
  if (!value) return Err{"unknown symbol " + std::string{name}};
  return *value;
}

Result<int, targets::PosixCalls::Refusal> PluginPosix::start(std::string_view name,
                                                             const std::vector<Value>& given) {
  if (!calls_.has(name)) return Err{Refusal{"the plug-in has no " + std::string{name} + "()"}};
  Call call;
  call.name = name;
  call.arguments = given;
  const int fd = static_cast<int>(number_at(given, 0));
  const std::int64_t command = number_at(given, 1);
  if (name == "fcntl" && command == F_SETFL) {
    const std::int64_t flags = number_at(given, 2);
    if ((flags & O_NONBLOCK) != 0) {
      nonblocking_.insert(fd);
    } else {
      nonblocking_.erase(fd);
    }
    // The stack is never to wait, whatever the script sees.
    if (given.size() > 2) call.arguments[2] = linux_stack::number(flags | O_NONBLOCK);
  }
  unblock(call);
  auto prepared = linux_stack::prepare(name, call.arguments);
  if (!prepared) return Err{Refusal{prepared.error(), true}};
  call.prepared = std::move(*prepared);
  call.waits = call.waits && call.prepared.may_block;
  for (const int used : call.prepared.descriptors) {
    if (!calls_.owns(used)) call.outcome = PosixOutcome{-1, EBADF, {}};
  }
  if (!call.outcome) attempt(call);
  const int token = next_token_++;
  pending_.emplace(token, std::move(call));
  return token;
}

void PluginPosix::unblock(Call& call) {
  call.waits = !never_waits(call.name);
  if (const auto place = place_of_timeout(call.name)) {
    const std::int64_t timeout = number_at(call.arguments, *place);
    if (*place < call.arguments.size()) call.arguments[*place] = linux_stack::number(0);
    if (timeout >= 0) call.deadline = now_() + std::chrono::milliseconds{timeout};
    call.waits = timeout != 0;
    return;
  }
  const auto flags = place_of_flags(call.name);
  const bool told = flags && (number_at(call.arguments, *flags) & MSG_DONTWAIT) != 0;
  const int fd = static_cast<int>(number_at(call.arguments, 0));
  if (told || nonblocking_.contains(fd)) call.waits = false;
}

void PluginPosix::attempt(Call& call) {
  if (call.connecting) return attempt_connect(call);
  const std::int64_t result = call.prepared.invoke(calls_);
  const int error = result < 0 ? errno : 0;
  if (call.waits && place_of_timeout(call.name)) {
    if (result == 0 && (!call.deadline || now_() < *call.deadline)) return;
  } else if (call.waits && (error == EAGAIN || error == EWOULDBLOCK)) {
    return;
  } else if (call.waits && error == EINPROGRESS && call.name == "connect") {
    call.connecting = true;
    return attempt_connect(call);
  } else if (call.waits && result >= 0 && shorten(call, result)) {
    return;
  }
  call.outcome = conclude(call, result, error);
}

void PluginPosix::attempt_connect(Call& call) {
  const int fd = static_cast<int>(number_at(call.arguments, 0));
  const auto ready = sockets_.poll(fd);
  if (!ready) {
    call.outcome = conclude(call, -1, ready.error());
    return;
  }
  if (!ready->writable && !ready->error && !ready->hang_up) return;
  const auto error = sockets_.get_option(fd, targets::Option::so_error);
  const int code = error ? static_cast<int>(*error) : error.error();
  call.outcome = conclude(call, code == 0 ? 0 : -1, code);
}

// A write that may wait takes everything.
bool PluginPosix::shorten(Call& call, std::int64_t written) {
  if (!is_one_of(call.name, {"write", "send", "sendto"})) return false;
  const std::int64_t wanted = number_at(call.arguments, 2);
  call.written += written;
  if (written >= wanted || written == 0) return false;
  if (auto* text = std::get_if<Value::Text>(&call.arguments[1].is)) {
    text->octets.erase(0, static_cast<std::size_t>(written));
  }
  call.arguments[2] = linux_stack::number(wanted - written);
  auto rest = linux_stack::prepare(call.name, call.arguments);
  if (!rest) return false;
  call.prepared = std::move(*rest);
  return true;
}

PosixOutcome PluginPosix::conclude(Call& call, std::int64_t result, int error) {
  PosixOutcome outcome;
  outcome.result = result;
  outcome.error = error;
  if (call.written > 0) {
    // What was taken before it went wrong, or all of it.
    outcome.result = call.written;
    outcome.error = 0;
  }
  if (result < 0) return outcome;
  if (call.prepared.opens) sockets_.adopt(static_cast<int>(result));
  if (call.prepared.opened) {
    for (const int fd : call.prepared.opened()) sockets_.adopt(fd);
  }
  if (call.prepared.written) outcome.returned = call.prepared.written(result);
  return outcome;
}

std::optional<PosixOutcome> PluginPosix::finish(int token) {
  const auto found = pending_.find(token);
  if (found == pending_.end()) return PosixOutcome{-1, EINVAL, {}};
  Call& call = found->second;
  if (!call.outcome) attempt(call);
  if (!call.outcome) return std::nullopt;
  PosixOutcome outcome = std::move(*call.outcome);
  pending_.erase(found);
  return outcome;
}

Result<targets::PosixCalls::ShellOutcome, std::string> PluginPosix::shell(
    std::string_view command) {
  return shell_.run(command, linux_stack::kShellLimit);
}

Result<targets::PosixCalls::ShellOutcome, std::string> PluginPosix::interpret(
    const std::string& command, std::string_view program) {
  auto outcome = interpreter_.run(command, program, linux_stack::kShellLimit);
  if (!outcome) return PosixCalls::interpret(command, program);
  return std::move(*outcome);
}

void PluginPosix::cancel_all() {
  end_commands();
  pending_.clear();
  nonblocking_.clear();
}

}  // namespace packetwright::packetdrill_so
