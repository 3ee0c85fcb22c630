// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/ipv4.hh"

namespace packetwright::wire {

Ipv4Fields Ipv4Fields::from(const Ipv4View& view) noexcept {
  Ipv4Fields fields;
  fields.version = view.version();
  fields.ihl = view.ihl();
  fields.tos = view.tos();
  fields.total_length = view.total_length();
  fields.id = view.id();
  fields.reserved_flag = view.reserved_flag();
  fields.df = view.df();
  fields.mf = view.mf();
  fields.fragment_offset = view.fragment_offset();
  fields.ttl = view.ttl();
  fields.protocol = view.protocol();
  fields.checksum = view.checksum();
  fields.src = view.src();
  fields.dst = view.dst();
  fields.options = view.options();
  return fields;
}

void Ipv4Fields::set_lengths(std::size_t payload_size) noexcept {
  ihl = static_cast<std::uint8_t>(encoded_size() / 4);
  total_length = static_cast<std::uint16_t>(encoded_size() + payload_size);
}

void Ipv4Fields::set_checksum() noexcept {
  checksum = Checksum{}
                 .add_u16(first_word())
                 .add_u16(total_length)
                 .add_u16(id)
                 .add_u16(flags_and_offset())
                 .add_u16(ttl_and_protocol())
                 .add_u32(src.v4_value())
                 .add_u32(dst.v4_value())
                 .add(options)
                 .value();
}

void Ipv4Fields::emit(MutableBytes out) const noexcept {
  PW_ASSERT(out.size() >= kIpv4HeaderSize);
  store_be16(out, 0, first_word());
  store_be16(out, 2, total_length);
  store_be16(out, 4, id);
  store_be16(out, 6, flags_and_offset());
  store_be16(out, 8, ttl_and_protocol());
  store_be16(out, 10, checksum);
  store_be32(out, 12, src.v4_value());
  store_be32(out, 16, dst.v4_value());
  store_bytes(out, kIpv4HeaderSize, options);
}

bool operator==(const Ipv4Fields& a, const Ipv4Fields& b) noexcept {
  return a.version == b.version && a.ihl == b.ihl && a.tos == b.tos &&
         a.total_length == b.total_length && a.id == b.id && a.reserved_flag == b.reserved_flag &&
         a.df == b.df && a.mf == b.mf && a.fragment_offset == b.fragment_offset && a.ttl == b.ttl &&
         a.protocol == b.protocol && a.checksum == b.checksum && a.src == b.src && a.dst == b.dst &&
         same_octets(a.options, b.options);
}

void fill_ipv4_checksum(MutableBytes header) noexcept {
  store_be16(header, 10, 0);
  store_be16(header, 10, internet_checksum(header));
}

}  // namespace packetwright::wire
