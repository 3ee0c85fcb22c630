// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/targets/linux/system_calls.hh"

namespace packetwright::linux_stack {

// The system calls of the kernel that this process runs on. New descriptors close on exec.
class KernelCalls final : public SystemCalls {
 public:
  [[nodiscard]] targets::Domain domain_of(int fd) override;

  int socket(int domain, int type, int protocol) override;
  int bind(int fd, const sockaddr* address, socklen_t size) override;
  int listen(int fd, int backlog) override;
  int accept4(int fd, sockaddr* address, socklen_t* size, int flags) override;
  int connect(int fd, const sockaddr* address, socklen_t size) override;
  int shutdown(int fd, int how) override;
  int close(int fd) override;

  ssize_t read(int fd, void* octets, std::size_t count) override;
  ssize_t readv(int fd, const iovec* parts, int count) override;
  ssize_t recv(int fd, void* octets, std::size_t count, int flags) override;
  ssize_t recvmsg(int fd, msghdr* message, int flags) override;
  ssize_t write(int fd, const void* octets, std::size_t count) override;
  ssize_t writev(int fd, const iovec* parts, int count) override;
  ssize_t sendto(int fd, const void* octets, std::size_t count, int flags, const sockaddr* to,
                 socklen_t size) override;
  ssize_t sendmsg(int fd, const msghdr* message, int flags) override;

  int getsockopt(int fd, int level, int option, void* value, socklen_t* size) override;
  int setsockopt(int fd, int level, int option, const void* value, socklen_t size) override;
  int ioctl(int fd, unsigned long request, void* value) override;
  int fcntl(int fd, int command, int number) override;

  int poll(pollfd* polled, nfds_t count, int timeout) override;
  int epoll_create(int size) override;
  int epoll_ctl(int epoll, int operation, int fd, epoll_event* event) override;
  int epoll_wait(int epoll, epoll_event* events, int most, int timeout) override;
  int pipe(int* ends) override;
  ssize_t splice(int in, loff_t* in_offset, int out, loff_t* out_offset, std::size_t count,
                 unsigned flags) override;
};

}  // namespace packetwright::linux_stack
