// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>

#include "harness/targets/linux/tcp_diagnostics.hh"
#include "harness/targets/target.hh"

namespace packetwright::linux_stack {

// The core calls of a target over the kernel's sockets. Handles are the kernel's own descriptors,
// but only of sockets made here: a script cannot reach a descriptor of the harness. The sockets are
// blocking ones as far as a script can see; each call here asks not to be blocked.
class Sockets {
 public:
  Sockets() = default;
  ~Sockets() { abort_all(); }
  Sockets(const Sockets&) = delete;
  Sockets& operator=(const Sockets&) = delete;

  targets::CallResult<targets::Fd> socket(targets::Domain, targets::SocketType, targets::Protocol);
  targets::CallResult<void> bind(targets::Fd, const Endpoint&);
  targets::CallResult<void> listen(targets::Fd, int backlog);
  targets::CallResult<targets::Fd> accept(targets::Fd, Endpoint* peer);
  targets::CallResult<void> connect(targets::Fd, const Endpoint&);
  targets::CallResult<targets::Received> read(targets::Fd, std::size_t limit, targets::ReadFlags);
  targets::CallResult<std::size_t> write(targets::Fd, Bytes, targets::WriteFlags,
                                         const Endpoint* to);
  targets::CallResult<void> shutdown(targets::Fd, targets::ShutdownHow);
  targets::CallResult<void> close(targets::Fd);
  targets::CallResult<void> set_option(targets::Fd, targets::Option, std::int64_t value);
  targets::CallResult<std::int64_t> get_option(targets::Fd, targets::Option);
  targets::CallResult<targets::Readiness> poll(targets::Fd);
  targets::CallResult<Endpoint> local_endpoint(targets::Fd);

  // A descriptor made elsewhere (dup, pipe, epoll_create) becomes one of the script's.
  void adopt(targets::Fd fd, targets::Domain domain);
  // It was closed elsewhere.
  void forget(targets::Fd fd) { domains_.erase(fd); }
  [[nodiscard]] bool has(targets::Fd fd) const { return domains_.contains(fd); }
  // Of an IP socket: its domain; of anything else: inet.
  [[nodiscard]] targets::Domain domain_of(targets::Fd fd) const;
  // The connection that the descriptor has, or had before it was closed, as far as accept() and
  // connect() told; nullopt: none.
  [[nodiscard]] std::optional<Connection> connection_of(targets::Fd fd) const;
  // Closes everything, connections by a reset.
  void abort_all();

 private:
  std::map<targets::Fd, targets::Domain> domains_;
  std::map<targets::Fd, Connection> connections_;  // until the descriptor is used again
  Buffer chunk_;
};

}  // namespace packetwright::linux_stack
