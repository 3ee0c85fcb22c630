// SPDX-License-Identifier: Apache-2.0
#include "stack/neighbor/duplicate_detection.hh"

#include <gtest/gtest.h>

namespace packetwright::neighbor {
namespace {

constexpr Instant kStart = instant_at(0);

//= RFC4862-5.1-a
TEST(DuplicateDetection, CanBeSwitchedOff) {
  Rng rng{1};
  DuplicateDetection detection{{.transmits = 0}};
  EXPECT_TRUE(detection.start(kStart, rng).ready);
  EXPECT_EQ(detection.state(), DetectionState::assigned);
  EXPECT_EQ(detection.next_deadline(), std::nullopt);
}

//= RFC4862-5.4.2-c
TEST(DuplicateDetection, BeginsWithinASecond) {
  Duration least = 1h, most{0};
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Rng rng{seed};
    DuplicateDetection detection{{}};
    EXPECT_FALSE(detection.start(kStart, rng).ready);
    const Duration wait = detection.next_deadline().value() - kStart;
    least = std::min(least, wait);
    most = std::max(most, wait);
  }
  EXPECT_GE(least, 0s);
  EXPECT_LT(least, 100ms);
  EXPECT_GT(most, 900ms);
  EXPECT_LE(most, 1s);
}

TEST(DuplicateDetection, AsksAndWaitsOneRetransTimerAfterEach) {
  Rng rng{1};
  DuplicateDetection detection{{.transmits = 2, .max_delay = 0s}};
  (void)detection.start(kStart, rng);
  EXPECT_TRUE(detection.on_deadline(kStart, 3s).solicit);
  EXPECT_EQ(detection.next_deadline(), kStart + 3s);
  EXPECT_FALSE(detection.on_deadline(kStart + 2s, 3s).solicit);
  EXPECT_TRUE(detection.on_deadline(kStart + 3s, 3s).solicit);
  EXPECT_EQ(detection.state(), DetectionState::tentative);
  const DetectionActions last = detection.on_deadline(kStart + 6s, 3s);
  EXPECT_FALSE(last.solicit);
  EXPECT_TRUE(last.ready);
  EXPECT_EQ(detection.next_deadline(), std::nullopt);
}

//= RFC4862-5.4.5-a
TEST(DuplicateDetection, AConflictEndsIt) {
  Rng rng{1};
  DuplicateDetection detection{{.max_delay = 0s}};
  (void)detection.start(kStart, rng);
  EXPECT_TRUE(detection.on_conflict().duplicate);
  EXPECT_EQ(detection.state(), DetectionState::duplicate);
  EXPECT_EQ(detection.next_deadline(), std::nullopt);
  EXPECT_FALSE(detection.on_conflict().duplicate);
}

// Once it is in use, nothing of this takes it away.
TEST(DuplicateDetection, AConflictComesTooLate) {
  Rng rng{1};
  DuplicateDetection detection{{.transmits = 0}};
  (void)detection.start(kStart, rng);
  EXPECT_FALSE(detection.on_conflict().duplicate);
  EXPECT_EQ(detection.state(), DetectionState::assigned);
}

TEST(DuplicateDetection, KnowsItsOwnQuestions) {
  Rng rng{1};
  DuplicateDetection detection{{.max_delay = 0s}};
  (void)detection.start(kStart, rng);
  EXPECT_FALSE(detection.is_own(detection.nonce()));  // nothing was asked yet
  (void)detection.on_deadline(kStart, 1s);
  EXPECT_TRUE(detection.is_own(detection.nonce()));
  DuplicateDetection::Nonce other = detection.nonce();
  other[5] ^= 1;
  EXPECT_FALSE(detection.is_own(other));
}

}  // namespace
}  // namespace packetwright::neighbor
