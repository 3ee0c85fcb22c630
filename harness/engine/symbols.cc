// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/symbols.hh"

#include <cerrno>

namespace packetwright::engine {
namespace {

struct Entry {
  std::string_view name;
  std::int64_t value;
};

constexpr Entry kSymbols[] = {
    {"NULL", 0},
    {"AF_UNSPEC", 0},
    {"AF_INET", symbol::kAfInet},
    {"AF_INET6", symbol::kAfInet6},
    {"PF_INET", symbol::kAfInet},
    {"PF_INET6", symbol::kAfInet6},
    {"SOCK_STREAM", symbol::kSockStream},
    {"SOCK_DGRAM", symbol::kSockDgram},
    {"SOCK_RAW", symbol::kSockRaw},
    {"SOCK_NONBLOCK", symbol::kSockNonblock},
    {"SOCK_CLOEXEC", symbol::kSockCloexec},
    {"IPPROTO_IP", 0},
    {"IPPROTO_ICMP", symbol::kIpprotoIcmp},
    {"IPPROTO_TCP", symbol::kIpprotoTcp},
    {"IPPROTO_UDP", symbol::kIpprotoUdp},
    {"IPPROTO_IPV6", 41},
    {"IPPROTO_ICMPV6", symbol::kIpprotoIcmpv6},
    {"IPPROTO_RAW", 255},
    {"SHUT_RD", symbol::kShutRd},
    {"SHUT_WR", symbol::kShutWr},
    {"SHUT_RDWR", symbol::kShutRdwr},
    {"O_RDONLY", 0},
    {"O_WRONLY", 1},
    {"O_RDWR", symbol::kORdwr},
    {"O_NONBLOCK", symbol::kONonblock},
    {"F_GETFD", symbol::kFGetfd},
    {"F_SETFD", symbol::kFSetfd},
    {"F_GETFL", symbol::kFGetfl},
    {"F_SETFL", symbol::kFSetfl},
    {"FD_CLOEXEC", 1},
    {"MSG_OOB", symbol::kMsgOob},
    {"MSG_PEEK", symbol::kMsgPeek},
    {"MSG_DONTROUTE", 4},
    {"MSG_TRUNC", symbol::kMsgTrunc},
    {"MSG_DONTWAIT", symbol::kMsgDontwait},
    {"MSG_EOR", symbol::kMsgEor},
    {"MSG_WAITALL", symbol::kMsgWaitall},
    {"MSG_ERRQUEUE", 0x2000},
    {"MSG_NOSIGNAL", symbol::kMsgNosignal},
    {"MSG_MORE", symbol::kMsgMore},
    {"MSG_ZEROCOPY", 0x4000000},
    {"MSG_FASTOPEN", symbol::kMsgFastopen},
    {"POLLIN", symbol::kPollin},
    {"POLLPRI", symbol::kPollpri},
    {"POLLOUT", symbol::kPollout},
    {"POLLERR", symbol::kPollerr},
    {"POLLHUP", symbol::kPollhup},
    {"POLLNVAL", 32},
    {"POLLRDNORM", symbol::kPollrdnorm},
    {"POLLRDBAND", 0x80},
    {"POLLWRNORM", symbol::kPollwrnorm},
    {"POLLWRBAND", 0x200},
    {"POLLRDHUP", symbol::kPollrdhup},
    // Levels and options are told apart by name (socket_options.cc); these values serve scripts
    // that compare or combine them.
    {"SOL_SOCKET", 1},
    {"SOL_IP", 0},
    {"SOL_TCP", 6},
    {"SOL_UDP", 17},
    {"SOL_IPV6", 41},
    {"SO_REUSEADDR", 2},
    {"SO_TYPE", 3},
    {"SO_ERROR", 4},
    {"SO_BROADCAST", 6},
    {"SO_SNDBUF", 7},
    {"SO_RCVBUF", 8},
    {"SO_KEEPALIVE", 9},
    {"SO_OOBINLINE", 10},
    {"SO_LINGER", 13},
    {"SO_REUSEPORT", 15},
    {"IP_TOS", 1},
    {"IP_TTL", 2},
    {"IP_MTU_DISCOVER", 10},
    {"IP_RECVERR", 11},
    {"IP_MTU", 14},
    {"IP_PMTUDISC_DONT", 0},
    {"IP_PMTUDISC_WANT", 1},
    {"IP_PMTUDISC_DO", 2},
    {"IP_PMTUDISC_PROBE", 3},
    {"IPV6_UNICAST_HOPS", 16},
    {"IPV6_V6ONLY", 26},
    {"IPV6_TCLASS", 67},
    {"TCP_NODELAY", 1},
    {"TCP_MAXSEG", 2},
    {"TCP_CORK", 3},
    {"TCP_KEEPIDLE", 4},
    {"TCP_KEEPINTVL", 5},
    {"TCP_KEEPCNT", 6},
    {"TCP_SYNCNT", 7},
    {"TCP_WINDOW_CLAMP", 10},
    {"TCP_INFO", 11},
    {"TCP_QUICKACK", 12},
    {"TCP_USER_TIMEOUT", 18},
};

constexpr Entry kErrnos[] = {
    {"EPERM", EPERM},
    {"ENOENT", ENOENT},
    {"EINTR", EINTR},
    {"EIO", EIO},
    {"EBADF", EBADF},
    {"EAGAIN", EAGAIN},
    {"EWOULDBLOCK", EWOULDBLOCK},
    {"ENOMEM", ENOMEM},
    {"EACCES", EACCES},
    {"EFAULT", EFAULT},
    {"EBUSY", EBUSY},
    {"EEXIST", EEXIST},
    {"EINVAL", EINVAL},
    {"ENFILE", ENFILE},
    {"EMFILE", EMFILE},
    {"EPIPE", EPIPE},
    {"EDOM", EDOM},
    {"ERANGE", ERANGE},
    {"ENOTSOCK", ENOTSOCK},
    {"EDESTADDRREQ", EDESTADDRREQ},
    {"EMSGSIZE", EMSGSIZE},
    {"EPROTOTYPE", EPROTOTYPE},
    {"ENOPROTOOPT", ENOPROTOOPT},
    {"EPROTONOSUPPORT", EPROTONOSUPPORT},
    {"EOPNOTSUPP", EOPNOTSUPP},
    {"ENOTSUP", ENOTSUP},
    {"EAFNOSUPPORT", EAFNOSUPPORT},
    {"EADDRINUSE", EADDRINUSE},
    {"EADDRNOTAVAIL", EADDRNOTAVAIL},
    {"ENETDOWN", ENETDOWN},
    {"ENETUNREACH", ENETUNREACH},
    {"ENETRESET", ENETRESET},
    {"ECONNABORTED", ECONNABORTED},
    {"ECONNRESET", ECONNRESET},
    {"ENOBUFS", ENOBUFS},
    {"EISCONN", EISCONN},
    {"ENOTCONN", ENOTCONN},
    {"ETIMEDOUT", ETIMEDOUT},
    {"ECONNREFUSED", ECONNREFUSED},
    {"EHOSTUNREACH", EHOSTUNREACH},
    {"EALREADY", EALREADY},
    {"EINPROGRESS", EINPROGRESS},
    {"EPROTO", EPROTO},
    {"ELOOP", ELOOP},
    {"ENODATA", ENODATA},
#ifdef ENONET
    {"ENONET", ENONET},
#endif
#ifdef EHOSTDOWN
    {"EHOSTDOWN", EHOSTDOWN},
#endif
};

}  // namespace

std::optional<std::int64_t> symbol_value(std::string_view name) noexcept {
  for (const Entry& entry : kSymbols) {
    if (entry.name == name) return entry.value;
  }
  return std::nullopt;
}

std::optional<int> errno_value(std::string_view name) noexcept {
  for (const Entry& entry : kErrnos) {
    if (entry.name == name) return static_cast<int>(entry.value);
  }
  return std::nullopt;
}

std::string errno_name(int value) {
  for (const Entry& entry : kErrnos) {
    if (entry.value == value) return std::string(entry.name);
  }
  return "errno " + std::to_string(value);
}

}  // namespace packetwright::engine
