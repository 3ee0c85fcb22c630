// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/engine/variant.hh"
#include "harness/runner/case.hh"
#include "harness/runner/result.hh"
#include "harness/runner/selection.hh"
#include "harness/targets/target.hh"
#include "stack/base/result.hh"

namespace packetwright::runner {

inline constexpr std::uint64_t kDefaultSeed = 0x7f3a;

// One case over one IP version with one set of parameters.
struct PlannedRun {
  const Case* of = nullptr;
  engine::Variant variant = engine::Variant::ipv4;
  script::Combination combination;
  Params params;           // of `combination`
  std::uint64_t seed = 0;  // drawn from the seed of the whole, the case, the variant and the params
};

struct PlanOptions {
  std::uint64_t seed = kDefaultSeed;
  std::vector<engine::Variant> variants;  // empty: those that the case has and the target can do
  std::vector<std::string> params;        // "mss=536"; only runs that agree with all of them
  Shard shard;
};

// What a case will be run as, in the order of reports. The cases must stay where they are. An error
// says which parameter or value no selected case has.
[[nodiscard]] Result<std::vector<PlannedRun>, std::string> plan(std::span<const Case> cases,
                                                                const targets::Traits& traits,
                                                                const PlanOptions& options);

// Whether a target can run a variant at all.
[[nodiscard]] bool can_run(const targets::Traits& traits, engine::Variant variant);

// The seed of one run, from the seed of the whole. It depends on nothing else that runs.
[[nodiscard]] std::uint64_t seed_of(std::uint64_t root, std::string_view id,
                                    engine::Variant variant, std::string_view params);

// The fields of a result that are known before the run.
[[nodiscard]] CaseResult blank_result(const PlannedRun& run, std::string_view target);

}  // namespace packetwright::runner
