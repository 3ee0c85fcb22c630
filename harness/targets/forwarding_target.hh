// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/targets/target.hh"

namespace packetwright::targets {

// A target whose socket calls are those of an object with functions of the same names and meaning.
// A target says which (`calls()`) and overrides what it wants otherwise.
template <class Calls>
class ForwardingTarget : public Target {
 public:
  [[nodiscard]] CallResult<Fd> socket(Domain domain, SocketType type, Protocol protocol) override {
    return calls().socket(domain, type, protocol);
  }
  [[nodiscard]] CallResult<void> bind(Fd fd, const Endpoint& local) override {
    return calls().bind(fd, local);
  }
  [[nodiscard]] CallResult<void> listen(Fd fd, int backlog) override {
    return calls().listen(fd, backlog);
  }
  [[nodiscard]] CallResult<Fd> accept(Fd fd, Endpoint* peer) override {
    return calls().accept(fd, peer);
  }
  [[nodiscard]] CallResult<void> connect(Fd fd, const Endpoint& remote) override {
    return calls().connect(fd, remote);
  }
  [[nodiscard]] CallResult<Received> read(Fd fd, std::size_t limit, ReadFlags flags) override {
    return calls().read(fd, limit, flags);
  }
  [[nodiscard]] CallResult<std::size_t> write(Fd fd, Bytes octets, WriteFlags flags,
                                              const Endpoint* to) override {
    return calls().write(fd, octets, flags, to);
  }
  [[nodiscard]] CallResult<void> shutdown(Fd fd, ShutdownHow how) override {
    return calls().shutdown(fd, how);
  }
  [[nodiscard]] CallResult<void> close(Fd fd) override { return calls().close(fd); }
  [[nodiscard]] CallResult<void> set_option(Fd fd, Option option, std::int64_t value) override {
    return calls().set_option(fd, option, value);
  }
  [[nodiscard]] CallResult<std::int64_t> get_option(Fd fd, Option option) override {
    return calls().get_option(fd, option);
  }
  [[nodiscard]] CallResult<Readiness> poll(Fd fd) override { return calls().poll(fd); }
  [[nodiscard]] CallResult<Endpoint> local_endpoint(Fd fd) override {
    return calls().local_endpoint(fd);
  }

 private:
  [[nodiscard]] virtual Calls& calls() noexcept = 0;
};

}  // namespace packetwright::targets
