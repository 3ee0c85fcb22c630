// SPDX-License-Identifier: Apache-2.0
#include "harness/trace/player.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/targets/reference/reference_target.hh"
#include "harness/trace/codec.hh"
#include "stack/base/rng.hh"

namespace packetwright::trace {
namespace {

using testing::IsEmpty;

Segment segment(wire::TcpFlags flags, std::uint16_t length = 0) {
  Segment out;
  out.flags = flags;
  out.length = length;
  return out;
}
Call call(CallKind kind, std::uint16_t amount = 0) {
  return {0, kind, amount};
}
const wire::TcpFlags kSyn = wire::tcp_flag::syn, kAck = wire::tcp_flag::ack,
                     kFin = wire::tcp_flag::fin | wire::tcp_flag::ack;

// A server that is asked, answers and closes.
std::vector<Event> server_life() {
  return {call(CallKind::listen),
          segment(kSyn),
          segment(kAck),
          call(CallKind::accept),
          segment(kAck, 500),
          call(CallKind::read, 1'000),
          call(CallKind::write, 700),
          segment(kAck),
          call(CallKind::close),
          segment(kFin),
          segment(kAck)};
}

class PlayerTest : public testing::TestWithParam<Family> {
 protected:
  Outcome play(std::vector<Event> events, PlayOptions options = {}) {
    options.keep_steps = options.keep_reached = true;
    auto outcome = Player{target_}.play({GetParam(), 7, std::move(events)}, options);
    EXPECT_TRUE(outcome.ok());
    return std::move(*outcome);
  }
  static bool reached(const Outcome& outcome, targets::TcpState state, const Event& event) {
    return outcome.reached.test(reached_index(state, kind_of(event)));
  }

  reference::ReferenceTarget target_;
};
INSTANTIATE_TEST_SUITE_P(Families, PlayerTest, testing::Values(Family::ipv4, Family::ipv6));

std::string text_of(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& one : findings) text += std::string(name_of(one.rule)) + ": " + one.what;
  return text;
}

TEST_P(PlayerTest, NumbersFitTheConnectionAsItIs) {
  const Outcome outcome = play(server_life());
  EXPECT_EQ(text_of(outcome.findings), "");
  EXPECT_TRUE(reached(outcome, targets::TcpState::established, segment(kAck, 500)));
  EXPECT_TRUE(reached(outcome, targets::TcpState::established, call(CallKind::close)));
}

TEST_P(PlayerTest, AClientIsAnsweredWhereItAsks) {
  const Outcome outcome = play(
      {call(CallKind::connect), segment(kSyn | kAck), call(CallKind::write, 900), segment(kAck, 40),
       call(CallKind::read, 100), segment(kFin), call(CallKind::close), segment(kAck)});
  EXPECT_EQ(text_of(outcome.findings), "");
  EXPECT_TRUE(reached(outcome, targets::TcpState::close_wait, call(CallKind::close)));
}

TEST_P(PlayerTest, TheSameTraceIsTheSameRun) {
  const Outcome first = play(server_life()), again = play(server_life());
  EXPECT_EQ(first.hash, again.hash);
  auto other = server_life();
  other.resize(6);
  EXPECT_NE(play(other).hash, first.hash);
}

TEST_P(PlayerTest, ChanceFindsNothingInTheReferenceStack) {
  Rng rng{GetParam() == Family::ipv4 ? 4u : 6u};
  for (int round = 0; round < 500; ++round) {
    Buffer octets(kPreambleSize + 24 * kEventSize);
    rng.fill(octets);
    Trace trace = decode(octets);
    trace.family = GetParam();
    auto outcome = Player{target_}.play(trace, {});
    ASSERT_TRUE(outcome.ok());
    ASSERT_EQ(text_of(outcome->findings), "") << "round " << round;
  }
}

}  // namespace
}  // namespace packetwright::trace
