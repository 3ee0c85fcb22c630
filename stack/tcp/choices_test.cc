// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <gtest/gtest.h>

#include "stack/tcp/tcp_test_support.hh"

// What TcpConfig may choose otherwise where the RFCs leave the choice: as other systems do, and
// what can change while connections live.
namespace packetwright::tcp::testing {
namespace {

template <class T>
TcpConfig with(T TcpConfig::* choice, T value) {
  TcpConfig config = Bench::plain_config();
  config.*choice = value;
  return config;
}

// The sequence numbers at which a PSH stood in `sent`, which is what the bench returns.
std::string pushes(const std::string& sent) {
  std::string ends;
  for (std::size_t at = 0; (at = sent.find("P. ", at)) != sent.npos; ++at) {
    const std::size_t colon = sent.find(':', at);
    ends += (ends.empty() ? "" : " ") + sent.substr(colon + 1, sent.find('(', colon) - colon - 1);
  }
  return ends;
}

// A connection whose handshake took `rtt`.
void establish(Bench& bench, Duration rtt) {
  bench.at_syn_received();
  bench.advance(rtt);
  bench.arrive({.flags = ".", .seq = 1, .ack = 1});
  ASSERT_TRUE(bench.accept());
}

TEST(TcpTrain, EndsInAPushAtHalfTheWindow) {
  Bench bench(with(&TcpConfig::train_segments, std::uint8_t{2}));
  bench.at_established();  // in no time: there is no pace to keep
  EXPECT_EQ(pushes(bench.write(12'000)), "5001 10001");
}

TEST(TcpTrain, IsAsLongAsAMillisecondAtItsPace) {
  Bench slow(with(&TcpConfig::train_segments, std::uint8_t{2}));
  establish(slow, 100ms);
  EXPECT_EQ(pushes(slow.write(12'000)), "2001 4001 6001 8001 10001");
  Bench quick(with(&TcpConfig::train_segments, std::uint8_t{2}));
  establish(quick, 5ms);  // ten segments in 5 ms at twice that pace are four in one
  EXPECT_EQ(pushes(quick.write(12'000)), "4001 8001 10001");
}

TEST(TcpTrain, OfOneSegmentHasNoPush) {
  Bench bench(with(&TcpConfig::train_segments, std::uint8_t{2}));
  establish(bench, 100ms);
  bench.with_peer_window(3'000);
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .window = 3'000});
  EXPECT_EQ(bench.write(9'000),
            ". 1:1001(1000) ack 1 | P. 1001:2001(1000) ack 1 | "
            ". 2001:3001(1000) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1'001, .window = 3'000}),
            ". 3001:4001(1000) ack 1");
}

TEST(TcpTrain, ARetransmissionHasThePushOfTheUserAlone) {
  TcpConfig config = with(&TcpConfig::train_segments, std::uint8_t{2});
  config.sack = true;
  Bench bench(config);
  bench.with_peer_options({.mss = std::uint16_t{1'000}, .sack_permitted = true});
  establish(bench, 100ms);
  EXPECT_EQ(pushes(bench.write(4'000)), "2001 4001");
  bench.advance(60s);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1'001}),
            ". 1001:2001(1000) ack 1 | . 2001:3001(1000) ack 1");
}

TEST(TcpTrain, EndsWhereTheWindowDoes) {
  Bench bench(with(&TcpConfig::train_segments, std::uint8_t{5}));
  establish(bench, 100ms);
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .window = 3'000});
  EXPECT_EQ(pushes(bench.write(9'000)), "3001");
}

TEST(TcpTrain, ThereIsNoneUnlessAskedFor) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(pushes(bench.write(12'000)), "");
}

TEST(TcpQuickAck, AnswersTheFirstSegmentsAtOnce) {
  Bench bench(with(&TcpConfig::quick_acks, std::uint8_t{2}));
  bench.at_established();
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 100}), ". 1:1(0) ack 101");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 101, .ack = 1, .size = 100}), ". 1:1(0) ack 201");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 201, .ack = 1, .size = 100}), "");
  EXPECT_EQ(bench.advance(40ms), ". 1:1(0) ack 301");
}

TEST(TcpQuickAck, EndsWhenTheUserAnswers) {
  Bench bench(with(&TcpConfig::quick_acks, std::uint8_t{16}));
  bench.at_established();
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 100}), ". 1:1(0) ack 101");
  EXPECT_EQ(bench.write(10), "P. 1:11(10) ack 101");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 101, .ack = 11, .size = 100}), "");
}

TEST(TcpQuickAck, GoesOnWhenTheUserWritesMuchLater) {
  Bench bench(with(&TcpConfig::quick_acks, std::uint8_t{16}));
  bench.at_established();
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 100});
  bench.advance(40ms);
  bench.write(10);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 101, .ack = 11, .size = 100}), ". 11:11(0) ack 201");
}

TEST(TcpEmptyProbe, AsksForTheWindowFromBelowIt) {
  Bench bench(with(&TcpConfig::empty_window_probes, true));
  bench.at_established();
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .window = 0});
  EXPECT_EQ(bench.write(10), "");
  EXPECT_EQ(bench.advance(1s), ". 0:0(0) ack 1");
  EXPECT_EQ(bench.advance(2s), ". 0:0(0) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1}), "P. 1:11(10) ack 1");
}

TEST(TcpEmptyProbe, IsBelowWhatIsOutstanding) {
  Bench bench(with(&TcpConfig::empty_window_probes, true));
  bench.at_established();
  bench.write(10);
  bench.arrive({.flags = ".", .seq = 1, .ack = 5, .window = 0});
  EXPECT_EQ(bench.advance_to_next_deadline(), ". 4:4(0) ack 1");
}

TEST(TcpReset, CarriesAnAckWhereThatIsWanted) {
  Bench bench(with(&TcpConfig::acknowledge_in_reset, true));
  bench.at_established();
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 10});
  EXPECT_EQ(bench.close(CloseMode::full), "R. 1:1(0) ack 11");
  Bench embryo(with(&TcpConfig::acknowledge_in_reset, true));
  embryo.at_syn_received_by_simultaneous_open();
  EXPECT_EQ(embryo.abort(), "R. 1:1(0) ack 1");
  Bench plain;
  plain.at_established();
  EXPECT_EQ(plain.abort(), "R 1:1(0)");
}

TEST(TcpReset, IsBareWhereThatIsWanted) {
  for (const bool bare : {false, true}) {
    TcpConfig config = with(&TcpConfig::bare_resets, bare);
    config.timestamps = true;
    Bench bench(config);
    bench.at_syn_sent();
    EXPECT_EQ(bench.arrive({.flags = "S.", .ack = 7, .options = {.timestamps = Timestamps{7, 1}}}),
              "R 7:7(0)");
    EXPECT_EQ(bench.last_sent().options.timestamps.has_value(), !bare);
  }
}

TEST(TcpMore, HoldsBackUntilTheNextAckAtMostWhereThatIsWanted) {
  for (const bool until_ack : {false, true}) {
    Bench bench(with(&TcpConfig::more_holds_until_ack, until_ack));
    bench.with_options({.nodelay = true}).at_established();
    EXPECT_EQ(bench.write(1'100, {.more = true}), ". 1:1001(1000) ack 1");
    EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1'001}),
              until_ack ? ". 1001:1101(100) ack 1" : "");
    if (!until_ack) continue;
    EXPECT_EQ(bench.write(10, {.more = true}), "") << "held back anew";
    EXPECT_EQ(bench.write(10), "P. 1101:1121(20) ack 1");
  }
}

TEST(TcpMore, IsNotBelievedForEver) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.write(10, {.more = true}), "");
  EXPECT_EQ(bench.advance(200ms), "P. 1:11(10) ack 1") << "with a PSH: nothing has followed";
}

TEST(TcpOverride, FollowsTheTimerWhereThatIsWanted) {
  for (const ConnectionOptions& options : {ConnectionOptions{}, ConnectionOptions{.cork = true}}) {
    Bench bench(with(&TcpConfig::override_after_rto, true));
    bench.with_options(options);
    bench.with_peer_window(1'000);
    bench.at_established();
    bench.arrive({.flags = ".", .seq = 1, .ack = 1, .window = 400});
    EXPECT_EQ(bench.write(options.cork ? 10 : 1'000), "");
    EXPECT_EQ(bench.advance(bench.status().rto - 1ms), "");
    EXPECT_EQ(bench.advance(1ms), options.cork ? "P. 1:11(10) ack 1" : ". 1:401(400) ack 1");
  }
}

TEST(TcpSynTimeout, SynsAreCountedWhereTheConfigurationSaysSo) {
  TcpConfig config = Bench::plain_config();
  config.syn_retries = 2;
  config.syn_ack_retries = 1;
  Bench active(config);
  active.at_syn_sent();
  EXPECT_EQ(active.advance(3s), "S 0:0(0) | S 0:0(0)");
  EXPECT_EQ(active.advance(4s), "");
  EXPECT_EQ(active.events(), "failed aborted_by_user_timeout");
  Bench passive(config);
  passive.at_syn_received();
  EXPECT_EQ(passive.advance(1s), "S. 0:0(0) ack 1");
  EXPECT_EQ(passive.advance(2s), "");
  EXPECT_EQ(passive.tcp().connection_count(), 0u);
  Bench own(config);
  own.with_options({.syn_retries = std::uint8_t{1}}).at_syn_sent();
  EXPECT_EQ(own.advance(1s), "S 0:0(0)");
  EXPECT_EQ(own.advance(2s), "") << "the user's own count wins";
}

TEST(TcpIdle, TheWindowStaysWhereThatIsWanted) {
  for (const bool restarts : {true, false}) {
    Bench bench(with(&TcpConfig::restart_after_idle, restarts));
    bench.at_established();
    bench.write(10'000);
    bench.arrive({.flags = ".", .seq = 1, .ack = 10'001});
    const std::uint32_t before = bench.status().cwnd;
    EXPECT_GT(before, 10'000u);
    bench.advance(60s);
    bench.write(1'000);
    EXPECT_EQ(bench.status().cwnd, restarts ? 10'000u : before);
  }
}

TEST(TcpIdle, AClosedWindowIsNoPause) {
  Bench bench;
  bench.at_established();
  bench.write(10'000);
  bench.arrive({.flags = ".", .seq = 1, .ack = 10'001, .window = 0});
  const std::uint32_t before = bench.status().cwnd;
  bench.write(30'000);
  bench.advance(59s);
  EXPECT_EQ(bench.status().cwnd, before);
}

TEST(TcpNagle, MayWaitForShortSegmentsAlone) {
  Bench bench(with(&TcpConfig::nagle_by_short_segments, true));
  bench.at_established();
  EXPECT_EQ(bench.write(1'200), ". 1:1001(1000) ack 1 | P. 1001:1201(200) ack 1");
  EXPECT_EQ(bench.write(200), "") << "a short one is outstanding";
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1'001}), "");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1'201}), "P. 1201:1401(200) ack 1");
}

TEST(TcpTimestamps, MayBeMissingWhereThatIsAllowed) {
  for (const bool allowed : {false, true}) {
    TcpConfig config = with(&TcpConfig::allow_missing_timestamps, allowed);
    config.timestamps = true;
    Bench bench(config);
    bench.with_peer_options({.timestamps = Timestamps{1, 0}}).at_established();
    bench.peer_sends_timestamps = false;
    bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 10});
    EXPECT_EQ(bench.status().octets_received, allowed ? 10u : 0u);
  }
}

TEST(TcpFailure, LeavesWhatHadArrivedWhereThatIsWanted) {
  for (const bool kept : {false, true}) {
    Bench bench(with(&TcpConfig::keep_text_after_failure, kept));
    bench.at_established();
    bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 10});
    bench.arrive({.flags = "R", .seq = 11});
    EXPECT_EQ(bench.events(), "failed connection_reset");
    bench.read(100);
    EXPECT_EQ(bench.last_read().size(), kept ? 10u : 0u);
    bench.read(100);
    EXPECT_EQ(bench.last_read().size(), 0u);
    Buffer more(1);
    Actions act;
    const auto after = bench.tcp().receive(bench.now(), bench.id(), more, {}, act);
    ASSERT_FALSE(after);
    EXPECT_EQ(after.error(), TcpError::connection_reset);
  }
}

TEST(TcpCongestion, AWindowOfWhichHalfIsInUseGrowsUnlessMoreIsWanted) {
  for (const bool enough : {true, false}) {
    Bench bench(with(&TcpConfig::half_use_is_enough, enough));
    bench.at_established();
    const std::uint32_t before = bench.status().cwnd;
    bench.write(before / 2);
    bench.arrive({.flags = ".", .seq = 1, .ack = 1 + before / 2});
    EXPECT_EQ(bench.status().cwnd > before, enough);
  }
}

// RFC 9438, 4.6, with what is in flight, or with the whole window.
TEST(TcpCongestion, CubicsThresholdFollowsFromTheWindowWhereThatIsWanted) {
  for (const bool by_window : {false, true}) {
    TcpConfig config = with(&TcpConfig::cubic_reduces_window, by_window);
    config.congestion_control = CongestionControl::cubic;
    Bench bench(config);
    bench.at_established();
    bench.write(1'000);
    bench.advance(1s);
    EXPECT_EQ(bench.status().ssthresh, by_window ? 7'000u : 2'000u);
  }
}

TEST(TcpCongestion, SlowStartCountsOnceWhatWasReportedWhereThatIsWanted) {
  for (const bool once : {false, true}) {
    TcpConfig config = with(&TcpConfig::abc_counts_reported_once, once);
    config.sack = true;
    config.abc_limit = 255;
    Bench bench(config);
    bench.with_peer_options({.mss = std::uint16_t{1'000}, .sack_permitted = true});
    establish(bench, 100ms);
    bench.write(10'000);
    Options report;
    report.sack_count = 1;
    report.sack_blocks[0] = {SeqNum{Bench::kIss} + 1'001u, SeqNum{Bench::kIss} + 3'001u};
    bench.arrive({.flags = ".", .seq = 1, .ack = 1, .options = report});
    bench.arrive({.flags = ".", .seq = 1, .ack = 3'001});
    EXPECT_EQ(bench.status().cwnd, once ? 11'000u : 13'000u);
  }
}

TEST(TcpCongestion, SlowStartWithoutSackCountsAsMuchAsIsWanted) {
  for (const std::uint8_t limit : {std::uint8_t{1}, std::uint8_t{255}}) {
    TcpConfig config = with(&TcpConfig::abc_limit_without_sack, limit);
    config.abc_limit = 255;
    Bench bench(config);
    bench.at_established();
    bench.write(10'000);
    bench.arrive({.flags = ".", .seq = 1, .ack = 10'001});
    EXPECT_EQ(bench.status().cwnd, limit == 1 ? 11'000u : 20'000u);
  }
}

TEST(TcpCongestion, SlowStartCountsOnceWhatDuplicatesHaveTold) {
  for (const bool once : {false, true}) {
    TcpConfig config = with(&TcpConfig::abc_counts_reported_once, once);
    config.abc_limit = config.abc_limit_without_sack = 255;
    Bench bench(config);
    bench.at_established();
    bench.write(10'000);
    bench.arrive({.flags = ".", .seq = 1, .ack = 1});
    bench.arrive({.flags = ".", .seq = 1, .ack = 1});
    bench.arrive({.flags = ".", .seq = 1, .ack = 3'001});
    EXPECT_EQ(bench.status().cwnd, once ? 11'000u : 13'000u);
  }
}

TEST(TcpHandshake, ASoftErrorEndsItWhereThatIsWanted) {
  for (const bool ends : {false, true}) {
    Bench bench(with(&TcpConfig::soft_icmp_ends_handshake, ends));
    bench.at_syn_sent();
    bench.icmp(IcmpErrorKind::soft, 0);
    EXPECT_EQ(bench.state(), ends ? State::closed : State::syn_sent);
    Bench embryo(with(&TcpConfig::soft_icmp_ends_handshake, ends));
    embryo.at_syn_received();
    embryo.icmp(IcmpErrorKind::soft, 0);
    EXPECT_EQ(embryo.tcp().connection_count(), ends ? 0u : 1u);
  }
  Bench later(with(&TcpConfig::soft_icmp_ends_handshake, true));
  later.at_established();
  later.write(10);
  later.icmp(IcmpErrorKind::soft, 1);
  EXPECT_EQ(later.state(), State::established);
}

TEST(TcpHandshake, ATimestampThatWasNeverSentIsResetWhereThatIsWanted) {
  for (const bool checked : {false, true}) {
    TcpConfig config = with(&TcpConfig::check_echo_of_syn, checked);
    config.timestamps = true;
    Bench bench(config);
    bench.at_syn_sent();
    const std::uint32_t ours = bench.last_sent().options.timestamps->value;
    bench.advance(10ms);
    const auto answer = [&](std::uint32_t echo) {
      return bench.arrive(
          {.flags = "S.", .ack = 1, .options = {.timestamps = Timestamps{7, echo}}});
    };
    if (checked) {
      EXPECT_EQ(answer(ours - 1), "R 1:1(0)");
      EXPECT_EQ(bench.drops(), "tcp_syn_sent_bad_ack");
      EXPECT_EQ(answer(ours + 11), "R 1:1(0)");
      EXPECT_EQ(bench.state(), State::syn_sent);
      EXPECT_EQ(answer(ours), ". 1:1(0) ack 1");
    } else {
      EXPECT_EQ(answer(ours - 1), ". 1:1(0) ack 1");
    }
    EXPECT_EQ(bench.state(), State::established);
  }
}

TEST(TcpHandshake, TextOfASynThatCrossesOursIsKeptUnlessThatIsNotWanted) {
  for (const bool kept : {true, false}) {
    Bench bench(with(&TcpConfig::keep_text_of_crossing_syn, kept));
    bench.at_syn_sent();
    EXPECT_EQ(bench.arrive({.flags = "S", .size = 50}), "S. 0:0(0) ack 1");
    bench.arrive({.flags = ".", .seq = 1, .ack = 1});
    EXPECT_EQ(bench.status().octets_received, kept ? 50u : 0u);
  }
}

TEST(TcpHandshake, ASynThatIsThereIsReportedWhereThatIsWanted) {
  for (const bool reported : {false, true}) {
    TcpConfig config = with(&TcpConfig::report_duplicate_syn, reported);
    config.sack = true;
    Bench bench(config);
    bench.with_peer_options({.sack_permitted = true}).at_syn_received_by_simultaneous_open();
    EXPECT_EQ(bench.arrive({.flags = "S.", .ack = 1, .options = {.sack_permitted = true}}),
              reported ? ". 1:1(0) ack 1 <sack 0:1>" : ". 1:1(0) ack 1");
  }
}

// --- for how long sending waited, and for what

class TcpSendTimes : public ::testing::Test {
 protected:
  TcpSendTimes() { bench_.at_established(); }
  [[nodiscard]] SendTimes times() const { return bench_.status().send_times.value(); }
  [[nodiscard]] Duration of(SendTimes::Limit limit) const { return times().of(limit); }

  Bench bench_{with(&TcpConfig::count_send_times, true)};
  Actions act_;
};

TEST_F(TcpSendTimes, AreToldToWhoeverWantsThem) {
  Bench other;
  other.at_established();
  EXPECT_FALSE(other.status().send_times);
  EXPECT_EQ(times().busy(), 0s);
}

TEST_F(TcpSendTimes, CountFromTheFirstTextToTheLastAck) {
  bench_.advance(50ms);
  bench_.write(1'000);
  bench_.advance(30ms);
  bench_.arrive({.flags = ".", .seq = 1, .ack = 1'001});
  bench_.advance(1s);
  bench_.arrive({.flags = ".", .seq = 1, .ack = 1'001, .size = 1});
  EXPECT_EQ(times().busy(), 30ms);
  EXPECT_EQ(of(SendTimes::Limit::network), 30ms);
}

TEST_F(TcpSendTimes, TellTheWindowFromTheRest) {
  bench_.arrive({.flags = ".", .seq = 1, .ack = 1, .window = 1'000});
  bench_.write(3'000);
  bench_.advance(20ms);
  bench_.arrive({.flags = ".", .seq = 1, .ack = 1'001, .window = 2'000});
  bench_.advance(10ms);
  bench_.arrive({.flags = ".", .seq = 1, .ack = 3'001});
  EXPECT_EQ(of(SendTimes::Limit::window), 20ms);
  EXPECT_EQ(times().busy(), 30ms);
}

TEST_F(TcpSendTimes, TellTheBufferFromTheRest) {
  bench_.tcp().set_options(bench_.now(), bench_.id(), {.send_buffer = 4'000}, act_);
  bench_.write(6'000);  // of which 4000 are taken
  bench_.advance(20ms);
  bench_.arrive({.flags = ".", .seq = 1, .ack = 1'001});  // and the user does not write
  bench_.advance(10ms);
  bench_.arrive({.flags = ".", .seq = 1, .ack = 4'001});
  EXPECT_EQ(of(SendTimes::Limit::buffer), 20ms);
  EXPECT_EQ(times().busy(), 30ms);
}

TEST(TcpSetConfig, CountsForWhatComes) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 100}), "");
  bench.advance(40ms);
  bench.tcp().set_config(with(&TcpConfig::quick_acks, std::uint8_t{1}));
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 101, .ack = 1, .size = 100}), ". 1:1(0) ack 201");
}

}  // namespace
}  // namespace packetwright::tcp::testing
