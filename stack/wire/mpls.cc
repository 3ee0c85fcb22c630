// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/mpls.hh"

namespace packetwright::wire {

void MplsEntry::emit(MutableBytes out) const noexcept {
  store_be32(
      out, 0,
      (label << 12) | ((traffic_class & 7u) << 9) | (bottom ? 0x100u : 0u) | std::uint32_t{ttl});
}

}  // namespace packetwright::wire
