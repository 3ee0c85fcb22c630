// SPDX-License-Identifier: Apache-2.0
#include "harness/capture/timestamp.hh"

#include <limits>

#include <gtest/gtest.h>

namespace packetwright::capture {
namespace {

constexpr std::int64_t kLatest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kEarliest = std::numeric_limits<std::int64_t>::min();

TEST(CaptureTimestamp, DecimalUnitsAreScaledToNanoseconds) {
  EXPECT_EQ(to_nanoseconds(1'500'000, {6, false, 0}), 1'500'000'000);
  EXPECT_EQ(to_nanoseconds(1'500'000'001, {9, false, 0}), 1'500'000'001);
  EXPECT_EQ(to_nanoseconds(3, {0, false, 0}), 3'000'000'000);
  EXPECT_EQ(to_nanoseconds(1'000'000'001'999, {12, false, 0}), 1'000'000'001);
}

TEST(CaptureTimestamp, UnitsFarTooFineAreAFractionOfASecond) {
  // 2^64-1 units of 10^-20 s are 0.184467440737 s.
  EXPECT_EQ(to_nanoseconds(~std::uint64_t{0}, {20, false, 0}), 184'467'440);
  EXPECT_EQ(to_nanoseconds(~std::uint64_t{0}, {127, false, 0}), 0);
  EXPECT_EQ(to_nanoseconds(~std::uint64_t{0}, {127, true, 0}), 0);
}

TEST(CaptureTimestamp, BinaryUnitsAreScaledToNanoseconds) {
  EXPECT_EQ(to_nanoseconds(std::uint64_t{5} << 32 | std::uint64_t{1} << 31, {32, true, 0}),
            5'500'000'000);
  EXPECT_EQ(to_nanoseconds(1025, {10, true, 0}), 1'000'976'562);  // 1 + 1/1024 s
  EXPECT_EQ(to_nanoseconds(std::uint64_t{1} << 63, {64, true, 0}), 500'000'000);
}

TEST(CaptureTimestamp, OffsetInSecondsIsAdded) {
  EXPECT_EQ(to_nanoseconds(1, {0, false, -3}), -2'000'000'000);
  EXPECT_EQ(to_nanoseconds(500'000, {6, false, 7}), 7'500'000'000);
}

TEST(CaptureTimestamp, OverflowSaturates) {
  EXPECT_EQ(to_nanoseconds(~std::uint64_t{0}, {0, false, 0}), kLatest);
  EXPECT_EQ(to_nanoseconds(~std::uint64_t{0} >> 1, {0, false, 1}), kLatest);
  EXPECT_EQ(to_nanoseconds(0, {0, false, kEarliest}), kEarliest);
  EXPECT_EQ(to_nanoseconds(9'223'372'036, {0, false, 0}), 9'223'372'036'000'000'000);
  EXPECT_EQ(to_nanoseconds(9'223'372'037, {0, false, 0}), kLatest);
}

TEST(CaptureTimestamp, FractionOfMoreThanASecondIsCarried) {
  EXPECT_EQ(to_nanoseconds(std::uint32_t{1}, std::uint64_t{2'000'000'005}), 3'000'000'005);
}

}  // namespace
}  // namespace packetwright::capture
