// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/targets/plugin/stack.hh"
#include "harness/targets/target.hh"

namespace packetwright::plugin {

// The socket calls of target.hh, by those of packetwright_target.h.
class Sockets {
 public:
  explicit Sockets(Stack& stack) : stack_(stack) {}

  template <class T>
  using CallResult = targets::CallResult<T>;
  using Fd = targets::Fd;

  CallResult<Fd> socket(targets::Domain domain, targets::SocketType type,
                        targets::Protocol protocol);
  CallResult<void> bind(Fd fd, const Endpoint& local);
  CallResult<void> listen(Fd fd, int backlog);
  CallResult<Fd> accept(Fd fd, Endpoint* peer);
  CallResult<void> connect(Fd fd, const Endpoint& remote);
  CallResult<targets::Received> read(Fd fd, std::size_t limit, targets::ReadFlags flags);
  CallResult<std::size_t> write(Fd fd, Bytes octets, targets::WriteFlags flags, const Endpoint* to);
  CallResult<void> shutdown(Fd fd, targets::ShutdownHow how);
  CallResult<void> close(Fd fd);
  CallResult<void> set_option(Fd fd, targets::Option option, std::int64_t value);
  CallResult<std::int64_t> get_option(Fd fd, targets::Option option);
  CallResult<targets::Readiness> poll(Fd fd);
  CallResult<Endpoint> local_endpoint(Fd fd);
  CallResult<targets::TcpStatus> tcp_status(Fd fd);
  CallResult<void> set_isn(Fd fd, std::uint32_t isn);
  CallResult<int> resolve(std::string_view name, Family family, const Endpoint& server);
  CallResult<std::vector<IpAddress>> resolved(int query);
  CallResult<std::string> netstat();

 private:
  // As a fault, if `address` is none.
  template <class Address>
  auto checked(const char* name, const Address& address);

  Stack& stack_;
};

}  // namespace packetwright::plugin
