// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string_view>

#include "stack/base/bytes.hh"
#include "stack/wire/parse_error.hh"

// For tests only: octets written as the RFCs draw them.

namespace packetwright::wire {

// How googletest prints an error.
inline void PrintTo(const ParseError& error, std::ostream* out) {
  *out << to_string(error);
}

// Octets from hexadecimal digits; everything else is ignored: hex("45 00 | 00 14").
inline Buffer hex(std::string_view text) {
  Buffer octets;
  int high = -1;
  for (const char c : text) {
    int digit = 0;
    if (c >= '0' && c <= '9') {
      digit = c - '0';
    } else if (c >= 'a' && c <= 'f') {
      digit = c - 'a' + 10;
    } else {
      continue;
    }
    if (high < 0) {
      high = digit;
    } else {
      octets.push_back(static_cast<std::uint8_t>(high * 16 + digit));
      high = -1;
    }
  }
  return octets;
}

inline Buffer text_octets(std::string_view text) {
  return {text.begin(), text.end()};
}

inline Buffer to_buffer(Bytes octets) {
  return {octets.begin(), octets.end()};
}

// What `fields` emits. One octet too many behind it would be seen by the sanitizer.
template <class Fields>
Buffer emitted(const Fields& fields) {
  Buffer out(fields.encoded_size());
  fields.emit(out);
  return out;
}

}  // namespace packetwright::wire
