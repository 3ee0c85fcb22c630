// SPDX-License-Identifier: Apache-2.0
#include "harness/sweep/sweep.hh"

#include <algorithm>
#include <utility>
#include <vector>

#include "harness/model/segment_arrives.hh"
#include "harness/sweep/encode.hh"
#include "harness/sweep/judge.hh"
#include "harness/sweep/observe.hh"
#include "harness/sweep/script.hh"

namespace packetwright::sweep {
namespace {

constexpr Field kAllFields[] = {Field::seq,    Field::ack,       Field::win, Field::urgent,
                                Field::option, Field::timestamp, Field::form};

// Every value but the normal one of the fields from `first` on, `left` fields at once.
bool deviate(Stimulus& stimulus, std::size_t first, unsigned left, const model::Variables& v,
             const std::function<bool(const Stimulus&)>& act) {
  if (left == 0) return !makes_sense(stimulus, v) || act(stimulus);
  for (std::size_t i = first; i < kFields; ++i) {
    const std::size_t values = values_of(kAllFields[i]).size();
    for (std::size_t value = 1; value < values; ++value) {
      stimulus.values[i] = static_cast<std::uint8_t>(value);
      if (!deviate(stimulus, i + 1, left - 1, v, act)) return false;
    }
    stimulus.values[i] = 0;
  }
  return true;
}

}  // namespace

void for_each_stimulus(const Kind& kind, const model::Variables& v, unsigned deviations,
                       const std::function<bool(const Stimulus&)>& act) {
  Stimulus stimulus;
  stimulus.kind = &kind;
  // Fewer deviations first, so that the first finding is a smallest one.
  for (unsigned count = 0; count <= deviations; ++count) {
    if (!deviate(stimulus, 0, count, v, act)) return;
  }
}

Sweeper::Sweeper(targets::Target& target, SweepOptions options)
    : target_(target), options_(std::move(options)) {}

const Result<Ready, NotReady>& Sweeper::ready(const Prelude& prelude) {
  const auto found = ready_.find(&prelude);
  if (found != ready_.end()) return found->second;
  return ready_
      .emplace(&prelude,
               make_ready(prelude, target_, options_.seed, options_.knobs, options_.loader))
      .first->second;
}

Swept Sweeper::sweep(const Prelude& prelude, const Kind& kind,
                     const std::function<void(std::uint32_t)>& on_stimulus) {
  Swept swept;
  const auto& made = ready(prelude);
  if (!made) {
    const std::string& why = made.error().reason;
    if (made.error().unsupported) {
      swept.unsupported = std::string(prelude.name) + ": " + why;
    } else {
      swept.problem = why;
    }
    return swept;
  }
  const Ready& ready = *made;
  const model::Variables v = with_numbers(ready.tracked);
  for_each_stimulus(kind, v, options_.deviations, [&](const Stimulus& stimulus) {
    on_stimulus(static_cast<std::uint32_t>(swept.stimuli) + 1);
    const auto outcomes = model::segment_arrives(v, segment_of(stimulus, v), options_.choices);
    const bool may_wait = std::any_of(outcomes.begin(), outcomes.end(),
                                      [](const model::Outcome& one) { return one.may_wait; });
    if (const auto there = repeat(ready, target_); !there) {
      swept.problem = there.error();
      return false;
    }
    const auto seen = observe(ready, frame_of(stimulus, ready, v), v, may_wait, target_);
    if (!seen) {
      swept.problem = stimulus.name() + ": " + seen.error();
      return false;
    }
    ++swept.stimuli;
    if (is_allowed(*seen, outcomes, ready)) return true;
    ++swept.deviating;
    if (swept.first) return true;
    const model::Outcome& wanted = outcomes.front();
    Finding finding;
    finding.stimulus = stimulus;
    finding.rule = wanted.rule;
    finding.wanted = describe(wanted, ready);
    finding.seen = describe(*seen, ready);
    const Difference differs = difference(*seen, wanted, ready);
    if (differs == Difference::text && finding.seen == finding.wanted) {
      finding.seen += ", other ones than were sent";
    }
    finding.script = script_for(stimulus, wanted, differs, finding.seen, ready);
    swept.first = std::move(finding);
    return true;
  });
  return swept;
}

}  // namespace packetwright::sweep
