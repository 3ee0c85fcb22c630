// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <thread>

#include <sys/types.h>

namespace packetwright::linux_stack {

// What a system call gave: its result, and errno if that was -1.
struct RawOutcome {
  std::int64_t result = 0;
  int error = 0;
};

// A system call that may block, made in a thread of its own. The kernel knows whether the thread
// sleeps in the call, so that "it still blocks" is a fact: nobody waits a while to see.
class BlockingCall {
 public:
  // Starts it, and returns when it has ended or sleeps.
  explicit BlockingCall(std::function<std::int64_t()> call);
  // A call that has not ended is interrupted.
  ~BlockingCall();
  BlockingCall(const BlockingCall&) = delete;
  BlockingCall& operator=(const BlockingCall&) = delete;

  // Its outcome, or nullopt if it sleeps. A call that was just woken up is waited for.
  [[nodiscard]] std::optional<RawOutcome> outcome();

 private:
  // The thread has ended its call, or sleeps in it.
  void settle() const;
  [[nodiscard]] bool sleeps() const;

  std::function<std::int64_t()> call_;
  RawOutcome outcome_;
  std::atomic<pid_t> thread_id_{0};  // set just before the call
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace packetwright::linux_stack
