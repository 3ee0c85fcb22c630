// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "fuzz/support/fuzz_input.hh"
#include "stack/base/assert.hh"
#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/wire/parse_error.hh"

// What the fuzz targets of stack/wire have in common.

namespace packetwright::fuzz {

// Reads every octet, in a way that no compiler leaves out.
inline void touch(Bytes octets) {
  static volatile std::uint8_t sink = 0;
  std::uint8_t sum = 0;
  for (const std::uint8_t octet : octets) sum = static_cast<std::uint8_t>(sum + octet);
  sink = static_cast<std::uint8_t>(sink + sum);
}
inline void touch(const std::string& text) {
  touch(Bytes{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}
inline void touch(std::uint64_t number) {
  static volatile std::uint64_t sink = 0;
  sink = sink + number;
}
inline void touch(const IpAddress& address) {
  touch(address.octets());
}
inline void touch(const MacAddress& address) {
  touch(Bytes{address.octets});
}

// An error of a parser says something that can be true: more is needed than there is, or a value
// is another one than was asked for.
inline void check_error(const wire::ParseError& error) {
  touch(wire::to_string(error));
  if (error.code == wire::ParseErrc::truncated) PW_ASSERT(error.need > error.have);
  if (error.code == wire::ParseErrc::bad_length) PW_ASSERT(error.need != error.have);
}

// What a view read is emitted as the same octets: the first encoded_size() of `from`.
template <class Fields>
void check_emits(const Fields& fields, Bytes from) {
  ExactBuffer out{fields.encoded_size()};
  fields.emit(out.octets());
  PW_ASSERT(out.octets().size() <= from.size());
  PW_ASSERT(same_octets(out.octets(), from.first(out.octets().size())));
}

// Fields made of what was emitted are the same fields.
template <class View, class Fields>
void check_round_trip(const Fields& fields) {
  ExactBuffer out{fields.encoded_size()};
  fields.emit(out.octets());
  const auto again = View::parse(out.octets());
  PW_ASSERT(again.ok());
  PW_ASSERT(Fields::from(*again) == fields);
}

}  // namespace packetwright::fuzz
