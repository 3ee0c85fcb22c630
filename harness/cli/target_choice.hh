// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "harness/cli/case_source.hh"
#include "harness/cli/command_line.hh"
#include "harness/runner/expectations.hh"
#include "harness/runner/runner.hh"
#include "harness/targets/registry.hh"
#include "stack/base/result.hh"

// What verbs that need a stack under test have in common.
namespace packetwright::cli {

// A target that can be used here. An end of the command: it is not known, or it cannot be.
[[nodiscard]] Result<targets::TargetInfo, EarlyEnd> find_target(const std::string& name);

// That target, opened anew by each worker, and the engine.
[[nodiscard]] runner::Machinery machinery_for(const std::string& target);

// As many cases at a time as suit the target. On a real clock most cases do nothing but wait, and
// can do so side by side.
[[nodiscard]] unsigned default_workers(const targets::Traits& traits);

// Finds the list of a target in the suite, which must outlive it.
[[nodiscard]] runner::FindLedger find_ledger(const OpenSuite& open);

// Its known failures; none if the suite has no list of them. An end of the command: the list cannot
// be read.
[[nodiscard]] Result<runner::Expectations, EarlyEnd> ledger_of(const OpenSuite& open,
                                                               const std::string& target,
                                                               targets::ClockKind clock);

// A knob as NAME=VALUE.
[[nodiscard]] Result<std::pair<std::string, std::string>, EarlyEnd> knob_from(
    const std::string& text);

// What --seed says, a number in decimal or 0x hexadecimal; empty: the default.
[[nodiscard]] Result<std::uint64_t, EarlyEnd> seed_from(std::string_view text);

}  // namespace packetwright::cli
