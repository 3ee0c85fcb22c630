// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/verdict.hh"

#include <gtest/gtest.h>

#include "harness/runner/level.hh"

namespace packetwright::runner {
namespace {

TEST(Verdict, EveryNameReadsBack) {
  for (std::size_t i = 0; i < kVerdictCount; ++i) {
    const auto verdict = static_cast<Verdict>(i);
    EXPECT_EQ(verdict_named(name_of(verdict)), verdict);
  }
  EXPECT_FALSE(verdict_named("PASS").has_value());
}

TEST(Verdict, FallsIntoOneOfThreeKinds) {
  for (const Verdict verdict : {Verdict::pass, Verdict::info, Verdict::xfail}) {
    EXPECT_EQ(kind_of(verdict, true), Kind::passed);
  }
  for (const Verdict verdict :
       {Verdict::fail, Verdict::xpass, Verdict::crash, Verdict::hang, Verdict::error}) {
    EXPECT_EQ(kind_of(verdict, false), Kind::failed);
  }
  EXPECT_EQ(kind_of(Verdict::unsupported, true), Kind::skipped);
}

TEST(Verdict, StrictTurnsAShouldRed) {
  EXPECT_EQ(kind_of(Verdict::non_strict, false), Kind::passed);
  EXPECT_EQ(kind_of(Verdict::non_strict, true), Kind::failed);
}

TEST(Tally, AddsUpByKind) {
  Tally tally;
  for (const Verdict verdict :
       {Verdict::pass, Verdict::pass, Verdict::non_strict, Verdict::hang, Verdict::unsupported}) {
    tally.add(verdict);
  }
  EXPECT_EQ(tally.total(), 5u);
  EXPECT_EQ(tally[Verdict::pass], 2u);
  EXPECT_EQ(tally.of(Kind::passed, false), 3u);
  EXPECT_EQ(tally.of(Kind::failed, false), 1u);
  EXPECT_EQ(tally.of(Kind::failed, true), 2u);
  EXPECT_EQ(tally.of(Kind::skipped, false), 1u);
}

TEST(Level, ReadsEverySpellingOfRfc2119) {
  EXPECT_EQ(level_named("MUST NOT"), Level::must);
  EXPECT_EQ(level_named("shall"), Level::must);
  EXPECT_EQ(level_named("RECOMMENDED"), Level::should);
  EXPECT_EQ(level_named("should not"), Level::should);
  EXPECT_EQ(level_named("OPTIONAL"), Level::may);
  EXPECT_FALSE(level_named("will").has_value());
}

TEST(Level, MustIsTheStrongest) {
  EXPECT_LT(Level::may, Level::should);
  EXPECT_LT(Level::should, Level::must);
}

}  // namespace
}  // namespace packetwright::runner
