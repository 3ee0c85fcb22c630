// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "stack/base/instant.hh"

namespace packetwright::tcp {

// The congestion controls that TCP_CONGESTION may name.
enum class CongestionControl : std::uint8_t {
  reno,   // RFC 5681 with the recovery of RFC 6582
  cubic,  // RFC 9438
};

// "reno", "cubic".
[[nodiscard]] std::string_view name_of(CongestionControl control) noexcept;
[[nodiscard]] std::optional<CongestionControl> congestion_control_of(
    std::string_view name) noexcept;

// In what one congestion control differs from another: how far the window falls, and how it rises
// in congestion avoidance. Slow start and the rest is the same for all: class Congestion. A new one
// implements this and gets an enumerator above. All sizes are octets.
class CongestionAvoidance {
 public:
  // The window that an event finds.
  struct Window {
    std::uint32_t cwnd = 0;
    std::uint32_t smss = 1;  // at least 1
  };

  CongestionAvoidance() = default;
  CongestionAvoidance(const CongestionAvoidance&) = delete;
  CongestionAvoidance& operator=(const CongestionAvoidance&) = delete;
  virtual ~CongestionAvoidance() = default;

  // Congestion was seen, by loss or by a mark, with `flight` octets outstanding. Returns the slow
  // start threshold.
  [[nodiscard]] virtual std::uint32_t reduce(Window window, std::uint32_t flight) = 0;
  // The window has fallen below what reduce() said, or was opened by slow start: the next call of
  // growth() begins at whatever size that has led to.
  virtual void restart() = 0;
  // An ACK of `acked` octets at `now`, which the window was the limit for: by how many octets it
  // grows. `srtt`: zero if there is no sample yet.
  [[nodiscard]] virtual std::uint32_t growth(Instant now, std::uint32_t acked, Duration srtt,
                                             Window window) = 0;
  // Something else than the window is the limit from `now` until the next growth().
  virtual void pause(Instant now) = 0;
  // The last reduce() was for nothing.
  virtual void undo() = 0;
};

[[nodiscard]] std::unique_ptr<CongestionAvoidance> make_congestion_avoidance(
    CongestionControl control);

}  // namespace packetwright::tcp
