// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/outcome_codec.hh"

#include <gtest/gtest.h>

#include "stack/base/rng.hh"

namespace packetwright::runner {
namespace {

Attempt full() {
  Attempt attempt;
  engine::Outcome& outcome = attempt.outcome;
  outcome.status = engine::Status::failed;
  outcome.fault = engine::Fault::target;
  outcome.reason = "why \xff";
  outcome.reason_line = 7;
  outcome.reason_prelude = "b.pkt";
  outcome.mismatches = {
      {"a.pkt", 7, 3, "> . 1:1(0)", "nothing", {{"tcp.win", "1", "2"}, {"flags", ".", "R"}}}};
  outcome.history = {
      {engine::HistoryEntry::Kind::frame_out, instant_at(-5), 7, {}, "> .", {1, 2, 3}, false},
      {engine::HistoryEntry::Kind::call, instant_at(9), 8, "pre", "read", {}, true}};
  outcome.events = 9;
  outcome.events_done = 8;
  outcome.stimuli = 7;
  outcome.frames_in = 6;
  outcome.frames_out = 5;
  outcome.assertions_checked = 4;
  outcome.assertions_skipped = 3;
  outcome.alive = engine::Alive::no;
  outcome.strict = true;
  outcome.target_time = Duration{123456789};
  outcome.trace_hash = ~std::uint64_t{0};
  outcome.late = {Duration{5}, Duration{4}, 3, "late.pkt"};
  outcome.doubt = engine::Doubt::lateness;
  outcome.death = targets::Death{11, "log"};
  attempt.retried = true;
  attempt.order_dependent = true;
  return attempt;
}

TEST(OutcomeCodec, EveryFieldArrives) {
  const auto back = decode(encode(full()));
  ASSERT_TRUE(back.ok());
  const engine::Outcome want = full().outcome, got = back->outcome;
  EXPECT_EQ(got.status, want.status);
  EXPECT_EQ(got.fault, want.fault);
  EXPECT_EQ(got.reason, want.reason);
  EXPECT_EQ(got.reason_line, want.reason_line);
  EXPECT_EQ(got.reason_prelude, want.reason_prelude);
  EXPECT_EQ(got.mismatches, want.mismatches);
  ASSERT_EQ(got.history.size(), 2u);
  EXPECT_EQ(got.history[0].kind, want.history[0].kind);
  EXPECT_EQ(got.history[0].at, want.history[0].at);
  EXPECT_EQ(got.history[0].line, want.history[0].line);
  EXPECT_EQ(got.history[0].text, want.history[0].text);
  EXPECT_EQ(got.history[1].prelude, want.history[1].prelude);
  EXPECT_EQ(got.history[0].octets, want.history[0].octets);
  EXPECT_FALSE(got.history[0].ethernet);
  EXPECT_EQ(got.events, want.events);
  EXPECT_EQ(got.events_done, want.events_done);
  EXPECT_EQ(got.stimuli, want.stimuli);
  EXPECT_EQ(got.frames_in, want.frames_in);
  EXPECT_EQ(got.frames_out, want.frames_out);
  EXPECT_EQ(got.assertions_checked, want.assertions_checked);
  EXPECT_EQ(got.assertions_skipped, want.assertions_skipped);
  EXPECT_EQ(got.alive, want.alive);
  EXPECT_EQ(got.strict, want.strict);
  EXPECT_EQ(got.target_time, want.target_time);
  EXPECT_EQ(got.trace_hash, want.trace_hash);
  EXPECT_EQ(got.late.total, want.late.total);
  EXPECT_EQ(got.late.worst, want.late.worst);
  EXPECT_EQ(got.late.line, want.late.line);
  EXPECT_EQ(got.late.prelude, want.late.prelude);
  EXPECT_EQ(got.doubt, want.doubt);
  ASSERT_TRUE(got.death.has_value());
  EXPECT_EQ(got.death->signal, 11);
  EXPECT_EQ(got.death->log, "log");
  EXPECT_TRUE(back->retried);
  EXPECT_TRUE(back->order_dependent);
}

TEST(OutcomeCodec, AnAnswerThatBreaksOffIsAnError) {
  const Buffer whole = encode(full());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode(Bytes(whole).first(size)).ok()) << size;
  }
}

TEST(OutcomeCodec, OctetsBehindTheAnswerAreAnError) {
  Buffer longer = encode(full());
  longer.push_back(0);
  EXPECT_FALSE(decode(longer).ok());
}

TEST(OutcomeCodec, GarbageNeverTakesTheParentDown) {
  // A size that lies must not allocate what it claims.
  const Buffer whole = encode(full());
  Rng rng(1);
  for (int round = 0; round < 2000; ++round) {
    Buffer broken = whole;
    for (int flips = 0; flips < 4; ++flips) {
      broken[rng.below(broken.size())] = static_cast<std::uint8_t>(rng.next());
    }
    static_cast<void>(decode(broken).ok());
  }
}

}  // namespace
}  // namespace packetwright::runner
