// SPDX-License-Identifier: Apache-2.0
#include "examples/packetdrill_so/socket_calls.hh"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "examples/packetdrill_so/tcp_info_of.hh"
#include "harness/targets/linux/socket_address.hh"
#include "harness/targets/linux/socket_numbers.hh"

namespace packetwright::example {
namespace {

using linux_stack::SocketAddress;
using targets::Domain;
using targets::Option;

int failed(int error) {
  errno = error;
  return -1;
}

template <class T>
int status_of(const Result<T, int>& result) {
  return result ? 0 : failed(result.error());
}

std::optional<Endpoint> endpoint_of(const sockaddr* address, socklen_t size) {
  SocketAddress copy;
  if (address == nullptr || size > sizeof copy.storage) return std::nullopt;
  std::memcpy(&copy.storage, address, size);
  copy.size = size;
  return linux_stack::to_endpoint(copy);
}

void write_address(const Endpoint& endpoint, Domain domain, sockaddr* out, socklen_t* size) {
  if (out == nullptr || size == nullptr) return;
  const SocketAddress address = linux_stack::to_socket_address(endpoint, domain);
  std::memcpy(out, address.get(), std::min(*size, address.size));
  *size = address.size;
}

// The options of the stack by their numbers.
std::optional<Option> option_of(int level, int name) {
  for (int i = 0; i <= static_cast<int>(Option::tcp_window_clamp); ++i) {
    const auto option = static_cast<Option>(i);
    const linux_stack::LevelAndName numbers = linux_stack::numbers_of(option);
    if (numbers.level == level && numbers.name == name) return option;
  }
  return std::nullopt;
}

short revents_of(const targets::Readiness& ready) {
  return static_cast<short>((ready.readable ? POLLIN : 0) | (ready.writable ? POLLOUT : 0) |
                            (ready.urgent ? POLLPRI : 0) | (ready.hang_up ? POLLHUP : 0) |
                            (ready.error ? POLLERR : 0));
}

}  // namespace

int SocketCalls::adopt(targets::Fd fd, const Known& known) {
  known_[fd + kFirst] = known;
  return fd + kFirst;
}

bool SocketCalls::may_wait(int fd, int flags) const {
  const auto known = known_.find(fd);
  return known != known_.end() && !known->second.nonblocking && (flags & MSG_DONTWAIT) == 0;
}

template <class Try>
auto SocketCalls::until_answered(int fd, int flags, Try attempt) {
  auto lock = host_.lock();
  while (true) {
    auto result = attempt(fd - kFirst);
    host_.happened();
    if (result || result.error() != EAGAIN || !may_wait(fd, flags)) return result;
    host_.wait(lock);
  }
}

int SocketCalls::socket(int domain, int type, int protocol) {
  if (domain != AF_INET && domain != AF_INET6) return failed(EAFNOSUPPORT);
  const Domain inner = domain == AF_INET ? Domain::inet : Domain::inet6;
  const auto same_type = [&](targets::SocketType one) {
    return linux_stack::type_of(one) == (type & 0xf);
  };
  const auto same_protocol = [&](targets::Protocol one) {
    return linux_stack::protocol_of(one) == protocol;
  };
  constexpr targets::SocketType kTypes[] = {
      targets::SocketType::stream, targets::SocketType::datagram, targets::SocketType::raw};
  constexpr targets::Protocol kProtocols[] = {targets::Protocol::any, targets::Protocol::tcp,
                                              targets::Protocol::udp, targets::Protocol::icmp,
                                              targets::Protocol::icmpv6};
  const auto* const inner_type = std::find_if(std::begin(kTypes), std::end(kTypes), same_type);
  const auto* const inner_protocol =
      std::find_if(std::begin(kProtocols), std::end(kProtocols), same_protocol);
  if (inner_type == std::end(kTypes)) return failed(EPROTOTYPE);
  if (inner_protocol == std::end(kProtocols)) return failed(EPROTONOSUPPORT);
  const auto lock = host_.lock();
  const auto fd = host_.stack().socket(inner, *inner_type, *inner_protocol);
  if (!fd) return failed(fd.error());
  return adopt(*fd, {inner, (type & SOCK_NONBLOCK) != 0});
}

int SocketCalls::bind(int fd, const sockaddr* address, socklen_t size) {
  const auto local = endpoint_of(address, size);
  if (!local) return failed(EINVAL);
  const auto lock = host_.lock();
  return status_of(host_.stack().bind(fd - kFirst, *local));
}

int SocketCalls::listen(int fd, int backlog) {
  const auto lock = host_.lock();
  return status_of(host_.stack().listen(fd - kFirst, backlog));
}

int SocketCalls::accept(int fd, sockaddr* address, socklen_t* size) {
  Endpoint peer;
  const auto accepted =
      until_answered(fd, 0, [&](targets::Fd inner) { return host_.stack().accept(inner, &peer); });
  if (!accepted) return failed(accepted.error());
  const auto lock = host_.lock();
  const Domain domain = known_[fd].domain;
  write_address(peer, domain, address, size);
  return adopt(*accepted, {domain, false});
}

int SocketCalls::connect(int fd, const sockaddr* address, socklen_t size) {
  const auto remote = endpoint_of(address, size);
  if (!remote) return failed(EINVAL);
  auto lock = host_.lock();
  const auto begun = host_.stack().connect(fd - kFirst, *remote);
  host_.happened();
  if (begun || begun.error() != EINPROGRESS || !may_wait(fd, 0)) return status_of(begun);
  while (true) {
    const auto ready = host_.stack().poll(fd - kFirst);
    if (!ready) return failed(ready.error());
    if (ready->writable || ready->error || ready->hang_up) break;
    host_.wait(lock);
  }
  const auto error = host_.stack().get_option(fd - kFirst, Option::so_error);
  if (!error) return failed(error.error());
  return *error == 0 ? 0 : failed(static_cast<int>(*error));
}

ssize_t SocketCalls::receive(int fd, MutableBytes room, int flags, sockaddr* from,
                             socklen_t* size) {
  const targets::ReadFlags how{(flags & MSG_PEEK) != 0, (flags & MSG_OOB) != 0};
  const auto got = until_answered(
      fd, flags, [&](targets::Fd inner) { return host_.stack().read(inner, room.size(), how); });
  if (!got) return failed(got.error());
  store_bytes(room, 0, got->octets);
  const auto lock = host_.lock();
  if (got->from) {
    write_address(*got->from, known_[fd].domain, from, size);
  } else if (size != nullptr) {
    *size = 0;
  }
  return static_cast<ssize_t>(got->octets.size());
}

ssize_t SocketCalls::send(int fd, Bytes octets, int flags, const sockaddr* to, socklen_t size) {
  const targets::WriteFlags how{(flags & MSG_OOB) != 0, (flags & MSG_MORE) != 0, true};
  const auto remote = endpoint_of(to, size);
  std::size_t sent = 0;
  // A stream that may wait takes everything, bit by bit.
  do {
    const auto part = until_answered(fd, flags, [&](targets::Fd inner) {
      return host_.stack().write(inner, octets.subspan(sent), how, remote ? &*remote : nullptr);
    });
    if (!part) return sent > 0 ? static_cast<ssize_t>(sent) : failed(part.error());
    sent += *part;
    const auto lock = host_.lock();
    if (!may_wait(fd, flags) || *part == 0) break;
  } while (sent < octets.size());
  return static_cast<ssize_t>(sent);
}

int SocketCalls::fcntl(int fd, int command, int number) {
  const auto lock = host_.lock();
  const auto known = known_.find(fd);
  if (known == known_.end()) return failed(EBADF);
  switch (command) {
    case F_GETFL: return O_RDWR | (known->second.nonblocking ? O_NONBLOCK : 0);
    case F_SETFL: known->second.nonblocking = (number & O_NONBLOCK) != 0; return 0;
    case F_GETFD:
    case F_SETFD: return 0;
    default: return failed(EINVAL);
  }
}

int SocketCalls::ioctl(int fd, unsigned long request, int* value) {
  const auto lock = host_.lock();
  const auto status = host_.stack().tcp_status(fd - kFirst);
  if (!status) return failed(status.error());
  const auto tell = [&](const char* counter) {
    *value = static_cast<int>(status->counters.at(counter));
    return 0;
  };
  if (request == SIOCINQ) return tell("recv_q");
  if (request == SIOCOUTQ) return tell("send_q");
  if (request == SIOCOUTQNSD) return tell("notsent_bytes");
  return failed(EINVAL);
}

int SocketCalls::close(int fd) {
  const auto lock = host_.lock();
  if (known_.erase(fd) == 0) return failed(EBADF);
  const auto closed = host_.stack().close(fd - kFirst);
  host_.happened();
  return status_of(closed);
}

int SocketCalls::shutdown(int fd, int how) {
  const auto lock = host_.lock();
  for (const auto one :
       {targets::ShutdownHow::read, targets::ShutdownHow::write, targets::ShutdownHow::both}) {
    if (linux_stack::how_of(one) != how) continue;
    const auto done = host_.stack().shutdown(fd - kFirst, one);
    host_.happened();
    return status_of(done);
  }
  return failed(EINVAL);
}

int SocketCalls::getsockopt(int fd, int level, int option, void* value, socklen_t* size) {
  const auto lock = host_.lock();
  const auto answer = [&](const void* from, std::size_t octets) {
    *size = std::min<socklen_t>(*size, static_cast<socklen_t>(octets));
    std::memcpy(value, from, *size);
    return 0;
  };
  if (level == IPPROTO_TCP && option == TCP_INFO) {
    const auto status = host_.stack().tcp_status(fd - kFirst);
    if (!status) return failed(status.error());
    const tcp_info info = tcp_info_of(*status);
    return answer(&info, sizeof info);
  }
  const auto known = option_of(level, option);
  if (!known) return failed(ENOPROTOOPT);
  const auto number = host_.stack().get_option(fd - kFirst, *known);
  if (!number) return failed(number.error());
  if (*known == Option::so_linger) {
    const ::linger setting = linux_stack::linger_of(*number);
    return answer(&setting, sizeof setting);
  }
  const int small = static_cast<int>(*number);
  return answer(&small, sizeof small);
}

int SocketCalls::setsockopt(int fd, int level, int option, const void* value, socklen_t size) {
  const auto known = option_of(level, option);
  if (!known) return failed(ENOPROTOOPT);
  std::int64_t number = 0;
  if (*known == Option::so_linger) {
    ::linger setting{};
    if (size < sizeof setting) return failed(EINVAL);
    std::memcpy(&setting, value, sizeof setting);
    number = linux_stack::seconds_of(setting);
  } else {
    int small = 0;
    if (size < sizeof small) return failed(EINVAL);
    std::memcpy(&small, value, sizeof small);
    number = small;
  }
  const auto lock = host_.lock();
  const auto done = host_.stack().set_option(fd - kFirst, *known, number);
  host_.happened();
  return status_of(done);
}

int SocketCalls::poll(pollfd* polled, std::size_t count, int timeout_ms) {
  auto lock = host_.lock();
  const std::int64_t deadline = host_.now_us(false) + std::int64_t{timeout_ms} * 1000;
  while (true) {
    int ready = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const auto one = host_.stack().poll(polled[i].fd - kFirst);
      const int always = POLLERR | POLLHUP | POLLNVAL;
      const int told = one ? revents_of(*one) : POLLNVAL;
      polled[i].revents = static_cast<short>(told & (polled[i].events | always));
      if (polled[i].revents != 0) ++ready;
    }
    const bool over = timeout_ms >= 0 && host_.now_us(false) >= deadline;
    if (ready > 0 || over) return ready;
    host_.wait(lock);
  }
}

}  // namespace packetwright::example
