// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/icmpv6.hh"

namespace packetwright::wire {
namespace {

struct TypeName {
  Icmpv6Type type;
  std::string_view name;
};

constexpr TypeName kTypeNames[] = {
    {Icmpv6Type::unreachable, "unreachable"},
    {Icmpv6Type::packet_too_big, "packet_too_big"},
    {Icmpv6Type::time_exceeded, "time_exceeded"},
    {Icmpv6Type::parameter_problem, "parameter_problem"},
    {Icmpv6Type::echo_request, "echo_request"},
    {Icmpv6Type::echo_reply, "echo_reply"},
    {Icmpv6Type::mld_query, "mld_query"},
    {Icmpv6Type::mld_report, "mld_report"},
    {Icmpv6Type::mld_done, "mld_done"},
    {Icmpv6Type::router_solicitation, "router_solicitation"},
    {Icmpv6Type::router_advertisement, "router_advertisement"},
    {Icmpv6Type::neighbor_solicitation, "neighbor_solicitation"},
    {Icmpv6Type::neighbor_advertisement, "neighbor_advertisement"},
    {Icmpv6Type::redirect, "redirect"},
    {Icmpv6Type::mld_report_v2, "mld_report_v2"},
};

struct CodeName {
  Icmpv6Type type;
  std::uint8_t code;
  std::string_view name;
};

// Where two names share a code, the first one is printed.
constexpr CodeName kCodeNames[] = {
    {Icmpv6Type::unreachable, 0, "no_route"},
    {Icmpv6Type::unreachable, 0, "net_unreachable"},
    {Icmpv6Type::unreachable, 1, "admin_prohibited"},
    {Icmpv6Type::unreachable, 2, "not_neighbour"},
    {Icmpv6Type::unreachable, 2, "beyond_scope"},
    {Icmpv6Type::unreachable, 3, "address_unreachable"},
    {Icmpv6Type::unreachable, 4, "port_unreachable"},
    {Icmpv6Type::unreachable, 5, "source_policy"},
    {Icmpv6Type::unreachable, 6, "reject_route"},
    {Icmpv6Type::time_exceeded, 0, "exceeded_hop_limit"},
    {Icmpv6Type::time_exceeded, 1, "exceeded_frag_time"},
    {Icmpv6Type::parameter_problem, 0, "header_field"},
    {Icmpv6Type::parameter_problem, 1, "unknown_next_header"},
    {Icmpv6Type::parameter_problem, 2, "unknown_option"},
    {Icmpv6Type::parameter_problem, 3, "incomplete_header_chain"},
};

}  // namespace

std::string_view name_of(Icmpv6Type type) noexcept {
  for (const TypeName& entry : kTypeNames) {
    if (entry.type == type) return entry.name;
  }
  return {};
}

std::string_view icmpv6_code_name(Icmpv6Type type, std::uint8_t code) noexcept {
  for (const CodeName& entry : kCodeNames) {
    if (entry.type == type && entry.code == code) return entry.name;
  }
  return {};
}

std::optional<Icmpv6Type> icmpv6_type_by_name(std::string_view name) noexcept {
  for (const TypeName& entry : kTypeNames) {
    if (entry.name == name) return entry.type;
  }
  return std::nullopt;
}

std::optional<std::uint8_t> icmpv6_code_by_name(Icmpv6Type type, std::string_view name) noexcept {
  for (const CodeName& entry : kCodeNames) {
    if (entry.type == type && entry.name == name) return entry.code;
  }
  return std::nullopt;
}

bool Icmpv6View::verify_checksum(const IpAddress& src, const IpAddress& dst) const noexcept {
  return transport_checksum(octets_, src, dst, IpProtocol::icmpv6) == 0;
}

void Icmpv6Fields::emit(MutableBytes out) const noexcept {
  store_u8(out, 0, static_cast<std::uint8_t>(type));
  store_u8(out, 1, code);
  store_be16(out, 2, checksum);
  store_be32(out, 4, rest);
  store_bytes(out, kIcmpHeaderSize, body);
}

bool operator==(const Icmpv6Fields& a, const Icmpv6Fields& b) noexcept {
  return a.type == b.type && a.code == b.code && a.checksum == b.checksum && a.rest == b.rest &&
         same_octets(a.body, b.body);
}

//= RFC4443-2.3-a
void fill_icmpv6_checksum(MutableBytes message, const IpAddress& src,
                          const IpAddress& dst) noexcept {
  store_be16(message, 2, 0);
  store_be16(message, 2, transport_checksum(message, src, dst, IpProtocol::icmpv6));
}

}  // namespace packetwright::wire
