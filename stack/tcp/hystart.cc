// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/hystart.hh"

#include <algorithm>

namespace packetwright::tcp {
namespace {

constexpr Duration kLeastThreshold = 4ms;      // MIN_RTT_THRESH
constexpr Duration kMostThreshold = 16ms;      // MAX_RTT_THRESH
constexpr std::int64_t kThresholdDivisor = 8;  // MIN_RTT_DIVISOR
constexpr std::uint8_t kSamples = 8;           // N_RTT_SAMPLE
constexpr std::uint8_t kRounds = 5;            // CSS_ROUNDS

}  // namespace

void HyStart::begin_round(SeqNum nxt) {
  begun_ = true;
  last_min_ = current_min_;
  current_min_ = kInfinite;
  samples_ = 0;
  round_end_ = nxt;
}

HyStart::Advice HyStart::on_ack(SeqNum una, SeqNum nxt, std::optional<Duration> rtt) {
  if (!begun_) begin_round(nxt);
  if (rtt) {
    current_min_ = std::min(current_min_, *rtt);
    if (samples_ < kSamples) ++samples_;
  }
  if (samples_ >= kSamples) {
    if (conservative_) {
      // The longer round trips were noise.
      if (current_min_ < baseline_) conservative_ = false;
    } else if (last_min_ != kInfinite) {
      const Duration threshold =
          std::clamp(last_min_ / kThresholdDivisor, kLeastThreshold, kMostThreshold);
      if (current_min_ >= last_min_ + threshold) {
        baseline_ = current_min_;
        conservative_ = true;
        conservative_rounds_ = 0;
      }
    }
  }
  if (round_end_ <= una) {
    begin_round(nxt);
    if (conservative_ && ++conservative_rounds_ >= kRounds) return Advice::leave;
  }
  return conservative_ ? Advice::conservative : Advice::slow_start;
}

HyStart::Advice HyStart::on_ack_at_once(SeqNum una, SeqNum nxt, std::optional<Duration> rtt,
                                        bool large) {
  if (!rtt) return Advice::slow_start;
  baseline_ = std::min(baseline_, *rtt);
  if (!large) return Advice::slow_start;
  if (!begun_ || round_end_ < una) begin_round(nxt);
  current_min_ = std::min(current_min_, *rtt);
  if (samples_ < kSamples) {
    ++samples_;
    return Advice::slow_start;
  }
  const Duration threshold =
      std::clamp(baseline_ / kThresholdDivisor, kLeastThreshold, kMostThreshold);
  return current_min_ > baseline_ + threshold ? Advice::leave : Advice::slow_start;
}

}  // namespace packetwright::tcp
