// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/hystart.hh"

#include <gtest/gtest.h>

namespace packetwright::tcp {
namespace {

using Advice = HyStart::Advice;

// A sender that sends ten segments a round.
class HyStartTest : public ::testing::Test {
 protected:
  void SetUp() override { static_cast<void>(hystart_.on_ack(una_, una_ + 10'000, std::nullopt)); }
  // The ACKs of one round; the advice that the last of them got.
  Advice round(Duration rtt, int samples = 10) {
    Advice advice = Advice::slow_start;
    for (int i = 0; i < 10; ++i) {
      una_ += 1000;
      advice =
          hystart_.on_ack(una_, una_ + 10'000, i < samples ? std::optional{rtt} : std::nullopt);
    }
    return advice;
  }

  HyStart hystart_;
  SeqNum una_{0};
};

TEST_F(HyStartTest, GoesOnWhileRoundTripsStayAsTheyAre) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(round(100ms), Advice::slow_start);
}

// An eighth of the round trip, but at least 4 ms and at most 16 ms.
TEST_F(HyStartTest, IsCarefulWhenTheyGrowByAnEighth) {
  round(80ms);
  round(80ms);
  EXPECT_EQ(round(89ms), Advice::slow_start);
  EXPECT_EQ(round(101ms), Advice::conservative);
}

TEST_F(HyStartTest, TheThresholdIsAtLeastFourMilliseconds) {
  round(8ms);
  round(8ms);
  EXPECT_EQ(round(11ms), Advice::slow_start);
  EXPECT_EQ(round(15ms), Advice::conservative);
}

TEST_F(HyStartTest, TheThresholdIsAtMostSixteenMilliseconds) {
  round(1s);
  round(1s);
  EXPECT_EQ(round(1015ms), Advice::slow_start);
  EXPECT_EQ(round(1031ms), Advice::conservative);
}

TEST_F(HyStartTest, FewerThanEightSamplesSayNothing) {
  round(80ms);
  round(80ms);
  EXPECT_EQ(round(200ms, 7), Advice::slow_start);
  EXPECT_EQ(round(400ms, 8), Advice::conservative);
}

TEST_F(HyStartTest, LeavesAfterFiveCarefulRounds) {
  round(80ms);
  round(80ms);
  EXPECT_EQ(round(100ms), Advice::conservative);
  int rounds = 1;
  while (rounds < 20 && round(100ms) == Advice::conservative) ++rounds;
  EXPECT_EQ(rounds, 4);  // the fifth says so
}

TEST_F(HyStartTest, GoesOnWhenRoundTripsBecomeShorterAgain) {
  round(80ms);
  round(80ms);
  EXPECT_EQ(round(100ms), Advice::conservative);
  round(100ms);
  EXPECT_EQ(round(90ms), Advice::slow_start);
}

// --- as it was before RFC 9406

class HyStartAtOnceTest : public ::testing::Test {
 protected:
  // ACKs of one round; how many it took to be told to leave, 0: it was not.
  int round(Duration rtt, bool large = true) {
    const SeqNum nxt = una_ + 20'000;
    for (int i = 1; i <= 20; ++i) {
      una_ += 1000;
      const Advice advice = hystart_.on_ack_at_once(una_, nxt, rtt, large);
      if (advice == Advice::leave) return i;
      EXPECT_EQ(advice, Advice::slow_start);
    }
    return 0;
  }

  HyStart hystart_;
  SeqNum una_{0};
};

TEST_F(HyStartAtOnceTest, LeavesAtTheNinthLongRoundTripOfARound) {
  EXPECT_EQ(round(200ms), 0);
  EXPECT_EQ(round(210ms), 0) << "within the threshold";
  EXPECT_EQ(round(240ms), 9);
}

TEST_F(HyStartAtOnceTest, ComparesWithTheShortestOfAll) {
  EXPECT_EQ(round(100ms), 0);
  EXPECT_EQ(round(108ms), 0);
  EXPECT_EQ(round(116ms), 9);
}

TEST_F(HyStartAtOnceTest, ASmallWindowFillsNoQueue) {
  EXPECT_EQ(round(100ms, false), 0);
  EXPECT_EQ(round(200ms, false), 0);
  EXPECT_EQ(round(200ms), 9) << "the shortest of all counts from the beginning";
}

}  // namespace
}  // namespace packetwright::tcp
