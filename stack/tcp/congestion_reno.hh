// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stack/tcp/congestion_avoidance.hh"

namespace packetwright::tcp {

// RFC 5681, 3.1: half of what was in flight, then a segment for each window.
class RenoAvoidance final : public CongestionAvoidance {
 public:
  [[nodiscard]] std::uint32_t reduce(Window window, std::uint32_t flight) override;
  void restart() override { acked_in_round_ = 0; }
  [[nodiscard]] std::uint32_t growth(Instant now, std::uint32_t acked, Duration srtt,
                                     Window window) override;
  void pause(Instant) override {}
  void undo() override {}

 private:
  std::uint32_t acked_in_round_ = 0;  // octets counted towards the next segment
};

}  // namespace packetwright::tcp
