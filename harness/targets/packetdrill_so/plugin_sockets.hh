// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>

#include "harness/targets/packetdrill_so/plugin_calls.hh"
#include "harness/targets/target.hh"

namespace packetwright::packetdrill_so {

// The core calls of a target over those of a plug-in. Nothing here waits: the plug-in is told that
// its sockets do not block, whatever the script made of them, and one that does not take that is
// asked with poll() before each call that might.
class PluginSockets {
 public:
  explicit PluginSockets(PluginCalls& calls) : calls_(calls) {}

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
  targets::CallResult<targets::TcpStatus> tcp_status(targets::Fd);

  // A descriptor of the stack that was made elsewhere does not block from now on.
  void adopt(targets::Fd fd);
  // Whether a call that waits for these events of poll() would return at once. nullopt: the plug-in
  // has no means to say.
  [[nodiscard]] std::optional<bool> ready(targets::Fd fd, short events);
  // Closes everything by the plug-in's own close().
  void close_all();

 private:
  // What was learnt about a descriptor; there is no getsockname() in the interface.
  struct Known {
    bool nonblocking = false;
    std::optional<Endpoint> local;
  };

  // EAGAIN: it would wait. ENOTSUP: nobody can say whether it would.
  targets::CallResult<void> may_call(targets::Fd fd, short events);

  PluginCalls& calls_;
  std::map<targets::Fd, Known> known_;
  Buffer chunk_;
};

}  // namespace packetwright::packetdrill_so
