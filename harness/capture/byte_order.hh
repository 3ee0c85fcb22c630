// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "stack/base/assert.hh"
#include "stack/base/bytes.hh"

namespace packetwright::capture {

// Captures are written in the byte order of the host that made them; every section says which.
enum class ByteOrder : std::uint8_t { little, big };

[[nodiscard]] inline std::uint16_t load16(Bytes bytes, std::size_t offset, ByteOrder order) {
  PW_ASSERT(offset + 2 <= bytes.size());
  const unsigned first = bytes[offset];
  const unsigned second = bytes[offset + 1];
  return static_cast<std::uint16_t>(order == ByteOrder::big ? first << 8 | second
                                                            : second << 8 | first);
}

[[nodiscard]] inline std::uint32_t load32(Bytes bytes, std::size_t offset, ByteOrder order) {
  const std::uint32_t first = load16(bytes, offset, order);
  const std::uint32_t second = load16(bytes, offset + 2, order);
  return order == ByteOrder::big ? first << 16 | second : second << 16 | first;
}

[[nodiscard]] inline std::uint64_t load64(Bytes bytes, std::size_t offset, ByteOrder order) {
  const std::uint64_t first = load32(bytes, offset, order);
  const std::uint64_t second = load32(bytes, offset + 4, order);
  return order == ByteOrder::big ? first << 32 | second : second << 32 | first;
}

}  // namespace packetwright::capture
