// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "stack/tcp/tcp_test_support.hh"

// Timeouts and recoveries that were for nothing. The initial window is ten segments of 1000.
namespace packetwright::tcp::testing {
namespace {

// --- F-RTO (RFC 5682)

TcpConfig frto_config() {
  TcpConfig config = Bench::plain_config();
  config.frto = true;
  return config;
}

TEST(TcpFrto, TwoAcksThatAdvanceTellThatTheTextWasOnlyLate) {
  Bench bench(frto_config());
  bench.at_established();
  bench.write(20'000);
  const Status before = bench.status();
  EXPECT_EQ(bench.advance(1s), ". 1:1001(1000) ack 1");
  EXPECT_EQ(bench.status().cwnd, 1000u);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1001}),
            ". 10001:11001(1000) ack 1 | . 11001:12001(1000) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 2001}), "");
  EXPECT_FALSE(bench.status().in_recovery);
  EXPECT_EQ(bench.status().cwnd, before.cwnd);
  EXPECT_EQ(bench.status().ssthresh, before.ssthresh);
  EXPECT_EQ(bench.status().total_retrans, 1u);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 4001}),
            ". 12001:13001(1000) ack 1 | . 13001:14001(1000) ack 1 | . 14001:15001(1000) ack 1");
}

TEST(TcpFrto, ADuplicateTellsThatTheLossWasReal) {
  Bench bench(frto_config());
  bench.at_established();
  bench.write(20'000);
  bench.advance(1s);
  bench.arrive({.flags = ".", .seq = 1, .ack = 1001});
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1001}), ". 1001:2001(1000) ack 1");
  EXPECT_TRUE(bench.status().in_recovery);
  EXPECT_EQ(bench.status().ssthresh, 5000u);
}

TEST(TcpFrto, WithoutNewTextTheOldGoesAgain) {
  Bench bench(frto_config());
  bench.at_established();
  bench.write(10'000);
  bench.advance(1s);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1001}),
            ". 1001:2001(1000) ack 1 | . 2001:3001(1000) ack 1");
}

TEST(TcpFrto, ADuplicateAsTheFirstAckEndsIt) {
  Bench bench(frto_config());
  bench.at_established();
  bench.write(20'000);
  bench.advance(1s);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1}), "");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1001}),
            ". 1001:2001(1000) ack 1 | . 2001:3001(1000) ack 1");
}

// Step 1: the delay may be longer than the timer and its first back-off together.
TEST(TcpFrto, AsksAgainWhenTheTimerExpiresTwiceForTheSameSegment) {
  Bench bench(frto_config());
  bench.at_established();
  bench.write(20'000);
  bench.advance(3s);
  ASSERT_EQ(bench.status().total_retrans, 2u);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1001}),
            ". 10001:11001(1000) ack 1 | . 11001:12001(1000) ack 1");
  bench.arrive({.flags = ".", .seq = 1, .ack = 2001});
  EXPECT_FALSE(bench.status().in_recovery);
}

// Step 1: what the recovery before has sent again is acknowledged, and looks like the originals.
TEST(TcpFrto, ATimeoutInTheMiddleOfARecoveryAsksNothing) {
  Bench bench(frto_config());
  bench.at_established();
  bench.write(20'000);
  for (int i = 0; i < 3; ++i) bench.arrive({.flags = ".", .seq = 1, .ack = 1});
  ASSERT_EQ(bench.status().total_retrans, 1u);
  bench.advance(1s);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1001}),
            ". 1001:2001(1000) ack 1 | . 2001:3001(1000) ack 1");
  // The threshold does not rise again, either.
  EXPECT_EQ(bench.status().ssthresh, 5000u);
}

// Step 2a.
TEST(TcpFrto, AnAckOfAPartOfWhatTheTimerSentEndsIt) {
  Bench bench(frto_config());
  bench.at_established();
  bench.write(20'000);
  bench.advance(1s);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 501}).substr(0, 12), ". 1001:2001(");
  bench.arrive({.flags = ".", .seq = 1, .ack = 2001});
  EXPECT_EQ(bench.status().ssthresh, 5000u);
}

// RFC 4015, 3.4: the ACK that shows the timeout to be spurious tells of congestion itself.
TEST(TcpFrto, NothingIsTakenBackWhereCongestionIsEchoed) {
  for (const bool echoed : {true, false}) {
    TcpConfig config = Bench::plain_config();
    config.frto = true;
    Bench bench(config);
    bench.at_listen();
    bench.arrive({.flags = "SEW", .options = {.mss = 1000}});
    bench.arrive({.flags = ".", .seq = 1, .ack = 1});
    const auto id = *bench.tcp().accept(bench.listener());
    Actions act;
    ASSERT_TRUE(bench.tcp().send(bench.now(), id, stream_text(0, 20'000), {}, act).ok());
    bench.advance(1s);
    bench.arrive({.flags = ".", .seq = 1, .ack = 1001});
    bench.arrive({.flags = echoed ? "E." : ".", .seq = 1, .ack = 2001});
    EXPECT_EQ(bench.tcp().status(id)->ssthresh == 5000u, echoed);
  }
}

// --- Eifel (RFC 3522, 4015)

// A connection with timestamps and 20,000 octets to send.
class TimestampBench : public Bench {
 public:
  TimestampBench() : Bench(config()) {
    with_peer_options({.timestamps = Timestamps{100'000, 0}}).at_established();
    write(20'000);
  }
  [[nodiscard]] std::uint32_t sent_value() const { return last_sent().options.timestamps->value; }
  void ack(std::uint32_t number, std::uint32_t echo) {
    arrive({.flags = ".",
            .seq = 1,
            .ack = number,
            .options = {.timestamps = Timestamps{peer_clock, echo}}});
  }

 private:
  static TcpConfig config() {
    TcpConfig config = plain_config();
    config.timestamps = true;
    return config;
  }
};

TEST(TcpUndo, AnOldTimestampTellsThatTheOriginalArrived) {
  for (const bool original : {true, false}) {
    TimestampBench bench;
    const Status before = bench.status();
    const std::uint32_t first = bench.sent_value();
    bench.advance(1s);
    const std::uint32_t second = bench.sent_value();
    ASSERT_EQ(bench.status().total_retrans, 1u);
    bench.ack(989, original ? first : second);
    EXPECT_EQ(bench.status().in_recovery, !original);
    EXPECT_EQ(bench.status().ssthresh == before.ssthresh, original);
    EXPECT_EQ(bench.status().cwnd == before.cwnd, original);
  }
}

// Only the first segment that went again says something: the peer may have held any other.
TEST(TcpUndo, AnOldTimestampThatComesLaterTellsNothing) {
  TimestampBench bench;
  bench.advance(1s);
  const std::uint32_t first = bench.sent_value();
  bench.advance(100ms);
  bench.ack(989, first);  // 989 to 2965 go again
  ASSERT_EQ(bench.status().total_retrans, 3u);
  bench.ack(2965, first - 1);
  EXPECT_TRUE(bench.status().in_recovery);
  EXPECT_LT(bench.status().ssthresh, 10'000u);
}

// What answers is what the recovery had sent again before the timer expired: the loss was real.
TEST(TcpUndo, ATimeoutDuringARecoveryIsNeverTakenBack) {
  TimestampBench bench;
  const std::uint32_t original = bench.sent_value();
  bench.advance(10ms);
  for (int i = 0; i < 3; ++i) bench.ack(1, original);
  ASSERT_EQ(bench.status().total_retrans, 1u);
  const std::uint32_t resent = bench.sent_value();
  bench.advance(1s);
  ASSERT_EQ(bench.status().total_retrans, 2u);
  bench.ack(989, resent);
  EXPECT_TRUE(bench.status().in_recovery);
  EXPECT_LT(bench.status().ssthresh, 10'000u);
}

// --- D-SACK (RFC 3708)

TEST(TcpUndo, ADuplicateOfEverythingSentAgainTellsThatNothingWasLost) {
  for (const bool duplicate : {true, false}) {
    TcpConfig config = Bench::plain_config();
    config.sack = true;
    Bench bench(config);
    bench.with_peer_options({.sack_permitted = true}).at_established();
    const auto block = [](std::uint32_t left, std::uint32_t right) {
      Options options;
      options.sack_count = 1;
      options.sack_blocks[0] = {SeqNum{Bench::kIss} + left, SeqNum{Bench::kIss} + right};
      return options;
    };
    bench.write(10'000);
    const Status before = bench.status();
    EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1, .options = block(1001, 4001)}),
              ". 1:1001(1000) ack 1");
    EXPECT_LT(bench.status().ssthresh, before.ssthresh);
    bench.arrive({.flags = ".", .seq = 1, .ack = 4001});
    bench.arrive(
        {.flags = ".", .seq = 1, .ack = 4001, .options = duplicate ? block(1, 1001) : Options{}});
    EXPECT_EQ(bench.status().in_recovery, !duplicate);
    EXPECT_EQ(bench.status().ssthresh == before.ssthresh, duplicate);
  }
}

TEST(TcpUndo, CanBeTurnedOff) {
  TcpConfig config = frto_config();
  config.undo = false;
  Bench bench(config);
  bench.at_established();
  bench.write(20'000);
  bench.advance(1s);
  bench.arrive({.flags = ".", .seq = 1, .ack = 1001});
  bench.arrive({.flags = ".", .seq = 1, .ack = 2001});
  EXPECT_EQ(bench.status().ssthresh, 5000u);
}

}  // namespace
}  // namespace packetwright::tcp::testing
