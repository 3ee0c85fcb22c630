// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/evaluate.hh"

#include <algorithm>

#include "harness/engine/symbols.hh"
#include "harness/packet/text.hh"
#include "harness/script/printer.hh"
#include "stack/wire/address_text.hh"

namespace packetwright::engine {

Result<std::int64_t, std::string> integer_of(const script::Expression& expression,
                                             targets::PosixCalls* posix) {
  if (const auto* number = expression.as<script::Number>()) return number->value;
  if (const auto* net = expression.as<script::HostToNetwork>()) return net->value.value;
  if (const auto* symbol = expression.as<script::Symbol>()) {
    if (const auto value = symbol_value(symbol->name)) return *value;
    if (const auto value = errno_value(symbol->name)) return *value;
    if (posix != nullptr) return posix->symbol(symbol->name);
    return Err{packet::joined({"unknown symbol: '", symbol->name, "'"})};
  }
  if (const auto* any = expression.as<script::AnyOf>()) {
    std::int64_t sum = 0;
    for (const script::Expression& term : any->terms) {
      const auto value = integer_of(term, posix);
      if (!value.ok()) return value;
      sum |= *value;
    }
    return sum;
  }
  return Err{packet::joined({"'", script::print_expression(expression), "' is not an integer"})};
}

Result<std::int64_t, std::string> pointed_integer_of(const script::Expression& expression,
                                                     targets::PosixCalls* posix) {
  const auto* array = expression.as<script::Array>();
  if (array == nullptr || array->elements.size() != 1) {
    return Err{packet::joined({"'", script::print_expression(expression), "' is not [integer]"})};
  }
  return integer_of(array->elements.front(), posix);
}

bool is_ellipsis(const script::Expression& expression) noexcept {
  return expression.as<script::Ellipsis>() != nullptr;
}

std::optional<Endpoint> endpoint_of(const script::Expression& expression) {
  const auto* record = expression.as<script::Struct>();
  if (record == nullptr || record->kind != script::StructKind::sockaddr) return std::nullopt;
  const script::Expression* port = record->find("sin_port");
  const script::Expression* address = record->find("sin_addr");
  if (port == nullptr || address == nullptr) return std::nullopt;
  const auto* inet = address->as<script::InetAddress>();
  const auto number = integer_of(*port, nullptr);
  if (inet == nullptr || !number.ok()) return std::nullopt;
  return Endpoint{inet->address, static_cast<std::uint16_t>(*number)};
}

// An address of ::ffff:0:0/96 as the IPv4 address that it stands for.
IpAddress unmapped(const IpAddress& address) {
  if (address.is_v4()) return address;
  const Bytes octets = address.octets();
  const bool zeros =
      std::all_of(octets.begin(), octets.begin() + 10, [](std::uint8_t one) { return one == 0; });
  if (!zeros || octets[10] != 0xff || octets[11] != 0xff) return address;
  return IpAddress::from_octets(octets.subspan(12));
}

namespace {

struct ToValue {
  targets::Value operator()(const script::Ellipsis&) const { return {targets::Value::Omitted{}}; }
  targets::Value operator()(const script::Number& number) const { return {number.value}; }
  targets::Value operator()(const script::Symbol& symbol) const {
    return {targets::Value::Symbol{symbol.name}};
  }
  targets::Value operator()(const script::Text& text) const {
    return {targets::Value::Text{text.octets}};
  }
  targets::Value operator()(const script::OpenText& text) const {
    return {targets::Value::Text{text.text.octets}};
  }
  targets::Value operator()(const script::Array& array) const {
    targets::Value::Array out;
    for (const script::Expression& one : array.elements) out.elements.push_back(value_of(one));
    return {std::move(out)};
  }
  targets::Value operator()(const script::AnyOf& any) const {
    targets::Value::AnyOf out;
    for (const script::Expression& one : any.terms) out.terms.push_back(value_of(one));
    return {std::move(out)};
  }
  targets::Value operator()(const script::InetAddress& address) const {
    return {Endpoint{address.address, 0}};
  }
  targets::Value operator()(const script::HostToNetwork& net) const { return {net.value.value}; }
  targets::Value operator()(const script::Struct& record) const {
    targets::Value::Struct out;
    for (const script::Member& member : record.members) {
      out.members.emplace_back(member.name, value_of(member.value));
    }
    return {std::move(out)};
  }
  targets::Value operator()(const script::Assignment& assignment) const {
    targets::Value::Struct out;
    out.members.emplace_back(assignment.name, value_of(assignment.value.front()));
    return {std::move(out)};
  }
};

}  // namespace

targets::Value value_of(const script::Expression& expression) {
  if (const auto endpoint = endpoint_of(expression)) return {*endpoint};
  return std::visit(ToValue{}, expression.is);
}

bool same_value(const script::Expression& want, const targets::Value& got,
                targets::PosixCalls* posix) {
  if (is_ellipsis(want)) return true;
  if (std::holds_alternative<targets::Value::Omitted>(got.is)) return true;  // nothing came back
  if (const auto* number = std::get_if<std::int64_t>(&got.is)) {
    // An int of all ones is -1 to one side and 0xffffffff to the other.
    const auto value = integer_of(want, posix);
    return value.ok() && (*value == *number || (*number < 0 && *value == (*number & 0xffffffff)));
  }
  if (const auto* text = std::get_if<targets::Value::Text>(&got.is)) {
    if (const auto* whole = want.as<script::Text>()) return whole->octets == text->octets;
    const auto* open = want.as<script::OpenText>();
    return open != nullptr && text->octets.starts_with(open->text.octets);
  }
  if (const auto* array = std::get_if<targets::Value::Array>(&got.is)) {
    const auto* wanted = want.as<script::Array>();
    if (wanted == nullptr || wanted->elements.size() != array->elements.size()) return false;
    for (std::size_t i = 0; i < wanted->elements.size(); ++i) {
      if (!same_value(wanted->elements[i], array->elements[i], posix)) return false;
    }
    return true;
  }
  if (const auto* record = std::get_if<targets::Value::Struct>(&got.is)) {
    const auto* wanted = want.as<script::Struct>();
    if (wanted == nullptr) return false;
    // What the script does not mention is not compared.
    for (const script::Member& member : wanted->members) {
      bool found = false;
      for (const auto& [name, value] : record->members) {
        if (name == member.name) {
          found = true;
          if (!same_value(member.value, value, posix)) return false;
        }
      }
      if (!found) return false;
    }
    return true;
  }
  if (const auto* endpoint = std::get_if<Endpoint>(&got.is)) {
    const auto wanted = endpoint_of(want);
    if (wanted.has_value()) return *wanted == *endpoint;
    const auto* inet = want.as<script::InetAddress>();
    return inet != nullptr && inet->address == endpoint->address;
  }
  return false;
}

std::string value_text(const targets::Value& value) {
  struct ToText {
    std::string operator()(const targets::Value::Omitted&) const { return "..."; }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(const targets::Value::Symbol& symbol) const { return symbol.name; }
    std::string operator()(const targets::Value::Text& text) const {
      return packet::joined({"\"", text.octets, "\""});
    }
    std::string operator()(const targets::Value::Array& array) const {
      std::string text = "[";
      for (const targets::Value& one : array.elements) {
        if (text.size() > 1) text += ", ";
        text += value_text(one);
      }
      return text + "]";
    }
    std::string operator()(const targets::Value::Struct& record) const {
      std::string text = "{";
      for (const auto& [name, one] : record.members) {
        if (text.size() > 1) text += ", ";
        if (!name.empty()) text += name + "=";
        text += value_text(one);
      }
      return text + "}";
    }
    std::string operator()(const targets::Value::AnyOf& any) const {
      std::string text;
      for (const targets::Value& one : any.terms) {
        if (!text.empty()) text += "|";
        text += value_text(one);
      }
      return text;
    }
    std::string operator()(const Endpoint& endpoint) const { return wire::to_string(endpoint); }
  };
  return std::visit(ToText{}, value.is);
}

}  // namespace packetwright::engine
