// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/targets/posix_calls.hh"
#include "stack/base/bytes.hh"
#include "stack/base/result.hh"

// Typed arguments and results of scripts, and how they become numbers and octets.
namespace packetwright::linux_stack {

using targets::Value;

// A number, a symbol, or several joined by `|`. An error says what else it is.
[[nodiscard]] Result<std::int64_t, std::string> integer_of(const Value& value);
// [x]: the one element of an array. A bare number will do.
[[nodiscard]] Result<std::int64_t, std::string> pointed_integer_of(const Value& value);

// The members of a structure in the order of `names`: each by its name, or by its place if it has
// none. Missing ones are `otherwise`.
[[nodiscard]] const Value* member_of(const Value& value, std::string_view name, std::size_t place);
[[nodiscard]] Result<std::int64_t, std::string> integer_member(const Value& value,
                                                               std::string_view name,
                                                               std::size_t place,
                                                               std::int64_t otherwise);

[[nodiscard]] bool is_omitted(const Value& value);

[[nodiscard]] inline Value number(std::int64_t value) {
  return {value};
}
[[nodiscard]] inline Value pointed(std::int64_t value) {
  Value::Array array;
  array.elements.push_back({value});
  return {std::move(array)};
}
[[nodiscard]] inline Value omitted() {
  return {Value::Omitted{}};
}
[[nodiscard]] Value text_of(Bytes octets);

}  // namespace packetwright::linux_stack
