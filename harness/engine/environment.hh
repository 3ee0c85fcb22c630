// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/targets/posix_calls.hh"

namespace packetwright::engine {

// What a command says that the system lacks, if its output tells of such a thing: a tool, a
// setting, a queueing discipline, a congestion control, a permission. nullopt: it says nothing of
// the kind, and a failure of the command is its own.
[[nodiscard]] std::optional<std::string> missing_from_environment(
    std::string_view command, const targets::PosixCalls::ShellOutcome& outcome);

}  // namespace packetwright::engine
