// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/segment.hh"

namespace packetwright::tcp {

std::size_t Options::encoded_size() const noexcept {
  std::size_t octets = 0;
  if (mss) octets += 4;
  if (timestamps) {
    octets += 12;  // 10, behind two NOPs or the two octets of SACK-permitted
  } else if (sack_permitted) {
    octets += 4;
  }
  if (window_scale) octets += 4;
  if (sack_count > 0) octets += 4 + 8 * std::size_t{sack_count};
  if (user_timeout) octets += 4;
  if (fast_open) {
    const std::size_t option = 2 + (fast_open->experimental ? 2u : 0u) + fast_open->size;
    octets += (option + 3) / 4 * 4;
  }
  return octets;
}

}  // namespace packetwright::tcp
