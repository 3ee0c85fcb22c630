// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/rack.hh"

#include <gtest/gtest.h>

#include "stack/tcp/tcp_test_support.hh"

// RFC 8985. The round trip is 100 ms, the peer's MSS 1000, the initial window ten segments.
namespace packetwright::tcp::testing {
namespace {

TcpConfig rack_config() {
  TcpConfig config = Bench::plain_config();
  config.sack = true;
  config.receive_buffer = 65535;
  return config;
}

Options blocks(std::initializer_list<std::pair<std::uint32_t, std::uint32_t>> list) {
  Options options;
  for (const auto& [left, right] : list) {
    options.sack_blocks[options.sack_count++] = {SeqNum{Bench::kIss} + left,
                                                 SeqNum{Bench::kIss} + right};
  }
  return options;
}

class RackTest : public ::testing::Test {
 protected:
  explicit RackTest(const TcpConfig& config = rack_config()) : bench_(config) {
    bench_.with_options({.nodelay = true}).at_syn_sent();
    bench_.advance(100ms);
    bench_.arrive({.flags = "S.", .ack = 1, .options = {.mss = 1000, .sack_permitted = true}});
  }

  std::string write(std::size_t size) { return bench_.write(size); }
  std::string ack(std::uint32_t number, Options options = {}) {
    return bench_.arrive({.flags = ".", .seq = 1, .ack = number, .options = options});
  }
  [[nodiscard]] Status status() { return bench_.status(); }

  Bench bench_;
};

// --- losses told by time

// Two of ten arrived late or never: no three reports, and still no timeout.
TEST_F(RackTest, ALateSegmentIsLostAfterAQuarterOfTheRoundTrip) {
  write(3000);
  bench_.advance(100ms);
  EXPECT_EQ(ack(1, blocks({{1001, 2001}})), "");
  EXPECT_EQ(status().timer, TimerKind::reordering);
  EXPECT_EQ(bench_.advance(24ms), "");
  EXPECT_EQ(bench_.advance(1ms), ". 1:1001(1000) ack 1");
  EXPECT_TRUE(status().in_recovery);
}

TEST_F(RackTest, ThreeReportsNeedNoTime) {
  write(5000);
  bench_.advance(100ms);
  EXPECT_EQ(ack(1, blocks({{1001, 2001}})), "");
  EXPECT_EQ(ack(1, blocks({{1001, 3001}})), "");
  EXPECT_EQ(ack(1, blocks({{1001, 4001}})), ". 1:1001(1000) ack 1");
}

TEST_F(RackTest, ASegmentThatWasOnlyOvertakenIsNotSentAgain) {
  write(3000);
  bench_.advance(100ms);
  ack(1, blocks({{1001, 2001}}));
  bench_.advance(20ms);
  EXPECT_EQ(ack(2001), "");
  EXPECT_EQ(bench_.advance(50ms), "");
  EXPECT_EQ(status().total_retrans, 0u);
  EXPECT_FALSE(status().in_recovery);
}

// 6.2, step 4: where segments overtake each other, the number of reports says nothing.
TEST_F(RackTest, AfterReorderingOnlyTimeCounts) {
  write(3000);
  bench_.advance(100ms);
  ack(1, blocks({{1001, 2001}}));
  ack(3001);
  write(5000);
  bench_.advance(100ms);
  EXPECT_EQ(ack(3001, blocks({{4001, 8001}})), "");
  EXPECT_FALSE(status().in_recovery);
  EXPECT_EQ(bench_.advance(25ms), ". 3001:4001(1000) ack 1");
}

// How far the one that was overtaken the most was overtaken.
TEST_F(RackTest, TheDegreeOfReorderingIsTold) {
  write(9000);
  EXPECT_EQ(status().reordering, 3u);
  bench_.advance(100ms);
  ack(1, blocks({{7001, 8001}}));
  EXPECT_EQ(status().reordering, 3u);
  ack(1, blocks({{3001, 4001}, {7001, 8001}}));
  EXPECT_EQ(status().reordering, 5u);
  ack(1, blocks({{3001, 5001}, {7001, 8001}}));
  EXPECT_EQ(status().reordering, 5u);
}

// Each segment once, whether it is reported or acknowledged first.
TEST_F(RackTest, DeliveredSegmentsAreCounted) {
  EXPECT_EQ(status().delivered, 1u) << "the SYN";
  write(5000);
  ack(1, blocks({{1001, 3001}}));
  EXPECT_EQ(status().delivered, 3u);
  ack(3001);
  EXPECT_EQ(status().delivered, 4u);
  ack(5001);
  EXPECT_EQ(status().delivered, 6u);
}

// The retransmission is lost as well; what was sent after it shows that.
TEST_F(RackTest, ALostRetransmissionIsNoticed) {
  write(20'000);
  bench_.advance(100ms);
  const std::string sent = ack(1, blocks({{1001, 6001}}));
  EXPECT_EQ(sent.substr(0, 20), ". 1:1001(1000) ack 1");
  const std::string news = ack(1, blocks({{1001, 9001}}));
  EXPECT_EQ(status().total_retrans, 1u);
  ASSERT_NE(news.find("10001:11001"), std::string::npos) << bench_.story();
  bench_.advance(100ms);
  EXPECT_NE(ack(1, blocks({{1001, 11001}})).find(". 1:1001(1000) ack 1"), std::string::npos);
  EXPECT_EQ(status().total_retrans, 2u);
}

TEST_F(RackTest, APeerThatTakesBackItsReportsGetsTheTextAgain) {
  write(5000);
  bench_.advance(100ms);
  EXPECT_EQ(ack(1, blocks({{1001, 5001}})), ". 1:1001(1000) ack 1");
  bench_.advance(100ms);
  // It asks for what it said it held.
  const std::string again = ack(1001);
  EXPECT_EQ(again.substr(0, 23), ". 1001:2001(1000) ack 1");
  EXPECT_EQ(status().sacked, 0u);
}

// 6.3: what was sent shortly before the timer expired is not lost with the rest.
TEST_F(RackTest, TheTimerLeavesAloneWhatIsStillUnderWay) {
  TcpConfig config = rack_config();
  config.tail_loss_probe = false;
  Bench other(config);
  other.with_peer_options({.sack_permitted = true}).with_options({.nodelay = true});
  other.at_established();
  other.write(1000);
  other.advance(999'500us);
  other.write(1000);
  EXPECT_EQ(other.advance(500us), "P. 1:1001(1000) ack 1");
  EXPECT_EQ(other.status().lost, 0u);
}

// --- probes

TEST_F(RackTest, AProbeLeavesAfterTwoRoundTrips) {
  write(3000);
  EXPECT_EQ(status().timer, TimerKind::loss_probe);
  EXPECT_EQ(bench_.advance(199ms), "");
  EXPECT_EQ(bench_.advance(1ms), "P. 2001:3001(1000) ack 1");
  // Then the timer, from the probe on; no second probe.
  EXPECT_EQ(status().timer, TimerKind::retransmit);
  EXPECT_EQ(bench_.advance(999ms), "");
  EXPECT_EQ(bench_.advance(1ms), ". 1:1001(1000) ack 1");
}

TEST_F(RackTest, ALoneSegmentWaitsForItsDelayedAck) {
  write(100);
  EXPECT_EQ(bench_.advance(399ms), "");
  EXPECT_EQ(bench_.advance(1ms), "P. 1:101(100) ack 1");
}

// 7.3: the timer starts anew at the probe, though it is due itself.
TEST_F(RackTest, AProbeTakesTheTurnOfATimerThatIsDueWithIt) {
  TcpConfig config = rack_config();
  config.min_rto = 200ms;
  Bench other(config);
  other.with_options({.nodelay = true}).at_syn_sent();
  other.advance(100ms);
  other.arrive({.flags = "S.", .ack = 1, .options = {.mss = 1000, .sack_permitted = true}});
  other.write(100);
  ASSERT_EQ(other.status().rto, 300ms);
  EXPECT_EQ(other.advance(299ms), "");
  EXPECT_EQ(other.advance(1ms), "P. 1:101(100) ack 1");
  EXPECT_EQ(other.status().backoff, 0u);
  EXPECT_EQ(other.advance(299ms), "");
  EXPECT_EQ(other.advance(1ms), "P. 1:101(100) ack 1");
  EXPECT_EQ(other.status().backoff, 1u);
}

TEST_F(RackTest, AProbeIsNewTextIfThereIsAny) {
  write(12'000);
  EXPECT_EQ(bench_.advance(200ms), ". 10001:11001(1000) ack 1");
  EXPECT_EQ(status().total_retrans, 0u);
}

// The report of the probe shows that everything before it is lost.
TEST_F(RackTest, TheAnswerToAProbeStartsRecovery) {
  write(3000);
  bench_.advance(200ms);
  bench_.advance(100ms);
  EXPECT_EQ(ack(1, blocks({{2001, 3001}})), ". 1:1001(1000) ack 1");
  EXPECT_TRUE(status().in_recovery);
  bench_.advance(100ms);
  EXPECT_EQ(ack(1001, blocks({{2001, 3001}})), ". 1001:2001(1000) ack 1");
  EXPECT_EQ(status().timer, TimerKind::retransmit);
}

// The echo of a report is from before the gap: it is not held against the probe.
TEST_F(RackTest, TheAnswerToAProbeStartsRecoveryWithTimestampsToo) {
  TcpConfig config = rack_config();
  config.timestamps = true;
  Bench other(config);
  const Timestamps first{100'000, 0};
  other.with_peer_options({.sack_permitted = true, .timestamps = first}).at_established();
  other.write(2 * 988);
  const std::uint32_t original = other.last_sent().options.timestamps->value;
  other.advance(900ms);
  ASSERT_EQ(other.status().total_retrans, 1u);
  Options report = blocks({{989, 1977}});
  report.timestamps = Timestamps{other.peer_clock, original};
  EXPECT_EQ(other.arrive({.flags = ".", .seq = 1, .ack = 1, .options = report}).substr(0, 8),
            ". 1:989(")
      << other.story();
}

// 7.4.2: the last segment was lost, the probe has repaired it, and the window is halved all the
// same.
TEST_F(RackTest, ALossThatTheProbeRepairedIsCongestion) {
  write(5000);
  bench_.advance(200ms);
  ack(5001);
  const std::uint32_t before = status().cwnd;
  write(1000);
  bench_.advance(100ms);
  ack(6001);
  EXPECT_LT(status().cwnd, before);
  EXPECT_FALSE(status().in_recovery);
}

TEST_F(RackTest, AProbeThatWasNotNeededIsNone) {
  for (const bool dsack : {true, false}) {
    write(5000);
    bench_.advance(200ms);
    const std::uint32_t end = static_cast<std::uint32_t>(status().snd_nxt - status().iss);
    ack(end);
    ack(end, dsack ? blocks({{end - 1000, end}}) : Options{});
    const std::uint32_t before = status().cwnd;
    write(1000);
    bench_.advance(100ms);
    ack(end + 1000);
    EXPECT_GE(status().cwnd, before) << dsack;
  }
}

// 7.3: one round trip has to be measured between two probes.
TEST_F(RackTest, NoProbeWithoutANewSample) {
  write(1000);
  bench_.advance(400ms);
  ack(1001);  // of what was sent twice: no sample
  ack(1001, blocks({{1, 1001}}));
  write(1000);
  EXPECT_EQ(status().timer, TimerKind::retransmit);
  bench_.advance(100ms);
  ack(2001);
  write(1000);
  EXPECT_EQ(status().timer, TimerKind::loss_probe);
}

TEST_F(RackTest, NoProbeWhileReportsShowAGap) {
  write(3000);
  bench_.advance(100ms);
  ack(1, blocks({{1001, 2001}}));
  EXPECT_EQ(status().timer, TimerKind::reordering);
}

// RFC 3708, 3: what is still to be sent again may be a real loss.
TEST_F(RackTest, ADuplicateDoesNotUndoWhatIsNotWhollySentAgain) {
  write(10'000);
  bench_.advance(100ms);
  ack(1, blocks({{9001, 10'001}}));
  EXPECT_EQ(bench_.advance(25ms), ". 1:1001(1000) ack 1");
  ASSERT_EQ(status().lost, 8u);
  ack(1001, blocks({{1, 1001}, {9001, 10'001}}));
  EXPECT_TRUE(status().in_recovery);
  EXPECT_LE(status().ssthresh, 5000u);
}

// --- the pace of recovery

// Twenty segments in flight, the first is lost, the threshold is ten: one for every second report.
TEST_F(RackTest, RecoverySendsInProportion) {
  write(10'000);
  bench_.advance(100ms);
  for (std::uint32_t n = 1001; n <= 10'001; n += 1000) ack(n);
  write(40'000);
  bench_.advance(100ms);
  ASSERT_EQ(status().snd_nxt - status().snd_una, 20'000u);
  const std::size_t before = bench_.sent().size();
  ack(10'001, blocks({{11'001, 12'001}}));
  ack(10'001, blocks({{11'001, 13'001}}));
  EXPECT_EQ(bench_.sent().size(), before + 2);  // limited transmit
  ack(10'001, blocks({{11'001, 14'001}}));
  ASSERT_TRUE(status().in_recovery);
  for (std::uint32_t n = 15'001; n <= 30'001; n += 1000) ack(10'001, blocks({{11'001, n}}));
  // 17 more reports after the first retransmission; about half as many segments.
  const std::size_t sent = bench_.sent().size() - before - 2;
  EXPECT_GE(sent, 8u);
  EXPECT_LE(sent, 10u);
  ack(32'001);
  EXPECT_FALSE(status().in_recovery);
  EXPECT_EQ(status().cwnd, status().ssthresh);
}

// --- the reordering window

TEST(RackWindow, GrowsWithDuplicatesAndFallsBackAfterSixteenRecoveries) {
  const Rack::View view{
      .min_rtt = 100ms, .srtt = 120ms, .granularity = 1ms, .dup_thresh = 3, .recovering = false};
  Rack rack(SeqNum{0}, 100ms);
  EXPECT_EQ(rack.reordering_window(1, view), 25ms);
  EXPECT_EQ(rack.reordering_window(3, view), 0ms);
  rack.on_dsack(SeqNum{0}, SeqNum{1000});
  EXPECT_EQ(rack.reordering_window(1, view), 50ms);
  rack.on_dsack(SeqNum{500}, SeqNum{1500});  // in the same round trip
  EXPECT_EQ(rack.reordering_window(1, view), 50ms);
  rack.on_dsack(SeqNum{1000}, SeqNum{2000});
  EXPECT_EQ(rack.reordering_window(1, view), 75ms);
  for (std::uint32_t i = 2; i < 10; ++i) rack.on_dsack(SeqNum{i * 1000}, SeqNum{i * 1000 + 1000});
  EXPECT_EQ(rack.reordering_window(1, view), 120ms);  // never longer than SRTT
  for (int i = 0; i < 15; ++i) rack.on_recovery_end();
  EXPECT_EQ(rack.reordering_window(1, view), 120ms);
  rack.on_recovery_end();
  EXPECT_EQ(rack.reordering_window(1, view), 25ms);
}

TEST(RackWindow, IsZeroInRecoveryUnlessReorderingWasSeen) {
  Rack::View view{.now = instant_at(1'000'000'000),
                  .min_rtt = 100ms,
                  .srtt = 100ms,
                  .granularity = 1ms,
                  .dup_thresh = 3,
                  .recovering = true};
  Rack rack(SeqNum{0}, 100ms);
  EXPECT_EQ(rack.reordering_window(1, view), 0ms);
  rack.delivered({.end = SeqNum{2000}, .sent_at = instant_at(0)}, false, view);
  // What was sent twice tells nothing about order.
  rack.delivered({.end = SeqNum{1000}, .resent = true, .sent_at = instant_at(0)}, false, view);
  EXPECT_FALSE(rack.reordering_seen());
  rack.delivered({.end = SeqNum{1000}, .sent_at = instant_at(0)}, false, view);
  EXPECT_TRUE(rack.reordering_seen());
  EXPECT_EQ(rack.reordering_window(1, view), 25ms);
  EXPECT_EQ(rack.reordering_window(3, view), 25ms);
  view.min_rtt = 0ms;
  EXPECT_EQ(rack.reordering_window(3, view), 1ms);
}

}  // namespace
}  // namespace packetwright::tcp::testing
