// SPDX-License-Identifier: Apache-2.0
#include "harness/report/paint.hh"

#include <gtest/gtest.h>

namespace packetwright::report {
namespace {

TEST(WantsColour, TheOptionWinsOverEverything) {
  EXPECT_TRUE(wants_colour({"always", "1", "", "dumb", false}));
  EXPECT_FALSE(wants_colour({"never", "", "1", "xterm", true}));
}

TEST(WantsColour, NoColorWinsOverForce) {
  EXPECT_FALSE(wants_colour({"auto", "1", "1", "xterm", true}));
}

TEST(WantsColour, ForceWinsOverTheMissingTerminal) {
  EXPECT_TRUE(wants_colour({"auto", "", "1", "", false}));
  EXPECT_FALSE(wants_colour({"auto", "", "0", "", false}));
}

TEST(WantsColour, ElseATerminalThatCanShowThem) {
  EXPECT_TRUE(wants_colour({"auto", "", "", "xterm", true}));
  EXPECT_FALSE(wants_colour({"auto", "", "", "dumb", true}));
  EXPECT_FALSE(wants_colour({"auto", "", "", "xterm", false}));
}

TEST(Paint, LeavesTextAloneWhenItIsOff) {
  EXPECT_EQ(Paint(false)(Colour::red, "x"), "x");
  EXPECT_EQ(Paint(true)(Colour::red, "x"), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(Paint(true)(Colour::none, "x"), "x");
}

TEST(Columns, CountCharactersAndNotOctets) {
  EXPECT_EQ(columns_of("\xc3\xa9"), 1u);
  EXPECT_EQ(padded("\xc3\xa9", 3), "\xc3\xa9  ");
  EXPECT_EQ(padded("abcd", 3), "abcd");
}

TEST(Shortened, LosesItsMiddle) {
  EXPECT_EQ(shortened("abcdefghij", 10), "abcdefghij");
  EXPECT_EQ(shortened("abcdefghijk", 10), "abc...hijk");
  EXPECT_EQ(shortened("abcdefghijk", 4), "abcd");
}

TEST(Paint, WhatDrivesATerminalIsMadeHarmless) {
  EXPECT_EQ(harmless("a\x1b[2J\r\x07\x7f"
                     "b\tc\nd \xc3\xa4"),
            "a?[2J???b\tc\nd \xc3\xa4");
}

}  // namespace
}  // namespace packetwright::report
