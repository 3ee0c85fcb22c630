// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/host_clock.hh"

namespace packetwright::linux_stack {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
constexpr std::int64_t kAfterTick = 250'000;

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * kNanosPerSecond + time.tv_nsec;
}

std::int64_t read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return nanoseconds(now);
}

}  // namespace

void HostClock::restart() {
  zero_ns_ = read_clock(CLOCK_MONOTONIC);
}

void HostClock::await_tick() {
  // The coarse clock moves at each tick only, so its time is that of the last one.
  timespec length{};
  clock_getres(CLOCK_MONOTONIC_COARSE, &length);
  const std::int64_t tick = nanoseconds(length);
  if (tick <= 0) return;
  // A tick that is upon us may be one that has just passed.
  std::int64_t until = read_clock(CLOCK_MONOTONIC_COARSE) + tick + kAfterTick;
  if (until <= read_clock(CLOCK_MONOTONIC)) until += tick;
  const timespec deadline{static_cast<std::time_t>(until / kNanosPerSecond),
                          static_cast<long>(until % kNanosPerSecond)};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nullptr);
}

Instant HostClock::now() const {
  return instant_at(read_clock(CLOCK_MONOTONIC) - zero_ns_);
}

Instant HostClock::from_realtime(const timespec& stamp) const {
  // The distance of the clocks is measured every time: somebody may set the other one.
  const std::int64_t ago = read_clock(CLOCK_REALTIME) - nanoseconds(stamp);
  const Instant present = now();
  return ago < 0 ? present : present - Duration{ago};
}

timespec HostClock::to_monotonic(Instant at) const {
  const std::int64_t ns = zero_ns_ + nanos(at);
  return {static_cast<std::time_t>(ns / kNanosPerSecond), static_cast<long>(ns % kNanosPerSecond)};
}

}  // namespace packetwright::linux_stack
