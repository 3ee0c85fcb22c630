// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/cares/lookups.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <span>
#include <utility>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>

#include "harness/targets/cares/system.h"
#include "harness/targets/linux/socket_address.hh"
#include "stack/wire/address_text.hh"

namespace packetwright::cares {
namespace {

using targets::CallResult;

constexpr std::uint16_t kDnsPort = 53;
// So many turns at one instant are no progress.
constexpr int kMostTurns = 1000;

reference::ReferenceTarget& host(void* context) {
  return *static_cast<reference::ReferenceTarget*>(context);
}

// As the C library has it.
template <class T>
int plain(const CallResult<T>& result) {
  if (result) return 0;
  errno = result.error();
  return -1;
}

// --- the sockets of c-ares

ares_socket_t open_socket(int domain, int type, int, void* context) {
  const auto fd = host(context).socket(
      domain == AF_INET ? targets::Domain::inet : targets::Domain::inet6,
      type == SOCK_STREAM ? targets::SocketType::stream : targets::SocketType::datagram,
      targets::Protocol::any);
  return fd ? *fd : plain(fd);
}

int close_socket(ares_socket_t fd, void* context) {
  return plain(host(context).close(fd));
}

std::optional<Endpoint> endpoint_of(const sockaddr* address, ares_socklen_t size) {
  linux_stack::SocketAddress copy;
  copy.size = std::min<socklen_t>(size, sizeof copy.storage);
  std::memcpy(&copy.storage, address, copy.size);
  return linux_stack::to_endpoint(copy);
}

int connect_socket(ares_socket_t fd, const sockaddr* to, ares_socklen_t size, void* context) {
  const auto endpoint = endpoint_of(to, size);
  if (!endpoint) {
    errno = EINVAL;
    return -1;
  }
  return plain(host(context).connect(fd, *endpoint));
}

ares_ssize_t receive(ares_socket_t fd, void* room, std::size_t size, int, sockaddr* from,
                     ares_socklen_t* from_size, void* context) {
  const auto got = host(context).read(fd, size, {});
  if (!got) return plain(got);
  std::copy(got->octets.begin(), got->octets.end(), static_cast<std::uint8_t*>(room));
  if (from != nullptr && got->from) {
    const auto address = linux_stack::to_socket_address(
        *got->from, got->from->address.is_v4() ? targets::Domain::inet : targets::Domain::inet6);
    std::memcpy(from, address.get(), std::min(*from_size, address.size));
    *from_size = address.size;
  }
  return static_cast<ares_ssize_t>(got->octets.size());
}

ares_ssize_t send_all(ares_socket_t fd, const iovec* parts, int count, void* context) {
  Buffer octets;
  for (const iovec& part : std::span{parts, static_cast<std::size_t>(count)}) {
    const auto* const at = static_cast<const std::uint8_t*>(part.iov_base);
    octets.insert(octets.end(), at, at + part.iov_len);
  }
  const auto taken = host(context).write(fd, octets, {}, nullptr);
  return taken ? static_cast<ares_ssize_t>(*taken) : plain(taken);
}

constexpr ares_socket_functions kSockets{open_socket, close_socket, connect_socket, receive,
                                         send_all};

// The reasons of c-ares, as a case names them.
int errno_of(int status) {
  switch (status) {
    case ARES_ENODATA: return ENODATA;
    case ARES_ENOTFOUND: return ENOENT;
    case ARES_EBADNAME:
    case ARES_EBADQUERY: return EINVAL;
    case ARES_ETIMEOUT: return ETIMEDOUT;
    case ARES_ENOMEM: return ENOMEM;
    default: return EIO;
  }
}

Duration duration_of(const timeval& time) {
  return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
}

}  // namespace

Result<void, targets::ResetError> Lookups::begin(const targets::Config& config, Settings settings) {
  end();
  const auto begun = host_.reset(config);
  if (!begun) return begun;
  settings_ = std::move(settings);
  system_set_time(0);
  system_set_seed(config.seed);
  return {};
}

void Lookups::end() {
  // It tells the look-ups that are under way, so they have to be there yet.
  if (channel_ != nullptr) ares_destroy(std::exchange(channel_, nullptr));
  queries_.clear();
  server_.reset();
}

bool Lookups::open(const Endpoint& server) {
  if (channel_ != nullptr) return server == *server_;
  if (server.port != kDnsPort) return false;
  server_ = server;
  system_set_resolv_conf(
      ("nameserver " + wire::to_string(server.address) + "\n" + settings_.resolv_conf).c_str());
  ares_options options{};
  int given = ARES_OPT_FLAGS;
  options.flags = settings_.edns_size == 0 ? 0 : ARES_FLAG_EDNS;
  if (settings_.edns_size.value_or(0) > 0) {
    given |= ARES_OPT_EDNSPSZ;
    options.ednspsz = *settings_.edns_size;
  }
  if (ares_init_options(&channel_, &options, given) != ARES_SUCCESS) {
    channel_ = nullptr;
    return false;
  }
  ares_set_socket_functions(channel_, &kSockets, &host_);
  return true;
}

void Lookups::on_result(void* query, int status, int, ares_addrinfo* result) {
  Query& told = *static_cast<Query*>(query);
  told.status = status;
  if (result == nullptr) return;
  for (const ares_addrinfo_node* node = result->nodes; node != nullptr; node = node->ai_next) {
    const auto endpoint = endpoint_of(node->ai_addr, node->ai_addrlen);
    if (endpoint) told.addresses.push_back(endpoint->address);
  }
  ares_freeaddrinfo(result);
}

bool Lookups::serve_sockets() {
  std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
  const unsigned wanted =
      static_cast<unsigned>(ares_getsock(channel_, sockets.data(), ARES_GETSOCK_MAXNUM));
  bool any = false;
  for (unsigned i = 0; i < sockets.size(); ++i) {
    const bool reads = ARES_GETSOCK_READABLE(wanted, i) != 0;
    const bool writes = ARES_GETSOCK_WRITABLE(wanted, i) != 0;
    if (!reads && !writes) continue;
    const auto ready = host_.poll(sockets[i]);
    if (!ready) continue;
    const bool over = ready->error || ready->hang_up;
    const bool read = reads && (ready->readable || over);
    const bool write = writes && (ready->writable || over);
    if (!read && !write) continue;
    any = true;
    ares_process_fd(channel_, read ? sockets[i] : ARES_SOCKET_BAD,
                    write ? sockets[i] : ARES_SOCKET_BAD);
  }
  return any;
}

void Lookups::work() {
  if (channel_ == nullptr) return;
  system_set_time(static_cast<std::uint64_t>(nanos(host_.now())));
  for (int turn = 0; turn < kMostTurns && serve_sockets(); ++turn) {
  }
  ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

void Lookups::inject(Bytes frame) {
  host_.inject(frame);
  work();
}

void Lookups::advance_to(Instant until) {
  host_.advance_to(until, false);
  work();
}

std::optional<Instant> Lookups::next_timer() const {
  std::optional<Instant> next = host_.next_timer();
  timeval left{};
  if (channel_ != nullptr && ares_timeout(channel_, nullptr, &left) != nullptr) {
    // At this instant it has done what was to do.
    const Instant at =
        host_.now() + std::max<Duration>(duration_of(left), std::chrono::microseconds{1});
    next = std::min(next.value_or(at), at);
  }
  return next;
}

CallResult<int> Lookups::resolve(const std::string& name, Family family, const Endpoint& server) {
  system_set_time(static_cast<std::uint64_t>(nanos(host_.now())));
  if (!open(server)) return Err{ENOTSUP};
  Query& query = queries_.emplace_back(Query{++last_query_, std::nullopt, {}});
  ares_addrinfo_hints hints{};
  hints.ai_family = family == Family::ipv4 ? AF_INET : AF_INET6;
  // To sort them it would connect sockets of the machine.
  hints.ai_flags = ARES_AI_NOSORT;
  ares_getaddrinfo(channel_, name.c_str(), nullptr, &hints, &Lookups::on_result, &query);
  work();
  return query.number;
}

CallResult<std::vector<IpAddress>> Lookups::resolved(int query) {
  const auto found = std::find_if(queries_.begin(), queries_.end(),
                                  [&](const Query& one) { return one.number == query; });
  if (found == queries_.end()) return Err{EBADF};
  if (!found->status) return Err{EAGAIN};
  const Query told = std::move(*found);
  queries_.erase(found);
  if (*told.status != ARES_SUCCESS) return Err{errno_of(*told.status)};
  return told.addresses;
}

}  // namespace packetwright::cares
