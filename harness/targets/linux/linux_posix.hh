// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/targets/linux/call_threads.hh"
#include "harness/targets/linux/host_clock.hh"
#include "harness/targets/linux/interpreter.hh"
#include "harness/targets/linux/kernel_calls.hh"
#include "harness/targets/linux/other_systems.hh"
#include "harness/targets/linux/prepared_call.hh"
#include "harness/targets/linux/shell.hh"
#include "harness/targets/linux/sockets.hh"
#include "harness/targets/posix_calls.hh"

namespace packetwright::linux_stack {

// System calls by name on the descriptors of a target, and shell commands in its namespace.
class LinuxPosix final : public targets::PosixCalls {
 public:
  // `enter` puts the process into the target's namespace; `spoil` is told when a command may have
  // changed it.
  LinuxPosix(Sockets& sockets, std::function<void()> enter, std::function<void()> spoil)
      : sockets_(sockets), enter_(std::move(enter)), spoil_(std::move(spoil)) {}

  [[nodiscard]] Result<std::int64_t, std::string> symbol(std::string_view name) override;
  [[nodiscard]] std::optional<std::string> foreign_symbol(std::string_view name) const override {
    return of_another_system(name);
  }
  [[nodiscard]] std::optional<std::string> foreign_command(
      std::string_view command) const override {
    return command_of_another_system(command);
  }
  [[nodiscard]] Result<int, Refusal> start(std::string_view call,
                                           const std::vector<Value>& arguments) override;
  [[nodiscard]] std::optional<targets::PosixOutcome> finish(int token) override;
  [[nodiscard]] Result<ShellOutcome, std::string> shell(std::string_view command) override;
  [[nodiscard]] Result<ShellOutcome, std::string> interpret(const std::string& command,
                                                            std::string_view program) override;
  std::string end_commands() override { return shell_.end_all(); }

  // Interrupts every call that still blocks, ends what commands left running, and forgets all.
  void cancel_all() {
    calls_.clear();
    end_commands();
    restore_capabilities();
  }
  // Time stamps of the kernel are told as scripts count: since the start of `clock`.
  void count_from(const HostClock& clock) { clock_ = &clock; }

 private:
  struct Call {
    PreparedCall prepared;
    std::optional<RawOutcome> outcome;       // of a call that was made at once
    std::unique_ptr<BlockingCall> blocking;  // else
  };

  targets::PosixOutcome conclude(const PreparedCall& call, const RawOutcome& raw);

  Sockets& sockets_;
  KernelCalls kernel_;
  Shell shell_;
  Interpreter interpreter_;
  std::function<void()> enter_;
  std::function<void()> spoil_;
  const HostClock* clock_ = nullptr;
  std::map<int, Call> calls_;
  int next_token_ = 0;
};

}  // namespace packetwright::linux_stack
