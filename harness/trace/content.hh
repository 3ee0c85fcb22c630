// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "stack/base/bytes.hh"
#include "stack/base/seq_num.hh"

// The text of the streams of a trace. Each octet follows from its place, so that one that arrives
// in another place is noticed, and the same place always has the same octet, however often and in
// whatever pieces it is sent.
namespace packetwright::trace {

// What the peer at `port` sends under this sequence number.
[[nodiscard]] constexpr std::uint8_t peer_octet(std::uint16_t port, SeqNum seq) noexcept {
  const std::uint32_t place = seq.value() * 2'654'435'761u + port;
  return static_cast<std::uint8_t>(place >> 24);
}

// What the application writes to the connection with the peer's `port`, as octet `place` from 0.
[[nodiscard]] constexpr std::uint8_t application_octet(std::uint16_t port,
                                                       std::uint64_t place) noexcept {
  const auto mixed = static_cast<std::uint32_t>((place + 1) * 2'246'822'519u) + port;
  return static_cast<std::uint8_t>(mixed >> 24);
}

[[nodiscard]] Buffer peer_text(std::uint16_t port, SeqNum first, std::size_t size);
[[nodiscard]] Buffer application_text(std::uint16_t port, std::uint64_t first, std::size_t size);

}  // namespace packetwright::trace
