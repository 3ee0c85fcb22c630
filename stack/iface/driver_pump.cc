// SPDX-License-Identifier: Apache-2.0
#include "stack/iface/driver_pump.hh"

#include <optional>

namespace packetwright::iface {
namespace {

// A window of 64 KiB in segments for Ethernet, and some more.
constexpr std::size_t kMaxArrivals = 64;

}  // namespace

std::size_t DriverPump::run(Instant now) {
  stack_.set_link(now, driver_.link_up());
  std::size_t done = receive(now);
  if (const auto deadline = stack_.next_deadline(); deadline && *deadline <= now) {
    stack_.on_deadline(now);
    ++done;
  }
  return done + transmit();
}

std::size_t DriverPump::receive(Instant now) {
  std::size_t count = 0;
  while (count < kMaxArrivals && driver_.receive(arrived_)) {
    stack_.on_frame(now, arrived_);
    ++count;
  }
  return count;
}

// What the driver does not take stays here, and what the stack has to say after it waits in the
// stack's own queue, which is bounded.
std::size_t DriverPump::transmit() {
  for (std::size_t count = 0;; ++count) {
    if (!unsent_ && !stack_.next_tx(departing_)) return count;
    unsent_ = !driver_.transmit(departing_);
    if (unsent_) return count;
  }
}

}  // namespace packetwright::iface
