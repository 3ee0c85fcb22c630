// SPDX-License-Identifier: Apache-2.0
#include "harness/packet/icmp_names.hh"

#include <charconv>

namespace packetwright::packet {
namespace {

struct TypeName {
  Proto proto;
  std::uint8_t type;
  std::string_view name;
};

// The first name of a number is the one that is printed.
constexpr TypeName kTypes[] = {
    {Proto::icmpv4, 0, "echo_reply"},
    {Proto::icmpv4, 3, "unreachable"},
    {Proto::icmpv4, 4, "source_quench"},
    {Proto::icmpv4, 5, "redirect"},
    {Proto::icmpv4, 8, "echo_request"},
    {Proto::icmpv4, 9, "router_advertisement"},
    {Proto::icmpv4, 10, "router_solicitation"},
    {Proto::icmpv4, 11, "time_exceeded"},
    {Proto::icmpv4, 12, "parameter_problem"},
    {Proto::icmpv4, 13, "timestamp_request"},
    {Proto::icmpv4, 14, "timestamp_reply"},
    {Proto::icmpv4, 15, "information_request"},
    {Proto::icmpv4, 16, "information_reply"},
    {Proto::icmpv4, 17, "address_mask_request"},
    {Proto::icmpv4, 18, "address_mask_reply"},
    {Proto::icmpv6, 1, "unreachable"},
    {Proto::icmpv6, 2, "packet_too_big"},
    {Proto::icmpv6, 3, "time_exceeded"},
    {Proto::icmpv6, 4, "parameter_problem"},
    {Proto::icmpv6, 128, "echo_request"},
    {Proto::icmpv6, 129, "echo_reply"},
    {Proto::icmpv6, 130, "multicast_listener_query"},
    {Proto::icmpv6, 131, "multicast_listener_report"},
    {Proto::icmpv6, 132, "multicast_listener_done"},
    {Proto::icmpv6, 133, "router_solicitation"},
    {Proto::icmpv6, 134, "router_advertisement"},
    {Proto::icmpv6, 135, "neighbor_solicitation"},
    {Proto::icmpv6, 135, "neighbour_solicitation"},
    {Proto::icmpv6, 136, "neighbor_advertisement"},
    {Proto::icmpv6, 136, "neighbour_advertisement"},
    {Proto::icmpv6, 137, "redirect"},
    {Proto::icmpv6, 143, "multicast_listener_report_v2"},
};

struct CodeName {
  Proto proto;
  std::uint8_t type;
  std::uint8_t code;
  std::string_view name;
};

constexpr CodeName kCodes[] = {
    {Proto::icmpv4, 3, 0, "net_unreachable"},
    {Proto::icmpv4, 3, 1, "host_unreachable"},
    {Proto::icmpv4, 3, 2, "protocol_unreachable"},
    {Proto::icmpv4, 3, 3, "port_unreachable"},
    {Proto::icmpv4, 3, 4, "frag_needed"},
    {Proto::icmpv4, 3, 5, "source_route_failed"},
    {Proto::icmpv4, 3, 6, "net_unknown"},
    {Proto::icmpv4, 3, 7, "host_unknown"},
    {Proto::icmpv4, 3, 8, "source_host_isolated"},
    {Proto::icmpv4, 3, 9, "net_prohibited"},
    {Proto::icmpv4, 3, 10, "host_prohibited"},
    {Proto::icmpv4, 3, 11, "net_unreachable_for_tos"},
    {Proto::icmpv4, 3, 12, "host_unreachable_for_tos"},
    {Proto::icmpv4, 3, 13, "packet_filtered"},
    {Proto::icmpv4, 3, 14, "precedence_violation"},
    {Proto::icmpv4, 3, 15, "precedence_cutoff"},
    {Proto::icmpv4, 5, 0, "for_net"},
    {Proto::icmpv4, 5, 1, "for_host"},
    {Proto::icmpv4, 5, 2, "for_tos_and_net"},
    {Proto::icmpv4, 5, 3, "for_tos_and_host"},
    {Proto::icmpv4, 11, 0, "ttl_exceeded_in_transit"},
    {Proto::icmpv4, 11, 1, "frag_reass_exceeded"},
    {Proto::icmpv4, 12, 0, "header_field"},
    {Proto::icmpv4, 12, 1, "missing_option"},
    {Proto::icmpv4, 12, 2, "bad_length"},
    {Proto::icmpv6, 1, 0, "no_route"},
    {Proto::icmpv6, 1, 0, "net_unreachable"},
    {Proto::icmpv6, 1, 1, "admin_prohibited"},
    {Proto::icmpv6, 1, 2, "not_neighbour"},
    {Proto::icmpv6, 1, 2, "beyond_scope"},
    {Proto::icmpv6, 1, 3, "address_unreachable"},
    {Proto::icmpv6, 1, 3, "host_unreachable"},
    {Proto::icmpv6, 1, 4, "port_unreachable"},
    {Proto::icmpv6, 1, 5, "source_policy_failed"},
    {Proto::icmpv6, 1, 6, "route_rejected"},
    {Proto::icmpv6, 3, 0, "exceeded_hop_limit"},
    {Proto::icmpv6, 3, 0, "ttl_exceeded_in_transit"},
    {Proto::icmpv6, 3, 1, "exceeded_frag_time"},
    {Proto::icmpv6, 3, 1, "frag_reass_exceeded"},
    {Proto::icmpv6, 4, 0, "header_field"},
    {Proto::icmpv6, 4, 1, "unknown_next_header"},
    {Proto::icmpv6, 4, 2, "unknown_option"},
};

// The number in "type_42" or "code_3".
std::optional<std::uint8_t> numbered(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return std::nullopt;
  const std::string_view digits = name.substr(prefix.size());
  std::uint8_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<std::uint8_t> icmp_type_named(Proto proto, std::string_view name) {
  for (const TypeName& one : kTypes) {
    if (one.proto == proto && one.name == name) return one.type;
  }
  return numbered(name, "type_");
}

std::optional<std::uint8_t> icmp_code_named(Proto proto, std::uint8_t type, std::string_view name) {
  if (name.empty()) return std::uint8_t{0};
  for (const CodeName& one : kCodes) {
    if (one.proto == proto && one.type == type && one.name == name) return one.code;
  }
  return numbered(name, "code_");
}

std::string icmp_type_name(Proto proto, std::uint8_t type) {
  for (const TypeName& one : kTypes) {
    if (one.proto == proto && one.type == type) return std::string(one.name);
  }
  return "type_" + std::to_string(type);
}

std::string icmp_code_name(Proto proto, std::uint8_t type, std::uint8_t code) {
  for (const CodeName& one : kCodes) {
    if (one.proto == proto && one.type == type && one.code == code) return std::string(one.name);
  }
  return code == 0 ? std::string{} : "code_" + std::to_string(code);
}

}  // namespace packetwright::packet
