// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <gtest/gtest.h>

#include "harness/script/testing.hh"

// Corners of the language with the verdict of each packetdrill, as its own parser gave it
// (google/packetdrill 2c4001c, nplab/packetdrill c8e048b, both with --dry_run). What either reads
// is read here; what the first does not read is marked as an extension, so that lint can tell.
namespace packetwright::script {
namespace {

using testing::all_remarks;

enum class Reads : std::uint8_t {
  both,
  google,
  nplab,
  none,
  nonsense,  // one of them reads it, and cannot do what it says
};

struct Corner {
  Reads reads;
  const char* text;
};

constexpr Corner kCorners[] = {
    {Reads::both, R"pkt(0 close(3) = 0
)pkt"},
    {Reads::both, R"pkt(0.5 close(3) = 0
)pkt"},
    {Reads::both, R"pkt(.5 close(3) = 0
)pkt"},
    {Reads::none, R"pkt(1. close(3) = 0
)pkt"},
    {Reads::both, R"pkt(+.25 close(3) = 0
)pkt"},
    {Reads::none, R"pkt(* close(3) = 0
)pkt"},
    {Reads::none, R"pkt(0~1 close(3) = 0
)pkt"},
    {Reads::both, R"pkt(+0~+1 > . 1:1(0) ack 1
)pkt"},
    {Reads::both, R"pkt(0~1 > . 1:1(0) ack 1
)pkt"},
    {Reads::none, R"pkt(1~0 > . 1:1(0) ack 1
)pkt"},
    {Reads::none, R"pkt(+0~1 > . 1:1(0) ack 1
)pkt"},
    {Reads::both, R"pkt(* > . 1:1(0) ack 1
)pkt"},
    {Reads::none, R"pkt(* < . 1:1(0) ack 1 win 1
)pkt"},
    {Reads::none, R"pkt(+0 < . 1:1(0) ack 1
)pkt"},
    {Reads::both, R"pkt(+0 < . 1:1(0) win 5
)pkt"},
    {Reads::both, R"pkt(+0 < . 1:1(0) ack 1 win 65535
)pkt"},
    {Reads::both, R"pkt(+0 < S 0:0(0) win 1 <mss 1460>
)pkt"},
    {Reads::none, R"pkt(+0 < S 0:0(0) win 1 <mss 1460,nop>
)pkt"},
    {Reads::both, R"pkt(+0 < S 0:0(0) win 1 <mss 1460,nop,wscale 7>
)pkt"},
    {Reads::none, R"pkt(+0 < S 0:0(0) win 1 <wscale 7,nop,mss 65536>
)pkt"},
    {Reads::both, R"pkt(+0 < S 0:0(0) win 1 <sackOK,eol,eol>
)pkt"},
    {Reads::both, R"pkt(+0 < S 0:0(0) win 1 <sackOK,TS val 1 ecr 0,nop,wscale 2>
)pkt"},
    {Reads::none, R"pkt(+0 < S 0:0(0) win 1 <>
)pkt"},
    {Reads::both, R"pkt(+0 > S. 0:0(0) ack 1 <...>
)pkt"},
    {Reads::none, R"pkt(+0 < S 0:0(0) win 1 <...>
)pkt"},
    {Reads::both, R"pkt(+0 > . 1:1(0) ack 1 <nop,nop,sack 1:2 3:4>
)pkt"},
    {Reads::none, R"pkt(+0 > . 1:1(0) ack 1 <nop,nop,sack 1:2,3:4>
)pkt"},
    {Reads::none, R"pkt(+0 > . 1:1(0) ack 1 <nop,nop,sack 1:2 3:4 5:6 7:8 9:10>
)pkt"},
    {Reads::both, R"pkt(+0 > . 1:1(0) ack 1 <nop,nop,TS val 1 ecr 2>
)pkt"},
    {Reads::none, R"pkt(+0 > . 1:1(0) ack 1 <nop,nop,TS ecr 2 val 1>
)pkt"},
    {Reads::nplab, R"pkt(+0 > . 1:1(0) ack 1 <nop,nop,TS val ... ecr 2>
)pkt"},
    {Reads::nplab, R"pkt(+0 < . 1:1(0) ack 1 win 9 <nop,nop,TS val 1 ecr 2!>
)pkt"},
    {Reads::both, R"pkt(+0 > S 0:0(0) <FO,nop,nop>
)pkt"},
    {Reads::both, R"pkt(+0 > S 0:0(0) <FO 0102030405060708,nop,nop>
)pkt"},
    {Reads::none, R"pkt(+0 > S 0:0(0) <FO 010,nop,nop>
)pkt"},
    {Reads::google, R"pkt(+0 > S 0:0(0) <FOEXP>
)pkt"},
    {Reads::google, R"pkt(+0 > S 0:0(0) <FOEXP 00ff00ff>
)pkt"},
    {Reads::nplab, R"pkt(+0 > S 0:0(0) <exp-FO 00ff00ff>
)pkt"},
    {Reads::both, R"pkt(+0 > S 0:0(0) <md5 000102030405060708090a0b0c0d0e0f,nop,nop>
)pkt"},
    {Reads::google, R"pkt(+0 > S 0:0(0) <ECN e0b 1 ceb 2 e1b 3,nop>
)pkt"},
    {Reads::google, R"pkt(+0 > S 0:0(0) <ECN e1b 1,nop,nop,nop>
)pkt"},
    {Reads::nplab, R"pkt(+0 > S 0:0(0) <AccECN0,nop,nop>
)pkt"},
    {Reads::nplab, R"pkt(+0 > S 0:0(0) <AccECN1 ee1b 1 eceb 2 ee0b 3,nop>
)pkt"},
    {Reads::nplab, R"pkt(+0 > S 0:0(0) <exp-AccECN0>
)pkt"},
    {Reads::nplab, R"pkt(+0 > S 0:0(0) <gen-253 0102,nop,nop,nop,nop>
)pkt"},
    {Reads::none, R"pkt(+0 > S 0:0(0) <frob 1>
)pkt"},
    {Reads::both, R"pkt(+0 > P. 1:11(10) ack 1
)pkt"},
    {Reads::none, R"pkt(+0 > .P 1:11(10) ack 1
)pkt"},
    {Reads::both, R"pkt(+0 > P . 1:11(10) ack 1
)pkt"},
    {Reads::both, R"pkt(+0 > SEW 0:0(0)
)pkt"},
    {Reads::both, R"pkt(+0 > SE. 0:0(0) ack 1
)pkt"},
    {Reads::nplab, R"pkt(+0 > S.E 0:0(0) ack 1
)pkt"},
    {Reads::both, R"pkt(+0 > SA 0:0(0)
)pkt"},
    {Reads::both, R"pkt(+0 > .5 1:1(0) ack 1
)pkt"},
    {Reads::both, R"pkt(+0 > P.3 1:2(1) ack 1
)pkt"},
    {Reads::both, R"pkt(+0 > S5 0:0(0)
)pkt"},
    {Reads::none, R"pkt(+0 > S8 0:0(0)
)pkt"},
    {Reads::none, R"pkt(+0 > .E5 1:1(0) ack 1
)pkt"},
    {Reads::both, R"pkt(+0 > - 1:1(0)
)pkt"},
    {Reads::both, R"pkt(+0 > U. 1:2(1) ack 1 urg 5
)pkt"},
    {Reads::none, R"pkt(+0 > X 1:1(0)
)pkt"},
    {Reads::none, R"pkt(+0 > . 1:2(0) ack 1
)pkt"},
    {Reads::none, R"pkt(+0 > . 4294967295:4294967296(1) ack 1
)pkt"},
    {Reads::nplab, R"pkt(+0 > . 1:1(0)! ack 1
)pkt"},
    {Reads::nplab, R"pkt(+0 > . ...(10) ack 1
)pkt"},
    {Reads::both, R"pkt(+0 > R 1:1(0)
)pkt"},
    {Reads::both, R"pkt(+0 < 1000 > 80 S 0:0(0) win 5
)pkt"},
    {Reads::both, R"pkt(+0 < [ect0] . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::both, R"pkt(+0 < (ect1) . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::both, R"pkt(+0 < [ce] . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::both, R"pkt(+0 > [noecn] . 1:1(0) ack 1
)pkt"},
    {Reads::both, R"pkt(+0 > [ect01] . 1:1(0) ack 1
)pkt"},
    {Reads::nonsense, R"pkt(+0 < [ect01] . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::both, R"pkt(+0 > [tos 0x10] . 1:1(0) ack 1
)pkt"},
    {Reads::none, R"pkt(+0 > [tos 16] . 1:1(0) ack 1
)pkt"},
    {Reads::both, R"pkt(+0 > [ttl 5] . 1:1(0) ack 1
)pkt"},
    {Reads::nplab, R"pkt(+0 > (hlim 5) . 1:1(0) ack 1
)pkt"},
    {Reads::nplab, R"pkt(+0 > (class 0x10) . 1:1(0) ack 1
)pkt"},
    {Reads::none, R"pkt(+0 > (dscp (ef)) . 1:1(0) ack 1
)pkt"},
    {Reads::none, R"pkt(+0 > (ttl 64, ecn (ce)) . 1:1(0) ack 1
)pkt"},
    {Reads::both, R"pkt(+0 > [tos 0x1, flowlabel 0x2] . 1:1(0) ack 1
)pkt"},
    {Reads::both, R"pkt(+0 < ipv4 192.0.2.1 > 192.168.0.1: . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::both, R"pkt(+0 < ipv6 fd00::1 > fd00::2: . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::both, R"pkt(+0 < gre: . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::google,
     R"pkt(+0 < gre flags [key present], sum 0, off 0, key = 7, seq 0: . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::both, R"pkt(+0 < ipv4 192.0.2.1 > 192.168.0.1: gre: . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::both, R"pkt(+0 < mpls (label 5, tc 0, ttl 64): . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::both, R"pkt(+0 < mpls (label 5, tc 0, [S], ttl 64): . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::both, R"pkt(+0 < udp (32)
)pkt"},
    {Reads::both, R"pkt(+0 > udp (0)
)pkt"},
    {Reads::both, R"pkt(+0 < udp 9000 > 7 (5)
)pkt"},
    {Reads::none, R"pkt(+0 > udp
)pkt"},
    {Reads::both, R"pkt(+0 < icmp unreachable
)pkt"},
    {Reads::both, R"pkt(+0 < icmp unreachable host_unreachable
)pkt"},
    {Reads::both, R"pkt(+0 < icmp unreachable frag_needed mtu 1200 [1:1001(1000)]
)pkt"},
    {Reads::both, R"pkt(+0 < icmp unreachable frag_needed mtu 1200 [udp (32)]
)pkt"},
    {Reads::google, R"pkt(+0 < icmp unreachable port_unreachable [raw (20)]
)pkt"},
    {Reads::both, R"pkt(+0 < icmp type_3 code_1
)pkt"},
    {Reads::none, R"pkt(+0 < icmp type_300
)pkt"},
    {Reads::none, R"pkt(+0 < icmp frobnicated
)pkt"},
    {Reads::both, R"pkt(+0 < icmp echo_request id 5
)pkt"},
    {Reads::both, R"pkt(+0 < icmp time_exceeded
)pkt"},
    {Reads::nplab, R"pkt(+0 < icmp time_exceeded ttl_exceeded_in_transit [1:1(0)]
)pkt"},
    {Reads::none, R"pkt(+0 < icmp redirect mtu 5
)pkt"},
    {Reads::nplab, R"pkt(+0 < . 1:1(0) ack 1 win 5 /udp(9811 > 1)
)pkt"},
    {Reads::both, R"pkt(+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
)pkt"},
    {Reads::both, R"pkt(+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 0x3
)pkt"},
    {Reads::both, R"pkt(+0 socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0) = 3
)pkt"},
    {Reads::both, R"pkt(+0 accept(3, ..., ...) = 4
)pkt"},
    {Reads::both, R"pkt(+0...0.1 accept(3, ..., ...) = 4
)pkt"},
    {Reads::none, R"pkt(+0...+0.1 accept(3, ..., ...) = 4
)pkt"},
    {Reads::both, R"pkt(+0 ...0.1 accept(3, ..., ...) = 4
)pkt"},
    {Reads::both, R"pkt(+0 read(4, ..., 10) = -1 EAGAIN (no data)
)pkt"},
    {Reads::none, R"pkt(+0 read(4, ..., 10) = -1 EAGAIN
)pkt"},
    {Reads::none, R"pkt(+0 read(4, ..., 10) = -1 EAGAIN (Bad fd)
)pkt"},
    {Reads::both, R"pkt(+0 fcntl(3, F_GETFL) = 0x2 (flags O_RDWR)
)pkt"},
    {Reads::both, R"pkt(+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
)pkt"},
    {Reads::both, R"pkt(+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
)pkt"},
    {Reads::both, R"pkt(+0 setsockopt(3, SOL_TCP, TCP_CONGESTION, "cubic", 5) = 0
)pkt"},
    {Reads::google, R"pkt(+0 setsockopt(3, SOL_TCP, TCP_CONGESTION, "cu" "bic", 5) = 0
)pkt"},
    {Reads::both, R"pkt(+0 setsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0
)pkt"},
    {Reads::both, R"pkt(+0 getsockopt(3, SOL_SOCKET, SO_ERROR, [0], [4]) = 0
)pkt"},
    {Reads::both, R"pkt(+0 getsockopt(3, SOL_SOCKET, SO_ERROR, [ECONNRESET], [4]) = 0
)pkt"},
    {Reads::both,
     R"pkt(+0 connect(3, {sa_family = AF_INET, sin_port = htons(80),
  sin_addr = inet_addr("192.0.2.1")}, ...) = 0
)pkt"},
    {Reads::google,
     R"pkt(+0 sendmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 10}], msg_flags=0}, 0) = 10
)pkt"},
    {Reads::google,
     R"pkt(+0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 10}], msg_flags=0,
  msg_control=[]}, 0) = 10
)pkt"},
    {Reads::nplab,
     R"pkt(+0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{iov_base=..., iov_len=10}],
  msg_control(0)=[], msg_flags=0}, 0) = 10
)pkt"},
    {Reads::google,
     R"pkt(+0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 10}], msg_flags=0,
  msg_control=[{cmsg_level=SOL_IP, cmsg_type=IP_TTL,
  cmsg_data=5}]}, 0) = 10
)pkt"},
    {Reads::both, R"pkt(+0 poll([{fd=3, events=POLLIN}], 1, 0) = 0
)pkt"},
    {Reads::both, R"pkt(+0 poll([{fd=3, events=POLLIN|POLLOUT, revents=POLLOUT}], 1, 0) = 1
)pkt"},
    {Reads::google, R"pkt(+0 epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN, fd=4}) = 0
)pkt"},
    {Reads::google, R"pkt(+0 epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN, ptr=4}) = 0
)pkt"},
    {Reads::google, R"pkt(+0 epoll_wait(5, {events=EPOLLIN, u64=4}, 1, 0) = 1
)pkt"},
    {Reads::both, R"pkt(+0 writev(4, [{..., 10}, {..., 20}], 2) = 30
)pkt"},
    {Reads::both, R"pkt(+0 splice(3, NULL, 4, NULL, 10, 0) = 10
)pkt"},
    {Reads::both, R"pkt(+0 pipe([5, 6]) = 0
)pkt"},
    {Reads::both, R"pkt(+0 open("/tmp/x", O_RDWR) = 5
)pkt"},
    {Reads::both, R"pkt(+0 read(4, "abc"..., 10) = 3
)pkt"},
    {Reads::none, R"pkt(+0 close(1+2) = 0
)pkt"},
    {Reads::none, R"pkt(+0 close((3)) = 0
)pkt"},
    {Reads::both, R"pkt(+0 close(-3) = 0
)pkt"},
    {Reads::none, R"pkt(+0 close(~3) = 0
)pkt"},
    {Reads::both, R"pkt(+0 close() = 0
)pkt"},
    {Reads::none, R"pkt(+0 close(3)
)pkt"},
    {Reads::both, R"pkt(+0 close(3) = ...
)pkt"},
    {Reads::both, R"pkt(+0 frobnicate(3) = 0
)pkt"},
    {Reads::both, R"pkt(+0 `true`
)pkt"},
    {Reads::both, R"pkt(+0 %{ assert True }%
)pkt"},
    {Reads::both, R"pkt(+0 %{ }%
)pkt"},
    {Reads::both, R"pkt(+0 < . 1:1(0) ack 1 win 5 // why
)pkt"},
    {Reads::both, R"pkt(+0 < . 1:1(0) ack 1 win 5 /* why */
)pkt"},
    {Reads::both, R"pkt(/* why */ +0 < . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::both, R"pkt(--tolerance_usecs=1000
+0 close(3) = 0
)pkt"},
    {Reads::none, R"pkt(--tolerance_percent=2.5
+0 close(3) = 0
)pkt"},
    {Reads::both, R"pkt(--tolerance_percent="2.5"
+0 close(3) = 0
)pkt"},
    {Reads::both, R"pkt(--ip_version=ipv4
+0 close(3) = 0
)pkt"},
    {Reads::none, R"pkt(--ip_version=ipv4-mapped-ipv6
+0 close(3) = 0
)pkt"},
    {Reads::both, R"pkt(--local_ip=192.168.0.1
+0 close(3) = 0
)pkt"},
    {Reads::google, R"pkt(--strict_segments
+0 close(3) = 0
)pkt"},
    {Reads::nplab, R"pkt(--define=X=5
+0 close(X) = 0
)pkt"},
    {Reads::both, R"pkt(--define=X="five"
+0 open(X, 0) = 3
)pkt"},
    {Reads::both, R"pkt(`true`
+0 close(3) = 0
)pkt"},
    {Reads::none, R"pkt(`true`
`true`
+0 close(3) = 0
)pkt"},
    {Reads::both, R"pkt(+0 close(3) = 0
`true`
)pkt"},
    {Reads::none, R"pkt(+0 close(3) = 0
`true`
`true`
)pkt"},
    {Reads::none, R"pkt(`true`
)pkt"},
    {Reads::nplab, R"pkt(#ifdef Linux
+0 close(3) = 0
#endif
+0 close(4) = 0
)pkt"},
    {Reads::both, R"pkt(+0 close(3) = 0 +0 close(4) = 0
)pkt"},
    {Reads::both, R"pkt(+0 close(3)
 = 0
)pkt"},
    {Reads::none, R"pkt(close(3) = 0
)pkt"},
    {Reads::none, R"pkt(+-1 close(3) = 0
)pkt"},
    {Reads::none, R"pkt(+0 > . 1:1(0) ack 1 <exp-tarr,nop,nop>
)pkt"},
    {Reads::none, R"pkt(+0 < . 1:1(0) ack 1 win 9 <exp-tarr,nop,nop>
)pkt"},
    {Reads::none, R"pkt(+0 > . 1:1(0) ack 1 <exp-tarr 5,nop>
)pkt"},
    {Reads::none, R"pkt(+0 < . 1:1(0) ack 1 win 9 <exp-tarr 5,nop>
)pkt"},
    {Reads::none, R"pkt(+0 > . 1:1(0) ack 1 <exp-tarr 127,nop>
)pkt"},
    {Reads::none, R"pkt(+0 < . 1:1(0) ack 1 win 9 <exp-tarr 127,nop>
)pkt"},
    {Reads::none, R"pkt(+0 > . 1:1(0) ack 1 <exp-tarr 128,nop>
)pkt"},
    {Reads::none, R"pkt(+0 < . 1:1(0) ack 1 win 9 <exp-tarr 128,nop>
)pkt"},
    {Reads::nplab, R"pkt(+0 > . 1:1(0) ack 1 <EXP-FO 00ff00ff>
)pkt"},
    {Reads::nplab, R"pkt(+0 < . 1:1(0) ack 1 win 9 <EXP-FO 00ff00ff>
)pkt"},
    {Reads::nplab, R"pkt(+0 > . 1:1(0) ack 1 <exp-f989 0102,nop,nop>
)pkt"},
    {Reads::nplab, R"pkt(+0 < . 1:1(0) ack 1 win 9 <exp-f989 0102,nop,nop>
)pkt"},
    {Reads::nplab, R"pkt(+0 > . 1:1(0) ack 1 <exp-1234>
)pkt"},
    {Reads::nplab, R"pkt(+0 < . 1:1(0) ack 1 win 9 <exp-1234>
)pkt"},
    {Reads::nplab, R"pkt(+0 > . 1:1(0) ack 1 <exp-1234 0102030405,nop,nop,nop>
)pkt"},
    {Reads::nplab, R"pkt(+0 < . 1:1(0) ack 1 win 9 <exp-1234 0102030405,nop,nop,nop>
)pkt"},
    {Reads::none, R"pkt(+0 > . 1:1(0) ack 1 <exp-12345,nop>
)pkt"},
    {Reads::none, R"pkt(+0 < . 1:1(0) ack 1 win 9 <exp-12345,nop>
)pkt"},
    {Reads::nplab, R"pkt(+0 > . 1:1(0) ack 1 <md5 valid,nop,nop>
)pkt"},
    {Reads::nplab, R"pkt(+0 < . 1:1(0) ack 1 win 9 <md5 valid,nop,nop>
)pkt"},
    {Reads::none, R"pkt(+0 > . 1:1(0) ack 1 <0204>
)pkt"},
    {Reads::none, R"pkt(+0 < . 1:1(0) ack 1 win 9 <0204>
)pkt"},
    {Reads::nplab, R"pkt(+0 > . 1:1(0) ack 1 <020405b4>
)pkt"},
    {Reads::nplab, R"pkt(+0 < . 1:1(0) ack 1 win 9 <020405b4>
)pkt"},
    {Reads::none, R"pkt(+0 > . 1:1(0) ack 1 <020405b4010303>
)pkt"},
    {Reads::none, R"pkt(+0 < . 1:1(0) ack 1 win 9 <020405b4010303>
)pkt"},
    {Reads::none, R"pkt(+0 > . 1:1(0) ack 1 <02040>
)pkt"},
    {Reads::none, R"pkt(+0 < . 1:1(0) ack 1 win 9 <02040>
)pkt"},
    {Reads::none, R"pkt(+0 > . 1:1(0) ack 1 <gen-253>
)pkt"},
    {Reads::none, R"pkt(+0 < . 1:1(0) ack 1 win 9 <gen-253>
)pkt"},
    {Reads::nplab, R"pkt(+0 > . 1:1(0) ack 1 <gen-253 0102>
)pkt"},
    {Reads::nplab, R"pkt(+0 < . 1:1(0) ack 1 win 9 <gen-253 0102>
)pkt"},
    {Reads::none, R"pkt(+0 > . 1:1(0) ack 1 <gen-256 0102>
)pkt"},
    {Reads::none, R"pkt(+0 < . 1:1(0) ack 1 win 9 <gen-256 0102>
)pkt"},
    {Reads::nplab, R"pkt(+0 > . 1:1(0) ack 1 <gen-253,nop,nop>
)pkt"},
    {Reads::nplab, R"pkt(+0 < . 1:1(0) ack 1 win 9 <gen-253,nop,nop>
)pkt"},
    {Reads::none, R"pkt(+0 > . 1:1(0) ack 1 <gen-254 acce0102>
)pkt"},
    {Reads::none, R"pkt(+0 < . 1:1(0) ack 1 win 9 <gen-254 acce0102>
)pkt"},
    {Reads::nplab, R"pkt(+0 > . 1:1(0) ack 1 <AccECN0,nop,nop>
)pkt"},
    {Reads::nplab, R"pkt(+0 < . 1:1(0) ack 1 win 9 <AccECN0,nop,nop>
)pkt"},
    {Reads::nplab, R"pkt(+0 > . 1:1(0) ack 1 <AccECN0 ee0b 1,nop,nop,nop>
)pkt"},
    {Reads::nplab, R"pkt(+0 < . 1:1(0) ack 1 win 9 <AccECN0 ee0b 1,nop,nop,nop>
)pkt"},
    {Reads::nplab, R"pkt(+0 > . 1:1(0) ack 1 <AccECN0 ee0b 1 eceb 2 ee1b 3,nop>
)pkt"},
    {Reads::nplab, R"pkt(+0 < . 1:1(0) ack 1 win 9 <AccECN0 ee0b 1 eceb 2 ee1b 3,nop>
)pkt"},
    {Reads::none, R"pkt(+0 > . 1:1(0) ack 1 <AccECN0 eceb 1>
)pkt"},
    {Reads::none, R"pkt(+0 < . 1:1(0) ack 1 win 9 <AccECN0 eceb 1>
)pkt"},
    {Reads::none, R"pkt(+0 > . 1:1(0) ack 1 <AccECN0 ee0b 16777216,nop,nop,nop>
)pkt"},
    {Reads::none, R"pkt(+0 < . 1:1(0) ack 1 win 9 <AccECN0 ee0b 16777216,nop,nop,nop>
)pkt"},
    {Reads::nplab, R"pkt(+0 > . 1:1(0) ack 1 <exp-AccECN1 ee1b 1 eceb 2,nop,nop>
)pkt"},
    {Reads::nplab, R"pkt(+0 < . 1:1(0) ack 1 win 9 <exp-AccECN1 ee1b 1 eceb 2,nop,nop>
)pkt"},
    {Reads::none, R"pkt(+0 > . 1:1(0) ack 1 <exp-AccECN0 ee0b 1 ee1b 2,nop,nop>
)pkt"},
    {Reads::none, R"pkt(+0 < . 1:1(0) ack 1 win 9 <exp-AccECN0 ee0b 1 ee1b 2,nop,nop>
)pkt"},
    {Reads::nonsense, R"pkt(+0 < . 1:1(0) ack 1 win 9 <TS val ... ecr 1,nop,nop>
)pkt"},
    {Reads::nonsense, R"pkt(+0 > [ttl 256] . 1:1(0) ack 1
)pkt"},
    {Reads::nonsense, R"pkt(+0 < (ttl 256) . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::nplab, R"pkt(+0 > [hlim 5] . 1:1(0) ack 1
)pkt"},
    {Reads::nplab, R"pkt(+0 < (hlim 5) . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::nplab, R"pkt(+0 > [class 0x10] . 1:1(0) ack 1
)pkt"},
    {Reads::nplab, R"pkt(+0 < (class 0x10) . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::nplab, R"pkt(+0 > [ecn noecn] . 1:1(0) ack 1
)pkt"},
    {Reads::nplab, R"pkt(+0 < (ecn noecn) . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::nplab, R"pkt(+0 > [ecn ect0] . 1:1(0) ack 1
)pkt"},
    {Reads::nplab, R"pkt(+0 < (ecn ect0) . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::nplab, R"pkt(+0 > [ecn ect1] . 1:1(0) ack 1
)pkt"},
    {Reads::nplab, R"pkt(+0 < (ecn ect1) . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::nplab, R"pkt(+0 > [ecn ce] . 1:1(0) ack 1
)pkt"},
    {Reads::nplab, R"pkt(+0 < (ecn ce) . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::nplab, R"pkt(+0 > [ecn ect01] . 1:1(0) ack 1
)pkt"},
    {Reads::nonsense, R"pkt(+0 < (ecn ect01) . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::none, R"pkt(+0 > [ecn 1] . 1:1(0) ack 1
)pkt"},
    {Reads::none, R"pkt(+0 < (ecn 1) . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::nonsense, R"pkt(+0 < (ect01) . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::nplab, R"pkt(+0 > [dscp ef, ecn ce] . 1:1(0) ack 1
)pkt"},
    {Reads::nplab, R"pkt(+0 < (dscp ef, ecn ce) . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::nonsense, R"pkt(+0 < (dscp ef, ect01) . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::nplab, R"pkt(+0 > [ecn ce, dscp ef] . 1:1(0) ack 1
)pkt"},
    {Reads::nplab, R"pkt(+0 < (ecn ce, dscp ef) . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::none, R"pkt(+0 > [tos 0x1, ecn ce] . 1:1(0) ack 1
)pkt"},
    {Reads::none, R"pkt(+0 < (tos 0x1, ecn ce) . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::none, R"pkt(+0 > [class 0x1, dscp ef] . 1:1(0) ack 1
)pkt"},
    {Reads::none, R"pkt(+0 < (class 0x1, dscp ef) . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::nplab, R"pkt(+0 > [ttl 5, hlim 6] . 1:1(0) ack 1
)pkt"},
    {Reads::nplab, R"pkt(+0 < (ttl 5, hlim 6) . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::nplab, R"pkt(+0 > [dscp voice-admit] . 1:1(0) ack 1
)pkt"},
    {Reads::nplab, R"pkt(+0 < (dscp voice-admit) . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::none, R"pkt(+0 > R. 1:1(0) ack 1 [code 5, pen 6]
)pkt"},
    {Reads::none, R"pkt(+0 > R 1:11(10) [code 5, pen 6]
)pkt"},
    {Reads::nplab, R"pkt(+0 > R. 1:9(8) ack 1 [code 5, pen 6]
)pkt"},
    {Reads::nplab, R"pkt(+0 < R. 1:9(8) ack 1 win 0 [code 5, pen 6]
)pkt"},
    {Reads::none, R"pkt(+0 > R. 1:13(12) ack 1 [code 65536, pen 6]
)pkt"},
    {Reads::none, R"pkt(+0 > R. 1:13(12) ack 1 [code 5, pen 6]
)pkt"},
    {Reads::nplab, R"pkt(+0 > R. 1:1(0) ack 1 [code 0, pen 0]
)pkt"},
    {Reads::none, R"pkt(+0 > R. 1:1(0) ack 1 <nop,nop,TS val 1 ecr 2> [code 5, pen 6]/udp(1 > 2)
)pkt"},
    {Reads::none, R"pkt(+0 > . 1:9(8) ack 1 [code 5, pen 6]
)pkt"},
    {Reads::nonsense, R"pkt(+0 < . ...(10) ack 1 win 3
)pkt"},
    {Reads::nplab, R"pkt(+0 < udplite (10,8)
)pkt"},
    {Reads::nplab, R"pkt(+0 < udplite (10,0)
)pkt"},
    {Reads::nplab, R"pkt(+0 < udplite (10,18)
)pkt"},
    {Reads::nplab, R"pkt(+0 < udplite (10,19)
)pkt"},
    {Reads::nplab, R"pkt(+0 < udplite (10,7)
)pkt"},
    {Reads::none, R"pkt(+0 < udplite (10)
)pkt"},
    {Reads::nplab, R"pkt(+0 < udplite 5 > 6 (10,8)
)pkt"},
    {Reads::nplab, R"pkt(+0 < (ttl 5) udplite (10,8)
)pkt"},
    {Reads::none, R"pkt(+0 < udplite (65536,8)
)pkt"},
    {Reads::none, R"pkt(+0 < udplite (10,65536)
)pkt"},
    {Reads::both,
     R"pkt(+0 < mpls (label 5, tc 0, ttl 64) (label 6, tc 1, [S], ttl 3): . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::both, R"pkt(+0 < mpls: . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::none, R"pkt(+0 < mpls (label 1048576, tc 0, ttl 64): . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::none, R"pkt(+0 < mpls (label 5, tc 8, ttl 64): . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::none, R"pkt(+0 < mpls (label 5, tc 0, ttl 256): . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::none, R"pkt(+0 < mpls (label 5, tc 0, [X], ttl 64): . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::both,
     R"pkt(+0 < ipv4 192.0.2.1 > 192.168.0.1: ipv6 fd00::1 > fd00::2: . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::both,
     R"pkt(+0 < ipv6 fd00::1 > fd00::2: ipv4 192.0.2.1 > 192.168.0.1: . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::both, R"pkt(+0 < ipv6 fd00::1 > fd00::2: ipv6 fd00::3 > fd00::4: . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::both,
     R"pkt(+0 < ipv4 192.0.2.1 > 192.168.0.1: gre: mpls (label 5, tc 0, [S], ttl 64): .
  1:1(0) ack 1 win 5
)pkt"},
    {Reads::google, R"pkt(+0 < GREv0, flags [none], sum 0, off 0, key 0, seq 0: . 1:1(0)
  ack 1 win 5
)pkt"},
    {Reads::google, R"pkt(+0 < GREv0: . 1:1(0) ack 1 win 5
)pkt"},
    {Reads::nplab, R"pkt(+0 > udplite (10,8)
)pkt"},
    {Reads::nplab, R"pkt(+0 > udplite (10,0)
)pkt"},
    {Reads::nplab, R"pkt(+0 > udplite (10,18)
)pkt"},
    {Reads::nplab, R"pkt(+0 > udplite (10,19)
)pkt"},
    {Reads::nplab, R"pkt(+0 > udplite (10,7)
)pkt"},
    {Reads::none, R"pkt(+0 > udplite (10)
)pkt"},
    {Reads::nplab, R"pkt(+0 > udplite 5 > 6 (10,8)
)pkt"},
    {Reads::nplab, R"pkt(+0 > (ttl 5) udplite (10,8)
)pkt"},
    {Reads::none, R"pkt(+0 > udplite (65536,8)
)pkt"},
    {Reads::none, R"pkt(+0 > udplite (10,65536)
)pkt"},
    {Reads::both, R"pkt(+0 > ipv6 fd00::1 > fd00::2: . 1:1(0) ack 1
)pkt"},
    {Reads::both, R"pkt(+0 > mpls (label 5, tc 0, ttl 64): . 1:1(0) ack 1
)pkt"},
    {Reads::both, R"pkt(+0 > mpls (label 5, tc 0, [S], ttl 64): . 1:1(0) ack 1
)pkt"},
    {Reads::both,
     R"pkt(+0 > mpls (label 5, tc 0, ttl 64) (label 6, tc 1, [S], ttl 3): . 1:1(0) ack 1
)pkt"},
    {Reads::both, R"pkt(+0 > mpls: . 1:1(0) ack 1
)pkt"},
    {Reads::none, R"pkt(+0 > mpls (label 1048576, tc 0, ttl 64): . 1:1(0) ack 1
)pkt"},
    {Reads::none, R"pkt(+0 > mpls (label 5, tc 8, ttl 64): . 1:1(0) ack 1
)pkt"},
    {Reads::none, R"pkt(+0 > mpls (label 5, tc 0, ttl 256): . 1:1(0) ack 1
)pkt"},
    {Reads::none, R"pkt(+0 > mpls (label 5, tc 0, [X], ttl 64): . 1:1(0) ack 1
)pkt"},
    {Reads::both, R"pkt(+0 > ipv4 192.0.2.1 > 192.168.0.1: ipv6 fd00::1 > fd00::2: . 1:1(0) ack 1
)pkt"},
    {Reads::both, R"pkt(+0 > ipv6 fd00::1 > fd00::2: ipv4 192.0.2.1 > 192.168.0.1: . 1:1(0) ack 1
)pkt"},
    {Reads::both, R"pkt(+0 > ipv6 fd00::1 > fd00::2: ipv6 fd00::3 > fd00::4: . 1:1(0) ack 1
)pkt"},
    {Reads::both,
     R"pkt(+0 > ipv4 192.0.2.1 > 192.168.0.1: gre: mpls (label 5, tc 0, [S], ttl 64): .
  1:1(0) ack 1
)pkt"},
    {Reads::google, R"pkt(+0 > gre flags [none], sum 0, off 0, key 0, seq 0: . 1:1(0) ack 1
)pkt"},
    {Reads::google, R"pkt(+0 > gre flags [key present] sum 0, off 0, key = 7, seq 0: .
  1:1(0) ack 1
)pkt"},
    {Reads::google,
     R"pkt(+0 > gre flags [checksum present, key present, sequence# present], sum 1, off
  2, key 3, seq 4: . 1:1(0) ack 1
)pkt"},
    {Reads::google,
     R"pkt(+0 > gre flags [checksum present,key present],sum 0,off 0,key 5,seq 0: . 1:1(0) ack 1
)pkt"},
    {Reads::google, R"pkt(+0 > GREv0, flags [none], sum 0, off 0, key 0, seq 0: . 1:1(0) ack 1
)pkt"},
    {Reads::google, R"pkt(+0 > gre flags [none], sum 0x10, off 0, key 0x5, seq 0: . 1:1(0) ack 1
)pkt"},
    {Reads::none, R"pkt(+0 > gre flags [], sum 0, off 0, key 0, seq 0: . 1:1(0) ack 1
)pkt"},
    {Reads::google, R"pkt(+0 > GREv0: . 1:1(0) ack 1
)pkt"},
    {Reads::nplab, R"pkt(+0 < icmp time_exceeded ttl_exceeded_in_transit
)pkt"},
    {Reads::nplab, R"pkt(+0 < icmp unreachable [udplite (5,8)]
)pkt"},
    {Reads::none, R"pkt(+0 < icmp unreachable [udplite (5)]
)pkt"},
    {Reads::nplab, R"pkt(+0 < icmp unreachable [sctp (5)]
)pkt"},
    {Reads::nonsense, R"pkt(+0 < icmp unreachable [...(5)]
)pkt"},
    {Reads::nonsense, R"pkt(+0 < icmp unreachable [raw (70000)]
)pkt"},
    {Reads::nplab, R"pkt(--ip_version=ipv6
+0 < icmp router_advertisement mtu 1300
)pkt"},
    {Reads::nplab, R"pkt(+0 call(3, htonl(5)) = 0
)pkt"},
    {Reads::nplab, R"pkt(+0 call(3, htonl(0x5)) = 0
)pkt"},
    {Reads::nonsense, R"pkt(+0 call(3, inet_addr("x")) = 0
)pkt"},
    {Reads::both,
     R"pkt(+0 call(3, {sa_family = AF_INET6, sin_port = htons(80), sin_addr =
  inet_addr("::1")}) = 0
)pkt"},
    {Reads::both, R"pkt(+0 call(3, {af_name="accf_data"}) = 0
)pkt"},
    {Reads::both, R"pkt(+0 call(3, {af_name="x", af_arg="y"}) = 0
)pkt"},
    {Reads::both, R"pkt(+0 call(3, {af_name=..., af_arg=...}) = 0
)pkt"},
    {Reads::google, R"pkt(+0 call(3, {enable=1, psk=0123}) = 0
)pkt"},
    {Reads::both, R"pkt(+0 call(3, {enable=0x1, psk=abcd}) = 0
)pkt"},
    {Reads::both, R"pkt(+0 call(3, {enable=..., psk=...}) = 0
)pkt"},
    {Reads::both, R"pkt(+0 call(3, {trr_flags=A|B, trr_code=1, trr_pen=2}) = 0
)pkt"},
    {Reads::nplab, R"pkt(+0 call(3, {headers(1)=[{..., 10}], trailers(1)=[{..., 10}]}) = 0
)pkt"},
    {Reads::nplab, R"pkt(+0 call(3, {headers(0)=[], trailers(0)=[]}) = 0
)pkt"},
    {Reads::nplab,
     R"pkt(+0 call(3, {cmsg_len=28, cmsg_level=SOL_IP, cmsg_type=IP_RECVERR,
  cmsg_data={ee_errno=1, ee_origin=2, ee_type=3, ee_code=4, ee_info=5, ee_data=6}}) = 0
)pkt"},
    {Reads::nplab,
     R"pkt(+0 call(3, {cmsg_len=28, cmsg_level=..., cmsg_type=..., cmsg_data={sa_family =
  AF_INET, sin_port = htons(80), sin_addr = inet_addr("1.2.3.4")}}) = 0
)pkt"},
    {Reads::nplab,
     R"pkt(+0 call(3, {msg_name(...)=..., msg_iov(1)=[{..., 10}],
  msg_control(64)=[{cmsg_len=28, cmsg_level=SOL_IP, cmsg_type=IP_RECVERR,
  cmsg_data={ee_errno=1, ee_origin=2, ee_type=3, ee_code=4, ee_info=5, ee_data=6}}],
  msg_flags=MSG_ERRQUEUE}) = 0
)pkt"},
    {Reads::nonsense, R"pkt(+0 call(3, {}) = 0
)pkt"},
    {Reads::nonsense, R"pkt(5...3 call(3) = 0
)pkt"},
    {Reads::nonsense, R"pkt(+5...3 call(3) = 0
)pkt"},
    {Reads::nplab, R"pkt(--define=X=5
+0 close(3) = 0
)pkt"},
    {Reads::nplab, R"pkt(--define=X=0x5
+0 close(3) = 0
)pkt"},
    {Reads::both, R"pkt(--define=X="y"
+0 close(3) = 0
)pkt"},
    {Reads::both, R"pkt(--define=X=`y`
+0 close(3) = 0
)pkt"},
    {Reads::both, R"pkt(--define=X=Y
+0 close(3) = 0
)pkt"},
    {Reads::nplab, R"pkt(--define=X=-5
+0 close(3) = 0
)pkt"},
    {Reads::nplab, R"pkt(--tcp_md5_secret=abc
+0 close(3) = 0
)pkt"},
    {Reads::nplab, R"pkt(--tcp_md5_secret="abc"
+0 close(3) = 0
)pkt"},
    {Reads::nplab, R"pkt(--udp_encapsulation=tcp
+0 close(3) = 0
)pkt"},
    {Reads::nplab, R"pkt(--no_cleanup
+0 close(3) = 0
)pkt"},
    {Reads::nplab, R"pkt(#ifdef FreeBSD
+0 close(3 = 0
#endif
+0 close(4) = 0
)pkt"},
    {Reads::nplab, R"pkt(+0 close(4) = 0 #ifdef FreeBSD
+0 close(3 = 0
#endif
)pkt"},
    {Reads::nplab, R"pkt(#ifdef
X +0 close(3) = 0
#endif
+0 close(4) = 0
)pkt"},
    {Reads::none, R"pkt(#ifdef X
+0 close(4) = 0
)pkt"},
    {Reads::nplab, R"pkt(#ifdef Linux // c
+0 close(3) = 0
#endif // d
+0 close(3) = 0
)pkt"},
    {Reads::nplab, R"pkt(+0 > sctp: INIT[flgs=0, tag=1, a_rwnd=1500, os=1, is=1, tsn=1]
)pkt"},
    {Reads::both,
     R"pkt(+0 sctp_bindx(3, {sa_family = AF_INET, sin_port = htons(80), sin_addr =
  inet_addr("1.2.3.4")}, 1, SCTP_BINDX_ADD_ADDR) = 0
)pkt"},
    {Reads::none, R"pkt(+0 < sctp(5): ABORT[flgs=0]
)pkt"},
};

bool has_extension(const std::vector<Diagnostic>& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& one) { return one.severity == Severity::extension; });
}

TEST(Dialects, WhatEitherPacketdrillReadsIsRead) {
  for (const Corner& corner : kCorners) {
    const ParseResult result = parse({"corner.pkt", corner.text});
    const bool read = corner.reads != Reads::none && corner.reads != Reads::nonsense;
    if (read) {
      EXPECT_TRUE(result.ok()) << corner.text << all_remarks(result.diagnostics);
    } else if (corner.reads == Reads::nonsense) {
      EXPECT_FALSE(result.ok()) << corner.text;
    }
  }
}

TEST(Dialects, WhatGooglesDoesNotReadIsMarked) {
  for (const Corner& corner : kCorners) {
    const ParseResult result = parse({"corner.pkt", corner.text});
    if (!result.ok()) continue;
    const bool plain = corner.reads == Reads::both || corner.reads == Reads::google;
    const bool marked =
        has_extension(result.diagnostics) || result.script.dialect == Dialect::nplab;
    EXPECT_EQ(marked, !plain) << corner.text << all_remarks(result.diagnostics);
  }
}

TEST(Dialects, PrintingChangesNothing) {
  for (const Corner& corner : kCorners) {
    const ParseResult result = parse({"corner.pkt", corner.text});
    if (!result.ok() || result.script.conditional) continue;
    const std::string printed = print(result.script);
    ParseResult again = parse({"corner.pkt", printed});
    // The formatter writes the plain form of what has one.
    again.script.dialect = result.script.dialect;
    EXPECT_TRUE(again.ok()) << printed << all_remarks(again.diagnostics);
    EXPECT_TRUE(again.script == result.script) << printed;
    EXPECT_EQ(print(again.script), printed);
  }
}

}  // namespace
}  // namespace packetwright::script
