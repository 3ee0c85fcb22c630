// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/engine/run_for_test.hh"
#include "harness/targets/reference/reference_target.hh"

// Scripts against the project's own stack: that a right expectation passes, and that a wrong one is
// told in words which name the mistake.
namespace packetwright::engine {
namespace {

const std::string kEstablished =
    "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
    "+0 bind(3, ..., ...) = 0\n"
    "+0 listen(3, 1) = 0\n"
    "+0 < S 0:0(0) win 65535 <mss 1460>\n"
    "+0 > S. 0:0(0) ack 1 <mss ${mss}>\n"
    "+0 < . 1:1(0) ack 1 win 65535\n"
    "+0 accept(3, ..., ...) = 4\n";

// The MSS option is what the interface leaves for TCP (RFC 9293, 3.7.1): it depends on the family.
std::string established(Variant variant) {
  return std::string("for $mss in ") + (wire_family(variant) == Family::ipv4 ? "1460" : "1440") +
         "\n" + kEstablished;
}

Outcome run_on_reference(const std::string& text, RunOptions options = {}) {
  reference::ReferenceTarget target;
  options.mode = Mode::strict;
  const script::ParseResult parsed =
      script::parse({"test.pkt", established(options.variant) + text});
  for (const script::Diagnostic& one : parsed.diagnostics) {
    if (one.severity == script::Severity::error) ADD_FAILURE() << script::render(one);
  }
  const auto no_preludes = [](std::string_view) -> Result<script::Source, std::string> {
    return Err{std::string("none")};
  };
  const script::ParseResult expanded = script::expand(
      parsed.script, script::combinations(parsed.script).front().values, no_preludes);
  EXPECT_TRUE(expanded.ok());
  return run(expanded.script, options, target);
}

const std::string kTransfer =
    "+0 < P. 1:101(100) ack 1 win 65535\n"
    "+0~+.5 > . 1:1(0) ack 101\n"
    "+0 read(4, ..., 1000) = 100\n"
    "+0 write(4, ..., 50) = 50\n"
    "+0 > P. 1:51(50) ack 101\n"
    "+0 < . 101:101(0) ack 51 win 65535\n"
    "+0 = state(4) ESTABLISHED\n"
    "+0 close(4) = 0\n"
    "+0 > F. 51:51(0) ack 101\n"
    "+0 < F. 101:101(0) ack 52 win 65535\n"
    "+0 > . 52:52(0) ack 102\n";

TEST(EngineOnReference, AConnectionFromBeginningToEndPasses) {
  const Outcome outcome = run_on_reference(kTransfer);
  EXPECT_EQ(failure_text(outcome), "passed");
  EXPECT_EQ(outcome.alive, Alive::yes);
  EXPECT_EQ(outcome.events, outcome.events_done);
}

TEST(EngineOnReference, EveryVariantRunsTheSameText) {
  for (const Variant variant : {Variant::ipv4, Variant::ipv4_mapped_ipv6, Variant::ipv6}) {
    RunOptions options;
    options.variant = variant;
    const Outcome outcome = run_on_reference(kTransfer, options);
    EXPECT_EQ(failure_text(outcome), "passed") << script::name_of(variant);
    EXPECT_EQ(outcome.alive, Alive::yes) << script::name_of(variant);
  }
}

TEST(EngineOnReference, AnySeedAndAnyShiftPasses) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    RunOptions options;
    options.seed = seed;
    options.shift_remote_isn = true;
    EXPECT_EQ(failure_text(run_on_reference(kTransfer, options)), "passed") << seed;
  }
}

TEST(EngineOnReference, RepeatsAreEqualToTheLastOctet) {
  const Outcome one = run_on_reference(kTransfer);
  const Outcome two = run_on_reference(kTransfer);
  EXPECT_EQ(one.trace_hash, two.trace_hash);
  ASSERT_EQ(one.history.size(), two.history.size());
  for (std::size_t i = 0; i < one.history.size(); ++i) {
    EXPECT_EQ(one.history[i].octets, two.history[i].octets);
  }
}

TEST(EngineOnReference, AWrongAcknowledgementNumberIsNamed) {
  const Outcome outcome = run_on_reference(
      "+0 < P. 1:101(100) ack 1 win 65535\n"
      "+0~+.5 > . 1:1(0) ack 100\n");
  ASSERT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.mismatches[0].fields,
            (std::vector<FieldDifference>{{"tcp.ack", "100", "101"}}));
}

TEST(EngineOnReference, AMissingOptionIsNamed) {
  const Outcome outcome = run_on_reference(
      "+0 write(4, ..., 10) = 10\n"
      "+0 > P. 1:11(10) ack 1 <nop,nop,TS val 1 ecr 2>\n");
  ASSERT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.mismatches[0].fields,
            (std::vector<FieldDifference>{{"option TS", "TS val ... ecr 2", "none"}}));
}

TEST(EngineOnReference, AWrongStateIsNamed) {
  EXPECT_EQ(run_on_reference("+0 = state(4) CLOSE_WAIT\n").reason,
            "expected = state(4) CLOSE_WAIT, got state ESTABLISHED");
}

TEST(EngineOnReference, PushIsTheSendersChoiceUnlessTheCaseIsAboutIt) {
  const std::string write = "+0 write(4, ..., 10) = 10\n";
  EXPECT_EQ(failure_text(run_on_reference(write + "+0 > . 1:11(10) ack 1\n")), "passed");
  EXPECT_EQ(run_on_reference(write + "+0 > . 1:11(10) ack 1 {tcp.psh=0}\n").status, Status::failed);
}

TEST(EngineOnReference, WhatMayBeAnythingIsNotCompared) {
  const std::string write = "+0 write(4, ..., 10) = 10\n";
  EXPECT_EQ(run_on_reference(write + "+0 > P 1:11(10) ack 7\n").status, Status::failed);
  EXPECT_EQ(run_on_reference(write + "+0 > P 1:11(10) ack 7 {tcp.ack=any}\n").status,
            Status::failed);
  EXPECT_EQ(failure_text(run_on_reference(
                write + "+0 > P 1:11(10) ack 7 {tcp.ack=any, tcp.ack_flag=any}\n")),
            "passed");
  EXPECT_EQ(run_on_reference("+0 < . 1:1(0) ack 1 win 9 {tcp.ack=any}\n").status, Status::error);
}

TEST(EngineOnReference, ARetransmissionThatIsNotExpectedFailsTheCase) {
  const Outcome outcome = run_on_reference(
      "+0 write(4, ..., 10) = 10\n"
      "+0 > P. 1:11(10) ack 1\n"
      "+0 silence 2\n");
  ASSERT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.reason, "expected silence 2, got > P. 1:11(10) ack 1 win 65535");
}

TEST(EngineOnReference, ARetransmissionComesAfterTheInitialTimeout) {
  // RFC 6298, 2.1: one second before the first measurement.
  const Outcome outcome = run_on_reference(
      "+0 write(4, ..., 10) = 10\n"
      "+0 > P. 1:11(10) ack 1\n"
      "+1~+3 > P. 1:11(10) ack 1\n"
      "+0 < . 1:1(0) ack 11 win 65535\n");
  EXPECT_EQ(failure_text(outcome), "passed");
}

TEST(EngineOnReference, ASegmentOutsideTheWindowDrawsAnAckAndItsTextIsNotRead) {
  const Outcome outcome = run_on_reference(
      "+0 < P. 200000:200010(10) ack 1 win 65535\n"
      "+0 > . 1:1(0) ack 1\n"
      "+0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
      "+0 read(4, ..., 100) = -1 EAGAIN (nothing)\n");
  EXPECT_EQ(failure_text(outcome), "passed");
}

TEST(EngineOnReference, ABlockingReadReturnsWhenTheSegmentArrives) {
  const Outcome outcome = run_on_reference(
      "+0...0.5 read(4, \"hello\", 100) = 5\n"
      "+.5 < P. 1:6(5) ack 1 win 65535 \"hello\"\n"
      "+0~+.5 > . 1:1(0) ack 6\n");
  EXPECT_EQ(failure_text(outcome), "passed");
}

}  // namespace

TEST(EngineOnReference, TheDirectionOfADnsMessageMayBeOverruled) {
  reference::ReferenceTarget target;
  const Outcome outcome = run_strict(
      "0...0.02 resolve(\"www.example\") = \"192.0.2.9\"\n"
      "+0 > dns query \"www.example\" A noqr\n"
      // No response, whatever it says: the resolver goes on waiting.
      "+.01 < dns response \"www.example\" A noqr, answer \"www.example\" 60 A 192.0.2.66\n"
      "+.01 < dns query \"www.example\" A qr, answer \"www.example\" 60 A 192.0.2.9\n",
      target);
  EXPECT_EQ(outcome.status, Status::passed) << failure_text(outcome);
}

TEST(EngineOnReference, AQueryIsNotTakenForAResponse) {
  reference::ReferenceTarget target;
  const Outcome outcome = run_strict(
      "0...0.1 resolve(\"www.example\") = \"192.0.2.9\"\n"
      "+0 > dns query \"www.example\" A qr\n",
      target);
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_THAT(failure_text(outcome), testing::HasSubstr("dns.qr"));
}

}  // namespace packetwright::engine
