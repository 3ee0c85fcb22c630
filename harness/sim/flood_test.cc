// SPDX-License-Identifier: Apache-2.0
#include "harness/sim/flood.hh"

#include <gtest/gtest.h>

#include "harness/report/approval.hh"

namespace packetwright::sim {
namespace {

// Whatever the table says: connections of others hardly notice, memory has a bound, and afterwards
// it is as if nothing had been.
TEST(SimFlood, NoFloodTakesAFifthOfTheGoodputOrMemoryWithoutBound) {
  for (const Attack attack : attacks()) {
    const FloodOutcome outcome = flood(attack, small_flood(), 1);
    EXPECT_GE(outcome.during * 100, outcome.before * 80) << name_of(attack);
    EXPECT_GE(outcome.after * 100, outcome.before * 95) << name_of(attack);
    EXPECT_LE(outcome.memory_peak, outcome.memory_before + 8 * 1024 * 1024) << name_of(attack);
    EXPECT_GE(outcome.open_during, Duration{0}) << name_of(attack);
    EXPECT_GE(outcome.open_after, Duration{0}) << name_of(attack);
    EXPECT_LE(outcome.open_after, 100ms) << name_of(attack);
  }
}

// A flood twice as dense takes no more memory, once every bound is reached.
TEST(SimFlood, TwiceTheFloodTakesNoMoreMemory) {
  for (const Attack attack : {Attack::syn, Attack::fragments, Attack::arp, Attack::ndp}) {
    const FloodOutcome once = flood(attack, {.frames_per_second = 6'000, .span = 500ms}, 1);
    const FloodOutcome twice = flood(attack, {.frames_per_second = 12'000, .span = 500ms}, 1);
    EXPECT_EQ(twice.frames, 2 * once.frames);
    EXPECT_LE(twice.memory_peak, once.memory_peak + once.memory_peak / 8) << name_of(attack);
  }
}

// Renew it with tools/goodput.sh, and look at what has changed.
TEST(SimFlood, TheTableIsTheApprovedOne) {
  EXPECT_EQ(report::differs_from_approved("floods_small.txt", flood_table(small_flood(), 1),
                                          "harness/sim/approved"),
            "");
}

}  // namespace
}  // namespace packetwright::sim
