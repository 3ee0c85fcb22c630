// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "harness/targets/target.hh"
#include "stack/base/result.hh"

// Whether a target keeps to the contract of target.hh, for those who have just brought one. What is
// found here is wrong with the adapter; what is wrong with the stack is for the suite.
namespace packetwright::contract {

enum class State : std::uint8_t { kept, broken, not_claimed };

struct Finding {
  std::string name;  // of the trial: "lives"
  State state = State::kept;
  std::string detail;  // what was found, or what is not claimed
};

using Opener = std::function<Result<std::unique_ptr<targets::Target>, std::string>()>;

// Every trial, each on a target of its own in a process of its own, so that whatever one of them
// brings about is told of that one. `known`: names of capabilities that are no mistake.
[[nodiscard]] std::vector<Finding> check(const Opener& open, std::span<const std::string> known);

}  // namespace packetwright::contract
