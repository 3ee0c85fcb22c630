// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/engine/fake_target.hh"
#include "harness/engine/run_for_test.hh"

// Whose fault it is that something did not happen in time.
namespace packetwright::engine {
namespace {

constexpr std::uint64_t kAck = 0x010;

// A target on a real clock whose harness gets the processor too late after each wait.
class OversleepingTarget : public FakeTarget {
 public:
  explicit OversleepingTarget(Duration by) : by_(by) {
    traits_.clock = targets::ClockKind::real_time;
    traits_.slack = 4ms;
  }
  void advance_to(Instant until, bool stop_on_frame) override {
    FakeTarget::advance_to(until + by_, stop_on_frame);
  }

 private:
  Duration by_;
};

const std::string kWantsAnAnswer =
    "0 < . 1:1(0) ack 1 win 100\n"
    "+.1 < . 1:1(0) ack 1 win 100\n"
    "+0 > . 1:1(0) ack 1\n";

TEST(Lateness, AStackThatIsLateIsNotExcused) {
  OversleepingTarget target(0ms);
  target.on_inject = [](FakeTarget& self, const packet::Dissected&) {
    if (self.injected.size() == 2) self.send_at(self.now() + 50ms, self.segment(kAck, 1, 1));
  };
  const Outcome outcome = run_strict(kWantsAnAnswer, target);
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.late.total, Duration{0});
  EXPECT_EQ(outcome.doubt, Doubt::time);
}

TEST(Lateness, AHarnessThatSleepsTooLongPutsAFailureInDoubt) {
  // The stack answers a little after it was asked; its timer knows nothing of the harness.
  OversleepingTarget target(30ms);
  target.on_inject = [](FakeTarget& self, const packet::Dissected&) {
    if (self.injected.size() == 1) self.send_at(self.now() + 115ms, self.segment(kAck, 1, 1));
  };
  const Outcome outcome = run_strict(
      "0 < . 1:1(0) ack 1 win 100\n"
      "+.1 < . 2:2(0) ack 1 win 100\n"
      "+0 > . 1:1(0) ack 2\n",
      target);
  EXPECT_EQ(outcome.status, Status::failed) << "the timer went off before the frame was sent";
  EXPECT_EQ(outcome.doubt, Doubt::lateness);
  EXPECT_GE(outcome.late.total, Duration{15ms});
  EXPECT_EQ(outcome.late.line, 2u);
}

TEST(Lateness, WhatTheHarnessDoesItselfCounts) {
  OversleepingTarget target(0ms);
  target.inject_takes = 3ms;
  const Outcome outcome = run_strict(kWantsAnAnswer, target);
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.late.total, Duration{6ms}) << "two frames";
  EXPECT_EQ(outcome.late.worst, Duration{3ms});
  EXPECT_EQ(outcome.doubt, Doubt::lateness) << "more than the slack of the target";
}

TEST(Lateness, NoticingAFrameTooLateCounts) {
  OversleepingTarget target(0ms);
  target.on_inject = [](FakeTarget& self, const packet::Dissected&) {
    // Sent while the harness was away.
    self.send(self.segment(kAck, 1, 7));
    self.advance_to(self.now() + 20ms, false);
  };
  const Outcome outcome = run_strict("0 < . 1:1(0) ack 1 win 100\n+0 > . 1:1(0) ack 1\n", target);
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.late.total, Duration{20ms});
  EXPECT_EQ(outcome.late.line, 1u);
}

TEST(Lateness, WhatDiffersInTimeOnlyIsInDoubtToo) {
  OversleepingTarget target(0ms);
  target.on_inject = [](FakeTarget& self, const packet::Dissected&) {
    self.send_at(self.now() + 20ms, self.segment(kAck, 1, 1));
  };
  const std::string sends = "0 < . 1:1(0) ack 1 win 100\n";
  EXPECT_EQ(run_strict(sends + "+0 > . 1:1(0) ack 1\n", target).doubt, Doubt::time);
  EXPECT_EQ(run_strict(sends + "+0 > . 1:1(0) ack 2\n", target).doubt, Doubt::none);
}

// Others use the processor meanwhile.
TEST(Lateness, LongWaitsOnARealClockAreTold) {
  class Waits : public Observer {
   public:
    void on_wait(bool waits) override { told += waits ? "(" : ")"; }
    void on_entry(const HistoryEntry&) override { told += "x"; }
    std::string told;
  };
  const std::string text =
      "0 < . 1:1(0) ack 1 win 1\n+.2 < . 1:1(0) ack 1 win 1\n+.01 < . 1:1(0) ack 1 win 1\n";
  const auto told = [&](targets::ClockKind clock) {
    FakeTarget target;
    target.traits_.clock = clock;
    Waits waits;
    EXPECT_EQ(run_text(text, target, {}, {}, &waits).status, Status::passed);
    return waits.told;
  };
  EXPECT_THAT(told(targets::ClockKind::real_time), ::testing::StartsWith("x()xx"));
  EXPECT_THAT(told(targets::ClockKind::virtual_time), ::testing::MatchesRegex("xxx+"));
}

TEST(Lateness, GlancingAtABlockedCallALittleLateDoesNotAddUp) {
  OversleepingTarget target(500us);
  const std::string reads =
      "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
      "+0...0.1 read(3, ..., 10) = 10\n";
  const Outcome outcome = run_strict(reads, target);
  EXPECT_EQ(outcome.status, Status::failed) << "it blocks for ever";
  EXPECT_LT(outcome.late.total, Duration{4ms});
  EXPECT_NE(outcome.doubt, Doubt::lateness);
  OversleepingTarget slow(5ms);
  EXPECT_EQ(run_strict(reads, slow).doubt, Doubt::lateness);
}

class SlowToAsk : public OversleepingTarget {
 public:
  using OversleepingTarget::OversleepingTarget;
  targets::CallResult<targets::Received> read(targets::Fd fd, std::size_t limit,
                                              targets::ReadFlags flags) override {
    FakeTarget::advance_to(now() + 100us, false);
    return OversleepingTarget::read(fd, limit, flags);
  }
};

TEST(Lateness, GlancesMayTakeTheirTime) {
  SlowToAsk target(0ms);
  const Outcome outcome = run_strict(
      "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
      "+0...1 read(3, ..., 10) = 10\n",
      target);
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_LT(outcome.late.total, Duration{1ms}) << "a thousand of them, each 0.1 ms long";
}

TEST(Lateness, ManySmallDelaysAreMeasuredByTheTimeThatWentBy) {
  const auto doubt_after = [](const std::string& pause) {
    OversleepingTarget target(0ms);
    target.inject_takes = 3ms;
    return run_strict("0 < . 1:1(0) ack 1 win 100\n+" + pause +
                          " < . 1:1(0) ack 1 win 100\n+0 > . 1:1(0) ack 1\n",
                      target)
        .doubt;
  };
  EXPECT_EQ(doubt_after(".1"), Doubt::lateness) << "6 ms of a tenth of a second";
  EXPECT_EQ(doubt_after("1"), Doubt::none) << "6 ms of a second";
}

TEST(Lateness, APassIsAPass) {
  OversleepingTarget target(0ms);
  target.inject_takes = 50ms;
  const Outcome outcome = run_strict("0 < . 1:1(0) ack 1 win 100\n", target);
  EXPECT_EQ(outcome.status, Status::passed);
  EXPECT_EQ(outcome.late.total, Duration{50ms});
  EXPECT_EQ(outcome.doubt, Doubt::none);
}

TEST(Lateness, OnAVirtualClockNobodyIsLate) {
  OversleepingTarget target(30ms);
  target.traits_.clock = targets::ClockKind::virtual_time;
  target.inject_takes = 50ms;
  const Outcome outcome = run_strict(kWantsAnAnswer, target);
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.late.total, Duration{0});
  EXPECT_EQ(outcome.doubt, Doubt::none);
}

}  // namespace
}  // namespace packetwright::engine
