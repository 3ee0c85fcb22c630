// SPDX-License-Identifier: Apache-2.0
#include "harness/import/import.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/import/test_support.hh"

namespace packetwright::import {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

ImportOptions as(Side side) {
  ImportOptions options;
  options.side = side;
  return options;
}

TEST(Import, ServerIsPassiveAndAnswers) {
  const Imported out = imported(exchange(), as(Side::server));
  EXPECT_EQ(out.text,
            "// TCP connection between 192.0.2.1:40000 and 192.0.2.2:80.\n"
            "// From test.pcap, frames 1 to 10. The stack under test is the server, 192.0.2.2.\n"
            "// Calls are inferred from what was sent and received.\n"
            "\n"
            "--ip_version=ipv4\n"
            "--bind_port=80\n"
            "\n"
            "0      socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
            "+0     setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0\n"
            "+0     bind(3, ..., ...) = 0\n"
            "+0     listen(3, 1) = 0\n"
            "+0     < S 0:0(0) win 1000 <mss 1460>\n"
            "+0.001 > S. 0:0(0) ack 1 <mss 1460>\n"
            "+0.001 < . 1:1(0) ack 1 win 1000\n"
            "+0     accept(3, ..., ...) = 4\n"
            "+0.001 < P. 1:8(7) ack 1 win 1000 \"GET /\\r\\n\"\n"
            "+0     read(4, \"GET /\\r\\n\", 7) = 7\n"
            "+0.001 > . 1:1(0) ack 8\n"
            "+0.001 write(4, \"say \\x22hello\\x22\", 11) = 11\n"
            "+0     > P. 1:12(11) ack 8 \"say \\x22hello\\x22\"\n"
            "+0.001 < . 8:8(0) ack 12 win 1000\n"
            "+0.001 < F. 8:8(0) ack 12 win 1000\n"
            "+0     read(4, ..., 1) = 0\n"
            "+0.001 close(4) = 0\n"
            "+0     > F. 12:12(0) ack 9\n"
            "+0.001 < . 9:9(0) ack 13 win 1000\n");
  EXPECT_TRUE(out.remarks.empty());
  EXPECT_EQ(out.frames.at(5), 2u);  // the SYN,ACK
  EXPECT_EQ(out.frames.back(), 10u);
}

TEST(Import, ClientConnectsAndAsks) {
  const Imported out = imported(exchange(), as(Side::client));
  EXPECT_THAT(out.text,
              HasSubstr("--connect_port=80\n"
                        "\n"
                        "0      socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
                        "+0     fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
                        "+0     connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)\n"
                        "+0     > S 0:0(0) <mss 1460>\n"
                        "+0.001 < S. 0:0(0) ack 1 win 1000 <mss 1460>\n"
                        "+0.001 > . 1:1(0) ack 1\n"
                        "+0     fcntl(3, F_SETFL, O_RDWR) = 0\n"
                        "+0.001 write(3, \"GET /\\r\\n\", 7) = 7\n"));
  // It closed first, and nothing but a FIN came after that.
  EXPECT_THAT(out.text, HasSubstr("+0.001 close(3) = 0\n+0     > F. 8:8(0) ack 12\n"));
}

TEST(Import, PayloadMayBeToldByItsLength) {
  ImportOptions options = as(Side::server);
  options.payload = Payload::length;
  const Imported out = imported(exchange(), options);
  EXPECT_THAT(out.text, HasSubstr("< P. 1:8(7) ack 1 win 1000\n+0     read(4, ..., 7) = 7\n"));
  EXPECT_THAT(out.text, Not(HasSubstr("GET")));
}

TEST(Import, WindowsOfTheStackAreExpectedOnDemand) {
  ImportOptions options = as(Side::server);
  options.windows = true;
  EXPECT_THAT(imported(exchange(), options).text,
              HasSubstr("> S. 0:0(0) ack 1 win 1000 <mss 1460>\n"));
}

TEST(Import, WhatTheStackWentOnReceivingAfterItsFinWasAShutdown) {
  std::vector<TestSegment> all = exchange();
  all.resize(5);
  all.push_back({kFromServer, kFin | kAck, 1, 8, "", {}, 9});
  all.push_back({kFromClient, kPsh | kAck, 8, 2, "more", {}, 9});
  all.push_back({kFromServer, kAck, 2, 12, "", {}, 10});
  const Imported out = imported(all, as(Side::server));
  EXPECT_THAT(out.text, HasSubstr("shutdown(4, SHUT_WR) = 0\n+0     > F. 1:1(0) ack 8\n"));
  EXPECT_THAT(out.text, HasSubstr("read(4, \"more\", 4) = 4\n"));
  EXPECT_THAT(out.text, ::testing::EndsWith("close(4) = 0\n"));
}

TEST(Import, ARefusedConnectionHasNoSocket) {
  const std::vector<TestSegment> all{{kFromClient, kSyn, 0, 0, "", {}, 1},
                                     {kFromServer, kRst | kAck, 0, 1, "", {}, 0}};
  std::vector<TestSegment> raw = all;
  raw[1].seq = 0u - 5000u;  // a reset of nothing has the number 0 on the wire
  const Imported out = imported(raw, as(Side::server));
  EXPECT_THAT(out.text, Not(HasSubstr("socket")));
  EXPECT_THAT(out.text, HasSubstr("> R. 0:0(0) ack 1\n"));
}

TEST(Import, AResetOfAnOrderlyConnectionWasAskedFor) {
  std::vector<TestSegment> all = exchange();
  all.resize(5);
  all.push_back({kFromServer, kRst | kAck, 1, 8, "", {}, 9});
  EXPECT_THAT(imported(all, as(Side::server)).text,
              HasSubstr("setsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0\n"
                        "+0     close(4) = 0\n"
                        "+0     > R. 1:1(0) ack 8\n"));
}

TEST(Import, ACaptureFromTheMiddleGetsAHandshake) {
  std::vector<TestSegment> all = exchange();
  all.erase(all.begin(), all.begin() + 3);
  const Imported out = imported(all, as(Side::server));
  EXPECT_THAT(out.text, HasSubstr("+0     > S. 0:0(0) ack 1 <...>\n"));
  EXPECT_THAT(out.text, HasSubstr("< P. 1:8(7) ack 1 win 1000 \"GET /\\r\\n\"\n"));
  EXPECT_THAT(out.remarks, ElementsAre(HasSubstr("starts in the middle")));
  EXPECT_THAT(imported(all, as(Side::client)).text, HasSubstr("> . 1:1(0) ack 1 <...>\n"));
}

TEST(Import, WhatWasAcknowledgedAndNotCapturedIsMadeUp) {
  std::vector<TestSegment> all = exchange();
  all.erase(all.begin() + 3);  // the request
  const Imported out = imported(all, as(Side::server));
  EXPECT_THAT(out.text, HasSubstr("// Not in the capture.\n+0.001 < P. 1:8(7) ack 1 win 1000\n"));
  EXPECT_THAT(out.text, HasSubstr("read(4, ..., 7) = 7\n"));
  EXPECT_THAT(out.remarks, ElementsAre(HasSubstr("was made up without its content: frame 4.")));
}

TEST(Import, AnAcknowledgementOfWhatTheStackNeverSentIsThePeersAffair) {
  std::vector<TestSegment> all = exchange();
  all.resize(3);
  all.push_back({kFromClient, kAck, 1, 500, "", {}, 9});
  all.push_back({kFromServer, kAck, 1, 1, "", {}, 9});
  const Imported out = imported(all, as(Side::server));
  EXPECT_THAT(out.text, HasSubstr("< . 1:1(0) ack 500 win 1000\n+0.001 > . 1:1(0) ack 1\n"));
}

TEST(Import, DuplicatesAndDisorderAreTold) {
  std::vector<TestSegment> all = exchange();
  all.insert(all.begin() + 4, all[3]);  // the same IP id: a copy
  std::swap(all[5], all[6]);            // the answer stands before the ACK that it follows
  const Imported out = imported(all, as(Side::server));
  EXPECT_THAT(out.remarks, ElementsAre("Left out, as copies of other frames: frame 5."));
}

TEST(Import, AnAcknowledgementThatOvertookIsPutBehind) {
  std::vector<TestSegment> all = exchange();
  std::swap(all[3], all[4]);
  const Imported out = imported(all, as(Side::server));
  EXPECT_THAT(out.text, HasSubstr("< P. 1:8(7) ack 1 win 1000 \"GET /\\r\\n\"\n"));
  EXPECT_THAT(out.remarks, ElementsAre("Put in order, as they were sent: frame 5."));
}

TEST(Import, WhatTheNetworkPutInDisorderTheStackSentInOrder) {
  std::vector<TestSegment> all = exchange();
  all.resize(5);
  all.push_back({kFromServer, kAck, 1, 8, "one", {}, 9});
  all.push_back({kFromServer, kAck, 7, 8, "three", {}, 9});
  all.push_back({kFromServer, kAck, 4, 8, "two", {}, 9});
  const Imported out = imported(all, as(Side::server));
  EXPECT_THAT(out.text, HasSubstr("+0.001 write(4, \"two\", 3) = 3\n"
                                  "+0     > . 4:7(3) ack 8 \"two\"\n"
                                  "+0.001 write(4, \"three\", 5) = 5\n"
                                  "+0     > . 7:12(5) ack 8 \"three\"\n"));
  EXPECT_THAT(out.remarks, ElementsAre("Put in order, as they were sent: frames 8 and 7."));
}

TEST(Import, SegmentsThatWereCutAreToldByTheirLength) {
  const Imported out = imported(exchange(), as(Side::server), 44);
  EXPECT_THAT(out.text, HasSubstr("< P. 1:8(7) ack 1 win 1000\n"));
  EXPECT_THAT(out.remarks, ElementsAre(HasSubstr("payload is told by its length: frames 4 and 6")));
}

TEST(Import, SegmentsOfOffloadHardwareAreCutToWhatTheStackTakes) {
  std::vector<TestSegment> all = exchange();
  all.resize(3);
  all.push_back({kFromClient, kPsh | kAck, 1, 1, std::string(3000, 'x'), {}, 9});
  const Imported out = imported(all, as(Side::server));
  EXPECT_THAT(out.text, HasSubstr("< . 1:1461(1460) ack 1"));
  EXPECT_THAT(out.text, HasSubstr("< . 1461:2921(1460) ack 1"));
  EXPECT_THAT(out.text, HasSubstr("< P. 2921:3001(80) ack 1"));
  EXPECT_THAT(out.remarks, ElementsAre("Cut into segments that the stack can take: frame 4."));
}

TEST(Import, SidesHaveManyNames) {
  const Recording recording = recorded(exchange());
  const Conversation& one = recording.conversations.at(0);
  EXPECT_EQ(*side_from("client", one), Side::client);
  EXPECT_EQ(*side_from("192.0.2.1", one), Side::client);
  EXPECT_EQ(*side_from("192.0.2.2:80", one), Side::server);
  EXPECT_EQ(*side_from("", one), Side::server);
  EXPECT_THAT(side_from("192.0.2.3", one).error(), HasSubstr("192.0.2.1 or 192.0.2.2"));
  EXPECT_THAT(summary_of(one), HasSubstr("10 packets, 18 octets, 0.009 s, complete"));
}

// Wherever a capture ends and whatever is wrong with an octet, there is a script or a reason.
TEST(Import, EveryTruncationAndEveryFlipIsSurvived) {
  std::vector<Buffer> packets;
  for (const TestSegment& one : exchange()) packets.push_back(packet_of(one));
  packets.resize(6);
  const Buffer whole = capture_of(packets);
  const auto survive = [](const Buffer& octets, Side side) {
    const auto recording = read_recording(octets);
    if (!recording.ok()) return;
    for (const Conversation& one : recording->conversations) {
      const auto out = import(one, as(side));
      EXPECT_TRUE(out.ok() || !out.error().empty());
    }
  };
  for (std::size_t at = 0; at < whole.size(); ++at) {
    survive(Buffer(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(at)), Side::client);
    Buffer damaged = whole;
    damaged[at] ^= 0xff;
    survive(damaged, Side::server);
  }
}

}  // namespace
}  // namespace packetwright::import
