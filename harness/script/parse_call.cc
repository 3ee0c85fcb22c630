// SPDX-License-Identifier: Apache-2.0
#include "harness/script/grammar.hh"

namespace packetwright::script {
namespace {

bool parse_arguments(Cursor& in, std::vector<Expression>& out) {
  if (!in.expect('(', "the name of a call")) return false;
  if (in.take(')')) return true;
  do {
    if (!parse_expression(in, out.emplace_back())) return false;
    if (in.peek().is('+') || in.peek().is('-') || in.peek().kind == TokenKind::integer) {
      return in.expected("',' or ')'", "the only operator is |");
    }
  } while (in.take(','));
  return in.expect(')', "the arguments of a call");
}

// Words for people in parentheses. packetdrill accepts no reserved word but `flags` in them.
bool parse_note(Cursor& in, std::string& out) {
  const Token& open = in.next();
  while (!in.peek().is(')')) {
    const Token& token = in.peek();
    if (in.at_end() || token.kind == TokenKind::bad || token.is('(')) {
      return in.error(open, "this note is never closed");
    }
    const bool plain = token.kind == TokenKind::word && (!token.reserved || token.is("flags"));
    if (!plain && !token.is('|')) {
      in.extension(token, "packetdrill accepts only words in a note, and no reserved ones");
    }
    if (!out.empty() && !in.glued()) out += ' ';
    out += token.source;
    in.next();
  }
  if (out.empty()) in.extension(open, "packetdrill wants words in a note");
  in.next();
  return true;
}

bool is_errno(const Token& token) noexcept {
  return token.kind == TokenKind::word && token.text.size() > 1 && token.text[0] == 'E' &&
         token.text[1] >= 'A' && token.text[1] <= 'Z';
}

}  // namespace

bool parse_call(Cursor& in, SystemCall& out) {
  out.name = in.next().text;
  if (!parse_arguments(in, out.arguments)) return false;
  if (!in.peek().is('=')) {
    return in.expected("'=' and the result of the call",
                       "write = 0, or = ... if it does not matter");
  }
  in.next();
  if (!parse_expression(in, out.result)) return false;

  const Token& error = in.peek();
  const bool noted = in.peek(1).is('(') && in.at_word() && !error.is("use");
  if (noted || is_errno(error)) {
    in.next();
    out.error = error.open ? error.source : error.text;
    if (!noted) {
      in.extension(error, "packetdrill wants a note in parentheses behind an errno");
      return true;
    }
  }
  // Two notes may follow an errno; they say nothing to the run, and are kept as one.
  while (in.peek().is('(')) {
    std::string note;
    if (!parse_note(in, note)) return false;
    if (!out.note.empty()) out.note += ") (";
    out.note += note;
    if (out.error.empty()) break;
  }
  return true;
}

}  // namespace packetwright::script
