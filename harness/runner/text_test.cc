// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/text.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace packetwright::runner {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(RunnerGlob, StarStaysInsideAFolder) {
  EXPECT_TRUE(glob_matches("tcp/*", "tcp/syn"));
  EXPECT_FALSE(glob_matches("tcp/*", "tcp/window/probe"));
  EXPECT_TRUE(glob_matches("tcp/rcv_*_left", "tcp/rcv_syn_left"));
  EXPECT_FALSE(glob_matches("tcp/rcv_*_left", "tcp/rcv_syn_right"));
}

TEST(RunnerGlob, DoubleStarCrossesFolders) {
  EXPECT_TRUE(glob_matches("**/probe", "tcp/window/probe"));
  EXPECT_TRUE(glob_matches("tcp/**", "tcp/window/probe"));
  EXPECT_TRUE(glob_matches("**/*_left", "tcp/a_left_b/rcv_left"));
  EXPECT_FALSE(glob_matches("**/probe", "tcp/window/probes"));
}

TEST(RunnerGlob, QuestionMarkIsOneCharacterButNoSlash) {
  EXPECT_TRUE(glob_matches("a?c", "abc"));
  EXPECT_FALSE(glob_matches("a?c", "a/c"));
  EXPECT_FALSE(glob_matches("a?c", "ac"));
}

TEST(RunnerGlob, EmptyMatchesOnlyEmpty) {
  EXPECT_TRUE(glob_matches("", ""));
  EXPECT_FALSE(glob_matches("", "a"));
  EXPECT_TRUE(glob_matches("*", ""));
}

TEST(RunnerGlob, ManyStarsEndSoon) {
  // A backtracking matcher needs an exponential number of steps here.
  std::string pattern, text(2000, 'a');
  for (int i = 0; i < 30; ++i) pattern += "*a";
  EXPECT_FALSE(glob_matches(pattern + "*b", text));
}

TEST(RunnerNearMisses, FindsTypingErrorsAndParts) {
  const std::vector<std::string> ids{"tcp/window/zero_window_probe", "tcp/header/urg", "udp/basic"};
  EXPECT_THAT(near_misses("tcp/window/zero_window_prob", ids),
              ElementsAre("tcp/window/zero_window_probe"));
  EXPECT_THAT(near_misses("zero_window", ids), ElementsAre("tcp/window/zero_window_probe"));
  EXPECT_THAT(near_misses("upd/basic", ids), ElementsAre("udp/basic"));
  EXPECT_THAT(near_misses("nothing_like_it", ids), IsEmpty());
}

TEST(RunnerNearMisses, ReadAsAQuestion) {
  EXPECT_EQ(did_you_mean("runn", std::vector<std::string>{"run"}), "; did you mean run?");
  EXPECT_EQ(did_you_mean("ab", std::vector<std::string>{"ac", "ad"}), "; did you mean ac or ad?");
  EXPECT_EQ(did_you_mean("zzzzzz", std::vector<std::string>{"run"}), "");
}

TEST(RunnerShellWord, QuotesOnlyWhatAShellWouldRead) {
  EXPECT_EQ(shell_word("tcp/a_b-c.pkt"), "tcp/a_b-c.pkt");
  EXPECT_EQ(shell_word("mss=536"), "mss=536");
  EXPECT_EQ(shell_word("my file"), "'my file'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word(""), "''");
}

TEST(RunnerStableHash, NeverChanges) {
  // Shards and seeds are drawn from it: another value would move cases between machines.
  EXPECT_EQ(stable_hash("tcp/window/probe"), stable_hash("tcp/window/probe"));
  EXPECT_NE(stable_hash("tcp/window/probe"), stable_hash("tcp/window/probf"));
  EXPECT_EQ(hex(stable_hash("")), "0x7e942298dc6aac37");
}

TEST(RunnerSplit, TrimsAndDropsEmptyParts) {
  EXPECT_THAT(split(" a, b ,,c", ','), ElementsAre("a", "b", "c"));
  EXPECT_THAT(split("", ','), IsEmpty());
}

TEST(RunnerShellWord, StaysOneLine) {
  EXPECT_EQ(shell_word("two\nlines"), "$'two\\012lines'");
  EXPECT_EQ(shell_word("it's\t\\"), "$'it\\'s\\011\\\\'");
}

}  // namespace
}  // namespace packetwright::runner
