// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "stack/base/bytes.hh"

namespace packetwright::fuzz {

// Octets in a heap buffer of exactly their size, so that the sanitizer sees a read or write of one
// octet too many. Inputs of the engine stand in larger buffers, where it would go unnoticed.
class ExactBuffer {
 public:
  explicit ExactBuffer(std::size_t size)
      : octets_(std::make_unique<std::uint8_t[]>(size)), size_(size) {}
  explicit ExactBuffer(Bytes from) : ExactBuffer(from.size()) { store_bytes(octets(), 0, from); }

  [[nodiscard]] MutableBytes octets() noexcept { return {octets_.get(), size_}; }
  [[nodiscard]] Bytes octets() const noexcept { return {octets_.get(), size_}; }

 private:
  std::unique_ptr<std::uint8_t[]> octets_;
  std::size_t size_;
};

// Takes the octets of a fuzz input one value after the other. The same input always gives the same
// values; once it is used up, every number is zero and every run of octets empty.
class FuzzInput {
 public:
  explicit FuzzInput(Bytes input) noexcept : rest_(input) {}

  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return rest_.size(); }

  [[nodiscard]] std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(number(1)); }
  [[nodiscard]] std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(number(2)); }
  [[nodiscard]] std::uint32_t u32() noexcept { return static_cast<std::uint32_t>(number(4)); }
  [[nodiscard]] bool flag() noexcept { return (u8() & 1) != 0; }
  // 0 .. bound - 1 for 0 < bound <= 65536. Uneven, which does not matter to a fuzzer, and short,
  // which does: one octet is taken where one is enough.
  [[nodiscard]] std::size_t below(std::size_t bound) noexcept {
    PW_ASSERT(bound > 0 && bound <= 65'536);
    return (bound <= 256 ? u8() : u16()) % bound;
  }
  // `size` octets, or what is left.
  [[nodiscard]] Bytes take(std::size_t size) noexcept {
    const Bytes taken = rest_.first(std::min(size, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  [[nodiscard]] Bytes take_rest() noexcept { return take(rest_.size()); }

 private:
  [[nodiscard]] std::uint32_t number(std::size_t size) noexcept {
    std::uint32_t value = 0;
    const Bytes octets = take(size);
    for (std::size_t i = 0; i < size; ++i) {
      value = (value << 8) | (i < octets.size() ? octets[i] : 0u);
    }
    return value;
  }

  Bytes rest_;
};

}  // namespace packetwright::fuzz
