// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace packetwright::inline base {

// A clock that cannot be read: it has no now(). Time reaches every function as an argument.
struct StackClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<StackClock, duration>;
  static constexpr bool is_steady = true;
};

using Duration = std::chrono::nanoseconds;  // signed, 64 bit: about 292 years either way
using Instant = StackClock::time_point;     // nanoseconds since the stack was made

using namespace std::chrono_literals;  // 200ms, 4us, 1s read as the RFCs write them

// Nanoseconds since the epoch of the stack.
[[nodiscard]] constexpr std::int64_t nanos(Instant at) noexcept {
  return at.time_since_epoch().count();
}

[[nodiscard]] constexpr Instant instant_at(std::int64_t nanoseconds) noexcept {
  return Instant{Duration{nanoseconds}};
}

}  // namespace packetwright::inline base
