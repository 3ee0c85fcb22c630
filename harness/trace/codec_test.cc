// SPDX-License-Identifier: Apache-2.0
#include "harness/trace/codec.hh"

#include <gtest/gtest.h>

#include "stack/base/rng.hh"

namespace packetwright::trace {
namespace {

TEST(Codec, AnyOctetsAreATraceThatIsWrittenAndReadAgain) {
  Rng rng{1};
  std::size_t segments = 0, broken = 0;
  for (int round = 0; round < 200; ++round) {
    Buffer octets(rng.below(500));
    rng.fill(octets);
    const Trace trace = decode(octets);
    EXPECT_EQ(trace.events.size(),
              octets.size() < kPreambleSize ? 0 : (octets.size() - kPreambleSize) / kEventSize);
    EXPECT_EQ(decode(encode(trace)), trace);
    for (const Event& event : trace.events) {
      const auto* segment = std::get_if<Segment>(&event);
      if (segment == nullptr) continue;
      ++segments;
      if (segment->damage.harm != Harm::none) ++broken;
    }
  }
  EXPECT_GT(segments, 500u);
  EXPECT_GT(broken, 50u);
  EXPECT_LT(broken, segments / 2);
}

TEST(Codec, NoTraceIsLongerThanTheMost) {
  const Buffer octets(kPreambleSize + (kMaxEvents + 9) * kEventSize);
  EXPECT_EQ(decode(octets).events.size(), kMaxEvents);
}

}  // namespace
}  // namespace packetwright::trace
