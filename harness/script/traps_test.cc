// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/script/testing.hh"

// Where packetdrill's own parser surprises its users, and what we do there. Whatever packetdrill
// accepts is accepted here with the same meaning while the script is a plain one; what it rejects
// for no good reason is accepted, and lint says so.
namespace packetwright::script {
namespace {

using namespace testing;  // NOLINT: this folder's helpers
using ::testing::HasSubstr;

constexpr std::string_view kClose = "+0 close(3) = 0\n";

TEST(Trap, CarriageReturnsAreBlanks) {
  const std::string text = "+0 close(3) = 0\r\n+0 close(4) = 0\r\n";
  EXPECT_EQ(parsed(text).events.size(), 2u);
  EXPECT_THAT(extensions(text), HasSubstr("carriage return"));
}

TEST(Trap, LastLineMayBeACommentWithoutANewline) {
  EXPECT_EQ(parsed("+0 close(3) = 0 // done").events[0].after->text, "// done");
  EXPECT_THAT(extensions("+0 close(3) = 0 // done"), HasSubstr("without a newline"));
}

// packetdrill overlooks the end of a comment in **/ and goes on to the next */.
TEST(Trap, StarStarSlashSwallowsTextInAPlainScriptAsInPacketdrill) {
  const std::string text = "/* a **/\n+0 close(3) = 0\n/* b */\n+0 close(4) = 0\n";
  EXPECT_EQ(parsed(text).events.size(), 1u);
  EXPECT_THAT(warnings(text), HasSubstr("1:6: packetdrill does not see the end"));
}

TEST(Trap, StarStarSlashEndsACommentInAStrictScript) {
  EXPECT_EQ(parsed(strict("/* a **/\n+0 close(3) = 0\n/* b */\n+0 close(4) = 0\n")).events.size(),
            2u);
}

TEST(Trap, StarStarSlashEndsACommentWherePacketdrillWouldFindNoEnd) {
  const std::string text = "/* a **/\n+0 close(3) = 0\n";
  EXPECT_EQ(parsed(text).events.size(), 1u);
  EXPECT_THAT(extensions(text), HasSubstr("**/"));
}

TEST(Trap, OddRunsOfStarsEndACommentEverywhere) {
  EXPECT_EQ(parsed("/***** a *****/ +0 close(3) = 0\n/**/ +0 close(4) = 0\n").events.size(), 2u);
  EXPECT_EQ(warnings("/* a ***/ +0 close(3) = 0\n"), "");
}

TEST(Trap, ReservedWordsMayStandInANote) {
  const std::string text = "+0 close(3) = -1 EBADF (Bad fd)\n";
  EXPECT_EQ(event_of(text).as<SystemCall>()->note, "Bad fd");
  EXPECT_THAT(extensions(text), HasSubstr("no reserved ones"));
}

TEST(Trap, ErrnoMayStandWithoutANote) {
  const std::string text = "+0 close(3) = -1 EBADF\n+0 close(4) = 0\n";
  EXPECT_EQ(parsed(text).events[0].as<SystemCall>()->error, "EBADF");
  EXPECT_THAT(extensions(text), HasSubstr("wants a note"));
}

TEST(Trap, DotMayStandInFrontOfTheFlags) {
  EXPECT_EQ(tcp_of("> .P 1:1(0)").flags, tcp_of("> P. 1:1(0)").flags);
  EXPECT_EQ(tcp_of("> S.E 1:1(0)").flags, tcp_of("> SE. 1:1(0)").flags);
  EXPECT_NE(extensions("+0 > .P 1:1(0)\n"), "");
  EXPECT_EQ(extensions("+0 > P . 1:1(0)\n"), "") << "packetdrill reads that";
}

TEST(Trap, FractionsMayBeValuesOfOptions) {
  const std::string text = "--tolerance_percent=2.5\n" + std::string(kClose);
  EXPECT_EQ(parsed(text).option("tolerance_percent"), "2.5");
  EXPECT_NE(extensions(text), "");
}

TEST(Trap, HyphensAndSlashesMayBeValuesOfOptions) {
  const std::string text =
      "--ip_version=ipv4-mapped-ipv6\n--remote_ip=192.0.2.1/24\n" + std::string(kClose);
  EXPECT_EQ(parsed(text).option("ip_version"), "ipv4-mapped-ipv6");
  EXPECT_EQ(parsed(text).option("remote_ip"), "192.0.2.1/24");
  EXPECT_NE(extensions(text), "");
}

// The documented escapes \\ and \" come out of packetdrill as form feeds.
TEST(Trap, EscapesThatPacketdrillGetsWrongAreWrongInAPlainScriptOnly) {
  constexpr std::string_view kText = "+0 write(4, \"a\\\\b\\\"c\", 5) = 5\n";
  EXPECT_EQ(parsed(kText).events[0].as<SystemCall>()->arguments[1].as<Text>()->octets, "a\fb\fc");
  EXPECT_THAT(warnings(kText), HasSubstr("makes a form feed"));
  EXPECT_EQ(parsed(strict(kText)).events[0].as<SystemCall>()->arguments[1].as<Text>()->octets,
            "a\\b\"c");
}

TEST(Trap, OtherEscapesAreErrors) {
  EXPECT_THAT(remarks("+0 write(4, \"\\q\", 1) = 1\n"), HasSubstr("unknown escape"));
  EXPECT_THAT(remarks("+0 write(4, \"\\x4\", 1) = 1\n"), HasSubstr("two hexadecimal digits"));
}

TEST(Trap, TosMayBeDecimal) {
  EXPECT_EQ(packet_of("> [tos 40] . 1:1(0)").ip.tos->value, 40);
  EXPECT_THAT(extensions("+0 > [tos 40] . 1:1(0)\n"), HasSubstr("hexadecimal"));
  EXPECT_EQ(extensions("+0 > [tos 0x28] . 1:1(0)\n"), "");
}

TEST(Trap, InjectedPacketsMayLeaveTheWindowOut) {
  EXPECT_FALSE(tcp_of("< R 1:1(0)").win.has_value());
  EXPECT_THAT(extensions("+0 < R 1:1(0)\n"), HasSubstr("wants a window"));
  EXPECT_EQ(extensions("+0 > R 1:1(0)\n"), "");
}

TEST(Trap, NumbersEndingInADotAreErrors) {
  const auto result = parse({"t", "+1. > . 1:1(0)\n"});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.diagnostics[0].hint, "a time is written 1.0 or .5, not 1.");
}

TEST(Trap, EmptyBracketsAndBracesAreErrorsAsInPacketdrill) {
  EXPECT_THAT(remarks("+0 > . 1:1(0) <>\n"), HasSubstr("an empty list of TCP options"));
  EXPECT_THAT(remarks("+0 f({}) = 0\n"), HasSubstr("expected members"));
  EXPECT_EQ(remarks("+0 f([]) = 0\n"), "") << "empty arrays are fine, there and here";
}

TEST(Trap, ExpressionsKnowOnlyTheBar) {
  for (const char* text :
       {"+0 f(1+2) = 0\n", "+0 f(2-1) = 0\n", "+0 f((1)) = 0\n", "+0 f(~1) = 0\n"}) {
    const auto result = parse({"t", text});
    ASSERT_FALSE(result.ok()) << text;
    EXPECT_THAT(result.diagnostics[0].hint, HasSubstr("only operator is |")) << text;
  }
}

TEST(Trap, TimesAreCutToMicrosecondsInAPlainScriptAsInPacketdrill) {
  const std::string text = "+0.0000019 close(3) = 0\n";
  EXPECT_EQ(parsed(text).events[0].when.start.value, 1us);
  EXPECT_THAT(warnings(text), HasSubstr("microseconds"));
  EXPECT_EQ(parsed(strict(text)).events[0].when.start.value, 1900ns);
}

TEST(Trap, AckFlagWithoutANumberMeansZeroAndIsWarnedOf) {
  EXPECT_THAT(warnings(strict("+0 > . 1:1(0)\n")), HasSubstr("means ack 0"));
  EXPECT_EQ(warnings("+0 > . 1:1(0)\n"), "") << "plain scripts do that on purpose";
}

TEST(Trap, WordsWhereANumberIsWantedSuggestASymbol) {
  const auto result = parse({"t", "+0 > S 0:0(0) <mss MSS>\n"});
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.diagnostics[0].hint, HasSubstr("-D MSS=N"));
}

TEST(Trap, EmptyScriptsAreErrors) {
  EXPECT_THAT(remarks(""), HasSubstr("at least one event"));
  EXPECT_THAT(remarks("// only a comment\n"), HasSubstr("at least one event"));
  EXPECT_THAT(remarks("`init`\n"), HasSubstr("at least one event"));
}

TEST(Trap, NplabsFormsAreReadAndTold) {
  for (const char* text :
       {"+0 > . 1:1(0)! ack 1\n", "+0 > . ...(10) ack 1\n",
        "+0 > S 0:0(0) <TS val ... ecr 0,nop,nop>\n", "+0 > . 1:1(0) <nop,nop,TS val 1 ecr 2!>\n",
        "+0 > . 1:1(0) ack 1/udp(1 > 2)\n", "+0 > (hlim 4) . 1:1(0)\n",
        "+0 > (class 0x28) . 1:1(0)\n", "+0 > . 1:1(0) <nop,nop,md5 valid>\n"}) {
    EXPECT_EQ(parsed(text).dialect, Dialect::nplab) << text;
    EXPECT_THAT(extensions(text), HasSubstr("nplab")) << text;
  }
  EXPECT_EQ(parsed("+0 > . 1:1(0)\n").dialect, Dialect::google);
}

TEST(Trap, DialectGivenIsDialectTaken) {
  ParseOptions options;
  options.dialect = Dialect::google;
  EXPECT_EQ(parsed("+0 > . 1:1(0)! ack 1\n", options).dialect, Dialect::google);
}

}  // namespace
}  // namespace packetwright::script
