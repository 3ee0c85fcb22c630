// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "stack/base/deadline.hh"
#include "stack/base/instant.hh"

namespace packetwright::tcp {

// The earliest deadline of each connection, earliest first: a binary heap that knows where each
// slot's entry is, so that a deadline can be moved. Equal deadlines come in the order in which they
// were set.
class TimerQueue {
 public:
  // Sets, moves or clears the deadline of a slot.
  void set(std::uint32_t slot, Deadline at);
  [[nodiscard]] Deadline next() const;
  // Takes out the first slot whose deadline is not after `now`; nullopt: none is due.
  [[nodiscard]] std::optional<std::uint32_t> pop_due(Instant now);
  // Octets of memory.
  [[nodiscard]] std::size_t memory() const noexcept {
    return heap_.capacity() * sizeof(Entry) + where_.capacity() * sizeof(std::uint32_t);
  }

 private:
  struct Entry {
    Instant at;
    std::uint64_t order;
    std::uint32_t slot;
  };
  static constexpr std::uint32_t kNowhere = 0xffffffff;

  [[nodiscard]] static bool before(const Entry& a, const Entry& b) noexcept;
  void place(std::size_t i, const Entry& entry);
  void sift_up(std::size_t i, const Entry& entry);
  void sift_down(std::size_t i, const Entry& entry);
  void remove(std::size_t i);

  std::vector<Entry> heap_;
  std::vector<std::uint32_t> where_;  // slot to index in heap_
  std::uint64_t next_order_ = 0;
};

}  // namespace packetwright::tcp
