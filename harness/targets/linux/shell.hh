// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/targets/linux/warden.hh"
#include "harness/targets/posix_calls.hh"
#include "stack/base/instant.hh"
#include "stack/base/result.hh"

namespace packetwright::linux_stack {

// What a command of a script may take: twice this fits into what a case may take (`--timeout`).
inline constexpr Duration kShellLimit = std::chrono::seconds{8};

// Runs the commands of a script with /bin/sh in the namespaces of this process, without standard
// input.
class Shell {
 public:
  // A command that takes longer than `limit` is killed with everything it started. What one that
  // ends in time leaves running, runs on until end_all().
  [[nodiscard]] Result<targets::PosixCalls::ShellOutcome, std::string> run(std::string_view command,
                                                                           Duration limit);
  // Kills what commands left running, however far it has gone, and tells what that had written
  // since.
  std::string end_all();

 private:
  std::vector<Warden> left_;
};

}  // namespace packetwright::linux_stack
