// SPDX-License-Identifier: Apache-2.0
// `packetwright sweep`, as a user meets it.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/cli/command_for_test.hh"

namespace packetwright::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class SweepVerbTest : public CommandTest {
 protected:
  Ended sweep(std::vector<std::string> words, const Setting& setting = {}) {
    words.insert(words.begin(),
                 {"sweep", "--conformance", PW_SOURCE_DIR "/conformance", "--deviations", "1"});
    return packetwright(words, setting);
  }
  Ended run(const std::string& script, const std::string& target, const Setting& setting = {}) {
    return packetwright(
        {"run", script, "--target", target, "--conformance", PW_SOURCE_DIR "/conformance"},
        setting);
  }
};

TEST_F(SweepVerbTest, AStackThatDoesAsTheModelSaysIsGreen) {
  const Ended ended = sweep({"--state", "fin-wait-1", "--state", "LAST_ACK", "--kind", "FIN,ACK",
                             "--kind", "rst", "--json", "s.json", "--markdown", "s.md"});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  EXPECT_THAT(ended.out, AllOf(HasSubstr("\nFIN,ACK  "), HasSubstr("\nRST  "),
                               HasSubstr(" stimuli, 0 deviating from the model\n")));
  EXPECT_THAT(ended.out, Not(HasSubstr("x ")));
  const json table = results("s.json");
  EXPECT_EQ(table["schema"], 1);
  EXPECT_EQ(table["target"]["name"], "reference");
  EXPECT_EQ(table["deviating"], 0);
  ASSERT_EQ(table["cells"].size(), 4u);
  EXPECT_EQ(table["cells"][0]["state"], "FIN-WAIT-1");
  EXPECT_EQ(table["cells"][0]["kind"], "FIN,ACK");
  EXPECT_GT(table["cells"][0]["stimuli"], 60);  // two preludes lead there
  EXPECT_TRUE(table["cells"][0]["finding"].is_null());
  EXPECT_THAT(text_of(root_ / "s.md"), AllOf(StartsWith("# Sweep of reference"),
                                             HasSubstr("| FIN,ACK | - | - | - | - | - | . |")));
}

TEST_F(SweepVerbTest, ADeviationIsAScriptThatFailsTheSameWay) {
  // A model that wants every RST in the window believed.
  write(root_ / "mine.toml",
        "[[choice]]\npoint = \"inexact_rst\"\ntakes = \"reset\"\nwhy = \"RFC 793\"\n");
  const std::vector<std::string> words{"--state",   "established", "--kind", "RST",    "--choices",
                                       "mine.toml", "-o",          "found",  "--json", "s.json"};
  const Ended ended = sweep(words);
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_THAT(
      ended.out,
      AllOf(HasSubstr("x ESTABLISHED, RST: "), HasSubstr("segment seq=inside, after established\n"),
            HasSubstr("model   no reply, CLOSED, an error (RFC5961-3.2-3)\n"),
            HasSubstr("stack   ACK seq 1 ack 1, ESTABLISHED\n"),
            HasSubstr("replay  packetwright run found/established_rst.pkt --target ")));
  const json finding = results("s.json")["cells"][0]["finding"];
  EXPECT_EQ(finding["file"], "found/established_rst.pkt");
  EXPECT_EQ(finding["script"], text_of(root_ / "found/established_rst.pkt"));
  const Ended replayed = run("found/established_rst.pkt", "reference");
  EXPECT_EQ(replayed.status, 1);
  EXPECT_THAT(replayed.out, HasSubstr("> . 1:1(0) ack 1"));
  // The same again, to the octet.
  const std::string first = text_of(root_ / "s.json");
  EXPECT_EQ(sweep(words).out, ended.out);
  json again = results("s.json"), before = json::parse(first);
  again.erase("wall_ms");
  before.erase("wall_ms");
  EXPECT_EQ(again, before);
}

TEST_F(SweepVerbTest, AStackThatFallsSilentIsNoticed) {
  Setting setting;
  setting.program = PW_FAULTY_COMMAND;
  const Ended ended = sweep({"--target", "faulty", "--state", "established", "--kind", "SYN",
                             "--set", "fault=deaf", "-o", "found"},
                            setting);
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_THAT(ended.out, AllOf(HasSubstr("x ESTABLISHED, SYN: "),
                               HasSubstr("segment normal, after established\n"),
                               HasSubstr("model   ACK seq 1 ack 1, ESTABLISHED (RFC5961-4.2-1)\n"),
                               HasSubstr("stack   no reply\n")));
}

TEST_F(SweepVerbTest, AStackThatDiesIsACellAndTheOthersAreSwept) {
  Setting setting;
  setting.program = PW_FAULTY_COMMAND;
  const Ended ended = sweep(
      {"--target", "faulty", "--state", "established", "--kind", "RST", "--set", "fault=abort"},
      setting);
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_THAT(ended.out, AllOf(HasSubstr("      !"),
                               HasSubstr("before the first stimulus it ended by Aborted")));
}

TEST_F(SweepVerbTest, WordsThatMakeNoSenseAreTold) {
  const auto refused = [&](std::vector<std::string> words, const char* why) {
    const Ended ended = sweep(words);
    EXPECT_EQ(ended.status, 2) << why;
    EXPECT_THAT(ended.err, HasSubstr(why));
    EXPECT_EQ(ended.out, "") << why;
  };
  refused({"--state", "ESTABLISHD"},
          "--state ESTABLISHD: there is no such state or prelude; did you mean ESTABLISHED or "
          "established?");
  refused({"--kind", "RST,ACKS"},
          "--kind RST,ACKS: there is no such kind of segment; did you mean RST,ACK?");
  refused({"--target", "no_such"}, "unknown target no_such");
  refused({"--deviations", "3"}, "--deviations");
  refused({"--set", "fault"}, "fault: expected a knob as NAME=VALUE");
  refused({"--choices", "none.toml"}, "none.toml: No such file");
  refused({"--seed", "x"}, "--seed x");
  write(root_ / "bad.toml", "[[choice]]\npoint = \"nonsense\"\n");
  refused({"--choices", "bad.toml"}, "bad.toml:1: there is no choice point 'nonsense'");
  refused({"--state", ""}, "needs a value");
  const Ended ended = packetwright({"sweep", "--conformance", "nowhere"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("nowhere"));
}

TEST_F(SweepVerbTest, WhatCannotBeWrittenIsAnError) {
  write(root_ / "file", "");
  const std::vector<std::string> words{"--state", "closed", "--kind", "RST"};
  for (const char* const option : {"--json", "--markdown", "-o"}) {
    std::vector<std::string> all = words;
    all.insert(all.end(), {option, "file/below"});
    EXPECT_EQ(sweep(all).status, 3) << option;
  }
}

}  // namespace
}  // namespace packetwright::cli
