// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "harness/engine/fake_target.hh"
#include "harness/engine/run_for_test.hh"

// When events may happen: the rules of packetdrill, and those of strict mode on virtual time.
namespace packetwright::engine {
namespace {

constexpr std::uint64_t kSyn = 0x002, kAck = 0x010;

// A target that sends an ACK at `at` after any frame, in a script that wants it at `when`.
std::string script_wanting(const std::string& when, const std::string& options = "") {
  return options + "0 < . 1:1(0) ack 1 win 100\n" + when + " > . 1:1(0) ack 1\n";
}

FakeTarget answering_at(Duration at) {
  FakeTarget target;
  target.on_inject = [at](FakeTarget& self, const packet::Dissected&) {
    // Sequence spaces without a SYN are those of the wire.
    self.send_at(self.now() + at, self.segment(kAck, 1, 1));
  };
  return target;
}

Status status_of(Duration at, const std::string& text, bool strict, Duration tick = Duration{0}) {
  FakeTarget target = answering_at(at);
  target.traits_.tick = tick;
  RunOptions options;
  options.mode = strict ? Mode::strict : Mode::packetdrill;
  return run_text(text, target, options).status;
}

TEST(Timing, StrictVirtualTimeIsExact) {
  const std::string text = script_wanting("+0.2");
  EXPECT_EQ(status_of(200ms, text, true), Status::passed);
  EXPECT_EQ(status_of(200ms - 1ns, text, true), Status::failed);
  // Scripts count microseconds; less than one is no difference.
  EXPECT_EQ(status_of(200ms + 1us, text, true), Status::passed);
  EXPECT_EQ(status_of(200ms + 1us + 1ns, text, true), Status::failed);
}

TEST(Timing, AStackMayActAtItsNextTick) {
  const std::string text = script_wanting("+0.2");
  EXPECT_EQ(status_of(210ms, text, true, 10ms), Status::passed);
  EXPECT_EQ(status_of(210ms + 2us, text, true, 10ms), Status::failed);
  EXPECT_EQ(status_of(199ms, text, true, 10ms), Status::failed);
}

TEST(Timing, PacketdrillToleratesFourMillisecondsEitherWay) {
  const std::string text = script_wanting("+0.010");
  EXPECT_EQ(status_of(6ms, text, false), Status::passed);
  EXPECT_EQ(status_of(6ms - 1us, text, false), Status::failed);
  EXPECT_EQ(status_of(14ms, text, false), Status::passed);
  EXPECT_EQ(status_of(14ms + 1us, text, false), Status::failed);
}

TEST(Timing, PacketdrillToleratesAnEighthOfTheTimeSinceThePreviousEvent) {
  const std::string text = script_wanting("+1");
  EXPECT_EQ(status_of(875ms, text, false), Status::passed);
  EXPECT_EQ(status_of(875ms - 1us, text, false), Status::failed);
  EXPECT_EQ(status_of(1125ms, text, false), Status::passed);
  EXPECT_EQ(status_of(1125ms + 1us, text, false), Status::failed);
}

TEST(Timing, OptionsOfTheScriptSetTheTolerance) {
  const std::string text = script_wanting("+1", "--tolerance_usecs=20000\n--tolerance_percent=0\n");
  EXPECT_EQ(status_of(980ms, text, false), Status::passed);
  EXPECT_EQ(status_of(980ms - 1us, text, false), Status::failed);
  EXPECT_EQ(status_of(980ms, text, true), Status::passed) << "a strict script may ask for it too";
}

TEST(Timing, TheCommandLineWinsOverTheScript) {
  FakeTarget target = answering_at(50ms);
  RunOptions options;
  options.mode = Mode::packetdrill;
  options.options = {{"tolerance_usecs", "50000"}};
  const std::string text = script_wanting("+0", "--tolerance_usecs=1000\n");
  EXPECT_EQ(run_text(text, target, options).status, Status::passed);
}

TEST(Timing, DefaultsAreForScriptsThatDoNotSayOtherwise) {
  RunOptions options;
  options.mode = Mode::packetdrill;
  options.defaults = {{"tolerance_usecs", "50000"}};
  FakeTarget target = answering_at(50ms);
  EXPECT_EQ(run_text(script_wanting("+0"), target, options).status, Status::passed);
  FakeTarget again = answering_at(50ms);
  const std::string text = script_wanting("+0", "--tolerance_usecs=1000\n");
  EXPECT_EQ(run_text(text, again, options).status, Status::failed);
}

TEST(Timing, ARangeIsInclusive) {
  const std::string text = script_wanting("+0.1~+0.3");
  EXPECT_EQ(status_of(100ms, text, true), Status::passed);
  EXPECT_EQ(status_of(300ms, text, true), Status::passed);
  EXPECT_EQ(status_of(100ms - 1ns, text, true), Status::failed);
  EXPECT_EQ(status_of(300ms + 2us, text, true), Status::failed);
}

TEST(Timing, AnyTimeIsBounded) {
  const std::string text = script_wanting("*");
  EXPECT_EQ(status_of(9s, text, true), Status::passed);
  FakeTarget target = answering_at(11s);
  const Outcome outcome = run_strict(text, target);
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.target_time, Duration{10s});
}

TEST(Timing, AMissingPacketEndsTheRunAndDoesNotHang) {
  FakeTarget target;
  const Outcome outcome = run_strict(script_wanting("+0.5"), target);
  EXPECT_EQ(failure_text(outcome),
            "failed: expected > . 1:1(0) ack 1, got nothing\n"
            "line 2\n"
            "  expected +0.5 > . 1:1(0) ack 1\n"
            "  actual   nothing");
  EXPECT_LT(outcome.target_time, Duration{3s});
}

TEST(Timing, ALatePacketIsCalledLate) {
  FakeTarget target = answering_at(700ms);
  const Outcome outcome = run_strict(script_wanting("+0.5"), target);
  ASSERT_EQ(outcome.mismatches.size(), 1u);
  EXPECT_EQ(outcome.mismatches[0].fields, (std::vector<FieldDifference>{{"time", "+0.5", "+0.7"}}));
}

TEST(Timing, RelativeTimesCountFromTheCompletionOfThePreviousEvent) {
  // The ACK comes at 0.2; +0.1 after it is 0.3, whatever the range allowed.
  FakeTarget target = answering_at(200ms);
  const Outcome outcome = run_strict(
      "0 < . 1:1(0) ack 1 win 100\n"
      "+0.1~+0.5 > . 1:1(0) ack 1\n"
      "+0.1 write(3, ..., 1) = -1\n",
      target);
  EXPECT_EQ(outcome.fault, Fault::script) << "descriptor 3 was never opened";
  EXPECT_EQ(target.now(), instant_at(300'000'000));
}

TEST(Timing, AnInboundPacketAfterAnotherCountsFromTheTimeOfThatOne) {
  // Each frame takes the target 3 ms. Counting from "now", the second would be due at 13 ms.
  FakeTarget target;
  target.inject_takes = 3ms;
  std::vector<Instant> times;
  target.on_inject = [&times](FakeTarget& self, const packet::Dissected&) {
    times.push_back(self.now());
  };
  run_text(
      "0 < . 1:1(0) ack 1 win 100\n"
      "+.01 < . 1:1(0) ack 1 win 100\n"
      "+.01 < . 1:1(0) ack 1 win 100\n",
      target);
  ASSERT_EQ(times.size(), 3u);
  EXPECT_EQ(times[1], instant_at(13'000'000));
  EXPECT_EQ(times[2], instant_at(23'000'000));
}

TEST(Timing, AbsoluteTimesCountFromTheStart) {
  FakeTarget target = answering_at(250ms);
  EXPECT_EQ(run_strict("0 < . 1:1(0) ack 1 win 100\n"
                       "0.25 > . 1:1(0) ack 1\n",
                       target)
                .status,
            Status::passed);
}

TEST(Timing, AnActionWhoseTimeHasPassedFails) {
  FakeTarget target;
  target.inject_takes = 50ms;
  const Outcome outcome = run_text(
      "0 < . 1:1(0) ack 1 win 100\n"
      "0.01 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n",
      target);
  EXPECT_EQ(outcome.reason,
            "expected socket(..., SOCK_STREAM, IPPROTO_TCP) = 3, got its time had passed");
}

TEST(Timing, SilenceLetsTimePassAndHearsEveryFrame) {
  FakeTarget quiet;
  const Outcome passed = run_strict("0 < . 1:1(0) ack 1 win 100\n+0 silence 1.5\n", quiet);
  EXPECT_EQ(passed.status, Status::passed);
  EXPECT_GE(passed.target_time, Duration{1500ms});

  FakeTarget noisy = answering_at(1400ms);
  EXPECT_EQ(failure_text(run_strict("0 < . 1:1(0) ack 1 win 100\n+0 silence 1.5\n", noisy)),
            "failed: expected silence 1.5, got > . 1:1(0) ack 1 win 5000\n"
            "line 2\n"
            "  expected +0 silence 1.5\n"
            "  actual   > . 1:1(0) ack 1 win 5000\n"
            "    packet: want none, got . 1:1(0) ack 1 win 5000");

  FakeTarget late = answering_at(1600ms);
  EXPECT_EQ(run_strict("0 < . 1:1(0) ack 1 win 100\n+0 silence 1.5\n", late).status,
            Status::passed);
}

TEST(Timing, LongScriptsAreForVirtualClocks) {
  FakeTarget target;
  target.traits_.clock = targets::ClockKind::real_time;
  const std::string text = "0 < . 1:1(0) ack 1 win 100\n+2.1 < . 1:1(0) ack 1 win 100\n";
  EXPECT_EQ(run_text(text, target).status, Status::unsupported);
  RunOptions slow;
  slow.slow = true;
  EXPECT_EQ(run_text(text, target, slow).status, Status::passed);
}

TEST(Timing, ARealClockGetsItsSlack) {
  FakeTarget target = answering_at(24ms);
  target.traits_.clock = targets::ClockKind::real_time;
  EXPECT_EQ(run_strict(script_wanting("+0"), target).status, Status::failed);
  FakeTarget slack = answering_at(24ms);
  slack.traits_.clock = targets::ClockKind::real_time;
  slack.traits_.slack = 20ms;
  EXPECT_EQ(run_strict(script_wanting("+0"), slack).status, Status::passed);
}

TEST(Timing, PacketdrillKnowsNoSlack) {
  FakeTarget target = answering_at(6ms);
  target.traits_.clock = targets::ClockKind::real_time;
  target.traits_.slack = target.traits_.tick = 20ms;
  EXPECT_EQ(run_text(script_wanting("+0"), target).status, Status::failed);
  EXPECT_EQ(run_strict(script_wanting("+0"), target).status, Status::passed);
}

TEST(Timing, WhatTheHarnessNeedsItselfDoesNotMakeAFrameEarly) {
  // The frame is sent while it is injected; the harness comes back 30 ms later.
  FakeTarget target;
  target.traits_.clock = targets::ClockKind::real_time;
  target.on_inject = [](FakeTarget& self, const packet::Dissected& frame) {
    if ((frame.u32(packet::Field::tcp_flags) & kSyn) != 0) return;
    self.send(self.segment(kAck, 1, 1));
    self.advance_to(self.now() + 30ms, false);
  };
  const Outcome outcome = run_strict(script_wanting("+0"), target);
  EXPECT_EQ(outcome.status, Status::passed) << failure_text(outcome);
  // A frame that was sent before the event is early all the same.
  const Outcome before = run_strict(
      "0 < . 1:1(0) ack 1 win 100\n"
      "+0.2 < S 0:0(0) win 100\n"
      "+0 > . 1:1(0) ack 1\n",
      target);
  EXPECT_EQ(before.status, Status::failed);
}

// Not a test of time but of what the tests above stand on.
TEST(Timing, ASynIsAnsweredAtOnce) {
  FakeTarget target;
  target.on_inject = [](FakeTarget& self, const packet::Dissected&) {
    self.send(self.segment(kSyn | kAck, 123456, 1));
  };
  EXPECT_EQ(run_strict("0 < S 0:0(0) win 1000\n+0 > S. 0:0(0) ack 1\n", target).status,
            Status::passed);
}

}  // namespace
}  // namespace packetwright::engine
