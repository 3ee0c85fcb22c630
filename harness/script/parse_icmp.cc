// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "harness/script/grammar.hh"
#include "harness/script/icmp_names.hh"
#include "harness/script/quoted.hh"

namespace packetwright::script {
namespace {

constexpr std::int64_t kOctet = 0xff;
constexpr std::int64_t kShort = 0xffff;
constexpr std::int64_t kLong = 0xffffffff;

enum class FieldKind : std::uint8_t { number, address, link_address, flag };

// The fields that ICMP messages have beside what packetdrill can say. Which message has which is
// the business of whoever builds it; a field that the message lacks is an error there.
struct FieldName {
  std::string_view name;
  FieldKind kind;
  std::int64_t most = 0;
};
constexpr auto kIcmpFields = std::to_array<FieldName>({
    {"seq", FieldKind::number, kShort},
    {"pointer", FieldKind::number, kLong},  // parameter problem (8 bit in IPv4)
    {"gateway", FieldKind::address},        // redirect of IPv4
    {"target", FieldKind::address},         // NDP; redirect of IPv6
    {"dest", FieldKind::address},           // redirect of IPv6
    {"slla", FieldKind::link_address},      // source link-layer address option
    {"tlla", FieldKind::link_address},      // target link-layer address option
    {"router", FieldKind::flag},            // neighbor advertisement
    {"solicited", FieldKind::flag},
    {"override", FieldKind::flag},
    {"hop_limit", FieldKind::number, kOctet},  // router advertisement
    {"managed", FieldKind::flag},
    {"other", FieldKind::flag},
    {"lifetime", FieldKind::number, kShort},
    {"reachable", FieldKind::number, kLong},
    {"retrans", FieldKind::number, kLong},
    {"prefix", FieldKind::address},
    {"prefix_length", FieldKind::number, kOctet},
    {"on_link", FieldKind::flag},
    {"autonomous", FieldKind::flag},
    {"valid", FieldKind::number, kLong},
    {"preferred", FieldKind::number, kLong},
    {"originate", FieldKind::number, kLong},  // timestamp request and reply of IPv4
    {"receive", FieldKind::number, kLong},
    {"transmit", FieldKind::number, kLong},
    {"mask", FieldKind::address},  // address mask request and reply
});

const FieldName* field_name(const Token& token) noexcept {
  if (token.kind != TokenKind::word) return nullptr;
  for (const FieldName& field : kIcmpFields) {
    if (token.text == field.name) return &field;
  }
  return nullptr;
}

bool parse_field(Cursor& in, const FieldName& field, Icmp& out) {
  const Token& token = in.next();
  in.extension(token, "packetdrill does not know this field of ICMP messages");
  IcmpField& made = out.fields.emplace_back();
  made.name = field.name;
  const std::string what = "after '" + made.name + "'";
  switch (field.kind) {
    case FieldKind::number: return in.number(made.value.emplace<Number>(), 0, field.most, what);
    case FieldKind::address: return in.address(made.value.emplace<Address>(), what);
    case FieldKind::link_address: return in.link_address(made.value.emplace<LinkAddress>(), what);
    case FieldKind::flag: return true;
  }
  return true;
}

bool parse_quote(Cursor& in, Icmp& out) {
  in.next();  // [
  if (in.take("udp")) {
    QuotedUdp quote;
    if (!in.expect('(', "'udp'") || !in.number(quote.length, 0, kShort, "of octets") ||
        !in.expect(')', "the length")) {
      return false;
    }
    out.quote = std::move(quote);
  } else if (in.peek().is("udplite")) {
    in.nplab(in.next(), "UDP-Lite");
    QuotedUdp quote;
    if (!parse_length_and_coverage(in, quote.length, quote.coverage)) return false;
    out.quote = std::move(quote);
  } else if (in.peek().is("sctp")) {
    in.nplab(in.next(), "SCTP");
    QuotedSctp quote;
    if (!in.expect('(', "'sctp'") || !in.number(quote.tag, 0, kLong, "of an association") ||
        !in.expect(')', "the tag") || !parse_udp_encapsulation(in, quote.udp_encapsulation)) {
      return false;
    }
    out.quote = std::move(quote);
  } else if (in.take("raw")) {
    QuotedNothing quote;
    if (!in.expect('(', "'raw'") || !in.number(quote.length, 0, kShort, "of octets") ||
        !in.expect(')', "the length")) {
      return false;
    }
    out.quote = std::move(quote);
  } else if (in.peek().is("hex")) {
    in.extension(in.peek(), "packetdrill cannot quote octets");
    QuotedOctets quote;
    if (!in.hex_octets(quote.data, "octets")) return false;
    out.quote = std::move(quote);
  } else {
    QuotedTcp quote;
    if (!in.at_number()) return in.expected("what the message quotes: 1:1(0), udp (n) or raw (n)");
    if (!parse_seq_range(in, quote.seq)) return false;
    if (!parse_udp_encapsulation(in, quote.udp_encapsulation)) return false;
    out.quote = std::move(quote);
  }
  return in.expect(']', "what the message quotes");
}

// Codes of ICMPv4 messages that only nplab's packetdrill has names for.
bool only_nplab_names(std::string_view code) {
  return code == "ttl_exceeded_in_transit" || code == "frag_reass_exceeded";
}

void check_names(Cursor& in, const Token& type_at, const Token& code_at, const Icmp& icmp) {
  if (icmp.type.find("${") != std::string::npos || icmp.code.find("${") != std::string::npos) {
    return;
  }
  bool type_known = false;
  bool code_known = false;
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    const auto type = icmp_type(family, icmp.type);
    if (!type) continue;
    type_known = true;
    code_known = code_known || icmp_code(family, *type, icmp.code).has_value();
  }
  if (!type_known) {
    const std::string_view meant = nearest_icmp_type(icmp.type);
    in.error(type_at, quoted(icmp.type) + " is not a type of ICMP messages",
             meant.empty() ? "type_N is the type of that number"
                           : "did you mean '" + std::string(meant) + "'?");
  } else if (!code_known) {
    in.error(code_at, quoted(icmp.code) + " is not a code of " + icmp.type + " messages",
             "code_N is the code of that number; a symbol gets its value with -D " + icmp.code +
                 "=NAME");
  } else if (only_nplab_names(icmp.code)) {
    in.nplab(code_at, "the name of a code of these messages");
  }
}

bool has_mtu(const Icmp& icmp) {
  return icmp.type == "packet_too_big" || icmp.type.starts_with("type_") ||
         icmp.type.find('$') != std::string::npos ||
         (icmp.type == "unreachable" &&
          (icmp.code == "frag_needed" || icmp.code.starts_with("code_") ||
           icmp.code.find('$') != std::string::npos));
}

}  // namespace

bool parse_icmp(Cursor& in, Icmp& out) {
  const Token& type = in.peek();
  if (!in.word(out.type, "a type of ICMP messages after 'icmp'")) return false;
  const Token& code = in.peek();
  if (code.kind == TokenKind::word && !code.is("mtu") && !code.is("id") && !code.is("hex") &&
      !code.is("frag") && field_name(code) == nullptr) {
    if (!in.word(out.code, "a code")) return false;
  }
  check_names(in, type, code, out);
  while (true) {
    const Token& token = in.peek();
    if (in.take("mtu")) {
      if (out.id) in.extension(token, "packetdrill wants the MTU in front of the identifier");
      if (!has_mtu(out)) in.extension(token, "packetdrill knows an MTU in two messages only");
      if (!in.number(out.mtu, 0, kLong, "after 'mtu'")) return false;
    } else if (in.take("id")) {
      if (!in.number(out.id, 0, kShort, "after 'id'")) return false;
    } else if (const FieldName* field = field_name(token)) {
      if (!parse_field(in, *field, out)) return false;
    } else {
      break;
    }
  }
  if (in.peek().is('(')) {
    in.extension(in.next(), "packetdrill cannot give ICMP messages a length");
    if (!in.number(out.length, 0, kShort, "of octets")) return false;
    if (!in.expect(')', "the length")) return false;
  }
  return !in.peek().is('[') || parse_quote(in, out);
}

}  // namespace packetwright::script
