// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <set>

#include "harness/script/expand.hh"
#include "harness/script/formula.hh"
#include "harness/script/grammar.hh"

// The top of a script: options, `for` and `default` lines.
namespace packetwright::script {
namespace {

bool is_plain_value(const Token& token) noexcept {
  switch (token.kind) {
    case TokenKind::integer:
    case TokenKind::string:
    case TokenKind::ipv4:
    case TokenKind::ipv6: return true;
    case TokenKind::word: return !token.reserved || token.is("ipv4") || token.is("ipv6");
    default: return false;
  }
}

// --define=NAME=VALUE
bool parse_define(Cursor& in, Option& out) {
  const Token& name = in.next();
  in.next();  // =
  const Token& value = in.peek();
  const bool quoted = value.kind == TokenKind::string || value.kind == TokenKind::command;
  if (!quoted && value.kind != TokenKind::word) {
    if (value.kind != TokenKind::integer && value.kind != TokenKind::hex) {
      return in.expected("the value of a symbol");
    }
    in.nplab(value, "a number as the value of a symbol");
  }
  in.next();
  out.value = std::string(name.source) + "=" + std::string(value.source);
  out.spelling = out.value;
  return true;
}

bool parse_option(Cursor& in, Option& out) {
  const Token& option = in.next();
  out.where = in.where(option);
  out.name = option.text;
  constexpr std::string_view kNplab[] = {"gateway_linklocal_ip", "local_linklocal_ip", "no_cleanup",
                                         "persistent_tun_dev",   "tcp_md5_secret",     "tun_dev",
                                         "udp_encapsulation"};
  if (std::find(std::begin(kNplab), std::end(kNplab), out.name) != std::end(kNplab)) {
    in.nplab(option, "--" + out.name);
  }
  if (!in.take('=')) return true;
  const Token& value = in.peek();
  if (value.kind == TokenKind::word && in.peek(1).is('=')) return parse_define(in, out);
  if (in.at_end() || value.kind == TokenKind::bad) {
    return in.expected("the value of the option --" + out.name);
  }
  in.next();
  out.value = value.text;
  out.spelling = value.source;
  const bool plain = is_plain_value(value);
  bool glued_on = false;
  // Anything else up to the next blank: 2.5, 192.0.2.1/24, ipv4-mapped-ipv6, a,b.
  while (value.kind != TokenKind::string && in.glued() && !in.at_end() &&
         in.peek().kind != TokenKind::option && in.peek().kind != TokenKind::bad) {
    out.spelling += in.peek().source;
    in.next();
    glued_on = true;
  }
  if (glued_on) out.value = out.spelling;
  if (!plain || glued_on) {
    in.extension(value, "packetdrill wants this value of an option in quotation marks");
  }
  return true;
}

bool parameter_name(Cursor& in, std::string& out) {
  if (in.peek().kind != TokenKind::parameter) return in.expected("the name of a parameter: $name");
  out = in.next().text;
  return true;
}

bool parse_row(Cursor& in, std::size_t width, bool tuple, std::vector<ParameterValue>& out) {
  const Token& start = in.peek();
  if (!tuple) return parse_parameter_value(in, out.emplace_back());
  if (!in.expect('(', "'in' or ','")) return false;
  do {
    if (!parse_parameter_value(in, out.emplace_back())) return false;
  } while (in.take(','));
  if (out.size() != width) {
    in.error(start, "this row has " + std::to_string(out.size()) + " values for " +
                        std::to_string(width) + " parameters");
    out.resize(width);
  }
  return in.expect(')', "the values of a row");
}

// for $mss in 536, 1220;  for ($a, $b) in (1, 2), (3, 4)
bool parse_for(Cursor& in, For& out) {
  out.where = in.where();
  in.next();  // for
  const bool tuple = in.take('(');
  do {
    if (!parameter_name(in, out.names.emplace_back())) return false;
  } while (tuple && in.take(','));
  if (tuple && !in.expect(')', "the names of parameters")) return false;
  if (!in.take("in")) return in.expected("'in' after the name of a parameter");
  do {
    if (!parse_row(in, out.names.size(), tuple, out.rows.emplace_back())) return false;
  } while (in.take(','));
  for (std::size_t column = 0; column < out.names.size(); ++column) {
    const bool words = out.rows[0][column].kind == ParameterValue::Kind::word;
    for (const auto& row : out.rows) {
      if ((row[column].kind == ParameterValue::Kind::word) != words) {
        return in.error(in.previous(), "the values of $" + out.names[column] +
                                           " are numbers and words: they have to be of one kind");
      }
    }
  }
  return true;
}

bool parse_default(Cursor& in, Default& out) {
  out.where = in.where();
  in.next();  // default
  return parameter_name(in, out.name) && in.expect('=', "the name of a parameter") &&
         parse_parameter_value(in, out.value);
}

bool at_header_item(const Cursor& in) noexcept {
  const Token& token = in.peek();
  if (token.kind == TokenKind::option) return true;
  const TokenKind second = in.peek(1).kind;
  if (token.is("for")) return second == TokenKind::parameter || in.peek(1).is('(');
  return token.is("default") && second == TokenKind::parameter;
}

void check_names(Cursor& in, const HeaderLines& lines) {
  std::set<std::string, std::less<>> seen;
  std::size_t combinations = 1;
  for (std::size_t i = 0; i < lines.items.size(); ++i) {
    const Token& at = in.token(lines.starts[i]);
    const auto see = [&](const std::string& name) {
      if (!seen.insert(name).second) in.error(at, "the parameter $" + name + " is declared twice");
    };
    if (const For* loop = std::get_if<For>(&lines.items[i].is)) {
      for (const std::string& name : loop->names) see(name);
      combinations *= std::max<std::size_t>(loop->rows.size(), 1);
      if (combinations > kMaxCombinations) {
        in.error(at, "the parameters have more than " + std::to_string(kMaxCombinations) +
                         " combinations");
        return;
      }
    } else if (const Default* value = std::get_if<Default>(&lines.items[i].is)) {
      see(value->name);
    }
  }
}

bool parse_item(Cursor& in, HeaderItem& out) {
  if (in.peek().kind == TokenKind::option) return parse_option(in, out.is.emplace<Option>());
  in.extension(in.peek(), "packetdrill has no parameters");
  if (in.peek().is("for")) return parse_for(in, out.is.emplace<For>());
  return parse_default(in, out.is.emplace<Default>());
}

// After an error: the next line that could belong to the top, or begin an event.
void skip_line(Cursor& in) {
  while (!in.at_end() && !in.peek().line_start) in.next();
}

}  // namespace

bool parse_parameter_value(Cursor& in, ParameterValue& out) {
  const Token& token = in.peek();
  out = ParameterValue{};
  out.text = token.source;
  switch (token.kind) {
    case TokenKind::integer:
    case TokenKind::hex: {
      const auto number = parse_integer(token.text);
      if (!number) return in.error(token, "this number is too large");
      out.number = *number;
      break;
    }
    case TokenKind::decimal: {
      const auto number = parse_decimal(token.text);
      if (!number) return in.error(token, "this number is too large");
      out.kind = ParameterValue::Kind::decimal;
      out.number = *number;
      break;
    }
    case TokenKind::word:
      out.kind = ParameterValue::Kind::word;
      out.text = token.text;
      break;
    case TokenKind::string:
      // For words that are none to the lexer: the TCP flags "F.".
      out.kind = ParameterValue::Kind::word;
      out.text = token.text;
      break;
    default: return in.expected("the value of a parameter: a number or a word");
  }
  in.next();
  return true;
}

HeaderLines parse_header(Cursor& in) {
  HeaderLines lines;
  while (at_header_item(in)) {
    const std::size_t start = in.index();
    HeaderItem item;
    if (parse_item(in, item)) {
      lines.items.push_back(std::move(item));
      lines.starts.push_back(start);
      lines.ends.push_back(in.index());
    } else {
      if (in.index() == start) in.next();
      skip_line(in);
    }
  }
  check_names(in, lines);
  return lines;
}

}  // namespace packetwright::script
