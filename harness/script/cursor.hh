// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/script/diagnostic.hh"
#include "harness/script/lexer.hh"
#include "harness/script/parser.hh"
#include "harness/script/tree.hh"

namespace packetwright::script {

// Where the parser stands in the tokens of one file, what it complains about, and the small things
// that every rule of the grammar needs. Rules are free functions over a Cursor; those that return
// bool return false after an error of syntax was reported, and then the event is given up. Errors
// of range do not stop a rule.
class Cursor {
 public:
  // `source`, `defines` and `diagnostics` outlive the cursor. `file` is its number in locations.
  Cursor(const Source& source, std::uint32_t file, Tokens tokens,
         std::map<std::string, std::string> defines, std::vector<Diagnostic>& diagnostics);

  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  // --- tokens
  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const noexcept;
  [[nodiscard]] const Token& previous() const noexcept;
  const Token& next() noexcept;
  [[nodiscard]] bool at_end() const noexcept { return peek().kind == TokenKind::end; }
  [[nodiscard]] std::size_t index() const noexcept { return at_; }
  [[nodiscard]] const Token& token(std::size_t index) const noexcept { return tokens_.all[index]; }
  [[nodiscard]] const Tokens& tokens() const noexcept { return tokens_; }
  [[nodiscard]] std::string_view text() const noexcept { return source_.text; }
  // Whether the next token stands right behind the previous one, with nothing in between.
  [[nodiscard]] bool glued() const noexcept;

  bool take(char mark) noexcept;
  bool take(std::string_view word) noexcept;
  // As take(), and an error naming `after` ("the port", "'win'") if it is not there.
  bool expect(char mark, std::string_view after);

  // --- values
  [[nodiscard]] bool at_number() const noexcept;
  [[nodiscard]] bool at_word() const noexcept { return peek().kind == TokenKind::word; }
  // A number in low .. high; `what` is what it is for: "after 'win'".
  bool number(Number& out, std::int64_t low, std::int64_t high, std::string_view what);
  bool number(std::optional<Number>& out, std::int64_t low, std::int64_t high,
              std::string_view what);
  // The same where a live value may stand too; its range is the engine's to check.
  bool live_number(Number& out, std::int64_t low, std::int64_t high, std::string_view what);
  bool live_number(std::optional<Number>& out, std::int64_t low, std::int64_t high,
                   std::string_view what);
  bool word(std::string& out, std::string_view what);
  // Seconds.
  bool time(Time& out, std::string_view what);
  // One literal or several side by side; or a single one, for lists of strings.
  bool string(Text& out, std::string_view what);
  bool single_string(Text& out, std::string_view what);
  // `"..."` or `hex "..."`; nothing was consumed if at_octets() is false.
  [[nodiscard]] bool at_octets() const noexcept;
  bool octets(Octets& out, std::string_view what);
  // `hex "..."` only.
  bool hex_octets(Octets& out, std::string_view what);
  [[nodiscard]] bool at_address() const noexcept;
  bool address(Address& out, std::string_view what);
  bool link_address(LinkAddress& out, std::string_view what);

  // --- remarks
  [[nodiscard]] Location where(const Token& token) const noexcept;
  [[nodiscard]] Location where() const noexcept { return where(peek()); }
  bool error(const Token& at, std::string message, std::string hint = {});  // returns false
  // "expected WHAT, found TOKEN"
  bool expected(std::string_view what, std::string hint = {});
  void warning(const Token& at, std::string message, std::string hint = {});
  // Something that packetdrill would not read; marks the event.
  void extension(const Token& at, std::string message);
  // The same, known to nplab's packetdrill.
  void nplab(const Token& at, std::string_view what);
  void report(Severity severity, std::uint32_t offset, std::uint32_t length, std::string message,
              std::string hint);
  [[nodiscard]] static std::string describe(const Token& token);

  // --- parameters
  // Replaces every formula from here on by its value, or by an open token where the value is not
  // known: `kinds` has all names that are declared, `values` those that have a value.
  void resolve_parameters(const Values& declared, const Values& values, bool expanding);

  // --- state of the file
  bool strict = false;  // packetwright's own script: a line starts with //:
  bool ours = false;    // the current event has something that packetdrill would not read
  bool uses_nplab = false;
  std::uint32_t error_count = 0;

 private:
  void substitute_symbols();
  void substitute(Token& token, const std::string& value);
  bool accept_octets(const Token& token, std::string& out, std::string_view raw);
  // Whether a live value stands here, where none may; reports it.
  bool refuse_live(const Token& token);

  const Source& source_;
  std::uint32_t file_;
  Tokens tokens_;
  std::map<std::string, std::string> defines_;
  std::vector<Diagnostic>& diagnostics_;
  std::deque<std::string> made_;  // texts of tokens that the source does not have
  std::size_t at_ = 0;
  std::uint32_t other_count_ = 0;
};

}  // namespace packetwright::script
