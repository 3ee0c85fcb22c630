// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <string>

#include "harness/script/formula.hh"
#include "harness/script/grammar.hh"
#include "harness/script/quoted.hh"
#include "stack/wire/address_text.hh"

namespace packetwright::script {
namespace {

constexpr std::int64_t kShort = 0xffff;
constexpr std::int64_t kLong = 0xffffffff;

// What stands behind the type of a record, a letter for each part: 4 and 6 addresses, s a name or
// text, S one or more of them, n a number.
struct RecordShape {
  std::string_view type;
  std::string_view data;
};
constexpr auto kRecords = std::to_array<RecordShape>({{"A", "4"},
                                                      {"AAAA", "6"},
                                                      {"CNAME", "s"},
                                                      {"DNAME", "s"},
                                                      {"NS", "s"},
                                                      {"PTR", "s"},
                                                      {"MX", "ns"},
                                                      {"SRV", "nnns"},
                                                      {"SOA", "ssnnnnn"},
                                                      {"TXT", "S"},
                                                      {"OPT", ""}});
constexpr auto kFlags =
    std::to_array<std::string_view>({"aa", "tc", "rd", "ra", "ad", "cd", "noerror", "formerr",
                                     "servfail", "nxdomain", "notimp", "refused", "qr", "noqr"});

const RecordShape* shape_of(std::string_view type) noexcept {
  for (const RecordShape& shape : kRecords) {
    if (shape.type == type) return &shape;
  }
  return nullptr;
}

bool parse_type(Cursor& in, std::string& out) {
  const Token& token = in.peek();
  if (!in.word(out, "a type of records: A, AAAA, CNAME, ...")) return false;
  if (out.find("${") != std::string::npos || shape_of(out) != nullptr || out == "ANY") return true;
  if (out.starts_with("type_")) {
    const auto number = parse_integer(std::string_view(out).substr(5));
    if (number && *number >= 0 && *number <= kShort) return true;
  }
  return in.error(token, quoted(out) + " is not a known type of records",
                  "type_N is the type of that number");
}

bool parse_part(Cursor& in, char part, DnsRecord& out) {
  const Token& token = in.peek();
  switch (part) {
    case '4':
    case '6': {
      const TokenKind kind = part == '4' ? TokenKind::ipv4 : TokenKind::ipv6;
      if (token.kind != kind) {
        return in.expected(part == '4' ? "an IPv4 address" : "an IPv6 address");
      }
      in.next();
      const auto address = wire::parse_address(token.text);
      if (!address) return in.error(token, std::string(token.text) + " is not an address");
      out.data.emplace_back(*address);
      return true;
    }
    case 'n': return in.number(std::get<Number>(out.data.emplace_back(Number{})), 0, kLong, "here");
    default: {
      // Each string is a part of its own here, not one that is continued.
      do {
        Text text;
        if (!in.single_string(text, "a string")) return false;
        out.data.emplace_back(std::move(text));
      } while (part == 'S' && in.peek().kind == TokenKind::string);
      return true;
    }
  }
}

bool parse_record(Cursor& in, DnsRecord& out) {
  if (in.take("answer")) {
    out.section = DnsSection::answer;
  } else if (in.take("authority")) {
    out.section = DnsSection::authority;
  } else if (in.take("additional")) {
    out.section = DnsSection::additional;
  } else {
    return in.expected("answer, authority or additional");
  }
  if (!in.string(out.name, "the name of a record in quotation marks")) return false;
  if (!in.number(out.ttl, 0, kLong, "of seconds to live")) return false;
  if (in.take("class") && !in.number(out.dns_class, 0, kShort, "after 'class'")) return false;
  if (!parse_type(in, out.type)) return false;
  if (in.peek().is("hex")) {
    Octets octets;
    if (!in.hex_octets(octets, "octets")) return false;
    out.data.emplace_back(std::move(octets));
    return true;
  }
  const RecordShape* shape = shape_of(out.type);
  if (shape == nullptr) {
    return in.expected("hex \"..\" with the data of a record of this type");
  }
  for (const char part : shape->data) {
    if (!parse_part(in, part, out)) return false;
  }
  return true;
}

bool at_flag(const Cursor& in) noexcept {
  const Token& token = in.peek();
  if (token.kind != TokenKind::word) return false;
  return std::find(kFlags.begin(), kFlags.end(), token.text) != kFlags.end() ||
         token.text.starts_with("rcode_");
}

void parse_bare_flags(Cursor& in, std::vector<std::string>& out) {
  while (at_flag(in)) out.emplace_back(in.next().text);
}

// [flags: aa nxdomain], the same in front of what follows.
bool parse_flags(Cursor& in, std::vector<std::string>& out) {
  in.next();  // [
  if (!in.take("flags")) return in.expected("'flags'");
  if (!in.expect(':', "'flags'")) return false;
  parse_bare_flags(in, out);
  if (in.take(']')) return true;
  return in.expected("a flag or a response code",
                     "known are aa tc rd ra ad cd noerror formerr servfail nxdomain notimp "
                     "refused rcode_N qr noqr");
}

}  // namespace

bool parse_dns(Cursor& in, Dns& out) {
  if (!parse_ports(in, out.ports)) return false;
  if (in.take("raw")) {
    out.form = DnsForm::raw;
    return in.hex_octets(out.raw.emplace(), "hex \"..\" after 'raw'");
  }
  if (in.take("response")) {
    out.form = DnsForm::response;
  } else if (!in.take("query")) {
    return in.expected("query, response or raw after 'dns'");
  }
  if (!in.string(out.name, "a name in quotation marks")) return false;
  if (!parse_type(in, out.type)) return false;
  parse_bare_flags(in, out.flags);
  while (in.take(',')) {
    if (!parse_record(in, out.records.emplace_back())) return false;
  }
  return !in.peek().is('[') || parse_flags(in, out.flags);
}

}  // namespace packetwright::script
