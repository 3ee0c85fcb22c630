// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "harness/model/choices.hh"
#include "harness/script/expand.hh"
#include "harness/sweep/prelude.hh"
#include "harness/sweep/stimulus.hh"
#include "harness/targets/target.hh"

// The sweep: every state by every prelude, every kind of segment, every boundary value and pairs of
// them, and for each what the target did beside what the model allows.
namespace packetwright::sweep {

// A stimulus to which a target did something that the model does not allow.
struct Finding {
  Stimulus stimulus;
  std::string rule;    // that decides, by the model
  std::string wanted;  // the likeliest of what is allowed
  std::string seen;
  std::string script;  // that repeats it
};

// What came of one prelude and one kind of segment.
struct Swept {
  std::uint64_t stimuli = 0;
  std::uint64_t deviating = 0;
  std::optional<Finding> first;  // one with the fewest deviations from a normal segment
  std::string unsupported;       // why the prelude is not for this target; empty: it is
  std::string problem;           // why it could not be done; empty: it could
};

struct SweepOptions {
  std::uint64_t seed = 1;
  unsigned deviations = 2;  // from a normal segment, at once: 0 to 2
  model::Choices choices;
  std::map<std::string, std::string> knobs;  // of the target
  script::PreludeLoader loader;
};

// Sweeps one target, which outlives this.
class Sweeper {
 public:
  Sweeper(targets::Target& target, SweepOptions options);

  // `on_stimulus` is told the number of each before it is tried, for journals.
  [[nodiscard]] Swept sweep(const Prelude& prelude, const Kind& kind,
                            const std::function<void(std::uint32_t)>& on_stimulus);

 private:
  [[nodiscard]] const Result<Ready, NotReady>& ready(const Prelude& prelude);

  targets::Target& target_;
  SweepOptions options_;
  std::map<const Prelude*, Result<Ready, NotReady>> ready_;
};

// Every stimulus of a kind that makes sense in this situation, those with fewer deviations first,
// until `act` says that it has seen enough (false).
void for_each_stimulus(const Kind& kind, const model::Variables& v, unsigned deviations,
                       const std::function<bool(const Stimulus&)>& act);

}  // namespace packetwright::sweep
