// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/script/testing.hh"

namespace packetwright::script {
namespace {

using namespace testing;  // NOLINT: this folder's helpers
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kEvent = "+0 close(3) = 0\n";

Script with(std::string_view top) {
  return parsed(std::string(top) + std::string(kEvent));
}
Metadata metadata_of(std::string_view top) {
  return with(top).metadata;
}
std::string remarks_of(std::string_view top) {
  return remarks(std::string(top) + std::string(kEvent));
}

TEST(Options, LastOneOfANameWins) {
  const Script script = with("--tolerance_usecs=1000\n--tolerance_usecs=2000\n--dry_run\n");
  EXPECT_EQ(script.option("tolerance_usecs"), "2000");
  EXPECT_EQ(script.option("dry_run"), "");
  EXPECT_EQ(script.option("mtu"), std::nullopt);
}

TEST(Options, ValuesMayBeQuotedOrAddresses) {
  const Script script = with("--a=\"x y\" --b=192.0.2.1 --c=fd::1 --d=ipv6 --e=-5\n");
  EXPECT_EQ(script.option("a"), "x y");
  EXPECT_EQ(script.option("b"), "192.0.2.1");
  EXPECT_EQ(script.option("c"), "fd::1");
  EXPECT_EQ(script.option("d"), "ipv6");
  EXPECT_EQ(script.option("e"), "-5");
  EXPECT_EQ(extensions("--a=\"x y\" --b=192.0.2.1 --c=fd::1 --d=ipv6 --e=-5\n+0 close(3) = 0\n"),
            "");
}

TEST(Options, StandAboveTheFirstEvent) {
  const auto result = parse({"t", "+0 close(3) = 0\n--mtu=1500\n"});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.diagnostics[0].hint, "options stand above the first event");
  EXPECT_FALSE(parse({"t", "`init`\n--mtu=1500\n+0 close(3) = 0\n"}).ok());
}

TEST(Symbols, DefinedInTheScriptReplaceWords) {
  const Event event = event_of("--define=N=\"text\"\n+0 write(4, N, 4) = 4\n");
  EXPECT_EQ(event.as<SystemCall>()->arguments[1].as<Text>()->octets, "text");
}

TEST(Symbols, OfTheCallerWinAndKeepTheirSpelling) {
  ParseOptions options;
  options.defines = {{"MSS", "0x5b4"}};
  const Event event = event_of("--define=MSS=\"no\"\n+0 > S 0:0(0) <mss MSS>\n", options);
  const auto& mss = std::get<OptMss>(event.as<Packet>()->as<Tcp>()->options.at(0));
  EXPECT_EQ(mss.mss.value, 1460);
  EXPECT_EQ(mss.mss.spelling, "MSS");
  EXPECT_EQ(print_packet(*event.as<Packet>()), "> S 0:0(0) <mss MSS>");
}

TEST(Symbols, NeverReplaceReservedWords) {
  ParseOptions options;
  options.defines = {{"ack", "7"}, {"mss", "8"}};
  EXPECT_EQ(packet_of("> S. 0:0(0) ack 1 <mss 9>", options).as<Tcp>()->ack->value, 1);
}

TEST(Symbols, ValuesAreReadAsCReadsThem) {
  const auto value = [](const char* text) {
    ParseOptions options;
    options.defines = {{"N", text}};
    const Event event = event_of("+0 f(N) = 0\n", options);
    const Expression& argument = event.as<SystemCall>()->arguments[0];
    const Number* number = argument.as<Number>();
    return number != nullptr ? number->value : -1;
  };
  EXPECT_EQ(value("10"), 10);
  EXPECT_EQ(value("0x10"), 16);
  EXPECT_EQ(value("010"), 8);
  EXPECT_EQ(value("08"), -1) << "no octal number, so a word";
}

TEST(Metadata, ReadsEveryLine) {
  const Metadata data = metadata_of(
      "//: cites RFC9293-MUST-12, RFC5961-3.2-3\n"
      "//: needs sack, timestamps sack\n"
      "//: set tcp_timestamps 0\n"
      "//: set isn 1 2 3\n"
      "//: variants ipv4, ipv4-mapped-ipv6\n");
  ASSERT_EQ(data.cites.size(), 2u);
  EXPECT_EQ(data.cites[1].id, "RFC5961-3.2-3");
  EXPECT_EQ(data.cites[1].where.line, 1u);
  EXPECT_EQ(data.cites[1].where.column, 28u);
  EXPECT_THAT(data.needs, ElementsAre("sack", "timestamps"));
  EXPECT_THAT(data.knobs, ElementsAre(std::pair{"tcp_timestamps", "0"}, std::pair{"isn", "1 2 3"}));
  EXPECT_THAT(data.variants, ElementsAre(Variant::ipv4, Variant::ipv4_mapped_ipv6));
}

TEST(Metadata, MakesAScriptOurs) {
  EXPECT_EQ(with("//: needs sack\n").mode, Mode::strict);
  EXPECT_EQ(with("// needs sack\n").mode, Mode::packetdrill);
}

TEST(Metadata, ErrorsAreReported) {
  EXPECT_THAT(remarks_of("//: sites X\n"), HasSubstr("1:1: unknown word 'sites'"));
  EXPECT_THAT(remarks_of("//: cites\n"), HasSubstr("the name of a requirement is missing"));
  EXPECT_THAT(remarks_of("//: cites A,, B\n"), HasSubstr("missing between commas"));
  EXPECT_THAT(remarks_of("//: needs a,\n"), HasSubstr("ends with a comma"));
  EXPECT_THAT(remarks_of("//: cites A, A\n"), HasSubstr("cited twice"));
  EXPECT_THAT(remarks_of("//: variants ipv5\n"), HasSubstr("'ipv5' is not a variant"));
  EXPECT_THAT(remarks_of("//: set x\n"), HasSubstr("needs a name and a value"));
  EXPECT_THAT(remarks("//: needs a\n+0 close(3) = 0\n//: needs b\n+0 close(4) = 0\n"),
              HasSubstr("3:1: //: lines stand above the first event"));
}

TEST(Prose, FirstSentenceIsTheTitle) {
  const Metadata data = metadata_of(
      "// SPDX-License-Identifier: Apache-2.0\n"
      "// An in-window RST draws a\n"
      "// challenge ACK. See RFC 5961, 3.2.\n"
      "//\n"
      "// A second paragraph.\n"
      "//: needs sack\n");
  EXPECT_EQ(data.title, "An in-window RST draws a challenge ACK");
  EXPECT_EQ(data.explanation, "See RFC 5961, 3.2.\n\nA second paragraph.");
}

TEST(Prose, DotsInsideASentenceDoNotEndIt) {
  EXPECT_EQ(metadata_of("// Limits, e.g. of RFC 9293, 3.8.6.2.1, hold. More.\n").title,
            "Limits, e.g. of RFC 9293, 3.8.6.2.1, hold");
  EXPECT_EQ(metadata_of("// Test of this:\n").title, "Test of this");
}

TEST(Prose, BlockCommentsServeWhereThereAreNoOthers) {
  EXPECT_EQ(metadata_of("/*\n * A title.\n * More.\n */\n").title, "A title");
  EXPECT_EQ(metadata_of("/* A licence. */\n// A title.\n").title, "A title");
}

TEST(Prose, BelowTheFirstEventIsNoTitle) {
  EXPECT_EQ(parsed("+0 close(3) = 0\n// Not a title.\n+0 close(4) = 0\n").metadata.title, "");
}

TEST(Parameters, AreDeclaredAtTheTop) {
  const Script script = with(
      "for $mss in 536, 0x5b4\nfor ($a, $b) in (1, x), (2, y)\n"
      "default $win = 65535\n");
  ASSERT_EQ(script.header.size(), 3u);
  const For& tuple = std::get<For>(script.header[1].is);
  EXPECT_THAT(tuple.names, ElementsAre("a", "b"));
  EXPECT_EQ(tuple.rows[1][1].text, "y");
  EXPECT_EQ(std::get<Default>(script.header[2].is).value.number, 65535);
}

TEST(Parameters, DeclarationsAreChecked) {
  EXPECT_THAT(remarks_of("for $a in 1, x\n"), HasSubstr("have to be of one kind"));
  EXPECT_THAT(remarks_of("for ($a, $b) in (1, 2), (3)\n"), HasSubstr("1 values for 2 parameters"));
  EXPECT_THAT(remarks_of("for $a in 1\ndefault $a = 2\n"), HasSubstr("declared twice"));
  EXPECT_THAT(remarks_of("for $a in\n"), HasSubstr("expected the value of a parameter"));
}

TEST(Parameters, UnknownNamesAreErrorsWhereTheyAreUsed) {
  EXPECT_EQ(remarks("for $mss in 1\n+0 f(${nss}) = 0\n"), "2:6: there is no parameter $nss\n");
}

TEST(Parameters, AreOpenUntilTheyHaveAValue) {
  const Script script = parsed("for $n in 3\n+0 > . 1:${1+n}(${n})\n");
  const SeqRange& seq = script.events[0].as<Packet>()->as<Tcp>()->seq;
  EXPECT_TRUE(seq.last.open);
  EXPECT_EQ(seq.last.spelling, "${1+n}");
  EXPECT_FALSE(seq.first.open);
  EXPECT_FALSE(script.expanded);
}

}  // namespace
}  // namespace packetwright::script
