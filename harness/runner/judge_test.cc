// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/judge.hh"

#include <gtest/gtest.h>

namespace packetwright::runner {
namespace {

using engine::Alive;
using engine::Doubt;
using engine::Outcome;
using engine::Status;

// A run that counts: something was sent, something was checked, and the stack answered at the end.
Outcome good() {
  Outcome outcome;
  outcome.status = Status::passed;
  outcome.stimuli = 3;
  outcome.assertions_checked = 2;
  outcome.alive = Alive::yes;
  return outcome;
}

Outcome bad() {
  Outcome outcome = good();
  outcome.status = Status::failed;
  outcome.reason = "line 7: another packet";
  engine::Mismatch mismatch;
  mismatch.expected = "+0.000 > . 1:1(0) ack 1";
  mismatch.actual = "nothing";
  outcome.mismatches = {mismatch};
  return outcome;
}

TEST(Judge, APassIsAPassAtEveryLevel) {
  EXPECT_EQ(judge(good(), Level::must).verdict, Verdict::pass);
  EXPECT_EQ(judge(good(), Level::may).verdict, Verdict::pass);
}

TEST(Judge, TheLevelSaysHowBadAFailureIs) {
  EXPECT_EQ(judge(bad(), Level::must).verdict, Verdict::fail);
  EXPECT_EQ(judge(bad(), Level::should).verdict, Verdict::non_strict);
  EXPECT_EQ(judge(bad(), Level::may).verdict, Verdict::info);
}

TEST(Judge, TheSymptomIsTheFirstMismatch) {
  const Judgement judgement = judge(bad(), Level::must);
  EXPECT_EQ(judgement.symptom, engine::symptom_of(bad().mismatches.front()));
  EXPECT_EQ(judgement.cause, "line 7: another packet");
}

TEST(Judge, AStackThatIsDeadAtTheEndHasNotPassed) {
  Outcome outcome = good();
  outcome.alive = Alive::no;
  const Judgement judgement = judge(outcome, Level::may);
  EXPECT_EQ(judgement.verdict, Verdict::fail) << "vacuous counts at every level";
  EXPECT_TRUE(judgement.vacuous);
}

TEST(Judge, ARunWithoutStimulusProvesNothing) {
  Outcome outcome = good();
  outcome.stimuli = 0;
  const Judgement judgement = judge(outcome, Level::must);
  EXPECT_EQ(judgement.verdict, Verdict::fail);
  EXPECT_TRUE(judgement.vacuous);
}

TEST(Judge, WhereAliveCannotBeAskedThePassCounts) {
  Outcome outcome = good();
  outcome.alive = Alive::not_checked;
  EXPECT_EQ(judge(outcome, Level::must).verdict, Verdict::pass);
}

TEST(Judge, OnlySkippedAssertionsAreNoEvidence) {
  Outcome outcome = good();
  outcome.assertions_checked = 0;
  outcome.assertions_skipped = 1;
  EXPECT_EQ(judge(outcome, Level::must).verdict, Verdict::unsupported);
  outcome.assertions_checked = 1;
  EXPECT_EQ(judge(outcome, Level::must).verdict, Verdict::pass);
}

TEST(Judge, DeathIsACrashWithItsCause) {
  Outcome outcome = good();
  outcome.status = Status::died;
  outcome.death = targets::Death{11, ""};
  EXPECT_EQ(judge(outcome, Level::may).verdict, Verdict::crash);
  EXPECT_EQ(judge(outcome, Level::may).cause, "SIGSEGV");
}

TEST(Judge, ErrorsAndMissingCapabilitiesKeepTheirReason) {
  Outcome outcome = good();
  outcome.status = Status::unsupported;
  outcome.reason = "needs sack";
  EXPECT_EQ(judge(outcome, Level::must).verdict, Verdict::unsupported);
  EXPECT_EQ(judge(outcome, Level::must).cause, "needs sack");
  outcome.status = Status::error;
  EXPECT_EQ(judge(outcome, Level::must).verdict, Verdict::error);
}

TEST(CauseOf, NamesWhatASanitizerSaw) {
  const targets::Death death{6,
                             "==123==ERROR: AddressSanitizer: heap-buffer-overflow on address "
                             "0x602 at pc 0x1\nREAD of size 1\n"};
  EXPECT_EQ(cause_of(death), "AddressSanitizer: heap-buffer-overflow");
}

TEST(CauseOf, NamesUndefinedBehaviourAndAssertions) {
  EXPECT_EQ(cause_of({6, "x.cc:3:4: runtime error: signed integer overflow: 1 + 2\n"}),
            "x.cc:3:4: runtime error: signed integer overflow: 1 + 2");
  EXPECT_EQ(cause_of({6, "before\nx.cc:9: assertion failed: a < b\n"}),
            "x.cc:9: assertion failed: a < b");
}

TEST(CauseOf, FallsBackToTheSignal) {
  EXPECT_EQ(cause_of({6,
                      "terminate called after throwing an instance of 'std::runtime_error'\n"
                      "  what():  no route\n"}),
            "terminate called after throwing an instance of 'std::runtime_error': no route");
  EXPECT_EQ(cause_of({0, "left with exit status 3\n"}), "left with exit status 3");
  EXPECT_EQ(cause_of({6, "last words"}), "SIGABRT");
  EXPECT_EQ(cause_of({42, ""}), "signal 42");
  EXPECT_EQ(cause_of({0, ""}), "the stack ended");
}

TEST(Attempt, APassIsBelievedAtOnce) {
  int runs = 0;
  const Attempt out = attempt([&](bool) { return ++runs, good(); }, Level::must);
  EXPECT_EQ(runs, 1);
  EXPECT_FALSE(out.retried);
  EXPECT_FALSE(out.order_dependent);
}

TEST(Attempt, AFailureIsFinalOnlyAfterAStrongReset) {
  std::vector<bool> strong;
  const Attempt out = attempt(
      [&](bool strong_reset) {
        strong.push_back(strong_reset);
        return bad();
      },
      Level::should);
  EXPECT_EQ(strong, (std::vector<bool>{false, true}));
  EXPECT_TRUE(out.retried);
  EXPECT_FALSE(out.order_dependent);
  EXPECT_EQ(out.outcome.status, Status::failed);
}

TEST(Attempt, WhatPassesThenDependsOnTheOrder) {
  const Attempt out =
      attempt([](bool strong_reset) { return strong_reset ? good() : bad(); }, Level::must);
  EXPECT_TRUE(out.retried);
  EXPECT_TRUE(out.order_dependent);
  EXPECT_EQ(out.outcome.status, Status::passed);
}

TEST(Attempt, AVacuousPassIsTriedAgainToo) {
  const Attempt out = attempt(
      [](bool strong_reset) {
        Outcome outcome = good();
        if (!strong_reset) outcome.alive = Alive::no;
        return outcome;
      },
      Level::must);
  EXPECT_TRUE(out.order_dependent);
}

// It failed, but the harness was late.
Outcome doubtful() {
  Outcome outcome = bad();
  outcome.doubt = Doubt::lateness;
  outcome.late = {12'340'000ns, 8'100'000ns, 7, {}};
  return outcome;
}

TEST(Judge, AFailureInDoubtIsNoVerdictOnTheStack) {
  const Judgement judgement = judge(doubtful(), Level::may);
  EXPECT_EQ(judgement.verdict, Verdict::error);
  EXPECT_EQ(judgement.symptom, "") << "no ledger of known failures may excuse it";
  EXPECT_EQ(judgement.cause,
            "no verdict: the harness was 12.3 ms late, time and again (8.1 ms of it at line 7); "
            "this machine is too busy");
}

TEST(Attempt, AFailureInDoubtIsNotTriedAgainAtOnce) {
  int runs = 0;
  const Attempt out = attempt([&](bool) { return ++runs, doubtful(); }, Level::must);
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(out.outcome.doubt, Doubt::lateness);
}

TEST(Attempt, AloneACaseRunsUntilTheHarnessIsInTime) {
  int runs = 0;
  const RunCase late_twice = [&](bool strong_reset) {
    EXPECT_TRUE(strong_reset);
    return ++runs <= 2 ? doubtful() : bad();
  };
  const Attempt out = attempt_alone(late_twice, Level::must, {doubtful(), false, false});
  EXPECT_EQ(runs, 3);
  EXPECT_TRUE(out.retried);
  EXPECT_FALSE(out.order_dependent);
  EXPECT_EQ(judge(out.outcome, Level::must).verdict, Verdict::fail) << "the stack is to blame";
}

TEST(Attempt, AloneACaseMayPass) {
  const RunCase passes = [](bool) { return good(); };
  const Attempt out = attempt_alone(passes, Level::must, {doubtful(), false, false});
  EXPECT_TRUE(out.retried);
  EXPECT_FALSE(out.order_dependent) << "it was the harness";
  EXPECT_EQ(judge(out.outcome, Level::must).verdict, Verdict::pass);
}

TEST(Attempt, WhatDiffersInTimeOnlyIsBelievedWhenItDoesSoTwiceAlone) {
  Outcome slow = bad();
  slow.doubt = Doubt::time;
  int runs = 0;
  const RunCase again = [&](bool) { return ++runs, slow; };
  const Attempt first = attempt(again, Level::must);
  EXPECT_EQ(runs, 1);
  EXPECT_FALSE(first.retried);
  const Attempt out = attempt_alone(again, Level::must, first);
  EXPECT_EQ(runs, 3);
  EXPECT_TRUE(out.retried);
  EXPECT_EQ(judge(out.outcome, Level::must).verdict, Verdict::fail) << "the harness was in time";
  runs = 0;
  const RunCase slow_once = [&](bool) { return ++runs == 1 ? slow : good(); };
  EXPECT_EQ(judge(attempt_alone(slow_once, Level::must, first).outcome, Level::must).verdict,
            Verdict::pass);
  runs = 0;
  const RunCase late_between = [&](bool) { return ++runs == 2 ? doubtful() : slow; };
  EXPECT_EQ(judge(attempt_alone(late_between, Level::must, first).outcome, Level::must).verdict,
            Verdict::fail);
  EXPECT_EQ(runs, 3);
}

TEST(Attempt, AFailureInTimeIsRememberedBehindADoubt) {
  const Attempt first =
      attempt([](bool strong_reset) { return strong_reset ? doubtful() : bad(); }, Level::must);
  EXPECT_EQ(first.outcome.doubt, Doubt::lateness);
  EXPECT_TRUE(attempt_alone([](bool) { return good(); }, Level::must, first).order_dependent);
  EXPECT_FALSE(attempt_alone([](bool) { return bad(); }, Level::must, first).order_dependent);
}

TEST(Attempt, AHarnessThatIsAlwaysLateIsGivenUpOn) {
  int runs = 0;
  const Attempt out = attempt_alone([&](bool) { return ++runs, doubtful(); }, Level::must,
                                    {doubtful(), false, false});
  EXPECT_EQ(runs, 5);
  EXPECT_EQ(judge(out.outcome, Level::must).verdict, Verdict::error);
}

TEST(Attempt, WhatIsUnsupportedIsNotTriedAgain) {
  int runs = 0;
  const Attempt out = attempt(
      [&](bool) {
        ++runs;
        Outcome outcome;
        outcome.status = Status::unsupported;
        return outcome;
      },
      Level::must);
  EXPECT_EQ(runs, 1);
  EXPECT_FALSE(out.retried);
}

}  // namespace
}  // namespace packetwright::runner
