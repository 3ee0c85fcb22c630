// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "harness/engine/outcome.hh"
#include "harness/runner/level.hh"
#include "harness/runner/verdict.hh"
#include "harness/targets/target.hh"

namespace packetwright::runner {

// What a verdict is and why.
struct Judgement {
  Verdict verdict = Verdict::error;
  std::string cause;     // one line; empty for a pass
  std::string symptom;   // see CaseResult
  bool vacuous = false;  // it would be a pass, had it proved anything
};

// The verdict on one run of a script whose strongest requirement is of `level`. A failure counts as
// the level says: MUST fail, SHOULD non_strict, MAY info. A pass counts only if the target was
// given something to react to and was alive at the end; otherwise it fails at every level, as
// vacuous. A run whose only evidence are assertions that the target cannot answer is unsupported.
// A failure of a harness that was late is no verdict on the stack but an error.
[[nodiscard]] Judgement judge(const engine::Outcome& outcome, Level level);

// "SIGSEGV", "AddressSanitizer: heap-buffer-overflow", "exit status 3", ...: how a stack died, from
// its signal and its last words.
[[nodiscard]] std::string cause_of(const targets::Death& death);

// An outcome, and what it took to believe it.
struct Attempt {
  engine::Outcome outcome;
  bool retried = false;          // it failed at first and ran again after the strongest reset
  bool order_dependent = false;  // and then it passed: what ran before it mattered
};

// So often, at most, a case runs in attempt() and in attempt_alone().
inline constexpr int kRunsAtFirst = 2, kRunsAlone = 5;

// Runs a case, told whether to reset strongly.
using RunCase = std::function<engine::Outcome(bool strong_reset)>;

// Once, and again after the strongest reset if it fails. A failure that is in doubt comes back as
// it is (Outcome::doubt): running it again at once would meet the same machine, just as busy.
[[nodiscard]] Attempt attempt(const RunCase& run, Level level);

// Settles an attempt that is in doubt, at a time when nothing else runs: again after the strongest
// reset until the harness is in time or the case passes. If it never is, the doubt stays. What
// differs in time only, and does so twice, is the stack's doing.
[[nodiscard]] Attempt attempt_alone(const RunCase& run, Level level, const Attempt& doubtful);

}  // namespace packetwright::runner
