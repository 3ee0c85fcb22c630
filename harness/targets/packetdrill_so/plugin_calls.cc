// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/packetdrill_so/plugin_calls.hh"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include <netinet/in.h>

namespace packetwright::packetdrill_so {
namespace {

constexpr std::size_t kLargestPacket = 65536;  // the room that packetdrill offers
constexpr std::int64_t kAnyDescriptor = std::numeric_limits<int>::max();
constexpr std::int64_t kAnyNumber = std::numeric_limits<int>::max();

std::size_t total(const iovec* parts, std::size_t count) {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += parts[i].iov_len;
  return sum;
}

Bytes octets_at(const void* at, std::size_t count) {
  return {static_cast<const std::uint8_t*>(at), count};
}

void copy_back(void* to, Bytes from) {
  if (to != nullptr && !from.empty()) std::memcpy(to, from.data(), from.size());
}

}  // namespace

template <class Function, class... Arguments>
std::int64_t PluginCalls::call(const char* name, std::int64_t most, Function slot,
                               Arguments... arguments) {
  if (slot == nullptr) {
    errno = ENOTSUP;
    return -1;
  }
  if (fault_) {
    errno = EIO;
    return -1;
  }
  ++count_;
  errno = 0;
  const std::int64_t result = slot(slots().userdata, arguments...);
  if (result == -1) {
    if (errno == 0) errno = EIO;
    return -1;
  }
  if (result < -1 || result > most) {
    fault(std::string{name} + "() returned " + std::to_string(result) +
          (result > most ? ", where " + std::to_string(most) + " is the most there can be" : ""));
    errno = EIO;
    return -1;
  }
  return result;
}

bool PluginCalls::has(std::string_view call) const {
  const packetdrill_interface& all = slots();
  const std::pair<std::string_view, bool> calls[] = {
      {"socket", all.socket != nullptr},
      {"bind", all.bind != nullptr},
      {"listen", all.listen != nullptr},
      {"accept", all.accept != nullptr},
      {"accept4", all.accept != nullptr},
      {"connect", all.connect != nullptr},
      {"read", all.read != nullptr},
      {"readv", all.readv != nullptr},
      {"recv", all.recv != nullptr},
      {"recvfrom", all.recvfrom != nullptr},
      {"recvmsg", all.recvmsg != nullptr},
      {"write", all.write != nullptr},
      {"writev", all.writev != nullptr},
      {"send", all.send != nullptr},
      {"sendto", all.sendto != nullptr},
      {"sendmsg", all.sendmsg != nullptr},
      {"fcntl", all.fcntl != nullptr},
      {"ioctl", all.ioctl != nullptr},
      {"close", all.close != nullptr},
      {"shutdown", all.shutdown != nullptr},
      {"getsockopt", all.getsockopt != nullptr},
      {"setsockopt", all.setsockopt != nullptr},
      {"poll", all.poll != nullptr},
      {"epoll_create", all.epoll_create != nullptr},
      {"epoll_ctl", all.epoll_ctl != nullptr},
      {"epoll_wait", all.epoll_wait != nullptr},
      {"pipe", all.pipe != nullptr},
      {"splice", all.splice != nullptr},
  };
  return std::any_of(std::begin(calls), std::end(calls),
                     [&](const auto& one) { return one.first == call && one.second; });
}

void PluginCalls::fault(std::string what) {
  if (!fault_) fault_ = std::move(what);
}

void PluginCalls::forget_all() {
  domains_.clear();
  fault_.reset();
}

// --- the wire

int PluginCalls::netdev_send(Bytes packet) {
  const MutableBytes copy = memory_.copy_of(packet);
  return static_cast<int>(
      call("netdev_send", kAnyNumber, slots().netdev_send, copy.data(), copy.size()));
}

std::optional<PluginCalls::Taken> PluginCalls::netdev_receive() {
  if (fault_) return std::nullopt;
  const MutableBytes room = memory_.last(kLargestPacket);
  std::size_t count = room.size();
  long long time_us = -1;
  if (slots().netdev_receive(slots().userdata, room.data(), &count, &time_us) != 0) {
    return std::nullopt;
  }
  if (count > room.size()) {
    fault("netdev_receive() wrote " + std::to_string(count) + " octets into a room of " +
          std::to_string(room.size()));
    return std::nullopt;
  }
  if (count == 0) return std::nullopt;
  return Taken{room.first(count), time_us};
}

// --- sockets

targets::Domain PluginCalls::domain_of(int fd) {
  const auto found = domains_.find(fd);
  return found == domains_.end() ? targets::Domain::inet : found->second;
}

int PluginCalls::socket(int domain, int type, int protocol) {
  const auto fd =
      static_cast<int>(call("socket", kAnyDescriptor, slots().socket, domain, type, protocol));
  if (fd >= 0) adopt(fd, domain == AF_INET6 ? targets::Domain::inet6 : targets::Domain::inet);
  return fd;
}

int PluginCalls::bind(int fd, const sockaddr* address, socklen_t size) {
  const MutableBytes copy = memory_.copy_of(octets_at(address, size));
  return static_cast<int>(call("bind", kAnyNumber, slots().bind, fd,
                               reinterpret_cast<const sockaddr*>(copy.data()), size));
}

int PluginCalls::listen(int fd, int backlog) {
  return static_cast<int>(call("listen", kAnyNumber, slots().listen, fd, backlog));
}

int PluginCalls::accept4(int fd, sockaddr* address, socklen_t* size, int) {
  const MutableBytes room = memory_.last(sizeof(sockaddr_storage));
  socklen_t length = sizeof(sockaddr_storage);
  const auto accepted = static_cast<int>(call("accept", kAnyDescriptor, slots().accept, fd,
                                              reinterpret_cast<sockaddr*>(room.data()), &length));
  if (accepted < 0) return accepted;
  if (length > room.size()) {
    fault("accept() wrote an address of " + std::to_string(length) + " octets");
    return -1;
  }
  adopt(accepted, domain_of(fd));
  if (address != nullptr && size != nullptr) {
    *size = std::min(*size, length);
    copy_back(address, room.first(*size));
  }
  return accepted;
}

int PluginCalls::connect(int fd, const sockaddr* address, socklen_t size) {
  const MutableBytes copy = memory_.copy_of(octets_at(address, size));
  return static_cast<int>(call("connect", kAnyNumber, slots().connect, fd,
                               reinterpret_cast<const sockaddr*>(copy.data()), size));
}

int PluginCalls::shutdown(int fd, int how) {
  return static_cast<int>(call("shutdown", kAnyNumber, slots().shutdown, fd, how));
}

int PluginCalls::close(int fd) {
  const auto result = static_cast<int>(call("close", kAnyNumber, slots().close, fd));
  if (result == 0) forget(fd);
  return result;
}

// --- octets

ssize_t PluginCalls::read(int fd, void* octets, std::size_t count) {
  const MutableBytes room = memory_.last(count);
  const std::int64_t got = call("read", static_cast<std::int64_t>(count), slots().read, fd,
                                static_cast<void*>(room.data()), count);
  if (got > 0) copy_back(octets, room.first(static_cast<std::size_t>(got)));
  return got;
}

ssize_t PluginCalls::readv(int fd, const iovec* parts, int count) {
  return call("readv", static_cast<std::int64_t>(total(parts, static_cast<std::size_t>(count))),
              slots().readv, fd, parts, count);
}

ssize_t PluginCalls::recv(int fd, void* octets, std::size_t count, int flags) {
  const MutableBytes room = memory_.last(count);
  // With MSG_TRUNC the result is the size of what came, not of what was written.
  const auto most = (flags & MSG_TRUNC) != 0 ? kAnyNumber : static_cast<std::int64_t>(count);
  const std::int64_t got =
      call("recv", most, slots().recv, fd, static_cast<void*>(room.data()), count, flags);
  if (got > 0) copy_back(octets, room.first(std::min(static_cast<std::size_t>(got), count)));
  return got;
}

ssize_t PluginCalls::recvfrom(int fd, void* octets, std::size_t count, int flags, sockaddr* from,
                              socklen_t* size) {
  const MutableBytes room = memory_.last(count);
  const MutableBytes name = beside_.last(sizeof(sockaddr_storage));
  socklen_t length = sizeof(sockaddr_storage);
  const auto most = (flags & MSG_TRUNC) != 0 ? kAnyNumber : static_cast<std::int64_t>(count);
  const std::int64_t got =
      call("recvfrom", most, slots().recvfrom, fd, static_cast<void*>(room.data()), count, flags,
           reinterpret_cast<sockaddr*>(name.data()), &length);
  if (got < 0) return got;
  if (length > name.size()) {
    fault("recvfrom() wrote an address of " + std::to_string(length) + " octets");
    errno = EIO;
    return -1;
  }
  copy_back(octets, room.first(std::min(static_cast<std::size_t>(got), count)));
  *size = std::min(*size, length);
  copy_back(from, name.first(*size));
  return got;
}

ssize_t PluginCalls::recvmsg(int fd, msghdr* message, int flags) {
  const auto room = static_cast<std::int64_t>(total(message->msg_iov, message->msg_iovlen));
  const std::size_t name_room = message->msg_namelen;
  const std::size_t control_room = message->msg_controllen;
  const auto most = (flags & MSG_TRUNC) != 0 ? kAnyNumber : room;
  const std::int64_t got = call("recvmsg", most, slots().recvmsg, fd, message, flags);
  if (got < 0) return got;
  check_messages(*message, name_room, control_room);
  if (!fault_) return got;
  errno = EIO;
  return -1;
}

// Whoever reads control messages walks from one to the next by their lengths.
void PluginCalls::check_messages(const msghdr& message, std::size_t name_room,
                                 std::size_t control_room) {
  if (message.msg_namelen > name_room) {
    return fault("recvmsg() wrote an address of " + std::to_string(message.msg_namelen) +
                 " octets");
  }
  if (message.msg_controllen > control_room) {
    return fault("recvmsg() wrote " + std::to_string(message.msg_controllen) +
                 " octets of control messages into a room of " + std::to_string(control_room));
  }
  const auto* const start = static_cast<const std::uint8_t*>(message.msg_control);
  std::size_t at = 0;
  while (message.msg_controllen - at >= sizeof(cmsghdr)) {
    cmsghdr header;
    std::memcpy(&header, start + at, sizeof header);
    if (header.cmsg_len < CMSG_LEN(0) || header.cmsg_len > message.msg_controllen - at) {
      return fault("recvmsg() wrote a control message of " + std::to_string(header.cmsg_len) +
                   " octets, with " + std::to_string(message.msg_controllen - at) + " left");
    }
    const std::size_t step = CMSG_ALIGN(header.cmsg_len);
    if (step >= message.msg_controllen - at) return;
    at += step;
  }
}

ssize_t PluginCalls::write(int fd, const void* octets, std::size_t count) {
  const MutableBytes copy = memory_.copy_of(octets_at(octets, count));
  return call("write", static_cast<std::int64_t>(count), slots().write, fd,
              static_cast<const void*>(copy.data()), count);
}

ssize_t PluginCalls::writev(int fd, const iovec* parts, int count) {
  return call("writev", static_cast<std::int64_t>(total(parts, static_cast<std::size_t>(count))),
              slots().writev, fd, parts, count);
}

ssize_t PluginCalls::sendto(int fd, const void* octets, std::size_t count, int flags,
                            const sockaddr* to, socklen_t size) {
  const MutableBytes copy = memory_.copy_of(octets_at(octets, count));
  const auto most = static_cast<std::int64_t>(count);
  if (to == nullptr && slots().send != nullptr) {
    return call("send", most, slots().send, fd, static_cast<const void*>(copy.data()), count,
                flags);
  }
  const MutableBytes name = beside_.copy_of(octets_at(to, to == nullptr ? 0 : size));
  return call("sendto", most, slots().sendto, fd, static_cast<const void*>(copy.data()), count,
              flags, to == nullptr ? nullptr : reinterpret_cast<const sockaddr*>(name.data()),
              static_cast<socklen_t>(name.size()));
}

ssize_t PluginCalls::sendmsg(int fd, const msghdr* message, int flags) {
  return call("sendmsg", static_cast<std::int64_t>(total(message->msg_iov, message->msg_iovlen)),
              slots().sendmsg, fd, message, flags);
}

// --- options

int PluginCalls::getsockopt(int fd, int level, int option, void* value, socklen_t* size) {
  const MutableBytes room = memory_.last(*size);
  std::fill(room.begin(), room.end(), std::uint8_t{0});
  socklen_t length = *size;
  const auto result = static_cast<int>(call("getsockopt", kAnyNumber, slots().getsockopt, fd, level,
                                            option, static_cast<void*>(room.data()), &length));
  if (result < 0) return result;
  if (length > room.size()) {
    fault("getsockopt() wrote " + std::to_string(length) + " octets into a room of " +
          std::to_string(room.size()));
    errno = EIO;
    return -1;
  }
  copy_back(value, room.first(length));
  *size = length;
  return result;
}

int PluginCalls::setsockopt(int fd, int level, int option, const void* value, socklen_t size) {
  const MutableBytes copy = memory_.copy_of(octets_at(value, size));
  return static_cast<int>(call("setsockopt", kAnyNumber, slots().setsockopt, fd, level, option,
                               static_cast<const void*>(copy.data()), size));
}

int PluginCalls::ioctl(int fd, unsigned long request, void* value) {
  return static_cast<int>(call("ioctl", kAnyNumber, slots().ioctl, fd, request, value));
}

int PluginCalls::fcntl(int fd, int command, int number) {
  return static_cast<int>(call("fcntl", kAnyNumber, slots().fcntl, fd, command, number));
}

// --- descriptors of any kind

int PluginCalls::poll(pollfd* polled, nfds_t count, int timeout) {
  const std::size_t size = count * sizeof(pollfd);
  const MutableBytes copy = memory_.copy_of(octets_at(polled, size));
  const auto result =
      static_cast<int>(call("poll", static_cast<std::int64_t>(count), slots().poll,
                            reinterpret_cast<pollfd*>(copy.data()), count, timeout));
  if (result >= 0) copy_back(polled, copy);
  return result;
}

int PluginCalls::epoll_create(int size) {
  const auto fd =
      static_cast<int>(call("epoll_create", kAnyDescriptor, slots().epoll_create, size));
  if (fd >= 0) adopt(fd, targets::Domain::inet);
  return fd;
}

int PluginCalls::epoll_ctl(int epoll, int operation, int fd, epoll_event* event) {
  return static_cast<int>(
      call("epoll_ctl", kAnyNumber, slots().epoll_ctl, epoll, operation, fd, event));
}

int PluginCalls::epoll_wait(int epoll, epoll_event* events, int most, int timeout) {
  return static_cast<int>(
      call("epoll_wait", most, slots().epoll_wait, epoll, events, most, timeout));
}

int PluginCalls::pipe(int* ends) {
  const auto result = static_cast<int>(call("pipe", kAnyNumber, slots().pipe, ends));
  if (result == 0) {
    adopt(ends[0], targets::Domain::inet);
    adopt(ends[1], targets::Domain::inet);
  }
  return result;
}

ssize_t PluginCalls::splice(int in, loff_t* in_offset, int out, loff_t* out_offset,
                            std::size_t count, unsigned flags) {
  return call("splice", static_cast<std::int64_t>(count), slots().splice, in, in_offset, out,
              out_offset, count, flags);
}

}  // namespace packetwright::packetdrill_so
