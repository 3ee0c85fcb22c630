// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/targets/linux/interpreter.hh"
#include "harness/targets/linux/other_systems.hh"
#include "harness/targets/linux/prepared_call.hh"
#include "harness/targets/linux/shell.hh"
#include "harness/targets/packetdrill_so/plugin_sockets.hh"
#include "harness/targets/posix_calls.hh"
#include "stack/base/instant.hh"

namespace packetwright::packetdrill_so {

// System calls by name, made through the slots of a plug-in. None of them waits, and none needs a
// thread: a call that a script lets block is made without blocking, and made again whenever the
// engine asks, until it has something to say. Symbols are those of the host, and so are shell
// commands: the interface has neither.
class PluginPosix final : public targets::PosixCalls {
 public:
  PluginPosix(PluginCalls& calls, PluginSockets& sockets, std::function<Instant()> now)
      : calls_(calls), sockets_(sockets), now_(std::move(now)) {}

  [[nodiscard]] Result<std::int64_t, std::string> symbol(std::string_view name) override;
  [[nodiscard]] std::optional<std::string> foreign_symbol(std::string_view name) const override {
    return linux_stack::of_another_system(name);
  }
  [[nodiscard]] std::optional<std::string> foreign_command(
      std::string_view command) const override {
    return linux_stack::command_of_another_system(command);
  }
  [[nodiscard]] Result<int, Refusal> start(std::string_view call,
                                           const std::vector<targets::Value>& given) override;
  [[nodiscard]] std::optional<targets::PosixOutcome> finish(int token) override;
  [[nodiscard]] Result<ShellOutcome, std::string> shell(std::string_view command) override;
  [[nodiscard]] Result<ShellOutcome, std::string> interpret(const std::string& command,
                                                            std::string_view program) override;
  std::string end_commands() override { return shell_.end_all(); }

  void cancel_all();

 private:
  struct Call {
    std::string name;
    std::vector<targets::Value> arguments;
    linux_stack::PreparedCall prepared;
    bool waits = false;               // the script lets it block
    std::optional<Instant> deadline;  // of poll() and epoll_wait(): then it returns 0
    bool connecting = false;          // a SYN is on its way
    std::int64_t written = 0;         // by a write that took a part
    std::optional<targets::PosixOutcome> outcome;
  };

  // Lets the arguments say what a call that does not block takes.
  void unblock(Call& call);
  // Tries it; outcome stays empty if it would wait.
  void attempt(Call& call);
  void attempt_connect(Call& call);
  // What is left of a write. False: nothing.
  [[nodiscard]] bool shorten(Call& call, std::int64_t written);
  [[nodiscard]] targets::PosixOutcome conclude(Call& call, std::int64_t result, int error);

  PluginCalls& calls_;
  PluginSockets& sockets_;
  std::function<Instant()> now_;
  linux_stack::Shell shell_;
  linux_stack::Interpreter interpreter_;
  std::set<int> nonblocking_;  // descriptors, as the script sees them
  std::map<int, Call> pending_;
  int next_token_ = 0;
};

}  // namespace packetwright::packetdrill_so
