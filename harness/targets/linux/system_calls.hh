// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "harness/targets/target.hh"

namespace packetwright::linux_stack {

// The calls that a prepared one ends in: the kernel's, or those of a stack that offers the same.
// Arguments and results are those of POSIX: -1 with errno set is an error.
class SystemCalls {
 public:
  virtual ~SystemCalls() = default;

  // Of an IP socket: its domain; of anything else: inet.
  [[nodiscard]] virtual targets::Domain domain_of(int fd) = 0;

  virtual int socket(int domain, int type, int protocol) = 0;
  virtual int bind(int fd, const sockaddr* address, socklen_t size) = 0;
  virtual int listen(int fd, int backlog) = 0;
  virtual int accept4(int fd, sockaddr* address, socklen_t* size, int flags) = 0;
  virtual int connect(int fd, const sockaddr* address, socklen_t size) = 0;
  virtual int shutdown(int fd, int how) = 0;
  virtual int close(int fd) = 0;

  virtual ssize_t read(int fd, void* octets, std::size_t count) = 0;
  virtual ssize_t readv(int fd, const iovec* parts, int count) = 0;
  virtual ssize_t recv(int fd, void* octets, std::size_t count, int flags) = 0;
  virtual ssize_t recvmsg(int fd, msghdr* message, int flags) = 0;
  virtual ssize_t write(int fd, const void* octets, std::size_t count) = 0;
  virtual ssize_t writev(int fd, const iovec* parts, int count) = 0;
  // `to` nullptr: it is connected.
  virtual ssize_t sendto(int fd, const void* octets, std::size_t count, int flags,
                         const sockaddr* to, socklen_t size) = 0;
  virtual ssize_t sendmsg(int fd, const msghdr* message, int flags) = 0;

  virtual int getsockopt(int fd, int level, int option, void* value, socklen_t* size) = 0;
  virtual int setsockopt(int fd, int level, int option, const void* value, socklen_t size) = 0;
  virtual int ioctl(int fd, unsigned long request, void* value) = 0;
  virtual int fcntl(int fd, int command, int number) = 0;

  virtual int poll(pollfd* polled, nfds_t count, int timeout) = 0;
  virtual int epoll_create(int size) = 0;
  virtual int epoll_ctl(int epoll, int operation, int fd, epoll_event* event) = 0;
  virtual int epoll_wait(int epoll, epoll_event* events, int most, int timeout) = 0;
  virtual int pipe(int* ends) = 0;
  virtual ssize_t splice(int in, loff_t* in_offset, int out, loff_t* out_offset, std::size_t count,
                         unsigned flags) = 0;
};

}  // namespace packetwright::linux_stack
