// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"
#include "stack/wire/parse_error.hh"

namespace packetwright::wire {

// Text forms of addresses. Errors have layer address_text; `offset` is the character at fault.

// Four decimal numbers, 0 .. 255, without leading zeros: "192.0.2.1".
[[nodiscard]] Result<IpAddress, ParseError> parse_ipv4(std::string_view text) noexcept;
// Every form of RFC 4291, 2.2: full, with "::", and with a dotted-decimal tail. No zone.
[[nodiscard]] Result<IpAddress, ParseError> parse_ipv6(std::string_view text) noexcept;
// Either: what contains a colon is IPv6.
[[nodiscard]] Result<IpAddress, ParseError> parse_address(std::string_view text) noexcept;
// "address/length", with a length of at most 32 or 128. Host bits may be set.
[[nodiscard]] Result<Prefix, ParseError> parse_prefix(std::string_view text) noexcept;
// Six pairs of hexadecimal digits joined by colons or by hyphens.
[[nodiscard]] Result<MacAddress, ParseError> parse_mac(std::string_view text) noexcept;

// Dotted decimal, or the canonical form of RFC 5952: lower case, the longest run of zero groups
// (the first of equals, and never a single group) as "::", IPv4-mapped addresses with a dotted
// tail.
[[nodiscard]] std::string to_string(const IpAddress& address);
// "address/length".
[[nodiscard]] std::string to_string(const Prefix& prefix);
// "192.0.2.1:80" or "[2001:db8::1]:80" (RFC 5952, 6).
[[nodiscard]] std::string to_string(const Endpoint& endpoint);
// "02:00:00:00:00:01".
[[nodiscard]] std::string to_string(const MacAddress& address);

}  // namespace packetwright::wire
