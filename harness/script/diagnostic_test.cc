// SPDX-License-Identifier: Apache-2.0
#include "harness/script/diagnostic.hh"

#include <ctime>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/script/testing.hh"

namespace packetwright::script {
namespace {

using namespace testing;  // NOLINT: this folder's helpers
using ::testing::HasSubstr;

std::string rendered(std::string_view text) {
  std::string out;
  for (const Diagnostic& diagnostic : parse({"a.pkt", std::string(text)}).diagnostics) {
    if (diagnostic.severity == Severity::error) out += render(diagnostic) + "\n";
  }
  return out;
}

TEST(Diagnostic, ShowsPlaceLineCaretAndHint) {
  EXPECT_EQ(rendered("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
                     "+0\t< S 0:0(0) win <mss MSS>\n"),
            "a.pkt:2:19: error: expected a number after 'win', found '<'\n"
            "+0 < S 0:0(0) win <mss MSS>\n"
            "                  ^\n");
  EXPECT_EQ(rendered("+0 < S 0:0(0) win 1 <mss MSS>\n"),
            "a.pkt:1:26: error: expected a number after 'mss', found 'MSS'\n"
            "+0 < S 0:0(0) win 1 <mss MSS>\n"
            "                         ^~~\n"
            "hint: if MSS is a symbol, give it a value with -D MSS=N\n");
}

TEST(Diagnostic, OfALongLineItShowsAnExcerpt) {
  const std::string before(1000, ' '), after(1000, 'x');
  const std::string text = rendered("+0 < S 0:0(0) win" + before + "<mss" + after + ">\n");
  EXPECT_THAT(text, HasSubstr("a.pkt:1:1018: error: expected a number"));
  const std::string blanks(80, ' ');
  EXPECT_THAT(text,
              HasSubstr("\n" + blanks + "<mss" + std::string(76, 'x') + "\n" + blanks + "^\n"));
}

TEST(Diagnostic, OfALongWordItShowsTheBeginning) {
  const std::string text = rendered("+0 < S 0:0(0) win " + std::string(1000, 'x') + "\n");
  EXPECT_THAT(text, HasSubstr("^" + std::string(141, '~') + "\n"));
  EXPECT_LT(text.size(), 500u);
}

TEST(Diagnostic, AllErrorsOfAFileAreReported) {
  EXPECT_EQ(remarks("+0 foo\n"
                    "+0 close(3) = 0\n"
                    "+0 < S 0:0(1) win 70000\n"
                    "+0 close(3 = 0\n"
                    "+0 > . 1:1(0) ack\n"),
            "1:4: expected a packet (< or >), a system call, a command or code after the time, "
            "found 'foo'\n"
            "3:8: inconsistent sequence numbers: 0 + 1 is 1, not 0\n"
            "3:19: the number after 'win' is out of range: 70000 is not in 0 to 65535\n"
            "4:12: expected ')' after the arguments of a call, found '='\n"
            "6:1: expected a number after 'ack', found the end of the file\n");
}

TEST(Diagnostic, ReadingGoesOnAtTheNextEvent) {
  const auto result = parse({"t",
                             "+0 sendmsg(4, {msg_name(...)=...,\n"
                             "            bogus(1)=[{...,\n"
                             "            1000}], 0) = 1000\n"
                             "+0 close(4) = 0\n"});
  EXPECT_EQ(result.script.events.size(), 1u);
  EXPECT_EQ(result.diagnostics.size(), 1u) << all_remarks(result.diagnostics);
}

TEST(Diagnostic, UnclosedThingsAreNamedWhereTheyStart) {
  EXPECT_THAT(remarks("+0 write(4, \"abc, 3) = 3\n+0 close(4) = 0\n"),
              HasSubstr("1:13: this string is never closed"));
  EXPECT_THAT(remarks("+0 `ls\n"), HasSubstr("1:4: this command is never closed"));
  EXPECT_THAT(remarks("+0 %{ x\n"), HasSubstr("1:4: this code is never closed"));
  EXPECT_THAT(remarks("/* x\n+0 close(3) = 0\n"), HasSubstr("1:1: this comment is never closed"));
  EXPECT_THAT(remarks("+0 f(${x) = 0\n"), HasSubstr("this ${ is never closed"));
  EXPECT_THAT(remarks("#ifdef X\n+0 close(3) = 0\n"), HasSubstr("has no #endif"));
}

TEST(Diagnostic, TypographicCharactersAreNamed) {
  EXPECT_THAT(remarks("+0 write(4, \xe2\x80\x9c"
                      "a\", 1) = 1\n"),
              HasSubstr("unexpected octet 0xe2"));
}

TEST(Diagnostic, LongLinesAreCutAroundTheCaret) {
  const auto result =
      parse({"t", "+0 f(" + std::string(1000, ' ') + "))" + std::string(1000, 'x')});
  ASSERT_FALSE(result.ok());
  const Diagnostic& diagnostic = result.diagnostics[0];
  EXPECT_LE(diagnostic.source_line.size(), 160u);
  EXPECT_EQ(diagnostic.source_line[diagnostic.caret], ')');
  EXPECT_EQ(diagnostic.column, 1007u) << "the first ')' is right, the second is not";
}

TEST(Limits, NumberOfErrorsIsBounded) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "+0 foo\n";
  const auto result = parse({"t", text});
  EXPECT_EQ(result.diagnostics.size(), kMaxDiagnostics);
  EXPECT_THAT(result.diagnostics.back().hint, HasSubstr("too many errors"));
}

TEST(Limits, BinaryAndHugeFilesGetOneMessage) {
  const auto binary = parse({"b", std::string("\x7f"
                                              "ELF\0\0",
                                              6)});
  ASSERT_EQ(binary.diagnostics.size(), 1u);
  EXPECT_EQ(render(binary.diagnostics[0]), "b: error: this is a binary file, not a script");
  const auto huge = parse({"h", std::string(kMaxSourceSize + 1, ' ')});
  ASSERT_EQ(huge.diagnostics.size(), 1u);
  EXPECT_THAT(huge.diagnostics[0].message, HasSubstr("4194305 octets"));
}

// Each of these could cost time that grows with the square of the size. Ten seconds of the
// processor's time are far more than any of them needs, with sanitizers too, and far less than the
// square would take.
TEST(Limits, PathologicalFilesAreReadQuickly) {
  const auto repeat = [](std::string_view piece) {
    const std::size_t size = piece == "(" ? 1 << 20 : 1 << 18;
    std::string text;
    while (text.size() < size) text += piece;
    return text;
  };
  for (const std::string_view piece : {"(",
                                       "+0 f(",
                                       "\"\\",
                                       "\\\"",
                                       "\\\"\n",
                                       "/*",
                                       "/***/",
                                       "/**x**/",
                                       "/*x**/ ",
                                       "%{",
                                       "${",
                                       "`",
                                       "::",
                                       "1:",
                                       "+0 > . 1:1(0) {",
                                       "+0 ",
                                       "{fd=",
                                       "a|",
                                       "#ifdef X\n",
                                       "//\n",
                                       "//:\n",
                                       "\xff",
                                       "use a\n",
                                       "--a=",
                                       "--define=a=a ",
                                       "for $a in 1\n",
                                       "\n",
                                       "+0~",
                                       "$a"}) {
    const std::string text = repeat(piece);
    const std::clock_t start = std::clock();
    const auto result = parse({"t", text});
    EXPECT_LT(std::clock() - start, 10 * CLOCKS_PER_SEC) << piece;
    EXPECT_LE(result.diagnostics.size(), 2 * kMaxDiagnostics) << piece;
  }
}

}  // namespace
}  // namespace packetwright::script
