// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/suite.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/runner/plan.hh"
#include "harness/runner/test_support.hh"

namespace packetwright::runner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kCase =
    "// A SYN draws a SYN-ACK.\n"
    "//: cites RFC9293-MUST-13, RFC9293-SHLD-3\n"
    "//: needs sack\n"
    "for $mss in 536, 1460\n"
    "+0 < S 0:0(0) win 1000 <mss ${mss}>\n"
    "+0 > S. 0:0(0) ack 1 <...>\n";

std::map<std::string, std::string> tree() {
  return {{"requirements/rfc9293.csv",
           "id,section,level,rule\n"
           "RFC9293-MUST-13,3.6.1,MUST,Something.\n"
           "RFC9293-SHLD-3,3.6.1,SHOULD,Something else.\n"},
          {"preludes/listen.pkt", "+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"},
          {"expectations/lwip.toml", ""},
          {"sanity.pkt", "// Works.\n//: cites RFC9293-MUST-13\n+0 < S 0:0(0) win 1000\n"},
          {"sanity_wire.pkt", "// Works.\n//: cites RFC9293-MUST-13\n+0 < S 0:0(0) win 1000\n"},
          {"tcp/zz.pkt", kCase},
          {"tcp/window/probe.pkt", "// P.\n//: cites RFC9293-SHLD-3\n+0 < S 0:0(0) win 1000\n"},
          {"tcp/aa.pkt", "// A.\n//: cites RFC9293-MUST-31\n+0 < S 0:0(0) win 1000\n"},
          {"README.md", "text"}};
}

class SuiteTest : public ::testing::Test {
 protected:
  MemoryFiles files_{tree()};
  Suite suite_ = Suite::open(files_, {}).value();
};

TEST_F(SuiteTest, ListsCasesInTheOrderOfReports) {
  EXPECT_THAT(suite_.ids(), ElementsAre("tcp/aa", "tcp/zz", "tcp/window/probe"));
}

TEST_F(SuiteTest, ACaseKnowsWhatItsTextSays) {
  const Case one = suite_.load("tcp/zz");
  EXPECT_EQ(one.problem, "");
  EXPECT_EQ(one.path, "conformance/tcp/zz.pkt");
  EXPECT_EQ(one.title, "A SYN draws a SYN-ACK");
  EXPECT_EQ(one.level, Level::must) << "the strongest that it cites";
  ASSERT_EQ(one.requirements.size(), 2u);
  EXPECT_EQ(one.requirements[0], (Citation{"RFC9293-MUST-13", "RFC 9293, 3.6.1"}));
  EXPECT_THAT(one.needs, ElementsAre("sack"));
  EXPECT_EQ(one.combinations.size(), 2u);
  EXPECT_EQ(suite_.load("tcp/window/probe").level, Level::should);
}

TEST_F(SuiteTest, AnUnknownRequirementBreaksTheCase) {
  const Case one = suite_.load("tcp/aa");
  EXPECT_THAT(one.problem, HasSubstr("conformance/tcp/aa.pkt:2: error: no requirement has the id "
                                     "'RFC9293-MUST-31'; did you mean RFC9293-MUST-13"));
}

TEST_F(SuiteTest, TheSanityCaseIsTheTargetsOwnOrTheCommonOne) {
  EXPECT_EQ(suite_.sanity_id("wire"), "sanity_wire");
  EXPECT_EQ(suite_.sanity_id("wire:eth0,2001:db8::7"), "sanity_wire");
  EXPECT_EQ(suite_.sanity_id("reference"), "sanity");
}

TEST_F(SuiteTest, FindsTheLedgerOfATarget) {
  EXPECT_EQ(suite_.expectations_path("lwip"), "expectations/lwip.toml");
  EXPECT_FALSE(suite_.expectations_path("linux").has_value());
}

std::vector<std::string> ids_of(const Result<std::vector<Case>, std::string>& cases) {
  std::vector<std::string> ids;
  if (!cases) return {cases.error()};
  for (const Case& one : *cases) ids.push_back(one.id);
  return ids;
}

TEST_F(SuiteTest, SelectsByFolderAndExclusion) {
  Selection selection;
  selection.paths = {"tcp"};
  selection.excludes = {"tcp/window"};
  EXPECT_THAT(ids_of(suite_.select(selection)), ElementsAre("tcp/aa", "tcp/zz"));
}

TEST_F(SuiteTest, ACaseThatTwoWordsSelectIsThereOnce) {
  Selection selection;
  selection.paths = {"tcp/zz", "tcp/z*"};
  EXPECT_THAT(ids_of(suite_.select(selection)), ElementsAre("tcp/zz"));
}

TEST_F(SuiteTest, SanityAndPreludesRunOnlyWhenNamed) {
  Selection selection;
  selection.paths = {"sanity"};
  EXPECT_THAT(ids_of(suite_.select(selection)), ElementsAre("sanity"));
}

TEST_F(SuiteTest, SaysWhatMatchesNothing) {
  Selection selection;
  selection.paths = {"tcp/windwo"};
  EXPECT_THAT(ids_of(suite_.select(selection)),
              ElementsAre(HasSubstr("no case matches 'tcp/windwo'")));
  selection.paths = {"tcp/window/prob"};
  EXPECT_THAT(ids_of(suite_.select(selection)),
              ElementsAre("no case matches 'tcp/window/prob'; did you mean tcp/window/probe?"));
  selection.paths = {};
  selection.requirements = {"RFC9293-MUST-14"};
  EXPECT_THAT(ids_of(suite_.select(selection)),
              ElementsAre(HasSubstr("no requirement has the id 'RFC9293-MUST-14'; did you mean")));
}

TEST_F(SuiteTest, AnUnreadableCaseIsACaseWithAProblem) {
  const Case one = suite_.load("tcp/gone");
  EXPECT_EQ(one.problem, "conformance/tcp/gone.pkt: No such file or directory");
  EXPECT_EQ(one.script, nullptr);
  // It has a verdict like any other.
  targets::Traits traits;
  traits.capabilities = {"ipv4"};
  const auto runs = plan(std::vector{one}, traits, {});
  ASSERT_TRUE(runs.ok());
  EXPECT_EQ(runs->size(), 1u);
}

TEST_F(SuiteTest, UnknownPreludesAreNamedWithWhatIsNear) {
  const auto source = suite_.prelude_loader()("listn");
  ASSERT_FALSE(source.ok());
  EXPECT_EQ(source.error(), "there is no prelude 'listn'; did you mean listen?");
}

TEST(Suite, ABrokenCatalogueIsAnErrorOfTheFolder) {
  MemoryFiles files(std::map<std::string, std::string>{{"requirements/x.csv", "id,level\n"}});
  const auto suite = Suite::open(files, {});
  ASSERT_FALSE(suite.ok());
  EXPECT_EQ(suite.error(),
            "conformance/requirements/x.csv: the first line names no column 'section'");
}

TEST(Suite, AScriptThatStandsElsewhereNeedsNoFolder) {
  const Case one = Suite::without_folder({}).load_text(
      "my/script", "my/script.pkt", "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n");
  EXPECT_EQ(one.problem, "");
  EXPECT_EQ(one.level, Level::must);
  EXPECT_EQ(one.script->mode, script::Mode::packetdrill);
}

TEST(Suite, BrokenTextsGiveProblemsAndNoCrash) {
  for (const std::string& text : {std::string("\0\xff\x80", 3), std::string(100000, '('),
                                  std::string("+0 < S"), std::string("%{ never ends")}) {
    const Case one = Suite::without_folder({}).load_text("x", "x.pkt", text);
    EXPECT_NE(one.problem, "");
  }
}

}  // namespace
}  // namespace packetwright::runner
