// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/catalogue.hh"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace packetwright::runner {
namespace {

constexpr const char* kHeader = "id,section,level,keyword,testable,condition,area,rule\n";

TEST(Catalogue, FindsARequirementWithItsLevelAndPlace) {
  Catalogue catalogue;
  ASSERT_TRUE(catalogue
                  .add_csv(std::string(kHeader) +
                           "RFC9293-MUST-2,3.1,MUST,capital,wire,,tcp,\"A rule, with a comma.\"\n"
                           "RFC5961-3.2-3,3.2,SHOULD NOT,capital,wire,rfc5961,tcp,Another.\n")
                  .ok());
  const Requirement* const first = catalogue.find("RFC9293-MUST-2");
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->level, Level::must);
  EXPECT_EQ(first->rule, "A rule, with a comma.");
  EXPECT_EQ(place_of(*first), "RFC 9293, 3.1");
  const Requirement* const second = catalogue.find("RFC5961-3.2-3");
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->level, Level::should);
  EXPECT_EQ(second->condition, "rfc5961");
  EXPECT_EQ(catalogue.find("RFC9293-MUST-20"), nullptr);
}

TEST(Catalogue, FindsColumnsByTheirNames) {
  Catalogue catalogue;
  ASSERT_TRUE(catalogue.add_csv("rule,level,id,section\nText,MAY,RFC1-x,2\n").ok());
  ASSERT_NE(catalogue.find("RFC1-x"), nullptr);
  EXPECT_EQ(catalogue.find("RFC1-x")->level, Level::may);
}

TEST(Catalogue, SaysWhatIsWrongAndWhere) {
  const auto error_of = [](const std::string& text) {
    Catalogue catalogue;
    const auto added = catalogue.add_csv(text);
    return added.ok() ? std::string{"ok"} : added.error();
  };
  EXPECT_EQ(error_of(""), "empty: expected a line that names the columns");
  EXPECT_EQ(error_of("id,section,rule\n"), "the first line names no column 'level'");
  EXPECT_EQ(error_of(std::string(kHeader) + "RFC1-x,1,WILL,,,,,r\n"),
            "row 2: RFC1-x: level 'WILL' is not known");
  EXPECT_EQ(error_of(std::string(kHeader) + ",1,MUST,,,,,r\n"), "row 2: no id");
  EXPECT_EQ(error_of(std::string(kHeader) + "A,1,MUST,,,,,r\nA,1,MUST,,,,,r\n"),
            "row 3: A is there twice");
}

TEST(Catalogue, EveryFileOfTheProjectIsReadable) {
  Catalogue catalogue;
  const auto folder = std::filesystem::path(PW_SOURCE_DIR) / "conformance" / "requirements";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".csv") continue;
    std::ifstream file(entry.path());
    std::ostringstream text;
    text << file.rdbuf();
    const auto added = catalogue.add_csv(text.str());
    EXPECT_TRUE(added.ok()) << entry.path() << ": " << (added.ok() ? "" : added.error());
  }
  EXPECT_GT(catalogue.size(), 900u);
  ASSERT_NE(catalogue.find("RFC9293-MUST-12"), nullptr);
}

}  // namespace
}  // namespace packetwright::runner
