// SPDX-License-Identifier: Apache-2.0
#include "harness/script/grammar.hh"

// IPv4 options and IPv6 extension headers.
namespace packetwright::script {
namespace {

constexpr std::int64_t kOctet = 0xff;
constexpr std::int64_t kShort = 0xffff;
constexpr std::int64_t kLong = 0xffffffff;

bool parse_addresses(Cursor& in, std::vector<Address>& out) {
  while (in.at_address()) {
    if (!in.address(out.emplace_back(), "of an option")) return false;
  }
  return true;
}

// --- IPv4 options

bool parse_other_option(Cursor& in, std::optional<Number>& kind, std::optional<Number>& length,
                        std::optional<Octets>& data) {
  if (!in.number(kind, 0, kOctet, "after 'kind'")) return false;
  if (in.take("len") && !in.number(length, 0, kOctet, "after 'len'")) return false;
  return !in.peek().is("hex") || in.hex_octets(data.emplace(), "the data of an option");
}

bool parse_option_fields(Cursor& in, IpOption& out) {
  while (true) {
    if (in.take("ptr")) {
      if (!in.number(out.pointer, 0, kOctet, "after 'ptr'")) return false;
    } else if (out.kind == IpOptionKind::timestamp && in.take("flag")) {
      if (!in.number(out.flag, 0, 15, "after 'flag'")) return false;
    } else if (out.kind == IpOptionKind::timestamp && in.take("overflow")) {
      if (!in.number(out.overflow, 0, 15, "after 'overflow'")) return false;
    } else if (in.at_address()) {
      if (!parse_addresses(in, out.addresses)) return false;
    } else {
      return true;
    }
  }
}

bool parse_ip_option(Cursor& in, IpOption& out) {
  if (in.take("eol")) {
    out.kind = IpOptionKind::eol;
    return true;
  }
  if (in.take("nop")) {
    out.kind = IpOptionKind::nop;
    return true;
  }
  if (in.take("ra")) {
    out.kind = IpOptionKind::router_alert;
    return !in.at_number() || in.number(out.value, 0, kShort, "after 'ra'");
  }
  if (in.take("kind")) {
    out.kind = IpOptionKind::other;
    return parse_other_option(in, out.value, out.length, out.data);
  }
  const bool record = in.peek().is("rr");
  if (record || in.peek().is("ts")) {
    const std::string what = "of slots after '" + std::string(in.next().text) + "'";
    out.kind = record ? IpOptionKind::record_route : IpOptionKind::timestamp;
    return in.number(out.slots, 0, 9, what) && parse_option_fields(in, out);
  }
  const bool loose = in.peek().is("lsrr");
  if (loose || in.peek().is("ssrr")) {
    in.next();
    out.kind = loose ? IpOptionKind::loose_source_route : IpOptionKind::strict_source_route;
    return parse_option_fields(in, out);
  }
  return in.expected("an IP option", "known are eol nop rr lsrr ssrr ts ra kind");
}

// --- IPv6 extension headers

bool parse_ipv6_option(Cursor& in, Ipv6Option& out) {
  if (in.take("pad1")) return true;
  if (in.take("padn")) {
    out.kind = Ipv6OptionKind::padn;
    return in.number(out.value, 0, kOctet, "of octets after 'padn'");
  }
  if (in.take("ra")) {
    out.kind = Ipv6OptionKind::router_alert;
    return in.number(out.value, 0, kShort, "after 'ra'");
  }
  if (in.take("jumbo")) {
    out.kind = Ipv6OptionKind::jumbo;
    return in.number(out.value, 0, kLong, "after 'jumbo'");
  }
  if (in.take("kind")) {
    out.kind = Ipv6OptionKind::other;
    return parse_other_option(in, out.value, out.length, out.data);
  }
  return in.expected("an IPv6 option", "known are pad1 padn ra jumbo kind");
}

bool parse_ipv6_options(Cursor& in, std::vector<Ipv6Option>& out) {
  if (!in.expect('<', "the name of the header")) return false;
  if (in.take('>')) return true;  // padding alone
  do {
    if (!parse_ipv6_option(in, out.emplace_back())) return false;
  } while (in.take(','));
  return in.expect('>', "the options");
}

bool parse_fragment_header(Cursor& in, Ipv6Extension& out) {
  out.kind = Ipv6ExtensionKind::fragment;
  while (true) {
    if (in.take("id")) {
      if (!in.number(out.id, 0, kLong, "after 'id'")) return false;
    } else if (in.take("offset")) {
      const Token& at = in.peek();
      if (!in.number(out.offset, 0, kShort, "after 'offset'")) return false;
      check_multiple_of_8(in, at, *out.offset);
    } else if (in.take("mf")) {
      out.more_fragments = true;
    } else {
      return true;
    }
  }
}

}  // namespace

bool check_multiple_of_8(Cursor& in, const Token& at, const Number& number) {
  if (!number.open && number.value % 8 != 0) {
    in.error(at, "a fragment offset is a multiple of 8 octets",
             "write {ip.fragment_offset=N} for the bare field");
  }
  return true;
}

bool parse_ip_options(Cursor& in, std::vector<IpOption>& out) {
  if (!in.expect('<', "'options'")) return false;
  do {
    if (!parse_ip_option(in, out.emplace_back())) return false;
  } while (in.take(','));
  return in.expect('>', "the IP options");
}

bool parse_ipv6_extension(Cursor& in, Ipv6Extension& out) {
  if (in.take("hopopts")) {
    out.kind = Ipv6ExtensionKind::hop_by_hop;
    return parse_ipv6_options(in, out.options);
  }
  if (in.take("dstopts")) {
    out.kind = Ipv6ExtensionKind::destination;
    return parse_ipv6_options(in, out.options);
  }
  if (in.take("fragment")) return parse_fragment_header(in, out);
  if (in.take("routing")) {
    out.kind = Ipv6ExtensionKind::routing;
    if (in.take("type") && !in.number(out.number, 0, kOctet, "after 'type'")) return false;
    if (in.take("left") && !in.number(out.segments_left, 0, kOctet, "after 'left'")) return false;
    if (!parse_addresses(in, out.addresses)) return false;
    return !in.peek().is("hex") || in.hex_octets(out.data.emplace(), "routing data");
  }
  in.next();  // ext
  if (!in.number(out.number, 0, kOctet, "of a protocol after 'ext'")) return false;
  return in.hex_octets(out.data.emplace(), "hex \"..\" with what follows the length octet");
}

bool at_ipv6_extension(const Cursor& in) noexcept {
  for (const std::string_view word : {"hopopts", "dstopts", "fragment", "routing", "ext"}) {
    if (in.peek().is(word)) return true;
  }
  return false;
}

}  // namespace packetwright::script
