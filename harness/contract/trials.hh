// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "harness/contract/contract.hh"
#include "harness/targets/target.hh"

namespace packetwright::contract {

struct TrialResult {
  State state = State::kept;
  std::string detail;
};
[[nodiscard]] inline TrialResult kept(std::string detail) {
  return {State::kept, std::move(detail)};
}
[[nodiscard]] inline TrialResult broken(std::string detail) {
  return {State::broken, std::move(detail)};
}
[[nodiscard]] inline TrialResult not_claimed(std::string what) {
  return {State::not_claimed, std::move(what)};
}

// A trial that is a function. `known`: names of capabilities that are no mistake.
struct Trial {
  const char* name;
  TrialResult (*run)(targets::Target& target, std::span<const std::string> known);
};

// In the order in which one would mend what they find; scripted_trials.hh has those behind them.
[[nodiscard]] std::span<const Trial> trials();

}  // namespace packetwright::contract
