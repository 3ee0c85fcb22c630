// SPDX-License-Identifier: Apache-2.0
// The views against samples that a person has looked at.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "harness/report/approval.hh"
#include "harness/report/console.hh"
#include "harness/report/document_writer.hh"
#include "harness/report/failure_text.hh"
#include "harness/report/junit.hh"
#include "harness/report/sample.hh"
#include "harness/report/tap.hh"

namespace packetwright::report {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

std::string console_text(const ConsoleOptions& options, const Json& document = sample_document(),
                         bool backwards = false) {
  std::ostringstream out;
  Console console(out, options);
  std::vector<std::string> ids;
  for (const Json& one : document.at("cases")) ids.push_back(one.at("id"));
  console.begin(document, ids);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::size_t index = backwards ? ids.size() - 1 - i : i;
    console.on_case(index, document.at("cases").at(index), 0);
  }
  console.end(document);
  return out.str();
}

template <class Write>
std::string written(Write write, const Json& document) {
  std::ostringstream out;
  write(out, document);
  return out.str();
}

TEST(Console, PrintsWhatWasApprovedAt80Columns) {
  ConsoleOptions options;
  options.width = 80;
  EXPECT_EQ(differs_from_approved("console_80.txt", console_text(options)), "");
}

TEST(Console, PrintsWhatWasApprovedAt120ColumnsWithHistory) {
  ConsoleOptions options;
  options.width = 120;
  options.verbosity = 2;
  EXPECT_EQ(differs_from_approved("console_120_verbose.txt", console_text(options)), "");
}

TEST(Console, PrintsWhatWasApprovedInColour) {
  ConsoleOptions options;
  options.colour = true;
  EXPECT_EQ(differs_from_approved("console_colour.txt", console_text(options)), "");
}

TEST(Console, QuietTellsFailuresAndTotalsOnly) {
  ConsoleOptions options;
  options.verbosity = -1;
  EXPECT_EQ(differs_from_approved("console_quiet.txt", console_text(options)), "");
}

TEST(Console, TheLastLineIsTheTotalsAlone) {
  EXPECT_THAT(console_text({}), EndsWith("\n5 passed, 6 failed, 1 skipped\n"));
  ConsoleOptions strict;
  strict.strict = true;
  EXPECT_THAT(console_text(strict), EndsWith("\n4 passed, 7 failed, 1 skipped\n"));
}

TEST(Console, PrintsTheSameInWhateverOrderRunsEnd) {
  EXPECT_EQ(console_text({}, sample_document(), true), console_text({}));
}

TEST(Console, TheProgressLineIsErasedBeforeAnythingElse) {
  ConsoleOptions options;
  options.progress = true;
  const std::string text = console_text(options);
  EXPECT_THAT(text, HasSubstr("\r\x1b[K[........................] 0/12"));
  // Without what is drawn over, it is the plain text.
  std::string plain;
  for (std::size_t i = 0; i < text.size();) {
    if (text.compare(i, 4, "\r\x1b[K") != 0) {
      plain += text[i++];
      continue;
    }
    i += 4;
    if (text[i] == '[') i = text.find('\r', i);
  }
  EXPECT_EQ(plain, console_text({}));
}

TEST(Console, TellsWhatIsHeldBackWhenInterrupted) {
  const Json document = sample_document();
  Json part = document;
  part["cases"] = Json::array({document["cases"][7]});
  part["interrupted"] = true;
  part["complete"] = false;
  std::ostringstream out;
  Console console(out, {});
  std::vector<std::string> ids;
  for (const Json& one : document.at("cases")) ids.push_back(one.at("id"));
  console.begin(document, ids);
  console.on_case(7, document["cases"][7], 0);  // the runs before it never ended
  console.end(part);
  EXPECT_THAT(out.str(), HasSubstr("rcv_rst_right_edge [ipv4]"));
  EXPECT_THAT(out.str(), HasSubstr("interrupted after 1 of 12 runs"));
  EXPECT_THAT(out.str(), EndsWith("0 passed, 1 failed, 0 skipped\n"));
}

TEST(Console, SaysHowManyRunsTheHarnessWasLateFor) {
  Json document = sample_document();
  EXPECT_THAT(console_text({}, document), Not(HasSubstr("harness had been late")));
  document["cases"][0]["retried"] = true;
  EXPECT_THAT(console_text({}, document),
              HasSubstr("\n1 run passed only alone: the harness had been late before\n"));
}

TEST(Views, AnErrorSaysWhyThereIsNoVerdict) {
  Json document = sample_document();
  Json& failed = document["cases"][7];
  ASSERT_FALSE(failed.at("mismatches").empty());
  failed["verdict"] = "error";
  failed["cause"] = "no verdict: the harness was 12.3 ms late";
  EXPECT_THAT(console_text({}, document),
              HasSubstr("error     no verdict: the harness was 12.3 ms late\n"));
  std::ostringstream junit;
  write_junit(junit, document);
  EXPECT_THAT(junit.str(), HasSubstr("message=\"no verdict: the harness was 12.3 ms late\""));
}

TEST(Console, WhatAScriptSaysDoesNotDriveTheTerminal) {
  Json document = sample_document();
  for (Json& one : document["cases"]) {
    for (const char* const key : {"id", "title", "cause", "known", "log", "path", "replay"}) {
      one[key] = one.value(key, "") + "\x1b[2J\r";
    }
  }
  ConsoleOptions options;
  options.verbosity = 2;
  EXPECT_EQ(console_text(options, document).find_first_of("\x1b\r"), std::string::npos);
}

TEST(Junit, WhatBefellTheRunIsAnError) {
  Json document = sample_document();
  document["cases"] = Json::array();
  document["stale_expectations"] = Json::array();
  document["error"] = "the target <is> gone";
  std::ostringstream out;
  write_junit(out, document);
  EXPECT_THAT(out.str(), HasSubstr("tests=\"1\" failures=\"0\" errors=\"1\""));
  EXPECT_THAT(out.str(), HasSubstr("<error message=\"the target &lt;is&gt; gone\""));
  document["error"] = "";
  document["interrupted"] = true;
  std::ostringstream interrupted;
  write_junit(interrupted, document);
  EXPECT_THAT(interrupted.str(), HasSubstr("errors=\"1\""));
}

TEST(Console, ReasonsThatDifferInANumberAreOneKind) {
  Json document = sample_document();
  document["cases"][0]["verdict"] = document["cases"][1]["verdict"] = "unsupported";
  document["cases"][0]["cause"] = "takes 3 s on a real clock";
  document["cases"][1]["cause"] = "takes 10.5 s on a real clock";
  EXPECT_THAT(console_text({}, document), HasSubstr("    2  takes N s on a real clock\n"));
}

TEST(Console, ASectionIsNamedOnceHoweverManyOfItsRulesAreCited) {
  Json document = sample_document();
  document["cases"][7]["places"] = {"RFC 9293, 3.1", "RFC 9293, 3.1", "RFC 9293, 3.2"};
  ConsoleOptions wide;
  wide.width = 120;
  EXPECT_THAT(console_text(wide, document), HasSubstr("MUST   RFC 9293, 3.1; RFC 9293, 3.2\n"));
}

TEST(Console, DurationsAreReadAtAGlance) {
  EXPECT_EQ(duration_text(0), "0.00 s");
  EXPECT_EQ(duration_text(1240), "1.24 s");
  EXPECT_EQ(duration_text(59999), "59.99 s");
  EXPECT_EQ(duration_text(200'000), "3 min 20 s");
  EXPECT_EQ(duration_text(3'725'000), "1 h 2 min");
}

TEST(FailureText, SecondsHaveSixPlacesAndMayLieBeforeTheStart) {
  EXPECT_EQ(seconds_text(0), "0.000000");
  EXPECT_EQ(seconds_text(1'000'067), "1.000067");
  EXPECT_EQ(seconds_text(-67), "-0.000067");
  EXPECT_EQ(seconds_text(-2'500'000), "-2.500000");
}

TEST(Junit, PrintsWhatWasApproved) {
  EXPECT_EQ(differs_from_approved("junit.xml", written(write_junit, sample_document())), "");
}

TEST(Junit, StrictTurnsAShouldIntoAFailure) {
  Json document = sample_document();
  EXPECT_THAT(written(write_junit, document), Not(HasSubstr("type=\"non_strict\"")));
  document["strict"] = true;
  EXPECT_THAT(written(write_junit, document), HasSubstr("type=\"non_strict\""));
}

TEST(Junit, NothingThatXmlForbidsGetsThrough) {
  EXPECT_EQ(xml_escaped("a<b>&\"c\""), "a&lt;b&gt;&amp;&quot;c&quot;");
  EXPECT_EQ(xml_escaped(std::string("\0\x01\x1b[31m\x7f\t\n", 10)), "???[31m?\t\n");
  EXPECT_EQ(xml_escaped("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"),
            "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
  EXPECT_EQ(xml_escaped("\xff\xc3"), "??");
  EXPECT_EQ(xml_escaped("\xed\xa0\x80"), "???") << "a surrogate";
  EXPECT_EQ(xml_escaped("\xc0\x80"), "??") << "an overlong form";
}

// A reader that is not ours, where there is one.
TEST(Junit, AnXmlParserReadsIt) {
  if (std::system("python3 -c 'import xml.etree.ElementTree' 2> /dev/null") != 0) {
    GTEST_SKIP() << "python3 is not installed";
  }
  const auto path = std::filesystem::temp_directory_path() /
                    ("packetwright_junit_" + std::to_string(::getpid()) + ".xml");
  std::ofstream(path) << written(write_junit, sample_document());
  const std::string check =
      "python3 -c \"import sys, xml.etree.ElementTree as e\n"
      "root = e.parse(sys.argv[1]).getroot()\n"
      "cases = list(root.iter('testcase'))\n"
      "bad = [c for c in cases if c.find('failure') is not None or c.find('error') is not None]\n"
      "ok = len(cases) == int(root.get('tests')) == 13\n"
      "ok = ok and len(bad) == int(root.get('failures')) + int(root.get('errors')) == 7\n"
      "sys.exit(0 if ok else 1)\" " +
      path.string();
  EXPECT_EQ(std::system(check.c_str()), 0);
  std::filesystem::remove(path);
}

TEST(Tap, PrintsWhatWasApproved) {
  EXPECT_EQ(differs_from_approved("tap.txt", written(write_tap, sample_document())), "");
}

TEST(Tap, AnInterruptedRunBailsOut) {
  Json document = sample_document();
  document["interrupted"] = true;
  EXPECT_THAT(written(write_tap, document), EndsWith("Bail out! interrupted\n"));
}

TEST(Document, PrintsWhatWasApproved) {
  EXPECT_EQ(differs_from_approved("results.json", written(write_document, sample_document())), "");
}

}  // namespace
}  // namespace packetwright::report
