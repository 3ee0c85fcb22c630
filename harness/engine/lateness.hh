// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "harness/script/source.hh"
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
  // A wait begins, or the run ends. `where` is the event at which it happens.
  void wait(Instant now, const script::Location& where) noexcept { add(now - since_, now, where); }
  // The wait is over. `due`: when the frame came that ended it, or the time that was waited for.
  void wake(Instant now, Instant due, const script::Location& where) noexcept {
    add(now - std::max(due, since_), now, where);
  }

  [[nodiscard]] Duration total() const noexcept { return total_; }
  [[nodiscard]] Duration worst() const noexcept { return worst_; }
  // Of the longest delay.
  [[nodiscard]] const script::Location& where() const noexcept { return where_; }

 private:
  void add(Duration late, Instant now, const script::Location& where) noexcept {
    since_ = now;
    late = std::max(late, Duration{0});
    total_ += late;
    if (late <= worst_) return;
    worst_ = late;
    where_ = where;
  }

  Duration total_{0}, worst_{0};
  script::Location where_;
  Instant since_;
};

}  // namespace packetwright::engine
