// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/runner.hh"

#include <cstdlib>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "harness/runner/test_support.hh"

namespace packetwright::runner {
namespace {

using engine::Outcome;
using engine::Status;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Outcome passed() {
  Outcome outcome;
  outcome.status = Status::passed;
  outcome.stimuli = outcome.assertions_checked = 1;
  outcome.alive = engine::Alive::yes;
  outcome.strict = true;
  outcome.trace_hash = 7;
  return outcome;
}

Outcome failed() {
  Outcome outcome = passed();
  outcome.status = Status::failed;
  outcome.mismatches = {{"a.pkt", 3, 1, "> . 1:1(0) ack 1", "nothing", {}}};
  return outcome;
}

// Three cases in memory, an idle target, and a stand-in for the engine that decides by the title.
class RunnerTest : public ::testing::Test {
 protected:
  using Play = std::function<Outcome(const std::string& title, const engine::RunOptions&)>;

  RunnerTest() {
    options_.target = "idle";
    options_.isolate = isolation::Isolate::none;
    play_ = [](const std::string&, const engine::RunOptions&) { return passed(); };
  }

  RunnerOutcome run(const Expectations& expectations = {}) {
    const Machinery machinery{
        [this]() -> Result<std::unique_ptr<targets::Target>, std::string> {
          if (!cannot_open_.empty()) return Err{cannot_open_};
          return std::unique_ptr<targets::Target>(std::make_unique<IdleTarget>());
        },
        [this](const script::Script& script, const engine::RunOptions& options, targets::Target&,
               engine::Observer* observer) {
          observer->on_event({0, 2, 1});
          observer_ = observer;
          return play_(script.metadata.title, options);
        },
        quiet_machine_};
    const IdleTarget target;
    runs_ = plan(cases_, target.traits(), {}).value();
    results_.assign(runs_.size(), {});
    return run_plan(suite_, runs_, expectations, machinery, options_,
                    [this](std::size_t index, CaseResult result) {
                      results_[index] = std::move(result);
                      ++reported_;
                    });
  }

  MemoryFiles files_{std::map<std::string, std::string>{
      {"requirements/r.csv",
       "id,section,level,rule\nRFC1-m,1,MUST,x\nRFC1-s,2,SHOULD,x\nRFC1-y,3,MAY,x\n"},
      {"a.pkt", "// A.\n//: cites RFC1-m\n//: variants ipv4\n+0 < S 0:0(0) win 1000\n"},
      {"b.pkt", "// B.\n//: cites RFC1-s\n//: variants ipv4\n+0 < S 0:0(0) win 1000\n"},
      {"c.pkt", "// C.\n//: cites RFC1-y\n//: variants ipv4\n+0 < S 0:0(0) win 1000\n"}}};
  Suite suite_ = Suite::open(files_, {}).value();
  std::vector<Case> cases_ = suite_.select({}).value();
  RunnerOptions options_;
  Play play_;
  std::function<std::shared_ptr<void>()> quiet_machine_;
  std::string cannot_open_;
  engine::Observer* observer_ = nullptr;  // of the script that runs
  std::vector<PlannedRun> runs_;
  std::vector<CaseResult> results_;
  int reported_ = 0;
};

TEST_F(RunnerTest, EveryRunHasAVerdictOfItsLevel) {
  play_ = [](const std::string&, const engine::RunOptions&) { return failed(); };
  const RunnerOutcome outcome = run();
  EXPECT_FALSE(outcome.interrupted);
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(results_[0].verdict, Verdict::fail);
  EXPECT_EQ(results_[1].verdict, Verdict::non_strict);
  EXPECT_EQ(results_[2].verdict, Verdict::info);
  EXPECT_TRUE(results_[0].retried);
  EXPECT_THAT(results_[0].mismatches, ElementsAre(failed().mismatches.front()));
}

TEST_F(RunnerTest, TheReplayNamesCaseTargetSeedAndVariant) {
  play_ = [](const std::string&, const engine::RunOptions&) { return failed(); };
  options_.replay_options = {"--slow"};
  static_cast<void>(run());
  EXPECT_EQ(results_[0].replay,
            "packetwright run a --target idle --seed 0x7f3a --variant ipv4 --slow");
  // A path may end as the id does, and still be no case of the suite.
  results_[0].outside = true;
  results_[0].path = "/tmp/a.pkt";
  EXPECT_THAT(replay_of(results_[0], options_), StartsWith("packetwright run /tmp/a.pkt "));
}

TEST_F(RunnerTest, SeedAndModeReachTheEngine) {
  std::vector<std::uint64_t> seeds;
  options_.mode = engine::Mode::packetdrill;
  play_ = [&](const std::string&, const engine::RunOptions& how) {
    EXPECT_EQ(how.mode, engine::Mode::packetdrill);
    seeds.push_back(how.seed);
    return passed();
  };
  static_cast<void>(run());
  EXPECT_THAT(seeds, ElementsAre(runs_[0].seed, runs_[1].seed, runs_[2].seed));
}

TEST_F(RunnerTest, FailFastStopsAtTheFirstThatCounts) {
  options_.fail_fast = true;
  play_ = [](const std::string& title, const engine::RunOptions&) {
    return title == "B" ? failed() : passed();
  };
  EXPECT_FALSE(run().stopped) << "a SHOULD does not count";
  EXPECT_EQ(reported_, 3);
  reported_ = 0;
  options_.strict = true;
  EXPECT_TRUE(run().stopped);
  EXPECT_EQ(reported_, 2);
}

TEST_F(RunnerTest, RoundsWithOneTraceAreOneResult) {
  options_.repeat = 5;
  int calls = 0;
  play_ = [&](const std::string&, const engine::RunOptions&) { return ++calls, passed(); };
  static_cast<void>(run());
  EXPECT_EQ(calls, 15);
  EXPECT_EQ(reported_, 3);
  EXPECT_EQ(results_[0].verdict, Verdict::pass);
  EXPECT_EQ(results_[0].rounds, 5u);
}

TEST_F(RunnerTest, RoundsWhoseTracesDifferFail) {
  options_.repeat = 3;
  std::uint64_t hash = 1;
  play_ = [&](const std::string& title, const engine::RunOptions&) {
    Outcome outcome = passed();
    if (title == "B") outcome.trace_hash = hash++;
    return outcome;
  };
  static_cast<void>(run());
  EXPECT_EQ(results_[0].verdict, Verdict::pass);
  EXPECT_EQ(results_[1].verdict, Verdict::fail);
  EXPECT_EQ(results_[1].cause, "not reproducible: trace 0x1 and then 0x2");
}

TEST_F(RunnerTest, OnARealClockOnlyVerdictsAreCompared) {
  options_.repeat = 2;
  options_.clock = targets::ClockKind::real_time;
  std::uint64_t hash = 1;
  play_ = [&](const std::string&, const engine::RunOptions&) {
    Outcome outcome = passed();
    outcome.trace_hash = hash++;
    return outcome;
  };
  static_cast<void>(run());
  EXPECT_EQ(results_[0].verdict, Verdict::pass);
}

TEST_F(RunnerTest, RoundsWhoseVerdictsDifferFailWithTheEvidence) {
  options_.repeat = 2;
  int calls = 0;
  play_ = [&](const std::string& title, const engine::RunOptions&) {
    return title == "A" && ++calls > 1 ? failed() : passed();
  };
  static_cast<void>(run());
  EXPECT_EQ(results_[0].verdict, Verdict::fail);
  EXPECT_EQ(results_[0].cause, "not reproducible: verdict pass and then fail");
  EXPECT_EQ(results_[0].mismatches.size(), 1u);
}

TEST_F(RunnerTest, AScriptFromElsewhereRunsItsCommandsThere) {
  cases_.resize(2);
  cases_[0].outside = true;
  cases_[0].path = "suite/tcp/a.pkt";
  std::vector<std::string> folders;
  play_ = [&](const std::string&, const engine::RunOptions& how) {
    folders.push_back(how.folder);
    return passed();
  };
  static_cast<void>(run());
  EXPECT_THAT(folders, ElementsAre("suite/tcp/", ""));
}

TEST_F(RunnerTest, WhatIsInDoubtRunsAgainWhenAllElseIsDone) {
  options_.clock = targets::ClockKind::real_time;
  std::vector<std::string> order;
  play_ = [&](const std::string& title, const engine::RunOptions& how) {
    order.push_back(title + (how.strong_reset ? "!" : ""));
    Outcome outcome = title == "A" && !how.strong_reset ? failed() : passed();
    if (outcome.status == Status::failed) outcome.doubt = engine::Doubt::lateness;
    return outcome;
  };
  static_cast<void>(run());
  EXPECT_THAT(order, ElementsAre("A", "B", "C", "A!"));
  EXPECT_EQ(results_[0].verdict, Verdict::pass);
  EXPECT_TRUE(results_[0].retried);
  EXPECT_FALSE(results_[0].order_dependent);
  EXPECT_EQ(reported_, 3) << "each result once";
}

TEST_F(RunnerTest, OthersAreKeptAwayWhileWhatIsInDoubtRunsAgainAndNoLonger) {
  std::string order;
  quiet_machine_ = [&]() -> std::shared_ptr<void> {
    order += "(";
    return {&order, [](void* text) { *static_cast<std::string*>(text) += ")"; }};
  };
  play_ = [&](const std::string& title, const engine::RunOptions& how) {
    order += title;
    Outcome outcome = title == "A" && !how.strong_reset ? failed() : passed();
    if (outcome.status == Status::failed) outcome.doubt = engine::Doubt::time;
    return outcome;
  };
  static_cast<void>(run());
  EXPECT_EQ(order, "ABC(A)");
  order.clear();
  play_ = [&](const std::string&, const engine::RunOptions&) { return passed(); };
  static_cast<void>(run());
  EXPECT_EQ(order, "") << "nobody is disturbed without need";
}

TEST_F(RunnerTest, AHarnessThatIsAlwaysLateGivesNoVerdict) {
  play_ = [&](const std::string& title, const engine::RunOptions&) {
    Outcome outcome = title == "A" ? failed() : passed();
    if (outcome.status == Status::failed) outcome.doubt = engine::Doubt::lateness;
    outcome.late.total = 42ms;
    return outcome;
  };
  options_.isolate = isolation::Isolate::process;
  static_cast<void>(run());
  EXPECT_EQ(results_[0].verdict, Verdict::error);
  EXPECT_THAT(results_[0].cause, HasSubstr("the harness was 42.0 ms late"));
  EXPECT_EQ(results_[0].late_us, 42'000);
  EXPECT_EQ(results_[1].verdict, Verdict::pass);
}

TEST_F(RunnerTest, AKnownFailureIsKnownHoweverLateTheHarness) {
  int runs = 0;
  play_ = [&](const std::string& title, const engine::RunOptions&) {
    Outcome outcome = title == "A" ? failed() : passed();
    if (outcome.status == Status::failed) outcome.doubt = engine::Doubt::lateness;
    runs += title == "A" ? 1 : 0;
    return outcome;
  };
  const auto ledger = Expectations::parse(
      {"k.toml", "[[known]]\ncases=\"a\"\nexpect=\"fail\"\nsymptom=\"got nothing\"\nwhy=\"w\"\n"},
      targets::ClockKind::real_time, {});
  static_cast<void>(run(ledger.value()));
  EXPECT_EQ(results_[0].verdict, Verdict::xfail);
  EXPECT_EQ(runs, 1);
}

TEST_F(RunnerTest, OnARealClockTheLongestWaitsBeginFirst) {
  files_ = MemoryFiles{std::map<std::string, std::string>{
      {"a.pkt", "// A.\n//: variants ipv4\n+0 < S 0:0(0) win 1000\n"},
      {"b.pkt", "// B.\n//: variants ipv4\n+0 < S 0:0(0) win 1000\n+.5 silence 1\n"},
      {"c.pkt", "// C.\n//: variants ipv4\n+1 < S 0:0(0) win 1000\n"}}};
  suite_ = Suite::open(files_, {}).value();
  cases_ = suite_.select({}).value();
  std::vector<std::string> order;
  play_ = [&](const std::string& title, const engine::RunOptions&) {
    order.push_back(title);
    return passed();
  };
  static_cast<void>(run());
  EXPECT_THAT(order, ElementsAre("A", "B", "C"));
  order.clear();
  options_.clock = targets::ClockKind::real_time;
  static_cast<void>(run());
  EXPECT_THAT(order, ElementsAre("B", "C", "A"));
}

TEST_F(RunnerTest, OnARealClockOthersBeginWhileCasesWait) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  options_.clock = targets::ClockKind::real_time;
  options_.isolate = isolation::Isolate::process;
  options_.workers = 2;
  // A and B wait for what C does.
  play_ = [&](const std::string& title, const engine::RunOptions&) {
    char two[2] = {};
    if (title == "C") return write(ends[1], two, 2) == 2 ? passed() : failed();
    observer_->on_wait(true);
    return read(ends[0], two, 1) == 1 ? passed() : failed();
  };
  static_cast<void>(run());
  for (const int end : ends) close(end);
  for (const CaseResult& result : results_) EXPECT_EQ(result.verdict, Verdict::pass);
}

TEST_F(RunnerTest, ABrokenCaseIsAnErrorAndTheOthersRun) {
  cases_[1].problem = "b.pkt:1: error: first\nsecond";
  static_cast<void>(run());
  EXPECT_EQ(results_[1].verdict, Verdict::error);
  EXPECT_EQ(results_[1].cause, "b.pkt:1: error: first");
  EXPECT_THAT(results_[1].log, HasSubstr("second"));
  EXPECT_EQ(results_[0].verdict, Verdict::pass);
  EXPECT_EQ(results_[2].verdict, Verdict::pass);
}

TEST_F(RunnerTest, ATargetThatCannotBeOpenedEndsTheRun) {
  cannot_open_ = "/dev/net/tun: permission denied";
  EXPECT_THAT(run().error, HasSubstr("/dev/net/tun: permission denied"));
  EXPECT_EQ(reported_, 0);
}

TEST_F(RunnerTest, KnownFailuresAreApplied) {
  play_ = [](const std::string&, const engine::RunOptions&) { return failed(); };
  const auto ledger = Expectations::parse(
      {"k.toml", "[[known]]\ncases=\"a\"\nexpect=\"fail\"\nsymptom=\"got nothing\"\nwhy=\"w\"\n"},
      targets::ClockKind::virtual_time, {});
  static_cast<void>(run(ledger.value()));
  EXPECT_EQ(results_[0].verdict, Verdict::xfail);
  EXPECT_EQ(results_[0].known, "w");
}

TEST_F(RunnerTest, ACrashIsTheVerdictOfOneCaseAndNamesItsLine) {
  options_.isolate = isolation::Isolate::process;
  play_ = [](const std::string& title, const engine::RunOptions&) -> Outcome {
    if (title == "B") std::abort();
    return passed();
  };
  static_cast<void>(run());
  EXPECT_EQ(results_[0].verdict, Verdict::pass);
  EXPECT_EQ(results_[1].verdict, Verdict::crash);
  EXPECT_EQ(results_[1].cause, "SIGABRT");
  EXPECT_EQ(results_[1].line, 2u);
  EXPECT_EQ(results_[2].verdict, Verdict::pass);
}

TEST_F(RunnerTest, ACaseThatNeverEndsHangs) {
  options_.isolate = isolation::Isolate::process;
  options_.limits.job_timeout = std::chrono::seconds(1);
  play_ = [](const std::string& title, const engine::RunOptions&) -> Outcome {
    for (volatile bool forever = true; title == "A" && forever;) {
    }
    return passed();
  };
  static_cast<void>(run());
  EXPECT_EQ(results_[0].verdict, Verdict::hang);
  EXPECT_EQ(results_[0].cause, "still running after 1 s");
  EXPECT_EQ(results_[1].verdict, Verdict::pass);
}

TEST_F(RunnerTest, WhatAScriptWaitsIsNoHang) {
  options_.isolate = isolation::Isolate::process;
  options_.clock = targets::ClockKind::real_time;
  options_.slow = true;
  options_.limits.job_timeout = 100ms;
  files_ = MemoryFiles{std::map<std::string, std::string>{
      {"a.pkt", "// A.\n//: variants ipv4\n+0 < S 0:0(0) win 1000\n+.5 silence .01\n"}}};
  suite_ = Suite::open(files_, {}).value();
  cases_ = suite_.select({}).value();
  play_ = [](const std::string&, const engine::RunOptions&) -> Outcome {
    for (volatile bool forever = true; forever;) {
    }
    return passed();
  };
  static_cast<void>(run());
  EXPECT_EQ(results_[0].verdict, Verdict::hang);
  EXPECT_EQ(results_[0].cause, "still running after 1 s");
}

TEST_F(RunnerTest, HistoryIsKeptOnlyWhereItIsOfUse) {
  play_ = [](const std::string& title, const engine::RunOptions&) {
    Outcome outcome = title == "A" ? failed() : passed();
    outcome.history.push_back({});
    return outcome;
  };
  static_cast<void>(run());
  EXPECT_EQ(results_[0].history.size(), 1u);
  EXPECT_EQ(results_[1].history.size(), 0u);
  options_.keep_history = true;
  static_cast<void>(run());
  EXPECT_EQ(results_[1].history.size(), 1u);
}

}  // namespace
}  // namespace packetwright::runner
