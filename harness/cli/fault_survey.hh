// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "harness/cli/command_line.hh"
#include "harness/runner/plan.hh"
#include "harness/runner/suite.hh"
#include "harness/runner/verdict.hh"
#include "harness/targets/faulty/fault.hh"
#include "stack/base/instant.hh"
#include "stack/base/result.hh"

// What the suite makes of each planted fault.
namespace packetwright::cli {

// A run of a case that a fault did not get through: it shows the fault.
struct Kill {
  std::size_t run = 0;  // its place in the plan
  runner::Verdict verdict = runner::Verdict::fail;
};

struct FaultResult {
  const faulty::Fault* fault = nullptr;
  std::vector<Kill> kills;  // in the order of the plan; empty: the fault survived
};

struct SurveyOptions {
  unsigned workers = 1;      // faults at a time
  bool all = false;          // every run against every fault; else each only up to its first kill
  Duration case_timeout{0};  // wall time after which a run hangs, and the fault is shown by that
  std::uint64_t seed = 0;    // of the runs
  // Is told how many faults are done.
  std::function<void(std::size_t done)> progress;
};

// Runs the plan against the reference stack with each of the faults. The results are in the order
// of `faults`, and are the same whatever the number of workers. An end of the command: the target
// cannot be used, or it was interrupted.
[[nodiscard]] Result<std::vector<FaultResult>, EarlyEnd> survey(
    const runner::Suite& suite, std::span<const runner::PlannedRun> runs,
    std::span<const faulty::Fault* const> faults, const SurveyOptions& options);

// The same without a fault: the runs that fall short although nothing is wrong, by their names.
[[nodiscard]] Result<std::vector<std::string>, EarlyEnd> survey_without_fault(
    const runner::Suite& suite, std::span<const runner::PlannedRun> runs,
    const SurveyOptions& options);

}  // namespace packetwright::cli
