// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/ipv6.hh"

namespace packetwright::wire {

Ipv6Fields Ipv6Fields::from(const Ipv6View& view) noexcept {
  Ipv6Fields fields;
  fields.version = view.version();
  fields.traffic_class = view.traffic_class();
  fields.flow_label = view.flow_label();
  fields.payload_length = view.payload_length();
  fields.next_header = view.next_header();
  fields.hop_limit = view.hop_limit();
  fields.src = view.src();
  fields.dst = view.dst();
  return fields;
}

void Ipv6Fields::set_lengths(std::size_t payload_size) noexcept {
  payload_length = static_cast<std::uint16_t>(payload_size);
}

void Ipv6Fields::emit(MutableBytes out) const noexcept {
  PW_ASSERT(src.is_v6() && dst.is_v6());
  store_be32(out, 0,
             (std::uint32_t{version} << 28) | (std::uint32_t{traffic_class} << 20) |
                 (flow_label & 0x000fffff));
  store_be16(out, 4, payload_length);
  store_u8(out, 6, static_cast<std::uint8_t>(next_header));
  store_u8(out, 7, hop_limit);
  store_bytes(out, 8, src.octets());
  store_bytes(out, 24, dst.octets());
}

}  // namespace packetwright::wire
