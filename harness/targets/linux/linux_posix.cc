// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/linux_posix.hh"

#include <cerrno>
#include <utility>

#include "harness/targets/linux/symbols.hh"

namespace packetwright::linux_stack {
namespace {

// Rewrites {scm_sec, scm_nsec} of the real-time clock, wherever it is, into time since the start.
void translate_stamps(Value& value, const HostClock& clock) {
  if (auto* array = std::get_if<Value::Array>(&value.is)) {
    for (Value& one : array->elements) translate_stamps(one, clock);
  }
  auto* record = std::get_if<Value::Struct>(&value.is);
  if (record == nullptr) return;
  for (auto& [name, member] : record->members) translate_stamps(member, clock);
  auto& members = record->members;
  if (members.size() != 2 || members[0].first != "scm_sec") return;
  const auto* seconds = std::get_if<std::int64_t>(&members[0].second.is);
  const auto* rest = std::get_if<std::int64_t>(&members[1].second.is);
  if (seconds == nullptr || rest == nullptr) return;
  const Instant at =
      clock.from_realtime({static_cast<std::time_t>(*seconds), static_cast<long>(*rest)});
  constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
  const std::int64_t since = at.time_since_epoch().count();
  members[0].second.is = since / kNanosPerSecond;
  members[1].second.is = since % kNanosPerSecond;
}

}  // namespace

Result<std::int64_t, std::string> LinuxPosix::symbol(std::string_view name) {
  const std::optional<std::int64_t> value = symbol_value(name);
  if (!value) return Err{"unknown symbol " + std::string{name}};
  return *value;
}

Result<int, targets::PosixCalls::Refusal> LinuxPosix::start(std::string_view call,
                                                            const std::vector<Value>& arguments) {
  enter_();
  Result<PreparedCall, std::string> prepared = prepare(call, arguments);
  if (!prepared) return Err{Refusal{prepared.error(), true}};
  Call made;
  made.prepared = std::move(*prepared);
  for (const int fd : made.prepared.descriptors) {
    // The harness's own descriptors are none as far as a script can see.
    if (!sockets_.has(fd)) made.outcome = RawOutcome{-1, EBADF};
  }
  if (!made.outcome) {
    if (made.prepared.may_block) {
      made.blocking = std::make_unique<BlockingCall>(
          [this, invoke = made.prepared.invoke] { return invoke(kernel_); });
    } else {
      const std::int64_t result = made.prepared.invoke(kernel_);
      made.outcome = RawOutcome{result, result == -1 ? errno : 0};
    }
  }
  const int token = next_token_++;
  calls_.emplace(token, std::move(made));
  return token;
}

std::optional<targets::PosixOutcome> LinuxPosix::finish(int token) {
  const auto found = calls_.find(token);
  if (found == calls_.end()) return targets::PosixOutcome{-1, EINVAL, {}};
  Call& call = found->second;
  if (!call.outcome) call.outcome = call.blocking->outcome();
  if (!call.outcome) return std::nullopt;
  targets::PosixOutcome outcome = conclude(call.prepared, *call.outcome);
  calls_.erase(found);
  return outcome;
}

targets::PosixOutcome LinuxPosix::conclude(const PreparedCall& call, const RawOutcome& raw) {
  targets::PosixOutcome outcome;
  outcome.result = raw.result;
  outcome.error = raw.error;
  if (raw.result < 0) return outcome;
  if (call.opens) {
    const int fd = static_cast<int>(raw.result);
    sockets_.adopt(fd, kernel_.domain_of(fd));
  }
  if (call.opened) {
    for (const int fd : call.opened()) sockets_.adopt(fd, kernel_.domain_of(fd));
  }
  if (call.closes >= 0) sockets_.forget(call.closes);
  if (call.written) outcome.returned = call.written(raw.result);
  if (clock_ != nullptr) {
    for (Value& value : outcome.returned) translate_stamps(value, *clock_);
  }
  return outcome;
}

Result<targets::PosixCalls::ShellOutcome, std::string> LinuxPosix::shell(std::string_view command) {
  enter_();
  Result<ShellOutcome, std::string> outcome = shell_.run(command, kShellLimit);
  spoil_();
  return outcome;
}

Result<targets::PosixCalls::ShellOutcome, std::string> LinuxPosix::interpret(
    const std::string& command, std::string_view program) {
  enter_();
  std::optional<ShellOutcome> outcome = interpreter_.run(command, program, kShellLimit);
  if (!outcome) return PosixCalls::interpret(command, program);
  spoil_();
  return std::move(*outcome);
}

}  // namespace packetwright::linux_stack
