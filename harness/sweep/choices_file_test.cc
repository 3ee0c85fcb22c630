// SPDX-License-Identifier: Apache-2.0
#include "harness/sweep/choices_file.hh"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/sweep/test_support.hh"

namespace packetwright::sweep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string error_of(const std::string& text) {
  const auto read = read_choices(text, "mine.toml");
  return read ? "ok" : read.error();
}

TEST(ChoicesFileTest, ReadsOneWordOrSeveral) {
  const auto read = read_choices(
      "[[choice]]\npoint = \"repeated_syn\"\ntakes = \"syn_ack\"\nwhy = \"w\"\n"
      "[[choice]]\npoint = \"inexact_rst\"\ntakes = [\"challenge\", \"drop\"]\nwhy = \"w\"\n",
      "mine.toml");
  ASSERT_TRUE(read.ok()) << read.error();
  EXPECT_THAT(read->allowed(model::Point::repeated_syn), ElementsAre(model::Variant::syn_ack));
  EXPECT_THAT(read->allowed(model::Point::inexact_rst),
              ElementsAre(model::Variant::challenge, model::Variant::drop));
}

TEST(ChoicesFileTest, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(error_of("point = 1"), HasSubstr("mine.toml:1: expected [[choice]] tables"));
  EXPECT_THAT(error_of("[[choice]"), HasSubstr("mine.toml:1: "));
  EXPECT_THAT(error_of("[[choice]]\ntakes = \"ack\""), HasSubstr("needs a `point`"));
  EXPECT_THAT(error_of("[[choice]]\npoint = \"nonsense\"\n"),
              HasSubstr("mine.toml:1: there is no choice point 'nonsense'"));
  EXPECT_THAT(error_of("[[choice]]\npoint = \"repeated_syn\"\ntakes = \"ack\"\n"),
              HasSubstr("needs a `why`"));
  EXPECT_THAT(error_of("[[choice]]\npoint = \"repeated_syn\"\nwhy = \"w\"\n"),
              HasSubstr("needs `takes`"));
  EXPECT_THAT(error_of("[[choice]]\npoint = \"repeated_syn\"\ntakes = 3\nwhy = \"w\"\n"),
              HasSubstr("needs `takes`"));
  EXPECT_THAT(error_of("[[choice]]\npoint = \"repeated_syn\"\ntakes = \"x\"\nwhy = \"w\"\n"),
              HasSubstr("'x' is not a choice of repeated_syn"));
  EXPECT_THAT(error_of("[[choice]]\npoint = \"repeated_syn\"\ntaeks = \"x\"\nwhy = \"w\"\n"),
              HasSubstr("'taeks' is not a key of a choice"));
  const std::string good = "[[choice]]\npoint = \"repeated_syn\"\ntakes = \"ack\"\nwhy = \"w\"\n";
  EXPECT_EQ(error_of(good), "ok");
  EXPECT_THAT(error_of(good + good), HasSubstr("mine.toml:5: the choice of repeated_syn is made"));
}

TEST(ChoicesFileTest, ThoseOfTheSuiteCanBeRead) {
  const std::filesystem::path folder = std::filesystem::path(PW_SOURCE_DIR) / "conformance/choices";
  int read = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const std::string name = "conformance/choices/" + file.path().filename().string();
    EXPECT_EQ(error_of(text_of(name).value()), "ok") << name;
    ++read;
  }
  EXPECT_GE(read, 1);
}

}  // namespace
}  // namespace packetwright::sweep
