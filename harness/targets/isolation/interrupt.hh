// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>

namespace packetwright::isolation {

// While it lives, the first SIGINT, SIGTERM and SIGHUP are remembered instead of ending the
// process; a second one does what it did before. They are blocked except in ppoll() with
// open_mask(), so that none can slip through between looking and waiting. A signal that was ignored
// stays ignored. One at a time.
class InterruptWatch {
 public:
  InterruptWatch();
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  // Takes pending signals in, then says whether there was one.
  [[nodiscard]] bool interrupted() const;
  // The mask with which to wait.
  [[nodiscard]] const sigset_t& open_mask() const { return before_; }
  // In a forked child: puts everything back as if there had been no watch.
  void undo() const;

 private:
  sigset_t before_{};
  struct sigaction interrupt_before_{};
  struct sigaction terminate_before_{};
  struct sigaction hang_up_before_{};
};

}  // namespace packetwright::isolation
