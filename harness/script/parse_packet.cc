// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <limits>

#include "harness/script/grammar.hh"
#include "harness/script/nearest.hh"

namespace packetwright::script {
namespace {

constexpr std::int64_t kOctet = 0xff;
constexpr std::int64_t kShort = 0xffff;

constexpr auto kLayers =
    std::to_array<std::string_view>({"frame", "eth", "arp", "ip", "ipv4", "ipv6", "tcp", "udp",
                                     "udplite", "icmp", "icmpv6", "dns", "gre", "mpls", "payload"});

bool parse_udp(Cursor& in, Udp& out) {
  if (!parse_ports(in, out.ports)) return false;
  return in.expect('(', "'udp'") && in.number(out.length, 0, kShort, "of octets") &&
         in.expect(')', "the length");
}

// (nplab) udplite [SRC > DST] (LENGTH, COVERAGE)
bool parse_udplite(Cursor& in, Udp& out) {
  in.nplab(in.previous(), "UDP-Lite");
  if (!parse_ports(in, out.ports)) return false;
  return parse_length_and_coverage(in, out.length, out.coverage);
}

// (nplab) sctp ...: up to the next event.
bool parse_sctp(Cursor& in, Sctp& out) {
  in.nplab(in.peek(), "SCTP");
  int open = 0;
  do {
    if (!out.text.empty() && !in.glued()) out.text += ' ';
    const Token& token = in.next();
    if (token.is('[') || token.is('(') || token.is('{')) ++open;
    if (token.is(']') || token.is(')') || token.is('}')) --open;
    out.text += token.source;
  } while (!in.at_end() && in.peek().kind != TokenKind::command &&
           (open > 0 || !could_begin_event(in)));
  return true;
}

bool parse_other_ip(Cursor& in, OtherIp& out) {
  if (!in.take("proto")) return in.expected("'proto' after 'ip'");
  return in.number(out.protocol, 0, kOctet, "after 'proto'") && in.expect('(', "the protocol") &&
         in.number(out.length, 0, kShort, "of octets") && in.expect(')', "the length");
}

bool parse_literal(Cursor& in, Packet& out, LiteralLayer layer) {
  Literal literal;
  literal.layer = layer;
  if (!in.hex_octets(literal.data, "hex \"..\"")) return false;
  out.body = std::move(literal);
  return true;
}

bool parse_body(Cursor& in, Packet& out) {
  const Token& token = in.peek();
  const bool hex = in.peek(1).is("hex");
  if (hex && in.take("tcp")) {
    in.extension(token, "packetdrill cannot send octets");
    return parse_literal(in, out, LiteralLayer::tcp);
  }
  if (hex && in.take("frame")) {
    in.extension(token, "packetdrill cannot send octets");
    return parse_literal(in, out, LiteralLayer::frame);
  }
  if (in.take("udp")) {
    if (hex) {
      in.extension(token, "packetdrill cannot send octets");
      return parse_literal(in, out, LiteralLayer::udp);
    }
    return parse_udp(in, out.body.emplace<Udp>());
  }
  if (in.take("udplite")) return parse_udplite(in, out.body.emplace<Udp>());
  if (token.is("sctp")) return parse_sctp(in, out.body.emplace<Sctp>());
  if (in.take("icmp")) {
    if (hex) {
      in.extension(token, "packetdrill cannot send octets");
      return parse_literal(in, out, LiteralLayer::icmp);
    }
    return parse_icmp(in, out.body.emplace<Icmp>());
  }
  if (in.take("arp")) {
    in.extension(token, "packetdrill does not know ARP");
    return parse_arp(in, out.body.emplace<Arp>());
  }
  if (in.take("dns")) {
    in.extension(token, "packetdrill does not know DNS");
    return parse_dns(in, out.body.emplace<Dns>());
  }
  if (in.take("ip")) {
    in.extension(token, "packetdrill knows TCP, UDP and ICMP only");
    return parse_other_ip(in, out.body.emplace<OtherIp>());
  }
  return parse_tcp(in, out.body.emplace<Tcp>(), out.direction);
}

// The octets of payload that the text of the packet promises; nullptr: it does not.
const Number* promised_length(const Packet& packet) noexcept {
  if (const Tcp* tcp = packet.as<Tcp>()) return &tcp->seq.length;
  if (const Udp* udp = packet.as<Udp>()) return &udp->length;
  if (const OtherIp* other = packet.as<OtherIp>()) return &other->length;
  if (const Icmp* icmp = packet.as<Icmp>()) return icmp->length ? &*icmp->length : nullptr;
  return nullptr;
}

bool parse_payload(Cursor& in, Packet& out) {
  if (!in.at_octets()) return true;
  const Token& at = in.peek();
  in.extension(at, "packetdrill does not know payload");
  if (!in.octets(out.payload.emplace(), "payload")) return false;
  const Number* promised = promised_length(out);
  if (promised == nullptr) {
    if (Icmp* icmp = std::get_if<Icmp>(&out.body); icmp != nullptr && !icmp->quote) return true;
    return in.error(at, "this kind of packet has no payload of its own");
  }
  if (promised->live) {
    return in.error(at, "a live length is not known here, so that no payload can have it");
  }
  const auto octets = static_cast<std::int64_t>(out.payload->octets.size());
  if (!promised->open && promised->value != octets) {
    in.error(at, "this payload has " + std::to_string(octets) + " octets, but the packet says " +
                     std::to_string(promised->value));
  }
  return true;
}

bool parse_fragment(Cursor& in, Packet& out) {
  if (!in.peek().is("frag")) return true;
  in.extension(in.next(), "packetdrill does not know fragments");
  Fragment& fragment = out.fragment.emplace();
  if (in.take("id") &&
      !in.number(fragment.id, 0, std::numeric_limits<std::uint32_t>::max(), "after 'id'")) {
    return false;
  }
  const Token& first = in.peek();
  if (!in.number(fragment.first, 0, kShort, "as the first octet of a fragment")) return false;
  if (!in.expect(':', "the first octet of a fragment")) return false;
  if (!in.number(fragment.last, 0, 2 * kShort, "as the octet behind a fragment")) return false;
  if (in.peek().is("mf") || in.peek().is("nomf")) fragment.more = in.next().text == "mf";
  if (!fragment.first.open && fragment.first.value % 8 != 0) {
    in.error(first, "a fragment starts at a multiple of 8 octets",
             "write {ip.fragment_offset=N} for the bare field");
  }
  if (!fragment.first.open && !fragment.last.open && fragment.last.value < fragment.first.value) {
    in.error(first, "a fragment ends behind its start");
  }
  return true;
}

bool parse_override_value(Cursor& in, Override& out) {
  const Token& token = in.peek();
  if (in.take('+')) {
    out.how = Override::How::add;
    return in.number(out.value.emplace<Number>(), std::numeric_limits<std::int64_t>::min(),
                     std::numeric_limits<std::int64_t>::max(), "after '+'");
  }
  if (in.peek().is('-') || (token.kind == TokenKind::integer && token.text.front() == '-' &&
                            token.origin == TokenOrigin::source)) {
    // Numbers of headers are not negative, so that a minus can only mean "less than what is right".
    out.how = Override::How::add;
    if (in.take('-')) {
      return in.error(token, "no blank and no parameter may stand behind the minus here",
                      "write + and a parameter that is negative");
    }
    return in.number(out.value.emplace<Number>(), std::numeric_limits<std::int64_t>::min(), 0,
                     "here");
  }
  if (token.source == "bad") {
    in.next();
    out.how = Override::How::bad;
    return true;
  }
  if (token.source == "keep") {
    in.next();
    out.how = Override::How::keep;
    return in.word(out.value.emplace<std::string>(), "the name under which 'keep' is to keep it");
  }
  if (in.at_octets()) return in.octets(out.value.emplace<Octets>(), "octets");
  if (in.at_address()) return in.address(out.value.emplace<Address>(), "here");
  if (token.kind == TokenKind::mac || token.source.ends_with("_mac")) {
    return in.link_address(out.value.emplace<LinkAddress>(), "here");
  }
  if (in.at_number()) {
    return in.number(out.value.emplace<Number>(), 0, std::numeric_limits<std::int64_t>::max(),
                     "here");
  }
  if (token.kind == TokenKind::word) {
    in.next();
    out.value.emplace<std::string>(token.source);
    return true;
  }
  return in.expected(
      "the value of a field: a number, +N, -N, bad, keep NAME, a word, an address or octets");
}

// Names are read as they are written: neither keywords nor symbols count here.
bool parse_overrides(Cursor& in, Packet& out) {
  if (!in.peek().is('{')) return true;
  in.extension(in.next(), "packetdrill cannot override fields");
  do {
    Override& made = out.overrides.emplace_back();
    const Token& layer = in.peek();
    made.where = in.where();
    made.layer = layer.source;
    if (std::find(kLayers.begin(), kLayers.end(), made.layer) == kLayers.end()) {
      const std::string_view meant = nearest(made.layer, kLayers);
      return in.expected("the name of a header and a field: tcp.data_offset",
                         meant.empty()
                             ? "headers are frame eth arp ip ipv4 ipv6 tcp udp icmp icmpv6 "
                               "dns gre mpls payload"
                             : "did you mean '" + std::string(meant) + "'?");
    }
    in.next();
    if (!in.expect('.', "the name of a header")) return false;
    const Token& field = in.peek();
    const char first = field.source.empty() ? '\0' : field.source.front();
    if (!((first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z'))) {
      return in.expected("the name of a field");
    }
    made.field = in.next().source;
    if (!in.expect('=', "the name of a field")) return false;
    if (!parse_override_value(in, made)) return false;
  } while (in.take(','));
  return in.expect('}', "the overrides");
}

bool overrides_field(const Packet& packet, std::string_view layer, std::string_view field) {
  return std::any_of(packet.overrides.begin(), packet.overrides.end(),
                     [&](const Override& o) { return o.layer == layer && o.field == field; });
}

// The data offset counts words of four octets. Whoever overrides it may leave options unpadded.
void check_padding(Cursor& in, const Token& start, const Packet& packet) {
  const Tcp* tcp = packet.as<Tcp>();
  if (tcp == nullptr || tcp->any_options || overrides_field(packet, "tcp", "data_offset")) return;
  std::size_t octets = 0;
  for (const TcpOption& option : tcp->options) octets += encoded_size(option);
  if (octets % 4 != 0) {
    in.error(start,
             "the TCP options have " + std::to_string(octets) + " octets, " +
                 std::to_string(octets % 4) + " more than a multiple of 4",
             "fill them up with nop or eol");
  }
}

}  // namespace

bool parse_length_and_coverage(Cursor& in, Number& length, std::optional<Number>& coverage) {
  return in.expect('(', "'udplite'") && in.number(length, 0, kShort, "of octets") &&
         in.expect(',', "the length") &&
         in.number(coverage, 0, kShort, "of octets under the checksum") &&
         in.expect(')', "the coverage of the checksum");
}

bool parse_packet(Cursor& in, Packet& out) {
  const Token& start = in.peek();
  if (in.take('@')) {
    in.extension(start, "packetdrill has one connection only");
    if (!in.word(out.connection, "the label of a connection after '@'")) return false;
  }
  while (at_encapsulation(in)) {
    if (!parse_encapsulation(in, out.encapsulation, out.direction)) return false;
  }
  if (at_ip_info(in) && !parse_ip_info(in, out.ip, out.direction)) return false;
  const Token& body = in.peek();
  if (!parse_body(in, out)) return false;
  if (!parse_payload(in, out)) return false;
  if (!parse_fragment(in, out)) return false;
  if (!parse_overrides(in, out)) return false;
  check_padding(in, body, out);
  return true;
}

}  // namespace packetwright::script
