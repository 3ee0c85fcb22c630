// SPDX-License-Identifier: Apache-2.0
#include "stack/base/deadline.hh"

#include <gtest/gtest.h>

namespace packetwright {
namespace {

TEST(Deadline, IsAnOptionalInstant) {
  Deadline deadline;
  EXPECT_FALSE(deadline);
  EXPECT_EQ(std::optional<Instant>{deadline}, std::nullopt);
  deadline = instant_at(5);
  ASSERT_TRUE(deadline);
  EXPECT_EQ(*deadline, instant_at(5));
  EXPECT_EQ(std::optional<Instant>{deadline}, instant_at(5));
  deadline = std::nullopt;
  EXPECT_FALSE(deadline);
  deadline = instant_at(6);
  deadline.reset();
  EXPECT_FALSE(deadline);
  EXPECT_EQ(sizeof deadline, sizeof(Instant));
}

TEST(Deadline, BecomesTheEarlierOfTwo) {
  Deadline first;
  first.consider(std::nullopt);
  EXPECT_FALSE(first);
  first.consider(instant_at(7));
  EXPECT_EQ(first.value(), instant_at(7));
  first.consider(instant_at(9));
  first.consider(std::optional<Instant>{});
  EXPECT_EQ(first.value(), instant_at(7));
  first.consider(std::optional{instant_at(5)});
  EXPECT_EQ(first.value(), instant_at(5));
}

}  // namespace
}  // namespace packetwright
