// SPDX-License-Identifier: Apache-2.0
#include "stack/base/result.hh"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace packetwright {
namespace {

enum class Trouble { none_left, too_late };

Result<std::unique_ptr<int>, Trouble> take(bool there) {
  if (!there) return Err{Trouble::none_left};
  return std::make_unique<int>(7);
}

TEST(BaseResult, HoldsAMoveOnlyValue) {
  auto taken = take(true);
  ASSERT_TRUE(taken);
  EXPECT_EQ(**taken, 7);
  const std::unique_ptr<int> owned = std::move(taken).value();
  EXPECT_EQ(*owned, 7);
}

TEST(BaseResult, HoldsAnError) {
  const auto taken = take(false);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error(), Trouble::none_left);
}

TEST(BaseResult, ValueAndErrorMayBeOfOneType) {
  const Result<int, int> good = 3;
  const Result<int, int> bad = Err{3};
  EXPECT_TRUE(good.ok());
  EXPECT_FALSE(bad.ok());
  EXPECT_EQ(bad.value_or(9), 9);
}

TEST(BaseResult, OfVoidSaysOnlyWhetherItWentWell) {
  const Result<void, Trouble> good;
  const Result<void, Trouble> bad = Err{Trouble::too_late};
  EXPECT_TRUE(good);
  EXPECT_EQ(bad.error(), Trouble::too_late);
}

TEST(BaseResultDeathTest, ReadingTheWrongSideStopsTheProgram) {
  const Result<int, Trouble> bad = Err{Trouble::too_late};
  EXPECT_DEATH((void)bad.value(), "assertion failed");
}

}  // namespace
}  // namespace packetwright
