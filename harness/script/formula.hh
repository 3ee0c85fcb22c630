// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "harness/script/tree.hh"
#include "stack/base/result.hh"

namespace packetwright::script {

// What `${...}` holds: names, integers, `+ - *`, a leading minus, and parentheses. A name with a
// dot in it is that of a live value: a variable of the stack under test (RFC 9293, 3.3.1).
//
// A formula that is a single name has the value of that parameter, of whatever kind. Arithmetic is
// on integers and decimals; a decimal times a decimal is refused, as is whatever does not fit.
using ParameterLookup = std::function<const ParameterValue*(std::string_view name)>;

[[nodiscard]] Result<ParameterValue, std::string> evaluate(std::string_view formula,
                                                           const ParameterLookup& lookup);

inline constexpr std::string_view kLiveNames[] = {"rcv.nxt", "rcv.wnd", "snd.una", "snd.nxt"};

[[nodiscard]] constexpr bool is_live_name(std::string_view name) noexcept {
  return name.find('.') != std::string_view::npos;
}
// Whether some name of the formula is that of a live value.
[[nodiscard]] bool has_live_name(std::string_view formula) noexcept;
// The same formula with each parameter replaced by its value: only live names are left. The formula
// is one that evaluate() accepts with this lookup.
[[nodiscard]] std::string without_parameters(std::string_view formula,
                                             const ParameterLookup& lookup);

// "0.25" in units of 10^-9, digits beyond those cut off; nullopt: not a decimal, or too large.
// Accepts integers too.
[[nodiscard]] std::optional<std::int64_t> parse_decimal(std::string_view text) noexcept;

// "0.25" from 250000000: as few digits as are exact.
[[nodiscard]] std::string decimal_text(std::int64_t units);

// A decimal integer or 0x..., up to 64 bits; what lies above 2^63-1 wraps, as it does in C.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text) noexcept;

}  // namespace packetwright::script
