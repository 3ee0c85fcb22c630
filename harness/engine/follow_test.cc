// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/engine/fake_target.hh"
#include "harness/engine/run_for_test.hh"
#include "harness/packet/print.hh"

// Replays: the same record against a target that sends this and that.
namespace packetwright::engine {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr std::uint64_t kFin = 0x001, kSyn = 0x002, kRst = 0x004, kAck = 0x010;

constexpr const char* kOpening =
    "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
    "+0 bind(3, ..., ...) = 0\n"
    "+0 listen(3, 1) = 0\n"
    "+0 < S 0:0(0) win 1000\n"
    "+0 > S. 0:0(0) ack 1\n"
    "+0 < . 1:1(0) ack 1 win 1000\n";

// Answers the SYN, and then lets `reaction` speak for every other frame.
class Answering : public FakeTarget {
 public:
  explicit Answering(std::function<void(FakeTarget&, int)> reaction) {
    on_inject = [this, reaction](FakeTarget& self, const packet::Dissected& frame) {
      const auto flags = frame.get(packet::Field::tcp_flags);
      if (flags == packet::Wide{kSyn}) return self.send(self.segment(kSyn | kAck, 7000, 1));
      reaction(self, count_++);
    };
  }

 private:
  int count_ = 0;
};

Outcome followed(const std::string& text, targets::Target& target) {
  RunOptions options;
  options.follow = true;
  return run_text(kOpening + text, target, options);
}

constexpr const char* kTwoAcks =
    "+0 < . 1:11(10) ack 1 win 1000\n"
    "+0 > . 1:1(0) ack 11\n"
    "+0 < . 11:21(10) ack 1 win 1000\n"
    "+0 > . 1:1(0) ack 21\n";

TEST(Follow, AcknowledgementsMayComeLateAndWithOtherWindows) {
  Answering target([](FakeTarget& self, int n) {
    if (n == 1) self.send_at(self.now() + 400ms, self.segment(kAck, 7001, 11));
    if (n == 2) self.send(self.segment(kAck, 7001, 21));
  });
  const Outcome outcome = followed(kTwoAcks, target);
  EXPECT_EQ(outcome.status, Status::passed) << failure_text(outcome);
}

TEST(Follow, AnAcknowledgementThatNeverComesIsMissed) {
  Answering target([](FakeTarget& self, int n) {
    if (n > 0) self.send(self.segment(kAck, 7001, 11));
  });
  const Outcome outcome = followed(kTwoAcks, target);
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_THAT(failure_text(outcome), HasSubstr("tcp.ack: want 21, got 11"));
}

constexpr const char* kText =
    "+0 < . 1:11(10) ack 1 win 1000\n"
    "+0 > . 1:21(20) ack 11 \"\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00"
    "\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\"\n";

TEST(Follow, TextMayBeCutOtherwise) {
  Answering target([](FakeTarget& self, int n) {
    if (n == 0) return;
    self.send(self.segment(kAck, 7001, 11, 3));
    self.send(self.segment(kAck, 7004, 11, 17));
  });
  const Outcome outcome = followed(kText, target);
  EXPECT_EQ(outcome.status, Status::passed) << failure_text(outcome);
}

// A congestion window that is smaller than the recorded one: the peer acknowledges what it has got.
TEST(Follow, TextMayNeedAnAcknowledgementMore) {
  int acknowledgements = 0;
  Answering target([&acknowledgements](FakeTarget& self, int n) {
    if (n == 1) self.send(self.segment(kAck, 7001, 11, 3));
    if (n != 2) return;
    ++acknowledgements;
    EXPECT_EQ(self.injected.back().get(packet::Field::tcp_ack), packet::Wide{7004});
    EXPECT_TRUE(self.injected.back().payload().empty());
    self.send(self.segment(kAck, 7004, 11, 17));
  });
  const Outcome outcome = followed(kText, target);
  EXPECT_EQ(outcome.status, Status::passed) << failure_text(outcome);
  EXPECT_EQ(acknowledgements, 1);
}

TEST(Follow, TextThatIsMissingIsTold) {
  Answering target([](FakeTarget& self, int n) {
    if (n > 0) self.send(self.segment(kAck, 7001, 11, 3));
  });
  EXPECT_THAT(failure_text(followed(kText, target)),
              EndsWith("\n    stream: want sent up to 21, got sent up to 4"))
      << "and nothing else";
}

// The record's values of the stack's clock stand for those that came.
TEST(Follow, WhatAMergedAcknowledgementSaysOfTheClockIsEchoed) {
  const auto clock = [](std::uint8_t val, std::uint8_t ecr) {
    return std::vector{packet::HeaderOption{1, {}, {}, {}}, packet::HeaderOption{1, {}, {}, {}},
                       packet::HeaderOption{8, {0, 0, 0, val, 0, 0, 0, ecr}, {}, {}}};
  };
  FakeTarget target;
  target.on_inject = [&](FakeTarget& self, const packet::Dissected&) {
    const std::size_t count = self.injected.size();
    if (count == 1) self.send(self.segment(kSyn | kAck, 7000, 1, 0, clock(50, 9)));
    if (count == 3) self.send(self.segment(kAck, 7001, 11, 0, clock(60, 10)));
    if (count == 4) self.send(self.segment(kAck, 7001, 21, 0, clock(70, 11)));
  };
  RunOptions options;
  options.follow = true;
  const Outcome outcome = run_text(
      "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
      "+0 bind(3, ..., ...) = 0\n"
      "+0 listen(3, 1) = 0\n"
      "+0 < S 0:0(0) win 1000 <nop,nop,TS val 9 ecr 0>\n"
      "+0 > S. 0:0(0) ack 1 <nop,nop,TS val 100 ecr 9>\n"
      "+0 < . 1:1(0) ack 1 win 1000 <nop,nop,TS val 10 ecr 100>\n"
      "+0 < . 1:11(10) ack 1 win 1000 <nop,nop,TS val 10 ecr 100>\n"
      "+0 > . 1:1(0) ack 11 <nop,nop,TS val 200 ecr 10>\n"
      "+0 < . 11:21(10) ack 1 win 1000 <nop,nop,TS val 11 ecr 200>\n"
      "+0 > . 1:1(0) ack 21 <nop,nop,TS val 300 ecr 11>\n",
      target, options);
  EXPECT_EQ(outcome.status, Status::passed) << failure_text(outcome);
  ASSERT_GE(target.injected.size(), 4u);
  const std::string last = packet::print(target.injected[3], {});
  EXPECT_THAT(last, HasSubstr("ecr 60")) << "200 of the record";
}

TEST(Follow, OtherOctetsAreADifference) {
  Answering target([](FakeTarget& self, int n) {
    if (n > 0) self.send(self.segment(kAck, 7001, 11, 20));
  });
  const Outcome outcome = followed(
      "+0 < . 1:11(10) ack 1 win 1000\n+0 > . 1:21(20) ack 11 \"abcdefghijklmnopqrst\"\n", target);
  EXPECT_THAT(failure_text(outcome), HasSubstr("payload: want octet 0 of the stream"));
}

TEST(Follow, AResetThatTheRecordDoesNotHaveIsADifference) {
  Answering target([](FakeTarget& self, int n) {
    if (n > 0) self.send(self.segment(kRst, 7001, 0));
  });
  EXPECT_THAT(failure_text(followed(kTwoAcks, target)), HasSubstr("tcp.flags: want no RST, got R"));
}

TEST(Follow, AResetAtTheVeryEndIsADifferenceToo) {
  Answering target([](FakeTarget& self, int n) {
    if (n == 1) self.send(self.segment(kAck, 7001, 11));
    if (n != 2) return;
    self.send(self.segment(kAck, 7001, 21));
    self.send_at(self.now() + 100ms, self.segment(kRst, 7001, 0));
  });
  const std::string record = std::string(kTwoAcks) + "+0.2 listen(3, 1) = 0\n";
  EXPECT_THAT(failure_text(followed(record, target)), HasSubstr("expected nothing more"));
}

TEST(Follow, ARecordedResetHasToCome) {
  const char* const record = "+0 < . 1:11(10) ack 900 win 1000\n+0 > R 900:900(0)\n";
  Answering silent([](FakeTarget&, int) {});
  EXPECT_EQ(followed(record, silent).status, Status::failed);
  Answering resets([](FakeTarget& self, int n) {
    if (n > 0) self.send(self.segment(kRst, 7900, 0));
  });
  const Outcome outcome = followed(record, resets);
  EXPECT_EQ(outcome.status, Status::passed) << failure_text(outcome);
}

TEST(Follow, AFinHasToCome) {
  const char* const record =
      "+0 < F. 1:1(0) ack 1 win 1000\n"
      "+0 > . 1:1(0) ack 2\n"
      "+0 > F. 1:1(0) ack 2\n";
  Answering stays([](FakeTarget& self, int n) {
    if (n > 0) self.send(self.segment(kAck, 7001, 2));
  });
  EXPECT_THAT(failure_text(followed(record, stays)), HasSubstr("FIN: want sent, got not sent"));
  Answering closes([](FakeTarget& self, int n) {
    if (n > 0) self.send(self.segment(kFin | kAck, 7001, 2));
  });
  const Outcome outcome = followed(record, closes);
  EXPECT_EQ(outcome.status, Status::passed) << failure_text(outcome);
}

// A segment out of order: the answer says nothing new, but it has to come.
TEST(Follow, ADuplicateAcknowledgementHasToComeWhereItWasProvoked) {
  const char* const record =
      "+0 < . 1:11(10) ack 1 win 1000\n"
      "+0 > . 1:1(0) ack 11\n"
      "+0 < . 21:31(10) ack 1 win 1000\n"
      "+0 > . 1:1(0) ack 11\n";
  Answering silent([](FakeTarget& self, int n) {
    if (n == 1) self.send(self.segment(kAck, 7001, 11));
  });
  EXPECT_EQ(followed(record, silent).status, Status::failed);
  Answering answers([](FakeTarget& self, int n) {
    if (n > 0) self.send(self.segment(kAck, 7001, 11));
  });
  const Outcome outcome = followed(record, answers);
  EXPECT_EQ(outcome.status, Status::passed) << failure_text(outcome);
}

TEST(Follow, ARecordedRetransmissionHasToCome) {
  const char* const record =
      "+0 < . 1:11(10) ack 1 win 1000\n"
      "+0 > . 1:21(20) ack 11\n"
      "+1 > . 1:21(20) ack 11\n";
  const auto once = [](FakeTarget& self, int n) {
    if (n > 0) self.send(self.segment(kAck, 7001, 11, 20));
  };
  Answering forgets(once);
  EXPECT_THAT(failure_text(followed(record, forgets)),
              HasSubstr("retransmission: want sent, got not sent"));
  Answering repeats([once](FakeTarget& self, int n) {
    once(self, n);
    if (n > 0) self.send_at(self.now() + 200ms, self.segment(kAck, 7001, 11, 20));
  });
  const Outcome outcome = followed(record, repeats);
  EXPECT_EQ(outcome.status, Status::passed) << failure_text(outcome);
}

}  // namespace
}  // namespace packetwright::engine
