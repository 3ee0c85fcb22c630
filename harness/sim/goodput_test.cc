// SPDX-License-Identifier: Apache-2.0
#include "harness/sim/goodput.hh"

#include <gtest/gtest.h>

#include "harness/report/approval.hh"

namespace packetwright::sim {
namespace {

const Sender kSack{"sack", [](tcp::TcpConfig&) {}};

// Renew them, and the large ones, with tools/goodput.sh, and look at what has changed.
TEST(SimGoodput, TheTablesAreTheApprovedOnes) {
  EXPECT_EQ(report::differs_from_approved("goodput_small.txt", goodput_tables(small_tables()),
                                          "harness/sim/approved"),
            "");
}

// Whatever the tables say, this much the physics of the path say.

TEST(SimGoodput, WithoutLossAConnectionFillsItsBottleneck) {
  const Path path{.bits_per_second = 10'000'000, .round_trip = 10ms};
  const Duration time = bulk_time(kSack, path, 1'448'000, 1);
  const Duration least = 1'000 * 8 * 1'538 * Duration{100};  // full frames, one after the other
  EXPECT_GE(time, least);
  EXPECT_LT(time, least + 100ms);
}

TEST(SimGoodput, LossCostsAndALongerPathCostsMore) {
  const auto time = [](Duration round_trip, std::uint32_t loss) {
    return bulk_time(kSack, {.bits_per_second = 10'000'000, .round_trip = round_trip, .loss = loss},
                     2'000'000, 1);
  };
  EXPECT_GT(time(100ms, 10'000), 2 * time(100ms, 0));
  EXPECT_GT(time(100ms, 10'000), time(10ms, 10'000));
}

TEST(SimGoodput, TheLossOfTheTailCostsTime) {
  const Path path{.bits_per_second = 10'000'000, .round_trip = 10ms};
  const Duration whole = tail_loss_time(kSack, path, 14'480, 0, 1);
  EXPECT_GE(whole, 5ms + 12ms);  // half a round trip, and ten frames of 1.2 ms each
  EXPECT_LT(whole, 50ms);
  EXPECT_GT(tail_loss_time(kSack, path, 14'480, 1, 1), whole + 5ms);
}

TEST(SimGoodput, TwoConnectionsShareTheBottleneckAndNeitherStarves) {
  const Path path{.bits_per_second = 10'000'000, .round_trip = 40ms};
  const Shares shares = shared_octets(kSack, kSack, path, 1s, 12s, 1);
  EXPECT_GT(shares.first, 500'000u);
  EXPECT_GT(shares.second, 500'000u);
  EXPECT_LE(shares.first + shares.second, 7'500'000u);
}

TEST(SimGoodput, TheSameSeedGivesTheSameNumbers) {
  const Path path{.bits_per_second = 10'000'000, .round_trip = 20ms, .loss = 10'000};
  const auto time = [&](std::uint64_t seed) { return bulk_time(kSack, path, 1'000'000, seed); };
  EXPECT_EQ(time(3), time(3));
  EXPECT_NE(time(3), time(4));
}

}  // namespace
}  // namespace packetwright::sim
