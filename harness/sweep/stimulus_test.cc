// SPDX-License-Identifier: Apache-2.0
#include "harness/sweep/stimulus.hh"

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/sweep/sweep.hh"

namespace packetwright::sweep {
namespace {

// RCV.NXT = 100, RCV.WND = 1000, SND.UNA = 50, SND.NXT = 60.
model::Variables variables() {
  model::Variables v;
  v.state = model::State::established;
  v.rcv_nxt = SeqNum{100};
  v.rcv_wnd = 1000;
  v.snd_una = SeqNum{50};
  v.snd_nxt = SeqNum{60};
  v.max_snd_wnd = 500;
  return v;
}

const Kind& kind_named(std::string_view name) {
  for (const Kind& one : kinds()) {
    if (one.name == name) return one;
  }
  ADD_FAILURE() << name;
  return kinds().front();
}

std::uint32_t seq_of(const Kind& kind, SeqPlace place) {
  Stimulus stimulus;
  stimulus.kind = &kind;
  stimulus.values[static_cast<std::size_t>(Field::seq)] = static_cast<std::uint8_t>(place);
  return segment_of(stimulus, variables()).seq.value();
}

std::uint32_t ack_of(AckPlace place) {
  Stimulus stimulus;
  stimulus.kind = &kinds().front();
  stimulus.values[static_cast<std::size_t>(Field::ack)] = static_cast<std::uint8_t>(place);
  return segment_of(stimulus, variables()).ack.value();
}

TEST(KindTest, EveryCombinationOfTheFourFlagsWithAndWithoutText) {
  std::set<unsigned> seen;
  std::set<std::string_view> names;
  for (const Kind& kind : kinds()) {
    seen.insert((kind.syn ? 1u : 0) | (kind.ack ? 2u : 0) | (kind.fin ? 4u : 0) |
                (kind.rst ? 8u : 0) | (kind.size > 0 ? 16u : 0));
    names.insert(kind.name);
  }
  EXPECT_EQ(seen.size(), 32u);
  EXPECT_EQ(names.size(), 32u);
}

TEST(StimulusTest, SequenceNumbersStandWhereTheirWordsSay) {
  const Kind& ack = kind_named("ACK");
  const Kind& text = kind_named("ACK,text");
  EXPECT_EQ(seq_of(ack, SeqPlace::left_edge), 100u);
  EXPECT_EQ(seq_of(ack, SeqPlace::outside_left), 99u);
  EXPECT_EQ(seq_of(text, SeqPlace::outside_left), 90u);
  EXPECT_EQ(seq_of(text, SeqPlace::straddles_left), 99u);
  EXPECT_EQ(seq_of(ack, SeqPlace::inside), 600u);
  EXPECT_EQ(seq_of(text, SeqPlace::last_fit), 1090u);
  EXPECT_EQ(seq_of(text, SeqPlace::right_edge), 1099u);
  EXPECT_EQ(seq_of(text, SeqPlace::outside_right), 1100u);
  EXPECT_EQ(seq_of(ack, SeqPlace::far_right), 100u + 0x4000'0000u);
}

TEST(StimulusTest, AcknowledgmentsStandWhereTheirWordsSay) {
  EXPECT_EQ(ack_of(AckPlace::right_edge), 60u);
  EXPECT_EQ(ack_of(AckPlace::left_edge), 50u);
  EXPECT_EQ(ack_of(AckPlace::inside), 55u);
  EXPECT_EQ(ack_of(AckPlace::older), 49u);
  EXPECT_EQ(ack_of(AckPlace::oldest), 50u - 500u);
  EXPECT_EQ(ack_of(AckPlace::outside_left), 50u - 501u);
  EXPECT_EQ(ack_of(AckPlace::outside_right), 61u);
}

TEST(StimulusTest, WhatIsNotThereIsNotTried) {
  model::Variables v = variables();
  v.snd_una = v.snd_nxt;
  v.rcv_wnd = 0;
  std::set<std::string> names;
  for_each_stimulus(kind_named("ACK"), v, 1, [&](const Stimulus& stimulus) {
    names.insert(stimulus.name());
    return true;
  });
  EXPECT_TRUE(names.count("normal"));
  EXPECT_TRUE(names.count("ack=outside_right"));
  EXPECT_FALSE(names.count("ack=left_edge"));      // it is SND.NXT
  EXPECT_FALSE(names.count("seq=right_edge"));     // no window, no edge
  EXPECT_FALSE(names.count("timestamp=missing"));  // none were agreed
}

TEST(StimulusTest, FewerDeviationsComeFirstAndNoneTwice) {
  std::set<std::string> names;
  unsigned most = 0;
  for_each_stimulus(kind_named("FIN,ACK,text"), variables(), 2, [&](const Stimulus& stimulus) {
    EXPECT_GE(stimulus.deviations(), most);
    most = stimulus.deviations();
    EXPECT_TRUE(names.insert(stimulus.name()).second) << stimulus.name();
    return true;
  });
  EXPECT_EQ(most, 2u);
  EXPECT_TRUE(names.count("seq=inside ack=older"));
  EXPECT_GT(names.size(), 300u);
}

}  // namespace
}  // namespace packetwright::sweep
