// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace posix_agent {

// The kernel's settings below net, by their names. A bare one ("tcp_sack") is looked for below
// net.ipv4, net.core and net.ipv6.
class Sysctls {
 public:
  // 0, or minus an errno: -ENOTSUP if this kernel has no such setting, or does not let us.
  static int set(std::string_view name, std::string_view value);
  // The same until restore().
  int set_for_now(std::string_view name, std::string_view value);
  void restore();

 private:
  std::map<std::string, std::string> before_;  // by path
};

}  // namespace posix_agent
