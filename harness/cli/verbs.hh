// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "harness/cli/command_line.hh"
#include "harness/cli/exit_code.hh"
#include "harness/targets/faulty/fault.hh"
#include "stack/base/result.hh"

// The verbs of the command, a file each.
namespace packetwright::cli {

// An error is what is printed in the end instead.
using VerbResult = Result<ExitCode, EarlyEnd>;

[[nodiscard]] VerbResult run(const RunArguments& arguments);
[[nodiscard]] VerbResult list(const ListArguments& arguments);
[[nodiscard]] VerbResult fmt(const FmtArguments& arguments);
[[nodiscard]] VerbResult lint(const LintArguments& arguments);
[[nodiscard]] VerbResult import(const ImportArguments& arguments);
[[nodiscard]] VerbResult replay(const ReplayArguments& arguments);
[[nodiscard]] VerbResult compare(const CompareArguments& arguments);
[[nodiscard]] VerbResult goodput(const GoodputArguments& arguments);
[[nodiscard]] VerbResult fuzz(const FuzzArguments& arguments);
// `table`: the faults that this program can plant; empty: none.
[[nodiscard]] VerbResult faults(const FaultsArguments& arguments,
                                std::span<const faulty::Fault> table);
[[nodiscard]] VerbResult sweep(const SweepArguments& arguments);
[[nodiscard]] VerbResult explain(const ExplainArguments& arguments);
[[nodiscard]] VerbResult targets(const TargetsArguments& arguments);
[[nodiscard]] VerbResult version(const VersionArguments& arguments);

}  // namespace packetwright::cli
