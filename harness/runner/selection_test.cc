// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/selection.hh"

#include <gtest/gtest.h>

namespace packetwright::runner {
namespace {

TEST(Selection, AnIdIsSpelledInSeveralWays) {
  for (const char* const spelling :
       {"tcp/window/probe", "tcp/window/probe.pkt", "conformance/tcp/window/probe.pkt",
        "./conformance/tcp/window/probe", "tcp/window", "tcp", "tcp/", "tcp/*/probe", "t*",
        "**/probe", ".", "conformance/"}) {
    EXPECT_TRUE(path_selects(spelling, "tcp/window/probe")) << spelling;
  }
}

TEST(Selection, APartOfANameIsNoFolder) {
  EXPECT_FALSE(path_selects("tc", "tcp/window/probe"));
  EXPECT_FALSE(path_selects("tcp/win", "tcp/window/probe"));
  EXPECT_FALSE(path_selects("window", "tcp/window/probe"));
  EXPECT_FALSE(path_selects("tcp/window/probe/more", "tcp/window/probe"));
}

Case sample() {
  Case one;
  one.id = "tcp/window/probe";
  one.title = "A zero window is probed";
  one.level = Level::should;
  one.requirements = {{"RFC9293-SHLD-29", "RFC 9293, 3.8.6.1"}};
  return one;
}

TEST(Selection, EveryPartMustAgree) {
  Selection selection;
  EXPECT_TRUE(content_selects(selection, sample()));
  selection.levels = {Level::should, Level::may};
  EXPECT_TRUE(content_selects(selection, sample()));
  selection.requirements = {"RFC9293-SHLD-*"};
  EXPECT_TRUE(content_selects(selection, sample()));
  selection.keyword = KeywordExpression::parse("zero and not syn").value();
  EXPECT_TRUE(content_selects(selection, sample())) << "the title counts, too";
  selection.levels = {Level::must};
  EXPECT_FALSE(content_selects(selection, sample()));
}

TEST(Selection, ARequirementIsMatchedAsAWhole) {
  Selection selection;
  selection.requirements = {"RFC9293-SHLD-2"};
  EXPECT_FALSE(content_selects(selection, sample()));
  selection.requirements = {"RFC9293-SHLD-29"};
  EXPECT_TRUE(content_selects(selection, sample()));
}

TEST(Shard, EveryCaseFallsInExactlyOneShare) {
  for (const char* const id : {"a", "tcp/b", "tcp/window/probe", "udp/x"}) {
    int shares = 0;
    for (std::uint32_t i = 1; i <= 3; ++i) shares += Shard{i, 3}.holds(id) ? 1 : 0;
    EXPECT_EQ(shares, 1) << id;
  }
  EXPECT_TRUE((Shard{1, 1}.holds("anything")));
}

TEST(Shard, SharesAreOfLikeSize) {
  int first = 0;
  for (int i = 0; i < 1000; ++i) first += Shard{1, 2}.holds("case_" + std::to_string(i)) ? 1 : 0;
  EXPECT_GT(first, 430);
  EXPECT_LT(first, 570);
}

TEST(Shard, ReadsOnlyWhatMakesSense) {
  ASSERT_TRUE(shard_from("2/5").has_value());
  EXPECT_EQ(shard_from("2/5")->index, 2u);
  EXPECT_EQ(shard_from("2/5")->count, 5u);
  for (const char* const text : {"", "2", "/", "2/", "/5", "0/5", "6/5", "1/0", "2/5x", "-1/5"}) {
    EXPECT_FALSE(shard_from(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace packetwright::runner
