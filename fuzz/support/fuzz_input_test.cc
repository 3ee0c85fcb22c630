// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/fuzz_input.hh"

#include <array>

#include <gtest/gtest.h>

namespace packetwright::fuzz {
namespace {

TEST(FuzzInput, TakesValuesFromTheFront) {
  const std::array<std::uint8_t, 9> octets{1, 2, 3, 4, 5, 6, 7, 8, 9};
  FuzzInput input{octets};
  EXPECT_EQ(input.u8(), 1);
  EXPECT_EQ(input.u16(), 0x0203);
  EXPECT_EQ(input.u32(), 0x04050607u);
  EXPECT_EQ(input.take(1)[0], 8);
  EXPECT_EQ(input.take_rest().size(), 1u);
  EXPECT_TRUE(input.empty());
}

TEST(FuzzInput, GivesZerosAndNothingOnceUsedUp) {
  const std::array<std::uint8_t, 1> octets{7};
  FuzzInput input{octets};
  EXPECT_EQ(input.u16(), 0x0700);
  EXPECT_EQ(input.u32(), 0u);
  EXPECT_EQ(input.below(10), 0u);
  EXPECT_FALSE(input.flag());
  EXPECT_TRUE(input.take(5).empty());
}

TEST(FuzzInput, BelowStaysBelowAndTakesTwoOctetsOnlyWhereNeeded) {
  const std::array<std::uint8_t, 4> octets{0xff, 0xff, 0xff, 0xff};
  FuzzInput input{octets};
  EXPECT_LT(input.below(10), 10u);
  EXPECT_EQ(input.size(), 3u);
  EXPECT_LT(input.below(1'000), 1'000u);
  EXPECT_EQ(input.size(), 1u);
}

TEST(FuzzExactBuffer, HoldsACopy) {
  std::array<std::uint8_t, 3> octets{1, 2, 3};
  const ExactBuffer copy{Bytes{octets}};
  octets[0] = 9;
  EXPECT_EQ(copy.octets()[0], 1);
  EXPECT_EQ(copy.octets().size(), 3u);
  EXPECT_TRUE(ExactBuffer{Bytes{}}.octets().empty());
}

}  // namespace
}  // namespace packetwright::fuzz
