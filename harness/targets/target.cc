// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/target.hh"

#include <algorithm>
#include <cerrno>

namespace packetwright::targets {

bool Traits::has(std::string_view capability) const {
  return std::find(capabilities.begin(), capabilities.end(), capability) != capabilities.end();
}

CallResult<void> Target::set_option(Fd, Option, std::int64_t) {
  return Err{ENOTSUP};
}
CallResult<std::int64_t> Target::get_option(Fd, Option) {
  return Err{ENOTSUP};
}
CallResult<TcpStatus> Target::tcp_status(Fd) {
  return Err{ENOTSUP};
}
CallResult<std::optional<TcpState>> Target::tcp_state(Fd fd) {
  const auto status = tcp_status(fd);
  if (!status) return Err{status.error()};
  return status->state;
}
CallResult<void> Target::set_isn(Fd, std::uint32_t) {
  return Err{ENOTSUP};
}
CallResult<int> Target::resolve(std::string_view, Family, const Endpoint&) {
  return Err{ENOTSUP};
}
CallResult<std::vector<IpAddress>> Target::resolved(int) {
  return Err{ENOTSUP};
}
CallResult<std::string> Target::netstat() {
  return Err{ENOTSUP};
}
Result<void, std::string> Target::check_sysctl(std::string_view name, std::string_view) const {
  return Err{"target " + traits().name + " has no setting " + std::string{name}};
}
Result<void, std::string> Target::set_sysctl(std::string_view name, std::string_view value) {
  return check_sysctl(name, value);
}

}  // namespace packetwright::targets
