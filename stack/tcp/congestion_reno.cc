// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/congestion_reno.hh"

#include <algorithm>

namespace packetwright::tcp {

// Equation 4.
//= RFC9293-MUST-19
std::uint32_t RenoAvoidance::reduce(Window window, std::uint32_t flight) {
  acked_in_round_ = 0;
  return std::max(flight / 2, 2 * window.smss);
}

//= RFC5681-3.1-g
// Octets are counted (RFC 3465, 2.1), so that neither delayed nor divided ACKs change the pace.
std::uint32_t RenoAvoidance::growth(Instant, std::uint32_t acked, Duration, Window window) {
  acked_in_round_ += acked;
  if (acked_in_round_ < window.cwnd) return 0;
  acked_in_round_ = std::min(acked_in_round_ - window.cwnd, window.cwnd);
  return window.smss;
}

}  // namespace packetwright::tcp
