// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/script/diagnostic.hh"

// Text to tokens. Longest match wins, as in packetdrill; new lines mean nothing, except that the
// parser finds its feet again at a line that looks like the start of an event.
namespace packetwright::script {

enum class TokenKind : std::uint8_t {
  end,
  integer,   // -?[0-9]+
  hex,       // 0x[0-9a-fA-F]+
  decimal,   // -?[0-9]*\.[0-9]+
  word,      // [A-Za-z0-9_]+
  string,    // "..."
  command,   // `...`
  code,      // %{ ... }%
  option,    // --name
  ellipsis,  // ...
  ipv4,
  ipv6,
  mac,
  parameter,  // $name
  formula,    // ${...} of a number that is not known yet
  mark,       // any other character
  bad,        // already reported
};

// How a token came to have its text.
enum class TokenOrigin : std::uint8_t {
  source,
  symbol,     // a user symbol stood there
  parameter,  // ${...} stood there
};

struct Token {
  TokenKind kind = TokenKind::end;
  TokenOrigin origin = TokenOrigin::source;
  bool reserved = false;    // a word that packetdrill reserves
  bool line_start = false;  // the first of its line
  bool open = false;        // a parameter without a value stands here
  bool live = false;        // a formula that only the engine can evaluate
  std::string_view text;    // what it means: of a string, between the quotes
  std::string_view source;  // what was written
  std::uint32_t offset = 0;

  [[nodiscard]] bool is(char mark) const noexcept {
    return kind == TokenKind::mark && text.front() == mark;
  }
  [[nodiscard]] bool is(std::string_view word) const noexcept {
    return kind == TokenKind::word && text == word;
  }
  [[nodiscard]] std::uint32_t end() const noexcept {
    return offset + static_cast<std::uint32_t>(source.size());
  }
};

struct LexedComment {
  std::uint32_t offset = 0;
  std::string_view text;
  std::uint32_t before_token = 0;  // index of the token that follows
};

struct LexProblem {
  Severity severity = Severity::error;
  std::uint32_t offset = 0, length = 1;
  std::string message, hint;
};

struct Tokens {
  std::vector<Token> all;  // the last one is `end`
  std::vector<LexedComment> comments;
  std::vector<LexProblem> problems;
  std::vector<std::uint32_t> line_starts;
  bool strict = false;       // a line starts with //:
  bool conditional = false;  // had #ifdef

  [[nodiscard]] std::uint32_t line_of(std::uint32_t offset) const noexcept;    // from 1
  [[nodiscard]] std::uint32_t column_of(std::uint32_t offset) const noexcept;  // from 1
};

// The tokens point into `text`. `defines` tells which #ifdef sections count.
[[nodiscard]] Tokens lex(std::string_view text, const std::map<std::string, std::string>& defines);

}  // namespace packetwright::script
