// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/posix_calls.hh"

namespace packetwright::targets {

std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char one : text) {
    if (one == '\'') {
      out += "'\\''";
    } else {
      out += one;
    }
  }
  return out + "'";
}

Result<PosixCalls::ShellOutcome, std::string> PosixCalls::interpret(const std::string& command,
                                                                    std::string_view program) {
  return shell(command + " -c " + shell_quoted(program));
}

}  // namespace packetwright::targets
