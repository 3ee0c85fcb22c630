// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "stack/base/bytes.hh"

namespace packetwright::tcp {

// A window onto a stream of octets that moves right: octets are stored at an offset from its front,
// in any order, and dropped from the front. The memory grows as needed, so that an idle connection
// holds next to none; the user of the ring keeps it within bounds.
class ByteRing {
 public:
  // Stores `from` at offset .. offset + from.size() from the front.
  void write(std::size_t offset, Bytes from);
  // Copies octets that were written before.
  void read(std::size_t offset, MutableBytes into) const;
  // Moves the front; offset `count` becomes offset 0.
  void drop_front(std::size_t count);
  // Forgets everything and frees the memory.
  void release();
  // Octets of memory.
  [[nodiscard]] std::size_t memory() const noexcept { return size_; }

 private:
  void grow(std::size_t needed);
  [[nodiscard]] MutableBytes octets() const noexcept { return {memory_.get(), size_}; }

  // 32 bits each, because every connection has two of these; 2^31 octets are enough.
  std::unique_ptr<std::uint8_t[]> memory_;
  std::uint32_t size_ = 0;   // of the memory: zero or a power of two
  std::uint32_t front_ = 0;  // index of offset 0
  std::uint32_t used_ = 0;   // offsets below this may have been written
};

}  // namespace packetwright::tcp
