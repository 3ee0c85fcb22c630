// SPDX-License-Identifier: Apache-2.0
#include "harness/sim/frame_check.hh"

#include <array>

namespace packetwright::sim {
namespace {

// The remainder of each octet by the polynomial of IEEE 802.3, bits in the order of the wire.
constexpr std::array<std::uint32_t, 256> make_table() noexcept {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t octet = 0; octet < table.size(); ++octet) {
    std::uint32_t remainder = octet;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? 0xedb88320u : 0u);
    }
    table[octet] = remainder;
  }
  return table;
}

constexpr std::array<std::uint32_t, 256> kTable = make_table();

}  // namespace

std::uint32_t frame_check_sequence(Bytes frame) noexcept {
  std::uint32_t remainder = 0xffffffff;
  for (const std::uint8_t octet : frame) {
    remainder = (remainder >> 8) ^ kTable[(remainder ^ octet) & 0xff];
  }
  return ~remainder;
}

}  // namespace packetwright::sim
