// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "harness/contract/trials.hh"
#include "harness/engine/variant.hh"
#include "harness/targets/target.hh"

namespace packetwright::contract {

// A trial that is a script.
struct ScriptedTrial {
  const char* name;
  engine::Variant variant;
  const char* script;
  const char* shows;  // what is true of a target on which it holds
};
[[nodiscard]] std::span<const ScriptedTrial> scripted_trials();

[[nodiscard]] TrialResult run(const ScriptedTrial& trial, targets::Target& target);

}  // namespace packetwright::contract
