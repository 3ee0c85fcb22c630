// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/script/tree.hh"
#include "harness/targets/posix_calls.hh"

namespace packetwright::engine {

// What a command says that the system lacks, if its output tells of such a thing: a tool, a
// setting, a queueing discipline, a congestion control, a permission. nullopt: it says nothing of
// the kind, and a failure of the command is its own.
[[nodiscard]] std::optional<std::string> missing_from_environment(
    std::string_view command, const targets::PosixCalls::ShellOutcome& outcome);

// What the error of a call that a script wants to succeed says that the system lacks: a protocol,
// an option, a congestion control, a permission. nullopt: nothing of the kind.
[[nodiscard]] std::optional<std::string> missing_for_call(const script::SystemCall& call,
                                                          int error);

}  // namespace packetwright::engine
