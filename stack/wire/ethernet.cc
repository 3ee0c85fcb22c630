// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/ethernet.hh"

namespace packetwright::wire {

void EthernetFields::emit(MutableBytes out) const noexcept {
  store_bytes(out, 0, dst.octets);
  store_bytes(out, 6, src.octets);
  std::size_t at = 12;
  if (vlan) {
    const std::uint32_t control = ((vlan->priority & 7u) << 13) |
                                  (vlan->drop_eligible ? 0x1000u : 0u) |
                                  (vlan->identifier & 0x0fffu);
    store_be16(out, at, static_cast<std::uint16_t>(EtherType::vlan));
    store_be16(out, at + 2, static_cast<std::uint16_t>(control));
    at += kVlanTagSize;
  }
  store_be16(out, at, static_cast<std::uint16_t>(ether_type));
}

}  // namespace packetwright::wire
