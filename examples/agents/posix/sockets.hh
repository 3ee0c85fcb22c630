// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>

#include "format.hh"
#include "netlink.hh"

namespace posix_agent {

// The socket calls of the kernel. Results are those of packetwright_target.h.
class Sockets {
 public:
  ~Sockets() { abort_all(); }

  int socket(int family, int type, int protocol);
  int bind(int fd, const pw_endpoint& local);
  int listen(int fd, std::int64_t backlog);
  int accept(int fd, pw_endpoint& peer);
  int connect(int fd, const pw_endpoint& remote);
  std::int64_t read(int fd, std::size_t count, std::uint32_t& flags, pw_endpoint& from,
                    Buffer& octets);
  std::int64_t write(int fd, std::uint32_t flags, const pw_endpoint& to, Bytes octets);
  int shutdown(int fd, int how);
  int close(int fd);
  int set_option(int fd, int option, std::int64_t value);
  int get_option(int fd, int option, std::int64_t& value);
  int poll(int fd);
  int local_endpoint(int fd, pw_endpoint& local);
  // The state, a count, and the counters, as the protocol has them.
  int tcp_status(int fd, Netlink* diagnostics, Writer& status);
  int set_isn(int fd, std::uint32_t isn);

  // Closes all; connections are reset.
  void abort_all();

 private:
  struct Connection {
    pw_endpoint local, remote;
  };
  void adopt(int fd, int family);
  void remember(int fd);
  [[nodiscard]] bool has(int fd) const { return families_.count(fd) != 0; }

  std::map<int, int> families_;            // AF_INET or AF_INET6, of every open descriptor
  std::map<int, Connection> connections_;  // of descriptors that were connected, closed ones too
};

}  // namespace posix_agent
