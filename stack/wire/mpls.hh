// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "stack/base/bytes.hh"
#include "stack/wire/parse_error.hh"

namespace packetwright::wire {

inline constexpr std::size_t kMplsEntrySize = 4;
// A bound on the work that one packet can cause; deeper stacks are not seen in practice.
inline constexpr std::size_t kMaxMplsEntries = 16;

// One entry of an MPLS label stack (RFC 3032, 2.1). Any bit pattern.
struct MplsEntry {
  std::uint32_t label = 0;         // 20 bits
  std::uint8_t traffic_class = 0;  // 3 bits (RFC 5462)
  bool bottom = true;              // the S bit
  std::uint8_t ttl = 64;

  [[nodiscard]] std::size_t encoded_size() const noexcept { return kMplsEntrySize; }
  // Writes encoded_size() octets to the front of `out`, which is at least that long.
  void emit(MutableBytes out) const noexcept;

  friend constexpr bool operator==(const MplsEntry&, const MplsEntry&) = default;
};

// A label stack, down to the entry that has the S bit.
class MplsView {
 public:
  [[nodiscard]] static Result<MplsView, ParseError> parse(Bytes packet) noexcept {
    for (std::size_t count = 1; count <= kMaxMplsEntries; ++count) {
      const std::size_t size = count * kMplsEntrySize;
      if (packet.size() < size) {
        return fail(ParseErrc::truncated, Layer::mpls, size - kMplsEntrySize, size, packet.size());
      }
      if ((packet[size - 2] & 1) != 0) return MplsView{packet, count};
    }
    return fail(ParseErrc::too_many, Layer::mpls, kMaxMplsEntries * kMplsEntrySize, kMaxMplsEntries,
                kMaxMplsEntries + 1);
  }

  // 1 or more.
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  // `index` is less than count(); 0 is the top.
  [[nodiscard]] MplsEntry entry(std::size_t index) const noexcept {
    PW_ASSERT(index < count_);
    const std::uint32_t word = load_be32(octets_, index * kMplsEntrySize);
    return {word >> 12, static_cast<std::uint8_t>((word >> 9) & 7), (word & 0x100) != 0,
            static_cast<std::uint8_t>(word)};
  }
  [[nodiscard]] std::size_t header_size() const noexcept { return count_ * kMplsEntrySize; }
  [[nodiscard]] Bytes payload() const noexcept { return octets_.subspan(header_size()); }
  [[nodiscard]] Bytes octets() const noexcept { return octets_; }

 private:
  MplsView(Bytes octets, std::size_t count) noexcept : octets_(octets), count_(count) {}

  Bytes octets_;
  std::size_t count_;
};

}  // namespace packetwright::wire
