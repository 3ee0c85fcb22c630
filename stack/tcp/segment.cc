// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/segment.hh"

namespace packetwright::tcp {

std::size_t Options::encoded_size() const noexcept {
  std::size_t octets = 0;
  if (mss) octets += 4;
  if (window_scale) octets += 3;
  if (sack_permitted) octets += 2;
  if (timestamps) octets += 10;
  if (sack_count > 0) octets += 2 + 8 * std::size_t{sack_count};
  return (octets + 3) / 4 * 4;
}

}  // namespace packetwright::tcp
