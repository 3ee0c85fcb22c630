// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/cli/command_line.hh"
#include "harness/targets/registry.hh"
#include "stack/base/result.hh"

// What verbs that need a stack under test have in common.
namespace packetwright::cli {

// A target that can be used here. An end of the command: it is not known, or it cannot be.
[[nodiscard]] Result<targets::TargetInfo, EarlyEnd> find_target(const std::string& name);

// What --seed says, a number in decimal or 0x hexadecimal; empty: the default.
[[nodiscard]] Result<std::uint64_t, EarlyEnd> seed_from(std::string_view text);

}  // namespace packetwright::cli
