// SPDX-License-Identifier: Apache-2.0
#include "stack/neighbor/duplicate_detection.hh"

#include <algorithm>

namespace packetwright::neighbor {

DetectionActions DuplicateDetection::start(Instant now, Rng& rng) {
  DetectionActions actions;
  //= RFC4862-5.1-a
  if (config_.transmits == 0) {
    state_ = DetectionState::assigned;
    actions.ready = true;
    return actions;
  }
  rng.fill(nonce_);
  //= RFC4862-5.4.2-c
  // Hosts that hear the same advertisement, or are switched on together, do not all ask at once.
  const auto spread =
      static_cast<std::uint64_t>(std::max<std::int64_t>(config_.max_delay.count(), 0));
  deadline_ = now + Duration{static_cast<std::int64_t>(rng.below(spread + 1))};
  return actions;
}

DetectionActions DuplicateDetection::on_deadline(Instant now, Duration retrans_timer) {
  DetectionActions actions;
  if (!deadline_ || *deadline_ > now) return actions;
  if (sent_ == config_.transmits) {
    state_ = DetectionState::assigned;
    deadline_.reset();
    actions.ready = true;
    return actions;
  }
  ++sent_;
  actions.solicit = true;
  deadline_ = now + retrans_timer;
  return actions;
}

DetectionActions DuplicateDetection::on_conflict() {
  DetectionActions actions;
  if (state_ != DetectionState::tentative) return actions;
  //= RFC4862-5.4.5-a
  state_ = DetectionState::duplicate;
  deadline_.reset();
  actions.duplicate = true;
  return actions;
}

bool DuplicateDetection::is_own(Bytes nonce) const noexcept {
  return sent_ > 0 && same_octets(nonce, nonce_);
}

}  // namespace packetwright::neighbor
