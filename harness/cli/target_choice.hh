// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/cli/command_line.hh"
#include "harness/targets/registry.hh"
#include "stack/base/result.hh"

// What verbs that need a stack under test have in common.
namespace packetwright::cli {

// A target that can be used here. An end of the command: it is not known, or it cannot be.
[[nodiscard]] Result<targets::TargetInfo, EarlyEnd> find_target(const std::string& name);

// A number in decimal or 0x hexadecimal, as --seed takes it; nullopt: it is none.
[[nodiscard]] std::optional<std::uint64_t> number_from(std::string_view text);

}  // namespace packetwright::cli
