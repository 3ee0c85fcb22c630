// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "harness/script/formula.hh"
#include "harness/script/grammar.hh"
#include "harness/script/quoted.hh"

namespace packetwright::script {
namespace {

constexpr std::int64_t kOctet = 0xff;
constexpr std::int64_t kShort = 0xffff;
constexpr std::int64_t k24Bits = 0xffffff;
constexpr std::int64_t kLong = 0xffffffff;
constexpr std::size_t kMostOctets = 40;  // RFC 9293, 3.1: the data offset has four bits
constexpr std::size_t kMostDigest = 16;  // RFC 2385, 2

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Bare hexadecimal digits: a word or, if there are no letters among them, an integer. In nplab's
// dialect 0x may stand in front.
bool at_hex_blob(const Cursor& in) noexcept {
  const Token& token = in.peek();
  if (token.kind != TokenKind::word && token.kind != TokenKind::integer) return false;
  for (const char c : token.text) {
    if (hex_value(c) < 0) return false;
  }
  return true;
}

bool parse_hex_blob(Cursor& in, Buffer& out) {
  const Token& token = in.next();
  if (token.text.size() % 2 != 0) {
    return in.error(token, "an odd number of hexadecimal digits");
  }
  for (std::size_t i = 0; i < token.text.size(); i += 2) {
    out.push_back(
        static_cast<std::uint8_t>(hex_value(token.text[i]) * 16 + hex_value(token.text[i + 1])));
  }
  return true;
}

bool parse_sack(Cursor& in, OptSack& out) {
  while (in.at_number()) {
    SackBlock& block = out.blocks.emplace_back();
    if (!in.live_number(block.left, 0, kLong, "as the left edge of a SACK block")) return false;
    if (!in.expect(':', "the left edge of a SACK block")) return false;
    if (!in.live_number(block.right, 0, kLong, "as the right edge of a SACK block")) return false;
    if (in.peek().is('!')) {
      in.nplab(in.next(), "an absolute SACK block");
      out.absolute = true;
      if (block.left.live || block.right.live) {
        in.error(in.previous(), "a live value is a number of the script: it cannot be absolute",
                 "leave out the '!'");
      }
    }
  }
  if (out.blocks.empty()) return in.expected("a SACK block: left:right");
  return true;
}

bool parse_timestamps(Cursor& in, OptTimestamps& out, Direction direction) {
  const auto ignored = [&](bool& flag) {
    const Token& token = in.peek();
    if (token.kind != TokenKind::ellipsis) return false;
    in.next();
    in.nplab(token, "a timestamp of ...");
    if (direction == Direction::inbound) in.error(token, "a packet to inject needs a number here");
    flag = true;
    return true;
  };
  if (!in.take("val")) return in.expected("'val' after 'TS'");
  if (!ignored(out.val_ignored) && !in.number(out.val, 0, kLong, "after 'val'")) return false;
  if (!in.take("ecr")) return in.expected("'ecr' after the value of the timestamp");
  if (!ignored(out.ecr_ignored) && !in.number(out.ecr, 0, kLong, "after 'ecr'")) return false;
  if (in.peek().is('!')) {
    in.nplab(in.next(), "an absolute timestamp echo");
    out.ecr_absolute = true;
  }
  return true;
}

bool parse_md5(Cursor& in, OptMd5& out) {
  if (in.peek().is("valid")) {
    in.nplab(in.next(), "'md5 valid'");
    out.valid = true;
    return true;
  }
  const Token& at = in.peek();
  if (!at_hex_blob(in)) return in.expected("a digest in hexadecimal digits after 'md5'");
  if (!parse_hex_blob(in, out.digest)) return false;
  if (out.digest.size() > kMostDigest) in.error(at, "a digest has at most 16 octets");
  return true;
}

// ECN e0b N [ceb N [e1b N]] and the other way round (RFC 9768, 3.2.3).
bool parse_accecn(Cursor& in, OptAccEcn& out) {
  std::array<std::string_view, 3> names{"e0b", "ceb", "e1b"};
  if (in.peek().is("e1b")) {
    out.order1 = true;
    names = {"e1b", "ceb", "e0b"};
  } else if (!in.peek().is("e0b")) {
    return in.expected("'e0b' or 'e1b' after 'ECN'");
  }
  for (const std::string_view name : names) {
    if (!in.take(name)) break;
    if (!in.number(out.counters.emplace_back(), 0, k24Bits, "of octets")) return false;
  }
  return true;
}

// AccECN0 [ee0b N [eceb N [ee1b N]]], AccECN1, and exp-AccECN0, exp-AccECN1.
bool parse_nplab_accecn(Cursor& in, OptAccEcn& out) {
  const Token& token = in.next();
  in.nplab(token, quoted(token.text));
  out.order1 = token.text.ends_with('1');
  std::array<std::string_view, 3> names{"ee0b", "eceb", "ee1b"};
  if (out.order1) std::swap(names[0], names[2]);
  for (const std::string_view name : names) {
    if (!in.take(name)) break;
    if (!in.number(out.counters.emplace_back(), 0, k24Bits, "of octets")) return false;
  }
  return true;
}

bool parse_kind(Cursor& in, OptOther& out) {
  if (!in.number(out.kind, 0, kOctet, "after 'kind'")) return false;
  if (in.take("len") && !in.number(out.length, 0, kOctet, "after 'len'")) return false;
  return !in.peek().is("hex") || in.hex_octets(out.data.emplace(), "the data of an option");
}

// Octets that were written without quotation marks, as if with them.
Octets as_octets(Buffer octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  Octets out;
  out.hex = true;
  for (const std::uint8_t octet : octets) {
    out.text.octets += kDigits[octet >> 4];
    out.text.octets += kDigits[octet & 15];
  }
  out.text.spelling = '"' + out.text.octets + '"';
  out.octets = std::move(octets);
  return out;
}

// Whether "PREFIX-..." of nplab stands here. The hyphen may have gone to a number.
bool at_prefix(const Cursor& in, std::string_view prefix) noexcept {
  const Token& next = in.peek(1);
  return in.peek().is(prefix) &&
         (next.is('-') || (next.kind == TokenKind::integer && next.text.starts_with('-')));
}

bool parse_generic(Cursor& in, OptOther& out) {
  in.nplab(in.next(), "'gen-'");
  in.take('-');
  const Token& kind = in.next();
  const std::string_view digits = std::string_view(kind.text).substr(kind.text.starts_with('-'));
  const auto number = parse_integer(digits);
  if (!number || *number < 0 || *number > static_cast<std::int64_t>(kOctet)) {
    return in.error(kind, "the kind of an option is from 0 to 255");
  }
  out.form = OptOther::Form::generic;
  out.kind.value = *number;
  Buffer octets;
  if (at_hex_blob(in) && !parse_hex_blob(in, octets)) return false;
  out.data = as_octets(std::move(octets));
  return true;
}

// exp-EXID [hexadecimal digits], behind "exp" and its hyphen, if that was not part of a number.
bool parse_experiment(Cursor& in, OptOther& out) {
  const Token& start = in.peek();
  std::string digits;
  do {
    const Token& token = in.next();
    digits += std::string_view(token.text).substr(token.text.starts_with('-'));
  } while (in.glued() && (in.at_word() || in.peek().kind == TokenKind::integer));
  constexpr std::size_t kMostDigits = 4;
  std::int64_t number = 0;
  for (const char c : digits) {
    if (hex_value(c) < 0) {
      return in.error(start, quoted(digits) + " is no experiment",
                      "known are exp-AccECN0, exp-AccECN1, exp-FO and exp-tarr; any other is "
                      "exp- and its number in hexadecimal digits");
    }
    number = number * 16 + hex_value(c);
    if (number > kShort) break;
  }
  if (digits.empty() || digits.size() > 2 * kMostDigits || number > kShort) {
    return in.error(start, "the number of an experiment has at most four hexadecimal digits");
  }
  out.form = OptOther::Form::experiment;
  out.kind.value = 254;  // RFC 6994, 3.1
  Buffer octets{static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
  if (at_hex_blob(in) && !parse_hex_blob(in, octets)) return false;
  out.data = as_octets(std::move(octets));
  return true;
}

template <class Option>
bool keep(std::vector<TcpOption>& out, bool ok, Option option) {
  if (ok) out.emplace_back(std::move(option));
  return ok;
}

// What nplab's packetdrill writes behind "exp-".
bool parse_experimental(Cursor& in, std::vector<TcpOption>& out) {
  const Token& start = in.next();
  in.take('-');
  const Token& name = in.peek();
  if (name.is("AccECN0") || name.is("AccECN1")) {
    OptAccEcn option;
    option.experimental = true;
    const bool ok = parse_nplab_accecn(in, option);
    return keep(out, ok, std::move(option));
  }
  in.nplab(start, "'exp-'");
  if (in.take("FO")) {
    OptFastOpen option;
    option.experimental = true;
    const bool ok = !at_hex_blob(in) || parse_hex_blob(in, option.cookie);
    return keep(out, ok, std::move(option));
  }
  if (in.take("tarr")) {
    OptAckRate option;
    const bool ok = !in.at_number() || in.number(option.rate, 0, 127, "after 'exp-tarr'");
    return keep(out, ok, std::move(option));
  }
  OptOther option;
  const bool ok = parse_experiment(in, option);
  return keep(out, ok, std::move(option));
}

bool parse_option(Cursor& in, std::vector<TcpOption>& out, Direction direction) {
  const Token& token = in.peek();
  if (in.take("nop")) return keep(out, true, OptNop{});
  if (in.take("eol")) return keep(out, true, OptEol{});
  if (in.take("sackOK")) return keep(out, true, OptSackPermitted{});
  if (in.take("mss")) {
    OptMss option;
    const bool ok = in.number(option.mss, 0, kShort, "after 'mss'");
    return keep(out, ok, std::move(option));
  }
  if (in.take("wscale")) {
    OptWindowScale option;
    const bool ok = in.number(option.shift, 0, kOctet, "after 'wscale'");
    return keep(out, ok, std::move(option));
  }
  if (in.take("sack")) {
    OptSack option;
    const bool ok = parse_sack(in, option);
    return keep(out, ok, std::move(option));
  }
  if (in.take("TS")) {
    OptTimestamps option;
    const bool ok = parse_timestamps(in, option, direction);
    return keep(out, ok, std::move(option));
  }
  if (in.take("md5")) {
    OptMd5 option;
    const bool ok = parse_md5(in, option);
    return keep(out, ok, std::move(option));
  }
  if (token.is("FO") || token.is("FOEXP")) {
    in.next();
    OptFastOpen option;
    option.experimental = token.is("FOEXP");
    const bool ok = !at_hex_blob(in) || parse_hex_blob(in, option.cookie);
    return keep(out, ok, std::move(option));
  }
  if (in.take("ECN")) {
    OptAccEcn option;
    const bool ok = parse_accecn(in, option);
    return keep(out, ok, std::move(option));
  }
  if (token.is("AccECN0") || token.is("AccECN1")) {
    OptAccEcn option;
    const bool ok = parse_nplab_accecn(in, option);
    return keep(out, ok, std::move(option));
  }
  if (at_prefix(in, "exp") || at_prefix(in, "EXP")) return parse_experimental(in, out);
  if (at_prefix(in, "gen")) {
    OptOther option;
    const bool ok = parse_generic(in, option);
    return keep(out, ok, std::move(option));
  }
  if (in.take("kind")) {
    in.extension(token, "packetdrill knows options by name only");
    OptOther option;
    const bool ok = parse_kind(in, option);
    return keep(out, ok, std::move(option));
  }
  if (token.is("hex")) {
    in.extension(token, "packetdrill knows options by name only");
    OptRaw option;
    const bool ok = in.hex_octets(option.data, "octets");
    return keep(out, ok, std::move(option));
  }
  return in.expected("a TCP option",
                     "known are nop eol mss wscale sackOK sack TS md5 FO FOEXP ECN kind hex");
}

// Always true: that is no error of syntax.
bool check_room(Cursor& in, const Token& start, const Tcp& tcp) {
  std::size_t octets = 0;
  for (const TcpOption& option : tcp.options) octets += encoded_size(option);
  if (octets > kMostOctets) {
    in.error(start, "TCP options of " + std::to_string(octets) + " octets: there is room for 40");
  }
  return true;
}

}  // namespace

bool parse_tcp_options(Cursor& in, Tcp& out, Direction direction) {
  const Token& start = in.previous();
  if (in.peek().kind == TokenKind::ellipsis) {
    if (direction == Direction::inbound) {
      in.error(in.peek(), "<...> means any options: a packet to inject has to choose");
    }
    in.next();
    out.any_options = true;
    return in.expect('>', "<...");
  }
  if (at_hex_blob(in) && in.peek(1).is('>')) {
    in.nplab(in.peek(), "options as octets");
    OptRaw raw;
    raw.bare = true;
    Buffer octets;
    if (!parse_hex_blob(in, octets)) return false;
    raw.data = as_octets(std::move(octets));
    out.options.emplace_back(std::move(raw));
    return check_room(in, start, out) && in.expect('>', "the TCP options");
  }
  if (in.peek().is('>')) {
    return in.error(in.peek(), "an empty list of TCP options", "leave <> out");
  }
  do {
    if (!parse_option(in, out.options, direction)) return false;
  } while (in.take(','));
  return check_room(in, start, out) && in.expect('>', "the TCP options");
}

}  // namespace packetwright::script
