// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace packetwright::script {

// One file as it was read. The library does no I/O: whoever read the file says what it is called.
struct Source {
  std::string name;  // as messages name it: "conformance/tcp/header/urg.pkt"
  std::string text;
};

// Where something stands in the sources of a script. Two nodes that differ only in where they stand
// are the same node, so all locations compare equal; that makes every defaulted operator== of the
// tree an equality of meaning and of layout-free text.
struct Location {
  std::uint32_t file = 0;    // index into Script::files: a prelude is another file
  std::uint32_t line = 0;    // from 1; 0: nowhere
  std::uint32_t column = 0;  // from 1, in octets

  friend constexpr bool operator==(const Location&, const Location&) noexcept { return true; }
};

}  // namespace packetwright::script
