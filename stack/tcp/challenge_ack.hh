// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "stack/base/instant.hh"

namespace packetwright::tcp {

// The throttle of RFC 5961, 7: so many challenge ACKs in so long a time, over all connections of a
// stack. A timestamp and a counter; no timer.
class ChallengeAckThrottle {
 public:
  ChallengeAckThrottle(Duration window, std::uint32_t limit) : window_(window), limit_(limit) {}

  //= RFC5961-7-a
  //= RFC5961-7-b
  // True if one more may be sent now; it then counts.
  [[nodiscard]] bool allow(Instant now);

 private:
  Duration window_;
  std::uint32_t limit_;
  Instant window_start_{};
  std::uint32_t sent_ = 0;
};

}  // namespace packetwright::tcp
