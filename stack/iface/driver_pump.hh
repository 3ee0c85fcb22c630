// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "stack/base/bytes.hh"
#include "stack/base/instant.hh"
#include "stack/iface/driver.hh"
#include "stack/iface/stack.hh"

namespace packetwright::iface {

// Joins a stack to its driver: all that a program has to do with the two, but to call it in time.
//
//   for (;;) {
//     pump.run(now());
//     ... socket calls; after them pump.run(now()) once more, for what they want sent
//     wait until the driver has a frame, stack.next_deadline(), or, if pump.has_unsent(), room
//   }
class DriverPump {
 public:
  // Both outlive this object, and are used by no other pump.
  DriverPump(Stack& stack, Driver& driver) noexcept : stack_(stack), driver_(driver) {}

  // Tells the stack of the link, of what arrived and of the time, and hands the driver what there
  // is to send. Takes in a bounded number of frames, so that a flood cannot keep the program from
  // anything else. How much was done, in frames and deadlines; 0: there was nothing to do.
  std::size_t run(Instant now);

  // The driver had no room: call run() when it has.
  [[nodiscard]] bool has_unsent() const noexcept { return unsent_; }

 private:
  std::size_t receive(Instant now);
  std::size_t transmit();

  Stack& stack_;
  Driver& driver_;
  Buffer arrived_, departing_;
  bool unsent_ = false;  // departing_ is to be sent
};

}  // namespace packetwright::iface
