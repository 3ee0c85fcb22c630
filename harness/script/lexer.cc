// SPDX-License-Identifier: Apache-2.0
#include "harness/script/lexer.hh"

#include <algorithm>
#include <array>
#include <cstdio>

#include "harness/script/keywords.hh"

namespace packetwright::script {
namespace {

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
constexpr bool is_hex_digit(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
constexpr bool is_word(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
constexpr bool is_space(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::size_t count_while(std::string_view text, bool (*predicate)(char) noexcept) noexcept {
  std::size_t n = 0;
  while (n < text.size() && predicate(text[n])) ++n;
  return n;
}

// The lengths of what could start here; 0: it does not.

std::size_t integer_length(std::string_view rest) noexcept {
  const std::size_t sign = !rest.empty() && rest[0] == '-' ? 1 : 0;
  const std::size_t digits = count_while(rest.substr(sign), is_digit);
  return digits == 0 ? 0 : sign + digits;
}

std::size_t decimal_length(std::string_view rest) noexcept {
  const std::size_t sign = !rest.empty() && rest[0] == '-' ? 1 : 0;
  const std::size_t whole = count_while(rest.substr(sign), is_digit);
  const std::size_t point = sign + whole;
  if (point >= rest.size() || rest[point] != '.') return 0;
  const std::size_t fraction = count_while(rest.substr(point + 1), is_digit);
  return fraction == 0 ? 0 : point + 1 + fraction;
}

std::size_t hex_length(std::string_view rest) noexcept {
  if (!rest.starts_with("0x")) return 0;
  const std::size_t digits = count_while(rest.substr(2), is_hex_digit);
  return digits == 0 ? 0 : 2 + digits;
}

std::size_t ipv4_length(std::string_view rest) noexcept {
  std::size_t at = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0) {
      if (at >= rest.size() || rest[at] != '.') return 0;
      ++at;
    }
    const std::size_t digits = count_while(rest.substr(at), is_digit);
    if (digits == 0) return 0;
    at += digits;
  }
  return at;
}

// Eight groups, or fewer around one "::" (RFC 4291, 2.2), possibly with a dotted quad at the end.
// Anything shorter would be taken for an address in "1:1001".
bool is_ipv6(std::string_view text) noexcept {
  int groups = 0;
  bool gap = false;
  std::size_t at = 0;
  if (text.starts_with("::")) {
    gap = true;
    at = 2;
    if (at == text.size()) return true;
  }
  while (true) {
    const std::size_t digits = count_while(text.substr(at), is_hex_digit);
    if (digits == 0) return false;
    if (const std::size_t quad = ipv4_length(text.substr(at)); quad > digits) {
      if (at + quad != text.size()) return false;
      groups += 2;
      break;
    }
    if (digits > 4) return false;
    ++groups;
    at += digits;
    if (at == text.size()) break;
    if (text[at] != ':') return false;
    ++at;
    if (at < text.size() && text[at] == ':') {
      if (gap) return false;
      gap = true;
      ++at;
      if (at == text.size()) break;
    }
  }
  return gap ? groups < 8 : groups == 8;
}

std::size_t ipv6_length(std::string_view rest) noexcept {
  constexpr std::size_t kLongest = 45;
  std::size_t run = 0, colons = 0;
  while (run < rest.size() && run < kLongest &&
         (is_hex_digit(rest[run]) || rest[run] == ':' || rest[run] == '.')) {
    if (rest[run] == ':') ++colons;
    ++run;
  }
  if (colons < 2) return 0;
  for (; run >= 2; --run) {
    if (is_ipv6(rest.substr(0, run))) return run;
  }
  return 0;
}

std::size_t mac_length(std::string_view rest) noexcept {
  constexpr std::size_t kLength = 17;
  if (rest.size() < kLength) return 0;
  for (std::size_t i = 0; i < kLength; ++i) {
    if (i % 3 == 2 ? rest[i] != ':' : !is_hex_digit(rest[i])) return 0;
  }
  const bool goes_on = rest.size() > kLength && (is_word(rest[kLength]) || rest[kLength] == ':');
  return goes_on ? 0 : kLength;
}

// A quoted token from its opening to its closing mark, a backslash shielding the next character;
// npos: it is never closed.
std::size_t quoted_length(std::string_view rest) noexcept {
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '\\') {
      ++i;
    } else if (rest[i] == rest[0]) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

// Where packetdrill thinks that a block comment ends: it reads a star together with the character
// behind it, so that an even run of stars before the slash hides the end.
std::size_t packetdrill_comment_length(std::string_view rest, std::size_t limit) noexcept {
  for (std::size_t i = 2; i + 1 < rest.size() && i < limit; ++i) {
    if (rest[i] != '*') continue;
    if (rest[i + 1] == '/') return i + 2;
    ++i;
  }
  return std::string_view::npos;
}

bool has_metadata_line(std::string_view text) noexcept {
  while (true) {
    const std::size_t start = text.find_first_not_of(" \t");
    if (start != std::string_view::npos && text.substr(start).starts_with("//:")) return true;
    const std::size_t newline = text.find('\n');
    if (newline == std::string_view::npos) return false;
    text.remove_prefix(newline + 1);
  }
}

class Lexer {
 public:
  Lexer(std::string_view text, const std::map<std::string, std::string>& defines)
      : text_(text), defines_(defines) {
    out_.strict = has_metadata_line(text);
    out_.all.reserve(text.size() / 4 + 8);
    out_.line_starts.push_back(0);
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') out_.line_starts.push_back(static_cast<std::uint32_t>(i + 1));
    }
  }

  Tokens run() {
    while (at_ < text_.size()) step();
    if (in_conditional_) {
      problem(Severity::error, conditional_at_, 6, "this #ifdef has no #endif", "");
    }
    Token end;
    end.offset = static_cast<std::uint32_t>(text_.size());
    end.line_start = true;
    out_.all.push_back(end);
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string_view rest() const noexcept { return text_.substr(at_); }

  [[nodiscard]] std::string_view rest_of_line() const noexcept {
    return text_.substr(at_, std::min(text_.find('\n', at_), text_.size()) - at_);
  }

  void problem(Severity severity, std::size_t offset, std::size_t length, std::string message,
               std::string hint) {
    // One file of garbage must not become a hundred thousand messages.
    if (out_.problems.size() > 1000) return;
    out_.problems.push_back({severity, static_cast<std::uint32_t>(offset),
                             static_cast<std::uint32_t>(std::max<std::size_t>(length, 1)),
                             std::move(message), std::move(hint)});
  }

  void push(TokenKind kind, std::size_t length, std::size_t front = 0, std::size_t back = 0) {
    Token token;
    token.kind = kind;
    token.source = text_.substr(at_, length);
    token.text = token.source.substr(front, length - front - back);
    token.offset = static_cast<std::uint32_t>(at_);
    token.line_start = fresh_line_;
    token.reserved = kind == TokenKind::word && is_reserved(token.text);
    out_.all.push_back(token);
    fresh_line_ = false;
    at_ += length;
  }

  void step() {
    const char c = text_[at_];
    if (c == '\n') {
      fresh_line_ = true;
      ++at_;
    } else if (c == '\r') {
      carriage_return();
    } else if (is_space(c)) {
      ++at_;
    } else if (rest().starts_with("//")) {
      line_comment();
    } else if (rest().starts_with("/*")) {
      block_comment();
    } else if (rest().starts_with("#ifdef") || rest().starts_with("#endif")) {
      conditional();
    } else if (c == '"') {
      quoted(TokenKind::string, "string");
    } else if (c == '`') {
      quoted(TokenKind::command, "command");
    } else if (rest().starts_with("%{")) {
      code();
    } else if (c == '$') {
      parameter();
    } else {
      longest();
    }
  }

  void carriage_return() {
    if (!said_carriage_return_) {
      said_carriage_return_ = true;
      problem(Severity::extension, at_, 1,
              "carriage return: lines end in CR LF, which packetdrill does not read", "");
    }
    ++at_;
  }

  void add_comment(std::size_t length) {
    std::string_view text = text_.substr(at_, length);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    out_.comments.push_back(
        {static_cast<std::uint32_t>(at_), text, static_cast<std::uint32_t>(out_.all.size())});
    at_ += length;
  }

  void line_comment() {
    const std::size_t newline = text_.find('\n', at_);
    if (newline == std::string_view::npos) {
      problem(Severity::extension, at_, text_.size() - at_,
              "a comment ends the file without a newline, which packetdrill does not read", "");
    }
    add_comment((newline == std::string_view::npos ? text_.size() : newline) - at_);
  }

  void block_comment() {
    const std::size_t close =
        unclosed_comment_ ? std::string_view::npos : text_.find("*/", at_ + 2);
    if (close == std::string_view::npos) {
      unclosed_comment_ = true;
      problem(Severity::error, at_, 2, "this comment is never closed", "close it with */");
      // Carry on after its first line: what follows is more likely script than comment.
      add_comment(std::min(text_.find('\n', at_), text_.size()) - at_);
      return;
    }
    const std::size_t length = close + 2 - at_;
    // Looking further than our own end has to be paid for once only.
    const std::size_t theirs = packetdrill_comment_length(
        rest(), out_.strict || endless_comment_ ? length : std::string_view::npos);
    if (theirs == std::string_view::npos) endless_comment_ = true;
    if (theirs == length) {
      add_comment(length);
    } else if (theirs == std::string_view::npos || out_.strict) {
      problem(Severity::extension, close - 1, 3,
              "the comment ends here, but packetdrill does not see an end in **/", "write * */");
      add_comment(length);
    } else {
      problem(Severity::warning, close - 1, 3,
              "packetdrill does not see the end of a comment in **/: it lasts until the next */, "
              "and so it does here",
              "write * */");
      add_comment(theirs);
    }
    if (out_.comments.back().text.find('\n') != std::string_view::npos) fresh_line_ = true;
  }

  // nplab: `#ifdef NAME` to `#endif`, not nested, without else; wherever they stand.
  void conditional() {
    constexpr std::size_t kWord = 6;
    const std::size_t start = at_;
    const bool opens = rest().starts_with("#ifdef");
    out_.conditional = true;
    problem(Severity::extension, start, kWord,
            "conditional text is known to nplab's packetdrill only", "");
    at_ += kWord;
    if (!opens) {
      if (!in_conditional_) problem(Severity::error, start, kWord, "#endif without #ifdef", "");
      in_conditional_ = false;
      return;
    }
    if (in_conditional_) problem(Severity::error, start, kWord, "#ifdef inside #ifdef", "");
    at_ += count_while(rest(), is_space);
    const std::size_t length = count_while(rest(), is_word);
    const std::string name(rest().substr(0, length));
    at_ += length;
    if (name.empty()) problem(Severity::error, start, kWord, "#ifdef needs a name", "");
    if (defines_.contains(name)) {
      in_conditional_ = true;
      conditional_at_ = start;
      return;
    }
    const std::size_t endif =
        unclosed_conditional_ ? std::string_view::npos : text_.find("#endif", at_);
    if (endif == std::string_view::npos) {
      unclosed_conditional_ = true;
      problem(Severity::error, start, kWord, "this #ifdef has no #endif", "");
      return;
    }
    at_ = endif + kWord;
  }

  void quoted(TokenKind kind, const char* what) {
    // After one that is never closed, the rest is read line by line, or each of a million quotation
    // marks would search the whole file.
    const std::size_t length = quoted_length(unclosed_quote_ ? rest_of_line() : rest());
    if (length != std::string_view::npos) {
      push(kind, length, 1, 1);
      return;
    }
    unclosed_quote_ = true;
    problem(Severity::error, at_, 1, std::string("this ") + what + " is never closed", "");
    push(TokenKind::bad, rest_of_line().size());
  }

  void code() {
    const std::size_t close = unclosed_code_ ? std::string_view::npos : text_.find("}%", at_ + 2);
    if (close == std::string_view::npos) {
      unclosed_code_ = true;
      problem(Severity::error, at_, 2, "this code is never closed", "close it with }%");
      push(TokenKind::bad, rest_of_line().size());
      return;
    }
    push(TokenKind::code, close + 2 - at_, 2, 2);
  }

  void parameter() {
    if (rest().starts_with("${")) {
      const std::size_t close = text_.find_first_of("}\n", at_);
      if (close == std::string_view::npos || text_[close] != '}') {
        problem(Severity::error, at_, 2, "this ${ is never closed", "write ${name} or ${1+name}");
        push(TokenKind::bad, rest_of_line().size());
        return;
      }
      push(TokenKind::formula, close + 1 - at_, 2, 1);
      return;
    }
    const std::size_t length = count_while(rest().substr(1), is_word);
    if (length == 0) {
      problem(Severity::error, at_, 1, "'$' without the name of a parameter", "");
      push(TokenKind::bad, 1);
      return;
    }
    push(TokenKind::parameter, 1 + length, 1);
  }

  void longest() {
    const std::string_view left = rest();
    // Ties go to the earlier line, as in packetdrill: a number is a number before it is a word.
    const std::array candidates{
        std::pair{TokenKind::decimal, decimal_length(left)},
        std::pair{TokenKind::integer, integer_length(left)},
        std::pair{TokenKind::hex, hex_length(left)},
        std::pair{TokenKind::word, count_while(left, is_word)},
        std::pair{TokenKind::ellipsis, left.starts_with("...") ? std::size_t{3} : std::size_t{0}},
        std::pair{TokenKind::option, option_length(left)},
        std::pair{TokenKind::ipv4, ipv4_length(left)},
        std::pair{TokenKind::mac, mac_length(left)},
        std::pair{TokenKind::ipv6, ipv6_length(left)},
    };
    const auto best =
        std::max_element(candidates.begin(), candidates.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    if (best->second > 0) {
      push(best->first, best->second, best->first == TokenKind::option ? 2 : 0);
    } else if (left[0] > ' ' && left[0] < '\x7f') {
      push(TokenKind::mark, 1);
    } else {
      garbage();
    }
  }

  static std::size_t option_length(std::string_view rest) noexcept {
    if (!rest.starts_with("--")) return 0;
    const std::size_t name = count_while(rest.substr(2), is_word);
    return name == 0 ? 0 : 2 + name;
  }

  void garbage() {
    const auto is_garbage = [](char c) noexcept {
      return !is_space(c) && (c <= ' ' || c >= '\x7f' || static_cast<signed char>(c) < 0);
    };
    const std::size_t length = count_while(rest(), is_garbage);
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "0x%02x",
                  static_cast<unsigned>(static_cast<unsigned char>(text_[at_])));
    problem(Severity::error, at_, length,
            std::string("unexpected octet ") + text.data() + ": scripts are plain ASCII",
            "outside comments and strings, dashes and quotation marks must be ASCII ones");
    push(TokenKind::bad, length);
  }

  std::string_view text_;
  const std::map<std::string, std::string>& defines_;
  Tokens out_;
  std::size_t at_ = 0;
  std::size_t conditional_at_ = 0;
  bool fresh_line_ = true;
  bool in_conditional_ = false;
  bool said_carriage_return_ = false;
  // What was searched for in vain once is not searched for again.
  bool unclosed_comment_ = false, endless_comment_ = false, unclosed_quote_ = false;
  bool unclosed_code_ = false, unclosed_conditional_ = false;
};

}  // namespace

std::uint32_t Tokens::line_of(std::uint32_t offset) const noexcept {
  const auto after = std::upper_bound(line_starts.begin(), line_starts.end(), offset);
  return static_cast<std::uint32_t>(after - line_starts.begin());
}

std::uint32_t Tokens::column_of(std::uint32_t offset) const noexcept {
  return offset - line_starts[line_of(offset) - 1] + 1;
}

Tokens lex(std::string_view text, const std::map<std::string, std::string>& defines) {
  return Lexer(text, defines).run();
}

}  // namespace packetwright::script
