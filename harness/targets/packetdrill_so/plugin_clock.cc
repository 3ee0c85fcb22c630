// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/packetdrill_so/plugin_clock.hh"

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace packetwright::packetdrill_so {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kTrialMicros = 20'000;
constexpr int kTrials = 3;
// More than this at once does not fit into a useconds_t.
constexpr std::int64_t kLongestSleep = 1'000'000'000;

std::int64_t host_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return std::int64_t{now.tv_sec} * kMicrosPerSecond + now.tv_nsec / 1000;
}

void host_sleep(std::int64_t microseconds) {
  timespec rest{static_cast<std::time_t>(microseconds / kMicrosPerSecond),
                static_cast<long>(microseconds % kMicrosPerSecond * 1000)};
  while (clock_nanosleep(CLOCK_MONOTONIC, 0, &rest, &rest) == EINTR) {
  }
}

}  // namespace

std::int64_t PluginClock::read() const {
  const packetdrill_interface& slots = plugin_.slots();
  if (slots.gettimeofday == nullptr) return host_clock(CLOCK_REALTIME);
  timeval now{};
  slots.gettimeofday(slots.userdata, &now, nullptr);
  return std::int64_t{now.tv_sec} * kMicrosPerSecond + now.tv_usec;
}

void PluginClock::sleep(std::int64_t microseconds) const {
  const packetdrill_interface& slots = plugin_.slots();
  if (slots.usleep == nullptr) return host_sleep(microseconds);
  while (microseconds > 0) {
    const std::int64_t part = std::min(microseconds, kLongestSleep);
    slots.usleep(slots.userdata, static_cast<useconds_t>(part));
    microseconds -= part;
  }
}

Result<targets::ClockKind, std::string> PluginClock::kind() const {
  std::int64_t counted = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    const std::int64_t before = read();
    const std::int64_t host_before = host_clock(CLOCK_MONOTONIC);
    sleep(kTrialMicros);
    const std::int64_t host_passed = host_clock(CLOCK_MONOTONIC) - host_before;
    counted = read() - before;
    const bool counts = counted >= kTrialMicros;
    // A real clock cannot be early. A virtual one may look late on a busy host, so it gets several
    // chances.
    if (counts && host_passed < kTrialMicros / 2) return targets::ClockKind::virtual_time;
    if (counts && host_passed >= kTrialMicros && trial + 1 == kTrials) {
      return targets::ClockKind::real_time;
    }
  }
  if (counted >= kTrialMicros / 2) return targets::ClockKind::real_time;
  return Err{"usleep(" + std::to_string(kTrialMicros) +
             ") of the plug-in moves its gettimeofday() by " + std::to_string(counted) +
             " microseconds: they are not one clock"};
}

}  // namespace packetwright::packetdrill_so
