// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

#include "stack/base/bytes.hh"

namespace packetwright::iface {

// Frames that wait for the link, in order and bounded. Buffers go round: what the driver hands in
// with pop() is filled again later, so that a stack that is drained regularly allocates nothing.
class FrameQueue {
 public:
  explicit FrameQueue(std::size_t limit) noexcept : limit_(limit) {}

  [[nodiscard]] bool full() const noexcept { return frames_.size() >= limit_; }
  // An empty buffer at the end of the queue, to be filled at once. Not full().
  [[nodiscard]] Buffer& push() {
    PW_ASSERT(!full());
    if (spare_.empty()) return frames_.emplace_back();
    Buffer& frame = frames_.emplace_back(std::move(spare_.back()));
    spare_.pop_back();
    frame.clear();
    return frame;
  }
  // Puts the oldest frame into `frame`, or says false. What `frame` held is kept for reuse.
  [[nodiscard]] bool pop(Buffer& frame) {
    if (frames_.empty()) return false;
    std::swap(frame, frames_.front());
    if (spare_.size() < kMaxSpare && frames_.front().capacity() > 0) {
      spare_.push_back(std::move(frames_.front()));
    }
    frames_.pop_front();
    return true;
  }
  // Forgets all that wait, and says how many they were.
  std::size_t clear() noexcept {
    const std::size_t count = frames_.size();
    frames_.clear();
    return count;
  }

 private:
  static constexpr std::size_t kMaxSpare = 64;

  std::size_t limit_;
  std::deque<Buffer> frames_;
  std::vector<Buffer> spare_;
};

}  // namespace packetwright::iface
