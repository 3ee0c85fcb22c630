// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/csv.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace packetwright::runner {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Csv, ReadsQuotesCommasAndLinesInFields) {
  const auto rows = parse_csv("a,\"b, \"\"c\"\"\",d\n\"two\nlines\",,e\n");
  ASSERT_TRUE(rows.ok());
  EXPECT_THAT(*rows,
              ElementsAre(ElementsAre("a", "b, \"c\"", "d"), ElementsAre("two\nlines", "", "e")));
}

TEST(Csv, TakesBothEndsOfLineAndNone) {
  const auto rows = parse_csv("a,b\r\nc,d");
  ASSERT_TRUE(rows.ok());
  EXPECT_THAT(*rows, ElementsAre(ElementsAre("a", "b"), ElementsAre("c", "d")));
}

TEST(Csv, DropsEmptyLinesButKeepsEmptyFields) {
  const auto rows = parse_csv("\n\na,\n\n,\n");
  ASSERT_TRUE(rows.ok());
  EXPECT_THAT(*rows, ElementsAre(ElementsAre("a", ""), ElementsAre("", "")));
}

TEST(Csv, NamesTheLineOfAQuoteThatNeverEnds) {
  const auto rows = parse_csv("a\nb,\"c\nd\n");
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error(), "line 2: a quote is opened and never closed");
}

TEST(Csv, EmptyTextHasNoRows) {
  const auto rows = parse_csv("");
  ASSERT_TRUE(rows.ok());
  EXPECT_THAT(*rows, IsEmpty());
}

}  // namespace
}  // namespace packetwright::runner
