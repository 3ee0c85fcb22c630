// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <memory>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "harness/engine/run_for_test.hh"
#include "harness/targets/linux/linux_target.hh"

// Forms of the language on the running kernel: each script holds, and does not once one word of it
// is another.
namespace packetwright::engine {
namespace {

using linux_stack::LinuxTarget;
using linux_stack::Medium;

struct Slip {
  std::string_view right, wrong;
};

struct Form {
  const char* name;
  bool accepted;  // a connection with descriptor 4 comes first
  std::string_view text;
  std::vector<Slip> slips;
};

constexpr const char* kAccepted = R"(0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 32792 <mss 1000,nop,nop,sackOK>
+0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,sackOK>
+.01 < . 1:1(0) ack 1 win 32792
+0 accept(3, ..., ...) = 4
)";

const Form kForms[] = {
    {"readv_writev",
     true,
     R"(+0 < P. 1:31(30) ack 1 win 32792
+0 > . 1:1(0) ack 31
+0 readv(4, [{..., 10}, {..., 40}], 2) = 30
+0 writev(4, [{..., 100}, {..., 200}], 2) = 300
+0 > P. 1:301(300) ack 31
)",
     {{R"(= 30
)",
       R"(= 29
)"},
      {R"(= 300)", R"(= 301)"},
      {R"(P. 1:301(300))", R"(P. 1:302(301))"}}},
    {"sendmsg_recvmsg",
     true,
     R"(+0 < P. 1:31(30) ack 1 win 32792
+0 > . 1:1(0) ack 31
+0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 100}], msg_flags=0}, 0) = 30
+0 sendmsg(4, {msg_name(...)=..., msg_iov(2)=[{..., 10},{..., 20}], msg_flags=0}, 0) = 30
+0 > P. 1:31(30) ack 31
)",
     {{R"(100}], msg_flags=0})", R"(100}], msg_flags=MSG_TRUNC})"},
      {R"(20}], msg_flags=0}, 0) = 30)", R"(20}], msg_flags=0}, 0) = 31)"}}},
    {"inq",
     true,
     R"(+0 setsockopt(4, SOL_TCP, TCP_INQ, [1], 4) = 0
+0 < P. 1:31(30) ack 1 win 32792
+0 > . 1:1(0) ack 31
+0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 10}], msg_flags=0,
    msg_control=[{cmsg_level=SOL_TCP, cmsg_type=TCP_CM_INQ, cmsg_data=20}]}, 0) = 10
)",
     {{R"(cmsg_data=20)", R"(cmsg_data=21)"}, {R"(TCP_CM_INQ, )", R"(IP_TTL, )"}}},
    {"epoll",
     true,
     R"(+0 epoll_create(1) = 5
+0 epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN|EPOLLET, fd=4}) = 0
+0 epoll_wait(5, {events=0, ptr=0}, 1, 0) = 0
+0 < P. 1:31(30) ack 1 win 32792
+0 > . 1:1(0) ack 31
+0 epoll_wait(5, {events=EPOLLIN, fd=4}, 1, 0) = 1
+0 epoll_ctl(5, EPOLL_CTL_MOD, 4, {events=EPOLLOUT, u32=77}) = 0
+0 epoll_wait(5, {events=EPOLLOUT, u32=77}, 1, 0) = 1
+0 epoll_ctl(5, EPOLL_CTL_DEL, 4, {events=0, fd=4}) = 0
)",
     {{R"(fd=4}, 1, 0) = 1)", R"(fd=4}, 1, 0) = 0)"},
      {R"(EPOLLIN, fd=4}, 1, 0) = 1)", R"(EPOLLOUT, fd=4}, 1, 0) = 1)"},
      {R"(u32=77}, 1)", R"(u32=78}, 1)"}}},
    {"poll",
     true,
     R"(+0 poll([{fd=4, events=POLLIN, revents=0}], 1, 0) = 0
+0 < P. 1:31(30) ack 1 win 32792
+0 > . 1:1(0) ack 31
+0 poll([{fd=4, events=POLLIN|POLLOUT, revents=POLLIN|POLLOUT}], 1, 0) = 1
)",
     {{R"(revents=POLLIN|POLLOUT)", R"(revents=POLLIN)"},
      {R"(POLLOUT}], 1, 0) = 1)", R"(POLLOUT}], 1, 0) = 2)"}}},
    {"splice_pipe",
     true,
     R"(+0 pipe([5, 6]) = 0
+0 < P. 1:31(30) ack 1 win 32792
+0 > . 1:1(0) ack 31
+0 splice(4, NULL, 6, NULL, 30, 0) = 30
+0 splice(5, NULL, 4, NULL, 30, 0) = 30
+0 > P. 1:31(30) ack 31
)",
     {{R"(4, NULL, 30, 0) = 30)", R"(4, NULL, 30, 0) = 29)"}}},
    {"sendfile",
     true,
     R"(+0 `head -c 100 /dev/zero > /tmp/pw_forms_sendfile`
+0 open("/tmp/pw_forms_sendfile", O_RDONLY) = 5
+0 sendfile(4, 5, [0], 100) = 100
+0 > P. 1:101(100) ack 1
+0 `rm -f /tmp/pw_forms_sendfile`
)",
     {{R"([0], 100) = 100)", R"([0], 100) = 101)"}}},
    {"ioctl_fcntl",
     true,
     R"(+0 fcntl(4, F_GETFL) = 0x2 (flags O_RDWR)
+0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 fcntl(4, F_GETFL) = 0x802
+0 < P. 1:31(30) ack 1 win 32792
+0 > . 1:1(0) ack 31
+0 ioctl(4, SIOCINQ, [30]) = 0
+0 read(4, ..., 100) = 30
+0 read(4, ..., 100) = -1 EAGAIN (nothing)
)",
     {{R"([30])", R"([31])"}, {R"(0x802)", R"(0x2)"}, {R"(EAGAIN)", R"(EINVAL)"}}},
    {"linger",
     true,
     R"(+0 setsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0
+0 close(4) = 0
+0 > R. 1:1(0) ack 1
)",
     {{R"(> R.)", R"(> F.)"}, {R"(linger=0)", R"(linger=5)"}}},
    {"cap_set",
     true,
     R"(+0 cap_set(CAP_EFFECTIVE, CAP_NET_ADMIN, CAP_CLEAR) = 0
+0 setsockopt(4, SOL_SOCKET, 32, [50000], 4) = -1 EPERM (no)
+0 cap_set(CAP_EFFECTIVE, CAP_NET_ADMIN, CAP_SET) = 0
)",
     {{R"(EPERM)", R"(EINVAL)"}, {R"(CAP_CLEAR)", R"(CAP_SET)"}}},
    {"zerocopy",
     true,
     R"(+0 setsockopt(4, SOL_SOCKET, SO_ZEROCOPY, [1], 4) = 0
+0 send(4, ..., 4000, MSG_ZEROCOPY) = 4000
+0 > P. 1:4001(4000) ack 1
+.01 < . 1:1(0) ack 4001 win 32792
+0.01 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 0}],
    msg_flags=MSG_ERRQUEUE, msg_control=[{cmsg_level=SOL_IP,
    cmsg_type=IP_RECVERR, cmsg_data={ee_errno=0, ee_origin=SO_EE_ORIGIN_ZEROCOPY,
    ee_type=0, ee_code=SO_EE_CODE_ZEROCOPY_COPIED, ee_info=0, ee_data=0}}]}, MSG_ERRQUEUE) = 0
)",
     {{R"(ee_data=0)", R"(ee_data=1)"}, {R"(SO_EE_ORIGIN_ZEROCOPY)", R"(SO_EE_ORIGIN_LOCAL)"}}},
    {"timestamping",
     true,
     R"(+0 setsockopt(4, SOL_SOCKET, SO_TIMESTAMPING, [SOF_TIMESTAMPING_TX_ACK|
    SOF_TIMESTAMPING_SOFTWARE|SOF_TIMESTAMPING_OPT_ID|SOF_TIMESTAMPING_OPT_TSONLY], 4) = 0
+0 write(4, ..., 1000) = 1000
+0 > P. 1:1001(1000) ack 1
+.2 < . 1:1(0) ack 1001 win 32792
+0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 0}], msg_flags=MSG_ERRQUEUE,
    msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=SCM_TIMESTAMPING,
    cmsg_data={scm_sec=0, scm_nsec=210000000}}, {cmsg_level=SOL_IP,
    cmsg_type=IP_RECVERR, cmsg_data={ee_errno=ENOMSG,
    ee_origin=SO_EE_ORIGIN_TIMESTAMPING, ee_type=0, ee_code=0,
    ee_info=SCM_TSTAMP_ACK, ee_data=999}}]}, MSG_ERRQUEUE) = 0
)",
     {{R"(scm_nsec=210000000)", R"(scm_nsec=810000000)"},
      {R"(ee_data=999)", R"(ee_data=998)"},
      {R"(SCM_TSTAMP_ACK)", R"(SCM_TSTAMP_SND)"}}},
    {"opt_stats",
     true,
     R"(+0 setsockopt(4, SOL_SOCKET, SO_TIMESTAMPING, [SOF_TIMESTAMPING_TX_ACK|
    SOF_TIMESTAMPING_SOFTWARE|SOF_TIMESTAMPING_OPT_ID|SOF_TIMESTAMPING_OPT_TSONLY|
    SOF_TIMESTAMPING_OPT_STATS], 4) = 0
+0 write(4, ..., 1000) = 1000
+0 > P. 1:1001(1000) ack 1
+.1 < . 1:1(0) ack 1001 win 32792
+0 %{ assert tcpi_delivered == 2, tcpi_delivered }%
)",
     {{R"(delivered == 2)", R"(delivered == 3)"}}},
    {"snippets",
     true,
     R"(+0 write(4, ..., 3000) = 3000
+0 > P. 1:3001(3000) ack 1
+0 %{
assert tcpi_unacked == 3, tcpi_unacked
assert tcpi_state == TCP_ESTABLISHED
assert tcpi_options & TCPI_OPT_SACK
assert SK_MEMINFO_SNDBUF > 0 and SK_MEMINFO_DROPS == 0
assert tcpi_ca_state == TCP_CA_Open
}%
)",
     {{R"(unacked == 3)", R"(unacked == 4)"},
      {R"(TCP_ESTABLISHED)", R"(TCP_CLOSE)"},
      {R"(DROPS == 0)", R"(DROPS == 1)"}}},
    {"init_cleanup",
     false,
     R"(`echo one > /tmp/pw_forms_$PPID 2>/dev/null; true`
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 32792 <mss 1000,nop,nop,sackOK>
+0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,sackOK>
+.01 < . 1:1(0) ack 1 win 32792
+0 accept(3, ..., ...) = 4
+0 `test 1 = 1`
`true`
)",
     {{R"(test 1 = 1)", R"(test 1 = 2)"}}},
    {"ecn",
     false,
     R"(`sysctl -q net.ipv4.tcp_ecn=1`
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < SEW 0:0(0) win 32792 <mss 1000,nop,nop,sackOK>
+0 > SE. 0:0(0) ack 1 <mss 1460,nop,nop,sackOK>
+.01 < . 1:1(0) ack 1 win 32792
+0 accept(3, ..., ...) = 4
+0 write(4, ..., 1000) = 1000
+0 > [ect0] P. 1:1001(1000) ack 1
+.01 < [noecn] E. 1:1(0) ack 1001 win 32792
+0 write(4, ..., 1000) = 1000
+0 > [ect0] PW. 1001:2001(1000) ack 1
+.01 < [ce] . 1:101(100) ack 2001 win 32792
+0 > [noecn] E. 2001:2001(0) ack 101
)",
     {{R"(SE. 0)", R"(S. 0)"},
      {R"([ect0] P.)", R"([noecn] P.)"},
      {R"(PW.)", R"(P.)"},
      {R"(E. 2001)", R"(. 2001)"}}},
    {"tfo_client",
     false,
     R"(`sysctl -q net.ipv4.tcp_fastopen=1 net.ipv4.tcp_timestamps=0`
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 sendto(3, ..., 0, MSG_FASTOPEN, ..., ...) = -1 EINPROGRESS (in progress)
+0 > S 0:0(0) <mss 1460,nop,nop,sackOK,nop,wscale 10,FO,nop,nop>
+.01 < S. 123:123(0) ack 1 win 5840 <mss 1460,nop,nop,sackOK,nop,wscale 6,FO abcd1234,nop,nop>
+0 > . 1:1(0) ack 1
+0 close(3) = 0
+0 > F. 1:1(0) ack 1
+.01 < F. 1:1(0) ack 2 win 92
+0 > . 2:2(0) ack 2
+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 4
+0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 sendto(4, ..., 100, MSG_FASTOPEN, ..., ...) = 100
+0 > S 0:100(100) <mss 1460,nop,nop,sackOK,nop,wscale 10,FO abcd1234,nop,nop>
)",
     {{R"(wscale 10,FO abcd1234)", R"(wscale 10,FO abcd1235)"},
      {R"(S 0:100(100))", R"(S 0:99(99))"}}},
    {"udp",
     false,
     R"(0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3
+0 bind(3, ..., ...) = 0
+0 connect(3, ..., ...) = 0
+0 write(3, ..., 50) = 50
+0 > udp (50)
+.01 < udp (20)
+0 read(3, ..., 100) = 20
)",
     {{R"(udp (50))", R"(udp (51))"}, {R"(= 20)", R"(= 21)"}}},
    {"udp_icmp_recverr",
     false,
     R"(--ip_version=ipv4
0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3
+0 bind(3, ..., ...) = 0
+0 connect(3, ..., ...) = 0
+0 setsockopt(3, SOL_IP, IP_RECVERR, [1], 4) = 0
+0 write(3, ..., 50) = 50
+0 > udp (50)
+.01 < icmp unreachable port_unreachable [udp (50)]
+0 recvmsg(3, {msg_name(...)=..., msg_iov(1)=[{..., 0}], msg_flags=MSG_ERRQUEUE,
    msg_control=[{cmsg_level=SOL_IP, cmsg_type=IP_RECVERR,
    cmsg_data={ee_errno=ECONNREFUSED, ee_origin=2, ee_type=3, ee_code=3,
    ee_info=0, ee_data=0}}]}, MSG_ERRQUEUE) = 0
)",
     {{R"(ECONNREFUSED)", R"(EHOSTUNREACH)"}, {R"(ee_code=3)", R"(ee_code=1)"}}},
    {"ipip44",
     false,
     R"(--local_ip=192.168.0.1
--ip_version=ipv4
0 < ipv4 192.0.2.1 > 192.168.0.1: udp (10)
+0 > icmp unreachable protocol_unreachable
)",
     {{R"(protocol_unreachable)", R"(port_unreachable)"}}},
    {"gre4",
     false,
     R"(--local_ip=192.168.0.1
--ip_version=ipv4
0 < ipv4 192.0.2.1 > 192.168.0.1: gre: udp (10)
+0 > icmp unreachable protocol_unreachable
)",
     {{R"(protocol_unreachable)", R"(port_unreachable)"}}},
    {"icmp_names4",
     false,
     R"(--ip_version=ipv4
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 connect(3, ..., ...) = -1 EINPROGRESS (in progress)
+0 > S 0:0(0) <...>
+.01 < icmp unreachable protocol_unreachable [0:0(0)]
+0 getsockopt(3, SOL_SOCKET, SO_ERROR, [ENOPROTOOPT], [4]) = 0
)",
     {{R"(ENOPROTOOPT)", R"(ECONNREFUSED)"}}},
    {"frag_needed",
     false,
     R"(--ip_version=ipv4
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 32792 <mss 1000,nop,nop,sackOK>
+0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,sackOK>
+.01 < . 1:1(0) ack 1 win 32792
+0 accept(3, ..., ...) = 4
+0 write(4, ..., 1000) = 1000
+0 > P. 1:1001(1000) ack 1
+.01 < icmp unreachable frag_needed mtu 700 [1:1001(1000)]
+0 > P. 1:1001(1000) ack 1
)",
     {{R"([1:1001(1000)]
+0 > P. 1:1001(1000))",
       R"([1:1001(1000)]
+0 > P. 1:901(900))"}}},
    {"md5",
     false,
     R"(0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 32792 <mss 1000,nop,nop,md5 000102030405060708090a0b0c0d0e0f>
+.02 < S 0:0(0) win 32792 <mss 1000>
+0 > S. 0:0(0) ack 1 <mss 1460>
)",
     {{R"(S. 0:0(0) ack 1)", R"(S. 0:0(0) ack 2)"}}},
    {"blocking",
     true,
     R"(+0...0.2 read(4, ..., 100) = 30
+.19 < P. 1:31(30) ack 1 win 32792
+0 > . 1:1(0) ack 31
)",
     {{R"(= 30)", R"(= 31)"}, {R"(0...0.2 read)", R"(0...2.0 read)"}}},
    {"udplite",
     false,
     R"(--ip_version=ipv4
0 socket(..., SOCK_DGRAM, IPPROTO_UDPLITE) = 3
+0 bind(3, ..., ...) = 0
+0 connect(3, ..., ...) = 0
+0 setsockopt(3, IPPROTO_UDPLITE, UDPLITE_SEND_CSCOV, [20], 4) = 0
+0 write(3, ..., 50) = 50
+0 > udplite (50,20)
+.01 < udplite (30,8)
+0 read(3, ..., 100) = 30
+.01 < icmp unreachable port_unreachable [udplite (50,20)]
+0 getsockopt(3, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0
)",
     {{R"((50,20)
+.01 < udplite)",
       R"((50,8)
+.01 < udplite)"},
      {R"(udplite (50,20)
+.01 < udplite)",
       R"(udplite (51,20)
+.01 < udplite)"},
      {R"(= 30)", R"(= 31)"},
      {R"(ECONNREFUSED)", R"(0)"}}},
    {"absolute_seq",
     false,
     R"(0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 100:100(0) win 32792 <mss 1000,nop,nop,sackOK>
+0 > S. 0:0(0) ack 101 <mss 1460,nop,nop,sackOK>
+.01 < . 1:1(0) ack 1 win 32792
+0 accept(3, ..., ...) = 4
+.01 < R. 1:1(0)! ack 1 win 0
+.05 write(4, ..., 10) = 10
+0 > P. 1:11(10) ack 1
)",
     {{R"(1:1(0)! ack)", R"(1:1(0) ack)"}}},
    {"ignored_seq",
     true,
     R"(+0 write(4, ..., 10) = 10
+0 > P. ...(10) ack 1
)",
     {{R"(...(10))", R"(...(11))"}}},
    {"dscp",
     true,
     R"(+0 setsockopt(4, IPPROTO_IP, IP_TOS, [184], 4) = 0
+0 write(4, ..., 10) = 10
+0 > (dscp ef, ttl 64) P. 1:11(10) ack 1
)",
     {{R"(dscp ef)", R"(dscp cs1)"}, {R"(ttl 64)", R"(ttl 63)"}}},
    {"md5_valid",
     false,
     R"(--tcp_md5_secret="our secret"
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 setsockopt(3, SOL_TCP, TCP_MD5SIG, "our secret", 10) = 0
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 32792 <mss 1000,nop,nop,md5 valid>
+0 > S. 0:0(0) ack 1 <nop,nop,md5 valid,mss 1460>
+.01 < . 1:1(0) ack 1 win 32792 <nop,nop,md5 valid>
+0 accept(3, ..., ...) = 4
+0 write(4, ..., 10) = 10
+0 > P. 1:11(10) ack 1 <nop,nop,md5 valid>
)",
     {{R"("our secret", 10)", R"("our Secret", 10)"},
      {R"(> P. 1:11(10) ack 1 <nop,nop,md5 valid>)",
       R"(> P. 1:11(10) ack 1 <nop,nop,md5 000102030405060708090a0b0c0d0e0f>)"}}},
    {"recverr_nplab",
     false,
     R"(--ip_version=ipv4
0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3
+0 bind(3, ..., ...) = 0
+0 connect(3, ..., ...) = 0
+0 setsockopt(3, IPPROTO_IP, IP_RECVERR, [1], 4) = 0
+0 write(3, ..., 50) = 50
+0 > udp (50)
+.01 < icmp unreachable port_unreachable [udp (50)]
+0 recvmsg(3, {msg_name(...)=..., msg_iov(1)=[{..., 0}], msg_control(48)=[
    {cmsg_len=48, cmsg_level=SOL_IP, cmsg_type=IP_RECVERR,
    cmsg_data={ee_errno=ECONNREFUSED, ee_origin=2, ee_type=3, ee_code=3,
    ee_info=0, ee_data=0}}], msg_flags=MSG_ERRQUEUE}, MSG_ERRQUEUE) = 0
)",
     {{R"(ECONNREFUSED)", R"(EHOSTUNREACH)"}, {R"(cmsg_len=48)", R"(cmsg_len=47)"}}},
};

class KernelForms : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    for (const Medium medium : {Medium::tun, Medium::veth}) {
      auto opened = LinuxTarget::open(medium);
      if (opened) {
        target = std::move(*opened);
        return;
      }
      why += opened.error() + "; ";
    }
  }
  static void TearDownTestSuite() { target.reset(); }

  void SetUp() override {
    if (target == nullptr) GTEST_SKIP() << "the kernel cannot be used here: " << why;
  }

  // Words differ from words here, and times from times nowhere: a slow machine must not matter.
  static Outcome run(const std::string& text, Variant variant = Variant::ipv4) {
    RunOptions options;
    options.variant = variant;
    options.slow = true;
    options.options = {{"tolerance_usecs", "300000"}};
    // The same largest segment in both families.
    if (variant == Variant::ipv6) options.options.emplace_back("mtu", "1520");
    options.run_number = runs++;
    return run_text(text, *target, options);
  }

  static std::unique_ptr<LinuxTarget> target;
  static std::string why;
  static std::uint32_t runs;
};

std::unique_ptr<LinuxTarget> KernelForms::target;
std::string KernelForms::why;
std::uint32_t KernelForms::runs = 0;

TEST_F(KernelForms, HoldAndDoNotOnceAWordIsWrong) {
  for (const Form& form : kForms) {
    const std::string right = (form.accepted ? kAccepted : "") + std::string(form.text);
    const Outcome outcome = run(right);
    if (outcome.status == Status::unsupported) {
      std::cout << form.name << " is unsupported here: " << outcome.reason << '\n';
      continue;
    }
    EXPECT_EQ(outcome.status, Status::passed) << form.name << ": " << failure_text(outcome);
    for (const Slip& slip : form.slips) {
      std::string wrong = right;
      const std::size_t at = wrong.find(slip.right);
      ASSERT_NE(at, std::string::npos) << form.name << ": " << slip.right;
      wrong.replace(at, slip.right.size(), slip.wrong);
      EXPECT_EQ(run(wrong).status, Status::failed) << form.name << ": " << slip.wrong;
    }
  }
}

TEST_F(KernelForms, HoldInEveryVariant) {
  for (const Form& form : kForms) {
    // An IPv6 socket has its own words for some things.
    std::string right = (form.accepted ? kAccepted : "") + std::string(form.text);
    for (const auto& [ours, its] : {std::pair{"cmsg_level=SOL_IP\\b", "cmsg_level=SOL_IPV6"},
                                    {"cmsg_type=IP_RECVERR\\b", "cmsg_type=IPV6_RECVERR"}}) {
      right = std::regex_replace(right, std::regex(ours), its);
    }
    for (const Variant variant : {Variant::ipv6, Variant::ipv4_mapped_ipv6}) {
      const bool ipv6 = variant == Variant::ipv6;
      const Outcome outcome = run(ipv6 ? std::regex_replace(right, std::regex("IPPROTO_IP, IP_TOS"),
                                                            "IPPROTO_IPV6, IPV6_TCLASS")
                                       : right,
                                  variant);
      if (outcome.status == Status::unsupported) {
        std::cout << form.name << " is unsupported here: " << outcome.reason << '\n';
        continue;
      }
      EXPECT_EQ(outcome.status, Status::passed)
          << form.name << " " << name_of(variant) << ": " << failure_text(outcome);
    }
  }
}

}  // namespace
}  // namespace packetwright::engine
