// SPDX-License-Identifier: Apache-2.0
// RFC 9293, 3.10.7.1 to 3.10.7.3, and what stands before them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/model/model_test_support.hh"

namespace packetwright::model {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

TEST(BeforeAnyStateTest, WhatIsNoSegmentDrawsNothing) {
  Segment seg = segment(".", 1, 5);
  seg.bad_checksum = true;
  EXPECT_EQ(first(at(State::closed), seg), "- CLOSED");  // MUST-3
  EXPECT_EQ(first(at(State::established), seg), "- ESTABLISHED");
  seg.bad_checksum = false;
  seg.bad_data_offset = true;
  EXPECT_EQ(first(at(State::closed), seg), "- CLOSED");  // 3.1
}

TEST(BeforeAnyStateTest, AnIllegalOptionLengthMayBeIgnoredOrEndTheSegment) {  // MUST-7
  Segment seg = segment(".", 1, 1, 10);
  seg.bad_option_length = true;
  EXPECT_THAT(all(at(State::established), seg),
              ElementsAre("ack 11 ESTABLISHED text 10", "- ESTABLISHED"));
}

TEST(ClosedTest, EverythingButARstIsReset) {  // 3.10.7.1
  const Variables v = at(State::closed);
  EXPECT_EQ(first(v, segment("R", 7)), "- CLOSED");
  EXPECT_EQ(first(v, segment("R.", 7, 9)), "- CLOSED");
  EXPECT_EQ(first(v, segment(".", 7, 9)), "rst 9 CLOSED");
  EXPECT_EQ(first(v, segment("S.", 7, 9)), "rst 9 CLOSED");
  EXPECT_EQ(first(v, segment("S", 7)), "rst_ack 8 CLOSED");
  EXPECT_EQ(first(v, segment("F", 7, 0, 10)), "rst_ack 18 CLOSED");
  EXPECT_EQ(first(v, segment("", 7)), "rst_ack 7 CLOSED");
}

TEST(ListenTest, TheFourStepsInTheirOrder) {  // 3.10.7.2
  const Variables v = at(State::listen);
  EXPECT_EQ(first(v, segment("RS.", 7, 9)), "- LISTEN");
  EXPECT_EQ(first(v, segment("S.", 7, 9)), "rst 9 LISTEN");
  EXPECT_EQ(first(v, segment("S", 7)), "syn_ack 8 SYN-RECEIVED");
  EXPECT_EQ(first(v, segment("S", 7, 0, 10)), "syn_ack 8 SYN-RECEIVED");
  EXPECT_EQ(first(v, segment("F", 7, 0, 10)), "- LISTEN");
}

TEST(SynSentTest, FirstTheAck) {  // 3.10.7.3, RFC 5961, 3.2
  const Variables v = at(State::syn_sent);
  for (const std::uint32_t ack : {0u, 2u, 0xffff'ffffu}) {
    EXPECT_EQ(first(v, segment("S.", 7, ack)), "rst " + std::to_string(ack) + " SYN-SENT");
    EXPECT_EQ(first(v, segment("R.", 7, ack)), "- SYN-SENT");
  }
}

TEST(SynSentTest, ThenRst) {
  EXPECT_EQ(first(at(State::syn_sent), segment("R.", 7, 1)), "- CLOSED error");
  EXPECT_EQ(first(at(State::syn_sent), segment("R", 7)), "- SYN-SENT");
}

TEST(SynSentTest, ThenSyn) {
  const Variables v = at(State::syn_sent);
  EXPECT_EQ(first(v, segment("S.", 7, 1)), "ack 8 ESTABLISHED");
  EXPECT_EQ(first(v, segment("S", 7)), "syn_ack 8 SYN-RECEIVED");  // MUST-10
  EXPECT_THAT(all(v, segment("S.F", 7, 1, 10)),
              ElementsAre("ack 19 CLOSE-WAIT text 10 end", "ack 8 ESTABLISHED"));
  EXPECT_EQ(first(v, segment(".", 7, 1, 10)), "- SYN-SENT");
  EXPECT_EQ(first(v, segment("F", 7)), "- SYN-SENT");
}

TEST(TimeWaitSynTest, ByNumberWithoutTimestamps) {  // RFC 1122, 4.2.2.13; RFC 9293, MAY-2
  const Variables v = at(State::time_wait);
  EXPECT_THAT(all(v, segment("S", 3)),
              UnorderedElementsAre("syn_ack 4 SYN-RECEIVED", "ack 2 TIME-WAIT"));
  EXPECT_THAT(all(v, segment("S", 1)), UnorderedElementsAre("- TIME-WAIT", "ack 2 TIME-WAIT"));
  // One above the FIN is read both ways.
  EXPECT_THAT(all(v, segment("S", 2)),
              UnorderedElementsAre("syn_ack 3 SYN-RECEIVED", "ack 2 TIME-WAIT", "- TIME-WAIT",
                                   "ack 2 TIME-WAIT"));
}

TEST(TimeWaitSynTest, ByTimestamp) {  // RFC 6191, 2
  Variables v = with_timestamps(at(State::time_wait), 1000);
  Segment seg = segment("S", 1);
  seg.tsval = 1001;
  EXPECT_EQ(first(v, seg), "syn_ack 2 SYN-RECEIVED");  // newer, whatever the number
  seg.tsval = 1000;
  EXPECT_EQ(first(v, seg), "- TIME-WAIT");
  seg.seq = SeqNum{3};
  EXPECT_EQ(first(v, seg), "syn_ack 4 SYN-RECEIVED");  // equal, and a higher number
  seg.tsval = 999;
  EXPECT_EQ(first(v, seg), "- TIME-WAIT");
  seg.tsval.reset();
  EXPECT_EQ(first(v, seg), "syn_ack 4 SYN-RECEIVED");  // only the old one had them
  v.timestamps = false;
  seg.seq = SeqNum{1};
  seg.tsval = 1;
  EXPECT_EQ(first(v, seg), "syn_ack 2 SYN-RECEIVED");  // only the new one has them
}

TEST(TimeWaitSynTest, WithoutAListenerItIsASynInOrOutsideTheWindow) {
  Variables v = at(State::time_wait);
  v.listener = false;
  EXPECT_EQ(first(v, segment("S", 3)), "ack 2 TIME-WAIT");
}

}  // namespace
}  // namespace packetwright::model
