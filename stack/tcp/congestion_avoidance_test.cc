// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include <gtest/gtest.h>

#include "stack/tcp/congestion_cubic.hh"

namespace packetwright::tcp {
namespace {

TEST(CongestionControlNames, AreThoseOfTheSocketOption) {
  EXPECT_EQ(name_of(CongestionControl::reno), "reno");
  EXPECT_EQ(name_of(CongestionControl::cubic), "cubic");
  EXPECT_EQ(congestion_control_of("reno"), CongestionControl::reno);
  EXPECT_EQ(congestion_control_of("cubic"), CongestionControl::cubic);
  EXPECT_EQ(congestion_control_of("vegas"), std::nullopt);
  EXPECT_EQ(congestion_control_of(""), std::nullopt);
}

TEST(Cubic, TheCubeRootIsExact) {
  for (const std::uint64_t root : {0ull, 1ull, 2ull, 3ull, 1000ull, 65'535ull, 2'642'245ull}) {
    const std::uint64_t cube = root * root * root;
    EXPECT_EQ(CubicAvoidance::cube_root(cube), root);
    if (root > 1) {
      EXPECT_EQ(CubicAvoidance::cube_root(cube - 1), root - 1);
    }
    if (root > 0) {
      EXPECT_EQ(CubicAvoidance::cube_root(cube + 1), root);
    }
  }
  EXPECT_EQ(CubicAvoidance::cube_root(~std::uint64_t{0}), 2'642'245u);
}

// RFC 9438, equation 2: K = cbrt((W_max - cwnd) / C), here cbrt(30 / 0.4) s = 4.217 s.
TEST(Cubic, KnowsWhenTheOldWindowComesBack) {
  EXPECT_EQ(CubicAvoidance::plateau_after(100'000, {.cwnd = 70'000, .smss = 1000}), 4217);
  EXPECT_EQ(CubicAvoidance::plateau_after(1460 * 100, {.cwnd = 1460 * 70, .smss = 1460}), 4217);
  EXPECT_EQ(CubicAvoidance::plateau_after(70'000, {.cwnd = 70'000, .smss = 1000}), 0);
  EXPECT_EQ(CubicAvoidance::plateau_after(60'000, {.cwnd = 70'000, .smss = 1000}), 0);
  // The largest that can be: no overflow. cbrt(2^30 / 0.4) s.
  EXPECT_EQ(CubicAvoidance::plateau_after(1u << 30, {.cwnd = 0, .smss = 1}), 1'389'781);
}

// Equation 1, W_cubic(t) = 0.4 * (t - K)^3 + W_max, within the bound that the header states.
TEST(Cubic, FollowsTheCurve) {
  EXPECT_EQ(CubicAvoidance::window_at(0, 100'000, 1000), 100'000u);
  EXPECT_EQ(CubicAvoidance::window_at(1000, 100'000, 1000), 100'400u);
  EXPECT_EQ(CubicAvoidance::window_at(-1000, 100'000, 1000), 99'600u);
  EXPECT_EQ(CubicAvoidance::window_at(5000, 100'000, 1000), 150'000u);
  EXPECT_EQ(CubicAvoidance::window_at(-10'000, 100'000, 1000), 0u);
  EXPECT_EQ(CubicAvoidance::window_at(1'000'000'000, 1 << 30, 65'495), 0x7fff'ffffu);
  // At K before the plateau the curve is where it began.
  const std::int64_t k = CubicAvoidance::plateau_after(100'000, {.cwnd = 70'000, .smss = 1000});
  EXPECT_NEAR(CubicAvoidance::window_at(-k, 100'000, 1000), 70'000, 25);
  for (std::int64_t t = -4000; t <= 4000; t += 7) {
    const std::int64_t thousandths = 400 * t * t * t / 1'000'000'000;  // of a segment
    const std::int64_t exact = 100'000 + thousandths * 1460 / 1000;
    EXPECT_NEAR(CubicAvoidance::window_at(t, 100'000, 1460), exact, 3.1) << t;
  }
}

class CubicWindow : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kSmss = 1000;

  void reduce() { cwnd_ = cubic_.reduce({cwnd_, kSmss}, cwnd_); }
  // Round trips of `rtt`, in each of which the whole window is acknowledged segment by segment.
  void rounds(int count, Duration rtt) {
    for (int i = 0; i < count; ++i) {
      now_ += rtt;
      for (std::uint32_t acked = 0, window = cwnd_; acked < window; acked += kSmss) {
        cwnd_ += cubic_.growth(now_, kSmss, rtt, {cwnd_, kSmss});
      }
    }
  }

  CubicAvoidance cubic_;
  std::uint32_t cwnd_ = 1'000'000;
  Instant now_ = instant_at(0);
};

TEST_F(CubicWindow, FallsToSevenTenthsButNotBelowTwoSegments) {
  reduce();
  EXPECT_EQ(cwnd_, 700'000u);
  cwnd_ = 2000;
  reduce();
  EXPECT_EQ(cwnd_, 2000u);
}

// K is cbrt(300 / 0.4) s = 9.08 s.
TEST_F(CubicWindow, ComesBackToWhereItWasAndRestsThere) {
  reduce();
  rounds(45, 100ms);  // half of the way in time is seven eighths of the way up
  EXPECT_NEAR(cwnd_, 962'500, 6000);
  rounds(45, 100ms);
  EXPECT_NEAR(cwnd_, 1'000'000, 1000);
  rounds(10, 100ms);
  EXPECT_NEAR(cwnd_, 1'000'000, 2000);
  rounds(40, 100ms);
  EXPECT_NEAR(cwnd_, 1'000'000 + 400 * 5 * 5 * 5, 15'000);
}

// 4.3: on a short path Reno is quicker than the curve, and the window grows as Reno's would: with
// beta = 0.7, by 9/17 of a segment a round.
TEST_F(CubicWindow, IsNotSlowerThanReno) {
  cwnd_ = 20'000;
  reduce();
  EXPECT_EQ(cwnd_, 14'000u);
  rounds(10, 1ms);
  EXPECT_NEAR(cwnd_, 14'000 + 5294, 600);
  // Above the old window, by a whole segment.
  rounds(10, 1ms);
  ASSERT_GE(cwnd_, 19'000u);
  rounds(5, 1ms);
  const std::uint32_t before = cwnd_;
  rounds(10, 1ms);
  EXPECT_NEAR(cwnd_, before + 10'000, 1100);
}

// 4.5: by no more than half in a round trip, however much time has passed.
TEST_F(CubicWindow, GrowsByNoMoreThanHalfInARound) {
  reduce();
  rounds(1, 100ms);
  const std::uint32_t before = cwnd_;
  rounds(1, 60s);
  EXPECT_LE(cwnd_, before + before / 2 + before / 4);
}

// 4.7: a flow whose window has become smaller since its last loss makes room.
TEST_F(CubicWindow, AimsLowerWhenItLosesGround) {
  reduce();  // W_max is 1'000'000
  reduce();  // at 700'000
  EXPECT_EQ(cwnd_, 490'000u);
  // The plateau is at 0.85 * 700'000, and K = cbrt(105 / 0.4) s = 6.4 s.
  rounds(64, 100ms);
  EXPECT_NEAR(cwnd_, 595'000, 1000);
}

// 4.8: after a timeout the plateau is where congestion avoidance begins.
TEST_F(CubicWindow, BeginsAnewAfterATimeout) {
  reduce();
  cubic_.restart();
  rounds(3, 1s);
  EXPECT_NEAR(cwnd_, 700'000 + 400 * 3 * 3 * 3, 6000);
}

// 4.2: idle time does not count.
TEST_F(CubicWindow, StandsStillWhileTheUserHasNothingToSend) {
  reduce();
  rounds(45, 100ms);
  const std::uint32_t before = cwnd_;
  cubic_.pause(now_);
  now_ += 1h;
  cubic_.pause(now_);
  rounds(1, 100ms);
  EXPECT_NEAR(cwnd_, before, 3000);
}

// 4.9.
TEST_F(CubicWindow, ForgetsAReductionThatWasForNothing) {
  reduce();
  rounds(45, 100ms);
  const std::uint32_t before = cwnd_;
  reduce();
  cubic_.undo();
  cwnd_ = before;
  rounds(45, 100ms);
  EXPECT_NEAR(cwnd_, 1'000'000, 1000);
}

}  // namespace
}  // namespace packetwright::tcp
