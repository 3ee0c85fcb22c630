// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/congestion.hh"

#include <gtest/gtest.h>

namespace packetwright::tcp {
namespace {

Congestion started(std::uint32_t smss, std::uint32_t window) {
  Congestion c;
  c.start(smss, window);
  return c;
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
  c.on_ack(1000);
  EXPECT_EQ(c.cwnd(), 11'000u);
  c.on_ack(2000);  // a delayed ACK
  EXPECT_EQ(c.cwnd(), 12'000u);
  c.on_ack(10);  // a divided one
  EXPECT_EQ(c.cwnd(), 12'010u);
}

TEST(Congestion, AvoidanceGrowsByOneSegmentForAWindow) {
  Congestion c = started(1000, 10'000);
  c.enter_sack_recovery(10'000);
  EXPECT_EQ(c.cwnd(), 5000u);
  for (int i = 0; i < 4; ++i) {
    c.on_ack(1000);
    EXPECT_EQ(c.cwnd(), 5000u);
  }
  c.on_ack(1000);
  EXPECT_EQ(c.cwnd(), 6000u);
  // However the window's worth is cut into ACKs.
  for (int i = 0; i < 599; ++i) c.on_ack(10);
  EXPECT_EQ(c.cwnd(), 6000u);
  c.on_ack(10);
  EXPECT_EQ(c.cwnd(), 7000u);
}

TEST(Congestion, OneHugeAckDoesNotGrowAvoidanceTwice) {
  Congestion c = started(1000, 10'000);
  c.enter_sack_recovery(10'000);
  c.on_ack(20'000);
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
  c.on_timeout(1000, true);
  EXPECT_EQ(c.ssthresh(), 2000u);
  EXPECT_EQ(c.cwnd(), 1000u);
}

TEST(Congestion, OnlyTheFirstTimeoutOfASegmentSetsTheThreshold) {
  Congestion c = started(1000, 10'000);
  c.on_timeout(10'000, true);
  EXPECT_EQ(c.ssthresh(), 5000u);
  c.on_timeout(1000, false);
  EXPECT_EQ(c.ssthresh(), 5000u);
  EXPECT_EQ(c.cwnd(), 1000u);
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
  for (int i = 0; i < 100'000; ++i) c.on_ack(65'000);
  EXPECT_LE(c.cwnd(), 0x3fff'ffffu);
}

}  // namespace
}  // namespace packetwright::tcp
