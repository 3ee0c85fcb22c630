// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/socket_numbers.hh"

#include <algorithm>

#include <linux/tcp.h>
#include <netinet/in.h>

namespace packetwright::linux_stack {

using targets::Option;
using targets::Protocol;
using targets::SocketType;

int family_of(targets::Domain domain) noexcept {
  return domain == targets::Domain::inet ? AF_INET : AF_INET6;
}

int type_of(SocketType type) noexcept {
  switch (type) {
    case SocketType::stream: return SOCK_STREAM;
    case SocketType::datagram: return SOCK_DGRAM;
    case SocketType::raw: return SOCK_RAW;
  }
  return SOCK_STREAM;
}

int protocol_of(Protocol protocol) noexcept {
  switch (protocol) {
    case Protocol::any: return 0;
    case Protocol::tcp: return IPPROTO_TCP;
    case Protocol::udp: return IPPROTO_UDP;
    case Protocol::icmp: return IPPROTO_ICMP;
    case Protocol::icmpv6: return IPPROTO_ICMPV6;
  }
  return 0;
}

int how_of(targets::ShutdownHow how) noexcept {
  switch (how) {
    case targets::ShutdownHow::read: return SHUT_RD;
    case targets::ShutdownHow::write: return SHUT_WR;
    case targets::ShutdownHow::both: return SHUT_RDWR;
  }
  return SHUT_RDWR;
}

int flags_of(targets::ReadFlags flags) noexcept {
  return (flags.peek ? MSG_PEEK : 0) | (flags.out_of_band ? MSG_OOB : 0);
}
int flags_of(targets::WriteFlags flags) noexcept {
  return (flags.out_of_band ? MSG_OOB : 0) | (flags.more ? MSG_MORE : 0) |
         (flags.no_signal ? MSG_NOSIGNAL : 0) | (flags.fast_open ? MSG_FASTOPEN : 0);
}

LevelAndName numbers_of(Option option) noexcept {
  switch (option) {
    case Option::so_error: return {SOL_SOCKET, SO_ERROR};
    case Option::so_reuseaddr: return {SOL_SOCKET, SO_REUSEADDR};
    case Option::so_keepalive: return {SOL_SOCKET, SO_KEEPALIVE};
    case Option::so_linger: return {SOL_SOCKET, SO_LINGER};
    case Option::so_sndbuf: return {SOL_SOCKET, SO_SNDBUF};
    case Option::so_rcvbuf: return {SOL_SOCKET, SO_RCVBUF};
    case Option::so_oobinline: return {SOL_SOCKET, SO_OOBINLINE};
    case Option::so_broadcast: return {SOL_SOCKET, SO_BROADCAST};
    case Option::ip_ttl: return {IPPROTO_IP, IP_TTL};
    case Option::ip_tos: return {IPPROTO_IP, IP_TOS};
    case Option::ip_recverr: return {IPPROTO_IP, IP_RECVERR};
    case Option::ip_mtu: return {IPPROTO_IP, IP_MTU};
    case Option::ip_mtu_discover: return {IPPROTO_IP, IP_MTU_DISCOVER};
    case Option::ipv6_v6only: return {IPPROTO_IPV6, IPV6_V6ONLY};
    case Option::ipv6_unicast_hops: return {IPPROTO_IPV6, IPV6_UNICAST_HOPS};
    case Option::ipv6_tclass: return {IPPROTO_IPV6, IPV6_TCLASS};
    case Option::tcp_nodelay: return {IPPROTO_TCP, TCP_NODELAY};
    case Option::tcp_maxseg: return {IPPROTO_TCP, TCP_MAXSEG};
    case Option::tcp_cork: return {IPPROTO_TCP, TCP_CORK};
    case Option::tcp_keepidle: return {IPPROTO_TCP, TCP_KEEPIDLE};
    case Option::tcp_keepintvl: return {IPPROTO_TCP, TCP_KEEPINTVL};
    case Option::tcp_keepcnt: return {IPPROTO_TCP, TCP_KEEPCNT};
    case Option::tcp_user_timeout: return {IPPROTO_TCP, TCP_USER_TIMEOUT};
    case Option::tcp_quickack: return {IPPROTO_TCP, TCP_QUICKACK};
    case Option::tcp_syncnt: return {IPPROTO_TCP, TCP_SYNCNT};
    case Option::tcp_window_clamp: return {IPPROTO_TCP, TCP_WINDOW_CLAMP};
    case Option::tcp_fastopen: return {IPPROTO_TCP, TCP_FASTOPEN};
    case Option::tcp_fastopen_connect: return {IPPROTO_TCP, TCP_FASTOPEN_CONNECT};
    case Option::tcp_defer_accept: return {IPPROTO_TCP, TCP_DEFER_ACCEPT};
  }
  return {-1, -1};
}

::linger linger_of(std::int64_t seconds) noexcept {
  return {seconds >= 0, static_cast<int>(std::max<std::int64_t>(seconds, 0))};
}
std::int64_t seconds_of(const ::linger& setting) noexcept {
  return setting.l_onoff != 0 ? setting.l_linger : -1;
}

targets::Readiness readiness_of(short revents) noexcept {
  targets::Readiness ready;
  ready.readable = (revents & POLLIN) != 0;
  ready.writable = (revents & POLLOUT) != 0;
  ready.urgent = (revents & POLLPRI) != 0;
  ready.hang_up = (revents & POLLHUP) != 0;
  ready.error = (revents & POLLERR) != 0;
  ready.peer_closed = (revents & POLLRDHUP) != 0;
  return ready;
}

}  // namespace packetwright::linux_stack
