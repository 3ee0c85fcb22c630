// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "harness/targets/posix_calls.hh"
#include "stack/base/instant.hh"
#include "stack/base/result.hh"

namespace packetwright::linux_stack {

// What a command of a script may take.
inline constexpr Duration kShellLimit = std::chrono::seconds{10};

// Runs a command with /bin/sh in the namespaces of this process, without standard input. It is
// killed with everything it started after `limit`, and whatever it leaves running is killed when it
// ends.
[[nodiscard]] Result<targets::PosixCalls::ShellOutcome, std::string> run_shell(
    std::string_view command, Duration limit);

}  // namespace packetwright::linux_stack
