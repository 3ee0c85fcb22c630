// SPDX-License-Identifier: Apache-2.0
#include "harness/model/choices.hh"

#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace packetwright::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ChoicesTest, ThePointsStandInTheirOrderAndHaveNames) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < points().size(); ++i) {
    const PointInfo& info = points()[i];
    EXPECT_EQ(static_cast<std::size_t>(info.point), i) << info.name;
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_EQ(point_named(info.name), info.point);
    EXPECT_GE(info.variants.size(), 2u) << info.name;
    EXPECT_TRUE(info.variants.front().open) << info.name << ": the letter of the text";
    EXPECT_FALSE(info.question.empty() || info.place.empty()) << info.name;
  }
  EXPECT_EQ(point_named("no_such_point"), std::nullopt);
}

TEST(ChoicesTest, WhatTheTextsLeaveOpenIsAllowedAndNothingElse) {
  const Choices choices;
  EXPECT_THAT(choices.allowed(Point::repeated_syn), ElementsAre(Variant::ack, Variant::syn_ack));
  EXPECT_THAT(choices.allowed(Point::inexact_rst), ElementsAre(Variant::challenge));
}

TEST(ChoicesTest, ATargetNarrowsAndWidens) {
  Choices choices;
  ASSERT_TRUE(choices.set(Point::inexact_rst, std::vector<std::string>{"reset", "challenge"}).ok());
  EXPECT_THAT(choices.allowed(Point::inexact_rst), ElementsAre(Variant::challenge, Variant::reset));
  ASSERT_TRUE(choices.set(Point::repeated_syn, std::vector<std::string>{"syn_ack"}).ok());
  EXPECT_THAT(choices.allowed(Point::repeated_syn), ElementsAre(Variant::syn_ack));
}

TEST(ChoicesTest, AWordThatIsNoVariantIsTold) {
  Choices choices;
  const auto set = choices.set(Point::repeated_syn, std::vector<std::string>{"sometimes"});
  ASSERT_FALSE(set.ok());
  EXPECT_THAT(set.error(), HasSubstr("'sometimes' is not a choice of repeated_syn: ack, syn_ack"));
  EXPECT_FALSE(choices.set(Point::repeated_syn, {}).ok());
}

TEST(ChooserTest, WalksThroughEveryCombinationOfWhatIsAsked) {
  const Choices choices;
  Chooser chooser(choices);
  std::vector<std::string> rounds;
  do {
    std::string round;
    if (chooser.pick(Point::repeated_syn) == Variant::ack) {
      round = "ack";
    } else {
      round = "syn_ack " + std::string(name_of(chooser.pick(Point::crossing_syn_ack)));
    }
    // Asked again, it says the same.
    EXPECT_EQ(chooser.pick(Point::repeated_syn) == Variant::ack, round == "ack");
    rounds.push_back(round);
  } while (chooser.next());
  EXPECT_THAT(rounds, ElementsAre("ack", "syn_ack ack", "syn_ack establish"));
}

}  // namespace
}  // namespace packetwright::model
