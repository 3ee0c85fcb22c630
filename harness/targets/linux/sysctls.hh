// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "stack/base/result.hh"

namespace packetwright::linux_stack {

// Why a setting is not as wanted.
struct SysctlError {
  std::string reason;
  bool refused = false;  // the kernel has the setting and does not give this value to anyone here
};

// Settings of the kernel below net, in the namespace that the process is in, by name: a bare
// "tcp_sack" is net.ipv4.tcp_sack; "net.ipv6.flowlabel_state_ranges" is itself.
class Sysctls {
 public:
  // Sets one for good. What is read back must be what was written.
  static Result<void, SysctlError> set(std::string_view name, std::string_view value);

  // Sets one until restore().
  Result<void, SysctlError> set_for_now(std::string_view name, std::string_view value);
  // Undoes set_for_now(). False: something could not be put back, the namespace is spoilt.
  [[nodiscard]] bool restore();

  // The value, without blanks at the ends.
  static Result<std::string, SysctlError> get(std::string_view name);

 private:
  std::map<std::string, std::string> before_;  // by path
};

}  // namespace packetwright::linux_stack
