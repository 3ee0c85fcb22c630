// SPDX-License-Identifier: Apache-2.0
#include "harness/script/lexer.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace packetwright::script {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> lexed(std::string_view text) {
  std::vector<std::string> out;
  for (const Token& token : lex(text, {}).all) {
    if (token.kind != TokenKind::end) out.emplace_back(token.source);
  }
  return out;
}

TokenKind kind_of(std::string_view text) {
  const Tokens tokens = lex(text, {});
  EXPECT_EQ(tokens.all.size(), 2u) << text;
  return tokens.all[0].kind;
}

TEST(Lexer, LongestMatchWins) {
  EXPECT_THAT(lexed("+0...0.100 read"), ElementsAre("+", "0", "...", "0.100", "read"));
  EXPECT_THAT(lexed("P.5 1:2"), ElementsAre("P", ".5", "1", ":", "2"));
  EXPECT_THAT(lexed("1:1001(1000)"), ElementsAre("1", ":", "1001", "(", "1000", ")"));
}

TEST(Lexer, NumberComesBeforeWordWhenBothFit) {
  EXPECT_EQ(kind_of("123"), TokenKind::integer);
  EXPECT_EQ(kind_of("-123"), TokenKind::integer);
  EXPECT_EQ(kind_of("0x1f"), TokenKind::hex);
  EXPECT_EQ(kind_of(".5"), TokenKind::decimal);
  EXPECT_EQ(kind_of("3021b9d8"), TokenKind::word);
  EXPECT_EQ(kind_of("0x1fg"), TokenKind::word);
}

TEST(Lexer, AddressesAreTokens) {
  EXPECT_EQ(kind_of("192.0.2.1"), TokenKind::ipv4);
  EXPECT_EQ(kind_of("2001:db8::1"), TokenKind::ipv6);
  EXPECT_EQ(kind_of("::"), TokenKind::ipv6);
  EXPECT_EQ(kind_of("1:2:3:4:5:6:7:8"), TokenKind::ipv6);
  EXPECT_EQ(kind_of("::ffff:192.0.2.1"), TokenKind::ipv6);
  EXPECT_EQ(kind_of("02:50:57:00:00:01"), TokenKind::mac);
}

TEST(Lexer, ColonBehindAnAddressIsNotPartOfIt) {
  EXPECT_THAT(lexed("fd00::1 > fd00::2: udp"), ElementsAre("fd00::1", ">", "fd00::2", ":", "udp"));
}

TEST(Lexer, SequenceNumbersAreNotAnAddress) {
  EXPECT_THAT(lexed("1:1001"), ElementsAre("1", ":", "1001"));
  EXPECT_THAT(lexed("10:20:30"), ElementsAre("10", ":", "20", ":", "30"));
}

TEST(Lexer, FormulasAndParametersAreTokens) {
  EXPECT_THAT(lexed("1:${1+mss}(${mss})"), ElementsAre("1", ":", "${1+mss}", "(", "${mss}", ")"));
  EXPECT_EQ(kind_of("$mss"), TokenKind::parameter);
  EXPECT_EQ(lex("\"${mss}\" `${mss}` %{ ${mss} }%", {}).all.size(), 4u)
      << "nothing is a parameter inside strings, commands and code";
}

TEST(Lexer, CommentsAreKeptWithTheTokenThatFollows) {
  const Tokens tokens = lex("// a\n+0 /* b */ close", {});
  ASSERT_EQ(tokens.comments.size(), 2u);
  EXPECT_EQ(tokens.comments[0].text, "// a");
  EXPECT_EQ(tokens.comments[0].before_token, 0u);
  EXPECT_EQ(tokens.comments[1].text, "/* b */");
  EXPECT_EQ(tokens.comments[1].before_token, 2u);
}

TEST(Lexer, LinesAndColumnsCountFromOne) {
  const Tokens tokens = lex("+0\n  close", {});
  EXPECT_EQ(tokens.line_of(tokens.all[2].offset), 2u);
  EXPECT_EQ(tokens.column_of(tokens.all[2].offset), 3u);
  EXPECT_TRUE(tokens.all[2].line_start);
  EXPECT_FALSE(tokens.all[1].line_start);
}

TEST(Lexer, MetadataLineMakesTheTextStrict) {
  EXPECT_TRUE(lex("  //: needs sack\n", {}).strict);
  EXPECT_FALSE(lex("// needs //: sack\n", {}).strict);
  EXPECT_FALSE(lex("+0 close(3) = 0 //: needs sack\n", {}).strict);
}

TEST(Lexer, ConditionalTextCountsWhereItsNameIsDefined) {
  constexpr std::string_view kText = "1\n#ifdef FreeBSD\n2\n#endif\n3\n";
  const auto count = [&](const std::map<std::string, std::string>& defines) {
    const Tokens tokens = lex(kText, defines);
    EXPECT_TRUE(tokens.conditional);
    return tokens.all.size() - 1;
  };
  EXPECT_EQ(count({}), 2u);
  EXPECT_EQ(count({{"FreeBSD", "1"}}), 3u);
}

}  // namespace
}  // namespace packetwright::script
