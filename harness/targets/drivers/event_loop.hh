// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "harness/targets/drivers/tap_driver.hh"
#include "harness/targets/linux/host_clock.hh"
#include "harness/targets/linux/unique_fd.hh"
#include "stack/base/instant.hh"
#include "stack/iface/driver_pump.hh"
#include "stack/iface/stack.hh"

namespace packetwright::drivers {

// Gives a stack the time of the real clock, and its driver the attention that it needs: the outer
// loop of a program with one stack and one thread.
//
//   EventLoop loop{stack, *tap};
//   stack.connect(loop.now(), socket, server);
//   loop.run_until([&] { return stack.poll(socket)->writable; }, 10s);
class EventLoop {
 public:
  enum class Ended : std::uint8_t {
    done,         // the condition holds
    timed_out,    // it did not within the limit
    interrupted,  // SIGINT or SIGTERM asked the program to end
    no_device,    // the device of the driver was removed
  };

  // Both outlive this object. Time begins now. As long as the loop lives SIGINT and SIGTERM end no
  // more than a call of run_until().
  EventLoop(iface::Stack& stack, TapDriver& driver);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // What calls of the stack are to be given; of the monotonic clock.
  [[nodiscard]] Instant now() const { return clock_.now(); }

  // Waits for frames and deadlines and deals with them until `done` says so. It is asked after
  // everything that happens, and may use the stack.
  [[nodiscard]] Ended run_until(const std::function<bool()>& done,
                                std::optional<Duration> limit = std::nullopt);
  // `done` is asked at this time too, once, even if nothing has happened. Of several times the
  // soonest counts; after it, say so again.
  void wake_at(Instant at) {
    if (!wake_at_ || at < *wake_at_) wake_at_ = at;
  }

 private:
  // Until something happens, at most until `end` unless there is work already. What ends the loop.
  [[nodiscard]] std::optional<Ended> wait(bool busy, std::optional<Instant> end);

  iface::Stack& stack_;
  TapDriver& driver_;
  iface::DriverPump pump_;
  linux_stack::HostClock clock_;
  sigset_t blocked_before_{};
  linux_stack::UniqueFd signals_;
  std::optional<Instant> wake_at_;
};

// A sentence for people.
[[nodiscard]] std::string_view explain(EventLoop::Ended ended) noexcept;

}  // namespace packetwright::drivers
