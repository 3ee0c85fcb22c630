// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/congestion.hh"

#include <gtest/gtest.h>

namespace packetwright::tcp {
namespace {

constexpr Congestion::Policy kReno{
    .control = CongestionControl::reno, .abc_limit = 1, .hystart = false};

// All of the largest window there is is in flight: that is never what keeps a window from growing.
Congestion started(std::uint32_t smss, std::uint32_t window,
                   const Congestion::Policy& policy = kReno) {
  Congestion c(policy);
  c.start(smss, window);
  c.on_sent(SeqNum{0}, SeqNum{0x3fff'ffff});
  return c;
}

void ack(Congestion& c, std::uint32_t octets) {
  c.on_ack({.acked = octets, .una = SeqNum{0}, .nxt = SeqNum{1}});
}

TEST(Congestion, InitialWindowOfRfc6928) {
  EXPECT_EQ(Congestion::initial_window(1460, 10), 14600u);
  EXPECT_EQ(Congestion::initial_window(536, 10), 5360u);
  EXPECT_EQ(Congestion::initial_window(9000, 10), 18000u);
  EXPECT_EQ(Congestion::initial_window(4000, 10), 14600u);
}

TEST(Congestion, InitialWindowOfRfc3390) {
  EXPECT_EQ(Congestion::rfc3390_window(536), 2144u);
  EXPECT_EQ(Congestion::rfc3390_window(1095), 4380u);
  EXPECT_EQ(Congestion::rfc3390_window(1460), 4380u);
  EXPECT_EQ(Congestion::rfc3390_window(2190), 6570u);
  EXPECT_EQ(Congestion::rfc3390_window(2191), 4382u);
}

TEST(Congestion, SlowStartGrowsByWhatIsAcknowledgedUpToASegment) {
  Congestion c = started(1000, 10'000);
  ack(c, 1000);
  EXPECT_EQ(c.cwnd(), 11'000u);
  ack(c, 2000);  // a delayed ACK
  EXPECT_EQ(c.cwnd(), 12'000u);
  ack(c, 10);  // a divided one
  EXPECT_EQ(c.cwnd(), 12'010u);
}

// RFC 3465, 2.2 and 2.3.
TEST(Congestion, SlowStartCountsOctetsUpToTwoSegmentsAndOneAfterATimeout) {
  Congestion::Policy policy = kReno;
  policy.abc_limit = 2;
  Congestion c = started(1000, 10'000, policy);
  ack(c, 2000);
  EXPECT_EQ(c.cwnd(), 12'000u);
  ack(c, 5000);
  EXPECT_EQ(c.cwnd(), 14'000u);
  c.on_timeout(14'000, true, false);
  ack(c, 5000);
  EXPECT_EQ(c.cwnd(), 2000u);
  // ... until that slow start is over.
  for (int i = 0; i < 5; ++i) ack(c, 1000);
  EXPECT_EQ(c.cwnd(), 7000u);
  for (int i = 0; i < 7; ++i) ack(c, 1000);
  EXPECT_EQ(c.cwnd(), 8000u);
  c.on_idle(1000);
  ack(c, 5000);
  EXPECT_EQ(c.cwnd(), 3000u);
}

// RFC 7661, 4.3.
TEST(Congestion, AWindowThatIsNotHalfInUseDoesNotGrow) {
  Congestion c(kReno);
  c.start(1000, 10'000);
  c.on_sent(SeqNum{0}, SeqNum{4999});
  ack(c, 1000);
  EXPECT_EQ(c.cwnd(), 10'000u);
  c.on_sent(SeqNum{0}, SeqNum{5000});
  ack(c, 1000);
  EXPECT_EQ(c.cwnd(), 11'000u);
  // What counts is the most of a round, ...
  c.on_sent(SeqNum{1000}, SeqNum{6000});
  c.on_sent(SeqNum{4999}, SeqNum{6500});
  c.start(1000, 10'000);
  ack(c, 1000);
  EXPECT_EQ(c.cwnd(), 11'000u);
  // ... and the next round counts for itself.
  c.on_sent(SeqNum{6500}, SeqNum{7500});
  ack(c, 1000);
  EXPECT_EQ(c.cwnd(), 11'000u);
}

// RFC 7661, 4.4.3.
TEST(Congestion, IdlingKeepsThreeQuartersInMind) {
  Congestion c = started(1000, 20'000);
  c.enter_sack_recovery(20'000);
  for (int i = 0; i < 10 + 11 + 12 + 13 + 14 + 15; ++i) ack(c, 1000);
  EXPECT_EQ(c.cwnd(), 16'000u);
  c.on_idle(10'000);
  EXPECT_EQ(c.cwnd(), 10'000u);
  EXPECT_EQ(c.ssthresh(), 12'000u);
  c.on_idle(4000);
  EXPECT_EQ(c.cwnd(), 4000u);
  EXPECT_EQ(c.ssthresh(), 12'000u);
  c.on_idle(5000);  // raises nothing
  EXPECT_EQ(c.cwnd(), 4000u);
}

TEST(Congestion, CubicFallsToSevenTenths) {
  Congestion::Policy policy = kReno;
  policy.control = CongestionControl::cubic;
  Congestion c = started(1000, 10'000, policy);
  c.enter_sack_recovery(10'000);
  EXPECT_EQ(c.cwnd(), 7000u);
  c.on_ecn_echo(7000);
  EXPECT_EQ(c.cwnd(), 4900u);
  c.set_control(CongestionControl::reno);
  c.on_ecn_echo(4900);
  EXPECT_EQ(c.cwnd(), 2450u);
}

// RFC 9406: the slow start of which round trips grow ends before anything is lost.
TEST(Congestion, TheFirstSlowStartEndsWhenRoundTripsGrow) {
  Congestion::Policy policy = kReno;
  policy.hystart = true;
  Congestion c = started(1000, 10'000, policy);
  SeqNum una{0};
  const auto round = [&](Duration rtt) {
    const SeqNum nxt = una + 20'000;
    for (int i = 0; i < 20; ++i) {
      una += 1000;
      c.on_ack({.acked = 1000, .una = una, .nxt = nxt + 1000, .rtt = rtt});
    }
  };
  round(100ms);
  round(100ms);
  const std::uint32_t before = c.cwnd();
  for (int i = 0; i < 8; ++i) round(120ms);
  EXPECT_LT(c.ssthresh(), before + 60'000);
  EXPECT_LE(c.cwnd(), c.ssthresh() + 5 * 1000);
}

TEST(Congestion, AvoidanceGrowsByOneSegmentForAWindow) {
  Congestion c = started(1000, 10'000);
  c.enter_sack_recovery(10'000);
  EXPECT_EQ(c.cwnd(), 5000u);
  for (int i = 0; i < 4; ++i) {
    ack(c, 1000);
    EXPECT_EQ(c.cwnd(), 5000u);
  }
  ack(c, 1000);
  EXPECT_EQ(c.cwnd(), 6000u);
  // However the window's worth is cut into ACKs.
  for (int i = 0; i < 599; ++i) ack(c, 10);
  EXPECT_EQ(c.cwnd(), 6000u);
  ack(c, 10);
  EXPECT_EQ(c.cwnd(), 7000u);
}

TEST(Congestion, OneHugeAckDoesNotGrowAvoidanceTwice) {
  Congestion c = started(1000, 10'000);
  c.enter_sack_recovery(10'000);
  ack(c, 20'000);
  EXPECT_EQ(c.cwnd(), 6000u);
}

TEST(Congestion, FastRecoveryHalvesInflatesAndDeflates) {
  Congestion c = started(1000, 20'000);
  c.enter_fast_recovery(10'000);
  EXPECT_EQ(c.ssthresh(), 5000u);
  EXPECT_EQ(c.cwnd(), 8000u);
  c.inflate();
  EXPECT_EQ(c.cwnd(), 9000u);
  c.on_partial_ack(3000);
  EXPECT_EQ(c.cwnd(), 7000u);
  c.on_partial_ack(500);
  EXPECT_EQ(c.cwnd(), 6500u);
  c.leave_fast_recovery(2000);
  EXPECT_EQ(c.cwnd(), 3000u);
}

TEST(Congestion, LeavingFastRecoveryNeverExceedsSsthresh) {
  Congestion c = started(1000, 20'000);
  c.enter_fast_recovery(10'000);
  c.leave_fast_recovery(9000);
  EXPECT_EQ(c.cwnd(), 5000u);
}

TEST(Congestion, TheThresholdIsAtLeastTwoSegments) {
  Congestion c = started(1000, 10'000);
  c.on_timeout(1000, true, false);
  EXPECT_EQ(c.ssthresh(), 2000u);
  EXPECT_EQ(c.cwnd(), 1000u);
}

TEST(Congestion, OnlyTheFirstTimeoutOfASegmentSetsTheThreshold) {
  Congestion c = started(1000, 10'000);
  c.on_timeout(10'000, true, false);
  EXPECT_EQ(c.ssthresh(), 5000u);
  c.on_timeout(1000, false, true);
  EXPECT_EQ(c.ssthresh(), 5000u);
  EXPECT_EQ(c.cwnd(), 1000u);
}

// Without SACK what has arrived above a gap counts as in flight.
TEST(Congestion, ATimeoutDuringRecoveryDoesNotRaiseTheThreshold) {
  Congestion c = started(1000, 20'000);
  c.enter_fast_recovery(10'000);
  c.on_timeout(40'000, true, true);
  EXPECT_EQ(c.ssthresh(), 5000u);
  c.on_timeout(6000, true, true);
  EXPECT_EQ(c.ssthresh(), 3000u);
}

TEST(Congestion, AnEcnEchoHalvesAndNeverRaises) {
  Congestion c = started(1000, 10'000);
  c.on_ecn_echo(8000);
  EXPECT_EQ(c.cwnd(), 4000u);
  EXPECT_EQ(c.ssthresh(), 4000u);
  Congestion tiny = started(1000, 1000);
  tiny.on_ecn_echo(1000);
  EXPECT_EQ(tiny.cwnd(), 1000u);
}

TEST(Congestion, SmallerSegmentsShrinkTheWindowInProportion) {
  Congestion c = started(1500, 15'000);
  c.set_smss(500);
  EXPECT_EQ(c.cwnd(), 5000u);
}

TEST(Congestion, NeverOverflows) {
  Congestion c = started(65'000, 650'000);
  for (int i = 0; i < 100'000; ++i) ack(c, 65'000);
  EXPECT_LE(c.cwnd(), 0x3fff'ffffu);
}

}  // namespace
}  // namespace packetwright::tcp
