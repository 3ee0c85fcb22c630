// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/byte_ring.hh"

#include <algorithm>
#include <bit>
#include <utility>

namespace packetwright::tcp {

void ByteRing::grow(std::size_t needed) {
  constexpr std::size_t kSmallest = 1024;
  const std::size_t size = std::bit_ceil(std::max(needed, kSmallest));
  PW_ASSERT(size <= 0x8000'0000);
  auto larger = std::make_unique_for_overwrite<std::uint8_t[]>(size);
  read(0, MutableBytes{larger.get(), used_});
  memory_ = std::move(larger);
  size_ = static_cast<std::uint32_t>(size);
  front_ = 0;
}

void ByteRing::write(std::size_t offset, Bytes from) {
  if (from.empty()) return;
  const std::size_t end = offset + from.size();
  if (end > size_) grow(end);
  used_ = std::max(used_, static_cast<std::uint32_t>(end));
  const std::size_t at = (front_ + offset) & (size_ - 1);
  const std::size_t before_wrap = std::min(from.size(), size_ - at);
  store_bytes(octets(), at, from.first(before_wrap));
  store_bytes(octets(), 0, from.subspan(before_wrap));
}

void ByteRing::read(std::size_t offset, MutableBytes into) const {
  if (into.empty()) return;
  PW_ASSERT(offset + into.size() <= used_);
  const std::size_t at = (front_ + offset) & (size_ - 1);
  const std::size_t before_wrap = std::min(into.size(), size_ - at);
  store_bytes(into, 0, octets().subspan(at, before_wrap));
  store_bytes(into, before_wrap, octets().first(into.size() - before_wrap));
}

void ByteRing::drop_front(std::size_t count) {
  PW_ASSERT(count <= used_);
  used_ -= static_cast<std::uint32_t>(count);
  if (size_ > 0) front_ = (front_ + static_cast<std::uint32_t>(count)) & (size_ - 1);
}

void ByteRing::release() {
  memory_.reset();
  size_ = front_ = used_ = 0;
}

}  // namespace packetwright::tcp
