// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/snippet_reader.hh"

#include <algorithm>
#include <charconv>
#include <vector>

namespace packetwright::engine {
namespace {

using Kind = SnippetOutcome::Kind;
using Names = std::map<std::string, std::int64_t, std::less<>>;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Words, numbers and signs of one statement.
struct Token {
  enum class Is : std::uint8_t { word, number, sign, text, end } is = Is::end;
  std::string_view spelling;
  std::int64_t value = 0;
};

// One statement, read and carried out. What goes wrong first is kept.
class Statement {
 public:
  // `checks`: only whether it can be read; every name is known then.
  Statement(std::string_view text, Names& names, bool checks)
      : rest_(text), names_(names), checks_(checks) {
    advance();
  }

  SnippetOutcome run() {
    if (token_.is == Token::Is::end) return {};
    if (takes_word("pass")) {
    } else if (takes_word("print")) {
      skip_to_end();
    } else if (takes_word("assert")) {
      assertion();
    } else {
      assignment();
    }
    if (outcome_.kind == Kind::holds && token_.is != Token::Is::end) beyond();
    return outcome_;
  }

 private:
  void assertion() {
    const char* const begin = token_.spelling.data();
    const std::int64_t value = disjunction();
    const std::string_view said{begin, static_cast<std::size_t>(token_.spelling.data() - begin)};
    if (takes(",")) skip_to_end();  // the message of Python; ours has the values
    if (value != 0 || checks_ || outcome_.kind != Kind::holds) return;
    std::string text{said.substr(0, said.find_last_not_of(" \t") + 1)};
    for (const std::string_view name : used_) {
      text += "; " + std::string(name) + " is " + std::to_string(names_.find(name)->second);
    }
    outcome_ = {Kind::failed, 0, std::move(text)};
  }

  void assignment() {
    const std::string_view name = token_.spelling;
    if (token_.is != Token::Is::word) return beyond();
    advance();
    std::int64_t value = 0;
    if (takes("=")) {
      value = disjunction();
    } else if (takes("+=")) {
      value = add(value_of(name), disjunction());
    } else if (takes("-=")) {
      value = subtract(value_of(name), disjunction());
    } else {
      return beyond();
    }
    if (outcome_.kind == Kind::holds) names_.insert_or_assign(std::string(name), value);
  }

  // --- from the loosest to the tightest; each operand is evaluated, as none has an effect

  std::int64_t disjunction() {
    std::int64_t value = conjunction();
    while (takes_word("or")) {
      const std::int64_t other = conjunction();
      if (value == 0) value = other;
    }
    return value;
  }
  std::int64_t conjunction() {
    std::int64_t value = negation();
    while (takes_word("and")) {
      const std::int64_t other = negation();
      if (value != 0) value = other;
    }
    return value;
  }
  std::int64_t negation() {
    bool negated = false;
    bool any = false;
    while (takes_word("not")) negated = !negated, any = true;
    const std::int64_t value = comparison();
    return any ? (value != 0) != negated : value;
  }
  // 10 <= x <= 20
  std::int64_t comparison() {
    std::int64_t left = bits();
    bool holds = true;
    bool any = false;
    while (token_.is == Token::Is::sign) {
      const std::string_view sign = token_.spelling;
      if (sign != "==" && sign != "!=" && sign != "<" && sign != "<=" && sign != ">" &&
          sign != ">=") {
        break;
      }
      advance();
      const std::int64_t right = bits();
      holds = holds && (sign == "=="   ? left == right
                        : sign == "!=" ? left != right
                        : sign == "<"  ? left < right
                        : sign == "<=" ? left <= right
                        : sign == ">"  ? left > right
                                       : left >= right);
      left = right;
      any = true;
    }
    return any ? holds : left;
  }
  std::int64_t bits() {
    std::int64_t value = exclusive();
    while (takes("|")) value |= exclusive();
    return value;
  }
  std::int64_t exclusive() {
    std::int64_t value = common();
    while (takes("^")) value ^= common();
    return value;
  }
  std::int64_t common() {
    std::int64_t value = shifted();
    while (takes("&")) value &= shifted();
    return value;
  }
  std::int64_t shifted() {
    std::int64_t value = sum();
    while (outcome_.kind == Kind::holds) {
      const bool left = takes("<<");
      if (!left && !takes(">>")) break;
      const std::int64_t by = sum();
      if (by < 0 || by > 62 || value < 0 || (left && value > (INT64_MAX >> by))) {
        beyond();
      } else {
        value = left ? value << by : value >> by;
      }
    }
    return value;
  }
  std::int64_t sum() {
    std::int64_t value = product();
    while (true) {
      if (takes("+")) {
        value = add(value, product());
      } else if (takes("-")) {
        value = subtract(value, product());
      } else {
        return value;
      }
    }
  }
  std::int64_t product() {
    std::int64_t value = signed_atom();
    while (takes("*")) {
      if (__builtin_mul_overflow(value, signed_atom(), &value)) beyond();
    }
    return value;
  }
  std::int64_t signed_atom() {
    bool minus = false;
    while (true) {
      if (takes("-")) {
        minus = !minus;
      } else if (!takes("+")) {
        break;
      }
    }
    const std::int64_t value = atom();
    return minus ? subtract(0, value) : value;
  }
  std::int64_t atom() {
    constexpr int kDeepest = 50;
    if (takes("(")) {
      if (++depth_ > kDeepest) {
        beyond();
        return 0;
      }
      const std::int64_t value = disjunction();
      --depth_;
      if (!takes(")")) beyond();
      return value;
    }
    const Token token = token_;
    if (token.is == Token::Is::number) {
      advance();
      return token.value;
    }
    if (takes_word("True")) return 1;
    if (takes_word("False")) return 0;
    static constexpr std::string_view kWords[] = {"in",     "is", "if",  "else", "lambda",
                                                  "assert", "or", "and", "not",  "None"};
    if (token.is != Token::Is::word ||
        std::find(std::begin(kWords), std::end(kWords), token.spelling) != std::end(kWords)) {
      beyond();
      return 0;
    }
    advance();
    return value_of(token.spelling);
  }

  std::int64_t value_of(std::string_view name) {
    if (checks_) return 0;
    const auto found = names_.find(name);
    if (found == names_.end()) {
      end({Kind::unknown_name, 0, std::string(name)});
      return 0;
    }
    if (std::find(used_.begin(), used_.end(), name) == used_.end()) used_.push_back(name);
    return found->second;
  }
  std::int64_t add(std::int64_t one, std::int64_t other) {
    std::int64_t value = 0;
    if (__builtin_add_overflow(one, other, &value)) beyond();
    return value;
  }
  std::int64_t subtract(std::int64_t one, std::int64_t other) {
    std::int64_t value = 0;
    if (__builtin_sub_overflow(one, other, &value)) beyond();
    return value;
  }

  // --- tokens

  bool takes(std::string_view sign) {
    if (token_.is != Token::Is::sign || token_.spelling != sign) return false;
    advance();
    return true;
  }
  bool takes_word(std::string_view word) {
    if (token_.is != Token::Is::word || token_.spelling != word) return false;
    advance();
    return true;
  }

  void advance() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r"), rest_.size()));
    token_ = {Token::Is::end, rest_.substr(0, 0), 0};
    if (rest_.empty() || outcome_.kind != Kind::holds) return;
    std::size_t size = 1;
    if (is_letter(rest_.front())) {
      while (size < rest_.size() && (is_letter(rest_[size]) || is_digit(rest_[size]))) ++size;
      token_.is = Token::Is::word;
    } else if (is_digit(rest_.front())) {
      const bool hexadecimal = rest_.starts_with("0x") || rest_.starts_with("0X");
      const char* const begin = rest_.data() + (hexadecimal ? 2 : 0);
      const char* const limit = rest_.data() + rest_.size();
      const auto [at, error] = std::from_chars(begin, limit, token_.value, hexadecimal ? 16 : 10);
      // A fraction, or a number that is glued to a word.
      if (error != std::errc{} || (at != limit && (*at == '.' || is_letter(*at)))) return beyond();
      size = static_cast<std::size_t>(at - rest_.data());
      token_.is = Token::Is::number;
    } else {
      token_.is = Token::Is::sign;
      for (const std::string_view sign :
           {"==", "!=", "<=", ">=", "<<", ">>", "+=", "-=", "**", "//"}) {
        if (rest_.starts_with(sign)) size = sign.size();
      }
    }
    token_.spelling = rest_.substr(0, size);
    rest_.remove_prefix(size);
  }

  void skip_to_end() {
    rest_ = {};
    token_ = {};
  }

  void beyond() {
    std::string at{token_.is == Token::Is::end ? rest_.substr(0, 12) : token_.spelling};
    end({Kind::not_understood, 0, at.empty() ? "the end of a statement" : "'" + at + "'"});
  }
  // The first reason counts; nothing is read any more.
  void end(SnippetOutcome outcome) {
    if (outcome_.kind == Kind::holds) outcome_ = std::move(outcome);
    token_ = {Token::Is::end, token_.spelling, 0};
  }

  std::string_view rest_;
  Names& names_;
  bool checks_;
  Token token_;
  SnippetOutcome outcome_;
  std::vector<std::string_view> used_;
  int depth_ = 0;
};

// Takes the next statement off a text: to the end of a line, or a semicolon, outside quotes and
// parentheses. Comments and lines that are joined by a backslash become blanks.
std::string next_statement(std::string_view& text, std::uint32_t& line) {
  std::string statement;
  char quote = 0;
  int depth = 0;
  while (!text.empty()) {
    const char one = text.front();
    if (quote == 0 && one == '#') {
      text.remove_prefix(std::min(text.find('\n'), text.size()));
      continue;
    }
    text.remove_prefix(1);
    if (one == '\\' && text.starts_with('\n')) {
      text.remove_prefix(1);
      ++line;
      statement += ' ';
      continue;
    }
    if (one == '\n') ++line;
    if (quote != 0) {
      if (one == quote || one == '\n') quote = 0;
    } else if (one == '"' || one == '\'') {
      quote = one;
    } else if (one == '(' || one == '[') {
      ++depth;
    } else if (one == ')' || one == ']') {
      --depth;
    } else if (depth <= 0 && (one == '\n' || one == ';')) {
      break;
    }
    statement += one == '\n' ? ' ' : one;
  }
  return statement;
}

SnippetOutcome run_all(std::string_view text, Names& names, bool checks) {
  std::uint32_t line = 1;
  while (!text.empty()) {
    std::uint32_t begins = line;
    // The line of a statement is that of its first word.
    while (!text.empty() && (text.front() == '\n' || text.front() == ' ')) {
      if (text.front() == '\n') begins = ++line;
      text.remove_prefix(1);
    }
    const std::string statement = next_statement(text, line);
    SnippetOutcome outcome = Statement(statement, names, checks).run();
    if (outcome.kind == Kind::holds) continue;
    outcome.line = begins;
    return outcome;
  }
  return {};
}

}  // namespace

void SnippetReader::set(std::string_view name, std::int64_t value) {
  names_.insert_or_assign(std::string(name), value);
}

SnippetOutcome SnippetReader::run(std::string_view text) {
  // Nothing of a snippet counts that cannot be read to its end.
  if (auto beyond = objection(text)) return *beyond;
  return run_all(text, names_, false);
}

std::optional<SnippetOutcome> SnippetReader::objection(std::string_view text) {
  Names none;
  SnippetOutcome outcome = run_all(text, none, true);
  if (outcome.kind == Kind::holds) return std::nullopt;
  return outcome;
}

}  // namespace packetwright::engine
