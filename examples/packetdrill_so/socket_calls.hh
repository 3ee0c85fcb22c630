// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>

#include "examples/packetdrill_so/host.hh"
#include "harness/targets/packetdrill_so/packetdrill_interface.h"

namespace packetwright::example {

// The calls of a plug-in over a host, as POSIX has them: -1 and errno, and blocking unless the
// descriptor or the flags of the call say otherwise.
class SocketCalls {
 public:
  explicit SocketCalls(const targets::Config& config) : host_(config) {}

  [[nodiscard]] Host& host() { return host_; }

  int socket(int domain, int type, int protocol);
  int bind(int fd, const sockaddr* address, socklen_t size);
  int listen(int fd, int backlog);
  int accept(int fd, sockaddr* address, socklen_t* size);
  int connect(int fd, const sockaddr* address, socklen_t size);
  ssize_t receive(int fd, MutableBytes room, int flags, sockaddr* from, socklen_t* size);
  ssize_t send(int fd, Bytes octets, int flags, const sockaddr* to, socklen_t size);
  int fcntl(int fd, int command, int number);
  int ioctl(int fd, unsigned long request, int* value);
  int close(int fd);
  int shutdown(int fd, int how);
  int getsockopt(int fd, int level, int option, void* value, socklen_t* size);
  int setsockopt(int fd, int level, int option, const void* value, socklen_t size);
  int poll(pollfd* polled, std::size_t count, int timeout_ms);

 private:
  // packetdrill closes what a script left open with the close() of its own process. Numbers that no
  // process has do no harm there.
  static constexpr int kFirst = 1 << 20;

  struct Known {
    targets::Domain domain = targets::Domain::inet;
    bool nonblocking = false;
  };
  [[nodiscard]] bool may_wait(int fd, int flags) const;
  // Tries until the answer is another one than EAGAIN, if the descriptor may wait for it.
  template <class Try>
  auto until_answered(int fd, int flags, Try attempt);
  int adopt(targets::Fd fd, const Known& known);

  Host host_;
  std::map<int, Known> known_;
};

}  // namespace packetwright::example
