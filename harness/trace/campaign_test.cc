// SPDX-License-Identifier: Apache-2.0
#include "harness/trace/campaign.hh"

#include <gtest/gtest.h>

#include "harness/targets/reference/reference_target.hh"
#include "harness/trace/minimize.hh"

namespace packetwright::trace {
namespace {

void nothing(std::uint32_t) {}

TEST(Campaign, TheSameSeedIsTheSameBatch) {
  reference::ReferenceTarget target;
  const auto first = run_batch(target, {.seed = 3, .traces = 300}, nothing);
  const auto again = run_batch(target, {.seed = 3, .traces = 300}, nothing);
  const auto other = run_batch(target, {.seed = 4, .traces = 300}, nothing);
  ASSERT_TRUE(first && again && other);
  EXPECT_EQ(first->played, 300u);
  EXPECT_EQ(first->reached, again->reached);
  EXPECT_NE(first->reached, other->reached);
  EXPECT_TRUE(first->found.empty());
}

TEST(Campaign, SaysWhichTraceWouldBeNext) {
  reference::ReferenceTarget target;
  const auto next = run_batch(target, {.seed = 3, .traces = 300, .until = 120}, nothing);
  std::uint32_t last = 0;
  const auto again = run_batch(target, {.seed = 3, .traces = 300, .until = 120},
                               [&last](std::uint32_t number) { last = number; });
  ASSERT_TRUE(next && next->next && again && again->next);
  EXPECT_EQ(last, 120u);
  EXPECT_EQ(*next->next, *again->next);
}

TEST(Campaign, ReachesEveryStateOfAConnection) {
  reference::ReferenceTarget target;
  const auto outcome = run_batch(target, {.seed = 1, .traces = 1'500}, nothing);
  ASSERT_TRUE(outcome);
  for (std::size_t state = 0; state < kStates; ++state) {
    bool met = false;
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      met = met || outcome->reached.test(state * kKinds + kind);
    }
    EXPECT_TRUE(met) << "state " << state;
  }
}

TEST(Minimize, WhatDoesNotMatterIsTakenOutOrMadeOrdinary) {
  Segment odd;
  odd.flags = wire::tcp_flag::fin | wire::tcp_flag::urg;
  odd.options = with::mss;
  odd.seq_offset = 7;
  odd.length = 900;
  odd.damage = {Harm::cut, 3, 0};
  Trace trace;
  for (int i = 0; i < 20; ++i) trace.events.push_back(Renew{});
  trace.events.push_back(odd);
  for (int i = 0; i < 5; ++i) trace.events.push_back(Wait{});
  std::size_t asked = 0;
  const Trace least = minimized(trace, [&asked](const Trace& candidate) {
    ++asked;
    for (const Event& event : candidate.events) {
      const auto* segment = std::get_if<Segment>(&event);
      if (segment != nullptr && segment->flags.has(wire::tcp_flag::fin) && segment->length > 50) {
        return true;
      }
    }
    return false;
  });
  Segment expected;
  expected.flags = wire::tcp_flag::fin;
  expected.length = 100;
  ASSERT_EQ(least.events.size(), 1u);
  EXPECT_EQ(least.events[0], Event{expected});
  EXPECT_LT(asked, 150u);
}

}  // namespace
}  // namespace packetwright::trace
