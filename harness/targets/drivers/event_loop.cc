// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/drivers/event_loop.hh"

#include <algorithm>
#include <array>
#include <csignal>
#include <ctime>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "stack/base/assert.hh"

namespace packetwright::drivers {
namespace {

sigset_t requests_to_end() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

timespec to_timespec(Duration duration) {
  const auto ns = std::max<std::int64_t>(duration.count(), 0);
  return {static_cast<std::time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
}

void sooner(std::optional<Instant>& next, std::optional<Instant> other) {
  if (other && (!next || *other < *next)) next = other;
}

}  // namespace

EventLoop::EventLoop(iface::Stack& stack, TapDriver& driver)
    : stack_(stack), driver_(driver), pump_(stack, driver) {
  const sigset_t signals = requests_to_end();
  sigprocmask(SIG_BLOCK, &signals, &blocked_before_);
  signals_ = linux_stack::UniqueFd{signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK)};
  PW_ASSERT(signals_);
}

EventLoop::~EventLoop() {
  sigprocmask(SIG_SETMASK, &blocked_before_, nullptr);
}

EventLoop::Ended EventLoop::run_until(const std::function<bool()>& done,
                                      std::optional<Duration> limit) {
  std::optional<Instant> end;
  if (limit) end = now() + *limit;
  for (;;) {
    pump_.run(now());
    const bool is_done = done();
    // What it wants sent goes out before anything is waited for; what comes in at the same time is
    // a reason to ask again.
    const bool busy = pump_.run(now()) > 0;
    if (is_done) return Ended::done;
    if (end && *end <= now()) return Ended::timed_out;
    if (const auto ended = wait(busy, end)) return *ended;
  }
}

std::optional<EventLoop::Ended> EventLoop::wait(bool busy, std::optional<Instant> end) {
  std::optional<Instant> next = end;
  sooner(next, stack_.next_deadline());
  sooner(next, wake_at_);
  if (busy) next = now();

  const short wanted = pump_.has_unsent() ? POLLIN | POLLOUT : POLLIN;
  std::array<pollfd, 3> polled = {{{driver_.frames_fd(), wanted, 0},
                                   {driver_.link_fd(), POLLIN, 0},
                                   {signals_.get(), POLLIN, 0}}};
  timespec left{};
  if (next) left = to_timespec(*next - now());
  // Interrupted: as if nothing had happened, and the loop goes round.
  if (ppoll(polled.data(), polled.size(), next ? &left : nullptr, nullptr) < 0) return std::nullopt;

  if (wake_at_ && *wake_at_ <= now()) wake_at_.reset();
  if (polled[1].revents != 0) driver_.look_at_link();
  if ((polled[0].revents & POLLERR) != 0) return Ended::no_device;
  if (polled[2].revents != 0) {
    signalfd_siginfo taken;
    static_cast<void>(!::read(signals_.get(), &taken, sizeof taken));
    return Ended::interrupted;
  }
  return std::nullopt;
}

std::string_view explain(EventLoop::Ended ended) noexcept {
  switch (ended) {
    case EventLoop::Ended::done: return "done";
    case EventLoop::Ended::timed_out: return "timed out";
    case EventLoop::Ended::interrupted: return "interrupted";
    case EventLoop::Ended::no_device: return "the device is gone";
  }
  return "";
}

}  // namespace packetwright::drivers
