// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "stack/base/assert.hh"

namespace packetwright::inline base {

using Bytes = std::span<const std::uint8_t>;   // octets to read; never owns them
using MutableBytes = std::span<std::uint8_t>;  // octets to write; never owns them
using Buffer = std::vector<std::uint8_t>;      // octets that are owned

// Native words to network order and back.
[[nodiscard]] constexpr std::uint16_t to_network(std::uint16_t word) noexcept {
  if constexpr (std::endian::native == std::endian::big) return word;
  return static_cast<std::uint16_t>((word << 8) | (word >> 8));
}
[[nodiscard]] constexpr std::uint32_t to_network(std::uint32_t word) noexcept {
  if constexpr (std::endian::native == std::endian::big) return word;
  return (word << 24) | ((word & 0xff00) << 8) | ((word >> 8) & 0xff00) | (word >> 24);
}

// Network byte order, at any alignment. The caller has proved that offset + width fits.
[[nodiscard]] inline std::uint8_t load_u8(Bytes bytes, std::size_t offset) noexcept {
  PW_ASSERT(offset < bytes.size());
  return bytes[offset];
}

[[nodiscard]] inline std::uint16_t load_be16(Bytes bytes, std::size_t offset) noexcept {
  PW_ASSERT(offset + 2 <= bytes.size());
  return static_cast<std::uint16_t>((bytes[offset] << 8) | bytes[offset + 1]);
}

[[nodiscard]] inline std::uint32_t load_be32(Bytes bytes, std::size_t offset) noexcept {
  PW_ASSERT(offset + 4 <= bytes.size());
  return (std::uint32_t{bytes[offset]} << 24) | (std::uint32_t{bytes[offset + 1]} << 16) |
         (std::uint32_t{bytes[offset + 2]} << 8) | std::uint32_t{bytes[offset + 3]};
}

[[nodiscard]] inline std::uint64_t load_be64(Bytes bytes, std::size_t offset) noexcept {
  return (std::uint64_t{load_be32(bytes, offset)} << 32) | load_be32(bytes, offset + 4);
}

inline void store_u8(MutableBytes bytes, std::size_t offset, std::uint8_t value) noexcept {
  PW_ASSERT(offset < bytes.size());
  bytes[offset] = value;
}

inline void store_be16(MutableBytes bytes, std::size_t offset, std::uint16_t value) noexcept {
  PW_ASSERT(offset + 2 <= bytes.size());
  const std::uint16_t word = to_network(value);
  std::memcpy(bytes.data() + offset, &word, sizeof word);
}

inline void store_be32(MutableBytes bytes, std::size_t offset, std::uint32_t value) noexcept {
  PW_ASSERT(offset + 4 <= bytes.size());
  const std::uint32_t word = to_network(value);
  std::memcpy(bytes.data() + offset, &word, sizeof word);
}

inline void store_be64(MutableBytes bytes, std::size_t offset, std::uint64_t value) noexcept {
  store_be32(bytes, offset, static_cast<std::uint32_t>(value >> 32));
  store_be32(bytes, offset + 4, static_cast<std::uint32_t>(value));
}

// Copies all of `from` to `to` at `offset`. The caller has proved that it fits.
inline void store_bytes(MutableBytes to, std::size_t offset, Bytes from) noexcept {
  PW_ASSERT(offset <= to.size() && from.size() <= to.size() - offset);
  if (!from.empty()) std::memcpy(to.data() + offset, from.data(), from.size());
}

// The same octets in the same order.
[[nodiscard]] inline bool same_octets(Bytes a, Bytes b) noexcept {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace packetwright::inline base
