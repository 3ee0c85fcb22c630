// SPDX-License-Identifier: Apache-2.0
#include "harness/packet/field.hh"

#include <array>

#include "harness/packet/text.hh"

namespace packetwright::packet {
namespace {

constexpr FieldInfo kFields[] = {
#define PW_X(layer, field, bit, width, form) {Proto::layer, #field, bit, width, Form::form},
    PW_PACKET_FIELDS(PW_X)
#undef PW_X
};

struct Alias {
  Proto proto;
  std::string_view name;
  Field field;
};

// Other words for the same field: the RFC's, or the ones that make a script serve both families.
constexpr Alias kAliases[] = {
    {Proto::ethernet, "ethertype", Field::ethernet_type},
    {Proto::ipv4, "ihl", Field::ipv4_header_length},
    {Proto::ipv4, "reserved_flag", Field::ipv4_reserved},
    {Proto::ipv4, "hop_limit", Field::ipv4_ttl},
    {Proto::ipv4, "proto", Field::ipv4_protocol},
    {Proto::ipv4, "next_header", Field::ipv4_protocol},
    {Proto::ipv4, "traffic_class", Field::ipv4_tos},
    {Proto::ipv4, "fragment_offset", Field::ipv4_offset},
    {Proto::ipv6, "ttl", Field::ipv6_hop_limit},
    {Proto::ipv6, "hlim", Field::ipv6_hop_limit},
    {Proto::ipv6, "tos", Field::ipv6_traffic_class},
    {Proto::ipv6, "proto", Field::ipv6_next_header},
    {Proto::ipv6, "protocol", Field::ipv6_next_header},
    {Proto::ipv6, "flowlabel", Field::ipv6_flow_label},
    {Proto::tcp, "window", Field::tcp_win},
    {Proto::tcp, "urgent_pointer", Field::tcp_urg},
};

}  // namespace

Wide::Wide(const IpAddress& address) noexcept {
  if (address.is_v4()) {
    low = address.v4_value();
  } else {
    high = load_be64(address.octets(), 0);
    low = load_be64(address.octets(), 8);
  }
}

Wide::Wide(const MacAddress& address) noexcept {
  for (const std::uint8_t octet : address.octets) low = (low << 8) | octet;
}

const FieldInfo& info_of(Field field) noexcept {
  return kFields[static_cast<std::size_t>(field)];
}

std::string_view name_of(Proto proto) noexcept {
  switch (proto) {
    case Proto::ethernet: return "ethernet";
    case Proto::arp: return "arp";
    case Proto::ipv4: return "ipv4";
    case Proto::ipv6: return "ipv6";
    case Proto::hop_by_hop: return "hop_by_hop";
    case Proto::routing: return "routing";
    case Proto::fragment: return "fragment";
    case Proto::destination: return "destination";
    case Proto::icmpv4: return "icmpv4";
    case Proto::icmpv6: return "icmpv6";
    case Proto::udp: return "udp";
    case Proto::udplite: return "udplite";
    case Proto::tcp: return "tcp";
    case Proto::gre: return "gre";
    case Proto::mpls: return "mpls";
    case Proto::dns: return "dns";
  }
  return "?";
}

std::string full_name_of(Field field) {
  const FieldInfo& info = info_of(field);
  return std::string(name_of(info.proto)) + "." + std::string(info.name);
}

std::optional<Field> field_named(Proto proto, std::string_view name) noexcept {
  for (std::size_t i = 0; i < std::size(kFields); ++i) {
    if (kFields[i].proto == proto && kFields[i].name == name) return static_cast<Field>(i);
  }
  for (const Alias& alias : kAliases) {
    if (alias.proto == proto && alias.name == name) return alias.field;
  }
  return std::nullopt;
}

std::vector<Field> fields_of(Proto proto) {
  std::vector<Field> fields;
  for (std::size_t i = 0; i < std::size(kFields); ++i) {
    if (kFields[i].proto == proto) fields.push_back(static_cast<Field>(i));
  }
  return fields;
}

std::size_t fixed_size_of(Proto proto) noexcept {
  switch (proto) {
    case Proto::ethernet: return 14;
    case Proto::arp: return 28;
    case Proto::ipv4: return 20;
    case Proto::ipv6: return 40;
    case Proto::hop_by_hop: return 8;
    case Proto::routing: return 8;
    case Proto::fragment: return 8;
    case Proto::destination: return 8;
    case Proto::icmpv4: return 8;
    case Proto::icmpv6: return 8;
    case Proto::udp: return 8;
    case Proto::udplite: return 8;
    case Proto::tcp: return 20;
    case Proto::gre: return 4;
    case Proto::mpls: return 4;
    case Proto::dns: return 12;
  }
  return 0;
}

bool field_fits(Field field, std::size_t size) noexcept {
  const FieldInfo& info = info_of(field);
  return (std::size_t{info.bit} + info.width + 7) / 8 <= size;
}

Wide read_field(Bytes header, Field field) noexcept {
  PW_ASSERT(field_fits(field, header.size()));
  const FieldInfo& info = info_of(field);
  Wide value;
  for (std::size_t bit = info.bit; bit < std::size_t{info.bit} + info.width; ++bit) {
    const std::uint64_t one = (header[bit / 8] >> (7 - bit % 8)) & 1u;
    value.high = (value.high << 1) | (value.low >> 63);
    value.low = (value.low << 1) | one;
  }
  return value;
}

void write_field(MutableBytes header, Field field, Wide value) noexcept {
  PW_ASSERT(field_fits(field, header.size()));
  const FieldInfo& info = info_of(field);
  // From the last bit of the field to its first, that is from the lowest bit of the value up.
  for (std::size_t i = 0; i < info.width; ++i) {
    const std::size_t bit = std::size_t{info.bit} + info.width - 1 - i;
    const std::uint64_t one = i < 64 ? (value.low >> i) & 1 : (value.high >> (i - 64)) & 1;
    const auto mask = static_cast<std::uint8_t>(0x80u >> (bit % 8));
    if (one != 0) {
      header[bit / 8] = static_cast<std::uint8_t>(header[bit / 8] | mask);
    } else {
      header[bit / 8] = static_cast<std::uint8_t>(header[bit / 8] & ~mask);
    }
  }
}

std::string field_text(Field field, Wide value) {
  const FieldInfo& info = info_of(field);
  switch (info.form) {
    case Form::decimal:
    case Form::flag: return std::to_string(value.low);
    case Form::hex: return hex_number(value.low);
    case Form::mac: {
      MacAddress mac;
      for (std::size_t i = 0; i < 6; ++i) {
        mac.octets[i] = static_cast<std::uint8_t>(value.low >> (40 - 8 * i));
      }
      return address_text(mac);
    }
    case Form::ipv4: return address_text(IpAddress::v4(static_cast<std::uint32_t>(value.low)));
    case Form::ipv6: {
      std::array<std::uint8_t, 16> octets{};
      store_be64(octets, 0, value.high);
      store_be64(octets, 8, value.low);
      return address_text(IpAddress::v6(octets));
    }
  }
  return {};
}

}  // namespace packetwright::packet
