// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/keyword_expression.hh"

#include <gtest/gtest.h>

namespace packetwright::runner {
namespace {

bool matches(std::string_view expression, std::string_view text) {
  const auto parsed = KeywordExpression::parse(expression);
  EXPECT_TRUE(parsed.ok()) << expression;
  return parsed.ok() && parsed->matches(text);
}

std::string error_of(std::string_view expression) {
  const auto parsed = KeywordExpression::parse(expression);
  return parsed.ok() ? "ok" : parsed.error();
}

TEST(KeywordExpression, AWordMatchesAnywhereInEitherCase) {
  EXPECT_TRUE(matches("RST", "tcp/rcv_rst_left"));
  EXPECT_FALSE(matches("rst", "tcp/rcv_syn_left"));
}

TEST(KeywordExpression, AndBindsTighterThanOr) {
  EXPECT_TRUE(matches("syn or rst and left", "syn"));
  EXPECT_FALSE(matches("(syn or rst) and left", "syn"));
  EXPECT_TRUE(matches("(syn or rst) and left", "rst_left"));
}

TEST(KeywordExpression, NotBindsTightest) {
  EXPECT_TRUE(matches("not syn and rst", "rst"));
  EXPECT_FALSE(matches("not syn and rst", "syn rst"));
  EXPECT_TRUE(matches("not not syn", "syn"));
  EXPECT_TRUE(matches("not (syn and rst)", "syn"));
}

TEST(KeywordExpression, SaysWhatWasExpected) {
  EXPECT_EQ(error_of(""), "expected a word at the end");
  EXPECT_EQ(error_of("rst and"), "expected a word at the end");
  EXPECT_EQ(error_of("rst syn"), "expected 'and', 'or' or the end before 'syn'");
  EXPECT_EQ(error_of("(rst"), "expected ')' at the end");
  EXPECT_EQ(error_of("rst)"), "expected 'and', 'or' or the end before ')'");
  EXPECT_EQ(error_of("or rst"), "expected a word before 'or'");
}

TEST(KeywordExpression, DeepNestingIsAnErrorAndNoCrash) {
  EXPECT_EQ(error_of(std::string(100000, '(') + "a"), "nested too deeply");
  std::string nots;
  for (int i = 0; i < 100000; ++i) nots += "not ";
  EXPECT_EQ(error_of(nots + "a"), "nested too deeply");
}

}  // namespace
}  // namespace packetwright::runner
