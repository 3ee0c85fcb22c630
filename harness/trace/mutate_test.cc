// SPDX-License-Identifier: Apache-2.0
#include "harness/trace/mutate.hh"

#include <set>

#include <gtest/gtest.h>

#include "harness/trace/codec.hh"
#include "harness/trace/player.hh"

namespace packetwright::trace {
namespace {

TEST(Mutate, TheSameSeedIsTheSameTraceAndAnotherIsNot) {
  const auto made = [](std::uint64_t seed) {
    Rng rng{seed};
    Trace trace;
    for (int i = 0; i < 20; ++i) mutate(trace, rng);
    return trace;
  };
  EXPECT_EQ(made(1), made(1));
  EXPECT_NE(made(1), made(2));
}

TEST(Mutate, TracesStayWithinTheirLimitsAndAreWrittenAsTheyAre) {
  Rng rng{5};
  Trace trace, other;
  for (int i = 0; i < 3'000; ++i) {
    mutate(trace, rng);
    ASSERT_GE(trace.events.size(), 1u);
    ASSERT_LE(trace.events.size(), kMaxEvents);
    ASSERT_EQ(decode(encode(trace)), trace);
    if (i % 100 == 0) std::swap(trace, other);
    const Trace child = cross(trace, other, rng);
    ASSERT_GE(child.events.size(), 1u);
    ASSERT_LE(child.events.size(), kMaxEvents);
  }
}

TEST(Mutate, EveryKindOfEventIsLikelyAtSomeTime) {
  Rng rng{6};
  std::set<std::size_t> kinds;
  for (int i = 0; i < 5'000; ++i) kinds.insert(kind_of(likely_event(rng)));
  for (std::size_t call = 0; call < kCallKinds; ++call) EXPECT_TRUE(kinds.contains(32 + call));
  // Each call, each other kind, and segments with all sorts of flags.
  EXPECT_GE(kinds.size(), kCallKinds + 5u + 10u);
}

}  // namespace
}  // namespace packetwright::trace
