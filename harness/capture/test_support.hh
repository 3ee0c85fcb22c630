// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "harness/capture/byte_order.hh"
#include "harness/capture/reader.hh"
#include "stack/base/bytes.hh"

// Captures put together by hand for the tests of the readers, in either byte order and right or
// wrong on purpose.
namespace packetwright::capture {

class Octets {
 public:
  explicit Octets(ByteOrder order) : order_(order) {}

  Octets& u8(unsigned value) {
    buffer_.push_back(static_cast<std::uint8_t>(value));
    return *this;
  }
  Octets& u16(std::uint32_t value) {
    const unsigned high = value >> 8 & 0xff;
    const unsigned low = value & 0xff;
    return order_ == ByteOrder::big ? u8(high).u8(low) : u8(low).u8(high);
  }
  Octets& u32(std::uint32_t value) {
    const std::uint32_t high = value >> 16;
    const std::uint32_t low = value & 0xffff;
    return order_ == ByteOrder::big ? u16(high).u16(low) : u16(low).u16(high);
  }
  Octets& text(std::string_view octets) {
    buffer_.insert(buffer_.end(), octets.begin(), octets.end());
    return *this;
  }
  Octets& add(const Octets& other) {
    buffer_.insert(buffer_.end(), other.buffer_.begin(), other.buffer_.end());
    return *this;
  }
  // Wraps what is here into a block of pcapng.
  [[nodiscard]] Octets as_block(std::uint32_t type) const {
    const auto total = static_cast<std::uint32_t>(buffer_.size() + 12);
    Octets block{order_};
    return block.u32(type).u32(total).add(*this).u32(total);
  }
  [[nodiscard]] const Buffer& buffer() const { return buffer_; }

 private:
  ByteOrder order_;
  Buffer buffer_;
};

// Reads a copy that lies in an allocation of exactly its size, so that a sanitizer sees a read of
// one octet too many.
class ExactCapture {
 public:
  explicit ExactCapture(Bytes octets)
      : size_(octets.size()), octets_(std::make_unique<std::uint8_t[]>(octets.size())) {
    std::copy(octets.begin(), octets.end(), octets_.get());
  }
  [[nodiscard]] Bytes bytes() const { return {octets_.get(), size_}; }
  [[nodiscard]] Result<Capture, Error> read() const { return read_all(bytes()); }

 private:
  std::size_t size_;
  std::unique_ptr<std::uint8_t[]> octets_;
};

inline std::string_view text_of(const Packet& packet) {
  return {reinterpret_cast<const char*>(packet.octets.data()), packet.octets.size()};
}

}  // namespace packetwright::capture
