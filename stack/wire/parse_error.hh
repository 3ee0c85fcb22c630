// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "stack/base/result.hh"

namespace packetwright::wire {

// Which header a parser was reading when it gave up.
enum class Layer : std::uint8_t {
  ethernet,
  vlan,
  arp,
  ipv4,
  ipv4_option,
  ipv6,
  ipv6_extension,
  ipv6_option,
  icmpv4,
  icmpv6,
  ndp,
  ndp_option,
  udp,
  tcp,
  tcp_option,
  dns,
  gre,
  mpls,
  address_text,
};

enum class ParseErrc : std::uint8_t {
  truncated,    // the octets end before the header, option or body does: need > have
  bad_version,  // a version or type field names another format: need is the right value
  bad_length,   // a length field is smaller than what it must cover, or is inconsistent
  bad_value,    // a field holds what its format forbids
  bad_pointer,  // a compression pointer does not point to an earlier place (DNS)
  too_long,     // a name or list exceeds what its format allows: need is the limit
  too_many,     // more headers in a chain than we are willing to follow: need is the limit
};

// Why and where a parser gave up.
struct ParseError {
  ParseErrc code = ParseErrc::truncated;
  Layer layer = Layer::ethernet;
  std::uint16_t offset = 0;  // octets from the start of the layer to the field that is at fault
  std::uint32_t need = 0;    // what the format asks for (octets, or a value; see ParseErrc)
  std::uint32_t have = 0;    // what was there

  friend constexpr bool operator==(const ParseError&, const ParseError&) = default;
};

[[nodiscard]] std::string_view name_of(Layer layer) noexcept;
[[nodiscard]] std::string_view name_of(ParseErrc code) noexcept;

// One line for people: "tcp: truncated at octet 12: need 24, have 20".
[[nodiscard]] std::string to_string(const ParseError& error);

// For parsers: `return fail(ParseErrc::truncated, Layer::tcp, 0, 20, octets.size());`. Numbers that
// do not fit are clamped.
[[nodiscard]] constexpr Err<ParseError> fail(ParseErrc code, Layer layer, std::size_t offset,
                                             std::size_t need, std::size_t have) noexcept {
  constexpr std::size_t k16 = 0xffff;
  constexpr std::size_t k32 = 0xffffffff;
  return Err<ParseError>{ParseError{code, layer,
                                    static_cast<std::uint16_t>(offset < k16 ? offset : k16),
                                    static_cast<std::uint32_t>(need < k32 ? need : k32),
                                    static_cast<std::uint32_t>(have < k32 ? have : k32)}};
}

}  // namespace packetwright::wire
