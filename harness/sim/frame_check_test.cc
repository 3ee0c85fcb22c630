// SPDX-License-Identifier: Apache-2.0
#include "harness/sim/frame_check.hh"

#include <string_view>

#include <gtest/gtest.h>

#include "stack/base/rng.hh"

namespace packetwright::sim {
namespace {

TEST(SimFrameCheck, IsTheCrc32ThatEverybodyKnows) {
  const std::string_view digits = "123456789";
  EXPECT_EQ(frame_check_sequence(Buffer(digits.begin(), digits.end())), 0xcbf43926u);
  EXPECT_EQ(frame_check_sequence({}), 0u);
}

TEST(SimFrameCheck, SeesUpToThreeWrongBitsInAFullFrame) {
  Rng rng{1};
  Buffer frame(1'514);
  rng.fill(frame);
  const std::uint32_t right = frame_check_sequence(frame);
  for (int i = 0; i < 2'000; ++i) {
    Buffer wrong = frame;
    const std::uint64_t count = 1 + rng.below(3);
    for (std::uint64_t flips = 0; flips < count; ++flips) {
      const std::uint64_t bit = rng.below(frame.size() * 8);
      wrong[bit / 8] = static_cast<std::uint8_t>(wrong[bit / 8] ^ (1u << (bit % 8)));
    }
    if (wrong == frame) continue;
    ASSERT_NE(frame_check_sequence(wrong), right) << i;
  }
}

}  // namespace
}  // namespace packetwright::sim
