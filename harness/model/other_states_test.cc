// SPDX-License-Identifier: Apache-2.0
// RFC 9293, 3.10.7.4, with RFC 5961 and RFC 7323.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/model/model_test_support.hh"

namespace packetwright::model {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

constexpr State kSynchronized[] = {State::established, State::fin_wait_1, State::fin_wait_2,
                                   State::close_wait,  State::closing,    State::last_ack,
                                   State::time_wait};

// The same state, no reply; or the ACK of an unacceptable segment.
std::string silence_in(State state) {
  return "- " + std::string(name_of(state));
}
std::string ack_in(State state) {
  return "ack " + std::to_string(at(state).rcv_nxt.value()) + " " + std::string(name_of(state));
}

TEST(SequenceTest, TheFourCasesOfTheTable) {  // 3.10.7.4, first
  for (const State state : kSynchronized) {
    const Variables v = at(state);
    const std::uint32_t nxt = v.rcv_nxt.value(), una = v.snd_una.value();
    EXPECT_EQ(first(v, segment(".", nxt + kWindow - 1, una)), silence_in(state));
    EXPECT_EQ(first(v, segment(".", nxt + kWindow, una)), ack_in(state));
    EXPECT_EQ(first(v, segment(".", nxt - 1, una)), ack_in(state));
    EXPECT_EQ(first(v, segment(".", nxt - 10, una, 10)), ack_in(state));
    EXPECT_EQ(first(v, segment(".", nxt + kWindow, una, 10)), ack_in(state));
  }
}

TEST(SequenceTest, AClosedWindowTakesNoTextButActsOnTheRest) {  // MUST-66
  Variables v = at(State::established);
  v.rcv_wnd = 0;
  v.snd_nxt = SeqNum{1001};
  const Segment probe = segment(".", 1, 1001, 1);
  const Outcome outcome = segment_arrives(v, probe, Choices{}).front();
  EXPECT_EQ(text_of(outcome), "ack 1 ESTABLISHED");
  EXPECT_EQ(outcome.after.snd_una, SeqNum{1001});
  EXPECT_EQ(first(v, segment("R", 1, 0, 10)), "- CLOSED error");
  EXPECT_EQ(first(v, segment(".", 1, 1)), "- ESTABLISHED");
  EXPECT_EQ(first(v, segment(".", 2, 1)), "ack 1 ESTABLISHED");
  EXPECT_EQ(first(v, segment("F.", 1, 1)), "ack 1 ESTABLISHED");
}

TEST(RstTest, AtRcvNxtInTheWindowAndOutside) {  // RFC 5961, 3.2
  for (const State state : kSynchronized) {
    const Variables v = at(state);
    const std::uint32_t nxt = v.rcv_nxt.value();
    const bool silent =
        state == State::closing || state == State::last_ack || state == State::time_wait;
    EXPECT_EQ(first(v, segment("R", nxt)), silent ? "- CLOSED" : "- CLOSED error");
    EXPECT_EQ(first(v, segment("R", nxt + 1)), ack_in(state));
    EXPECT_EQ(first(v, segment("R", nxt + kWindow - 1)), ack_in(state));
    EXPECT_EQ(first(v, segment("R", nxt + kWindow)), silence_in(state));
    EXPECT_EQ(first(v, segment("R", nxt - 1)), silence_in(state));
    // Acceptable for its last octet alone: still not in the window.
    EXPECT_EQ(first(v, segment("R", nxt - 1, 0, 10)), silence_in(state));
  }
}

TEST(RstTest, SynReceivedGoesBackToWhereItCameFrom) {  // 3.10.7.4, second
  Variables v = at(State::syn_received);
  EXPECT_EQ(first(v, segment("R", 1)), "- LISTEN");
  v.passive = false;
  EXPECT_EQ(first(v, segment("R", 1)), "- CLOSED error");
}

TEST(RstTest, OneBeyondTheWindowMayBeChallengedWhereATargetSaysSo) {
  Choices choices;
  ASSERT_TRUE(choices.set(Point::rst_at_right_edge, std::vector<std::string>{"challenge"}).ok());
  EXPECT_THAT(all(at(State::established), segment("R", 1 + kWindow), choices),
              ElementsAre("ack 1 ESTABLISHED"));
}

TEST(SynTest, IsChallengedWhateverItsNumber) {  // RFC 5961, 4.2
  for (const State state : kSynchronized) {
    const Variables v = at(state);
    const std::uint32_t nxt = v.rcv_nxt.value(), una = v.snd_una.value();
    for (const std::uint32_t seq : {nxt - 100, nxt, nxt + 100, nxt + kWindow + 1}) {
      EXPECT_EQ(first(v, segment("S.", seq, una)), ack_in(state)) << seq;
      if (state == State::time_wait) continue;
      EXPECT_EQ(first(v, segment("S", seq)), ack_in(state)) << seq;
    }
  }
}

TEST(SynTest, InSynReceivedFromListenEndsTheAttempt) {  // 3.10.7.4, fourth
  Variables v = at(State::syn_received);
  EXPECT_EQ(first(v, segment("S", 1)), "- LISTEN");
  v.passive = false;
  EXPECT_EQ(first(v, segment("S", 1)), "ack 1 SYN-RECEIVED");
}

TEST(SynTest, ThatComesAgainIsAnsweredEitherWay) {
  EXPECT_THAT(all(at(State::syn_received), segment("S", 0)),
              ElementsAre("ack 1 SYN-RECEIVED", "syn_ack 1 SYN-RECEIVED"));
}

TEST(SynTest, OfASimultaneousOpenMayEstablish) {  // figure 7
  Variables v = at(State::syn_received);
  v.passive = false;
  Choices choices;
  ASSERT_TRUE(choices.set(Point::repeated_syn, std::vector<std::string>{"ack"}).ok());
  EXPECT_THAT(all(v, segment("S.", 0, 1), choices),
              ElementsAre("ack 1 SYN-RECEIVED", "ack 1 ESTABLISHED"));
}

TEST(AckTest, WithoutTheFlagNothingIsTaken) {  // 3.10.7.4, fifth
  for (const State state : kSynchronized) {
    const std::uint32_t nxt = at(state).rcv_nxt.value();
    EXPECT_EQ(first(at(state), segment("", nxt, 0, 10)), silence_in(state));
    EXPECT_EQ(first(at(state), segment("F", nxt)), silence_in(state));
  }
}

TEST(AckTest, InSynReceived) {
  const Variables v = at(State::syn_received);
  EXPECT_EQ(first(v, segment(".", 1, 1)), "- ESTABLISHED");
  EXPECT_EQ(first(v, segment("F.", 1, 1, 10)), "ack 12 CLOSE-WAIT text 10 end");
  EXPECT_THAT(all(v, segment(".", 1, 2)), ElementsAre("rst 2 SYN-RECEIVED", "ack 1 SYN-RECEIVED"));
  EXPECT_EQ(first(v, segment(".", 1, 0)), "rst 0 SYN-RECEIVED");
}

TEST(AckTest, OutOfRange) {  // RFC 5961, 5.2
  for (const State state : {State::established, State::fin_wait_1, State::fin_wait_2,
                            State::close_wait, State::closing}) {
    const Variables v = at(state);
    const std::uint32_t nxt = v.rcv_nxt.value();
    const std::uint32_t una = v.snd_una.value(), sent = v.snd_nxt.value();
    EXPECT_EQ(first(v, segment(".", nxt, sent + 1, 10)), ack_in(state));
    EXPECT_EQ(first(v, segment(".", nxt, una - kWindow - 1, 10)), ack_in(state));
  }
  EXPECT_EQ(first(at(State::established), segment(".", 1, 1 - kWindow, 10)),
            "ack 11 ESTABLISHED text 10");
}

TEST(AckTest, OfOurFin) {
  EXPECT_EQ(first(at(State::fin_wait_1), segment(".", 1, 2)), "- FIN-WAIT-2");
  EXPECT_EQ(first(at(State::fin_wait_1), segment(".", 1, 1)), "- FIN-WAIT-1");
  EXPECT_EQ(first(at(State::closing), segment(".", 2, 2)), "- TIME-WAIT");
  EXPECT_EQ(first(at(State::closing), segment(".", 2, 1)), "- CLOSING");
  EXPECT_EQ(first(at(State::last_ack), segment(".", 2, 2)), "- CLOSED");
  EXPECT_EQ(first(at(State::last_ack), segment(".", 2, 1)), "- LAST-ACK");
}

TEST(AckTest, UpdatesTheWindowUnlessTheSegmentIsOlder) {
  Variables v = at(State::established);
  v.snd_wl1 = SeqNum{1};
  v.snd_wl2 = SeqNum{1};
  Segment seg = segment(".", 1, 1);
  seg.win = 7;
  EXPECT_EQ(segment_arrives(v, seg, Choices{}).front().after.snd_wnd, 7u);
  seg.ack = SeqNum{0};
  EXPECT_EQ(segment_arrives(v, seg, Choices{}).front().after.snd_wnd, kWindow);
  seg.ack = SeqNum{1};
  v.snd_wl1 = SeqNum{2};
  EXPECT_EQ(segment_arrives(v, seg, Choices{}).front().after.snd_wnd, kWindow);
}

TEST(AckTest, OfEqualNumbersMayTakeLargerWindowsOnlyWhereATargetSaysSo) {
  Variables v = at(State::established);
  v.snd_wl1 = v.snd_wl2 = SeqNum{1};
  Choices choices;
  ASSERT_TRUE(choices.set(Point::window_of_equal_numbers, std::vector<std::string>{"larger"}).ok());
  Segment seg = segment(".", 1, 1);
  seg.win = 7;
  EXPECT_EQ(segment_arrives(v, seg, choices).front().after.snd_wnd, kWindow);
  v.snd_wnd = 3;
  EXPECT_EQ(segment_arrives(v, seg, choices).front().after.snd_wnd, 7u);
}

TEST(TextTest, IsTrimmedToWhatIsNewAndInside) {  // 3.10.7.4, seventh
  const Variables v = at(State::established);
  EXPECT_EQ(first(v, segment(".", 1, 1, 10)), "ack 11 ESTABLISHED text 10");
  EXPECT_EQ(first(v, segment(".", 0, 1, 10)), "ack 10 ESTABLISHED text 9");
  EXPECT_EQ(first(v, segment(".", 2, 1, 10)), "ack 1 ESTABLISHED");  // a gap
  Variables narrow = v;
  narrow.rcv_wnd = 4;
  EXPECT_EQ(first(narrow, segment(".", 1, 1, 10)), "ack 5 ESTABLISHED text 4");
  EXPECT_EQ(first(narrow, segment("F.", 1, 1, 10)), "ack 5 ESTABLISHED text 4");
}

TEST(TextTest, InOrderMayBeAcknowledgedLaterAGapMayNot) {  // MUST-40, MAY-13
  const Variables v = at(State::established);
  EXPECT_TRUE(segment_arrives(v, segment(".", 1, 1, 10), Choices{}).front().may_wait);
  EXPECT_FALSE(segment_arrives(v, segment(".", 2, 1, 10), Choices{}).front().may_wait);
}

TEST(TextTest, AfterTheFinOfThePeerIsIgnored) {
  EXPECT_THAT(all(at(State::close_wait), segment(".", 2, 1, 10)),
              ElementsAre("- CLOSE-WAIT", "ack 2 CLOSE-WAIT"));
}

TEST(TextTest, AnUrgentOctetMayLeaveTheStream) {  // RFC 6093, 3.1
  Segment seg = segment(".", 1, 1, 10);
  seg.urgent = true;
  seg.urgent_pointer = 1;
  const auto outcomes = segment_arrives(at(State::established), seg, Choices{});
  ASSERT_EQ(outcomes.size(), 2u);
  EXPECT_EQ(outcomes[0].out_of_band, std::nullopt);
  EXPECT_EQ(outcomes[1].out_of_band, 0u);
}

TEST(FinTest, LeadsWhereTheTextSays) {  // 3.10.7.4, eighth
  EXPECT_EQ(first(at(State::established), segment("F.", 1, 1)), "ack 2 CLOSE-WAIT end");
  EXPECT_EQ(first(at(State::fin_wait_1), segment("F.", 1, 1)), "ack 2 CLOSING end");
  EXPECT_EQ(first(at(State::fin_wait_1), segment("F.", 1, 2)), "ack 2 TIME-WAIT end");
  EXPECT_EQ(first(at(State::fin_wait_2), segment("F.", 1, 2)), "ack 2 TIME-WAIT end");
  EXPECT_EQ(first(at(State::established), segment("F.", 2, 1)), "ack 1 ESTABLISHED");
}

TEST(FinTest, ASecondOneChangesNothing) {
  EXPECT_THAT(all(at(State::close_wait), segment("F.", 2, 1)),
              ElementsAre("ack 2 CLOSE-WAIT", "- CLOSE-WAIT"));
}

TEST(TimestampTest, AnOldOneDrawsAnAck) {  // RFC 7323, 5.3, R1
  for (const State state : kSynchronized) {
    const Variables v = with_timestamps(at(state), 1000);
    Segment seg = segment(".", v.rcv_nxt.value(), v.snd_una.value(), 10);
    seg.tsval = 999;
    EXPECT_EQ(first(v, seg), ack_in(state));
    seg.tsval.reset();
    EXPECT_EQ(first(v, seg), silence_in(state));  // 3.2
  }
}

TEST(TimestampTest, ARstIsNotTested) {
  Segment seg = segment("R", 1);
  seg.tsval = 1;
  EXPECT_EQ(first(with_timestamps(at(State::established), 1000), seg), "- CLOSED error");
}

TEST(TimestampTest, TsRecentIsThatOfSegmentsUpToTheLastAck) {  // R3
  const Variables v = with_timestamps(at(State::established), 1000);
  const auto recent_after = [&](std::uint32_t seq) {
    Segment seg = segment(".", seq, 1, 10);
    seg.tsval = 1010;
    return segment_arrives(v, seg, Choices{}).front().after.ts_recent;
  };
  EXPECT_EQ(recent_after(1), 1010u);
  EXPECT_EQ(recent_after(2), 1000u);
  EXPECT_EQ(recent_after(1 - 20), 1000u);  // below the window, by section 5.3
}

TEST(TimestampTest, OfARefusedSegmentMayBeKept) {
  const Variables v = with_timestamps(at(State::established), 1000);
  Segment seg = segment("S", 1);
  seg.tsval = 1010;
  const auto outcomes = segment_arrives(v, seg, Choices{});
  ASSERT_EQ(outcomes.size(), 2u);
  EXPECT_EQ(outcomes[0].after.ts_recent, 1010u);
  EXPECT_EQ(outcomes[1].after.ts_recent, 1000u);
}

}  // namespace
}  // namespace packetwright::model
