// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/gre.hh"

#include "stack/wire/checksum.hh"

namespace packetwright::wire {

bool GreView::verify_checksum() const noexcept {
  return !has_checksum() || verify_internet_checksum(octets_);
}

GreFields GreFields::from(const GreView& view) noexcept {
  GreFields fields;
  fields.flags = view.flags();
  fields.protocol_type = view.protocol_type();
  fields.checksum = view.checksum();
  fields.reserved1 = view.reserved1().value_or(0);
  fields.key = view.key();
  fields.seq = view.seq();
  return fields;
}

std::size_t GreFields::encoded_size() const noexcept {
  return kGreHeaderSize + (checksum ? 4 : 0) + (key ? 4 : 0) + (seq ? 4 : 0);
}

void GreFields::set_presence() noexcept {
  constexpr std::uint32_t kPresenceBits = 0xb000;
  const std::uint32_t presence =
      (checksum ? 0x8000u : 0u) | (key ? 0x2000u : 0u) | (seq ? 0x1000u : 0u);
  flags = static_cast<std::uint16_t>((flags & ~kPresenceBits) | presence);
}

void GreFields::emit(MutableBytes out) const noexcept {
  store_be16(out, 0, flags);
  store_be16(out, 2, protocol_type);
  std::size_t at = kGreHeaderSize;
  if (checksum) {
    store_be16(out, at, *checksum);
    store_be16(out, at + 2, reserved1);
    at += 4;
  }
  if (key) {
    store_be32(out, at, *key);
    at += 4;
  }
  if (seq) store_be32(out, at, *seq);
}

void fill_gre_checksum(MutableBytes packet) noexcept {
  store_be16(packet, 4, 0);
  store_be16(packet, 4, internet_checksum(packet));
}

}  // namespace packetwright::wire
