// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/engine/fake_target.hh"
#include "harness/engine/run_for_test.hh"

// Live values: what a packet of a script makes of what the stack under test has told its peer.
namespace packetwright::engine {
namespace {

using packet::Dissected;
using packet::Field;
using packet::HeaderOption;
using packet::Wide;
using ::testing::HasSubstr;

constexpr std::uint64_t kFin = 0x001, kSyn = 0x002, kRst = 0x004, kAck = 0x010;
constexpr std::uint32_t kIss = 0xfffffff0;  // wraps soon
constexpr std::uint16_t kWindow = 5000;     // of every segment of FakeTarget

HeaderOption window_scale(std::uint8_t shift) {
  return {3, {shift}, {}, {}};
}

// Answers every SYN without ACK with a SYN,ACK that offers to scale its windows by `shift`, and
// calls `then` for every other frame.
FakeTarget scaling(std::uint8_t shift,
                   std::function<void(FakeTarget&, const Dissected&)> then = {}) {
  FakeTarget target;
  target.on_inject = [=](FakeTarget& self, const Dissected& frame) {
    if ((frame.u32(Field::tcp_flags) & (kSyn | kAck)) != kSyn) {
      if (then) then(self, frame);
      return;
    }
    self.send(self.segment(kSyn | kAck, kIss, frame.u32(Field::tcp_seq) + 1, 0,
                           {window_scale(shift), {1, {}, {}, {}}}));
  };
  return target;
}

const std::string kHandshake =
    "0 < S 0:0(0) win 1000\n"
    "+0 > S. 0:0(0) ack 1 <...>\n"
    "+0 < . 1:1(0) ack 1 win 1000\n";
const std::string kScalingHandshake =
    "0 < S 0:0(0) win 1000 <wscale 2,nop>\n"
    "+0 > S. 0:0(0) ack 1 <...>\n"
    "+0 < . 1:1(0) ack 1 win 1000\n";

// The last segment that the script sent, after it passed.
const Dissected& last_of(const Outcome& outcome, const FakeTarget& target) {
  EXPECT_EQ(failure_text(outcome), "passed");
  return target.injected.back();
}

TEST(LiveValues, TheRightEdgeIsTheAckAndTheWindowOfTheStack) {
  FakeTarget target = scaling(0);
  const std::string edge = "${rcv.nxt+rcv.wnd}";
  const Outcome outcome = run_strict(kHandshake + "+0 < R " + edge + ":" + edge + "(0)\n", target);
  EXPECT_EQ(last_of(outcome, target).u32(Field::tcp_seq), 1u + kWindow);
}

TEST(LiveValues, WindowsAreScaledIfBothOfferedItButNotThatOfASyn) {
  const auto window_after = [](const std::string& text, FakeTarget target) {
    const std::string edge = "${rcv.nxt+rcv.wnd}";
    const Outcome outcome = run_strict(text + "+0 < R " + edge + ":" + edge + "(0)\n", target);
    return last_of(outcome, target).u32(Field::tcp_seq) - 1;
  };
  const auto acks = [](FakeTarget& self, const Dissected& frame) {
    if (frame.payload().size() == 1) self.send(self.segment(kAck, kIss + 1, 1));
  };
  EXPECT_EQ(window_after(kScalingHandshake, scaling(7, acks)), kWindow);
  const std::string segment = "+0 < . 1:2(1) ack 1 win 1000\n+0 > . 1:1(0) ack 1\n";
  EXPECT_EQ(window_after(kScalingHandshake + segment, scaling(7, acks)), kWindow << 7);
  EXPECT_EQ(window_after(kHandshake + segment, scaling(7, acks)), kWindow)
      << "the peer did not offer it";
  EXPECT_EQ(window_after(kScalingHandshake + segment, scaling(200, acks)), kWindow << 14)
      << "a shift above 14 counts as 14";
}

TEST(LiveValues, ALaterSynOfThePeerDoesNotChangeTheScale) {
  FakeTarget target = scaling(2);
  target.on_inject = [first = target.on_inject](FakeTarget& self, const Dissected& frame) {
    // The second SYN draws a challenge ACK.
    if (self.injected.size() == 3) return self.send(self.segment(kAck, kIss + 1, 1));
    first(self, frame);
  };
  const Outcome outcome = run_strict(kScalingHandshake +
                                         "+0 < S 1:1(0) win 1000\n"
                                         "+0 > . 1:1(0) ack 1\n"
                                         "+0 < R ${rcv.wnd}:${rcv.wnd}(0)\n",
                                     target);
  EXPECT_EQ(last_of(outcome, target).u32(Field::tcp_seq), std::uint32_t{kWindow} << 2);
}

TEST(LiveValues, AWindowThatWasAnnouncedIsNotTakenBack) {
  FakeTarget target = scaling(0, [](FakeTarget& self, const Dissected& frame) {
    // Both segments say 5000, so that the edge stands at 6001 after the first.
    if (!frame.payload().empty()) {
      self.send(self.segment(kAck, kIss + 1, 1001));
      self.send(self.segment(kAck, kIss + 1, 501));
    }
  });
  const Outcome outcome = run_strict(kHandshake +
                                         "+0 < . 1:1001(1000) ack 1 win 1000\n"
                                         "+0 > . 1:1(0) ack 1001\n"
                                         "+0 > . 1:1(0) ack 501\n"
                                         "+0 < . ${rcv.nxt}:${rcv.nxt}(0) ack ${rcv.wnd}\n",
                                     target);
  const Dissected& frame = last_of(outcome, target);
  EXPECT_EQ(frame.u32(Field::tcp_seq), 1001u);
  EXPECT_EQ(frame.u32(Field::tcp_ack), kIss + kWindow);
}

TEST(LiveValues, WhatTheStackHasSentAndWhatOfItWasAcknowledged) {
  FakeTarget target = scaling(0, [](FakeTarget& self, const Dissected& frame) {
    if (frame.payload().empty()) return;
    self.send(self.segment(kAck | kFin, kIss + 1, 2, 100));
  });
  const Outcome outcome = run_strict(kHandshake +
                                         "+0 < . 1:2(1) ack 1 win 1000\n"
                                         "+0 > F. 1:101(100) ack 2 hex \"" +
                                         std::string(200, '0') +
                                         "\"\n"
                                         "+0 < . 2:2(0) ack 51 win 1000\n"
                                         "+0 < . 2:2(0) ack 103 win 1000\n"
                                         "+0 < . 2:2(0) ack ${snd.una} win 1000 "
                                         "<nop,nop,sack ${snd.una+10}:${snd.nxt}>\n",
                                     target);
  const Dissected& frame = last_of(outcome, target);
  EXPECT_EQ(frame.u32(Field::tcp_ack), kIss + 51) << "103 is above SND.NXT";
  const auto options = frame.options(*frame.find(packet::Proto::tcp));
  EXPECT_EQ(load_be32(options[2].data, 0), kIss + 61);
  EXPECT_EQ(load_be32(options[2].data, 4), kIss + 102);
}

TEST(LiveValues, NumbersBelowZeroWrapAround) {
  FakeTarget target = scaling(0);
  const Outcome outcome =
      run_strict(kHandshake + "+0 < . 1:1(0) ack ${snd.una-70000} win 1000\n", target);
  EXPECT_EQ(last_of(outcome, target).u32(Field::tcp_ack), kIss + 1 - 70000);
}

TEST(LiveValues, NumbersOfASynAreAbsolute) {
  FakeTarget target = scaling(0);
  const Outcome outcome = run_strict(
      "0 < S 1000:1000(0) win 1000\n"
      "+0 > S. 500:500(0) ack 1001 <...>\n"
      "+0 < S. ${rcv.nxt+5}:${rcv.nxt+5}(0) ack ${snd.nxt} win 1000\n",
      target);
  const Dissected& frame = last_of(outcome, target);
  EXPECT_EQ(frame.u32(Field::tcp_seq), 1006u);
  EXPECT_EQ(frame.u32(Field::tcp_ack), kIss + 1);
}

TEST(LiveValues, AResetOfTheStackTellsNothing) {
  FakeTarget target = scaling(0, [](FakeTarget& self, const Dissected& frame) {
    if (!frame.payload().empty()) self.send(self.segment(kRst | kAck, kIss + 9000, 7000));
  });
  const Outcome outcome = run_strict(kHandshake +
                                         "+0 < . 1:2(1) ack 1 win 1000\n"
                                         "+0 > R. 9000:9000(0) ack 7000\n"
                                         "+0 < . ${rcv.nxt}:${rcv.nxt}(0) ack ${snd.nxt}\n",
                                     target);
  const Dissected& frame = last_of(outcome, target);
  EXPECT_EQ(frame.u32(Field::tcp_seq), 1u);
  EXPECT_EQ(frame.u32(Field::tcp_ack), kIss + 1);
}

TEST(LiveValues, WhatIsIgnoredCounts) {
  FakeTarget target = scaling(0, [](FakeTarget& self, const Dissected& frame) {
    if (frame.payload().empty()) return;
    self.send_at(self.now() + 1s, self.segment(kAck, kIss + 1, 2, 100));
  });
  const Outcome outcome = run_strict(kHandshake +
                                         "+0 < . 1:2(1) ack 1 win 1000\n"
                                         "+0 ignore 2\n"
                                         "+0 < . ${rcv.nxt}:${rcv.nxt}(0) ack ${snd.nxt}\n",
                                     target);
  const Dissected& frame = last_of(outcome, target);
  EXPECT_EQ(frame.u32(Field::tcp_seq), 2u);
  EXPECT_EQ(frame.u32(Field::tcp_ack), kIss + 101);
}

TEST(LiveValues, InAnExpectedPacketTheyAreThoseFromBeforeIt) {
  const auto run_expecting = [](const std::string& ack) {
    FakeTarget target = scaling(0, [](FakeTarget& self, const Dissected& frame) {
      if (!frame.payload().empty()) self.send(self.segment(kAck, kIss + 1, 11));
    });
    return run_strict(kHandshake +
                          "+0 < . ${rcv.nxt}:${rcv.nxt+10}(10) ack 1\n"
                          "+0 > . ${snd.nxt}:${snd.nxt}(0) ack " +
                          ack + "\n",
                      target);
  };
  EXPECT_EQ(failure_text(run_expecting("${rcv.nxt+10}")), "passed");
  EXPECT_EQ(failure_text(run_expecting("${rcv.nxt}")),
            "failed: expected > . 1:1(0) ack 1, got > . 1:1(0) ack 11 win 5000\n"
            "line 5\n"
            "  expected +0 > . 1:1(0) ack 1\n"
            "  actual   +0 > . 1:1(0) ack 11 win 5000\n"
            "    tcp.ack: want 1, got 11");
}

TEST(LiveValues, TheHistoryShowsNumbers) {
  FakeTarget target = scaling(0);
  const Outcome outcome =
      run_strict(kHandshake + "+0 < R ${rcv.nxt+rcv.wnd-1}:${rcv.nxt+rcv.wnd-1}(0)\n", target);
  std::string texts;
  for (const HistoryEntry& entry : outcome.history) texts += entry.text + "\n";
  EXPECT_THAT(texts, HasSubstr("< R 5000:5000(0)\n"));
}

TEST(LiveValues, EachConnectionHasItsOwn) {
  FakeTarget target = scaling(0, [](FakeTarget& self, const Dissected& frame) {
    if (frame.payload().size() == 10) self.send(self.segment(kAck, kIss + 1, 11));
  });
  const Outcome outcome = run_strict(kHandshake +
                                         "+0 < . 1:11(10) ack 1 win 1000\n"
                                         "+0 > . 1:1(0) ack 11\n"
                                         "+0 < @b S 0:0(0) win 1000\n"
                                         "+0 > @b S. 0:0(0) ack 1 <...>\n"
                                         "+0 < @b . ${rcv.nxt}:${rcv.nxt}(0) ack 1 win 1000\n",
                                     target);
  EXPECT_EQ(last_of(outcome, target).u32(Field::tcp_seq), 1u);
}

TEST(LiveValues, AnIcmpErrorMayQuoteThem) {
  FakeTarget target = scaling(0);
  const Outcome outcome = run_strict(
      kHandshake + "+0 < icmp unreachable host_unreachable [${snd.nxt}:${snd.nxt+5}(5)]\n", target);
  const Dissected& frame = last_of(outcome, target);
  EXPECT_EQ(frame.u32(Field::tcp_seq, true), kIss + 1);
}

std::string error_of(const std::string& text, FakeTarget target = scaling(0)) {
  const Outcome outcome = run_strict(text, target);
  EXPECT_EQ(outcome.fault, Fault::script);
  return std::to_string(outcome.reason_line) + ": " + outcome.reason;
}

TEST(LiveValues, WhatIsNotKnownYetIsAnErrorOfTheCase) {
  EXPECT_EQ(error_of("0 < S 0:0(0) win 1000\n+0 < R ${rcv.nxt}:${rcv.nxt}(0)\n"),
            "2: rcv.nxt is not known here: no packet of this connection that the script has seen "
            "tells it");
  EXPECT_THAT(error_of("0 < . 1:1(0) ack ${snd.nxt} win 1000\n"), HasSubstr("1: snd.nxt is not"));
  EXPECT_THAT(error_of("0 < . 1:1(0) ack ${1+rcv.wnd} win 1\n"), HasSubstr("1: rcv.wnd is not"));
  EXPECT_THAT(error_of("0 < . 1:1(0) ack ${snd.una} win 1000\n"), HasSubstr("1: snd.una is not"));
}

TEST(LiveValues, WhatDoesNotFitIsAnErrorOfTheCase) {
  EXPECT_EQ(error_of(kHandshake + "+0 < . ${rcv.nxt}:${rcv.nxt+9}(10) ack 1 win 1000\n"),
            "4: inconsistent sequence numbers: 1 + 10 is 11, not 10");
  EXPECT_EQ(error_of(kHandshake + "+0 < . 1:${1+rcv.wnd*20}(${rcv.wnd*20}) ack 1 win 1000\n"),
            "4: a packet cannot carry 100000 octets");
  EXPECT_EQ(error_of(kHandshake + "+0 < . 1:1(${0-rcv.wnd}) ack 1 win 1000\n"),
            "4: a packet cannot carry -5000 octets");
  EXPECT_EQ(error_of(kHandshake + "+0 < . 1:1(0) ack ${rcv.wnd*9223372036854775807} win 1\n"),
            "4: the value of a formula does not fit in 64 bits");
}

}  // namespace
}  // namespace packetwright::engine
