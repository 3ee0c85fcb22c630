// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/rto.hh"

#include <algorithm>

namespace packetwright::tcp {

void RtoEstimator::sample(Duration rtt, std::uint32_t samples_per_rtt) {
  if (!has_sample_) {
    //= RFC6298-2.2
    srtt_ = rtt;
    rttvar_ = rtt / 2;
    has_sample_ = true;
  } else {
    //= RFC6298-2.3
    //= RFC6298-2.3-b
    // RTTVAR first: it uses the SRTT of before.
    const Duration deviation = srtt_ > rtt ? srtt_ - rtt : rtt - srtt_;
    if (samples_per_rtt <= 1) {
      // The usual case, without a division by what is not known beforehand.
      rttvar_ += (deviation - rttvar_) / 4;
      srtt_ += (rtt - srtt_) / 8;
    } else {
      const std::int64_t samples = samples_per_rtt;
      rttvar_ += (deviation - rttvar_) / (4 * samples);
      srtt_ += (rtt - srtt_) / (8 * samples);
    }
  }
  //= RFC6298-2.4
  //= RFC6298-4-a
  const Duration least = std::max(config_.clock_granularity, config_.min_rto_variation);
  const Duration computed = srtt_ + std::max(least, 4 * rttvar_);
  rto_ = std::clamp(computed, config_.min_rto, config_.max_rto);
}

void RtoEstimator::back_off() {
  //= RFC6298-2.5
  rto_ = std::min(rto_ * 2, config_.max_rto);
}

void RtoEstimator::data_begins_after_lost_syn() {
  constexpr Duration kCautious = 3s;
  rto_ = std::max(config_.initial_rto, kCautious);
}

}  // namespace packetwright::tcp
