// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace packetwright::script {

// 'text', as messages name what was written. Appending, rather than putting a mark in front of a
// string, also keeps g++ 12 at -O3 from warning of an overlap that cannot be (its bug 105651).
[[nodiscard]] inline std::string quoted(std::string_view text) {
  std::string out = "'";
  out.append(text);
  out.push_back('\'');
  return out;
}

}  // namespace packetwright::script
