// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/sockets.hh"

#include <algorithm>
#include <cerrno>
#include <optional>

#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/targets/linux/socket_address.hh"
#include "harness/targets/linux/socket_numbers.hh"

namespace packetwright::linux_stack {
namespace {

using targets::CallResult;
using targets::Domain;
using targets::Fd;
using targets::Option;
using targets::Protocol;
using targets::Readiness;
using targets::Received;
using targets::SocketType;

// No buffer of a socket is larger, so a larger read gives no more.
constexpr std::size_t kLargestRead = std::size_t{64} << 20;

CallResult<void> outcome(int result) {
  if (result < 0) return Err{errno};
  return {};
}

// Makes one call of a blocking descriptor return at once.
class NotBlocking {
 public:
  explicit NotBlocking(int fd) : fd_(fd), flags_(fcntl(fd, F_GETFL)) {
    if (flags_ >= 0 && (flags_ & O_NONBLOCK) == 0) fcntl(fd_, F_SETFL, flags_ | O_NONBLOCK);
  }
  ~NotBlocking() {
    const int error = errno;
    if (flags_ >= 0 && (flags_ & O_NONBLOCK) == 0) fcntl(fd_, F_SETFL, flags_);
    errno = error;
  }
  NotBlocking(const NotBlocking&) = delete;
  NotBlocking& operator=(const NotBlocking&) = delete;

 private:
  int fd_;
  int flags_;
};

}  // namespace

Domain Sockets::domain_of(Fd fd) const {
  const auto found = domains_.find(fd);
  return found == domains_.end() ? Domain::inet : found->second;
}

void Sockets::adopt(Fd fd, Domain domain) {
  domains_[fd] = domain;
  connections_.erase(fd);
  SocketAddress remote;
  SocketAddress local;
  if (getpeername(fd, remote.get(), &remote.size) != 0 ||
      getsockname(fd, local.get(), &local.size) != 0) {
    return;
  }
  const std::optional<Endpoint> from = to_endpoint(local);
  const std::optional<Endpoint> to = to_endpoint(remote);
  if (from && to) connections_[fd] = {*from, *to};
}

CallResult<Fd> Sockets::socket(Domain domain, SocketType type, Protocol protocol) {
  const int fd = ::socket(family_of(domain), type_of(type) | SOCK_CLOEXEC, protocol_of(protocol));
  if (fd < 0) return Err{errno};
  adopt(fd, domain);
  return fd;
}

CallResult<void> Sockets::bind(Fd fd, const Endpoint& local) {
  if (!has(fd)) return Err{EBADF};
  const SocketAddress address = to_socket_address(local, domain_of(fd));
  return outcome(::bind(fd, address.get(), address.size));
}

CallResult<void> Sockets::listen(Fd fd, int backlog) {
  if (!has(fd)) return Err{EBADF};
  return outcome(::listen(fd, backlog));
}

CallResult<Fd> Sockets::accept(Fd fd, Endpoint* peer) {
  if (!has(fd)) return Err{EBADF};
  SocketAddress address;
  const NotBlocking now{fd};
  const int accepted = ::accept4(fd, address.get(), &address.size, SOCK_CLOEXEC);
  if (accepted < 0) return Err{errno};
  adopt(accepted, domain_of(fd));
  if (peer != nullptr) *peer = to_endpoint(address).value_or(Endpoint{});
  return accepted;
}

CallResult<void> Sockets::connect(Fd fd, const Endpoint& remote) {
  if (!has(fd)) return Err{EBADF};
  const SocketAddress address = to_socket_address(remote, domain_of(fd));
  const NotBlocking now{fd};
  const int result = ::connect(fd, address.get(), address.size);
  const int error = errno;
  if (result == 0 || error == EINPROGRESS) {
    const std::optional<Endpoint> to = to_endpoint(address);
    const CallResult<Endpoint> from = local_endpoint(fd);
    if (from && to) connections_[fd] = {*from, *to};
  }
  errno = error;
  return outcome(result);
}

std::optional<Connection> Sockets::connection_of(Fd fd) const {
  const auto found = connections_.find(fd);
  return found == connections_.end() ? std::nullopt : std::optional{found->second};
}

CallResult<Received> Sockets::read(Fd fd, std::size_t limit, targets::ReadFlags flags) {
  if (!has(fd)) return Err{EBADF};
  limit = std::min(limit, kLargestRead);
  if (chunk_.size() < limit) chunk_.resize(limit);
  SocketAddress from;
  iovec part{chunk_.data(), limit};
  msghdr message{};
  message.msg_name = from.get();
  message.msg_namelen = from.size;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  const int bits = MSG_DONTWAIT | flags_of(flags);
  ssize_t got = ::recvmsg(fd, &message, bits);
  if (got < 0 && errno == ENOTSOCK) {
    const NotBlocking now{fd};
    message.msg_namelen = 0;
    got = ::read(fd, chunk_.data(), limit);
  }
  if (got < 0) return Err{errno};
  Received received;
  received.octets.assign(chunk_.begin(), chunk_.begin() + got);
  received.out_of_band = (message.msg_flags & MSG_OOB) != 0;
  // A stream socket leaves the address alone.
  if (message.msg_namelen != 0) received.from = to_endpoint(from);
  return received;
}

CallResult<std::size_t> Sockets::write(Fd fd, Bytes octets, targets::WriteFlags flags,
                                       const Endpoint* to) {
  if (!has(fd)) return Err{EBADF};
  const int bits = MSG_DONTWAIT | flags_of(flags);
  SocketAddress address;
  if (to != nullptr) address = to_socket_address(*to, domain_of(fd));
  ssize_t sent =
      ::sendto(fd, octets.data(), octets.size(), bits, to != nullptr ? address.get() : nullptr,
               to != nullptr ? address.size : 0);
  if (sent < 0 && errno == ENOTSOCK) {
    const NotBlocking now{fd};
    sent = ::write(fd, octets.data(), octets.size());
  }
  if (sent < 0) return Err{errno};
  return static_cast<std::size_t>(sent);
}

CallResult<void> Sockets::shutdown(Fd fd, targets::ShutdownHow how) {
  if (!has(fd)) return Err{EBADF};
  return outcome(::shutdown(fd, how_of(how)));
}

CallResult<void> Sockets::close(Fd fd) {
  if (!has(fd)) return Err{EBADF};
  domains_.erase(fd);
  // A lingering close would wait for the peer, and nothing here waits. On the wire a close without
  // lingering is the same; only a linger time of zero, which resets, makes a difference there.
  ::linger setting{};
  socklen_t size = sizeof setting;
  if (getsockopt(fd, SOL_SOCKET, SO_LINGER, &setting, &size) == 0 && setting.l_onoff != 0 &&
      setting.l_linger > 0) {
    setting = {};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &setting, sizeof setting);
  }
  return outcome(::close(fd));
}

CallResult<void> Sockets::set_option(Fd fd, Option option, std::int64_t value) {
  if (!has(fd)) return Err{EBADF};
  const LevelAndName kernel = numbers_of(option);
  if (option == Option::so_linger) {
    const ::linger setting = linger_of(value);
    return outcome(setsockopt(fd, kernel.level, kernel.name, &setting, sizeof setting));
  }
  const int number = static_cast<int>(value);
  return outcome(setsockopt(fd, kernel.level, kernel.name, &number, sizeof number));
}

CallResult<std::int64_t> Sockets::get_option(Fd fd, Option option) {
  if (!has(fd)) return Err{EBADF};
  const LevelAndName kernel = numbers_of(option);
  if (option == Option::so_linger) {
    ::linger setting{};
    socklen_t size = sizeof setting;
    if (getsockopt(fd, kernel.level, kernel.name, &setting, &size) != 0) return Err{errno};
    return seconds_of(setting);
  }
  int number = 0;
  socklen_t size = sizeof number;
  if (getsockopt(fd, kernel.level, kernel.name, &number, &size) != 0) return Err{errno};
  return number;
}

CallResult<Readiness> Sockets::poll(Fd fd) {
  if (!has(fd)) return Err{EBADF};
  pollfd one{fd, kPolled, 0};
  if (::poll(&one, 1, 0) < 0) return Err{errno};
  return readiness_of(one.revents);
}

CallResult<Endpoint> Sockets::local_endpoint(Fd fd) {
  if (!has(fd)) return Err{EBADF};
  SocketAddress address;
  if (getsockname(fd, address.get(), &address.size) != 0) return Err{errno};
  const std::optional<Endpoint> local = to_endpoint(address);
  if (!local) return Err{EAFNOSUPPORT};
  return *local;
}

void Sockets::abort_all() {
  for (const auto& [fd, domain] : domains_) {
    const ::linger at_once{1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(fd);
  }
  domains_.clear();
  connections_.clear();
}

}  // namespace packetwright::linux_stack
