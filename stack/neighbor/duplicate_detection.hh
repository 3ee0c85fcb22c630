// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "stack/base/bytes.hh"
#include "stack/base/deadline.hh"
#include "stack/base/instant.hh"
#include "stack/base/rng.hh"

namespace packetwright::neighbor {

struct DetectionConfig {
  std::uint8_t transmits = 1;  // RFC 4862, 5.1: DupAddrDetectTransmits; 0: use addresses at once
  Duration max_delay = 1s;     // RFC 4861, 10: MAX_RTR_SOLICITATION_DELAY
};

struct DetectionActions {
  bool solicit = false;    // ask whether anybody has the address
  bool ready = false;      // the address may be used from now on
  bool duplicate = false;  // it was never used, and must not be
};

enum class DetectionState : std::uint8_t { tentative, assigned, duplicate };

// The beginning of the life of one IPv6 address of ours: duplicate address detection (RFC 4862,
// 5.4). Once it is assigned nobody defends it; the text leaves that open.
class DuplicateDetection {
 public:
  // What comes back to us of what we asked, from a loop in the network, is told from a question of
  // somebody else by a number in it, the Nonce option (RFC 3971, 5.3.2).
  using Nonce = std::array<std::uint8_t, 6>;

  explicit DuplicateDetection(const DetectionConfig& config) : config_(config) {}

  [[nodiscard]] DetectionActions start(Instant now, Rng& rng);
  // `retrans_timer`: the one of the link, between two questions and after the last.
  [[nodiscard]] DetectionActions on_deadline(Instant now, Duration retrans_timer);
  // Somebody else has the address, or asks for it in order to use it.
  [[nodiscard]] DetectionActions on_conflict();

  [[nodiscard]] DetectionState state() const noexcept { return state_; }
  [[nodiscard]] const Nonce& nonce() const noexcept { return nonce_; }
  // Whether this is the nonce of a question that was sent.
  [[nodiscard]] bool is_own(Bytes nonce) const noexcept;
  [[nodiscard]] Deadline next_deadline() const noexcept { return deadline_; }

 private:
  DetectionConfig config_;
  DetectionState state_ = DetectionState::tentative;
  std::uint8_t sent_ = 0;
  Nonce nonce_{};  // of all questions about this address
  Deadline deadline_;
};

}  // namespace packetwright::neighbor
