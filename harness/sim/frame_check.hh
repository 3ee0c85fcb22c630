// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "stack/base/bytes.hh"

namespace packetwright::sim {

// The frame check sequence of Ethernet (IEEE 802.3, 3.2.9): the CRC-32 of the frame.
[[nodiscard]] std::uint32_t frame_check_sequence(Bytes frame) noexcept;

}  // namespace packetwright::sim
