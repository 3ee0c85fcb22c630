// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace packetwright::inline base {

// A TCP sequence number (RFC 9293, 3.4): an integer modulo 2^32. `<` means "before", which holds
// for numbers less than 2^31 apart. It is not an order (a < b < c < a is possible), so there is no
// `<=>` and nothing can be sorted by it.
class SeqNum {
 public:
  constexpr SeqNum() = default;
  constexpr explicit SeqNum(std::uint32_t value) noexcept : value_(value) {}

  [[nodiscard]] constexpr std::uint32_t value() const noexcept { return value_; }

  friend constexpr bool operator==(SeqNum, SeqNum) noexcept = default;
  friend constexpr bool operator<(SeqNum a, SeqNum b) noexcept { return distance(a, b) < 0; }
  friend constexpr bool operator<=(SeqNum a, SeqNum b) noexcept { return distance(a, b) <= 0; }
  friend constexpr bool operator>(SeqNum a, SeqNum b) noexcept { return b < a; }
  friend constexpr bool operator>=(SeqNum a, SeqNum b) noexcept { return b <= a; }

  friend constexpr SeqNum operator+(SeqNum a, std::uint32_t octets) noexcept {
    return SeqNum{a.value_ + octets};
  }
  friend constexpr SeqNum operator-(SeqNum a, std::uint32_t octets) noexcept {
    return SeqNum{a.value_ - octets};
  }
  constexpr SeqNum& operator+=(std::uint32_t octets) noexcept {
    value_ += octets;
    return *this;
  }

  // Octets from `from` up to `to`: b - a as a count, 0 .. 2^32-1.
  friend constexpr std::uint32_t operator-(SeqNum to, SeqNum from) noexcept {
    return to.value_ - from.value_;
  }

 private:
  // a - b as a signed distance, -2^31 .. 2^31-1.
  static constexpr std::int32_t distance(SeqNum a, SeqNum b) noexcept {
    return static_cast<std::int32_t>(a.value_ - b.value_);
  }

  std::uint32_t value_ = 0;
};

[[nodiscard]] constexpr SeqNum max(SeqNum a, SeqNum b) noexcept {
  return a < b ? b : a;
}
[[nodiscard]] constexpr SeqNum min(SeqNum a, SeqNum b) noexcept {
  return b < a ? b : a;
}

// left =< seq < left + size, modulo 2^32.
[[nodiscard]] constexpr bool in_window(SeqNum seq, SeqNum left, std::uint32_t size) noexcept {
  return seq - left < size;
}

}  // namespace packetwright::inline base
