// SPDX-License-Identifier: Apache-2.0
// Scripts, names and documents that no sensible person would give, and what the command answers.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/cli/command_for_test.hh"

namespace packetwright::cli {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

using BadInputTest = CommandTest;

TEST_F(BadInputTest, WhatIsNoFileIsSaidToBeNone) {
  fs::create_directory(root_ / "folder.pkt");
  fs::create_symlink("loop.pkt", root_ / "loop.pkt");
  fs::create_symlink("..", root_ / "folder.pkt/up");
  for (const auto& [word, message] : std::vector<std::pair<std::string, std::string>>{
           {"/dev/zero", "/dev/zero: not a regular file"},
           {"folder.pkt", "folder.pkt: there is no .pkt file in it"},
           {"loop.pkt", "loop.pkt: Too many levels of symbolic links"},
           {"", "an empty name"},
           {"nowhere/at/all.pkt", "no case matches 'nowhere/at/all.pkt'"}}) {
    const Ended ended = packetwright({"run", word});
    EXPECT_EQ(ended.status, 2) << word;
    EXPECT_THAT(ended.err, HasSubstr(message)) << word;
  }
}

TEST_F(BadInputTest, LineEndsOfOtherSystemsAreReadAsOnes) {
  std::string text = kHandshake;
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) {
    text.insert(at, "\r");
  }
  write(root_ / "crlf.pkt", text);
  const Ended ended = packetwright({"run", "crlf.pkt"});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
}

TEST_F(BadInputTest, AReplayOfAScriptWithAnOddNameWorksWhenPasted) {
  for (const char* const name :
       {"a b.pkt", "it's.pkt", "-x.pkt", "$(id).pkt", "a*b?.pkt", "tcp.pkt", "[a,b].pkt", "%7c.pkt",
        "\"q\".pkt", "back\\slash.pkt", "a;b&c.pkt", "#x.pkt", "~.pkt", "a=b.pkt", "\xc3\xa4.pkt",
        "deep/er/x.pkt"}) {
    write(root_ / "odd" / name, kWrong);
    const bool dash = *name == '-';
    const std::string word = (dash ? "./odd/" : "odd/") + std::string(name);
    std::vector<std::string> spellings{word};
    if (dash) spellings.push_back((root_ / "odd" / name).string());
    for (const std::string& path : spellings) {
      const Ended ended = packetwright({"run", path, "--json", "r.json"});
      ASSERT_EQ(ended.status, 1) << name << ended.err;
      const json first = results()["cases"][0];
      const Ended again = pasted(first["replay"].get<std::string>() + " --json again.json");
      EXPECT_EQ(again.status, 1) << first["replay"] << again.err;
      const json document = results("again.json");
      ASSERT_EQ(document["cases"].size(), 1u) << first["replay"];
      EXPECT_EQ(document["cases"][0]["trace_hash"], first["trace_hash"]);
    }
  }
}

TEST_F(BadInputTest, AScriptThatLooksLikeAnOptionCanBeNamed) {
  write(root_ / "-x.pkt", kWrong);
  EXPECT_EQ(packetwright({"run", "./-x.pkt", "--json", "r.json"}).status, 1);
  const std::string replay = results()["cases"][0]["replay"];
  EXPECT_THAT(replay, HasSubstr(" ./-x.pkt "));
  EXPECT_EQ(pasted(replay).status, 1);
}

TEST_F(BadInputTest, ANameWithALineBreakStaysOneLine) {
  write(root_ / "two\nlines.pkt", kWrong);
  const Ended ended = packetwright({"run", "two\nlines.pkt", "--json", "r.json", "--tap", "t"});
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_THAT(results()["cases"][0]["replay"].get<std::string>(),
              HasSubstr("$'two\\012lines.pkt'"));
  EXPECT_THAT(text_of(root_ / "t"), Not(HasSubstr("\nlines")));
}

TEST_F(BadInputTest, ParametersAreReplayedAsTheyWere) {
  std::string text = kWrong;
  text.insert(text.find("+0 socket"), "for $edge in left, right\n");
  write(root_ / "conformance/tcp/wrong.pkt", text);
  EXPECT_EQ(packetwright({"run", "tcp/wrong", "--json", "r.json"}).status, 1);
  const json cases = results()["cases"];
  ASSERT_EQ(cases.size(), 4u);
  for (const json& one : cases) {
    EXPECT_EQ(pasted(one["replay"].get<std::string>() + " --json again.json").status, 1);
    const json document = results("again.json");
    ASSERT_EQ(document["cases"].size(), 1u) << one["replay"];
    EXPECT_EQ(document["cases"][0]["params"], one["params"]);
  }
}

TEST_F(BadInputTest, ADocumentToResumeThatIsNoneIsRefusedWithItsReason) {
  EXPECT_EQ(packetwright({"run", "--json", "good.json"}).status, 0);
  const std::string good = text_of(root_ / "good.json");
  const auto with = [&](const std::string& what, const std::string& instead) {
    std::string text = good;
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), instead);
  };
  for (const std::string& text :
       {std::string{}, std::string{"null"}, std::string{"[]"}, std::string{"{}"},
        std::string(100'000, '['), std::string{"\0\1\2", 3}, std::string{"\"cases\":["},
        with("\"schema\":1", "\"schema\":2"), with("\"schema\":1", "\"schema\":\"1\""),
        with("\"version\":\"", "\"version\":\"other "), with("\"seed\":\"0x7f3a\"", "\"seed\":7"),
        with("\"verdict\":\"pass\"", "\"verdict\":\"fine\""),
        with("\"verdict\":\"pass\"", "\"verdict\":7"), with("\"vacuous\":false", "\"vacuous\":0"),
        with("\"params\":{}", "\"params\":[]"), with("\"mismatches\":[]", "\"mismatches\":[7]"),
        with("\"rounds\":1", "\"rounds\":99999999999999999999"),
        with("\"rounds\":1", "\"rounds\":-1"), with("\"target\":{", "\"target\":{\"x\":1,")}) {
    write(root_ / "r.json", text);
    const Ended ended = packetwright({"run", "--resume", "r.json"});
    EXPECT_EQ(ended.status, 2) << text.substr(0, 300) << "\n" << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("packetwright: --resume r.json: ")) << text.substr(0, 300);
    EXPECT_EQ(text_of(root_ / "r.json"), text) << "it is left as it was";
  }
}

TEST_F(BadInputTest, ACaseThatIsNestedBeyondReasonRunsAgain) {
  EXPECT_EQ(packetwright({"run", "--json", "r.json"}).status, 0);
  std::string text = text_of(root_ / "r.json");
  const std::string deep = std::string(50'000, '[') + std::string(50'000, ']');
  write(root_ / "r.json", text.replace(text.find("\"params\":{}"), 11, "\"params\":" + deep));
  const Ended ended = packetwright({"run", "--resume", "r.json"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(results()["cases"].size(), 1u);
}

TEST_F(BadInputTest, ADocumentThatBreaksOffAnywhereIsResumedOrRefused) {
  write(root_ / "conformance/tcp/wrong.pkt", kWrong);
  EXPECT_EQ(packetwright({"run", "--json", "whole.json"}).status, 1);
  const std::string whole = text_of(root_ / "whole.json");
  for (std::size_t size = 0; size < whole.size(); size += whole.size() / 23) {
    write(root_ / "r.json", whole.substr(0, size));
    const Ended ended = packetwright({"run", "--resume", "r.json"});
    ASSERT_THAT(ended.status, AnyOf(1, 2)) << size << ended.err;
    if (ended.status == 1) {
      EXPECT_EQ(results()["summary"]["total"], 3) << size;
      EXPECT_EQ(results()["complete"], true) << size;
    }
  }
}

TEST_F(BadInputTest, EveryOptionSaysWhatItExpects) {
  for (const auto& [words, message] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"run", "-j", "0"}, "-j"},
           {{"run", "-j", "10000"}, "-j"},
           {{"run", "-j", "two"}, "-j"},
           {{"run", "--repeat", "0"}, "--repeat"},
           {{"run", "--timeout", "0"}, "--timeout"},
           {{"run", "--memory", "-1"}, "--memory"},
           {{"run", "--shard", "0/3"}, "--shard 0/3: expected I/N"},
           {{"run", "--shard", "4/3"}, "--shard 4/3: expected I/N"},
           {{"run", "--shard", "99999999999/3"}, "--shard"},
           {{"run", "--seed", "junk"}, "--seed junk: expected a number"},
           {{"run", "--seed", "0x10000000000000000"}, "--seed"},
           {{"run", "--seed", ""}, "--seed"},
           {{"run", "--level", "perhaps"}, "--level"},
           {{"run", "--variant", "ipv7"}, "--variant"},
           {{"run", "--param", "mss"}, "--param mss: expected NAME=VALUE"},
           {{"run", "--param", "mss=1"}, "no selected case has the parameter mss=1"},
           {{"run", "--target", ""}, "--target: needs a value"},
           {{"run", "-k", "("}, "-k"},
           {{"run", "--exclude", "tcp"}, "nothing selected"},
           {{"run", "--json"}, "--json"},
           {{"run", "--json", "."}, "--json .: is a folder"},
           {{"run", "--pcap", "conformance/sanity.pkt"}, "--pcap"},
           {{"run", "-q", "-v"}, "-q"},
           {{"run", "tcp/handshake", "--no-such"}, "unknown option --no-such"},
           {{"list", "--requirement", "RFC1-z"}, "did you mean RFC1-m"},
           {{"lint", "nowhere.pkt"}, "nowhere.pkt"},
           {{"fmt", "nowhere.pkt"}, "nowhere.pkt: No such file"},
           {{"targets", "extra"}, "extra"},
           {{"version", "--loud"}, "--loud"}}) {
    const Ended ended = packetwright(words);
    const std::string line = ::testing::PrintToString(words);
    EXPECT_THAT(ended.status, AnyOf(2, 3)) << line;
    EXPECT_THAT(ended.err, HasSubstr(message)) << line;
    EXPECT_EQ(ended.out, "") << line;
  }
}

TEST_F(BadInputTest, WhatIsNearIsSuggested) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> near{
      {{"run", "tpc"}, "no case matches 'tpc'; did you mean tcp?"},
      {{"--hepl"}, "unknown option --hepl; did you mean --help?"},
      {{"run", "--target", "referense"}, "did you mean reference?"}};
  for (const auto& [words, message] : near) {
    EXPECT_THAT(packetwright(words).err, HasSubstr(message));
  }
  std::string text = kHandshake;
  write(root_ / "need.pkt", text.insert(text.find("//: variants"), "//: needs sakc\n"));
  EXPECT_THAT(packetwright({"lint", "need.pkt"}).out,
              HasSubstr("no target has the capability 'sakc'; did you mean sack"));
}

TEST_F(BadInputTest, AFolderOnTheDiskIsNotTheSuite) {
  write(root_ / "mine/one.pkt", kHandshake);
  write(root_ / "mine/two.pkt", kHandshake);
  for (const std::string& word : {(root_ / "mine").string(), std::string("./mine/.")}) {
    const Ended ended = packetwright({"run", word});
    EXPECT_THAT(ended.out, EndsWith("\n2 passed, 0 failed, 0 skipped\n")) << word;
  }
}

TEST_F(BadInputTest, OfALongLineAnExcerptIsShown) {
  write(root_ / "long.pkt", "+0 < . 1:1(0) win " + std::string(200'000, '(') + "\n");
  const Ended ended = packetwright({"run", "long.pkt"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("long.pkt:1:19: error"));
  EXPECT_LT(ended.err.size(), 1000u);
}

TEST_F(BadInputTest, AnUnreadableSuiteSaysWhichFile) {
  write(root_ / "conformance/requirements/rfc2.csv", "id,section\nRFC2-m\n");
  const Ended ended = packetwright({"run"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("conformance/requirements/rfc2.csv"));
}

}  // namespace
}  // namespace packetwright::cli
