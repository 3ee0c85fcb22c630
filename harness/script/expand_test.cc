// SPDX-License-Identifier: Apache-2.0
#include "harness/script/expand.hh"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/script/testing.hh"

namespace packetwright::script {
namespace {

using namespace testing;  // NOLINT: this folder's helpers
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Preludes by name.
PreludeLoader loader_of(std::map<std::string, std::string> files) {
  return [files = std::move(files)](std::string_view name) -> Result<Source, std::string> {
    const auto found = files.find(std::string(name));
    if (found == files.end()) return Err{std::string("there is no such prelude")};
    return Source{"preludes/" + found->first + ".pkt", found->second};
  };
}

std::vector<std::string> lines_of(const Script& script) {
  std::vector<std::string> lines;
  for (const Event& event : script.events) lines.push_back(print_event(event));
  return lines;
}

std::vector<std::string> expanded(std::string_view text, std::map<std::string, std::string> files,
                                  std::string_view combination = "") {
  const Script script = parsed(text);
  const auto values = combination_from(script, combination);
  EXPECT_TRUE(values.ok()) << values.error();
  const ParseResult result = expand(script, values->values, loader_of(std::move(files)));
  EXPECT_TRUE(result.ok()) << all_remarks(result.diagnostics);
  EXPECT_TRUE(result.script.expanded);
  return lines_of(result.script);
}

std::string expansion_errors(std::string_view text, std::map<std::string, std::string> files,
                             std::string_view combination = "") {
  const Script script = parsed(text);
  const auto values = combination_from(script, combination);
  EXPECT_TRUE(values.ok()) << values.error();
  return all_remarks(expand(script, values->values, loader_of(std::move(files))).diagnostics);
}

TEST(Combinations, FirstLineVariesSlowest) {
  const Script script = parsed(
      "for $a in 1, 2\nfor ($b, $c) in (x, 3), (y, 4)\n"
      "default $d = 9\n+0 f(${a}) = 0\n");
  std::vector<std::string> names;
  for (const Combination& combination : combinations(script)) names.push_back(combination.name);
  EXPECT_THAT(names, ElementsAre("a=1,b=x,c=3", "a=1,b=y,c=4", "a=2,b=x,c=3", "a=2,b=y,c=4"));
  EXPECT_EQ(combinations(script)[3].values.at("d").number, 9);
}

TEST(Combinations, WithoutParametersThereIsOne) {
  const auto all = combinations(parsed("+0 f() = 0\n"));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].name, "");
}

TEST(Combinations, TooManyAreAnError) {
  std::string text;
  for (const char* name : {"a", "b", "c", "d"}) {
    text += "for $" + std::string(name) + " in 0, 1, 2, 3, 4, 5, 6, 7, 8, 9\n";
  }
  EXPECT_THAT(remarks(text + "+0 f() = 0\n"), HasSubstr("more than 4096 combinations"));
}

TEST(Combinations, AreReadBackFromTheirNames) {
  const Script script = parsed("for $a in 1, 2\nfor $w in F, S\n+0 f(${a}) = 0\n");
  EXPECT_EQ(combination_from(script, "w=S,a=2")->name, "a=2,w=S");
  EXPECT_EQ(combination_from(script, "a=77")->name, "a=77,w=F");
  EXPECT_EQ(combination_from(script, "b=1").error(), "the script has no parameter $b");
  EXPECT_EQ(combination_from(script, "a").error(), "'a' is not NAME=VALUE");
  EXPECT_THAT(combination_from(script, "a=x").error(), HasSubstr("'x' is not a number"));
}

TEST(Expand, ReplacesFormulasEverywhere) {
  EXPECT_THAT(expanded("for $n in 8\nfor $w in F\nfor $t in 0.5\n"
                       "+${t*3} > ${w}. 1:${1+n}(${n}) ack ${n*2} {tcp.seq=+${-1*n}}\n"
                       "+0 write(4, \"${n}\", ${n}) = ${n}\n"
                       "+0 `echo ${n}`\n",
                       {}),
              ElementsAre("+1.5 > F. 1:9(8) ack 16 {tcp.seq=-8}", "+0 write(4, \"${n}\", 8) = 8",
                          "+0 `echo ${n}`"));
}

TEST(Expand, LiveValuesStayAndParametersBesideThemAreFilledIn) {
  EXPECT_THAT(
      expanded("for $n in -1, 5\n+0 < . ${rcv.nxt+n}:${rcv.nxt+n+3}(${3}) ack ${snd.una}\n", {}),
      ElementsAre("+0 < . ${rcv.nxt+(-1)}:${rcv.nxt+(-1)+3}(3) ack ${snd.una}"));
  EXPECT_THAT(expanded("for $n in 5\nuse p with $m=${n*2}\n",
                       {{"p", "default $m = 1\n+0 < . 1:1(0) ack ${snd.nxt-m}\n"}}),
              ElementsAre("+0 < . 1:1(0) ack ${snd.nxt-10}"));
}

TEST(Expand, WordsMayHoldFlagsWithTheirDot) {
  EXPECT_THAT(expanded("for $f in \"F.\", R\n+0 > ${f} 1:1(0)\n", {}),
              ElementsAre("+0 > F. 1:1(0)"));
  EXPECT_THAT(expanded("for $f in \"F.\", R\n+0 > ${f} 1:1(0)\n", {}, "f=R"),
              ElementsAre("+0 > R 1:1(0)"));
}

TEST(Expand, ChecksWhatOnlyConcreteValuesShow) {
  constexpr std::string_view kText = "for $n in 8\n+0 > . 1:9(${n}) win ${n*10000}\n";
  EXPECT_THAT(expansion_errors(kText, {}), HasSubstr("80000 is not in 0 to 65535"));
  EXPECT_THAT(expansion_errors(kText, {}, "n=7"), HasSubstr("1 + 7 is 8, not 9"));
}

TEST(Expand, PutsThePreludeInThePlaceOfUse) {
  EXPECT_THAT(expanded("+0 a() = 0\nuse p\n+0 c() = 0\n", {{"p", "+0 b() = 0\n"}}),
              ElementsAre("+0 a() = 0", "+0 b() = 0", "+0 c() = 0"));
}

TEST(Expand, ParametersOfPreludesHaveDefaults) {
  const std::map<std::string, std::string> files = {
      {"p", "default $mss = 1460\ndefault $win = 65535\n+0 f(${mss}, ${win}) = 0\n"}};
  EXPECT_THAT(expanded("use p\n", files), ElementsAre("+0 f(1460, 65535) = 0"));
  EXPECT_THAT(expanded("for $m in 536\nuse p with $mss=${m*2}, $win=1\n", files),
              ElementsAre("+0 f(1072, 1) = 0"));
}

TEST(Expand, ParametersDoNotLeakIntoPreludes) {
  const std::map<std::string, std::string> files = {{"p", "+0 f(${n}) = 0\n"}};
  EXPECT_THAT(expansion_errors("for $n in 1\nuse p\n", files),
              HasSubstr("preludes/p.pkt:1:6: error: there is no parameter $n"));
}

TEST(Expand, NodesRememberTheirFile) {
  const ParseResult result =
      expand(parsed("// T.\nuse p\n+0 c() = 0\n"), {}, loader_of({{"p", "\n\n+0 b() = 0\n"}}));
  ASSERT_EQ(result.script.events.size(), 2u);
  EXPECT_EQ(result.script.describe(result.script.events[0].where), "preludes/p.pkt:3");
  EXPECT_EQ(result.script.describe(result.script.events[1].where), "test.pkt:3");
}

TEST(Expand, WhatThePreludeNeedsTheScriptNeeds) {
  const ParseResult result =
      expand(parsed("//: needs a\n//: set k script\n--mtu=1400\nuse p\n"), {},
             loader_of({{"p", "//: needs a, b\n//: set k prelude\n--mtu=1500\n+0 b() = 0\n"}}));
  ASSERT_TRUE(result.ok()) << all_remarks(result.diagnostics);
  EXPECT_THAT(result.script.metadata.needs, ElementsAre("a", "b"));
  EXPECT_EQ(result.script.metadata.knobs.back().second, "script") << "the last one wins";
  EXPECT_EQ(result.script.option("mtu"), "1400");
}

TEST(Expand, PreludesFollowTheModeOfTheScript) {
  const std::map<std::string, std::string> files = {{"p", "+0.0000005 b() = 0\n"}};
  EXPECT_THAT(expanded("//: needs a\nuse p\n", files), ElementsAre("+0.0000005 b() = 0"));
  EXPECT_THAT(expanded("use p\n", files), ElementsAre("+0 b() = 0"));
}

TEST(Expand, RecursionIsReportedWithItsChain) {
  EXPECT_THAT(expansion_errors("use a\n", {{"a", "use b\n"}, {"b", "use c\n"}, {"c", "use a\n"}}),
              HasSubstr("preludes/c.pkt:1:1: error: preludes use each other: "
                        "a uses b uses c uses a"));
}

TEST(Expand, GrowthIsBounded) {
  // Each prelude uses the next one eight times: 8^10 events if nobody counted.
  std::map<std::string, std::string> files;
  for (int i = 0; i < 10; ++i) {
    std::string text;
    for (int n = 0; n < 8; ++n) text += "use p" + std::to_string(i + 1) + "\n";
    files["p" + std::to_string(i)] = text;
  }
  files["p10"] = "+0 f() = 0\n";
  EXPECT_THAT(expansion_errors("use p0\n", files), HasSubstr("too many"));
}

TEST(Expand, WrongUsesAreErrors) {
  EXPECT_THAT(expansion_errors("use nobody\n", {}),
              HasSubstr("test.pkt:1:1: error: cannot use 'nobody': there is no such prelude"));
  const std::map<std::string, std::string> files = {
      {"p", "default $mss = 1460\n+0 f(${mss}) = 0\n"},
      {"q", "0.5 f() = 0\n"},
      {"r", "`init`\n+0 f() = 0\n"},
      {"s", "for $a in 1\n+0 f(${a}) = 0\n"},
      {"t", "+0 foo\n"}};
  EXPECT_THAT(expansion_errors("use p with $mms=1\n", files),
              HasSubstr("has no parameter $mms; it has $mss"));
  EXPECT_THAT(expansion_errors("use p with $mss=x\n", files), HasSubstr("is a number"));
  EXPECT_THAT(expansion_errors("use q\n", files), HasSubstr("times of a prelude are relative"));
  EXPECT_THAT(expansion_errors("use r\n", files), HasSubstr("commands without a time"));
  EXPECT_THAT(expansion_errors("use s\n", files), HasSubstr("a prelude cannot have `for`"));
  EXPECT_THAT(expansion_errors("use t\n", files), HasSubstr("used at test.pkt:1"));
}

TEST(Expand, PrintsAsAConcreteScript) {
  const ParseResult result = expand(parsed("// T.\n//: needs a\nfor $n in 1\n// Above.\nuse p\n"),
                                    {}, loader_of({{"p", "+0 b() = 0\n"}}));
  EXPECT_EQ(print(result.script), "// T.\n//: needs a\n// Above.\n+0     b() = 0\n");
}

std::vector<Variant> variants_of_text(std::string_view text) {
  return variants(parsed(text));
}

TEST(Variants, AreBothUnlessTheTextIsBound) {
  const auto both = std::vector{Variant::ipv4, Variant::ipv6};
  const auto four = std::vector{Variant::ipv4};
  const auto six = std::vector{Variant::ipv6};
  EXPECT_EQ(variants_of_text("+0 < S 0:0(0) win 1\n"), both);
  EXPECT_EQ(variants_of_text("+0 < icmp echo_request\n"), both);
  EXPECT_EQ(variants_of_text("+0 < icmp unreachable frag_needed\n"), four);
  EXPECT_EQ(variants_of_text("+0 < icmp packet_too_big mtu 1280\n"), six);
  EXPECT_EQ(variants_of_text("+0 < arp probe local\n"), four);
  EXPECT_EQ(variants_of_text("+0 < [df] udp (1)\n"), four);
  EXPECT_EQ(variants_of_text("+0 < [flowlabel 0x1] udp (1)\n"), six);
  EXPECT_EQ(variants_of_text("+0 < ipv6 ::1 > local: udp (1)\n"), six);
  EXPECT_EQ(variants_of_text("+0 f(inet_addr(\"192.0.2.1\")) = 0\n"), four);
  EXPECT_EQ(variants_of_text("--ip_version=ipv6\n+0 f() = 0\n"), six);
  EXPECT_EQ(variants_of_text("//: variants ipv6\n+0 < arp probe local\n"), six);
}

}  // namespace
}  // namespace packetwright::script
