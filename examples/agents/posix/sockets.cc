// SPDX-License-Identifier: Apache-2.0
#include "sockets.hh"

#include <algorithm>
#include <cerrno>

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace posix_agent {
namespace {

constexpr std::size_t kLargestRead = std::size_t{8} << 20;

struct Name {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

// An IPv4 address of an IPv6 socket is a mapped one.
Name name_of(const pw_endpoint& endpoint, int family) {
  Name name;
  const std::uint8_t* const octets = endpoint.address.octets;
  if (family == AF_INET) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(endpoint.port);
    std::memcpy(&in.sin_addr, octets, sizeof in.sin_addr);
    std::memcpy(&name.storage, &in, name.size = sizeof in);
    return name;
  }
  sockaddr_in6 in{};
  in.sin6_family = AF_INET6;
  in.sin6_port = htons(endpoint.port);
  if (endpoint.address.family == PW_IPV4) {
    in.sin6_addr.s6_addr[10] = in.sin6_addr.s6_addr[11] = 0xff;
    std::memcpy(in.sin6_addr.s6_addr + 12, octets, 4);
  } else {
    std::memcpy(&in.sin6_addr, octets, sizeof in.sin6_addr);
  }
  std::memcpy(&name.storage, &in, name.size = sizeof in);
  return name;
}

pw_endpoint endpoint_of(const Name& name) {
  pw_endpoint endpoint{};
  if (name.storage.ss_family == AF_INET) {
    sockaddr_in in;
    std::memcpy(&in, &name.storage, sizeof in);
    endpoint.address.family = PW_IPV4;
    std::memcpy(endpoint.address.octets, &in.sin_addr, sizeof in.sin_addr);
    endpoint.port = ntohs(in.sin_port);
  } else if (name.storage.ss_family == AF_INET6) {
    sockaddr_in6 in;
    std::memcpy(&in, &name.storage, sizeof in);
    endpoint.address.family = PW_IPV6;
    std::memcpy(endpoint.address.octets, &in.sin6_addr, sizeof in.sin6_addr);
    endpoint.port = ntohs(in.sin6_port);
  }
  return endpoint;
}

int outcome(int result) {
  return result < 0 ? -errno : result;
}

// Level and name of an option, by its number in packetwright_target.h.
constexpr int kOptions[][2] = {
    {SOL_SOCKET, SO_ERROR},
    {SOL_SOCKET, SO_REUSEADDR},
    {SOL_SOCKET, SO_KEEPALIVE},
    {SOL_SOCKET, SO_LINGER},
    {SOL_SOCKET, SO_SNDBUF},
    {SOL_SOCKET, SO_RCVBUF},
    {SOL_SOCKET, SO_OOBINLINE},
    {SOL_SOCKET, SO_BROADCAST},
    {IPPROTO_IP, IP_TTL},
    {IPPROTO_IP, IP_TOS},
    {IPPROTO_IP, IP_RECVERR},
    {IPPROTO_IP, IP_MTU},
    {IPPROTO_IP, IP_MTU_DISCOVER},
    {IPPROTO_IPV6, IPV6_V6ONLY},
    {IPPROTO_IPV6, IPV6_UNICAST_HOPS},
    {IPPROTO_IPV6, IPV6_TCLASS},
    {IPPROTO_TCP, TCP_NODELAY},
    {IPPROTO_TCP, TCP_MAXSEG},
    {IPPROTO_TCP, TCP_CORK},
    {IPPROTO_TCP, TCP_KEEPIDLE},
    {IPPROTO_TCP, TCP_KEEPINTVL},
    {IPPROTO_TCP, TCP_KEEPCNT},
    {IPPROTO_TCP, TCP_USER_TIMEOUT},
    {IPPROTO_TCP, TCP_QUICKACK},
    {IPPROTO_TCP, TCP_SYNCNT},
    {IPPROTO_TCP, TCP_WINDOW_CLAMP},
    {IPPROTO_TCP, TCP_FASTOPEN},
    {IPPROTO_TCP, TCP_FASTOPEN_CONNECT},
    {IPPROTO_TCP, TCP_DEFER_ACCEPT},
};
static_assert(std::size(kOptions) == PW_TCP_DEFER_ACCEPT + 1);

int flags_of(std::uint32_t flags) {
  return MSG_DONTWAIT | MSG_NOSIGNAL | ((flags & PW_PEEK) != 0 ? MSG_PEEK : 0) |
         ((flags & PW_OUT_OF_BAND) != 0 ? MSG_OOB : 0) | ((flags & PW_MORE) != 0 ? MSG_MORE : 0) |
         ((flags & PW_FAST_OPEN) != 0 ? MSG_FASTOPEN : 0);
}

// Of the kernel's numbers; 12 is its own, of a connection that is not accepted yet.
std::uint8_t state_of(unsigned number) {
  constexpr std::uint8_t kStates[] = {0,
                                      PW_ESTABLISHED,
                                      PW_SYN_SENT,
                                      PW_SYN_RECEIVED,
                                      PW_FIN_WAIT_1,
                                      PW_FIN_WAIT_2,
                                      PW_TIME_WAIT,
                                      PW_CLOSED,
                                      PW_CLOSE_WAIT,
                                      PW_LAST_ACK,
                                      PW_LISTEN,
                                      PW_CLOSING,
                                      PW_SYN_RECEIVED};
  return number < std::size(kStates) ? kStates[number] : std::uint8_t{0};
}

// A connection without a descriptor is in the kernel's own list, or is over.
std::uint8_t listed_state(Netlink& diagnostics, const pw_endpoint& local,
                          const pw_endpoint& remote) {
  inet_diag_req_v2 wanted{};
  wanted.sdiag_family = local.address.family == PW_IPV4 ? AF_INET : AF_INET6;
  wanted.sdiag_protocol = IPPROTO_TCP;
  wanted.idiag_states = ~0U;
  std::memcpy(wanted.id.idiag_src, local.address.octets, sizeof wanted.id.idiag_src);
  std::memcpy(wanted.id.idiag_dst, remote.address.octets, sizeof wanted.id.idiag_dst);
  wanted.id.idiag_sport = htons(local.port);
  wanted.id.idiag_dport = htons(remote.port);
  wanted.id.idiag_cookie[0] = wanted.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  std::uint8_t state = PW_CLOSED;
  diagnostics.ask(NetlinkRequest{SOCK_DIAG_BY_FAMILY, NLM_F_ACK, wanted},
                  [&](std::uint16_t type, Bytes payload) {
                    inet_diag_msg found;
                    if (type != SOCK_DIAG_BY_FAMILY || payload.size() < sizeof found) return;
                    std::memcpy(&found, payload.data(), sizeof found);
                    // Where there is no connection the kernel answers with the port's listener.
                    if (found.id.idiag_dport == wanted.id.idiag_dport) {
                      state = state_of(found.idiag_state);
                    }
                  });
  return state;
}

void write_counters(int fd, const tcp_info& info, Writer& status) {
  int unread = 0, unsent = 0;
  ioctl(fd, SIOCINQ, &unread);
  ioctl(fd, SIOCOUTQ, &unsent);
  const auto has = [&](int bit) { return (info.tcpi_options & bit) != 0; };
  const std::pair<const char*, std::int64_t> counters[] = {
      {"cwnd", info.tcpi_snd_cwnd},
      {"ssthresh", info.tcpi_snd_ssthresh},
      {"srtt_us", info.tcpi_rtt},
      {"rttvar_us", info.tcpi_rttvar},
      {"rto_us", info.tcpi_rto},
      {"unacked", info.tcpi_unacked},
      {"sacked", info.tcpi_sacked},
      {"lost", info.tcpi_lost},
      {"retransmits", info.tcpi_retransmits},
      {"backoff", info.tcpi_backoff},
      {"retrans", info.tcpi_retrans},
      {"ca_state", info.tcpi_ca_state},
      {"options", info.tcpi_options},
      {"total_retrans", info.tcpi_total_retrans},
      {"snd_mss", info.tcpi_snd_mss},
      {"advmss", info.tcpi_advmss},
      {"snd_wscale", info.tcpi_snd_wscale},
      {"rcv_wscale", info.tcpi_rcv_wscale},
      {"send_q", unsent},
      {"recv_q", unread},
      {"notsent_bytes", info.tcpi_notsent_bytes},
      {"bytes_acked", static_cast<std::int64_t>(info.tcpi_bytes_acked)},
      {"bytes_received", static_cast<std::int64_t>(info.tcpi_bytes_received)},
      {"segs_in", info.tcpi_segs_in},
      {"segs_out", info.tcpi_segs_out},
      {"sack", has(TCPI_OPT_SACK)},
      {"timestamps", has(TCPI_OPT_TIMESTAMPS)},
      {"wscale", has(TCPI_OPT_WSCALE)},
      {"ecn", has(TCPI_OPT_ECN)},
      {"in_recovery", info.tcpi_ca_state == TCP_CA_Recovery},
  };
  static_assert(std::size(counters) <= PW_MAX_COUNTERS);
  status.u16(std::size(counters));
  for (const auto& [name, value] : counters) status.text(name).i64(value);
}

}  // namespace

void Sockets::adopt(int fd, int family) {
  families_[fd] = family;
  connections_.erase(fd);
  remember(fd);
}

void Sockets::remember(int fd) {
  Name local, remote;
  if (getpeername(fd, remote.get(), &remote.size) != 0) return;
  if (getsockname(fd, local.get(), &local.size) != 0) return;
  connections_[fd] = {endpoint_of(local), endpoint_of(remote)};
}

int Sockets::socket(int family, int type, int protocol) {
  const int domain = family == PW_IPV4 ? AF_INET : AF_INET6;
  const int kind = type == PW_STREAM ? SOCK_STREAM : type == PW_DATAGRAM ? SOCK_DGRAM : SOCK_RAW;
  const int fd = ::socket(domain, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  if (fd < 0) return -errno;
  adopt(fd, domain);
  return fd;
}

int Sockets::bind(int fd, const pw_endpoint& local) {
  if (!has(fd)) return -EBADF;
  Name name = name_of(local, families_[fd]);
  return outcome(::bind(fd, name.get(), name.size));
}

int Sockets::listen(int fd, std::int64_t backlog) {
  if (!has(fd)) return -EBADF;
  return outcome(::listen(fd, static_cast<int>(backlog)));
}

int Sockets::accept(int fd, pw_endpoint& peer) {
  if (!has(fd)) return -EBADF;
  Name name;
  const int accepted = ::accept4(fd, name.get(), &name.size, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (accepted < 0) return -errno;
  adopt(accepted, families_[fd]);
  peer = endpoint_of(name);
  return accepted;
}

int Sockets::connect(int fd, const pw_endpoint& remote) {
  if (!has(fd)) return -EBADF;
  Name name = name_of(remote, families_[fd]);
  const int result = outcome(::connect(fd, name.get(), name.size));
  if (result == 0 || result == -EINPROGRESS) {
    // It has no peer name yet, but an address of its own.
    Name local;
    if (getsockname(fd, local.get(), &local.size) == 0) {
      connections_[fd] = {endpoint_of(local), endpoint_of(name)};
    }
  }
  return result;
}

std::int64_t Sockets::read(int fd, std::size_t count, std::uint32_t& flags, pw_endpoint& from,
                           Buffer& octets) {
  if (!has(fd)) return -EBADF;
  octets.resize(std::min(count, kLargestRead));
  Name name;
  iovec part{octets.data(), octets.size()};
  msghdr message{};
  message.msg_name = name.get();
  message.msg_namelen = name.size;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  const ssize_t got = recvmsg(fd, &message, flags_of(flags));
  if (got < 0) return -errno;
  octets.resize(static_cast<std::size_t>(got));
  flags = (message.msg_flags & MSG_OOB) != 0 ? PW_OUT_OF_BAND : 0;
  // A stream leaves the address alone.
  if (message.msg_namelen != 0) from = endpoint_of(name);
  return got;
}

std::int64_t Sockets::write(int fd, std::uint32_t flags, const pw_endpoint& to, Bytes octets) {
  if (!has(fd)) return -EBADF;
  const bool named = to.address.family != PW_NONE || to.port != 0;
  Name name = name_of(to, families_[fd]);
  const ssize_t sent = sendto(fd, octets.data(), octets.size(), flags_of(flags),
                              named ? name.get() : nullptr, named ? name.size : 0);
  return sent < 0 ? -errno : sent;
}

int Sockets::shutdown(int fd, int how) {
  if (!has(fd)) return -EBADF;
  constexpr int kHow[] = {SHUT_RD, SHUT_WR, SHUT_RDWR};
  if (how < 0 || how > PW_SHUT_BOTH) return -EINVAL;
  return outcome(::shutdown(fd, kHow[how]));
}

int Sockets::close(int fd) {
  if (!has(fd)) return -EBADF;
  families_.erase(fd);
  // A lingering close would wait for the peer, and nothing here waits. On the wire a close without
  // lingering is the same; only a linger time of zero, which resets, makes a difference there.
  linger setting{};
  socklen_t size = sizeof setting;
  if (getsockopt(fd, SOL_SOCKET, SO_LINGER, &setting, &size) == 0 && setting.l_onoff != 0 &&
      setting.l_linger > 0) {
    setting = {};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &setting, sizeof setting);
  }
  return outcome(::close(fd));
}

int Sockets::set_option(int fd, int option, std::int64_t value) {
  if (!has(fd)) return -EBADF;
  if (option < 0 || option > PW_TCP_DEFER_ACCEPT) return -ENOTSUP;
  const auto [level, name] = kOptions[option];
  if (option == PW_SO_LINGER) {
    const linger setting{value >= 0, static_cast<int>(std::max<std::int64_t>(value, 0))};
    return outcome(setsockopt(fd, level, name, &setting, sizeof setting));
  }
  const int number = static_cast<int>(value);
  return outcome(setsockopt(fd, level, name, &number, sizeof number));
}

int Sockets::get_option(int fd, int option, std::int64_t& value) {
  if (!has(fd)) return -EBADF;
  if (option < 0 || option > PW_TCP_DEFER_ACCEPT) return -ENOTSUP;
  const auto [level, name] = kOptions[option];
  if (option == PW_SO_LINGER) {
    linger setting{};
    socklen_t size = sizeof setting;
    const int result = getsockopt(fd, level, name, &setting, &size);
    value = setting.l_onoff != 0 ? setting.l_linger : -1;
    return outcome(result);
  }
  int number = 0;
  socklen_t size = sizeof number;
  const int result = getsockopt(fd, level, name, &number, &size);
  value = number;
  return outcome(result);
}

int Sockets::poll(int fd) {
  if (!has(fd)) return -EBADF;
  pollfd one{fd, POLLIN | POLLOUT | POLLPRI, 0};
  if (::poll(&one, 1, 0) < 0) return -errno;
  const auto bit = [&](int revent, int ready) { return (one.revents & revent) != 0 ? ready : 0; };
  return bit(POLLIN, PW_READABLE) | bit(POLLOUT, PW_WRITABLE) | bit(POLLPRI, PW_URGENT) |
         bit(POLLHUP, PW_HANG_UP) | bit(POLLERR, PW_ERROR);
}

int Sockets::local_endpoint(int fd, pw_endpoint& local) {
  if (!has(fd)) return -EBADF;
  Name name;
  if (getsockname(fd, name.get(), &name.size) != 0) return -errno;
  local = endpoint_of(name);
  return 0;
}

int Sockets::tcp_status(int fd, Netlink* diagnostics, Writer& status) {
  const auto connection = connections_.find(fd);
  const bool known = connection != connections_.end();
  if (!has(fd) && !known) return -EBADF;
  tcp_info info{};
  std::uint8_t state = PW_CLOSED;
  if (has(fd)) {
    socklen_t size = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return -errno;
    state = state_of(info.tcpi_state);
  }
  // The socket is closed, but its connection may go on without it: in TIME-WAIT, or after close().
  const bool by_list = state == PW_CLOSED && known && diagnostics != nullptr;
  if (by_list) {
    state = listed_state(*diagnostics, connection->second.local, connection->second.remote);
  }
  status.u8(state);
  if (has(fd)) {
    write_counters(fd, info, status);
  } else {
    status.u16(0);
  }
  return 0;
}

int Sockets::set_isn(int fd, std::uint32_t isn) {
  if (!has(fd)) return -EBADF;
  // The kernel has no way to ask for 0.
  if (isn == 0) return -ENOTSUP;
  const auto set = [&](int option, const void* value, socklen_t size) {
    return setsockopt(fd, IPPROTO_TCP, option, value, size) == 0;
  };
  const int on = TCP_REPAIR_ON, queue = TCP_SEND_QUEUE;
  const int off = TCP_REPAIR_OFF_NO_WP;  // without the window probe that resuming would send
  if (!set(TCP_REPAIR, &on, sizeof on)) return errno == EPERM ? -ENOTSUP : -errno;
  const bool chosen =
      set(TCP_REPAIR_QUEUE, &queue, sizeof queue) && set(TCP_QUEUE_SEQ, &isn, sizeof isn);
  const int error = errno;
  if (!set(TCP_REPAIR, &off, sizeof off)) return -errno;
  return chosen ? 0 : -error;
}

void Sockets::abort_all() {
  for (const auto& [fd, family] : families_) {
    const linger at_once{1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(fd);
  }
  families_.clear();
  connections_.clear();
}

}  // namespace posix_agent
