// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "harness/script/grammar.hh"
#include "harness/script/quoted.hh"

namespace packetwright::script {
namespace {

constexpr std::int64_t kShort = 0xffff;
constexpr std::int64_t kLong = 0xffffffff;

std::uint16_t flag_bit(char letter) noexcept {
  switch (letter) {
    case 'F': return TcpFlags::kFin;
    case 'S': return TcpFlags::kSyn;
    case 'R': return TcpFlags::kRst;
    case 'P': return TcpFlags::kPsh;
    case '.': return TcpFlags::kAck;
    case 'U': return TcpFlags::kUrg;
    case 'E': return TcpFlags::kEce;
    case 'W': return TcpFlags::kCwr;
    case 'A': return TcpFlags::kAe;
    default: return 0;
  }
}

constexpr std::uint16_t kAceBits = TcpFlags::kEce | TcpFlags::kCwr | TcpFlags::kAe;

// A digit is the ACE field of RFC 9768: ECE, CWR and AE, from the lowest bit up.
bool add_ace(Cursor& in, const Token& at, TcpFlags& out, int digit) {
  if (out.ace || (out.bits & kAceBits) != 0) {
    return in.error(at, "conflicting TCP flags: a digit is ECE, CWR and AE together");
  }
  out.ace = static_cast<std::uint8_t>(digit);
  if ((digit & 1) != 0) out.bits |= TcpFlags::kEce;
  if ((digit & 2) != 0) out.bits |= TcpFlags::kCwr;
  if ((digit & 4) != 0) out.bits |= TcpFlags::kAe;
  return true;
}

bool add_flags(Cursor& in, const Token& at, std::string_view letters, TcpFlags& out) {
  for (const char c : letters) {
    if (c >= '0' && c <= '7') {
      if (!add_ace(in, at, out, c - '0')) return false;
      continue;
    }
    const std::uint16_t bit = flag_bit(c);
    if (bit == 0) {
      return in.error(at, std::string("'") + c + "' is not a TCP flag",
                      "flags are F S R P U E W A and . for ACK, or - for none");
    }
    if ((out.bits & bit) != 0 && !out.ace) {
      in.extension(at, std::string("the flag '") + c + "' is given twice");
    }
    if (out.ace && (bit & kAceBits) != 0) {
      return in.error(at, "conflicting TCP flags: a digit is ECE, CWR and AE together");
    }
    out.bits |= bit;
  }
  return true;
}

// WORD ["."], [WORD] ".d", "." or "-". Letters behind the dot are nplab's, a dot in front of them
// ours: both say the same as with the dot at the end.
bool parse_flags(Cursor& in, TcpFlags& out) {
  if (in.take('-')) return true;
  bool any = false;
  bool dot = false;
  while (true) {
    const Token& token = in.peek();
    if (token.is('.')) {
      if (dot) return in.error(token, "the ACK flag is given twice");
      out.bits |= TcpFlags::kAck;
      dot = true;
    } else if (token.kind == TokenKind::decimal && token.text.size() == 2 && token.text[0] == '.' &&
               !dot) {
      out.bits |= TcpFlags::kAck;
      dot = true;
      if (!add_flags(in, token, token.text.substr(1), out)) return false;
    } else if (token.kind == TokenKind::word && token.open && !any) {
      in.next();
      out.open = token.source;
      if (in.take('.')) out.open += '.';
      return true;
    } else if (token.kind == TokenKind::word && !(any && !dot)) {
      if (dot) in.nplab(token, "a flag behind the dot");
      if (!add_flags(in, token, token.text, out)) return false;
      in.next();
      if (dot) return true;
      any = true;
      continue;
    } else {
      break;
    }
    any = true;
    in.next();
  }
  return any || in.expected("TCP flags", "flags are F S R P U E W A and . for ACK, or - for none");
}

void check_seq_range(Cursor& in, const Token& at, const SeqRange& seq) {
  for (const Number* number : {&seq.first, &seq.last, &seq.length}) {
    if (number->open || number->live) return;
  }
  const std::int64_t last = seq.first.value + seq.length.value;
  if (last == seq.last.value) return;
  if (last > kLong) {
    in.error(at, "the sequence numbers of one packet cannot wrap around");
    return;
  }
  in.error(at,
           "inconsistent sequence numbers: " + std::to_string(seq.first.value) + " + " +
               std::to_string(seq.length.value) + " is " + std::to_string(last) + ", not " +
               std::to_string(seq.last.value),
           "it is first:last(length), and last = first + length");
}

// What could be misread later, where the whole header is known.
void check_tcp(Cursor& in, const Token& start, const Tcp& tcp, Direction direction) {
  if (direction == Direction::inbound && !tcp.win) {
    in.extension(start, "packetdrill wants a window in a packet to inject");
  }
  if (in.strict && tcp.flags.has(TcpFlags::kAck) && !tcp.ack) {
    in.warning(start, "the ACK flag without `ack N` means ack 0");
  }
  if (tcp.seq.ignored && direction == Direction::inbound) {
    in.error(start, "a packet to inject needs a sequence number");
  }
}

// (nplab) [code N, pen N]
bool parse_reset_reason(Cursor& in, Tcp& out) {
  if (!in.peek().is('[') || !in.peek(1).is("code")) return true;
  const Token& start = in.next();
  in.nplab(start, "the reason of a RST");
  in.next();
  ResetReason& reason = out.reset_reason.emplace();
  if (!in.number(reason.code, 0, kShort, "after 'code'")) return false;
  if (!in.expect(',', "the code") || !in.take("pen")) return in.expected("'pen'");
  if (!in.number(reason.pen, 0, kLong, "after 'pen'")) return false;
  const auto is_zero = [](const Number& number) { return !number.open && number.value == 0; };
  if (is_zero(reason.code) && is_zero(reason.pen)) {
    out.reset_reason.reset();  // nplab's packetdrill takes it for none
  } else if (!out.flags.has(TcpFlags::kRst) && out.flags.open.empty()) {
    in.error(start, "only a RST has a reason");
  } else if (!out.seq.length.open && out.seq.length.value != ResetReason::kSize) {
    in.error(start, "the reason of a RST is a payload of eight octets");
  }
  return in.expect(']', "the reason of a RST");
}

}  // namespace

bool parse_ports(Cursor& in, std::optional<Ports>& out) {
  if (!in.at_number() || !in.peek(1).is('>')) return true;
  Ports& ports = out.emplace();
  if (!in.number(ports.src, 0, kShort, "as the source port")) return false;
  in.next();  // >
  return in.number(ports.dst, 0, kShort, "as the destination port");
}

bool parse_seq_range(Cursor& in, SeqRange& out) {
  const Token& start = in.peek();
  if (start.kind == TokenKind::ellipsis) {
    in.nplab(start, "a sequence number of ...");
    in.next();
    out.ignored = true;
  } else {
    if (!in.live_number(out.first, 0, kLong, "as the first sequence number")) return false;
    if (!in.expect(':', "the first sequence number")) return false;
    if (!in.live_number(out.last, 0, kLong, "as the last sequence number")) return false;
  }
  if (!in.expect('(', "the sequence numbers")) return false;
  if (!in.live_number(out.length, 0, kLong, "of octets")) return false;
  if (!in.expect(')', "the length")) return false;
  if (!out.ignored) check_seq_range(in, start, out);
  if (in.peek().is('!')) {
    in.nplab(in.next(), "an absolute sequence number");
    out.absolute = true;
    if (out.first.live || out.last.live) {
      in.error(start, "a live value is a number of the script: it cannot be absolute",
               "leave out the '!'");
    }
  }
  return true;
}

bool parse_udp_encapsulation(Cursor& in, std::optional<Ports>& out) {
  if (!in.peek().is('/') || !in.peek(1).is("udp")) return true;
  in.nplab(in.next(), "UDP encapsulation");
  in.next();
  if (!in.expect('(', "'/udp'") || !parse_ports(in, out)) return false;
  if (!out) return in.expected("ports: 1 > 2");
  return in.expect(')', "the ports");
}

bool parse_tcp(Cursor& in, Tcp& out, Direction direction) {
  const Token& start = in.peek();
  if (in.take("encap")) {
    if (!in.take("psp")) return in.expected("'psp' after 'encap'");
    if (!in.take("spi")) return in.expected("'spi' after 'psp'");
    if (!in.number(out.psp_spi, 0, kLong, "after 'spi'")) return false;
  }
  if (!parse_ports(in, out.ports)) return false;
  if (!parse_flags(in, out.flags)) return false;
  if (!parse_seq_range(in, out.seq)) return false;
  if (in.take("ack") && !in.live_number(out.ack, 0, kLong, "after 'ack'")) return false;
  if (in.take("win") && !in.number(out.win, 0, kShort, "after 'win'")) return false;
  if (in.take("urg") && !in.number(out.urg, 0, kShort, "after 'urg'")) return false;
  for (const std::string_view late : {"ack", "win", "urg"}) {
    if (in.peek().is(late)) {
      return in.error(in.peek(), quoted(late) + " stands too late or twice",
                      "the order is ack, win, urg");
    }
  }
  if (in.take('<') && !parse_tcp_options(in, out, direction)) return false;
  if (!parse_reset_reason(in, out)) return false;
  if (!parse_udp_encapsulation(in, out.udp_encapsulation)) return false;
  check_tcp(in, start, out, direction);
  return true;
}

}  // namespace packetwright::script
