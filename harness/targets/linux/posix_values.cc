// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/posix_values.hh"

#include "harness/targets/linux/symbols.hh"

namespace packetwright::linux_stack {

Result<std::int64_t, std::string> integer_of(const Value& value) {
  if (const auto* plain = std::get_if<std::int64_t>(&value.is)) return *plain;
  if (const auto* symbol = std::get_if<Value::Symbol>(&value.is)) {
    const std::optional<std::int64_t> known = symbol_value(symbol->name);
    if (!known) return Err{"unknown symbol " + symbol->name};
    return *known;
  }
  if (const auto* any = std::get_if<Value::AnyOf>(&value.is)) {
    std::int64_t all = 0;
    for (const Value& term : any->terms) {
      const Result<std::int64_t, std::string> one = integer_of(term);
      if (!one) return one;
      all |= *one;
    }
    return all;
  }
  return Err{std::string{"an integer is wanted here"}};
}

Result<std::int64_t, std::string> pointed_integer_of(const Value& value) {
  const auto* array = std::get_if<Value::Array>(&value.is);
  if (array == nullptr) return integer_of(value);
  if (array->elements.size() != 1) return Err{std::string{"one element is wanted in [ ]"}};
  return integer_of(array->elements.front());
}

const Value* member_of(const Value& value, std::string_view name, std::size_t place) {
  const auto* record = std::get_if<Value::Struct>(&value.is);
  if (record == nullptr) return nullptr;
  for (const auto& [own, member] : record->members) {
    if (own == name) return &member;
  }
  if (place < record->members.size() && record->members[place].first.empty()) {
    return &record->members[place].second;
  }
  return nullptr;
}

Result<std::int64_t, std::string> integer_member(const Value& value, std::string_view name,
                                                 std::size_t place, std::int64_t otherwise) {
  const Value* const member = member_of(value, name, place);
  if (member == nullptr || is_omitted(*member)) return otherwise;
  return integer_of(*member);
}

bool is_omitted(const Value& value) {
  return std::holds_alternative<Value::Omitted>(value.is);
}

Value text_of(Bytes octets) {
  return {Value::Text{std::string{octets.begin(), octets.end()}}};
}

}  // namespace packetwright::linux_stack
