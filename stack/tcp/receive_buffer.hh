// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "stack/base/bytes.hh"
#include "stack/tcp/byte_ring.hh"

namespace packetwright::tcp {

// Text that has arrived: first the part that is in order, which the user may read, then the window,
// in which out-of-order text already lies where it belongs (what is there, Reassembly knows).
class ReceiveBuffer {
 public:
  explicit ReceiveBuffer(std::uint32_t capacity) : capacity_(capacity) {}

  // Stores text `ahead` octets beyond the part in order.
  void store(std::uint32_t ahead, Bytes text) { ring_.write(std::size_t{size_} + ahead, text); }
  // The next `count` octets, stored before, are in order now.
  void commit(std::uint32_t count) noexcept { size_ += count; }
  void copy(std::uint32_t offset, MutableBytes into) const { ring_.read(offset, into); }
  void drop(std::uint32_t count) {
    PW_ASSERT(count <= size_);
    ring_.drop_front(count);
    size_ -= count;
  }
  void release() {
    ring_.release();
    size_ = 0;
  }
  // Octets of memory.
  [[nodiscard]] std::size_t memory() const noexcept { return ring_.memory(); }

  // Octets in order that the user has not read: RCV.USER of RFC 9293, 3.8.6.2.2.
  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
  // RCV.BUFF.
  [[nodiscard]] std::uint32_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] std::uint32_t space() const noexcept {
    return size_ < capacity_ ? capacity_ - size_ : 0;
  }
  void set_capacity(std::uint32_t capacity) noexcept { capacity_ = capacity; }

 private:
  ByteRing ring_;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_;
};

}  // namespace packetwright::tcp
