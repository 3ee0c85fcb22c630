// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/timer_queue.hh"

#include "stack/base/assert.hh"

namespace packetwright::tcp {

bool TimerQueue::before(const Entry& a, const Entry& b) noexcept {
  return a.at != b.at ? a.at < b.at : a.order < b.order;
}

void TimerQueue::place(std::size_t i, const Entry& entry) {
  // Member by member: an entry that has just been written so is not to be read as a whole.
  heap_[i].at = entry.at;
  heap_[i].order = entry.order;
  heap_[i].slot = entry.slot;
  where_[entry.slot] = static_cast<std::uint32_t>(i);
}

void TimerQueue::sift_up(std::size_t i, const Entry& entry) {
  while (i > 0 && before(entry, heap_[(i - 1) / 2])) {
    place(i, heap_[(i - 1) / 2]);
    i = (i - 1) / 2;
  }
  place(i, entry);
}

void TimerQueue::sift_down(std::size_t i, const Entry& entry) {
  for (;;) {
    std::size_t child = 2 * i + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
    if (!before(heap_[child], entry)) break;
    place(i, heap_[child]);
    i = child;
  }
  place(i, entry);
}

void TimerQueue::remove(std::size_t i) {
  where_[heap_[i].slot] = kNowhere;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (i == heap_.size()) return;
  if (i > 0 && before(last, heap_[(i - 1) / 2])) {
    sift_up(i, last);
  } else {
    sift_down(i, last);
  }
}

void TimerQueue::set(std::uint32_t slot, Deadline at) {
  if (slot >= where_.size()) where_.resize(std::size_t{slot} + 1, kNowhere);
  const std::uint32_t i = where_[slot];
  if (!at) {
    if (i != kNowhere) remove(i);
    return;
  }
  if (i != kNowhere) {
    if (heap_[i].at == *at) return;
    Entry entry{*at, next_order_++, slot};
    if (before(entry, heap_[i])) {
      sift_up(i, entry);
    } else {
      sift_down(i, entry);
    }
    return;
  }
  heap_.push_back({});
  sift_up(heap_.size() - 1, {*at, next_order_++, slot});
}

Deadline TimerQueue::next() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().at;
}

std::optional<std::uint32_t> TimerQueue::pop_due(Instant now) {
  if (heap_.empty() || heap_.front().at > now) return std::nullopt;
  const std::uint32_t slot = heap_.front().slot;
  remove(0);
  return slot;
}

}  // namespace packetwright::tcp
