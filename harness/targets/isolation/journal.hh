// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace packetwright::isolation {

// Where one worker is, in memory that it shares with the process that watches it: what was last
// written here survives any crash of the worker. All fields are lock-free atomics, so that they may
// be read at any moment of the worker's life or death.
struct JournalSlot {
  static constexpr std::uint64_t kIdle = ~std::uint64_t{0};

  std::atomic<std::uint64_t> job{kIdle};         // the job it is at
  std::atomic<std::int64_t> started_ns{0};       // when that job began (monotonic clock)
  std::atomic<std::uint32_t> line{0};            // the last step it announced
  std::atomic<bool> waits{false};                // the job leaves the processor to others
  std::atomic<std::uint64_t> output_start{0};    // size of its output when the job began
  std::atomic<std::uint64_t> resident_start{0};  // its resident octets when the job began
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

// What a job is given to say how far it has come. Announcing a step costs one store.
class Journal {
 public:
  explicit Journal(JournalSlot& slot) noexcept : slot_(slot) {}

  // The job is now at this line of its script; a crash or a hang is reported with it.
  void step(std::uint32_t line) noexcept { slot_.line.store(line, std::memory_order_relaxed); }
  // The job does nothing but wait for a while (true), or goes on (false).
  void wait(bool waits) noexcept { slot_.waits.store(waits, std::memory_order_relaxed); }

 private:
  JournalSlot& slot_;
};

}  // namespace packetwright::isolation
