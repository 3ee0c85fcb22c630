// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/rto.hh"

#include <cstdlib>

#include <gtest/gtest.h>

namespace packetwright::tcp {
namespace {

constexpr TcpConfig kUsual;
constexpr TcpConfig kFine = [] {
  TcpConfig config;
  config.min_rto = 0s;  // so that what is computed can be seen
  return config;
}();

TEST(Rto, IsOneSecondBeforeAnySample) {
  EXPECT_EQ(RtoEstimator(kUsual).rto(), 1s);
}

TEST(Rto, TheFirstSampleSetsAllThreeVariables) {
  RtoEstimator rto(kFine);
  rto.sample(200ms, 1);
  EXPECT_EQ(rto.srtt(), 200ms);
  EXPECT_EQ(rto.rttvar(), 100ms);
  EXPECT_EQ(rto.rto(), 600ms);
}

TEST(Rto, LaterSamplesMoveVarianceBeforeMean) {
  RtoEstimator rto(kFine);
  rto.sample(200ms, 1);
  rto.sample(280ms, 1);
  // RTTVAR = 3/4 * 100 + 1/4 * |200 - 280|; SRTT = 7/8 * 200 + 1/8 * 280.
  EXPECT_EQ(rto.rttvar(), 95ms);
  EXPECT_EQ(rto.srtt(), 210ms);
  EXPECT_EQ(rto.rto(), 590ms);
}

TEST(Rto, ASteadyPathKeepsTheGranularityAsMargin) {
  RtoEstimator rto(kFine);
  for (int i = 0; i < 100; ++i) rto.sample(300ms, 1);
  EXPECT_EQ(rto.srtt(), 300ms);
  EXPECT_EQ(rto.rto(), 301ms);
}

TEST(Rto, StaysSoMuchAboveTheRoundTripAsIsAskedFor) {
  TcpConfig config;
  config.min_rto = config.min_rto_variation = 200ms;
  RtoEstimator rto(config);
  rto.sample(100ms, 1);
  EXPECT_EQ(rto.rto(), 300ms);
  for (int i = 0; i < 100; ++i) rto.sample(100ms, 1);
  EXPECT_EQ(rto.rto(), 300ms);
  for (int i = 0; i < 100; ++i) rto.sample(i % 2 == 0 ? 20ms : 500ms, 1);
  EXPECT_GT(rto.rto(), 600ms) << "where the round trips differ by more, that counts";
}

TEST(Rto, IsRoundedUpToOneSecond) {
  RtoEstimator rto(kUsual);
  rto.sample(10ms, 1);
  EXPECT_EQ(rto.rto(), 1s);
  rto.sample(5s, 1);
  EXPECT_GT(rto.rto(), 1s);
}

TEST(Rto, DoublesUpToTheMaximumAndStaysUntilASample) {
  RtoEstimator rto(kUsual);
  for (const Duration expected : {2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    rto.back_off();
    EXPECT_EQ(rto.rto(), expected);
  }
  rto.sample(100ms, 1);
  EXPECT_EQ(rto.rto(), 1s);
}

TEST(Rto, IsThreeSecondsForDataAfterALostSyn) {
  RtoEstimator rto(kUsual);
  rto.back_off();
  rto.data_begins_after_lost_syn();
  EXPECT_EQ(rto.rto(), 3s);
}

TEST(Rto, ManySamplesInARoundTripWeighAsOne) {
  RtoEstimator one(kFine);
  RtoEstimator many(kFine);
  one.sample(100ms, 1);
  many.sample(100ms, 10);
  one.sample(180ms, 1);
  for (int i = 0; i < 10; ++i) many.sample(180ms, 10);
  EXPECT_LT(std::abs((one.srtt() - many.srtt()).count()), 1'000'000);
}

}  // namespace
}  // namespace packetwright::tcp
