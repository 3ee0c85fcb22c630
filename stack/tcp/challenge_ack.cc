// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/challenge_ack.hh"

namespace packetwright::tcp {

bool ChallengeAckThrottle::allow(Instant now, Duration window, std::uint32_t limit) noexcept {
  if (starts_window(now, window)) {
    window_start_ = now;
    sent_ = 0;
  }
  if (sent_ >= limit) return false;
  ++sent_;
  return true;
}

bool SharedChallengeAckThrottle::allow(Instant now) noexcept {
  if (!begun_ || throttle_.starts_window(now, window_)) {
    begun_ = true;
    allowance_ = limit_ / 2 + static_cast<std::uint32_t>(rng_.below(std::uint64_t{limit_} + 1));
  }
  return throttle_.allow(now, window_, allowance_);
}

}  // namespace packetwright::tcp
