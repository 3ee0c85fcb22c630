// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/craft_ip.hh"

#include <algorithm>

namespace packetwright::engine {
namespace {

using packet::Field;
using packet::HeaderOption;
using packet::Layer;
using packet::Proto;
using packet::Wide;

void append(Buffer& octets, std::uint64_t value, int count) {
  for (int i = count - 1; i >= 0; --i) {
    octets.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
}

void append(Buffer& octets, const IpAddress& address) {
  octets.insert(octets.end(), address.octets().begin(), address.octets().end());
}

std::uint64_t or_else(const std::optional<script::Number>& number, std::uint64_t otherwise) {
  return number.has_value() ? static_cast<std::uint64_t>(number->value) : otherwise;
}

// RFC 3168, 5: the two bits of the ECN field.
std::optional<std::uint64_t> ecn_bits(script::Ecn ecn) {
  switch (ecn) {
    case script::Ecn::no_ecn: return 0;
    case script::Ecn::ect1: return 1;
    case script::Ecn::ect0: return 2;
    case script::Ecn::ce: return 3;
    case script::Ecn::ect01: return std::nullopt;
  }
  return std::nullopt;
}

// Addresses of route options, four octets each (RFC 791, 3.1).
std::optional<CraftError> append_addresses(const std::vector<script::Address>& addresses,
                                           const Settings& settings, Buffer& octets) {
  for (const script::Address& one : addresses) {
    const auto address = resolve(one, settings);
    if (!address.has_value() || !address->is_v4()) {
      return CraftError{false, "an IPv4 option needs IPv4 addresses, not '" +
                                   (one.name.empty() ? one.spelling : one.name) + "'"};
    }
    append(octets, *address);
  }
  return std::nullopt;
}

std::optional<CraftError> ipv4_option(const script::IpOption& in, const Settings& settings,
                                      HeaderOption& out) {
  using Kind = script::IpOptionKind;
  switch (in.kind) {
    case Kind::eol: out.kind = 0; return std::nullopt;
    case Kind::nop: out.kind = 1; return std::nullopt;
    case Kind::record_route:
    case Kind::loose_source_route:
    case Kind::strict_source_route: {
      out.kind = in.kind == Kind::record_route         ? 7
                 : in.kind == Kind::loose_source_route ? 131
                                                       : 137;
      append(out.data, or_else(in.pointer, 4), 1);
      if (auto error = append_addresses(in.addresses, settings, out.data)) return error;
      const std::size_t slots = or_else(in.slots, in.addresses.size());
      out.data.resize(std::max(out.data.size(), 1 + 4 * slots), 0);
      return std::nullopt;
    }
    case Kind::timestamp: {
      out.kind = 68;
      const std::uint64_t flag = or_else(in.flag, 0);
      append(out.data, or_else(in.pointer, 5), 1);
      append(out.data, (or_else(in.overflow, 0) << 4) | (flag & 15), 1);
      // With flag 1 or 3 each entry is an address and a time.
      const std::size_t entry = flag == 0 ? 4 : 8;
      for (const script::Address& one : in.addresses) {
        if (auto error = append_addresses({one}, settings, out.data)) return error;
        append(out.data, 0, 4);
      }
      const std::size_t slots = or_else(in.slots, in.addresses.size());
      out.data.resize(std::max(out.data.size(), 2 + entry * slots), 0);
      return std::nullopt;
    }
    case Kind::router_alert:  // RFC 2113
      out.kind = 148;
      append(out.data, or_else(in.value, 0), 2);
      return std::nullopt;
    case Kind::other:
      out.kind = static_cast<std::uint8_t>(or_else(in.value, 0));
      if (in.data.has_value()) out.data = in.data->octets;
      if (in.length.has_value()) out.length = in.length->u8();
      return std::nullopt;
  }
  return std::nullopt;
}

// RFC 8200, 4.2.
void ipv6_option(const script::Ipv6Option& in, Buffer& octets) {
  using Kind = script::Ipv6OptionKind;
  switch (in.kind) {
    case Kind::pad1: octets.push_back(0); return;
    case Kind::padn: {
      const std::uint64_t size = or_else(in.value, 0);
      octets.push_back(1);
      append(octets, size, 1);
      octets.resize(octets.size() + (size & 0xff), 0);
      return;
    }
    case Kind::router_alert:  // RFC 2711
      octets.push_back(5);
      octets.push_back(2);
      append(octets, or_else(in.value, 0), 2);
      return;
    case Kind::jumbo:  // RFC 2675
      octets.push_back(0xc2);
      octets.push_back(4);
      append(octets, or_else(in.value, 0), 4);
      return;
    case Kind::other: {
      append(octets, or_else(in.value, 0), 1);
      const Buffer data = in.data.has_value() ? in.data->octets : Buffer{};
      append(octets, or_else(in.length, data.size()), 1);
      octets.insert(octets.end(), data.begin(), data.end());
      return;
    }
  }
}

// Option headers are as long as a multiple of eight octets; PadN fills them up, Pad1 where one
// octet is missing.
void pad_options(Buffer& octets) {
  const std::size_t missing = (8 - (octets.size() + 2) % 8) % 8;
  if (missing == 1) octets.push_back(0);
  if (missing < 2) return;
  octets.push_back(1);
  append(octets, missing - 2, 1);
  octets.resize(octets.size() + missing - 2, 0);
}

std::optional<CraftError> ipv6_extension(const script::Ipv6Extension& in, const Settings& settings,
                                         bool inbound, std::vector<Layer>& out) {
  using Kind = script::Ipv6ExtensionKind;
  switch (in.kind) {
    case Kind::hop_by_hop:
    case Kind::destination: {
      Layer layer(in.kind == Kind::hop_by_hop ? Proto::hop_by_hop : Proto::destination);
      Buffer octets;
      for (const script::Ipv6Option& option : in.options) ipv6_option(option, octets);
      pad_options(octets);
      if (inbound || !in.options.empty()) layer.rest = std::move(octets);
      out.push_back(std::move(layer));
      return std::nullopt;
    }
    case Kind::routing: {
      Layer layer(Proto::routing);
      layer.set(Field::routing_type, or_else(in.number, 0));
      layer.set(Field::routing_segments_left, or_else(in.segments_left, in.addresses.size()));
      Buffer octets;
      if (in.data.has_value()) {
        octets = in.data->octets;
      } else {
        octets.resize(4, 0);
        for (const script::Address& one : in.addresses) {
          const auto address = resolve(one, settings);
          if (!address.has_value() || !address->is_v6()) {
            return CraftError{false, "a routing header needs IPv6 addresses"};
          }
          append(octets, *address);
        }
      }
      layer.rest = std::move(octets);
      out.push_back(std::move(layer));
      return std::nullopt;
    }
    case Kind::fragment: {
      Layer layer(Proto::fragment);
      if (inbound || in.id.has_value()) layer.set(Field::fragment_id, or_else(in.id, 0));
      layer.set(Field::fragment_offset, or_else(in.offset, 0) / 8);
      layer.set(Field::fragment_mf, in.more_fragments ? 1 : 0);
      out.push_back(std::move(layer));
      return std::nullopt;
    }
    case Kind::other:
      return CraftError{true,
                        "extension headers of other kinds are not supported; use "
                        "`ip proto N` with octets"};
  }
  return std::nullopt;
}

}  // namespace

std::optional<CraftError> apply_ip_info(const script::IpInfo& info, const Settings& settings,
                                        bool inbound, Layer& ip, std::vector<Layer>& extensions) {
  const bool v4 = ip.proto == Proto::ipv4;
  const auto set = [&ip](const std::optional<script::Number>& number, Field field,
                         std::uint64_t divisor = 1) {
    if (number.has_value()) {
      ip.set(field, Wide{static_cast<std::uint64_t>(number->value) / divisor});
    }
  };
  set(info.tos, v4 ? Field::ipv4_tos : Field::ipv6_traffic_class);
  set(info.dscp, v4 ? Field::ipv4_dscp : Field::ipv6_dscp);
  set(info.ttl, v4 ? Field::ipv4_ttl : Field::ipv6_hop_limit);
  set(info.protocol, v4 ? Field::ipv4_protocol : Field::ipv6_next_header);
  if (info.ecn.has_value()) {
    // ect01 is a choice of two, which the caller resolves when it sees the packet.
    if (const auto bits = ecn_bits(*info.ecn))
      ip.set(v4 ? Field::ipv4_ecn : Field::ipv6_ecn, *bits);
  }
  if (!v4) {
    // packetdrill compares an expected flow label with the one before, not by its value.
    if (inbound || settings.strict) set(info.flow_label, Field::ipv6_flow_label);
    for (const script::Ipv6Extension& one : info.extensions) {
      if (auto error = ipv6_extension(one, settings, inbound, extensions)) return error;
    }
    return std::nullopt;
  }
  set(info.id, Field::ipv4_id);
  set(info.offset, Field::ipv4_offset, 8);
  if (info.dont_fragment.has_value()) ip.set(Field::ipv4_df, *info.dont_fragment ? 1 : 0);
  if (info.more_fragments.has_value()) ip.set(Field::ipv4_mf, *info.more_fragments ? 1 : 0);
  if (info.options.empty()) {
    // packetdrill knows no IP options; an unexpected one would change the header's length.
    if (!inbound) ip.options.emplace();
    return std::nullopt;
  }
  ip.options.emplace();
  for (const script::IpOption& one : info.options) {
    if (auto error = ipv4_option(one, settings, ip.options->emplace_back())) return error;
  }
  return std::nullopt;
}

}  // namespace packetwright::engine
