// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>

#include "harness/targets/target.hh"

namespace packetwright::targets {

// A target that has no sockets to call: what needs one is unsupported.
class NoSocketsTarget : public Target {
 public:
  [[nodiscard]] CallResult<Fd> socket(Domain, SocketType, Protocol) override {
    return Err{ENOTSUP};
  }
  [[nodiscard]] CallResult<void> bind(Fd, const Endpoint&) override { return Err{EBADF}; }
  [[nodiscard]] CallResult<void> listen(Fd, int) override { return Err{EBADF}; }
  [[nodiscard]] CallResult<Fd> accept(Fd, Endpoint*) override { return Err{EBADF}; }
  [[nodiscard]] CallResult<void> connect(Fd, const Endpoint&) override { return Err{EBADF}; }
  [[nodiscard]] CallResult<Received> read(Fd, std::size_t, ReadFlags) override {
    return Err{EBADF};
  }
  [[nodiscard]] CallResult<std::size_t> write(Fd, Bytes, WriteFlags, const Endpoint*) override {
    return Err{EBADF};
  }
  [[nodiscard]] CallResult<void> shutdown(Fd, ShutdownHow) override { return Err{EBADF}; }
  [[nodiscard]] CallResult<void> close(Fd) override { return Err{EBADF}; }
  [[nodiscard]] CallResult<Readiness> poll(Fd) override { return Err{EBADF}; }
  [[nodiscard]] CallResult<Endpoint> local_endpoint(Fd) override { return Err{EBADF}; }
};

}  // namespace packetwright::targets
