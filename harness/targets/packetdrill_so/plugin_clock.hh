// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "harness/targets/packetdrill_so/plugin.hh"
#include "harness/targets/target.hh"
#include "stack/base/result.hh"

namespace packetwright::packetdrill_so {

// The clock that a plug-in offers: its gettimeofday() and its usleep(), in microseconds. What it
// does not offer is the host's.
class PluginClock {
 public:
  explicit PluginClock(const Plugin& plugin) : plugin_(plugin) {}

  [[nodiscard]] std::int64_t read() const;
  void sleep(std::int64_t microseconds) const;

  // Whether it is virtual: whether a sleep that the clock counts in full returns before the host's
  // time has passed. Nothing in the interface says so; it is tried, which takes some 20 ms of a
  // real clock. An error: its two halves do not belong together.
  [[nodiscard]] Result<targets::ClockKind, std::string> kind() const;

 private:
  const Plugin& plugin_;
};

}  // namespace packetwright::packetdrill_so
