// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/congestion_cubic.hh"

#include <algorithm>
#include <chrono>
#include <limits>

namespace packetwright::tcp {
namespace {

// C = 0.4 segments per second cubed.
constexpr std::int64_t kCNumerator = 2;
constexpr std::int64_t kCDenominator = 5;
// beta_cubic = 0.7.
constexpr std::uint64_t kBetaNumerator = 7;
constexpr std::uint64_t kBetaDenominator = 10;
// alpha_cubic = 3 * (1 - beta) / (1 + beta): with it Reno has the same average window (4.3).
constexpr std::uint64_t kAlphaNumerator = 9;
constexpr std::uint64_t kAlphaDenominator = 17;

std::int64_t milliseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace

std::uint32_t CubicAvoidance::cube_root(std::uint64_t x) noexcept {
  constexpr std::uint64_t kMost = 2'642'245;  // the root of 2^64, rounded down
  std::uint64_t root = 0;
  for (std::uint64_t bit = 1u << 21; bit > 0; bit >>= 1) {
    const std::uint64_t candidate = root | bit;
    if (candidate <= kMost && candidate * candidate * candidate <= x) root = candidate;
  }
  return static_cast<std::uint32_t>(root);
}

std::int64_t CubicAvoidance::plateau_after(std::uint32_t w_max, Window window) noexcept {
  if (w_max <= window.cwnd) return 0;
  // Octets below 2^30, times 5 * 10^9: no overflow.
  constexpr std::uint64_t kCubicMilliseconds = 1'000'000'000;
  const std::uint64_t octets = w_max - window.cwnd;
  return cube_root(octets * kCDenominator * kCubicMilliseconds / (kCNumerator * window.smss));
}

std::uint32_t CubicAvoidance::window_at(std::int64_t since_plateau, std::uint32_t w_max,
                                        std::uint32_t smss) noexcept {
  // Five minutes from the plateau every window is either nothing or as large as there are.
  constexpr std::int64_t kFar = 300'000;
  const std::int64_t t = std::clamp(since_plateau, -kFar, kFar);
  // In thousandths of a cubic second, so that the product stays below 2^63.
  const std::int64_t cube = t * t * t / 1'000'000;
  const std::int64_t offset = cube * kCNumerator * smss / (kCDenominator * 1000);
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(w_max + offset, 0, kMost));
}

std::uint32_t CubicAvoidance::reduce(Window window, std::uint32_t flight) {
  before_ = state_;
  // Fast convergence (4.7): who had more before leaves room for a new flow.
  const bool lost_ground = window.cwnd < state_.w_max;
  state_ = {};
  state_.w_max = lost_ground ? static_cast<std::uint32_t>(std::uint64_t{window.cwnd} *
                                                          (kBetaDenominator + kBetaNumerator) /
                                                          (2 * kBetaDenominator))
                             : window.cwnd;
  state_.cwnd_prior = window.cwnd;
  state_.fell = true;
  const std::uint64_t reduced = std::uint64_t{flight} * kBetaNumerator / kBetaDenominator;
  return std::max(static_cast<std::uint32_t>(reduced), 2 * window.smss);
}

// After a timeout (4.8) or slow start (4.10) the plateau is where the curve begins.
void CubicAvoidance::restart() {
  state_.in_epoch = state_.fell = false;
}

void CubicAvoidance::begin_epoch(Instant now, Window window) {
  if (!state_.fell) state_.w_max = state_.cwnd_prior = window.cwnd;
  state_.in_epoch = true;
  state_.paused = false;
  state_.epoch_at = now;
  state_.k = plateau_after(state_.w_max, window);
  state_.w_est = window.cwnd;
  growth_rest_ = estimate_rest_ = 0;
}

// 4.2: the time in which the user had nothing to send is no time.
void CubicAvoidance::pause(Instant now) {
  if (!state_.in_epoch || state_.paused) return;
  state_.paused = true;
  state_.paused_at = now;
}

std::uint32_t CubicAvoidance::growth(Instant now, std::uint32_t acked, Duration srtt,
                                     Window window) {
  if (!state_.in_epoch) begin_epoch(now, window);
  if (state_.paused) state_.epoch_at += now - state_.paused_at;
  state_.paused = false;

  // 4.3, the Reno-friendly region; above the old window as quick as Reno is.
  const bool above = state_.w_est >= state_.cwnd_prior;
  const std::uint64_t numerator = above ? kAlphaDenominator : kAlphaNumerator;
  estimate_rest_ += numerator * acked * window.smss;
  const std::uint64_t one = kAlphaDenominator * window.cwnd;
  state_.w_est += static_cast<std::uint32_t>(estimate_rest_ / one);
  estimate_rest_ %= one;

  const Duration t = now - state_.epoch_at;
  const std::uint32_t here = window_at(milliseconds(t) - state_.k, state_.w_max, window.smss);
  if (here < state_.w_est) return state_.w_est > window.cwnd ? state_.w_est - window.cwnd : 0;

  // 4.4 and 4.5: by the time that the next round is acknowledged, but no more than half as much
  // again.
  const std::uint32_t next =
      window_at(milliseconds(t + srtt) - state_.k, state_.w_max, window.smss);
  const std::uint32_t target = std::clamp(next, window.cwnd, window.cwnd + window.cwnd / 2);
  growth_rest_ += std::uint64_t{target - window.cwnd} * acked;
  const auto octets = static_cast<std::uint32_t>(growth_rest_ / window.cwnd);
  growth_rest_ %= window.cwnd;
  return octets;
}

}  // namespace packetwright::tcp
