// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/packet/field.hh"

// The words for ICMP types and codes: packetdrill's, and ours for what it has no word for.
// `proto` is icmpv4 or icmpv6; the same word may be another number in the other family.
namespace packetwright::packet {

// "echo_request", or "type_42" for any number; nullopt: this family has no such type.
[[nodiscard]] std::optional<std::uint8_t> icmp_type_named(Proto proto, std::string_view name);
// "port_unreachable", or "code_3"; the empty word is code 0. nullopt: this type has no such code.
[[nodiscard]] std::optional<std::uint8_t> icmp_code_named(Proto proto, std::uint8_t type,
                                                          std::string_view name);
[[nodiscard]] std::string icmp_type_name(Proto proto, std::uint8_t type);
// Empty where code 0 needs no word.
[[nodiscard]] std::string icmp_code_name(Proto proto, std::uint8_t type, std::uint8_t code);

}  // namespace packetwright::packet
