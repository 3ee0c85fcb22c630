// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/icmpv4.hh"

namespace packetwright::wire {
namespace {

struct TypeName {
  Icmpv4Type type;
  std::string_view name;
};

constexpr TypeName kTypeNames[] = {
    {Icmpv4Type::echo_reply, "echo_reply"},
    {Icmpv4Type::unreachable, "unreachable"},
    {Icmpv4Type::source_quench, "source_quench"},
    {Icmpv4Type::redirect, "redirect"},
    {Icmpv4Type::echo_request, "echo_request"},
    {Icmpv4Type::router_advertisement, "router_advertisement"},
    {Icmpv4Type::router_solicitation, "router_solicitation"},
    {Icmpv4Type::time_exceeded, "time_exceeded"},
    {Icmpv4Type::parameter_problem, "parameter_problem"},
    {Icmpv4Type::timestamp_request, "timestamp_request"},
    {Icmpv4Type::timestamp_reply, "timestamp_reply"},
    {Icmpv4Type::information_request, "information_request"},
    {Icmpv4Type::information_reply, "information_reply"},
    {Icmpv4Type::address_mask_request, "address_mask_request"},
    {Icmpv4Type::address_mask_reply, "address_mask_reply"},
};

struct CodeName {
  Icmpv4Type type;
  std::uint8_t code;
  std::string_view name;
};

constexpr CodeName kCodeNames[] = {
    {Icmpv4Type::unreachable, 0, "net_unreachable"},
    {Icmpv4Type::unreachable, 1, "host_unreachable"},
    {Icmpv4Type::unreachable, 2, "protocol_unreachable"},
    {Icmpv4Type::unreachable, 3, "port_unreachable"},
    {Icmpv4Type::unreachable, 4, "frag_needed"},
    {Icmpv4Type::unreachable, 5, "source_route_failed"},
    {Icmpv4Type::unreachable, 6, "net_unknown"},
    {Icmpv4Type::unreachable, 7, "host_unknown"},
    {Icmpv4Type::unreachable, 8, "source_host_isolated"},
    {Icmpv4Type::unreachable, 9, "net_prohibited"},
    {Icmpv4Type::unreachable, 10, "host_prohibited"},
    {Icmpv4Type::unreachable, 11, "net_unreachable_for_tos"},
    {Icmpv4Type::unreachable, 12, "host_unreachable_for_tos"},
    {Icmpv4Type::unreachable, 13, "packet_filtered"},
    {Icmpv4Type::unreachable, 14, "precedence_violation"},
    {Icmpv4Type::unreachable, 15, "precedence_cutoff"},
    {Icmpv4Type::time_exceeded, 0, "ttl_exceeded_in_transit"},
    {Icmpv4Type::time_exceeded, 1, "frag_reass_exceeded"},
    {Icmpv4Type::redirect, 0, "net_redirect"},
    {Icmpv4Type::redirect, 1, "host_redirect"},
    {Icmpv4Type::redirect, 2, "net_redirect_for_tos"},
    {Icmpv4Type::redirect, 3, "host_redirect_for_tos"},
    {Icmpv4Type::parameter_problem, 0, "pointer_indicates_error"},
    {Icmpv4Type::parameter_problem, 1, "required_option_missing"},
};

}  // namespace

std::string_view name_of(Icmpv4Type type) noexcept {
  for (const TypeName& entry : kTypeNames) {
    if (entry.type == type) return entry.name;
  }
  return {};
}

std::string_view icmpv4_code_name(Icmpv4Type type, std::uint8_t code) noexcept {
  for (const CodeName& entry : kCodeNames) {
    if (entry.type == type && entry.code == code) return entry.name;
  }
  return {};
}

std::optional<Icmpv4Type> icmpv4_type_by_name(std::string_view name) noexcept {
  for (const TypeName& entry : kTypeNames) {
    if (entry.name == name) return entry.type;
  }
  return std::nullopt;
}

std::optional<std::uint8_t> icmpv4_code_by_name(Icmpv4Type type, std::string_view name) noexcept {
  for (const CodeName& entry : kCodeNames) {
    if (entry.type == type && entry.name == name) return entry.code;
  }
  return std::nullopt;
}

void Icmpv4Fields::emit(MutableBytes out) const noexcept {
  store_u8(out, 0, static_cast<std::uint8_t>(type));
  store_u8(out, 1, code);
  store_be16(out, 2, checksum);
  store_be32(out, 4, rest);
  store_bytes(out, kIcmpHeaderSize, body);
}

bool operator==(const Icmpv4Fields& a, const Icmpv4Fields& b) noexcept {
  return a.type == b.type && a.code == b.code && a.checksum == b.checksum && a.rest == b.rest &&
         same_octets(a.body, b.body);
}

void fill_icmpv4_checksum(MutableBytes message) noexcept {
  store_be16(message, 2, 0);
  store_be16(message, 2, internet_checksum(message));
}

}  // namespace packetwright::wire
