// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/packetdrill_so/plugin_sockets.hh"

#include <algorithm>
#include <cerrno>
#include <vector>

#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>

#include "harness/targets/linux/socket_address.hh"
#include "harness/targets/linux/socket_numbers.hh"
#include "harness/targets/linux/tcp_info.hh"

namespace packetwright::packetdrill_so {
namespace {

using linux_stack::SocketAddress;
using linux_stack::to_endpoint;
using linux_stack::to_socket_address;
using targets::CallResult;
using targets::Fd;

// No buffer of a socket is larger, so a larger read gives no more.
constexpr std::size_t kLargestRead = std::size_t{64} << 20;

CallResult<void> outcome(int result) {
  if (result < 0) return Err{errno};
  return {};
}

}  // namespace

void PluginSockets::adopt(Fd fd) {
  const int flags = calls_.fcntl(fd, F_GETFL, 0);
  const int wanted = (flags < 0 ? O_RDWR : flags) | O_NONBLOCK;
  known_[fd] = {calls_.fcntl(fd, F_SETFL, wanted) >= 0, std::nullopt};
}

std::optional<bool> PluginSockets::ready(Fd fd, short events) {
  if (!calls_.has("poll")) return std::nullopt;
  pollfd one{fd, events, 0};
  if (calls_.poll(&one, 1, 0) < 0) return std::nullopt;
  return (one.revents & (events | POLLERR | POLLHUP | POLLNVAL)) != 0;
}

CallResult<void> PluginSockets::may_call(Fd fd, short events) {
  if (!calls_.owns(fd)) return Err{EBADF};
  const auto known = known_.find(fd);
  if (known != known_.end() && known->second.nonblocking) return {};
  const std::optional<bool> now = ready(fd, events);
  if (!now) return Err{ENOTSUP};
  if (!*now) return Err{EAGAIN};
  return {};
}

CallResult<Fd> PluginSockets::socket(targets::Domain domain, targets::SocketType type,
                                     targets::Protocol protocol) {
  const int fd = calls_.socket(linux_stack::family_of(domain), linux_stack::type_of(type),
                               linux_stack::protocol_of(protocol));
  if (fd < 0) return Err{errno};
  adopt(fd);
  return fd;
}

CallResult<void> PluginSockets::bind(Fd fd, const Endpoint& local) {
  if (!calls_.owns(fd)) return Err{EBADF};
  const SocketAddress address = to_socket_address(local, calls_.domain_of(fd));
  const auto bound = outcome(calls_.bind(fd, address.get(), address.size));
  if (bound && local.port != 0) known_[fd].local = local;
  return bound;
}

CallResult<void> PluginSockets::listen(Fd fd, int backlog) {
  if (!calls_.owns(fd)) return Err{EBADF};
  return outcome(calls_.listen(fd, backlog));
}

CallResult<Fd> PluginSockets::accept(Fd fd, Endpoint* peer) {
  if (auto may = may_call(fd, POLLIN); !may) return Err{may.error()};
  SocketAddress address;
  const int accepted = calls_.accept4(fd, address.get(), &address.size, 0);
  if (accepted < 0) return Err{errno};
  adopt(accepted);
  known_[accepted].local = known_[fd].local;
  if (peer != nullptr) *peer = to_endpoint(address).value_or(Endpoint{});
  return accepted;
}

CallResult<void> PluginSockets::connect(Fd fd, const Endpoint& remote) {
  if (!calls_.owns(fd)) return Err{EBADF};
  // What waits inside connect() waits for packets that only this thread could give it.
  if (!known_[fd].nonblocking) return Err{ENOTSUP};
  const SocketAddress address = to_socket_address(remote, calls_.domain_of(fd));
  return outcome(calls_.connect(fd, address.get(), address.size));
}

CallResult<targets::Received> PluginSockets::read(Fd fd, std::size_t limit,
                                                  targets::ReadFlags flags) {
  const short events = flags.out_of_band ? POLLPRI : POLLIN;
  if (auto may = may_call(fd, events); !may) return Err{may.error()};
  limit = std::min(limit, kLargestRead);
  if (chunk_.size() < limit) chunk_.resize(limit);
  const int bits = linux_stack::flags_of(flags);
  SocketAddress from;
  from.size = 0;
  ssize_t got = -1;
  if (calls_.has("recvfrom")) {
    from.size = sizeof from.storage;
    from.storage.ss_family = AF_UNSPEC;
    got = calls_.recvfrom(fd, chunk_.data(), limit, bits, from.get(), &from.size);
  } else if (bits == 0 && calls_.has("read")) {
    got = calls_.read(fd, chunk_.data(), limit);
  } else {
    got = calls_.recv(fd, chunk_.data(), limit, bits);
  }
  if (got < 0 && errno == ENOTSOCK) got = calls_.read(fd, chunk_.data(), limit);
  if (got < 0) return Err{errno};
  targets::Received received;
  received.octets.assign(chunk_.begin(), chunk_.begin() + got);
  received.out_of_band = flags.out_of_band;
  if (from.size != 0) received.from = to_endpoint(from);
  return received;
}

CallResult<std::size_t> PluginSockets::write(Fd fd, Bytes octets, targets::WriteFlags flags,
                                             const Endpoint* to) {
  if (auto may = may_call(fd, POLLOUT); !may) return Err{may.error()};
  int bits = linux_stack::flags_of(flags);
  ssize_t sent = -1;
  if (to != nullptr) {
    const SocketAddress address = to_socket_address(*to, calls_.domain_of(fd));
    sent = calls_.sendto(fd, octets.data(), octets.size(), bits, address.get(), address.size);
  } else if ((bits & ~MSG_NOSIGNAL) == 0 && calls_.has("write")) {
    // Signals are ignored here, so that write() says the same.
    sent = calls_.write(fd, octets.data(), octets.size());
  } else {
    sent = calls_.sendto(fd, octets.data(), octets.size(), bits, nullptr, 0);
  }
  if (sent < 0) return Err{errno};
  return static_cast<std::size_t>(sent);
}

CallResult<void> PluginSockets::shutdown(Fd fd, targets::ShutdownHow how) {
  if (!calls_.owns(fd)) return Err{EBADF};
  return outcome(calls_.shutdown(fd, linux_stack::how_of(how)));
}

CallResult<void> PluginSockets::close(Fd fd) {
  if (!calls_.owns(fd)) return Err{EBADF};
  // A lingering close would wait for the peer, and nothing here waits. On the wire a close without
  // lingering is the same; only a linger time of zero, which resets, makes a difference there.
  const CallResult<std::int64_t> lingers = get_option(fd, targets::Option::so_linger);
  if (lingers && *lingers > 0) {
    static_cast<void>(set_option(fd, targets::Option::so_linger, -1));
  }
  known_.erase(fd);
  return outcome(calls_.close(fd));
}

CallResult<void> PluginSockets::set_option(Fd fd, targets::Option option, std::int64_t value) {
  if (!calls_.owns(fd)) return Err{EBADF};
  const linux_stack::LevelAndName at = linux_stack::numbers_of(option);
  if (option == targets::Option::so_linger) {
    const ::linger setting = linux_stack::linger_of(value);
    return outcome(calls_.setsockopt(fd, at.level, at.name, &setting, sizeof setting));
  }
  const int number = static_cast<int>(value);
  return outcome(calls_.setsockopt(fd, at.level, at.name, &number, sizeof number));
}

CallResult<std::int64_t> PluginSockets::get_option(Fd fd, targets::Option option) {
  if (!calls_.owns(fd)) return Err{EBADF};
  const linux_stack::LevelAndName at = linux_stack::numbers_of(option);
  if (option == targets::Option::so_linger) {
    ::linger setting{};
    socklen_t size = sizeof setting;
    if (calls_.getsockopt(fd, at.level, at.name, &setting, &size) < 0) return Err{errno};
    return linux_stack::seconds_of(setting);
  }
  int number = 0;
  socklen_t size = sizeof number;
  if (calls_.getsockopt(fd, at.level, at.name, &number, &size) < 0) return Err{errno};
  return number;
}

CallResult<targets::Readiness> PluginSockets::poll(Fd fd) {
  if (!calls_.owns(fd)) return Err{EBADF};
  pollfd one{fd, linux_stack::kPolled, 0};
  if (calls_.poll(&one, 1, 0) < 0) return Err{errno};
  return linux_stack::readiness_of(one.revents);
}

CallResult<Endpoint> PluginSockets::local_endpoint(Fd fd) {
  if (!calls_.owns(fd)) return Err{EBADF};
  const auto found = known_.find(fd);
  if (found == known_.end() || !found->second.local) return Err{ENOTSUP};
  return *found->second.local;
}

CallResult<targets::TcpStatus> PluginSockets::tcp_status(Fd fd) {
  if (!calls_.owns(fd)) return Err{EBADF};
  tcp_info info{};
  socklen_t size = sizeof info;
  if (calls_.getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0) return Err{errno};
  if (size == 0) return Err{ENOTSUP};
  return linux_stack::status_of(info, size);
}

void PluginSockets::close_all() {
  std::vector<Fd> all;
  for (const auto& [fd, domain] : calls_.descriptors()) all.push_back(fd);
  for (const Fd fd : all) static_cast<void>(close(fd));
  known_.clear();
}

}  // namespace packetwright::packetdrill_so
