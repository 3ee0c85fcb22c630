// SPDX-License-Identifier: Apache-2.0
// A plug-in for the tests of this folder that does, with a straight face, one thing wrong: the one
// that its flags name. Without flags it is a stack that opens sockets, answers nothing, and counts
// its time by hand.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "harness/targets/packetdrill_so/packetdrill_interface.h"

namespace {

std::string fault;
long long clock_us = 0;
int next_fd = 0;
int open_sockets = 0;  // closed by whoever uses the stack, or left open
int lives = 0;         // static data: as old as the shared object in memory

int do_socket(void*, int, int, int) {
  ++open_sockets;
  return next_fd++;
}
int do_close(void*, int) {
  --open_sockets;
  return 0;
}
int do_bind(void*, int, const sockaddr*, socklen_t) {
  return 0;
}
int do_listen(void*, int, int) {
  return 0;
}
int do_accept(void*, int, sockaddr*, socklen_t* size) {
  if (fault == "long_address") {
    *size = 5000;
    return next_fd++;
  }
  // Nobody ever calls; a call that may wait would wait for ever.
  if (fault == "no_fcntl") std::abort();
  errno = EAGAIN;
  return -1;
}
int do_fcntl(void*, int, int, ...) {
  return 0;
}
int do_poll(void*, pollfd* polled, nfds_t count, int) {
  for (nfds_t i = 0; i < count; ++i) polled[i].revents = 0;
  return 0;
}
ssize_t do_read(void*, int, void* octets, size_t count) {
  if (fault == "long_read") return static_cast<ssize_t>(count) + 1;
  if (fault == "negative_read") return -2;
  if (fault == "overwrite") std::memset(octets, 0x55, count + 1);
  // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): that is the fault.
  if (fault == "crash") *static_cast<volatile int*>(nullptr) = 1;
  if (fault == "silent_error") errno = 0;
  if (fault == "count_sockets") return open_sockets;
  if (fault == "count_lives") return lives;
  return -1;
}
int do_getsockopt(void*, int, int, int, void*, socklen_t* size) {
  if (fault == "long_option") *size += 1;
  return 0;
}
int do_send(void*, const void*, size_t) {
  return 0;
}
int do_receive(void*, void* packet, size_t* count, long long* time_us) {
  if (fault == "long_packet") {
    *count = 70'000;
    return 0;
  }
  if (fault == "flood" || fault == "strange_times") {
    std::memset(packet, 0, 20);
    *count = 20;
    *time_us = fault == "flood" ? clock_us : 1'000'000'000'000'000;
    static int sent = 0;
    if (fault == "strange_times" && ++sent % 2 == 0) *count = 0;
    return 0;
  }
  *count = 0;
  return 0;
}
int do_usleep(void*, useconds_t microseconds) {
  if (fault == "real_clock") {
    ::usleep(microseconds);
  } else if (fault != "dead_clock") {
    clock_us += microseconds;
  }
  return 0;
}
int do_gettimeofday(void*, timeval* now, struct timezone* zone) {
  if (fault == "real_clock") return ::gettimeofday(now, zone);
  now->tv_sec = clock_us / 1'000'000;
  now->tv_usec = clock_us % 1'000'000;
  return 0;
}

}  // namespace

void packetdrill_interface_init(const char* flags, packetdrill_interface* interface) {
  fault = flags;
  ++lives;
  if (fault == "exit") std::_Exit(0);
  if (fault == "abort") std::abort();
  if (fault == "nothing") return;
  interface->socket = do_socket;
  interface->close = do_close;
  interface->bind = do_bind;
  interface->listen = do_listen;
  interface->accept = do_accept;
  if (fault != "no_fcntl") interface->fcntl = do_fcntl;
  if (fault != "no_poll" && fault != "no_fcntl") interface->poll = do_poll;
  interface->read = do_read;
  interface->getsockopt = do_getsockopt;
  interface->netdev_send = do_send;
  interface->netdev_receive = do_receive;
  interface->usleep = do_usleep;
  interface->gettimeofday = do_gettimeofday;
}
