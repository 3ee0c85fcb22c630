// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/kept_values.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/engine/fake_target.hh"
#include "harness/engine/run_for_test.hh"

// What is kept of packets, and whether it is predictable.
namespace packetwright::engine {
namespace {

using packet::Dissected;
using packet::Field;
using ::testing::HasSubstr;

constexpr std::uint64_t kSyn = 0x002, kAck = 0x010;

KeptValues::List list_of(unsigned width, std::vector<std::uint32_t> values) {
  return {width, std::move(values)};
}

TEST(FollowFromOneAnother, AStepIsFoundOutAcrossTheWrap) {
  EXPECT_TRUE(follow_from_one_another(list_of(32, {7, 7, 7, 7, 7})));
  EXPECT_TRUE(follow_from_one_another(list_of(32, {0xfffffff0, 0, 0x10, 0x20, 0x30})));
  EXPECT_TRUE(follow_from_one_another(list_of(16, {0xfffe, 0xffff, 0, 1, 2, 3, 4, 5})));
  EXPECT_TRUE(follow_from_one_another(list_of(32, {0x50000000, 0x40000000, 0x30000000})))
      << "downwards";
}

TEST(FollowFromOneAnother, AClockIsFoundOutWhateverItsSteps) {
  // 250,000 a second, looked at about once a second.
  EXPECT_TRUE(follow_from_one_another(list_of(32, {0, 250'000, 499'000, 751'000, 1'000'500})));
}

TEST(FollowFromOneAnother, OneStepThatChanceMadeIsEnough) {
  EXPECT_FALSE(follow_from_one_another(list_of(32, {100, 200, 300, 400, 400 + 100 + 65'537})));
  EXPECT_TRUE(follow_from_one_another(list_of(32, {100, 200, 300, 400, 400 + 100 + 65'536})));
  EXPECT_FALSE(follow_from_one_another(list_of(32, {0x80000000, 0, 0, 0, 0})));
  EXPECT_FALSE(follow_from_one_another(list_of(16, {100, 200, 300, 657})));
}

TEST(ValuesNeeded, LeaveChanceOneInTwoToTheForty) {
  EXPECT_EQ(values_needed(32), 5u) << "3 * 15 bits";
  EXPECT_EQ(values_needed(16), 8u) << "6 * 7 bits";
  EXPECT_EQ(values_needed(8), 16u) << "14 * 3 bits";
}

// Answers each SYN with the next of these numbers.
FakeTarget with_isns(std::vector<std::uint32_t> isns) {
  FakeTarget target;
  target.on_inject = [isns, next = std::size_t{0}](FakeTarget& self,
                                                   const Dissected& frame) mutable {
    self.send(self.segment(kSyn | kAck, isns.at(next++), frame.u32(Field::tcp_seq) + 1));
  };
  return target;
}

// Opens a connection for each letter, and keeps the number of each SYN,ACK.
std::string opening(std::string_view letters) {
  std::string text;
  for (const char letter : letters) {
    const std::string label = std::string("@") + letter;
    text += "+0 < " + label + " S 0:0(0) win 1000\n+0 > " + label +
            " S. 0:0(0) ack 1 <...> {tcp.seq=keep isn}\n";
  }
  return text;
}

TEST(Unpredictable, HoldsWhereNothingFollows) {
  FakeTarget target = with_isns({1, 2, 3, 4, 0x80000000});
  const Outcome outcome = run_strict(opening("abcde") + "+0 = unpredictable(isn)\n", target);
  EXPECT_EQ(failure_text(outcome), "passed");
  EXPECT_EQ(outcome.assertions_checked, 6u);
}

TEST(Unpredictable, FailsWithTheNumbersOfTheWire) {
  FakeTarget target = with_isns({6510, 6512, 6514, 6516, 6518});
  EXPECT_THAT(
      failure_text(run_strict(opening("abcde") + "+0 = unpredictable(isn)\n", target)),
      HasSubstr("expected +0 = unpredictable(isn)\n  actual   isn 6510 6512 6514 6516 6518"));
}

TEST(Unpredictable, NeedsEnoughValues) {
  FakeTarget target = with_isns({1, 2, 3, 4});
  EXPECT_THAT(failure_text(run_strict(opening("abcd") + "+0 = unpredictable(isn)\n", target)),
              HasSubstr("of isn 4 values were kept, and at least 5 tell"));
  FakeTarget other = with_isns({1});
  EXPECT_THAT(failure_text(run_strict(opening("a") + "+0 = unpredictable(port)\n", other)),
              HasSubstr("of port 0 values were kept"));
}

TEST(KeepValues, TheFieldIsNotCompared) {
  FakeTarget target = with_isns({5});
  const Outcome outcome = run_strict(
      "0 < S 0:0(0) win 1000\n+0 > S. 0:0(0) ack 1 <...> {ip.ttl=keep x, tcp.dst_port=keep y}\n",
      target);
  EXPECT_EQ(failure_text(outcome), "passed");
}

TEST(KeepValues, WhatCannotBeKeptIsAnErrorOfTheScript) {
  const auto text_of = [](const std::string& overrides) {
    FakeTarget target = with_isns({5});
    return failure_text(run_strict(
        "0 < S 0:0(0) win 1000\n+0 > S. 0:0(0) ack 1 <...> {" + overrides + "}\n", target));
  };
  EXPECT_THAT(text_of("ip.ttl=keep x, tcp.seq=keep x"), HasSubstr("has another width"));
  EXPECT_THAT(text_of("eth.dst=keep x"), HasSubstr("8 to 32 bits, and this one 48"));
  EXPECT_THAT(text_of("tcp.psh=keep x"), HasSubstr("8 to 32 bits, and this one 1"));
  EXPECT_THAT(text_of("udp.length=keep x"), HasSubstr("the packet has no such header"));
  FakeTarget target;
  EXPECT_THAT(failure_text(run_strict("0 < S 0:0(0) win 1000 {tcp.seq=keep x}\n", target)),
              HasSubstr("`keep` is for packets that are expected"));
}

}  // namespace
}  // namespace packetwright::engine
