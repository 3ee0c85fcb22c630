// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "harness/engine/run_for_test.hh"
#include "harness/targets/reference/reference_target.hh"

// Scripts as they are written for Linux, on a stack without a system: settings by commands,
// snippets without Python, and the choices that Linux makes.
namespace packetwright::engine {
namespace {

std::string outcome_of(const std::string& text) {
  reference::ReferenceTarget target;
  return failure_text(run_text(text, target));
}

// A connection whose peer is 100 ms away.
const std::string kConnected =
    "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
    "+0 bind(3, ..., ...) = 0\n"
    "+0 listen(3, 1) = 0\n"
    "+0 < S 0:0(0) win 50000 <mss 1000,sackOK,nop,nop>\n"
    "+0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,sackOK>\n"
    "+.1 < . 1:1(0) ack 1 win 50000\n"
    "+0 accept(3, ..., ...) = 4\n";

// By this a script is known to be of Linux.
const std::string kSetUp = "`sysctl -q net.ipv4.tcp_sack=1`\n";

TEST(LinuxScript, SettingsCountFromTheirTimeOn) {
  EXPECT_EQ(
      outcome_of("`sysctl -q net.ipv4.tcp_sack=0 net.ipv4.tcp_rmem=\"4096 65536 $((1024*1024))\"`\n"
                 "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
                 "+0 bind(3, ..., ...) = 0\n"
                 "+0 listen(3, 2) = 0\n"
                 "+0 < S 0:0(0) win 50000 <mss 1000,sackOK,nop,nop,nop,wscale 3>\n"
                 "+0 > S. 0:0(0) ack 1 <mss 1460,nop,wscale 5>\n"
                 "+0 < R 1:1(0) win 0\n"
                 "+0 `sysctl -q net.ipv4.tcp_sack=1`\n"
                 "+0 < S 0:0(0) win 50000 <mss 1000,sackOK,nop,nop,nop,wscale 3>\n"
                 "+0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,sackOK,nop,wscale 5>\n"),
      "passed");
}

TEST(LinuxScript, FirstSegmentsAreAcknowledgedAtOnce) {
  const std::string text = kConnected +
                           "+.1 < . 1:101(100) ack 1 win 50000\n"
                           "+0 > . 1:1(0) ack 101\n";
  EXPECT_EQ(outcome_of(kSetUp + text), "passed");
  EXPECT_NE(outcome_of(text), "passed") << "nor does a script that sets nothing up";
  reference::ReferenceTarget target;
  EXPECT_EQ(run_strict(kSetUp + text, target).status, Status::failed)
      << "a strict case sees no such choice";
}

TEST(LinuxScript, TheTimerIsALittleAboveTheRoundTrip) {
  EXPECT_EQ(outcome_of("`sysctl -q net.ipv4.tcp_early_retrans=0`\n" + kConnected +
                       "+0 write(4, ..., 3000) = 3000\n"
                       "+0 > P. 1:3001(3000) ack 1\n"
                       "+.3~+.304 > . 1:1001(1000) ack 1\n"
                       "+0 %{ assert tcpi_ca_state == TCP_CA_Loss, tcpi_ca_state\n"
                       "assert tcpi_retrans == 1 and tcpi_snd_cwnd == 1 }%\n"
                       "+.1 < . 1:1(0) ack 3001 win 50000\n"
                       "+0 %{ assert tcpi_ca_state == TCP_CA_Open }%\n"),
            "passed");
}

TEST(LinuxScript, WhatWasSentAgainCountsAsLostUntilItIsReported) {
  EXPECT_EQ(outcome_of(kSetUp + kConnected +
                       "+0 write(4, ..., 6000) = 6000\n"
                       "+0 > P. 1:6001(6000) ack 1\n"
                       "+.1 < . 1:1(0) ack 1 win 50000 <sack 4001:5001,nop,nop>\n"
                       "+.02~+.03 > . 1:1001(1000) ack 1\n"
                       "+0 %{ assert tcpi_lost == 4 and tcpi_retrans == 1, tcpi_lost\n"
                       "assert tcpi_sacked == 1 and tcpi_unacked == 6 }%\n"),
            "passed");
}

TEST(LinuxScript, AResetLeavesWhatHadArrived) {
  EXPECT_EQ(outcome_of(kSetUp + kConnected +
                       "+0 < . 1:101(100) ack 1 win 50000\n"
                       "+0 > . 1:1(0) ack 101\n"
                       "+0 < R. 101:101(0) ack 1 win 50000\n"
                       "+0 read(4, ..., 1000) = 100\n"
                       "+0 read(4, ..., 1000) = -1 ECONNRESET (reset)\n"),
            "passed");
}

TEST(LinuxScript, OurResetAcknowledges) {
  EXPECT_EQ(outcome_of(kSetUp + kConnected +
                       "+0 < . 1:101(100) ack 1 win 50000\n"
                       "+0 > . 1:1(0) ack 101\n"
                       "+0 close(4) = 0\n"
                       "+0 > R. 1:1(0) ack 101\n"),
            "passed");
}

// A call that blocks opens the connection first; with a cookie its text goes along in the SYN.
TEST(LinuxScript, ABlockingFastOpenWaitsForTheConnection) {
  const std::string first =
      "`sysctl -q net.ipv4.tcp_timestamps=0`\n"
      "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
      "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
      "+0 sendto(3, ..., 0, MSG_FASTOPEN, ..., ...) = -1 EINPROGRESS (no cookie yet)\n"
      "+0 > S 0:0(0) <...>\n"
      "+.01 < S. 0:0(0) ack 1 win 5840 <mss 1000,FO abcd1234,nop,nop>\n"
      "+0 > . 1:1(0) ack 1\n"
      "+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 4\n"
      "+0...0.02 sendto(4, ..., 500, MSG_FASTOPEN, ..., ...) = ";
  EXPECT_EQ(outcome_of(first + "500\n"
                               "+0 > S 0:500(500) <...>\n"
                               "+.02 < S. 0:0(0) ack 501 win 5840 <mss 1000>\n"
                               "+0 > . 501:501(0) ack 1\n"
                               "+0 %{ assert tcpi_options & TCPI_OPT_SYN_DATA }%\n"),
            "passed");
  EXPECT_EQ(outcome_of(first + "-1 ECONNREFUSED (nobody listens)\n"
                               "+0 > S 0:500(500) <...>\n"
                               "+.02 < R. 0:0(0) ack 1 win 0\n"),
            "passed");
}

// The pieces of a message are one write, and its destination that of sendto().
TEST(LinuxScript, AMessageOfSeveralPiecesIsOneWrite) {
  EXPECT_EQ(outcome_of(kSetUp + kConnected +
                       "+0 sendmsg(4, {msg_name(...)=..., msg_iov(2)=[{..., 600}, {..., 400}],\n"
                       "               msg_flags=0}, 0) = 1000\n"
                       "+0 > P. 1:1001(1000) ack 1\n"),
            "passed");
  EXPECT_EQ(outcome_of("`sysctl -q net.ipv4.tcp_fastopen=1`\n"
                       "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
                       "+0...0.01 sendmsg(3, {msg_name(...)=..., msg_iov(1)=[{..., 500}],\n"
                       "                      msg_flags=0}, MSG_FASTOPEN) = 500\n"
                       "+0 > S 0:0(0) <...>\n"
                       "+.01 < S. 0:0(0) ack 1 win 5840 <mss 1000>\n"
                       "+0 > P. 1:501(500) ack 1\n"),
            "passed")
      << "the last ACK of the handshake waits for who waits to write";
}

TEST(LinuxScript, ARecordIsNotJoinedToWhatFollows) {
  EXPECT_EQ(outcome_of(kSetUp + kConnected +
                       "+0 setsockopt(4, SOL_TCP, TCP_CORK, [1], 4) = 0\n"
                       "+0 send(4, ..., 400, MSG_EOR) = 400\n"
                       "+0 write(4, ..., 1500) = 1500\n"
                       "+0 > P. 1:401(400) ack 1\n"
                       "+0 > . 401:1401(1000) ack 1\n"),
            "passed");
}

TEST(LinuxScript, UnreadOctetsAreCounted) {
  const std::string text = kSetUp + kConnected +
                           "+0 ioctl(4, SIOCINQ, [0]) = 0\n"
                           "+0 < P. 1:101(100) ack 1 win 50000\n"
                           "+0 > . 1:1(0) ack 101\n"
                           "+0 ioctl(4, SIOCINQ, ";
  EXPECT_EQ(outcome_of(text + "[100]) = 0\n+0 read(4, ..., 60) = 60\n"
                              "+0 ioctl(4, FIONREAD, [40]) = 0\n"),
            "passed");
  EXPECT_NE(outcome_of(text + "[99]) = 0\n"), "passed");
}

TEST(LinuxScript, PollTellsThatThePeerHasClosed) {
  const std::string poll = "+0 poll([{fd=4, events=POLLOUT|POLLRDHUP, revents=POLLOUT";
  const std::string fin = "+0 < F. 1:1(0) ack 1 win 50000\n+0 > . 1:1(0) ack 2\n";
  EXPECT_EQ(outcome_of(kSetUp + kConnected + poll + "}], 1, 0) = 1\n" + fin + poll +
                       "|POLLRDHUP}], 1, 0) = 1\n"),
            "passed");
}

TEST(LinuxScript, NoDelayLetsGoWhatACorkHolds) {
  EXPECT_EQ(outcome_of(kSetUp + kConnected +
                       "+0 setsockopt(4, SOL_TCP, TCP_CORK, [1], 4) = 0\n"
                       "+0 write(4, ..., 40) = 40\n"
                       "+.01 setsockopt(4, SOL_TCP, TCP_NODELAY, [1], 4) = 0\n"
                       "+0 > P. 1:41(40) ack 1\n"),
            "passed");
}

TEST(LinuxScript, SendBuffersAreDoubled) {
  const std::string text = kConnected +
                           "+0 setsockopt(4, SOL_SOCKET, SO_SNDBUF, [5000], 4) = 0\n"
                           "+0 getsockopt(4, SOL_SOCKET, SO_SNDBUF, [10000], [4]) = 0\n";
  EXPECT_EQ(outcome_of(kSetUp + text), "passed");
  EXPECT_NE(outcome_of(text), "passed");
}

TEST(LinuxScript, FastOpenToNoFamilyIsRefused) {
  EXPECT_EQ(
      outcome_of(kSetUp + "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
                          "+0 sendto(3, ..., 0, MSG_FASTOPEN, AF_UNSPEC, ...) = -1 EOPNOTSUPP\n"
                          "+0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 4\n"
                          "+0 sendto(4, ..., 9, 0, AF_UNSPEC, ...) = -1 EAFNOSUPPORT\n"),
      "passed");
}

TEST(LinuxScript, TheTimesOfASenderAreTold) {
  EXPECT_EQ(outcome_of(kSetUp + kConnected +
                       "+0 write(4, ..., 1000) = 1000\n"
                       "+0 > P. 1:1001(1000) ack 1\n"
                       "+.1 < . 1:1(0) ack 1001 win 50000\n"
                       "+0 %{ assert tcpi_busy_time == 100000, tcpi_busy_time\n"
                       "assert tcpi_rwnd_limited == 0 and tcpi_sndbuf_limited == 0 }%\n"
                       "+0 < . 1:1(0) ack 1001 win 0\n"
                       "+0 write(4, ..., 1000) = 1000\n"
                       "+.05 %{ assert tcpi_rwnd_limited == 50000, tcpi_rwnd_limited\n"
                       "assert tcpi_busy_time == 150000, tcpi_busy_time }%\n"),
            "passed");
}

TEST(LinuxScript, WhereFastOpenIsOffItIsRefused) {
  EXPECT_EQ(
      outcome_of("`sysctl -q net.ipv4.tcp_fastopen=2`\n"
                 "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
                 "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
                 "+0 setsockopt(3, SOL_TCP, TCP_FASTOPEN_CONNECT, [1], 4) = -1 EOPNOTSUPP (off)\n"
                 "+0 setsockopt(3, SOL_TCP, TCP_FASTOPEN_CONNECT, [0], 4) = 0\n"
                 "+0 sendto(3, ..., 10, MSG_FASTOPEN, ..., ...) = -1 EOPNOTSUPP (off)\n"),
      "passed");
}

TEST(LinuxScript, OneThatAsksForATunnelIsUnsupported) {
  EXPECT_EQ(outcome_of("--mss=1000\n" + kConnected),
            "unsupported: there is no tunnel here with the knob gso_size");
}

}  // namespace
}  // namespace packetwright::engine
