// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/plugin/sockets.hh"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "harness/targets/plugin/convert.hh"

namespace packetwright::plugin {
namespace {

using targets::CallResult;
using targets::Fd;

constexpr std::int64_t kAny = std::numeric_limits<int>::max();
constexpr std::size_t kMostAddresses = 64;
constexpr std::size_t kNetstatSize = std::size_t{1} << 20;
constexpr std::uint32_t kReadiness = PW_READABLE | PW_WRITABLE | PW_URGENT | PW_HANG_UP | PW_ERROR;

int to_c(targets::SocketType type) {
  switch (type) {
    case targets::SocketType::stream: return PW_STREAM;
    case targets::SocketType::datagram: return PW_DATAGRAM;
    case targets::SocketType::raw: return PW_RAW;
  }
  return 0;
}

int to_c(targets::Protocol protocol) {
  switch (protocol) {
    case targets::Protocol::any: return PW_ANY;
    case targets::Protocol::tcp: return PW_TCP;
    case targets::Protocol::udp: return PW_UDP;
    case targets::Protocol::icmp: return PW_ICMP;
    case targets::Protocol::icmpv6: return PW_ICMPV6;
  }
  return 0;
}

int to_c(targets::ShutdownHow how) {
  switch (how) {
    case targets::ShutdownHow::read: return PW_SHUT_READ;
    case targets::ShutdownHow::write: return PW_SHUT_WRITE;
    case targets::ShutdownHow::both: return PW_SHUT_BOTH;
  }
  return 0;
}

// Both lists have the same order; the ends of them are held together here.
static_assert(static_cast<int>(targets::Option::so_error) == PW_SO_ERROR);
static_assert(static_cast<int>(targets::Option::ip_ttl) == PW_IP_TTL);
static_assert(static_cast<int>(targets::Option::ipv6_v6only) == PW_IPV6_V6ONLY);
static_assert(static_cast<int>(targets::Option::tcp_nodelay) == PW_TCP_NODELAY);
static_assert(static_cast<int>(targets::Option::tcp_user_timeout) == PW_TCP_USER_TIMEOUT);
static_assert(static_cast<int>(targets::Option::tcp_defer_accept) == PW_TCP_DEFER_ACCEPT);
static_assert(static_cast<int>(targets::TcpState::listen) == PW_LISTEN - 1);
static_assert(static_cast<int>(targets::TcpState::closed) == PW_CLOSED - 1);

std::uint32_t bit(bool is_set, pw_flag flag) {
  return is_set ? static_cast<std::uint32_t>(flag) : 0;
}

CallResult<void> without_value(const CallResult<std::int64_t>& result) {
  if (!result) return Err{result.error()};
  return {};
}

CallResult<int> as_int(const CallResult<std::int64_t>& result) {
  if (!result) return Err{result.error()};
  return static_cast<int>(*result);
}

}  // namespace

template <class Address>
auto Sockets::checked(const char* name, const Address& address) {
  const auto read = from_c(address);
  if (!read) {
    stack_.fault(std::string{name} + "() wrote an address that is neither IPv4 nor IPv6");
  }
  return read;
}

CallResult<Fd> Sockets::socket(targets::Domain domain, targets::SocketType type,
                               targets::Protocol protocol) {
  const int family = domain == targets::Domain::inet ? PW_IPV4 : PW_IPV6;
  return as_int(
      stack_.call("socket", kAny, stack_.table().socket, family, to_c(type), to_c(protocol)));
}

CallResult<void> Sockets::bind(Fd fd, const Endpoint& local) {
  const pw_endpoint endpoint = to_c(local);
  return without_value(stack_.call("bind", kAny, stack_.table().bind, fd, &endpoint));
}

CallResult<void> Sockets::listen(Fd fd, int backlog) {
  return without_value(stack_.call("listen", kAny, stack_.table().listen, fd, backlog));
}

CallResult<Fd> Sockets::accept(Fd fd, Endpoint* peer) {
  pw_endpoint from{};
  const auto accepted = stack_.call("accept", kAny, stack_.table().accept, fd, &from);
  if (!accepted) return Err{accepted.error()};
  const auto read = checked("accept", from);
  if (!read) return Err{EIO};
  if (peer != nullptr) *peer = *read;
  return static_cast<Fd>(*accepted);
}

CallResult<void> Sockets::connect(Fd fd, const Endpoint& remote) {
  const pw_endpoint endpoint = to_c(remote);
  return without_value(stack_.call("connect", kAny, stack_.table().connect, fd, &endpoint));
}

CallResult<targets::Received> Sockets::read(Fd fd, std::size_t limit, targets::ReadFlags flags) {
  const MutableBytes room = stack_.room(limit);
  std::uint32_t c_flags = bit(flags.peek, PW_PEEK) | bit(flags.out_of_band, PW_OUT_OF_BAND);
  pw_endpoint from{};
  const auto got = stack_.call("read", static_cast<std::int64_t>(limit), stack_.table().read, fd,
                               room.data(), room.size(), &c_flags, &from);
  if (!got) return Err{got.error()};
  targets::Received received;
  received.octets.assign(room.begin(), room.begin() + *got);
  received.out_of_band = (c_flags & PW_OUT_OF_BAND) != 0;
  if (from.address.family != PW_NONE) {
    received.from = checked("read", from);
    if (!received.from) return Err{EIO};
  }
  return received;
}

CallResult<std::size_t> Sockets::write(Fd fd, Bytes octets, targets::WriteFlags flags,
                                       const Endpoint* to) {
  const MutableBytes copy = stack_.copy_of(octets);
  const std::uint32_t c_flags = bit(flags.out_of_band, PW_OUT_OF_BAND) | bit(flags.more, PW_MORE) |
                                bit(flags.fast_open, PW_FAST_OPEN);
  const pw_endpoint remote = to == nullptr ? pw_endpoint{} : to_c(*to);
  const auto taken =
      stack_.call("write", static_cast<std::int64_t>(octets.size()), stack_.table().write, fd,
                  static_cast<const std::uint8_t*>(copy.data()), copy.size(), c_flags,
                  to == nullptr ? nullptr : &remote);
  if (!taken) return Err{taken.error()};
  return static_cast<std::size_t>(*taken);
}

CallResult<void> Sockets::shutdown(Fd fd, targets::ShutdownHow how) {
  return without_value(stack_.call("shutdown", kAny, stack_.table().shutdown, fd, to_c(how)));
}

CallResult<void> Sockets::close(Fd fd) {
  return without_value(stack_.call("close", kAny, stack_.table().close, fd));
}

CallResult<void> Sockets::set_option(Fd fd, targets::Option option, std::int64_t value) {
  return without_value(stack_.call("set_option", kAny, stack_.table().set_option, fd,
                                   static_cast<int>(option), value));
}

CallResult<std::int64_t> Sockets::get_option(Fd fd, targets::Option option) {
  std::int64_t value = 0;
  const auto got = stack_.call("get_option", kAny, stack_.table().get_option, fd,
                               static_cast<int>(option), &value);
  if (!got) return Err{got.error()};
  return value;
}

CallResult<targets::Readiness> Sockets::poll(Fd fd) {
  const auto ready = stack_.call("poll", kReadiness, stack_.table().poll, fd);
  if (!ready) return Err{ready.error()};
  const auto has = [&](std::int64_t bit) { return (*ready & bit) != 0; };
  return targets::Readiness{has(PW_READABLE), has(PW_WRITABLE), has(PW_URGENT), has(PW_HANG_UP),
                            has(PW_ERROR)};
}

CallResult<Endpoint> Sockets::local_endpoint(Fd fd) {
  pw_endpoint local{};
  const auto got = stack_.call("local_endpoint", kAny, stack_.table().local_endpoint, fd, &local);
  if (!got) return Err{got.error()};
  const auto read = checked("local_endpoint", local);
  if (!read) return Err{EIO};
  return *read;
}

CallResult<targets::TcpStatus> Sockets::tcp_status(Fd fd) {
  pw_tcp_status status{};
  const auto got = stack_.call("tcp_status", kAny, stack_.table().tcp_status, fd, &status);
  if (!got) return Err{got.error()};
  if (status.state > PW_CLOSED) {
    stack_.fault("tcp_status() wrote the state " + std::to_string(status.state));
    return Err{EIO};
  }
  if (status.counter_count > PW_MAX_COUNTERS) {
    stack_.fault("tcp_status() wrote " + std::to_string(status.counter_count) + " counters");
    return Err{EIO};
  }
  targets::TcpStatus out;
  if (status.state != 0) out.state = static_cast<targets::TcpState>(status.state - 1);
  for (std::uint32_t i = 0; i < status.counter_count; ++i) {
    const pw_counter& counter = status.counters[i];
    if (counter.name != nullptr) out.counters[counter.name] = counter.value;
  }
  return out;
}

CallResult<void> Sockets::set_isn(Fd fd, std::uint32_t isn) {
  return without_value(stack_.call("set_isn", kAny, stack_.table().set_isn, fd, isn));
}

CallResult<int> Sockets::resolve(std::string_view name, Family family, const Endpoint& server) {
  const std::string text{name};
  const pw_endpoint endpoint = to_c(server);
  return as_int(stack_.call("resolve", kAny, stack_.table().resolve, text.c_str(),
                            family == Family::ipv4 ? PW_IPV4 : PW_IPV6, &endpoint));
}

CallResult<std::vector<IpAddress>> Sockets::resolved(int query) {
  std::vector<pw_address> room(kMostAddresses);
  const auto found =
      stack_.call("resolved", kAny, stack_.table().resolved, query, room.data(), room.size());
  if (!found) return Err{found.error()};
  room.resize(std::min(static_cast<std::size_t>(*found), room.size()));
  std::vector<IpAddress> addresses;
  for (const pw_address& one : room) {
    const auto read = checked("resolved", one);
    if (!read) return Err{EIO};
    addresses.push_back(*read);
  }
  return addresses;
}

CallResult<std::string> Sockets::netstat() {
  const MutableBytes room = stack_.room(kNetstatSize);
  const auto size =
      stack_.call("netstat", std::numeric_limits<std::int64_t>::max(), stack_.table().netstat,
                  reinterpret_cast<char*>(room.data()), room.size());
  if (!size) return Err{size.error()};
  const std::size_t written = std::min(static_cast<std::size_t>(*size), room.size() - 1);
  return std::string{room.begin(), room.begin() + static_cast<std::ptrdiff_t>(written)};
}

}  // namespace packetwright::plugin
