// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/scheduling.hh"

#include <cstdint>

#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace packetwright::linux_stack {
namespace {

// The first version of struct sched_attr, which no header of the library has.
struct SchedulingAttributes {
  std::uint32_t size = sizeof(SchedulingAttributes);
  std::uint32_t policy = SCHED_OTHER;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime_ns = 0;  // of a fair task: how long a turn it asks for; 0: the usual
  std::uint64_t deadline_ns = 0;
  std::uint64_t period_ns = 0;
};
static_assert(sizeof(SchedulingAttributes) == 48);

// The shortest turn there is. Who asks for less gets it sooner (Linux 6.12; before, this is
// ignored).
constexpr std::uint64_t kShortTurnNs = 100'000;

// As whoever started this process wanted it.
const SchedulingAttributes& usual() noexcept {
  static const SchedulingAttributes attributes = [] {
    SchedulingAttributes now;
    syscall(SYS_sched_getattr, 0, &now, sizeof now, 0);
    now.runtime_ns = 0;
    return now;
  }();
  return attributes;
}

bool set(const SchedulingAttributes& attributes) noexcept {
  return syscall(SYS_sched_setattr, 0, &attributes, 0) == 0;
}

}  // namespace

void run_promptly() noexcept {
  // Wake up when asked to, not up to 50 us later.
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  SchedulingAttributes first = usual();
  first.policy = SCHED_RR;
  first.priority = 1;
  if (set(first)) return;
  SchedulingAttributes often = usual();
  often.runtime_ns = kShortTurnNs;
  static_cast<void>(set(often));
}

void run_as_usual() noexcept {
  static_cast<void>(set(usual()));
}

}  // namespace packetwright::linux_stack
