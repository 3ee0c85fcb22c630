// SPDX-License-Identifier: Apache-2.0
#include "harness/script/icmp_names.hh"

#include <array>
#include <vector>

#include "harness/script/formula.hh"
#include "harness/script/nearest.hh"

namespace packetwright::script {
namespace {

struct TypeName {
  Family family;
  std::uint8_t type;
  std::string_view name;
};

struct CodeName {
  Family family;
  std::uint8_t type, code;
  std::string_view name;
};

constexpr auto v4 = Family::ipv4;
constexpr auto v6 = Family::ipv6;

constexpr auto kTypes = std::to_array<TypeName>({
    {v4, 0, "echo_reply"},
    {v4, 3, "unreachable"},
    {v4, 4, "source_quench"},
    {v4, 5, "redirect"},
    {v4, 8, "echo_request"},
    {v4, 9, "router_advertisement"},
    {v4, 10, "router_solicitation"},
    {v4, 11, "time_exceeded"},
    {v4, 12, "parameter_problem"},
    {v4, 13, "timestamp_request"},
    {v4, 14, "timestamp_reply"},
    {v4, 15, "information_request"},
    {v4, 16, "information_reply"},
    {v4, 17, "address_mask_request"},
    {v4, 18, "address_mask_reply"},
    {v6, 1, "unreachable"},
    {v6, 2, "packet_too_big"},
    {v6, 3, "time_exceeded"},
    {v6, 4, "parameter_problem"},
    {v6, 128, "echo_request"},
    {v6, 129, "echo_reply"},
    {v6, 130, "mld_query"},
    {v6, 131, "mld_report"},
    {v6, 132, "mld_done"},
    {v6, 133, "router_solicitation"},
    {v6, 134, "router_advertisement"},
    {v6, 135, "neighbor_solicitation"},
    {v6, 136, "neighbor_advertisement"},
    {v6, 137, "redirect"},
    {v6, 143, "mldv2_report"},
});

// Where a code has two names, the first is the one that is printed.
constexpr auto kCodes = std::to_array<CodeName>({
    {v4, 3, 0, "net_unreachable"},
    {v4, 3, 1, "host_unreachable"},
    {v4, 3, 2, "protocol_unreachable"},
    {v4, 3, 3, "port_unreachable"},
    {v4, 3, 4, "frag_needed"},
    {v4, 3, 5, "source_route_failed"},
    {v4, 3, 6, "net_unknown"},
    {v4, 3, 7, "host_unknown"},
    {v4, 3, 8, "source_host_isolated"},
    {v4, 3, 9, "net_prohibited"},
    {v4, 3, 10, "host_prohibited"},
    {v4, 3, 11, "net_unreachable_for_tos"},
    {v4, 3, 12, "host_unreachable_for_tos"},
    {v4, 3, 13, "packet_filtered"},
    {v4, 3, 14, "precedence_violation"},
    {v4, 3, 15, "precedence_cutoff"},
    {v4, 5, 0, "redirect_net"},
    {v4, 5, 1, "redirect_host"},
    {v4, 5, 2, "redirect_tos_net"},
    {v4, 5, 3, "redirect_tos_host"},
    {v4, 11, 0, "ttl_exceeded_in_transit"},
    {v4, 11, 1, "frag_reass_exceeded"},
    {v4, 12, 0, "pointer_indicates_error"},
    {v4, 12, 1, "missing_option"},
    {v4, 12, 2, "bad_length"},
    {v6, 1, 0, "no_route"},
    {v6, 1, 0, "net_unreachable"},
    {v6, 1, 1, "admin_prohibited"},
    {v6, 1, 2, "not_neighbour"},
    {v6, 1, 3, "address_unreachable"},
    {v6, 1, 4, "port_unreachable"},
    {v6, 1, 5, "failed_policy"},
    {v6, 1, 6, "reject_route"},
    {v6, 3, 0, "exceeded_hop_limit"},
    {v6, 3, 1, "exceeded_frag_time"},
    {v6, 4, 0, "header_field"},
    {v6, 4, 1, "unknown_next_header"},
    {v6, 4, 2, "unknown_option"},
});

std::optional<std::uint8_t> numbered(std::string_view name, std::string_view prefix) noexcept {
  if (!name.starts_with(prefix)) return std::nullopt;
  const auto number = parse_integer(name.substr(prefix.size()));
  if (!number || *number < 0 || *number > 255) return std::nullopt;
  return static_cast<std::uint8_t>(*number);
}

}  // namespace

std::optional<std::uint8_t> icmp_type(Family family, std::string_view name) noexcept {
  for (const TypeName& entry : kTypes) {
    if (entry.family == family && entry.name == name) return entry.type;
  }
  return numbered(name, "type_");
}

std::optional<std::uint8_t> icmp_code(Family family, std::uint8_t type,
                                      std::string_view name) noexcept {
  if (name.empty()) return std::uint8_t{0};
  for (const CodeName& entry : kCodes) {
    if (entry.family == family && entry.type == type && entry.name == name) return entry.code;
  }
  return numbered(name, "code_");
}

std::string icmp_type_name(Family family, std::uint8_t type) {
  for (const TypeName& entry : kTypes) {
    if (entry.family == family && entry.type == type) return std::string(entry.name);
  }
  return "type_" + std::to_string(type);
}

std::string icmp_code_name(Family family, std::uint8_t type, std::uint8_t code) {
  for (const CodeName& entry : kCodes) {
    if (entry.family == family && entry.type == type && entry.code == code) {
      return std::string(entry.name);
    }
  }
  return code == 0 ? "" : "code_" + std::to_string(code);
}

std::string_view nearest_icmp_type(std::string_view name) {
  std::vector<std::string_view> names;
  for (const TypeName& entry : kTypes) names.push_back(entry.name);
  return nearest(name, names);
}

}  // namespace packetwright::script
