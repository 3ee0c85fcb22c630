// SPDX-License-Identifier: Apache-2.0
#include "harness/trace/content.hh"

namespace packetwright::trace {

Buffer peer_text(std::uint16_t port, SeqNum first, std::size_t size) {
  Buffer text(size);
  for (std::size_t i = 0; i < size; ++i) {
    text[i] = peer_octet(port, first + static_cast<std::uint32_t>(i));
  }
  return text;
}

Buffer application_text(std::uint16_t port, std::uint64_t first, std::size_t size) {
  Buffer text(size);
  for (std::size_t i = 0; i < size; ++i) text[i] = application_octet(port, first + i);
  return text;
}

}  // namespace packetwright::trace
