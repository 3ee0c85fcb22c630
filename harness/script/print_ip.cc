// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "harness/script/print_parts.hh"
#include "harness/script/printer.hh"

namespace packetwright::script {
namespace {

std::string_view name_of(Ecn ecn) noexcept {
  constexpr auto kNames = std::to_array<std::string_view>({"noecn", "ect0", "ect1", "ce", "ect01"});
  return kNames[static_cast<std::size_t>(ecn)];
}

void print_addresses(std::string& out, const std::vector<Address>& addresses) {
  for (const Address& address : addresses) {
    out += ' ';
    print_address(out, address);
  }
}

void print_ip_option(std::string& out, const IpOption& option) {
  constexpr auto kNames =
      std::to_array<std::string_view>({"eol", "nop", "rr", "lsrr", "ssrr", "ts", "ra", "kind"});
  out += kNames[static_cast<std::size_t>(option.kind)];
  if (option.slots) {
    out += ' ';
    print_number(out, *option.slots);
  }
  if (option.value) {
    out += ' ';
    print_number(out, *option.value);
  }
  print_field(out, "len", option.length);
  print_field(out, "ptr", option.pointer);
  print_field(out, "flag", option.flag);
  print_field(out, "overflow", option.overflow);
  print_addresses(out, option.addresses);
  print_data(out, option.data);
}

void print_ipv6_option(std::string& out, const Ipv6Option& option) {
  constexpr auto kNames = std::to_array<std::string_view>({"pad1", "padn", "ra", "jumbo", "kind"});
  out += kNames[static_cast<std::size_t>(option.kind)];
  if (option.value) {
    out += ' ';
    print_number(out, *option.value);
  }
  print_field(out, "len", option.length);
  print_data(out, option.data);
}

void print_extension(std::string& out, const Ipv6Extension& extension) {
  switch (extension.kind) {
    case Ipv6ExtensionKind::hop_by_hop:
    case Ipv6ExtensionKind::destination:
      out += extension.kind == Ipv6ExtensionKind::hop_by_hop ? "hopopts <" : "dstopts <";
      for (std::size_t i = 0; i < extension.options.size(); ++i) {
        if (i > 0) out += ',';
        print_ipv6_option(out, extension.options[i]);
      }
      out += '>';
      return;
    case Ipv6ExtensionKind::routing:
      out += "routing";
      print_field(out, "type", extension.number);
      print_field(out, "left", extension.segments_left);
      print_addresses(out, extension.addresses);
      print_data(out, extension.data);
      return;
    case Ipv6ExtensionKind::fragment:
      out += "fragment";
      print_field(out, "id", extension.id);
      print_field(out, "offset", extension.offset);
      if (extension.more_fragments) out += " mf";
      return;
    case Ipv6ExtensionKind::other:
      out += "ext ";
      if (extension.number) print_number(out, *extension.number);
      print_data(out, extension.data);
      return;
  }
}

struct EncapsulationPrinter {
  std::string& out;

  void operator()(const IpHeader& header) const {
    out += header.family == Family::ipv4 ? "ipv4 " : "ipv6 ";
    print_info(out, header.info);
    if (!header.info.empty()) out += ' ';
    print_address(out, header.src);
    out += " > ";
    print_address(out, header.dst);
  }
  void operator()(const GreHeader& header) const {
    out += "gre";
    if (!header.given) return;
    out += ' ';
    print_gre_fields(out, header.flags, header.sum, header.offset, header.key, header.sequence);
  }
  void operator()(const MplsStack& stack) const {
    out += "mpls";
    for (const MplsEntry& entry : stack.entries) {
      out += ' ';
      print_mpls_entry(out, entry.label, entry.traffic_class, entry.bottom, entry.ttl);
    }
  }
};

}  // namespace

void print_info(std::string& out, const IpInfo& info) {
  std::string list;
  const auto next = [&]() -> std::string& {
    if (!list.empty()) list += ", ";
    return list;
  };
  const auto number = [&](std::string_view name, const std::optional<Number>& value) {
    if (!value) return;
    next() += name;
    list += ' ';
    print_number(list, *value);
  };
  if (info.ecn) next() += name_of(*info.ecn);
  number("tos", info.tos);
  number("dscp", info.dscp);
  number("flowlabel", info.flow_label);
  number("ttl", info.ttl);
  number("id", info.id);
  if (info.dont_fragment) next() += *info.dont_fragment ? "df" : "nodf";
  if (info.more_fragments) next() += *info.more_fragments ? "mf" : "nomf";
  number("offset", info.offset);
  number("proto", info.protocol);
  if (!info.options.empty()) {
    next() += "options <";
    for (std::size_t i = 0; i < info.options.size(); ++i) {
      if (i > 0) list += ',';
      print_ip_option(list, info.options[i]);
    }
    list += '>';
  }
  for (const Ipv6Extension& extension : info.extensions) print_extension(next(), extension);
  if (!list.empty()) out += "[" + list + "]";
}

void print_encapsulation(std::string& out, const Encapsulation& header) {
  std::visit(EncapsulationPrinter{out}, header);
  out += ": ";
}

std::string print_ip_info(const IpInfo& info) {
  std::string out;
  print_info(out, info);
  return out;
}

}  // namespace packetwright::script
