// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "harness/packet/packet.hh"
#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"

// The smallest things, as a script writes them.
namespace packetwright::packet {

[[nodiscard]] std::string joined(std::initializer_list<std::string_view> parts);
[[nodiscard]] std::string hex_number(std::uint64_t value);  // 0x1c46
[[nodiscard]] std::string hex_octets(Bytes octets);         // 6865 6c6c 6f
// "hello" in quotes when all octets are printable, else hex "00ff .."; long ones are cut at `limit`
// octets and end in `...`.
[[nodiscard]] std::string payload_text(Bytes octets, std::size_t limit = 48);
[[nodiscard]] std::string address_text(const IpAddress& address);
[[nodiscard]] std::string address_text(const MacAddress& address);

// `S.`, `P.`, `-`; the nine bits of Field::tcp_flags.
[[nodiscard]] std::string tcp_flags_text(std::uint64_t flags);
// `mss 1460`, `TS val 1 ecr 2`, `sack 1:2 5:6`, `kind 99 hex "0102"`. Octets that are not compared
// show as `...`.
[[nodiscard]] std::string tcp_option_text(const HeaderOption& option);
// What the option is called without its values: `mss`, `TS`, `kind 99`.
[[nodiscard]] std::string tcp_option_name(const HeaderOption& option);
// `<mss 1460,nop,wscale 7>`; empty for none.
[[nodiscard]] std::string tcp_options_text(const std::vector<HeaderOption>& options);
// `rr 3`, `ra`, `kind 68 hex ".."` (RFC 791, 3.1; RFC 2113).
[[nodiscard]] std::string ip_option_text(const HeaderOption& option);

}  // namespace packetwright::packet
