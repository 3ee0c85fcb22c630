// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include <gtest/gtest.h>

#include "stack/tcp/tcp_test_support.hh"

// Loss and its repair, segment by segment. The peer's MSS is 1000, so that the initial window of
// ten segments is 10000 octets (RFC 6928).
namespace packetwright::tcp::testing {
namespace {

// RFC 6675: where it is wanted in place of RFC 8985.
TcpConfig sack_config() {
  TcpConfig config = Bench::plain_config();
  config.sack = true;
  config.rack = false;
  return config;
}

Options sack_permitted() {
  return {.sack_permitted = true};
}

Options blocks(std::initializer_list<std::pair<std::uint32_t, std::uint32_t>> list) {
  Options options;
  for (const auto& [left, right] : list) {
    options.sack_blocks[options.sack_count++] = {SeqNum{Bench::kIss} + left,
                                                 SeqNum{Bench::kIss} + right};
  }
  return options;
}

// --- what may be in flight

TEST(TcpSlowStart, BeginsWithTenSegmentsAndGrowsByOneForEachAck) {
  Bench bench;
  bench.at_established();
  bench.write(30'000);
  EXPECT_EQ(bench.sent().back().end() - SeqNum{Bench::kIss}, 10'001u);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1001}),
            ". 10001:11001(1000) ack 1 | . 11001:12001(1000) ack 1");
  EXPECT_EQ(bench.status().cwnd, 11'000u);
  // A delayed ACK of two segments lets two and one more go.
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 3001}),
            ". 12001:13001(1000) ack 1 | . 13001:14001(1000) ack 1 | . 14001:15001(1000) ack 1");
}

// Each segment that slow start loses at its end costs a round trip without SACK: it is more
// careful.
TEST(TcpSlowStart, CountsTwoSegmentsForAnAckOnlyWithSack) {
  for (const bool sack : {true, false}) {
    TcpConfig config = Bench::plain_config();
    config.abc_limit = 2;
    config.sack = true;
    Bench bench(config);
    bench.with_peer_options({.sack_permitted = sack}).at_established();
    bench.write(30'000);
    bench.arrive({.flags = ".", .seq = 1, .ack = 2001});
    EXPECT_EQ(bench.status().cwnd, sack ? 12'000u : 11'000u);
  }
}

TEST(TcpSlowStart, RestartsAfterIdlingLongerThanTheRto) {
  Bench bench;
  bench.at_established();
  bench.write(10'000);
  for (std::uint32_t ack = 1001; ack <= 10'001; ack += 1000) {
    bench.arrive({.flags = ".", .seq = 1, .ack = ack});
  }
  EXPECT_EQ(bench.status().cwnd, 20'000u);
  bench.advance(999ms);
  bench.write(1000);
  bench.arrive({.flags = ".", .seq = 1, .ack = 11'001});
  // Not even half of the window was in use, so that it did not grow (RFC 7661).
  EXPECT_EQ(bench.status().cwnd, 20'000u);
  bench.advance(1001ms);
  bench.write(20'000);
  EXPECT_EQ(bench.status().cwnd, 10'000u);
  EXPECT_EQ(bench.status().snd_nxt - bench.status().snd_una, 10'000u);
}

TEST(TcpSlowStart, TwoLostSynsLeaveAWindowOfOneSegment) {
  Bench bench;
  bench.at_syn_sent();
  bench.advance(3s);  // at 1 s and 3 s
  bench.arrive({.flags = "S.", .ack = 1, .options = {.mss = 1000}});
  EXPECT_EQ(bench.write(5000), ". 1:1001(1000) ack 1");
}

TEST(TcpSlowStart, OneLostSynIsForgiven) {
  Bench bench;
  bench.at_syn_sent();
  bench.advance(1s);
  bench.arrive({.flags = "S.", .ack = 1, .options = {.mss = 1000}});
  bench.write(5000);
  EXPECT_EQ(bench.status().snd_nxt - bench.status().snd_una, 5000u);
  EXPECT_EQ(bench.status().rto, 3s);
}

// --- RFC 3042, RFC 5681, RFC 6582: without SACK

TEST(TcpNewReno, LimitedTransmitThenFastRetransmitThenFullAck) {
  Bench bench;
  bench.at_established();
  bench.write(20'000);
  // The first of ten segments is lost; each of the others draws a duplicate ACK.
  const Arriving dup{.flags = ".", .seq = 1, .ack = 1};
  EXPECT_EQ(bench.arrive(dup), ". 10001:11001(1000) ack 1");
  EXPECT_EQ(bench.arrive(dup), ". 11001:12001(1000) ack 1");
  EXPECT_EQ(bench.status().cwnd, 10'000u);
  EXPECT_EQ(bench.arrive(dup), ". 1:1001(1000) ack 1");
  // FlightSize is 12000 of which limited transmit sent 2000.
  EXPECT_EQ(bench.status().ssthresh, 5000u);
  EXPECT_EQ(bench.status().cwnd, 8000u);
  // Each further one inflates; from the fifth on there is room for new text.
  for (int i = 0; i < 4; ++i) EXPECT_EQ(bench.arrive(dup), "");
  EXPECT_EQ(bench.arrive(dup), ". 12001:13001(1000) ack 1");
  EXPECT_EQ(bench.arrive(dup), ". 13001:14001(1000) ack 1");
  // The retransmission fills the gap: all that was outstanding is acknowledged.
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 12'001}), ". 14001:15001(1000) ack 1");
  EXPECT_FALSE(bench.status().in_recovery);
  // min(ssthresh, max(FlightSize, SMSS) + SMSS), and 2000 were in flight.
  EXPECT_EQ(bench.status().cwnd, 3000u);
}

TEST(TcpNewReno, APartialAckResendsTheNextHole) {
  Bench bench;
  bench.at_established();
  bench.write(10'000);
  const Arriving dup{.flags = ".", .seq = 1, .ack = 1};
  for (int i = 0; i < 2; ++i) bench.arrive(dup);
  EXPECT_EQ(bench.arrive(dup), ". 1:1001(1000) ack 1");
  // The fifth segment was lost as well.
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 4001}), ". 4001:5001(1000) ack 1");
  EXPECT_TRUE(bench.status().in_recovery);
  EXPECT_EQ(bench.status().cwnd, 8000u - 4000u + 1000u);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 10'001}), "");
  EXPECT_FALSE(bench.status().in_recovery);
}

TEST(TcpNewReno, OnlyTheFirstPartialAckRestartsTheTimer) {
  Bench bench;
  bench.at_established();
  bench.write(10'000);
  for (int i = 0; i < 3; ++i) bench.arrive({.flags = ".", .seq = 1, .ack = 1});
  bench.advance(400ms);
  bench.arrive({.flags = ".", .seq = 1, .ack = 2001});
  const Instant after_first = bench.status().timer_at;
  EXPECT_EQ(after_first, bench.now() + bench.status().rto);
  bench.advance(100ms);
  bench.arrive({.flags = ".", .seq = 1, .ack = 4001});
  EXPECT_EQ(bench.status().timer_at, after_first);
}

TEST(TcpNewReno, NoSecondFastRetransmitForTheSameWindow) {
  Bench bench;
  bench.at_established();
  bench.write(10'000);
  const Arriving dup{.flags = ".", .seq = 1, .ack = 1};
  for (int i = 0; i < 3; ++i) bench.arrive(dup);
  bench.arrive({.flags = ".", .seq = 1, .ack = 10'001});
  bench.write(3000);
  // Three duplicates that do not cover more than `recover`.
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 10'001}).find("10001:11001"),
              std::string::npos);
  }
  EXPECT_FALSE(bench.status().in_recovery);
}

TEST(TcpNewReno, WhatIsNoDuplicateAckDoesNotCount) {
  Bench bench;
  bench.at_established();
  bench.write(10'000);
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 1});        // text
  bench.arrive({.flags = ".", .seq = 2, .ack = 1, .window = 60000});  // another window
  bench.arrive({.flags = ".", .seq = 2, .ack = 0, .window = 60000});  // an older ACK
  bench.arrive({.flags = ".", .seq = 2, .ack = 1, .window = 60000});
  bench.arrive({.flags = ".", .seq = 2, .ack = 1, .window = 60000});
  EXPECT_FALSE(bench.status().in_recovery);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 2, .ack = 1, .window = 60000}),
            ". 1:1001(1000) ack 2");
}

TEST(TcpNewReno, DuplicatesCountOnlyWithSomethingOutstanding) {
  Bench bench;
  bench.at_established();
  for (int i = 0; i < 5; ++i) bench.arrive({.flags = ".", .seq = 1, .ack = 1});
  bench.write(1000);
  EXPECT_FALSE(bench.status().in_recovery);
  EXPECT_EQ(bench.status().total_retrans, 0u);
}

TEST(TcpNewReno, InflationIsBoundedByWhatIsOutstanding) {
  Bench bench;
  bench.at_established();
  bench.write(10'000);
  for (int i = 0; i < 100; ++i) bench.arrive({.flags = ".", .seq = 1, .ack = 1});
  EXPECT_EQ(bench.status().cwnd, 8000u + 10'000u);
}

TEST(TcpNewReno, LimitedTransmitCanBeTurnedOff) {
  for (const bool sack : {false, true}) {
    TcpConfig config = sack ? sack_config() : Bench::plain_config();
    config.limited_transmit = false;
    Bench bench(config);
    bench.with_peer_options({.sack_permitted = sack}).at_established();
    bench.write(20'000);
    Arriving dup{.flags = ".", .seq = 1, .ack = 1};
    if (sack) dup.options = blocks({{1001, 2001}});
    EXPECT_EQ(bench.arrive(dup), "") << sack;
  }
}

TEST(TcpSlowStart, AfterALossInTheInitialWindowIdlingRestartsWithRfc3390) {
  Bench bench;
  bench.at_established();
  bench.write(10'000);
  bench.advance(1s);
  bench.arrive({.flags = ".", .seq = 1, .ack = 10'001});
  std::uint32_t ack = 10'001;
  while (bench.status().cwnd < 6000) {
    const std::uint32_t all = bench.status().cwnd;
    bench.write(all);
    ack += all;
    bench.arrive({.flags = ".", .seq = 1, .ack = ack});
  }
  bench.advance(10s);
  bench.write(20'000);
  // SMSS is 1000: four segments.
  EXPECT_EQ(bench.status().snd_nxt - bench.status().snd_una, 4000u);
}

// --- RFC 6675: with SACK

TEST(TcpSackRecovery, RepairsTwoHolesAsThePipeAllows) {
  Bench bench(sack_config());
  bench.with_peer_options(sack_permitted()).at_established();
  bench.write(20'000);
  // Segments 1 and 4 of ten are lost.
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1, .options = blocks({{1001, 2001}})}),
            ". 10001:11001(1000) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1, .options = blocks({{1001, 3001}})}),
            ". 11001:12001(1000) ack 1");
  EXPECT_EQ(
      bench.arrive(
          {.flags = ".", .seq = 1, .ack = 1, .options = blocks({{4001, 5001}, {1001, 3001}})}),
      ". 1:1001(1000) ack 1");
  EXPECT_TRUE(bench.status().in_recovery);
  EXPECT_EQ(bench.status().ssthresh, 5000u);
  EXPECT_EQ(bench.status().cwnd, 5000u);
  // The pipe: [5001, 12001) and the segment sent again, 8000 and the hole [3001, 4001) that is not
  // lost yet. It drains with every report.
  EXPECT_EQ(
      bench.arrive(
          {.flags = ".", .seq = 1, .ack = 1, .options = blocks({{4001, 6001}, {1001, 3001}})}),
      "");
  EXPECT_EQ(
      bench.arrive(
          {.flags = ".", .seq = 1, .ack = 1, .options = blocks({{4001, 7001}, {1001, 3001}})}),
      "");
  // Now more than two segments above [3001, 4001) are reported, and it leaves the pipe.
  EXPECT_EQ(
      bench.arrive(
          {.flags = ".", .seq = 1, .ack = 1, .options = blocks({{4001, 9001}, {1001, 3001}})}),
      ". 3001:4001(1000) ack 1");
  // Both retransmissions arrive.
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 3001, .options = blocks({{4001, 12001}})}),
            ". 12001:13001(1000) ack 1 | . 13001:14001(1000) ack 1 | . 14001:15001(1000) ack 1 | . "
            "15001:16001(1000) ack 1");
  bench.arrive({.flags = ".", .seq = 1, .ack = 12'001});
  EXPECT_FALSE(bench.status().in_recovery);
  EXPECT_EQ(bench.status().total_retrans, 2u);
}

TEST(TcpSackRecovery, DuplicateAcksWithoutNewReportsDoNothing) {
  Bench bench(sack_config());
  bench.with_peer_options(sack_permitted()).at_established();
  bench.write(20'000);
  const std::size_t sent = bench.sent().size();
  for (int i = 0; i < 5; ++i) bench.arrive({.flags = ".", .seq = 1, .ack = 1});
  for (int i = 0; i < 5; ++i) {
    bench.arrive({.flags = ".", .seq = 1, .ack = 1, .options = blocks({{1001, 2001}})});
  }
  EXPECT_FALSE(bench.status().in_recovery);
  // One new report, one segment by limited transmit.
  EXPECT_EQ(bench.sent().size(), sent + 1);
}

TEST(TcpSackRecovery, OneReportOfMoreThanTwoSegmentsIsEnough) {
  Bench bench(sack_config());
  bench.with_peer_options(sack_permitted()).at_established();
  bench.write(10'000);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1, .options = blocks({{1001, 4001}})}),
            ". 1:1001(1000) ack 1");
  EXPECT_TRUE(bench.status().in_recovery);
}

TEST(TcpSackRecovery, SackedTextIsNotResentAndNotForgotten) {
  Bench bench(sack_config());
  bench.with_peer_options(sack_permitted()).at_established();
  bench.write(10'000);
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .options = blocks({{1001, 10001}})});
  EXPECT_EQ(bench.status().sacked, 9u);
  EXPECT_EQ(bench.status().total_retrans, 1u);
  EXPECT_EQ(bench.status().send_queue, 10'000u);
  // The peer reneges: after the timer everything goes again.
  bench.advance(1s);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1001}),
            ". 1001:2001(1000) ack 1 | . 2001:3001(1000) ack 1");
}

TEST(TcpSackRecovery, ARescueSegmentGoesOnceAtTheEnd) {
  Bench bench(sack_config());
  bench.with_peer_options(sack_permitted()).at_established();
  bench.write(10'000);
  // Lost: 1 and 10. The loss of the last is not seen by any report above it.
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1, .options = blocks({{1001, 9001}})}),
            ". 1:1001(1000) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 9001}), "P. 9001:10001(1000) ack 1");
  EXPECT_TRUE(bench.status().in_recovery);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 9001}), "");
  bench.arrive({.flags = ".", .seq = 1, .ack = 10'001});
  EXPECT_FALSE(bench.status().in_recovery);
}

TEST(TcpSackRecovery, WithoutNewTextAHoleThatMayNotBeLostIsResent) {
  Bench bench(sack_config());
  bench.with_peer_options(sack_permitted()).at_established();
  bench.write(10'000);
  // Only one segment above [8001, 9001) is reported: rule 3 of NextSeg().
  EXPECT_EQ(
      bench.arrive(
          {.flags = ".", .seq = 1, .ack = 1, .options = blocks({{9001, 10001}, {1001, 8001}})}),
      ". 1:1001(1000) ack 1 | . 8001:9001(1000) ack 1");
}

TEST(TcpSackRecovery, NoNewRecoveryBeforeATimeoutIsRepaired) {
  Bench bench(sack_config());
  bench.with_peer_options(sack_permitted()).at_established();
  bench.write(10'000);
  EXPECT_EQ(bench.advance(1s), ". 1:1001(1000) ack 1");
  // Reports after the timer steer what is sent, but start no recovery.
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1, .options = blocks({{2001, 9001}})}),
            "");
  EXPECT_EQ(bench.status().cwnd, 1000u);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1001, .options = blocks({{2001, 9001}})}),
            ". 1001:2001(1000) ack 1 | P. 9001:10001(1000) ack 1");
  bench.arrive({.flags = ".", .seq = 1, .ack = 10'001});
  EXPECT_FALSE(bench.status().in_recovery);
}

TEST(TcpSackRecovery, DuplicateReportsOfThePeerAreNoNews) {
  Bench bench(sack_config());
  bench.with_peer_options(sack_permitted()).at_established();
  bench.write(10'000);
  bench.arrive({.flags = ".", .seq = 1, .ack = 5001});
  for (int i = 0; i < 5; ++i) {
    bench.arrive({.flags = ".", .seq = 1, .ack = 5001, .options = blocks({{1001, 2001}})});
  }
  EXPECT_FALSE(bench.status().in_recovery);
  EXPECT_EQ(bench.status().sacked, 0u);
}

// --- the retransmission timer

TEST(TcpRetransmission, GoesBackToTheFirstSegmentAndSlowStarts) {
  Bench bench;
  bench.at_established();
  bench.write(10'000);
  EXPECT_EQ(bench.advance(999ms), "");
  EXPECT_EQ(bench.advance(1ms), ". 1:1001(1000) ack 1");
  EXPECT_EQ(bench.status().cwnd, 1000u);
  EXPECT_EQ(bench.status().ssthresh, 5000u);
  EXPECT_EQ(bench.status().rto, 2s);
  // Everything was lost: two segments for each one acknowledged.
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1001}),
            ". 1001:2001(1000) ack 1 | . 2001:3001(1000) ack 1");
  // Or only the first was: the rest is acknowledged at once, and nothing more is resent.
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 10'001}), "");
  EXPECT_EQ(bench.status().total_retrans, 3u);
}

TEST(TcpRetransmission, KeepsTheSegmentsAsTheyWereCut) {
  Bench bench;
  bench.with_options({.nodelay = true}).at_established();
  bench.write(100);
  bench.write(200);
  EXPECT_EQ(bench.advance(1s), "P. 1:101(100) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 101}), "P. 101:301(200) ack 1");
}

TEST(TcpRetransmission, TheFinGoesAgainWithItsNumber) {
  Bench bench;
  bench.at_established();
  bench.write(100);
  EXPECT_EQ(bench.close(), "F. 101:101(0) ack 1");
  EXPECT_EQ(bench.advance(1s), "P. 1:101(100) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 101}), "F. 101:101(0) ack 1");
  bench.arrive({.flags = ".", .seq = 1, .ack = 102});
  EXPECT_EQ(bench.state(), State::fin_wait_2);
}

TEST(TcpRetransmission, KarnsRuleTakesNoSampleOfWhatWasResent) {
  Bench bench;
  bench.at_established();
  const Duration srtt = bench.status().srtt;
  bench.write(100);
  bench.advance(1s);
  bench.advance(500ms);
  bench.arrive({.flags = ".", .seq = 1, .ack = 101});
  EXPECT_EQ(bench.status().srtt, srtt);
  EXPECT_EQ(bench.status().rto, 2s);  // still backed off
  bench.write(100);
  bench.advance(80ms);
  bench.arrive({.flags = ".", .seq = 1, .ack = 201});
  EXPECT_EQ(bench.status().rto, 1s);  // a sample of what was sent once
}

TEST(TcpRetransmission, AnAckOfNewDataRestartsTheTimerAndAnAckOfAllStopsIt) {
  Bench bench;
  bench.at_established();
  bench.write(2000);
  bench.advance(900ms);
  bench.arrive({.flags = ".", .seq = 1, .ack = 1001});
  EXPECT_EQ(bench.advance(900ms), "");
  bench.arrive({.flags = ".", .seq = 1, .ack = 2001});
  EXPECT_EQ(bench.tcp().next_deadline(), std::nullopt);
}

TEST(TcpRetransmission, SecondTimeoutOfTheSameSegmentHoldsTheThreshold) {
  Bench bench;
  bench.at_established();
  bench.write(10'000);
  bench.advance(1s);
  EXPECT_EQ(bench.advance(2s), ". 1:1001(1000) ack 1");
  EXPECT_EQ(bench.status().ssthresh, 5000u);
  EXPECT_EQ(bench.status().retransmits, 2u);
}

TEST(TcpRetransmission, OldTextGoesBeforeNew) {
  Bench bench;
  bench.with_options({.nodelay = true}).with_peer_window(3900).at_established();
  for (const std::size_t size : {1000, 900, 1000, 1000}) bench.write(size);
  EXPECT_EQ(bench.write(100), "");  // beyond the window
  bench.advance(1s);
  // cwnd is 2000: the third of the old segments leaves room for the new one, the fourth does not.
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1001, .window = 10'000}),
            "P. 1001:1901(900) ack 1 | P. 1901:2901(1000) ack 1");
}

TEST(TcpRetransmission, ManySamplesOfARoundTripMoveTheAverageSlowly) {
  TcpConfig config = Bench::plain_config();
  config.timestamps = true;
  Bench bench(config);
  bench.with_peer_options({.timestamps = Timestamps{100'000, 0}}).at_established();
  EXPECT_EQ(bench.status().srtt, 0s);
  bench.write(10'000);
  bench.advance(80ms);
  bench.arrive({.flags = ".", .seq = 1, .ack = 989});
  // 9880 octets in flight are five pairs of segments: an eighth of a fifth of 80 ms.
  EXPECT_LT(std::abs(bench.status().srtt.count() - 80'000'000 / 40), 1000);
}

TEST(TcpRetransmission, PathMtuDiscoveryCutsWhatIsInFlightAnew) {
  Bench bench;
  bench.at_established();
  bench.write(2000);
  // 540 octets of path MTU carry 500 of text. One segment shows whether they pass.
  EXPECT_EQ(bench.icmp(IcmpErrorKind::packet_too_big, 1, 540), ". 1:501(500) ack 1");
  EXPECT_EQ(bench.status().snd_mss, 500);
  EXPECT_EQ(bench.write(500), "");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 501}),
            ". 501:1001(500) ack 1 | . 1001:1501(500) ack 1 | P. 1501:2001(500) ack 1 | P. "
            "2001:2501(500) ack 1");
}

TEST(TcpRetransmission, TheTimerSeesToASegmentThatIsStillTooBig) {
  Bench bench;
  bench.at_established();
  bench.write(2000);
  bench.icmp(IcmpErrorKind::packet_too_big, 1, 540);
  EXPECT_EQ(bench.advance(1s), ". 1:501(500) ack 1");
  // Nothing is in flight that a message about an idle connection could be about.
  bench.arrive({.flags = ".", .seq = 1, .ack = 2001});
  EXPECT_EQ(bench.icmp(IcmpErrorKind::packet_too_big, 2000, 500), "");
  EXPECT_EQ(bench.status().snd_mss, 500);
}

TEST(TcpRetransmission, SmallerSegmentsShrinkTheCongestionWindowInProportion) {
  Bench bench;
  bench.at_established();
  bench.write(10'000);
  bench.icmp(IcmpErrorKind::packet_too_big, 1, 540);
  EXPECT_EQ(bench.status().cwnd, 5000u);
}

TEST(TcpRetransmission, PacketTooBigBeforeTheSynIsAcknowledgedResendsNothing) {
  Bench bench;
  bench.at_syn_received_by_simultaneous_open();
  bench.close();
  EXPECT_EQ(bench.icmp(IcmpErrorKind::packet_too_big, 0, 540), "");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 2}), "");
  EXPECT_EQ(bench.state(), State::fin_wait_2);
}

TEST(TcpRetransmission, NothingNewIsSentBetweenTheTimerAndAnAck) {
  Bench bench;
  bench.with_options({.nodelay = true}).at_established();
  bench.write(100);
  EXPECT_EQ(bench.advance(1s), "P. 1:101(100) ack 1");
  EXPECT_EQ(bench.write(100), "");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 101}), "P. 101:201(100) ack 1");
}

TEST(TcpSlowStart, ALossInARestartWindowMakesTheNextOneCareful) {
  Bench bench;
  bench.at_established();
  bench.write(10'000);
  bench.arrive({.flags = ".", .seq = 1, .ack = 10'001});
  bench.advance(10s);
  bench.write(10'000);  // a restart window
  bench.advance(1s);    // lost
  bench.arrive({.flags = ".", .seq = 1, .ack = 20'001});
  std::uint32_t ack = 20'001;
  while (bench.status().cwnd < 6000) {
    const std::uint32_t all = bench.status().cwnd;
    bench.write(all);
    ack += all;
    bench.arrive({.flags = ".", .seq = 1, .ack = ack});
  }
  bench.advance(10s);
  bench.write(20'000);
  EXPECT_EQ(bench.status().snd_nxt - bench.status().snd_una, 4000u);
}

// HyStart++ wants more round trips than the one in a window that is timed without timestamps.
TEST(TcpSlowStart, EndsWhenRoundTripsGrowWithoutTimestampsToo) {
  TcpConfig config = Bench::plain_config();
  config.hystart = config.hystart_at_once = true;
  Bench bench(config);
  bench.at_established();
  bench.write(60'000);
  std::uint32_t acked = 1;
  const auto round = [&](Duration rtt, int segments) {
    bench.advance(rtt);
    for (int i = 0; i < segments; ++i) {
      bench.arrive({.flags = ".", .seq = 1, .ack = acked += 1'000});
    }
  };
  round(100ms, 10);
  constexpr std::uint32_t kNone = 1u << 29;
  EXPECT_GT(bench.status().ssthresh, kNone);
  round(150ms, 20);
  EXPECT_GT(bench.status().ssthresh, kNone) << "the ninth in a window of its own tells";
  round(150ms, 1);
  EXPECT_LT(bench.status().ssthresh, kNone);
}

}  // namespace
}  // namespace packetwright::tcp::testing
