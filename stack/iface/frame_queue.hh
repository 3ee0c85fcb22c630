// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "stack/base/bytes.hh"

namespace packetwright::iface {

// Frames that wait for the link, in order and bounded: a ring of buffers. They go round: what the
// driver hands in with pop() is filled again later, so that a stack that is drained regularly
// allocates nothing.
class FrameQueue {
 public:
  explicit FrameQueue(std::size_t limit) noexcept : limit_(limit) {}

  [[nodiscard]] bool full() const noexcept { return count_ >= limit_; }
  // A buffer of `size` octets at the end of the queue, all of them to be written at once. The queue
  // is not full().
  [[nodiscard]] Buffer& push(std::size_t size) {
    PW_ASSERT(!full());
    if (count_ == ring_.size()) grow();
    Buffer& frame = ring_[place(count_++)];
    // Short frames and long ones share the buffers, which nobody enlarges later.
    if (frame.capacity() < size) frame.reserve(std::max(size, kRoom));
    frame.resize(size);
    return frame;
  }
  // Puts the oldest frame into `frame`, or says false. What `frame` held is kept for reuse.
  [[nodiscard]] bool pop(Buffer& frame) {
    if (count_ == 0) return false;
    std::swap(frame, ring_[first_]);
    // The last one out leaves its place to the next one in: that memory is the warmest.
    if (--count_ > 0) {
      first_ = place(1);
    } else if (ring_.size() > kKept) {
      ring_ = {};
      first_ = 0;
    }
    return true;
  }
  // Forgets all that wait, and says how many they were.
  std::size_t clear() noexcept {
    ring_ = {};
    first_ = 0;
    return std::exchange(count_, 0);
  }
  // Octets of memory.
  [[nodiscard]] std::size_t memory() const noexcept {
    std::size_t octets = 0;
    for (const Buffer& frame : ring_) octets += sizeof(Buffer) + frame.capacity();
    return octets;
  }

 private:
  static constexpr std::size_t kKept = 256;    // buffers of a queue that is empty
  static constexpr std::size_t kRoom = 1'536;  // octets: a full frame of Ethernet

  [[nodiscard]] std::size_t place(std::size_t i) const noexcept {
    return (first_ + i) & (ring_.size() - 1);
  }
  void grow() {
    std::rotate(ring_.begin(), ring_.begin() + static_cast<std::ptrdiff_t>(first_), ring_.end());
    first_ = 0;
    ring_.resize(std::max<std::size_t>(2 * ring_.size(), 4));
  }

  std::size_t limit_;
  std::vector<Buffer> ring_;  // their number is zero or a power of two
  std::size_t first_ = 0;     // the oldest frame
  std::size_t count_ = 0;     // frames that wait
};

}  // namespace packetwright::iface
