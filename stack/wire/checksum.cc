// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/checksum.hh"

#include <bit>
#include <cstring>

namespace packetwright::wire {
namespace {

// The sum of the octets as native 16-bit words, not folded. RFC 1071, 2 (B): the ones' complement
// sum does not care for byte order as long as the result is swapped back.
std::uint64_t sum_native(const std::uint8_t* at, std::size_t size) noexcept {
  std::uint64_t sum = 0;
  while (size >= 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, at, 4);
    sum += word;
    at += 4;
    size -= 4;
  }
  std::uint32_t tail = 0;
  std::memcpy(&tail, at, size);
  return sum + tail;
}

std::uint16_t fold(std::uint64_t sum) noexcept {
  while ((sum >> 16) != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

constexpr std::uint16_t swap(std::uint16_t word) noexcept {
  return static_cast<std::uint16_t>((word << 8) | (word >> 8));
}

// Native words to network order and back.
constexpr std::uint16_t to_network(std::uint16_t word) noexcept {
  return std::endian::native == std::endian::little ? swap(word) : word;
}

}  // namespace

Checksum& Checksum::add(Bytes octets) noexcept {
  if (octets.empty()) return *this;
  std::uint16_t piece = to_network(fold(sum_native(octets.data(), octets.size())));
  // A piece that starts at an odd place has its octets in the other halves of the words.
  if (odd_) piece = swap(piece);
  sum_ += piece;
  odd_ ^= (octets.size() & 1) != 0;
  return *this;
}

Checksum& Checksum::add_u16(std::uint16_t value) noexcept {
  sum_ += odd_ ? swap(value) : value;
  return *this;
}

Checksum& Checksum::add_u32(std::uint32_t value) noexcept {
  add_u16(static_cast<std::uint16_t>(value >> 16));
  return add_u16(static_cast<std::uint16_t>(value));
}

Checksum& Checksum::add_pseudo_header(const IpAddress& src, const IpAddress& dst,
                                      IpProtocol protocol, std::uint32_t length) noexcept {
  PW_ASSERT(src.family() == dst.family());
  // IPv4 has the length in 16 bits and IPv6 in 32; the sum is the same.
  return add(src.octets())
      .add(dst.octets())
      .add_u32(length)
      .add_u16(static_cast<std::uint16_t>(protocol));
}

std::uint16_t Checksum::sum() const noexcept {
  return fold(sum_);
}

std::uint16_t internet_checksum(Bytes octets) noexcept {
  return Checksum{}.add(octets).value();
}

bool verify_internet_checksum(Bytes octets) noexcept {
  return Checksum{}.add(octets).sum() == 0xffff;
}

std::uint16_t update_checksum(std::uint16_t checksum, std::uint16_t from,
                              std::uint16_t to) noexcept {
  // HC' = ~(~HC + ~m + m'), which unlike the older formula never turns into minus zero.
  const auto complement = [](std::uint16_t word) { return static_cast<std::uint16_t>(~word); };
  return complement(fold(std::uint64_t{complement(checksum)} + complement(from) + to));
}

std::uint16_t transport_checksum(Bytes message, const IpAddress& src, const IpAddress& dst,
                                 IpProtocol protocol) noexcept {
  return Checksum{}
      .add_pseudo_header(src, dst, protocol, static_cast<std::uint32_t>(message.size()))
      .add(message)
      .value();
}

}  // namespace packetwright::wire
