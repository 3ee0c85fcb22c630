// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stack/tcp/congestion_avoidance.hh"

namespace packetwright::tcp {

// CUBIC, RFC 9438 (RFC 8312 says the same with other bounds): after congestion the window is 0.7 of
// what it was, comes back to that size along a cubic function of time, waits there, and goes on to
// look for more. In a network where Reno would be quicker it does what Reno does.
//
// Integers only. Time is whole milliseconds and the curve is whole octets: window_at() is at most
// 1 + SMSS / 2500 octets nearer to W_max than the function of the RFC for these milliseconds.
class CubicAvoidance final : public CongestionAvoidance {
 public:
  [[nodiscard]] std::uint32_t reduce(Window window, std::uint32_t flight) override;
  void restart() override;
  [[nodiscard]] std::uint32_t growth(Instant now, std::uint32_t acked, Duration srtt,
                                     Window window) override;
  void pause(Instant now) override;
  void undo() override { state_ = before_; }

  // The greatest integer whose cube is no more than `x`.
  [[nodiscard]] static std::uint32_t cube_root(std::uint64_t x) noexcept;
  // K, equation 2, rounded down to milliseconds: how long the curve takes from `cwnd` to `w_max`.
  [[nodiscard]] static std::int64_t plateau_after(std::uint32_t w_max, Window window) noexcept;
  // W_cubic, equation 1, `since_plateau` milliseconds after the plateau, or before it if negative.
  [[nodiscard]] static std::uint32_t window_at(std::int64_t since_plateau, std::uint32_t w_max,
                                               std::uint32_t smss) noexcept;

 private:
  // What a spurious reduction has to give back (4.9).
  struct State {
    std::uint32_t w_max = 0;       // where the window was when congestion was last seen
    std::uint32_t cwnd_prior = 0;  // ... without fast convergence
    bool in_epoch = false;         // congestion avoidance has begun; the rest is set
    bool paused = false;
    bool fell = false;        // the epoch follows a reduction, and not slow start
    Instant epoch_at{};       // when t was zero
    Instant paused_at{};      // t stands still since then
    std::int64_t k = 0;       // milliseconds
    std::uint32_t w_est = 0;  // where Reno would be
  };

  void begin_epoch(Instant now, Window window);

  State state_;
  State before_;  // ... the last reduction
  // Parts of octets that growth() and W_est have not had yet, in units of 1 / cwnd.
  std::uint64_t growth_rest_ = 0;
  std::uint64_t estimate_rest_ = 0;
};

}  // namespace packetwright::tcp
