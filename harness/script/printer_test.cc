// SPDX-License-Identifier: Apache-2.0
#include "harness/script/printer.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/script/testing.hh"

namespace packetwright::script {
namespace {

using namespace testing;  // NOLINT: this folder's helpers

TEST(Print, LayoutIsCanonical) {
  EXPECT_EQ(
      print(parsed("\n\n// Title.\n//: needs  sack\n--mtu = 1500\n\n\n"
                   "for   $n in 1,2\n`init`\n"
                   "  0   socket( ..., SOCK_STREAM,IPPROTO_TCP )=3 // why\n"
                   "   // above\n"
                   "+.100...0.200 read( 3, ... , 10)= -1   EAGAIN ( try  again )\n"
                   "\n\n\n+0   > (ect0)  .P  1:11( 10 )  ack 1 < nop , nop, TS val 1 ecr 2 >\n"
                   "+0~+.5 > - 0:0(0)\n"
                   "use  x  with $a=1,$b=y\n"
                   "* > [ttl 5,tos 0x8]udp( 3 )\n"
                   "`cleanup`\n/* end */\n")),
      "// Title.\n"
      "//: needs  sack\n"
      "--mtu=1500\n"
      "\n"
      "for $n in 1, 2\n"
      "`init`\n"
      "0      socket(..., SOCK_STREAM, IPPROTO_TCP) = 3  // why\n"
      "// above\n"
      "+0.1...0.2 read(3, ..., 10) = -1 EAGAIN (try again)\n"
      "\n"
      "+0     > [ect0] P. 1:11(10) ack 1 <nop,nop,TS val 1 ecr 2>\n"
      "+0~+0.5 > - 0:0(0)\n"
      "use x with $a=1, $b=y\n"
      "*      > [tos 0x8, ttl 5] udp (3)\n"
      "`cleanup`\n"
      "/* end */\n");
}

// Each of these is already in its canonical form.
class PrintEvent : public ::testing::TestWithParam<const char*> {};

TEST_P(PrintEvent, GivesBackWhatWasRead) {
  const std::string text = GetParam();
  const std::string source = strict("for $n in 8, 16\nfor $w in F, S\n" + text + "\n");
  const Script script = parsed(source);
  ASSERT_EQ(script.events.size(), 1u);
  EXPECT_EQ(print_event(script.events[0]), text);
  EXPECT_EQ(parsed(print(script)), script);
  EXPECT_EQ(print(parsed(print(script))), print(script));
}

INSTANTIATE_TEST_SUITE_P(
    Packets, PrintEvent,
    ::testing::Values(
        "+0 < S 0:0(0) win 65535 <mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7>", "+0 > SEW 0:0(0)",
        "+0 > P.5 1:11(10) ack 1", "+0 > S2 0:0(0)", "+0 > FP. 1:1(0) ack 1 urg 3",
        "+0 > . 1:${1+n}(${n}) ack 1", "+0 > ${w} 1:1(0) ack 1", "+0 > . ...(10) ack 1",
        "+0 > . 1:1(0)! ack 1 win 3/udp(9811 > 1)", "+0 < @b 1 > 2 . 1:1(0) ack 1 win 5",
        "+0 > S 0:0(0) <...>", "+0 > . 1:1(0) ack 1 <sack 1:2 3:4,nop,nop>",
        "+0 > . 1:1(0) ack 1 <md5 000102030405060708090a0b0c0d0e0f,nop,nop>",
        "+0 > . 1:1(0) ack 1 <md5 valid,nop,nop>", "+0 > S 0:0(0) <FO 3021b9d889017eeb,nop,nop>",
        "+0 > S 0:0(0) <FOEXP>", "+0 > S 0:0(0) <FO,nop,nop>",
        "+0 > . 1:1(0) ack 1 <ECN e0b 1 ceb 2 e1b 3,nop>",
        "+0 > . 1:1(0) ack 1 <ECN e1b 1,nop,nop,nop>", "+0 > . 1:1(0) ack 1 <AccECN0,nop,nop>",
        "+0 > . 1:1(0) ack 1 <exp-AccECN1 ee1b 1,nop>",
        "+0 < S 0:0(0) win 1 <kind 253 len 9 hex \"01 02\",hex \"fe\",nop,nop,nop>",
        "+0 > . 1:1(0) ack 1 <nop,nop,TS val ... ecr 3!>",
        "+0 < P. 1:6(5) ack 1 win 1000 \"hello\" {tcp.checksum=bad, ip.total_length=+4, ip.ttl=-1}",
        "+0 < . 1:1(0) ack 1 {tcp.data_offset=4, eth.dst=broadcast_mac, ip.src=192.0.2.9}",
        "+0 < . 1:1(0) ack 1 {tcp.window=+${n}, payload.first=hex \"00\", tcp.flag=word}",
        "+0 < [id 7, df, offset 8, proto 9, options <rr 3 ptr 4,nop,ts 2 flag 1 overflow 3>] udp "
        "(3)",
        "+0 < [options <lsrr 192.0.2.1 192.0.2.2,eol,ra,kind 130 len 4 hex \"00\">] udp (3)",
        "+0 < [hopopts <ra 0,padn 2>, routing type 0 left 1 fd00::1, fragment id 5 offset 8 mf] "
        "udp (3)",
        "+0 < [dstopts <>, ext 50 hex \"00\"] udp (3)",
        "+0 < ipv4 [ttl 9] local > 192.168.0.1: gre: mpls (label 5, tc 0, [S], ttl 64): udp 1 > 2 "
        "(3)",
        "+0 < gre flags [checksum present, key present], sum 1, off 2, key 3, seq 4: udp (3)",
        "+0 < gre flags 3, sum 1, off 2, key 3, seq 4: udp (3)",
        "+0 < encap psp spi 7 . 1:1(0) ack 1 win 1", "+0 < udp (32) frag id 7 0:16 mf",
        "+0 < udp (5) hex \"68656c6c6f\" frag 0:8", "+0 < ip proto 253 (20)",
        "+0 < frame hex \"ff ff\"", "+0 < tcp hex \"00\"", "+0 < icmp type_${n} [raw (16)]",
        "+0 < icmp unreachable frag_needed mtu 1280 [1:1001(1000)]",
        "+0 > icmp unreachable port_unreachable [udp (32)]",
        "+0 > icmp echo_reply id 7 seq 1 (5) \"hello\"", "+0 < icmp echo_request [hex \"00\"]",
        "+0 < icmp redirect redirect_host gateway gateway [udp (3)]",
        "+0 < icmp neighbor_advertisement target fd00::1 solicited tlla peer_mac",
        "+0 < arp who-has local tell gateway from 02:00:00:00:00:09",
        "+0 > arp reply local is-at local_mac to peer_mac for gateway",
        "+0 < arp probe 192.168.0.1", "+0 > arp announce local",
        "+0 > dns query \"www.example\" A rd",
        "+0 < dns 53 > 54 response \"a\" A aa nxdomain, answer \"a\" 60 MX 10 \"m\", authority "
        "\"a\" 1 "
        "SOA \"n\" \"m\" 1 2 3 4 5, additional \"\" 0 class 4096 OPT, answer \"a\" 1 type_99 hex "
        "\"00\"",
        "+0 < dns raw hex \"00 01\""));

INSTANTIATE_TEST_SUITE_P(
    Calls, PrintEvent,
    ::testing::Values(
        "+0 close(3) = 0", "+0...0.1 read(4, \"he\\x41\"..., 10) = 10",
        "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = -1 EAGAIN (a) (b)", "+0 close(4) = -1 EBADF",
        "+0 connect(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"192.0.2.1\")}, "
        "...) = 0",
        "+0 recvmsg(3, {msg_name(...)=..., msg_iov(1)=[{..., 0}], msg_flags=MSG_ERRQUEUE, "
        "msg_control=[{cmsg_level=SOL_IP, cmsg_type=1, cmsg_data={ee_errno=0, ee_origin=1, "
        "ee_type=0, ee_code=1, ee_info=0, ee_data=0}}]}, MSG_ERRQUEUE) = 0",
        "+0 poll([{fd=3, events=POLLIN, revents=POLLIN}], 1, 0) = 1",
        "+0 epoll_ctl(5, 1, 4, {events=EPOLLIN|EPOLLET, ptr=7}) = 0",
        "+0 setsockopt(3, 1, 2, {onoff=1, linger=0}, 8) = 0",
        "+0 f({flags [none], sum 0, off 0, key 5, seq 0}) = 0",
        "+0 f({(label 1, tc 0, ttl 5) (label 2, tc 0, [S], ttl 5)}) = 0",
        "+0 f({TCP_NLA_A=1, TCP_NLA_B=0x1f}) = ...", "+0 f(\"a\" \"b\", []) = 0",
        "+0 f(inet6_addr(\"fd00::1\"), -1) = 0",
        "+0 resolve(\"a\") = [\"192.0.2.1\", \"192.0.2.2\"]", "+0 write(4, ..., ${2*n}) = ${2*n}"));

INSTANTIATE_TEST_SUITE_P(
    Others, PrintEvent,
    ::testing::Values("+0 silence 1.5", "+${n} ignore 20", "+0 = state(4) TIME_WAIT",
                      "+0 = state CLOSED", "+0 = state(@b) CLOSED", "+0 = info(4, cwnd) 10",
                      "+0 = info(cwnd) >= 10", "+0 = info(cwnd) != 10", "+0 = unpredictable(isn)",
                      "+0 > . 1:1(0) ack 1 {tcp.seq=keep isn}", "+0 `ls\n -l`",
                      "+0 %{ assert x == 1\n }%", "use established",
                      "use established with $mss=${n}", "use x with $f=\"F.\", $g=0x10, $h=0.5",
                      "0.000000001 close(3) = 0", "1~2 > . 1:1(0) ack 1"));

TEST(Print, CommentsInsideAnEventMoveAboveIt) {
  const Script script = parsed("+0 a() = 0\n+0 f(1, // one\n     2 /* two */) = 0 // three\n");
  EXPECT_EQ(print(script), "+0     a() = 0\n// one\n/* two */\n+0     f(1, 2) = 0  // three\n");
  EXPECT_EQ(parsed(print(script)), script);
}

TEST(Print, CommentsInsideTheFirstEventBelongToTheTop) {
  const Script script = parsed("+0 f(1, // one\n     2) = 0\n");
  EXPECT_EQ(parsed(print(script)), script);
}

TEST(Print, LongCallsAreBrokenBetweenArguments) {
  const std::string text =
      "+0 recvmsg(3, {msg_name(...)=..., msg_iov(1)=[{..., 0}], msg_flags=MSG_ERRQUEUE, "
      "msg_control=[{cmsg_level=SOL_IP, cmsg_type=1, cmsg_data=\"a, b\"}]}, MSG_ERRQUEUE) = 0\n";
  const Script script = parsed(text);
  const std::string printed = print(script);
  std::size_t start = 0;
  while (start < printed.size()) {
    const std::size_t end = printed.find('\n', start);
    EXPECT_LE(end - start, 100u) << printed;
    start = end + 1;
  }
  EXPECT_EQ(parsed(printed), script);
  EXPECT_EQ(print(parsed(printed)), printed);
}

TEST(Print, LivePacketsNeedNoSpelling) {
  Packet packet;
  packet.direction = Direction::outbound;
  Udp udp;
  udp.length = 3;
  packet.body = udp;
  Octets payload;
  payload.octets = {'a', '"', 0xff};
  packet.payload = payload;
  EXPECT_EQ(print_packet(packet), "> udp (3) \"a\\x22\\xff\"");
  packet.payload->hex = true;
  EXPECT_EQ(print_packet(packet), "> udp (3) hex \"6122ff\"");
}

TEST(Print, AnExpandedAceDigitAloneIsPrintedAsLetters) {
  // A digit alone would be read as a number.
  TcpFlags flags;
  flags.bits = TcpFlags::kAe | TcpFlags::kEce;
  flags.ace = 5;
  EXPECT_EQ(print_tcp_flags(flags), "EA");
}

}  // namespace
}  // namespace packetwright::script
