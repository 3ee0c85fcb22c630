// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <climits>

#include "stack/base/instant.hh"

namespace packetwright::linux_stack {

// How long something on this machine may take yet.
class TimeLimit {
 public:
  explicit TimeLimit(Duration limit) : end_(std::chrono::steady_clock::now() + limit) {}
  [[nodiscard]] bool passed() const { return std::chrono::steady_clock::now() >= end_; }
  // For poll().
  [[nodiscard]] int left_ms() const {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, INT_MAX));
  }

 private:
  std::chrono::steady_clock::time_point end_;
};

}  // namespace packetwright::linux_stack
