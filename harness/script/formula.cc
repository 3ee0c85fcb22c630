// SPDX-License-Identifier: Apache-2.0
#include "harness/script/formula.hh"

#include <limits>

#include "harness/script/quoted.hh"

namespace packetwright::script {
namespace {

constexpr std::int64_t kUnit = 1'000'000'000;
constexpr int kMaxDepth = 32;

using Value = Result<ParameterValue, std::string>;
using Kind = ParameterValue::Kind;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
bool is_name(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
}

// The name or number that stands at `at`.
std::string_view word_at(std::string_view text, std::size_t at) noexcept {
  std::size_t end = at;
  while (end < text.size() && is_name(text[end])) ++end;
  return text.substr(at, end - at);
}

std::string unknown_name(std::string_view name) {
  if (!is_live_name(name)) return "there is no parameter $" + std::string(name);
  std::string message = "there is no live value " + quoted(name) + "; there are";
  for (const std::string_view known : kLiveNames) {
    message += ' ';
    message += known;
  }
  return message;
}

ParameterValue make(Kind kind, std::int64_t number) {
  ParameterValue value;
  value.kind = kind;
  value.number = number;
  value.text = kind == Kind::decimal ? decimal_text(number) : std::to_string(number);
  return value;
}

class Evaluator {
 public:
  Evaluator(std::string_view text, const ParameterLookup& lookup) : text_(text), lookup_(lookup) {}

  Value run() {
    Value value = sum(0);
    if (!value) return value;
    if (more()) return Err{std::string("unexpected '") + text_[at_] + "' in a formula"};
    if (value->kind == Kind::word && used_operator_) return Err{words_only_alone()};
    return value;
  }

 private:
  static std::string words_only_alone() { return "words cannot be calculated with"; }

  bool more() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    return at_ < text_.size();
  }

  Value sum(int depth) {
    Value left = product(depth);
    while (left && more() && (text_[at_] == '+' || text_[at_] == '-')) {
      const char op = text_[at_++];
      used_operator_ = true;
      const Value right = product(depth);
      if (!right) return right;
      left = apply(op, *left, *right);
    }
    return left;
  }

  Value product(int depth) {
    Value left = factor(depth);
    while (left && more() && text_[at_] == '*') {
      ++at_;
      used_operator_ = true;
      const Value right = factor(depth);
      if (!right) return right;
      left = apply('*', *left, *right);
    }
    return left;
  }

  Value factor(int depth) {
    if (depth > kMaxDepth) return Err{std::string("a formula is nested too deeply")};
    if (!more()) return Err{std::string("a formula ends where a number or a name should stand")};
    const char c = text_[at_];
    if (c == '-') {
      ++at_;
      used_operator_ = true;
      const Value right = factor(depth + 1);
      if (!right) return right;
      return apply('-', make(Kind::integer, 0), *right);
    }
    if (c == '(') {
      ++at_;
      Value inside = sum(depth + 1);
      if (!inside) return inside;
      if (!more() || text_[at_] != ')') return Err{std::string("a '(' is not closed")};
      ++at_;
      return inside;
    }
    const std::string_view word = word_at(text_, at_);
    at_ += word.size();
    if (word.empty()) return Err{std::string("unexpected '") + c + "' in a formula"};
    if (is_digit(c)) {
      const auto number = parse_integer(word);
      if (!number) return Err{quoted(word) + " is not a number"};
      return make(Kind::integer, *number);
    }
    const ParameterValue* value = lookup_(word);
    if (value == nullptr) return Err{unknown_name(word)};
    return *value;
  }

  static Value apply(char op, const ParameterValue& left, const ParameterValue& right) {
    if (left.kind == Kind::word || right.kind == Kind::word) return Err{words_only_alone()};
    const bool decimal = left.kind == Kind::decimal || right.kind == Kind::decimal;
    std::int64_t a = left.number, b = right.number, result = 0;
    bool overflow = false;
    if (op == '*') {
      if (left.kind == Kind::decimal && right.kind == Kind::decimal) {
        return Err{std::string("a decimal cannot be multiplied by a decimal")};
      }
    } else if (decimal) {
      if (left.kind != Kind::decimal) overflow |= __builtin_mul_overflow(a, kUnit, &a);
      if (right.kind != Kind::decimal) overflow |= __builtin_mul_overflow(b, kUnit, &b);
    }
    switch (op) {
      case '+': overflow |= __builtin_add_overflow(a, b, &result); break;
      case '-': overflow |= __builtin_sub_overflow(a, b, &result); break;
      default: overflow |= __builtin_mul_overflow(a, b, &result); break;
    }
    if (overflow) return Err{std::string("the value of a formula does not fit in 64 bits")};
    return make(decimal ? Kind::decimal : Kind::integer, result);
  }

  std::string_view text_;
  const ParameterLookup& lookup_;
  std::size_t at_ = 0;
  bool used_operator_ = false;
};

}  // namespace

Result<ParameterValue, std::string> evaluate(std::string_view formula,
                                             const ParameterLookup& lookup) {
  return Evaluator(formula, lookup).run();
}

bool has_live_name(std::string_view formula) noexcept {
  for (std::size_t at = 0; at < formula.size(); ++at) {
    const std::string_view word = word_at(formula, at);
    if (word.empty()) continue;
    if (!is_digit(word.front()) && is_live_name(word)) return true;
    at += word.size() - 1;
  }
  return false;
}

std::string without_parameters(std::string_view formula, const ParameterLookup& lookup) {
  std::string out;
  for (std::size_t at = 0; at < formula.size(); ++at) {
    const std::string_view word = word_at(formula, at);
    const bool parameter = !word.empty() && !is_digit(word.front()) && !is_live_name(word);
    const ParameterValue* value = parameter ? lookup(word) : nullptr;
    if (value == nullptr) {
      out += word.empty() ? formula.substr(at, 1) : word;
    } else {
      // A minus of its own could be read as one of the formula.
      const bool negative = value->number < 0;
      if (negative) out += '(';
      out += std::to_string(value->number);
      if (negative) out += ')';
    }
    if (!word.empty()) at += word.size() - 1;
  }
  return out;
}

std::optional<std::int64_t> parse_decimal(std::string_view text) noexcept {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  std::int64_t value = 0;
  std::int64_t unit = kUnit;
  bool fraction = false;
  for (const char c : text) {
    if (c == '.' && !fraction) {
      fraction = true;
      continue;
    }
    if (!is_digit(c)) return std::nullopt;
    if (fraction) {
      unit /= 10;
      if (__builtin_add_overflow(value, (c - '0') * unit, &value)) return std::nullopt;
    } else if (__builtin_mul_overflow(value, std::int64_t{10}, &value) ||
               __builtin_add_overflow(value, (c - '0') * kUnit, &value)) {
      return std::nullopt;
    }
  }
  return negative ? -value : value;
}

std::string decimal_text(std::int64_t units) {
  std::string text = units < 0 ? "-" : "";
  const std::uint64_t size = units < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(units)
                                       : static_cast<std::uint64_t>(units);
  text += std::to_string(size / kUnit);
  std::string fraction = std::to_string(size % kUnit + kUnit).substr(1);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  if (!fraction.empty()) text += "." + fraction;
  return text;
}

std::optional<std::int64_t> parse_integer(std::string_view text) noexcept {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) text.remove_prefix(2);
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    std::uint64_t digit = 0;
    if (is_digit(c)) {
      digit = static_cast<std::uint64_t>(c - '0');
    } else if (hex && c >= 'a' && c <= 'f') {
      digit = 10 + static_cast<std::uint64_t>(c - 'a');
    } else if (hex && c >= 'A' && c <= 'F') {
      digit = 10 + static_cast<std::uint64_t>(c - 'A');
    } else {
      return std::nullopt;
    }
    if (__builtin_mul_overflow(value, hex ? std::uint64_t{16} : std::uint64_t{10}, &value) ||
        __builtin_add_overflow(value, digit, &value)) {
      return std::nullopt;
    }
  }
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (negative && value > kMost + 1) return std::nullopt;
  return static_cast<std::int64_t>(negative ? std::uint64_t{0} - value : value);
}

}  // namespace packetwright::script
