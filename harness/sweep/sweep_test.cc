// SPDX-License-Identifier: Apache-2.0
#include "harness/sweep/sweep.hh"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/engine/engine.hh"
#include "harness/model/segment_arrives.hh"
#include "harness/script/parser.hh"
#include "harness/sweep/choices_file.hh"
#include "harness/sweep/script.hh"
#include "harness/sweep/test_support.hh"
#include "harness/sweep/wrong_target.hh"

namespace packetwright::sweep {
namespace {

using ::testing::HasSubstr;
namespace tcp_flag = wire::tcp_flag;

SweepOptions options_of(unsigned deviations) {
  SweepOptions options;
  options.seed = 0x7f3a;
  options.deviations = deviations;
  options.loader = load_prelude;
  const auto choices =
      read_choices(text_of("conformance/choices/reference.toml").value(), "reference.toml");
  EXPECT_TRUE(choices.ok()) << choices.error();
  options.choices = choices.value();
  return options;
}

template <class Named>
const Named& named(std::span<const Named> all, std::string_view name) {
  for (const Named& one : all) {
    if (one.name == name) return one;
  }
  ADD_FAILURE() << name;
  return all.front();
}

void nothing(std::uint32_t) {}

std::string told(const Swept& swept) {
  std::string text = swept.problem + swept.unsupported + std::to_string(swept.deviating) + " of " +
                     std::to_string(swept.stimuli);
  if (swept.first) {
    text += "\nmodel " + swept.first->wanted + "\nstack " + swept.first->seen + "\n" +
            swept.first->script;
  }
  return text;
}

engine::Outcome run_script(const std::string& text, targets::Target& target) {
  const script::ParseResult parsed = script::parse({"found.pkt", text});
  EXPECT_TRUE(parsed.ok()) << text;
  const script::ParseResult expanded = script::expand(
      parsed.script, script::combinations(parsed.script).front().values, load_prelude);
  EXPECT_TRUE(expanded.ok()) << text;
  engine::RunOptions options;
  options.seed = 5;  // of another run
  return engine::run(expanded.script, options, target);
}

TEST(SweepTest, TheReferenceDoesWhatTheModelSays) {
  reference::ReferenceTarget target;
  // Segments with deviations are for `packetwright sweep`, which tries all of them in CI.
  Sweeper sweeper(target, options_of(0));
  for (const Prelude& prelude : preludes()) {
    for (const Kind& kind : kinds()) {
      const Swept swept = sweeper.sweep(prelude, kind, nothing);
      EXPECT_TRUE(swept.problem.empty() && swept.unsupported.empty() && swept.deviating == 0)
          << prelude.name << ", " << kind.name << ": " << told(swept);
      EXPECT_GT(swept.stimuli, 0u) << prelude.name;
    }
  }
}

TEST(SweepTest, EqualSeedsGiveEqualSweeps) {
  const auto sweep = [](std::uint64_t seed) {
    reference::ReferenceTarget target;
    SweepOptions options = options_of(1);
    options.seed = seed;
    // So that there is something to tell.
    EXPECT_TRUE(
        options.choices.set(model::Point::inexact_rst, std::vector<std::string>{"reset"}).ok());
    Sweeper sweeper(target, options);
    return told(sweeper.sweep(named(preludes(), "established"), named(kinds(), "RST"), nothing));
  };
  EXPECT_EQ(sweep(1), sweep(1));
  EXPECT_EQ(sweep(1), sweep(2));  // what differs is nothing that a script shows
}

TEST(SweepTest, ATargetThatLacksWhatAPreludeNeedsIsNoDeviation) {
  reference::ReferenceTarget target;
  SweepOptions options = options_of(0);
  options.loader = [](std::string_view name) -> Result<script::Source, std::string> {
    return script::Source{std::string(name), "//: needs teleportation\n+0 ignore 0\n"};
  };
  Sweeper sweeper(target, options);
  const Swept swept = sweeper.sweep(named(preludes(), "listen"), kinds().front(), nothing);
  EXPECT_THAT(swept.unsupported, HasSubstr("teleportation"));
  EXPECT_EQ(swept.stimuli, 0u);
}

TEST(SweepTest, APreludeThatFailsIsAProblem) {
  WrongTarget target({}, [](wire::TcpFields& fields, Buffer&, const Passed&) {
    return !fields.flags.has(tcp_flag::syn);
  });
  Sweeper sweeper(target, options_of(0));
  const Swept swept = sweeper.sweep(named(preludes(), "syn_received"), kinds().front(), nothing);
  EXPECT_THAT(swept.problem, HasSubstr("expected > S. 0:0(0) ack 1"));
}

// --- stacks with a fault: each is noticed, by a script that fails on it and passes on a sound one.

struct Wrong {
  const char* name;
  const char* prelude;
  const char* kind;
  Fault inbound, outbound;
};

bool has_only(const wire::TcpFields& fields, wire::TcpFlags flags) {
  return (fields.flags.bits() & 0x17) == flags.bits();  // FIN, SYN, RST, ACK
}

std::vector<Wrong> wrong_stacks() {
  return {
      {"a RST in the window is believed",
       "established",
       "RST",
       [](wire::TcpFields& seg, Buffer&, const Passed& passed) {
         const bool inside = passed.rcv_nxt < seg.seq && seg.seq < passed.rcv_edge;
         if (seg.flags.has(tcp_flag::rst) && inside) seg.seq = passed.rcv_nxt;
         return true;
       },
       {}},
      {"the window reaches one octet too far",
       "close_wait",
       "RST",
       [](wire::TcpFields& seg, Buffer&, const Passed& passed) {
         if (passed.begun && seg.seq == passed.rcv_edge) seg.seq = seg.seq - 1;
         return true;
       },
       {}},
      {"a SYN resets",
       "established",
       "SYN",
       [](wire::TcpFields& seg, Buffer&, const Passed& passed) {
         if (passed.begun && has_only(seg, tcp_flag::syn)) {
           seg.flags = tcp_flag::rst;
           seg.seq = passed.rcv_nxt;
         }
         return true;
       },
       {}},
      {"an ACK of what was never sent counts",
       "established_unacked",
       "ACK",
       [](wire::TcpFields& seg, Buffer&, const Passed& passed) {
         if (passed.begun && passed.snd_nxt < seg.ack) seg.ack = passed.snd_nxt;
         return true;
       },
       {}},
      {"text without ACK is taken",
       "established",
       "text",
       [](wire::TcpFields& seg, Buffer& text, const Passed& passed) {
         if (!text.empty() && has_only(seg, {})) {
           seg.flags |= tcp_flag::ack;
           seg.ack = passed.snd_nxt;
         }
         return true;
       },
       {}},
      {"a FIN without ACK is taken",
       "fin_wait_2",
       "FIN",
       [](wire::TcpFields& seg, Buffer&, const Passed& passed) {
         if (has_only(seg, tcp_flag::fin)) {
           seg.flags |= tcp_flag::ack;
           seg.ack = passed.snd_nxt;
         }
         return true;
       },
       {}},
      {"SYN-RECEIVED takes any ACK",
       "syn_received",
       "ACK",
       [](wire::TcpFields& seg, Buffer&, const Passed& passed) {
         if (passed.begun && has_only(seg, tcp_flag::ack)) seg.ack = passed.snd_nxt;
         return true;
       },
       {}},
      {"what is outside the window draws no ACK",
       "fin_wait_2",
       "ACK,text",
       {},
       [](wire::TcpFields& seg, Buffer& text, const Passed& passed) {
         const bool again = passed.begun && seg.ack == passed.rcv_nxt;
         return !(again && text.empty() && has_only(seg, tcp_flag::ack));
       }},
      {"a reset has the wrong number",
       "closed",
       "ACK",
       {},
       [](wire::TcpFields& seg, Buffer&, const Passed&) {
         if (has_only(seg, tcp_flag::rst)) seg.seq += 1;
         return true;
       }},
      {"other octets are delivered",
       "established",
       "ACK,text",
       [](wire::TcpFields&, Buffer& text, const Passed& passed) {
         if (passed.begun && text.size() == kTextSize) text.back() ^= 0x20;
         return true;
       },
       {}},
      {"the window of an ACK is not heeded",
       "established",
       "ACK",
       [](wire::TcpFields& seg, Buffer&, const Passed& passed) {
         if (passed.begun) seg.win = 65'535;
         return true;
       },
       {}},
      {"an old timestamp is taken",
       "established_timestamps",
       "ACK,text",
       [](wire::TcpFields& seg, Buffer&, const Passed& passed) {
         static Buffer newer;
         if (!passed.begun || seg.options.size() != 12) return true;
         newer.assign(seg.options.begin(), seg.options.end());
         store_be32(newer, 4, 1'010);
         seg.options = newer;
         return true;
       },
       {}},
  };
}

class WrongStackTest : public ::testing::TestWithParam<std::size_t> {};

TEST_P(WrongStackTest, IsNoticed) {
  const Wrong wrong = wrong_stacks()[GetParam()];
  SCOPED_TRACE(wrong.name);
  WrongTarget target(wrong.inbound, wrong.outbound);
  Sweeper sweeper(target, options_of(1));
  const Swept swept =
      sweeper.sweep(named(preludes(), wrong.prelude), named(kinds(), wrong.kind), nothing);
  ASSERT_TRUE(swept.first.has_value()) << told(swept);
  EXPECT_GT(swept.deviating, 0u);
  EXPECT_LE(swept.first->stimulus.deviations(), 1u);
  EXPECT_NE(swept.first->wanted, swept.first->seen);
  reference::ReferenceTarget sound;
  EXPECT_EQ(run_script(swept.first->script, target).status, engine::Status::failed)
      << swept.first->script;
  const engine::Outcome passes = run_script(swept.first->script, sound);
  EXPECT_EQ(passes.status, engine::Status::passed)
      << swept.first->script << passes.reason
      << (passes.mismatches.empty() ? "" : engine::symptom_of(passes.mismatches.front()));
}

INSTANTIATE_TEST_SUITE_P(EachFault, WrongStackTest,
                         ::testing::Range(std::size_t{0}, wrong_stacks().size()));

// --- scripts: whatever the model wants can be said in one, and the sound stack passes it.

TEST(ScriptTest, WhatTheModelWantsOfEveryKindInEveryStatePassesOnTheReference) {
  reference::ReferenceTarget target;
  for (const Prelude& prelude : preludes()) {
    const auto ready = make_ready(prelude, target, 1, {}, load_prelude);
    ASSERT_TRUE(ready.ok()) << prelude.name << ": " << ready.error().reason;
    const model::Variables v = with_numbers(ready->tracked);
    const model::Choices choices = options_of(0).choices;
    std::size_t number = 0;
    for (const Kind& kind : kinds()) {
      for_each_stimulus(kind, v, 1, [&](const Stimulus& stimulus) {
        // All of the normal ones, some of the others: a script takes longer than a stimulus.
        if (stimulus.deviations() > 0 && ++number % 43 != 0) return true;
        const auto outcomes = model::segment_arrives(v, segment_of(stimulus, v), choices);
        if (outcomes.size() > 1) return true;  // a script can want one thing only
        const Difference differs =
            stimulus.deviations() == 0 ? Difference::text : Difference::reply;
        const std::string text =
            script_for(stimulus, outcomes.front(), differs, "not known", *ready);
        const engine::Outcome outcome = run_script(text, target);
        EXPECT_EQ(outcome.status, engine::Status::passed)
            << text << outcome.reason
            << (outcome.mismatches.empty() ? "" : engine::symptom_of(outcome.mismatches.front()));
        return !::testing::Test::HasFailure();
      });
    }
  }
}

}  // namespace
}  // namespace packetwright::sweep
