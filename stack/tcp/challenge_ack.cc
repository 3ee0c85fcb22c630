// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/challenge_ack.hh"

namespace packetwright::tcp {

bool ChallengeAckThrottle::allow(Instant now) {
  if (now - window_start_ >= window_) {
    window_start_ = now;
    sent_ = 0;
  }
  if (sent_ >= limit_) return false;
  ++sent_;
  return true;
}

}  // namespace packetwright::tcp
