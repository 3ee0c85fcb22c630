// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "harness/targets/linux/unique_fd.hh"
#include "harness/targets/linux/warden.hh"
#include "harness/targets/posix_calls.hh"
#include "stack/base/instant.hh"

namespace packetwright::linux_stack {

// Runs programs of Python. The interpreter is started once and kept; each program runs in a fork of
// it, in the network namespace that this process is in, so that none sees what another one did: it
// may raise, exit, loop, fork, leave threads or eat its memory.
class Interpreter {
 public:
  // What `COMMAND -c PROGRAM` would do and print, with what it leaves running killed at its end.
  // nullopt: this command cannot be kept running, as it is no Python, say.
  [[nodiscard]] std::optional<targets::PosixCalls::ShellOutcome> run(const std::string& command,
                                                                     std::string_view program,
                                                                     Duration limit);

 private:
  struct Ready {
    std::string command;
    Warden warden;
    UniqueFd socket;
  };

  [[nodiscard]] bool make_ready(const std::string& command, Duration limit);
  [[nodiscard]] bool ask(std::string_view program, int output) const;

  std::optional<Ready> ready_;
  std::set<std::string> unfit_;  // commands that cannot be kept running
};

}  // namespace packetwright::linux_stack
