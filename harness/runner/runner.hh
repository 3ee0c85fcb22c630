// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "harness/engine/engine.hh"
#include "harness/runner/expectations.hh"
#include "harness/runner/plan.hh"
#include "harness/runner/result.hh"
#include "harness/runner/suite.hh"
#include "harness/targets/isolation/pool.hh"
#include "harness/targets/target.hh"
#include "stack/base/result.hh"

namespace packetwright::runner {

// How to get at the stack under test, and what runs a script against it. In the command these are
// targets::open and engine::run; tests put others here.
struct Machinery {
  std::function<Result<std::unique_ptr<targets::Target>, std::string>()> open_target;
  std::function<engine::Outcome(const script::Script&, const engine::RunOptions&, targets::Target&,
                                engine::Observer*)>
      run_script;
  // Called when what is in doubt is to run by itself; what it returns is let go when that is over.
  // Keeps other runs on the same machine away. Empty: there is nobody to keep away.
  std::function<std::shared_ptr<void>()> quiet_machine = {};
  // engine::RunOptions::read_file
  std::function<Result<std::string, std::string>(const std::string& path)> read_file = {};
};

struct RunnerOptions {
  std::string target;
  targets::ClockKind clock = targets::ClockKind::virtual_time;
  unsigned workers = 1;
  isolation::Isolate isolate = isolation::Isolate::process;
  isolation::Limits limits;
  engine::Mode mode = engine::Mode::automatic;
  bool slow = false;
  std::uint32_t repeat = 1;   // rounds of every run, at least 1
  bool fail_fast = false;     // stop at the first verdict that counts as failed
  bool strict = false;        // non_strict counts as failed
  bool keep_history = false;  // of runs that passed, too
  std::uint64_t seed = kDefaultSeed;
  std::vector<std::pair<std::string, std::string>> script_options;  // engine::RunOptions::defaults
  std::vector<std::string> replay_options;  // words that a replay needs besides the usual ones
};

// How a run ended, apart from its verdicts.
struct RunnerOutcome {
  bool interrupted = false;  // by a signal; some runs have no verdict
  bool stopped = false;      // by fail_fast
  std::string error;         // the target could not be used; empty: it could
};

// Is told each result once, in the order in which runs end; `index` is the place in the plan.
using OnResult = std::function<void(std::size_t index, CaseResult result)>;

// Runs a plan: hands the runs to workers, judges what comes back and applies the known failures.
// With `repeat`, a run whose rounds differ - in their verdicts, or on a virtual clock in the hash
// of their traces - fails as not reproducible.
[[nodiscard]] RunnerOutcome run_plan(const Suite& suite, std::span<const PlannedRun> runs,
                                     const Expectations& expectations, const Machinery& machinery,
                                     const RunnerOptions& options, const OnResult& on_result);

// The command line that repeats one result.
[[nodiscard]] std::string replay_of(const CaseResult& result, const RunnerOptions& options);

}  // namespace packetwright::runner
