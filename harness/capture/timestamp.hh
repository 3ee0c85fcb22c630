// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace packetwright::capture {

// The clock of a pcapng interface: in what units it counts, and from where.
struct Resolution {
  std::uint8_t exponent = 6;  // a unit is base^-exponent seconds; 0 .. 127
  bool power_of_two = false;  // base 2, else base 10
  std::int64_t offset_s = 0;  // added to every timestamp (if_tsoffset)

  // From the octet of the option if_tsresol: the top bit tells the base.
  [[nodiscard]] static constexpr Resolution from_octet(std::uint8_t octet) noexcept {
    return {static_cast<std::uint8_t>(octet & 0x7f), (octet & 0x80) != 0, 0};
  }
};

// Nanoseconds since 1970; what does not fit is the largest or smallest value that does. Units finer
// than a nanosecond are cut off.
[[nodiscard]] std::int64_t to_nanoseconds(std::uint64_t units,
                                          const Resolution& resolution) noexcept;

// The same for a clock that gives seconds and a fraction, as pcap does.
[[nodiscard]] std::int64_t to_nanoseconds(std::uint32_t seconds,
                                          std::uint64_t nanoseconds) noexcept;

}  // namespace packetwright::capture
