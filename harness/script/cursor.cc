// SPDX-License-Identifier: Apache-2.0
#include "harness/script/cursor.hh"

#include <algorithm>
#include <array>

#include "harness/script/formula.hh"
#include "harness/script/nearest.hh"
#include "harness/script/quoted.hh"
#include "stack/wire/address_text.hh"

namespace packetwright::script {
namespace {

constexpr std::int64_t kLongestTime = 1'000'000'000;  // seconds; sums of times cannot overflow

constexpr auto kAddressNames =
    std::to_array<std::string_view>({"local", "peer", "gateway", "broadcast", "subnet_broadcast",
                                     "any", "all_nodes", "all_routers", "solicited_node"});
constexpr auto kLinkAddressNames = std::to_array<std::string_view>(
    {"local_mac", "peer_mac", "broadcast_mac", "zero_mac", "solicited_node_mac"});

template <class List>
bool contains(const List& list, std::string_view word) noexcept {
  return std::find(list.begin(), list.end(), word) != list.end();
}

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Cursor::Cursor(const Source& source, std::uint32_t file, Tokens tokens,
               std::map<std::string, std::string> defines, std::vector<Diagnostic>& diagnostics)
    : strict(tokens.strict),
      source_(source),
      file_(file),
      tokens_(std::move(tokens)),
      defines_(std::move(defines)),
      diagnostics_(diagnostics) {
  for (const LexProblem& problem : tokens_.problems) {
    report(problem.severity, problem.offset, problem.length, problem.message, problem.hint);
  }
  substitute_symbols();
}

const Token& Cursor::peek(std::size_t ahead) const noexcept {
  return tokens_.all[std::min(at_ + ahead, tokens_.all.size() - 1)];
}

const Token& Cursor::previous() const noexcept {
  return tokens_.all[at_ == 0 ? 0 : at_ - 1];
}

const Token& Cursor::next() noexcept {
  const Token& token = peek();
  if (at_ + 1 < tokens_.all.size()) ++at_;
  return token;
}

bool Cursor::glued() const noexcept {
  return at_ > 0 && previous().end() == peek().offset;
}

bool Cursor::take(char mark) noexcept {
  if (!peek().is(mark)) return false;
  next();
  return true;
}

bool Cursor::take(std::string_view word) noexcept {
  if (!peek().is(word)) return false;
  next();
  return true;
}

bool Cursor::expect(char mark, std::string_view after) {
  if (take(mark)) return true;
  return expected(std::string("'") + mark + "' after " + std::string(after));
}

bool Cursor::at_number() const noexcept {
  const TokenKind kind = peek().kind;
  return kind == TokenKind::integer || kind == TokenKind::hex || kind == TokenKind::formula;
}

bool Cursor::refuse_live(const Token& token) {
  if (!token.live) return false;
  error(token, "a live value cannot stand here",
        "it is for the sequence numbers, lengths, ACK and SACK blocks of packets");
  return true;
}

bool Cursor::live_number(Number& out, std::int64_t low, std::int64_t high, std::string_view what) {
  const Token& token = peek();
  if (!token.live) return number(out, low, high, what);
  next();
  extension(token, "packetdrill has no live values");
  out = Number{};
  out.live = true;
  out.open = token.open;
  out.spelling = token.open ? std::string(token.source) : "${" + std::string(token.text) + "}";
  return true;
}

bool Cursor::live_number(std::optional<Number>& out, std::int64_t low, std::int64_t high,
                         std::string_view what) {
  return live_number(out.emplace(), low, high, what);
}

bool Cursor::number(Number& out, std::int64_t low, std::int64_t high, std::string_view what) {
  const Token& token = peek();
  if (!at_number()) {
    std::string hint;
    constexpr std::size_t kLongName = 40;
    if (token.kind == TokenKind::word && !token.reserved && token.text.size() <= kLongName) {
      hint = "if " + std::string(token.text) + " is a symbol, give it a value with -D " +
             std::string(token.text) + "=N";
    } else if (token.kind == TokenKind::decimal) {
      hint = "only times may have a fraction";
    }
    return expected("a number " + std::string(what), hint);
  }
  next();
  out = Number{};
  if (refuse_live(token)) return true;
  if (token.open) {
    out.open = true;
    out.spelling = token.source;
    return true;
  }
  const auto value = parse_integer(token.text);
  if (!value) {
    error(token, "the number " + std::string(token.text.substr(0, 30)) + " is too large");
    return true;
  }
  out.value = *value;
  if (token.origin == TokenOrigin::symbol || token.kind == TokenKind::hex) {
    out.spelling = token.source;
  }
  if (*value < low || *value > high) {
    error(token, "the number " + std::string(what) +
                     " is out of range: " + std::string(token.text) + " is not in " +
                     std::to_string(low) + " to " + std::to_string(high));
  }
  return true;
}

bool Cursor::number(std::optional<Number>& out, std::int64_t low, std::int64_t high,
                    std::string_view what) {
  return number(out.emplace(), low, high, what);
}

bool Cursor::word(std::string& out, std::string_view what) {
  if (!at_word()) return expected(what);
  const Token& token = next();
  if (token.reserved) {
    extension(token, quoted(token.text) + " is a reserved word of packetdrill");
  }
  out = token.open ? token.source : token.text;
  // type_${n}: a name that a parameter completes.
  if (out.ends_with('_') && glued() && at_number()) {
    const Token& number = next();
    if (!refuse_live(number)) out += number.open ? number.source : number.text;
  }
  return true;
}

bool Cursor::time(Time& out, std::string_view what) {
  const Token& token = peek();
  out = Time{};
  const bool is_time = token.kind == TokenKind::integer || token.kind == TokenKind::decimal ||
                       token.kind == TokenKind::formula;
  if (!is_time) return expected(what, token.is('.') ? "write 1.0 rather than 1." : "");
  next();
  if (refuse_live(token)) return true;
  if (token.open) {
    out.open = token.source;
    return true;
  }
  const auto nanoseconds = parse_decimal(token.text);
  if (!nanoseconds || *nanoseconds > kLongestTime * 1'000'000'000) {
    error(token, "this time is too long");
    return true;
  }
  if (*nanoseconds < 0) {
    error(token, "a time cannot be negative");
    return true;
  }
  out.value = Duration{*nanoseconds};
  const std::size_t point = token.text.find('.');
  const std::size_t digits = point == std::string_view::npos ? 0 : token.text.size() - point - 1;
  if (strict) {
    if (digits > 9) warning(token, "times are exact to the nanosecond: further digits are cut off");
  } else if (out.value != std::chrono::duration_cast<std::chrono::microseconds>(out.value)) {
    // packetdrill counts in microseconds, and a plain script means what it means there.
    out.value = std::chrono::duration_cast<std::chrono::microseconds>(out.value);
    warning(token, "packetdrill cuts times to microseconds, and so does a plain script");
  }
  return true;
}

bool Cursor::string(Text& out, std::string_view what) {
  if (!single_string(out, what)) return false;
  while (peek().kind == TokenKind::string) {
    Text more;
    if (!single_string(more, what)) return false;
    out.octets += more.octets;
    out.spelling += " " + more.spelling;
  }
  return true;
}

bool Cursor::single_string(Text& out, std::string_view what) {
  const Token& token = peek();
  if (token.kind != TokenKind::string) return expected(what);
  next();
  out = Text{};
  out.spelling = token.source;
  return accept_octets(token, out.octets, token.text);
}

// Escapes. In a plain script \\ and \" become a form feed, because that is what packetdrill makes
// of them; in a strict one they mean what its documentation says.
bool Cursor::accept_octets(const Token& token, std::string& out, std::string_view raw) {
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\' || i + 1 == raw.size()) {
      out += raw[i];
      continue;
    }
    const char c = raw[++i];
    switch (c) {
      case 'f': out += '\f'; break;
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 't': out += '\t'; break;
      case 'v': out += '\v'; break;
      case '\\':
      case '"':
        out += strict ? c : '\f';
        if (!strict) {
          warning(token, std::string("packetdrill makes a form feed of \\") + c +
                             ", and so does a plain script");
        }
        break;
      case 'x': {
        const int high = i + 1 < raw.size() ? hex_value(raw[i + 1]) : -1;
        const int low = i + 2 < raw.size() ? hex_value(raw[i + 2]) : -1;
        if (high < 0 || low < 0) return error(token, "\\x needs two hexadecimal digits");
        out += static_cast<char>(high * 16 + low);
        i += 2;
        break;
      }
      default:
        return error(token, "unknown escape in a string",
                     "known are \\f \\n \\r \\t \\v \\xHH \\\\ \\\"");
    }
  }
  return true;
}

bool Cursor::at_octets() const noexcept {
  return peek().kind == TokenKind::string ||
         (peek().is("hex") && peek(1).kind == TokenKind::string);
}

bool Cursor::octets(Octets& out, std::string_view what) {
  if (peek().is("hex")) return hex_octets(out, what);
  out = Octets{};
  if (!string(out.text, what)) return false;
  out.octets.assign(out.text.octets.begin(), out.text.octets.end());
  return true;
}

bool Cursor::hex_octets(Octets& out, std::string_view what) {
  out = Octets{};
  out.hex = true;
  if (!take("hex")) return expected(what);
  const Token& literal = peek();
  if (!string(out.text, "a string of hexadecimal digits after 'hex'")) return false;
  int high = -1;
  for (const char c : out.text.octets) {
    if (c == ' ' || c == '\t' || c == '\n' || c == ':') continue;
    const int digit = hex_value(c);
    if (digit < 0) return error(literal, "only hexadecimal digits and blanks may stand here");
    if (high < 0) {
      high = digit;
    } else {
      out.octets.push_back(static_cast<std::uint8_t>(high * 16 + digit));
      high = -1;
    }
  }
  if (high >= 0) return error(literal, "an odd number of hexadecimal digits");
  return true;
}

bool Cursor::at_address() const noexcept {
  const Token& token = peek();
  return token.kind == TokenKind::ipv4 || token.kind == TokenKind::ipv6 ||
         (token.kind == TokenKind::word && contains(kAddressNames, token.text));
}

bool Cursor::address(Address& out, std::string_view what) {
  const Token& token = peek();
  out = Address{};
  if (token.kind == TokenKind::ipv4 || token.kind == TokenKind::ipv6) {
    next();
    out.spelling = token.source;
    const auto literal = wire::parse_address(token.text);
    if (!literal) return error(token, std::string(token.text) + " is not an address");
    out.literal = *literal;
    return true;
  }
  if (token.kind == TokenKind::word && (token.open || contains(kAddressNames, token.text))) {
    next();
    out.name = token.open ? token.source : token.text;
    extension(token, "packetdrill knows addresses only as numbers");
    return true;
  }
  std::string hint;
  if (token.kind == TokenKind::word) {
    const std::string_view meant = nearest(token.text, kAddressNames);
    if (!meant.empty()) hint = "did you mean '" + std::string(meant) + "'?";
  }
  return expected("an address " + std::string(what), hint);
}

bool Cursor::link_address(LinkAddress& out, std::string_view what) {
  const Token& token = peek();
  out = LinkAddress{};
  if (token.kind == TokenKind::mac) {
    next();
    const auto literal = wire::parse_mac(token.text);
    if (!literal) return error(token, std::string(token.text) + " is not an Ethernet address");
    out.literal = *literal;
    return true;
  }
  if (token.kind == TokenKind::word && (token.open || contains(kLinkAddressNames, token.text))) {
    next();
    out.name = token.open ? token.source : token.text;
    return true;
  }
  return expected("an Ethernet address " + std::string(what),
                  "02:00:00:00:00:01, local_mac, peer_mac, broadcast_mac or zero_mac");
}

Location Cursor::where(const Token& token) const noexcept {
  return {file_, tokens_.line_of(token.offset), tokens_.column_of(token.offset)};
}

std::string Cursor::describe(const Token& token) {
  const std::string text(token.source.substr(0, 40));
  switch (token.kind) {
    case TokenKind::end: return "the end of the file";
    case TokenKind::string: return "a string";
    case TokenKind::command: return "a command in back-quotes";
    case TokenKind::code: return "code";
    default: return quoted(text);
  }
}

bool Cursor::error(const Token& at, std::string message, std::string hint) {
  report(Severity::error, at.offset, static_cast<std::uint32_t>(at.source.size()),
         std::move(message), std::move(hint));
  return false;
}

bool Cursor::expected(std::string_view what, std::string hint) {
  // A bad token was reported when it was read.
  if (peek().kind == TokenKind::bad) {
    ++error_count;
    return false;
  }
  return error(peek(), "expected " + std::string(what) + ", found " + describe(peek()),
               std::move(hint));
}

void Cursor::warning(const Token& at, std::string message, std::string hint) {
  report(Severity::warning, at.offset, static_cast<std::uint32_t>(at.source.size()),
         std::move(message), std::move(hint));
}

void Cursor::extension(const Token& at, std::string message) {
  ours = true;
  report(Severity::extension, at.offset, static_cast<std::uint32_t>(at.source.size()),
         std::move(message), {});
}

void Cursor::nplab(const Token& at, std::string_view what) {
  uses_nplab = true;
  extension(at, std::string(what) + " is known to nplab's packetdrill only");
}

void Cursor::report(Severity severity, std::uint32_t offset, std::uint32_t length,
                    std::string message, std::string hint) {
  constexpr std::size_t kWidest = 160;  // of a source line that is shown
  std::uint32_t& count = severity == Severity::error ? error_count : other_count_;
  if (++count > kMaxDiagnostics) return;
  Diagnostic diagnostic;
  diagnostic.severity = severity;
  diagnostic.file = source_.name;
  diagnostic.line = tokens_.line_of(offset);
  diagnostic.column = tokens_.column_of(offset);
  const std::string_view all = source_.text;
  const std::size_t start = tokens_.line_starts[diagnostic.line - 1];
  std::string_view line = all.substr(start, std::min(all.find('\n', start), all.size()) - start);
  if (line.ends_with('\r')) line.remove_suffix(1);
  const std::size_t caret = diagnostic.column - 1;
  const std::size_t cut = caret > kWidest / 2 && line.size() > kWidest ? caret - kWidest / 2 : 0;
  line = line.substr(std::min(cut, line.size()), kWidest);
  diagnostic.source_line = line;
  diagnostic.caret = static_cast<std::uint32_t>(caret - cut);
  const std::size_t room = line.size() > diagnostic.caret ? line.size() - diagnostic.caret : 1;
  diagnostic.length =
      static_cast<std::uint32_t>(std::clamp<std::size_t>(length, std::size_t{1}, room));
  diagnostic.message = std::move(message);
  diagnostic.hint = std::move(hint);
  if (count == kMaxDiagnostics && severity == Severity::error) {
    diagnostic.hint = "too many errors: the rest is not shown";
  }
  diagnostics_.push_back(std::move(diagnostic));
}

}  // namespace packetwright::script
