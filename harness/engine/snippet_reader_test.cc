// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/snippet_reader.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/engine/fake_target.hh"
#include "harness/engine/run_for_test.hh"

namespace packetwright::engine {
namespace {

using testing::HasSubstr;

// "holds", or what went wrong and where.
std::string outcome_of(SnippetReader& reader, std::string_view text) {
  const SnippetOutcome outcome = reader.run(text);
  const std::string place = std::to_string(outcome.line) + ": ";
  switch (outcome.kind) {
    case SnippetOutcome::Kind::holds: return "holds";
    case SnippetOutcome::Kind::failed: return place + "failed: " + outcome.text;
    case SnippetOutcome::Kind::unknown_name: return place + "unknown: " + outcome.text;
    case SnippetOutcome::Kind::not_understood: return place + "beyond: " + outcome.text;
  }
  return {};
}
std::string outcome_of(std::string_view text) {
  SnippetReader reader;
  reader.set("x", 10);
  reader.set("y", 3);
  return outcome_of(reader, text);
}
bool holds(std::string_view condition) {
  return outcome_of("assert " + std::string(condition)) == "holds";
}

TEST(SnippetReader, ConditionsMeanWhatPythonMeans) {
  for (const char* const condition : {"x == 10",
                                      "x != y",
                                      "y < x",
                                      "3 <= y <= 3",
                                      "1 < y < x < 11",
                                      "x",
                                      "not 0",
                                      "not not x",
                                      "x == 10 and y == 3",
                                      "x == 1 or y == 3",
                                      "(x & 2) != 0",
                                      "x & 2 == 2",
                                      "x | 5 == 15",
                                      "x ^ 3 == 9",
                                      "1 << 4 == 16",
                                      "x >> 1 == 5",
                                      "x + y * 2 == 16",
                                      "(x + y) * 2 == 26",
                                      "-x + 10 == 0",
                                      "x - -1 == 11",
                                      "x == 0xa",
                                      "True",
                                      "not False",
                                      "0 or y and x",
                                      "not x == 3"}) {
    EXPECT_TRUE(holds(condition)) << condition;
  }
  for (const char* const condition : {"x == 11", "x != 10", "x < y", "5 <= y <= 9", "1 < x < y",
                                      "0", "not x", "x == 10 and y == 4", "x == 1 or y == 4",
                                      "(x & 1) != 0", "x ^ x", "False", "10 > x > 3", "0 and x"}) {
    EXPECT_FALSE(holds(condition)) << condition;
  }
}

TEST(SnippetReader, AFailureShowsTheConditionAndItsNames) {
  EXPECT_EQ(outcome_of("assert x == 10\n\n  \nassert y + x == 12, 'x is %d' % x"),
            "4: failed: y + x == 12; y is 3; x is 10");
  EXPECT_EQ(outcome_of("assert x == 10 ; assert  x==y"), "1: failed: x==y; x is 10; y is 3");
}

TEST(SnippetReader, NamesLastFromOneSnippetToTheNext) {
  SnippetReader reader;
  EXPECT_EQ(outcome_of(reader, "a = 4; b = a * 2"), "holds");
  EXPECT_EQ(outcome_of(reader, "a += b\nb -= 1"), "holds");
  EXPECT_EQ(outcome_of(reader, "assert a == 12 and b == 7, (a, b)"), "holds");
  EXPECT_EQ(outcome_of(reader, "assert c"), "1: unknown: c");
  EXPECT_EQ(outcome_of(reader, "c += 1"), "1: unknown: c");
}

TEST(SnippetReader, CommentsMessagesAndPrintsAreLeftOut) {
  EXPECT_EQ(outcome_of("# assert 0\n"
                       "assert x == 10  # ; assert 0\n"
                       "print(x, 'assert 0; '); pass\n"
                       "assert x == 10, 'a; b # c' % (x,\n  y); assert y == 3, \\\n  y\n"),
            "holds");
  EXPECT_EQ(outcome_of("assert 1, \"it's\"\nassert 0"), "2: failed: 0");
  EXPECT_EQ(outcome_of(""), "holds");
  EXPECT_EQ(outcome_of("\n assert x == \\\n 10\n assert 0 \n"), "4: failed: 0");
}

TEST(SnippetReader, WhatIsBeyondItIsNamed) {
  EXPECT_EQ(outcome_of("x = 1\nif x: pass"), "2: beyond: 'x'");
  for (const char* const text : {"import os",
                                 "assert x / 2",
                                 "assert x // 2",
                                 "assert x ** 2",
                                 "assert max(x, y)",
                                 "assert x == 1.5",
                                 "assert x in (1, 2)",
                                 "assert [x]",
                                 "assert x.y",
                                 "assert 'a'",
                                 "assert",
                                 "assert (x",
                                 "assert x ==",
                                 "x",
                                 "x =",
                                 "= 1",
                                 "assert 1 << 63",
                                 "assert 9223372036854775807 + 1",
                                 "assert 9223372036854775807 * 2",
                                 "assert 12ab",
                                 "assert 99999999999999999999",
                                 "assert x if y else 0",
                                 "assert None",
                                 "assert x == 1 2"}) {
    EXPECT_THAT(outcome_of(text), HasSubstr("beyond")) << text;
    EXPECT_TRUE(SnippetReader::objection(text)) << text;
  }
  EXPECT_THAT(outcome_of("assert " + std::string(100'000, '(')), HasSubstr("beyond"));
  EXPECT_FALSE(SnippetReader::objection("assert unknown_name == 4; z += 1"));
}

// --- in a script

const std::string kProbe = "+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 < S 0:0(0) win 1000\n";

FakeTarget with_counters() {
  FakeTarget target;
  target.traits_.capabilities = {"icmp", "ipv4", "ipv6", "tcp", "tcp_info"};
  target.status.counters = {{"cwnd", 10}, {"srtt_us", 100}};
  target.status.state = targets::TcpState::close_wait;
  return target;
}

TEST(SnippetsWithoutPython, SeeTheCountersByTheNamesOfLinux) {
  FakeTarget target = with_counters();
  EXPECT_EQ(
      failure_text(run_text(kProbe + "+0 %{ assert tcpi_snd_cwnd == 10, tcpi_snd_cwnd\n"
                                     "assert 99 < tcpi_rtt < 101 }%\n"
                                     "+0 %{ assert tcpi_state == TCP_CLOSE_WAIT }%\n"
                                     "+0 %{ assert TCPI_OPT_SYN_DATA == 32 }%\n"
                                     "+0 %{ assert TCP_CA_Loss == 4 and TCP_CA_Open == 0 }%\n",
                            target)),
      "passed");
}

TEST(SnippetsWithoutPython, FailAtTheirLine) {
  FakeTarget target = with_counters();
  const Outcome outcome =
      run_text(kProbe + "+0 %{\nassert 1\nassert tcpi_snd_cwnd == 9 }%\n", target);
  EXPECT_EQ(failure_text(outcome),
            "failed: expected %{ }% holds, got tcpi_snd_cwnd == 9; tcpi_snd_cwnd is 10\nline 5\n  "
            "expected %{ }% holds\n"
            "  actual   tcpi_snd_cwnd == 9; tcpi_snd_cwnd is 10\n"
            "    code: want true, got tcpi_snd_cwnd == 9; tcpi_snd_cwnd is 10");
}

TEST(SnippetsWithoutPython, WhatTheTargetDoesNotTellIsUnsupported) {
  FakeTarget target = with_counters();
  EXPECT_EQ(failure_text(run_text(kProbe + "+0 %{ assert tcpi_probes == 0 }%\n", target)),
            "unsupported: this target does not tell tcpi_probes");
}

TEST(SnippetsWithoutPython, WhatNeedsPythonIsKnownBeforeTheFirstEvent) {
  FakeTarget target = with_counters();
  const Outcome outcome = run_text(kProbe + "+0 %{ import os }%\n", target);
  EXPECT_THAT(failure_text(outcome), HasSubstr("unsupported: this target runs no Python"));
  EXPECT_TRUE(target.injected.empty());
}

TEST(SnippetsWithoutPython, NeedATargetThatHasCounters) {
  FakeTarget target;
  EXPECT_EQ(failure_text(run_text(kProbe + "+0 %{ assert 1 }%\n", target)),
            "unsupported: this target runs no code snippets (%{ }%)");
}

}  // namespace
}  // namespace packetwright::engine
