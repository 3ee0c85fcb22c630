// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "stack/base/instant.hh"
#include "stack/base/rng.hh"

namespace packetwright::tcp {

// The throttle of RFC 5961, 7: so many challenge ACKs in so long a time. A timestamp and a counter;
// no timer. Each connection has one.
class ChallengeAckThrottle {
 public:
  //= RFC5961-7-a
  //= RFC5961-7-b
  // True if one more may be sent now; it then counts.
  [[nodiscard]] bool allow(Instant now, Duration window, std::uint32_t limit) noexcept;
  // The next allow() begins a new window of time.
  [[nodiscard]] bool starts_window(Instant now, Duration window) const noexcept {
    return now - window_start_ >= window;
  }

 private:
  Instant window_start_{};
  std::uint32_t sent_ = 0;
};

// The throttle over all connections of a stack. A stranger with a connection of his own could count
// what is left of a shared allowance, and so learn what others were sent (CVE-2016-5696): each
// window of time has an allowance of its own, from half of the limit to half as much again.
class SharedChallengeAckThrottle {
 public:
  SharedChallengeAckThrottle(Duration window, std::uint32_t limit, Rng rng)
      : window_(window), limit_(limit), rng_(rng) {}

  [[nodiscard]] bool allow(Instant now) noexcept;

 private:
  Duration window_;
  std::uint32_t limit_;
  Rng rng_;
  ChallengeAckThrottle throttle_;
  bool begun_ = false;
  std::uint32_t allowance_ = 0;
};

}  // namespace packetwright::tcp
