// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stack/base/ip_address.hh"

// The names that scripts give to ICMP messages (RFC 792 and successors, RFC 4443, RFC 4861). One
// name may mean different numbers in the two families; "type_N" and "code_N" are numbers in both.
namespace packetwright::script {

[[nodiscard]] std::optional<std::uint8_t> icmp_type(Family family, std::string_view name) noexcept;
// An empty name is code 0.
[[nodiscard]] std::optional<std::uint8_t> icmp_code(Family family, std::uint8_t type,
                                                    std::string_view name) noexcept;

// The other way round; "type_N" where there is no name, and "" for code 0 of types without names.
[[nodiscard]] std::string icmp_type_name(Family family, std::uint8_t type);
[[nodiscard]] std::string icmp_code_name(Family family, std::uint8_t type, std::uint8_t code);

// The nearest name that exists, to ask "did you mean"; empty: none is near.
[[nodiscard]] std::string_view nearest_icmp_type(std::string_view name);

}  // namespace packetwright::script
