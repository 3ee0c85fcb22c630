// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "harness/script/grammar.hh"
#include "harness/script/quoted.hh"

// What a script says of IP headers, and the headers that may stand in front of them.
namespace packetwright::script {
namespace {

constexpr std::int64_t kOctet = 0xff;
constexpr std::int64_t kShort = 0xffff;
constexpr std::int64_t kLong = 0xffffffff;
constexpr std::size_t kMostHeaders = 6;  // as packetdrill has it

struct EcnWord {
  std::string_view word;
  Ecn value;
};
constexpr auto kEcnWords = std::to_array<EcnWord>({{"noecn", Ecn::no_ecn},
                                                   {"ect0", Ecn::ect0},
                                                   {"ect1", Ecn::ect1},
                                                   {"ce", Ecn::ce},
                                                   {"ect01", Ecn::ect01}});

const EcnWord* ecn_word(const Token& token) noexcept {
  if (token.kind != TokenKind::word) return nullptr;
  for (const EcnWord& entry : kEcnWords) {
    if (token.text == entry.word) return &entry;
  }
  return nullptr;
}

// The names of RFC 2474, 2597, 3246, 5865 and 8622.
std::optional<std::int64_t> dscp_value(std::string_view name) noexcept {
  if (name.size() == 3 && name.starts_with("cs") && name[2] >= '0' && name[2] <= '7') {
    return (name[2] - '0') * 8;
  }
  if (name.size() == 4 && name.starts_with("af") && name[2] >= '1' && name[2] <= '4' &&
      name[3] >= '1' && name[3] <= '3') {
    return (name[2] - '0') * 8 + (name[3] - '0') * 2;
  }
  if (name == "ef") return 46;
  if (name == "voice_admit") return 44;
  if (name == "le") return 1;
  return std::nullopt;
}

// packetdrill reads these in hexadecimal only, so that is how they are printed.
void spell_hexadecimal(Number& number) {
  if (number.open || !number.spelling.empty()) return;
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  for (std::int64_t rest = number.value; rest > 0 || digits.size() < 2; rest /= 16) {
    digits.insert(digits.begin(), kDigits[static_cast<std::size_t>(rest % 16)]);
  }
  number.spelling = "0x" + digits;
}

// --- the list

bool parse_dscp(Cursor& in, IpInfo& out) {
  in.nplab(in.previous(), "dscp");
  const bool parenthesis = in.take('(');
  if (in.at_word()) {
    // nplab writes voice-admit, which is three tokens.
    const bool admit = in.peek().is("voice") && in.peek(1).is('-') && in.peek(2).is("admit");
    const auto value = dscp_value(admit ? "voice_admit" : in.peek().text);
    if (!value) {
      return in.expected("a DSCP", "known are cs0 to cs7, af11 to af43, ef, le and voice-admit");
    }
    for (int left = admit ? 3 : 1; left > 0; --left) in.next();
    out.dscp = Number{*value};
  } else if (!in.number(out.dscp, 0, 63, "after 'dscp'")) {
    return false;
  }
  spell_hexadecimal(*out.dscp);
  return !parenthesis || in.expect(')', "the DSCP");
}

bool parse_ecn(Cursor& in, IpInfo& out, Direction direction) {
  const Token& token = in.next();
  out.ecn = ecn_word(token)->value;
  if (out.ecn == Ecn::ect01 && direction == Direction::inbound) {
    in.error(token, "ect01 means ECT(0) or ECT(1): a packet to inject has to choose");
  }
  return true;
}

bool parse_tos(Cursor& in, IpInfo& out, const Token& name) {
  if (!name.is("tos")) in.nplab(name, quoted(name.text));
  if (in.peek().kind == TokenKind::integer) {
    in.extension(in.peek(), "packetdrill wants a hexadecimal number after 'tos'");
  }
  if (!in.number(out.tos, 0, kOctet, "after 'tos'")) return false;
  spell_hexadecimal(*out.tos);
  return true;
}

// One element; `count` of them stood in front of it.
bool parse_info_element(Cursor& in, IpInfo& out, Direction direction) {
  const Token& token = in.peek();
  if (ecn_word(token) != nullptr) return parse_ecn(in, out, direction);
  if (token.is("ecn") && ecn_word(in.peek(1)) != nullptr) {
    in.nplab(in.next(), "'ecn'");
    return parse_ecn(in, out, direction);
  }
  if (token.is("ecn") && in.peek(1).is('(')) {
    in.nplab(token, "ecn()");
    in.next();
    in.next();
    if (ecn_word(in.peek()) == nullptr) return in.expected("noecn, ect0, ect1, ce or ect01");
    return parse_ecn(in, out, direction) && in.expect(')', "the ECN codepoint");
  }
  if (in.take("tos") || in.take("class") || in.take("tclass")) return parse_tos(in, out, token);
  if (in.take("dscp")) return parse_dscp(in, out);
  if (in.take("ttl")) return in.number(out.ttl, 0, kOctet, "after 'ttl'");
  if (in.take("hlim")) {
    in.nplab(token, "'hlim'");
    return in.number(out.ttl, 0, kOctet, "after 'hlim'");
  }
  if (in.take("flowlabel")) {
    if (in.peek().kind == TokenKind::integer) {
      in.extension(in.peek(), "packetdrill wants a hexadecimal number after 'flowlabel'");
    }
    if (!in.number(out.flow_label, 0, 0xfffff, "after 'flowlabel'")) return false;
    spell_hexadecimal(*out.flow_label);
    return true;
  }

  in.extension(token, "packetdrill does not know this field of IP headers");
  if (in.take("id")) return in.number(out.id, 0, kShort, "after 'id'");
  if (in.take("proto")) return in.number(out.protocol, 0, kOctet, "after 'proto'");
  if (in.take("offset")) {
    const Token& at = in.peek();
    return in.number(out.offset, 0, kShort, "after 'offset'") &&
           check_multiple_of_8(in, at, *out.offset);
  }
  if (in.peek().is("df") || in.peek().is("nodf")) {
    out.dont_fragment = in.next().text == "df";
    return true;
  }
  if (in.peek().is("mf") || in.peek().is("nomf")) {
    out.more_fragments = in.next().text == "mf";
    return true;
  }
  if (in.take("options")) return parse_ip_options(in, out.options);
  if (at_ipv6_extension(in)) return parse_ipv6_extension(in, out.extensions.emplace_back());
  return in.expected("a field of an IP header",
                     "known are noecn ect0 ect1 ce ect01 tos flowlabel ttl hlim tclass dscp id df "
                     "nodf mf nomf offset proto options hopopts dstopts routing fragment ext");
}

}  // namespace

bool at_ip_info(const Cursor& in) noexcept {
  return in.peek().is('[') || in.peek().is('(');
}

bool parse_ip_info(Cursor& in, IpInfo& out, Direction direction) {
  const Token& open = in.next();
  const char close = open.is('(') ? ')' : ']';
  std::size_t elements = 0;
  do {
    if (!parse_info_element(in, out, direction)) return false;
    ++elements;
  } while (in.take(','));
  // packetdrill knows one combination only: what is in the TOS octet, then a flow label.
  const bool plain_pair =
      elements == 2 && out.flow_label && (out.tos.has_value() || out.ecn.has_value());
  if (elements > 1 && !plain_pair) in.nplab(open, "this combination");
  if (out.tos && (out.ecn || out.dscp)) {
    in.error(open, "'tos' is the whole octet: it leaves no room for ECN or DSCP beside it");
  }
  if (!out.options.empty() && !out.extensions.empty()) {
    in.error(open, "options are of IPv4, extension headers of IPv6: a header has one or the other");
  }
  return in.expect(close, "the fields of an IP header");
}

bool parse_gre_fields(Cursor& in, GreHeader& out) {
  out.given = true;
  if (!in.take("flags")) return in.expected("'flags' of a GRE header");
  if (in.take('[')) {
    do {
      if (in.take("none")) continue;
      std::uint16_t bit = 0;
      if (in.take("checksum")) {
        bit = GreHeader::kChecksumPresent;
      } else if (in.take("key")) {
        bit = GreHeader::kKeyPresent;
      } else if (in.peek().is("sequence") && in.peek(1).is('#')) {
        in.next();
        in.next();
        bit = GreHeader::kSequencePresent;
      } else {
        return in.expected("none, checksum present, key present or sequence# present");
      }
      if (!in.take("present")) return in.expected("'present'");
      out.flags.value |= bit;
    } while (in.take(','));
    if (!in.expect(']', "the flags of a GRE header")) return false;
  } else if (!in.number(out.flags, 0, kShort, "or a list after 'flags'")) {
    return false;
  }
  in.take(',');
  if (!in.take("sum")) return in.expected("'sum' of a GRE header");
  if (!in.number(out.sum, 0, kShort, "after 'sum'")) return false;
  in.take(',');
  if (!in.take("off")) return in.expected("'off' of a GRE header");
  if (!in.number(out.offset, 0, kShort, "after 'off'")) return false;
  in.take(',');
  if (!in.take("key")) return in.expected("'key' of a GRE header");
  in.take('=');
  if (!in.number(out.key, 0, kLong, "after 'key'")) return false;
  in.take(',');
  if (!in.take("seq")) return in.expected("'seq' of a GRE header");
  return in.number(out.sequence, 0, kLong, "after 'seq'");
}

bool parse_mpls_entry(Cursor& in, MplsEntry& out) {
  if (!in.expect('(', "'mpls'")) return false;
  if (!in.take("label")) return in.expected("'label'");
  if (!in.number(out.label, 0, 0xfffff, "after 'label'")) return false;
  if (!in.expect(',', "the label")) return false;
  if (!in.take("tc")) return in.expected("'tc'");
  if (!in.number(out.traffic_class, 0, 7, "after 'tc'")) return false;
  if (!in.expect(',', "the traffic class")) return false;
  if (in.take('[')) {
    if (!in.take("S")) return in.expected("'S'");
    if (!in.expect(']', "'S'")) return false;
    in.take(',');
    out.bottom = true;
  }
  if (!in.take("ttl")) return in.expected("'ttl'");
  return in.number(out.ttl, 0, kOctet, "after 'ttl'") && in.expect(')', "an MPLS entry");
}

bool at_encapsulation(const Cursor& in) noexcept {
  for (const std::string_view word : {"ipv4", "ipv6", "gre", "GREv0", "mpls"}) {
    if (in.peek().is(word)) return true;
  }
  return false;
}

bool parse_encapsulation(Cursor& in, std::vector<Encapsulation>& out, Direction direction) {
  const Token& token = in.next();
  if (out.size() + 3 > kMostHeaders) {  // this one, the run's own and the transport's
    in.error(token, "a packet has at most " + std::to_string(kMostHeaders) + " headers");
  }
  if (token.is("ipv4") || token.is("ipv6")) {
    IpHeader header;
    header.family = token.is("ipv4") ? Family::ipv4 : Family::ipv6;
    if (at_ip_info(in) && !parse_ip_info(in, header.info, direction)) return false;
    for (Address* address : {&header.src, &header.dst}) {
      const Token& at = in.peek();
      if (!in.address(*address, "of an IP header")) return false;
      if (address->literal && address->literal->family() != header.family) {
        in.error(at, "this address is of the other IP version");
      }
      if (address == &header.src && !in.expect('>', "the source address")) return false;
    }
    out.emplace_back(std::move(header));
  } else if (token.is("mpls")) {
    MplsStack stack;
    while (in.peek().is('(')) {
      if (!parse_mpls_entry(in, stack.entries.emplace_back())) return false;
    }
    out.emplace_back(std::move(stack));
  } else {
    GreHeader header;
    in.take(',');
    if (!in.peek().is(':') && !parse_gre_fields(in, header)) return false;
    out.emplace_back(std::move(header));
  }
  return in.expect(':', "a header in front of others");
}

}  // namespace packetwright::script
