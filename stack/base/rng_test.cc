// SPDX-License-Identifier: Apache-2.0
#include "stack/base/rng.hh"

#include <array>

#include <gtest/gtest.h>

namespace packetwright {
namespace {

TEST(BaseRng, SameSeedSameNumbersOnEveryCompiler) {
  Rng rng{42};
  // The first three numbers of xoshiro256** whose state is splitmix64 from 42.
  EXPECT_EQ(rng.next(), 0x15780b2e0c2ec716u);
  EXPECT_EQ(rng.next(), 0x6104d9866d113a7eu);
  EXPECT_EQ(rng.next(), 0xae17533239e499a1u);
}

TEST(BaseRng, AForkDependsOnItsNameAndNotOnWhatWasDrawn) {
  Rng rng{7};
  const std::uint64_t before = rng.fork("isn").next();
  (void)rng.next();
  EXPECT_EQ(rng.fork("isn").next(), before);
  EXPECT_NE(rng.fork("port").next(), before);
  EXPECT_NE(Rng{8}.fork("isn").next(), before);
}

TEST(BaseRng, BelowStaysBelowAndReachesEveryValue) {
  Rng rng{1};
  std::array<int, 5> seen{};
  for (int i = 0; i < 1'000; ++i) ++seen[rng.below(5)];
  for (const int count : seen) EXPECT_GT(count, 100);
}

TEST(BaseRng, FillsEveryOctet) {
  std::array<std::uint8_t, 17> once{};
  std::array<std::uint8_t, 17> again{};
  Rng{3}.fill(once);
  Rng{3}.fill(again);
  EXPECT_EQ(once, again);
  EXPECT_NE(once[16], 0);
}

}  // namespace
}  // namespace packetwright
