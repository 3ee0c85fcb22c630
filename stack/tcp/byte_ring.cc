// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/byte_ring.hh"

#include <algorithm>
#include <bit>
#include <utility>

namespace packetwright::tcp {

void ByteRing::grow(std::size_t needed) {
  constexpr std::size_t kSmallest = 1024;
  Buffer larger(std::bit_ceil(std::max(needed, kSmallest)));
  read(0, MutableBytes{larger}.first(used_));
  memory_ = std::move(larger);
  front_ = 0;
}

void ByteRing::write(std::size_t offset, Bytes from) {
  if (from.empty()) return;
  const std::size_t end = offset + from.size();
  if (end > memory_.size()) grow(end);
  used_ = std::max(used_, end);
  const std::size_t at = (front_ + offset) & (memory_.size() - 1);
  const std::size_t before_wrap = std::min(from.size(), memory_.size() - at);
  store_bytes(memory_, at, from.first(before_wrap));
  store_bytes(memory_, 0, from.subspan(before_wrap));
}

void ByteRing::read(std::size_t offset, MutableBytes into) const {
  if (into.empty()) return;
  PW_ASSERT(offset + into.size() <= used_);
  const std::size_t at = (front_ + offset) & (memory_.size() - 1);
  const std::size_t before_wrap = std::min(into.size(), memory_.size() - at);
  store_bytes(into, 0, Bytes{memory_}.subspan(at, before_wrap));
  store_bytes(into, before_wrap, Bytes{memory_}.first(into.size() - before_wrap));
}

void ByteRing::drop_front(std::size_t count) {
  PW_ASSERT(count <= used_);
  used_ -= count;
  if (!memory_.empty()) front_ = (front_ + count) & (memory_.size() - 1);
}

void ByteRing::release() {
  Buffer{}.swap(memory_);
  front_ = 0;
  used_ = 0;
}

}  // namespace packetwright::tcp
