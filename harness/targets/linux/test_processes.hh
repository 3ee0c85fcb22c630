// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <string>

namespace packetwright::linux_stack {

// Whether the process whose number a command printed is still there; one that is dead and waits to
// be reaped (Z), or is being reaped (X), is not.
inline bool lives(const std::string& number) {
  std::ifstream status{"/proc/" + std::to_string(std::stoi(number)) + "/stat"};
  std::string text;
  std::getline(status, text);
  const auto state = text.rfind(") ");
  return state != std::string::npos && text[state + 2] != 'Z' && text[state + 2] != 'X';
}

}  // namespace packetwright::linux_stack
