// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ctime>

#include "stack/base/instant.hh"

namespace packetwright::linux_stack {

// Time since a start, by the monotonic clock. The kernel stamps frames by the other clock, the one
// that can be set, so those stamps are translated.
class HostClock {
 public:
  HostClock() { restart(); }
  // Now is the zero.
  void restart();
  // Sleeps until a little after the kernel's next tick, by which its timers go.
  static void await_tick();

  [[nodiscard]] Instant now() const;
  // A stamp of the real-time clock, taken not long ago.
  [[nodiscard]] Instant from_realtime(const timespec& stamp) const;
  // The same instant for clock_nanosleep(CLOCK_MONOTONIC).
  [[nodiscard]] timespec to_monotonic(Instant at) const;

 private:
  std::int64_t zero_ns_ = 0;
};

}  // namespace packetwright::linux_stack
