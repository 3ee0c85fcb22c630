// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace packetwright::linux_stack {

// Asks for this process to run at the moment it wants to, however busy the machine is: what it does
// late, the stack's timers do not wait for. Nobody needs a right to ask for short turns, which help
// a little; real-time priority, which helps much, is taken where it is permitted. Threads that are
// made later have it too.
void run_promptly() noexcept;

// Undoes that. For a child that is to become another program, which may keep a processor busy.
void run_as_usual() noexcept;

// While one lives, this thread gives way as others do; then it runs promptly. For work at whose end
// threads of the kernel's own are waited for, which have no such priority.
class Unhurried {
 public:
  Unhurried() noexcept { run_as_usual(); }
  ~Unhurried() { run_promptly(); }
  Unhurried(const Unhurried&) = delete;
  Unhurried& operator=(const Unhurried&) = delete;
};

}  // namespace packetwright::linux_stack
