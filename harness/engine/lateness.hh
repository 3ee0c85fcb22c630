// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "harness/engine/outcome.hh"
#include "stack/base/instant.hh"

namespace packetwright::engine {

// Adds up how far the harness is behind its script on a real clock. Between two waits it should
// need no time, and a wait should end when it is due: whatever it takes beyond that is lateness.
// The timers of the stack have gone on meanwhile, so it never shrinks.
class LatenessMeter {
 public:
  // Counting starts here: the script begins, or something that took its time on the script's order
  // (a shell command) has ended.
  void start(Instant now) noexcept { since_ = now; }
  // A wait begins, or the run ends. `line` is that of the event at which it happens.
  void wait(Instant now, std::uint32_t line) noexcept { add(now - since_, now, line); }
  // The wait is over. `due`: when the frame came that ended it, or the time that was waited for.
  void wake(Instant now, Instant due, std::uint32_t line) noexcept {
    add(now - std::max(due, since_), now, line);
  }

  [[nodiscard]] const Lateness& sum() const noexcept { return sum_; }

 private:
  void add(Duration late, Instant now, std::uint32_t line) noexcept {
    since_ = now;
    late = std::max(late, Duration{0});
    sum_.total += late;
    if (late <= sum_.worst) return;
    sum_.worst = late;
    sum_.line = line;
  }

  Lateness sum_;
  Instant since_;
};

}  // namespace packetwright::engine
