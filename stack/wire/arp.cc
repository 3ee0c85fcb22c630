// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/arp.hh"

namespace packetwright::wire {

ArpFields ArpFields::from(const ArpView& view) noexcept {
  return {view.hw_type(),    view.proto_type(), view.hw_size(),
          view.proto_size(), view.operation(),  view.sender_mac(),
          view.sender_ip(),  view.target_mac(), view.target_ip()};
}

void ArpFields::emit(MutableBytes out) const noexcept {
  store_be16(out, 0, hw_type);
  store_be16(out, 2, proto_type);
  store_u8(out, 4, hw_size);
  store_u8(out, 5, proto_size);
  store_be16(out, 6, static_cast<std::uint16_t>(operation));
  store_bytes(out, 8, sender_mac.octets);
  store_be32(out, 14, sender_ip.v4_value());
  store_bytes(out, 18, target_mac.octets);
  store_be32(out, 24, target_ip.v4_value());
}

}  // namespace packetwright::wire
