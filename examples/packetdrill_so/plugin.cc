// SPDX-License-Identifier: Apache-2.0
// A plug-in for packetdrill's --so_filename, and for --target packetdrill-so: the reference stack
// of packetwright behind that interface, on a virtual clock. Each slot is one line that leads to
// SocketCalls or to Host; start reading there.
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <string>

#include "examples/packetdrill_so/socket_calls.hh"

namespace packetwright::example {
namespace {

SocketCalls& calls(void* userdata) {
  return *static_cast<SocketCalls*>(userdata);
}
Host& host(void* userdata) {
  return calls(userdata).host();
}

Bytes octets(const void* at, std::size_t count) {
  return {static_cast<const std::uint8_t*>(at), count};
}
MutableBytes room(void* at, std::size_t count) {
  return {static_cast<std::uint8_t*>(at), count};
}

void end(void* userdata) {
  delete &calls(userdata);
}

// --- sockets

int do_socket(void* it, int domain, int type, int protocol) {
  return calls(it).socket(domain, type, protocol);
}
int do_bind(void* it, int fd, const sockaddr* address, socklen_t size) {
  return calls(it).bind(fd, address, size);
}
int do_listen(void* it, int fd, int backlog) {
  return calls(it).listen(fd, backlog);
}
int do_accept(void* it, int fd, sockaddr* address, socklen_t* size) {
  return calls(it).accept(fd, address, size);
}
int do_connect(void* it, int fd, const sockaddr* address, socklen_t size) {
  return calls(it).connect(fd, address, size);
}
int do_close(void* it, int fd) {
  return calls(it).close(fd);
}
int do_shutdown(void* it, int fd, int how) {
  return calls(it).shutdown(fd, how);
}

// --- octets

ssize_t do_recvfrom(void* it, int fd, void* at, std::size_t count, int flags, sockaddr* from,
                    socklen_t* size) {
  return calls(it).receive(fd, room(at, count), flags, from, size);
}
ssize_t do_recv(void* it, int fd, void* at, std::size_t count, int flags) {
  return calls(it).receive(fd, room(at, count), flags, nullptr, nullptr);
}
ssize_t do_read(void* it, int fd, void* at, std::size_t count) {
  return calls(it).receive(fd, room(at, count), 0, nullptr, nullptr);
}
ssize_t do_sendto(void* it, int fd, const void* at, std::size_t count, int flags,
                  const sockaddr* to, socklen_t size) {
  return calls(it).send(fd, octets(at, count), flags, to, size);
}
ssize_t do_send(void* it, int fd, const void* at, std::size_t count, int flags) {
  return calls(it).send(fd, octets(at, count), flags, nullptr, 0);
}
ssize_t do_write(void* it, int fd, const void* at, std::size_t count) {
  return calls(it).send(fd, octets(at, count), 0, nullptr, 0);
}

std::size_t total(const iovec* parts, std::size_t count) {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += parts[i].iov_len;
  return sum;
}

ssize_t scatter(void* it, int fd, const iovec* parts, std::size_t count, int flags, sockaddr* from,
                socklen_t* size) {
  Buffer all(total(parts, count));
  const ssize_t got = calls(it).receive(fd, all, flags, from, size);
  std::size_t at = 0;
  for (std::size_t i = 0; i < count && got > 0; ++i) {
    const std::size_t here = std::min(parts[i].iov_len, static_cast<std::size_t>(got) - at);
    if (here > 0) std::memcpy(parts[i].iov_base, all.data() + at, here);
    at += here;
  }
  return got;
}

ssize_t gather(void* it, int fd, const iovec* parts, std::size_t count, int flags,
               const sockaddr* to, socklen_t size) {
  Buffer all;
  for (std::size_t i = 0; i < count; ++i) {
    const Bytes part = octets(parts[i].iov_base, parts[i].iov_len);
    all.insert(all.end(), part.begin(), part.end());
  }
  return calls(it).send(fd, all, flags, to, size);
}

ssize_t do_readv(void* it, int fd, const iovec* parts, int count) {
  return scatter(it, fd, parts, static_cast<std::size_t>(count), 0, nullptr, nullptr);
}
ssize_t do_writev(void* it, int fd, const iovec* parts, int count) {
  return gather(it, fd, parts, static_cast<std::size_t>(count), 0, nullptr, 0);
}
ssize_t do_recvmsg(void* it, int fd, msghdr* message, int flags) {
  message->msg_flags = 0;
  message->msg_controllen = 0;
  return scatter(it, fd, message->msg_iov, message->msg_iovlen, flags,
                 static_cast<sockaddr*>(message->msg_name), &message->msg_namelen);
}
ssize_t do_sendmsg(void* it, int fd, const msghdr* message, int flags) {
  return gather(it, fd, message->msg_iov, message->msg_iovlen, flags,
                static_cast<const sockaddr*>(message->msg_name), message->msg_namelen);
}

// --- options and waiting

int do_fcntl(void* it, int fd, int command, ...) {
  va_list rest;
  va_start(rest, command);
  const int number = va_arg(rest, int);
  va_end(rest);
  return calls(it).fcntl(fd, command, number);
}
int do_ioctl(void* it, int fd, unsigned long request, ...) {
  va_list rest;
  va_start(rest, request);
  int* const value = va_arg(rest, int*);
  va_end(rest);
  return calls(it).ioctl(fd, request, value);
}
int do_getsockopt(void* it, int fd, int level, int option, void* value, socklen_t* size) {
  return calls(it).getsockopt(fd, level, option, value, size);
}
int do_setsockopt(void* it, int fd, int level, int option, const void* value, socklen_t size) {
  return calls(it).setsockopt(fd, level, option, value, size);
}
int do_poll(void* it, pollfd* polled, nfds_t count, int timeout_ms) {
  return calls(it).poll(polled, count, timeout_ms);
}

// --- the wire and the clock

int do_netdev_send(void* it, const void* packet, std::size_t count) {
  const auto lock = host(it).lock();
  host(it).put(octets(packet, count));
  return 0;
}

int do_netdev_receive(void* it, void* packet, std::size_t* count, long long* time_us) {
  const auto lock = host(it).lock();
  const auto taken = host(it).take();
  const std::size_t space = *count;
  *count = 0;
  // packetdrill takes a packet of no octets for a broken one; it goes on asking for -1 alone.
  if (!taken || taken->octets.size() > space) {
    errno = taken ? EMSGSIZE : EAGAIN;
    return -1;
  }
  *count = taken->octets.size();
  *time_us = taken->time_us;
  std::memcpy(packet, taken->octets.data(), taken->octets.size());
  return 0;
}

int do_usleep(void* it, useconds_t microseconds) {
  const auto lock = host(it).lock();
  host(it).sleep(microseconds);
  return 0;
}

int do_gettimeofday(void* it, timeval* now, struct timezone*) {
  const auto lock = host(it).lock();
  const std::int64_t microseconds = host(it).now_us(true);
  now->tv_sec = microseconds / 1'000'000;
  now->tv_usec = microseconds % 1'000'000;
  return 0;
}

}  // namespace
}  // namespace packetwright::example

void packetdrill_interface_init(const char* flags, packetdrill_interface* interface) {
  using namespace packetwright::example;
  const auto config = config_from(flags == nullptr ? "" : flags);
  if (!config) {
    // The interface has no way to refuse: an empty table is what is left.
    std::fprintf(stderr, "packetdrill_so_reference: %s\n", config.error().c_str());
    return;
  }
  interface->userdata = new SocketCalls{*config};
  interface->free = end;
  interface->socket = do_socket;
  interface->bind = do_bind;
  interface->listen = do_listen;
  interface->accept = do_accept;
  interface->connect = do_connect;
  interface->read = do_read;
  interface->readv = do_readv;
  interface->recv = do_recv;
  interface->recvfrom = do_recvfrom;
  interface->recvmsg = do_recvmsg;
  interface->write = do_write;
  interface->writev = do_writev;
  interface->send = do_send;
  interface->sendto = do_sendto;
  interface->sendmsg = do_sendmsg;
  interface->fcntl = do_fcntl;
  interface->ioctl = do_ioctl;
  interface->close = do_close;
  interface->shutdown = do_shutdown;
  interface->getsockopt = do_getsockopt;
  interface->setsockopt = do_setsockopt;
  interface->poll = do_poll;
  interface->netdev_send = do_netdev_send;
  interface->netdev_receive = do_netdev_receive;
  interface->usleep = do_usleep;
  interface->gettimeofday = do_gettimeofday;
}

int packetwright_next_timer(void* userdata, long long* time_us) {
  using namespace packetwright::example;
  const auto lock = host(userdata).lock();
  const auto timer = host(userdata).next_timer_us();
  if (!timer) return -1;
  *time_us = *timer;
  return 0;
}
