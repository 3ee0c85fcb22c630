// SPDX-License-Identifier: Apache-2.0

// How many cases a second the harness gets through on the reference stack: one small script in the
// engine alone, the same through the runner with its workers, and the whole suite.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>

#include "harness/cli/disk.hh"
#include "harness/engine/engine.hh"
#include "harness/runner/runner.hh"
#include "harness/runner/suite.hh"
#include "harness/script/expand.hh"
#include "harness/script/parser.hh"
#include "harness/targets/reference/reference_target.hh"

namespace {

using namespace packetwright;

// The shortest script that means something: a handshake, in seven lines.
constexpr const char* kHandshake = R"(0   socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0  bind(3, ..., ...) = 0
+0  listen(3, 1) = 0
+0  < S 0:0(0) win 32792 <mss 1000,nop,wscale 7>
+0  > S. 0:0(0) ack 1 <...>
+.1 < . 1:1(0) ack 1 win 257
+0  accept(3, ..., ...) = 4
)";
// Starting and ending workers is part of a run; so many cases make it a small part.
constexpr std::size_t kCases = 2'000;

[[noreturn]] void give_up(const std::string& why) {
  std::cerr << "cases_bench: " << why << '\n';
  std::exit(1);
}

unsigned cores() {
  return std::max(1u, std::thread::hardware_concurrency());
}

runner::Machinery machinery() {
  return {
      []() -> Result<std::unique_ptr<targets::Target>, std::string> {
        return std::unique_ptr<targets::Target>{std::make_unique<reference::ReferenceTarget>()};
      },
      [](const script::Script& script, const engine::RunOptions& options, targets::Target& target,
         engine::Observer* observer) { return engine::run(script, options, target, observer); }};
}

// Runs a plan, and insists that nothing failed: a wrong result would be a fast one.
void run(const runner::Suite& suite, const std::vector<runner::PlannedRun>& runs,
         const runner::RunnerOptions& options) {
  std::string failed;
  const runner::RunnerOutcome outcome =
      runner::run_plan(suite, runs, runner::Expectations{}, machinery(), options,
                       [&](std::size_t, runner::CaseResult result) {
                         if (runner::kind_of(result.verdict, false) == runner::Kind::failed)
                           failed = result.id;
                       });
  if (!outcome.error.empty()) give_up(outcome.error);
  if (!failed.empty()) give_up(failed + " failed");
}

runner::RunnerOptions options_for(std::int64_t workers) {
  runner::RunnerOptions options;
  options.target = "reference";
  options.workers = static_cast<unsigned>(workers);
  options.slow = true;
  return options;
}

// A script, expanded, in one target again and again.
void engine_alone(benchmark::State& state) {
  const script::ParseResult parsed = script::parse({"handshake.pkt", kHandshake});
  const auto no_preludes = [](std::string_view) -> Result<script::Source, std::string> {
    return Err{std::string{"there are no preludes"}};
  };
  const script::ParseResult expanded = script::expand(parsed.script, {}, no_preludes);
  reference::ReferenceTarget target;
  const engine::RunOptions options;
  for (auto _ : state) {
    const engine::Outcome outcome = engine::run(expanded.script, options, target);
    if (outcome.status != engine::Status::passed) give_up(outcome.reason);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(engine_alone);

// The same as a user runs it: read once, then expanded, isolated, judged and reported, each time.
void through_workers(benchmark::State& state) {
  const runner::Suite suite = runner::Suite::without_folder({});
  const std::vector<runner::Case> cases{suite.load_text("handshake", "handshake.pkt", kHandshake)};
  const reference::ReferenceTarget target;
  runner::PlanOptions plan;
  plan.variants = {engine::Variant::ipv4};
  const auto one = runner::plan(cases, target.traits(), plan);
  if (!one || one->size() != 1) give_up("the handshake cannot be planned");
  const std::vector<runner::PlannedRun> runs(kCases, one->front());
  const runner::RunnerOptions options = options_for(state.range(0));
  for (auto _ : state) run(suite, runs, options);
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * runs.size()));
}
BENCHMARK(through_workers)->Arg(1)->Arg(cores())->UseRealTime()->Unit(benchmark::kMillisecond);

// `packetwright run`, without the reports: every case, variant and parameter, weeks of the
// stack's time.
void whole_suite(benchmark::State& state) {
  cli::DiskFiles folder{std::filesystem::path{PW_SOURCE_DIR} / "conformance"};
  const auto suite = runner::Suite::open(folder, {});
  if (!suite) give_up(suite.error());
  const auto cases = suite->select({});
  if (!cases) give_up(cases.error());
  const reference::ReferenceTarget target;
  const auto runs = runner::plan(*cases, target.traits(), {});
  if (!runs) give_up(runs.error());
  const runner::RunnerOptions options = options_for(state.range(0));
  for (auto _ : state) run(*suite, *runs, options);
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * runs->size()));
}
BENCHMARK(whole_suite)->Arg(1)->Arg(cores())->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
