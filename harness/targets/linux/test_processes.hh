// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <string>

namespace packetwright::linux_stack {

// Whether the process whose number a command printed is still there; one that is dead and waits to
// be reaped is not.
inline bool lives(const std::string& number) {
  std::ifstream status{"/proc/" + std::to_string(std::stoi(number)) + "/stat"};
  std::string text;
  std::getline(status, text);
  return !text.empty() && text.find(") Z ") == std::string::npos;
}

}  // namespace packetwright::linux_stack
