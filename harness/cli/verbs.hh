// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/cli/command_line.hh"
#include "harness/cli/exit_code.hh"

// The verbs of the command, a file each.
namespace packetwright::cli {

[[nodiscard]] ExitCode run(const RunArguments& arguments);
[[nodiscard]] ExitCode list(const ListArguments& arguments);
[[nodiscard]] ExitCode fmt(const FmtArguments& arguments);
[[nodiscard]] ExitCode lint(const LintArguments& arguments);
[[nodiscard]] ExitCode import(const ImportArguments& arguments);
[[nodiscard]] ExitCode replay(const ReplayArguments& arguments);
[[nodiscard]] ExitCode compare(const CompareArguments& arguments);
[[nodiscard]] ExitCode targets(const TargetsArguments& arguments);
[[nodiscard]] ExitCode version(const VersionArguments& arguments);

}  // namespace packetwright::cli
