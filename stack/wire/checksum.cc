// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/checksum.hh"

#include <algorithm>
#include <bit>
#include <cstring>

namespace packetwright::wire {
namespace {

// Four 32-bit lanes; g++ and clang turn this into whatever vector instructions there are.
using Lanes = std::uint32_t __attribute__((vector_size(16)));

constexpr std::size_t kBlock = 2 * sizeof(Lanes);
// Each of the four sums below grows by less than 2^16 per block, so that after this many blocks
// all four of them together are less than 2^32.
constexpr std::size_t kMaxBlocksAtOnce = 0x2000;

template <class Word>
Word load_native(const std::uint8_t* at) noexcept {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// The sum of `blocks` * kBlock octets as native 16-bit words, not folded.
std::uint64_t sum_blocks(const std::uint8_t* at, std::size_t blocks) noexcept {
  Lanes all_a{}, all_b{};    // of 32-bit words, modulo 2^32
  Lanes high_a{}, high_b{};  // of their upper halves, exact
  for (; blocks > 0; --blocks, at += kBlock) {
    const auto a = load_native<Lanes>(at);
    const auto b = load_native<Lanes>(at + sizeof(Lanes));
    all_a += a;
    all_b += b;
    high_a += a >> 16;
    high_b += b >> 16;
  }
  // all = low + 2^16 * high modulo 2^32, which gives low without another operation per word.
  const Lanes sum = (all_a - (high_a << 16)) + high_a + (all_b - (high_b << 16)) + high_b;
  return std::uint64_t{sum[0]} + sum[1] + sum[2] + sum[3];
}

// The sum of the octets as native 16-bit words, not folded. RFC 1071, 2 (B): the ones' complement
// sum does not care for byte order as long as the result is swapped back.
std::uint64_t sum_native(const std::uint8_t* at, std::size_t size) noexcept {
  std::uint64_t sum = 0;
  while (size >= kBlock) {
    const std::size_t blocks = std::min(size / kBlock, kMaxBlocksAtOnce);
    sum += sum_blocks(at, blocks);
    at += blocks * kBlock;
    size -= blocks * kBlock;
  }
  for (; size >= 4; at += 4, size -= 4) sum += load_native<std::uint32_t>(at);
  if (size >= 2) {
    sum += load_native<std::uint16_t>(at);
    at += 2;
  }
  // The last octet is the first of a word whose second is zero.
  if ((size & 1) != 0) {
    sum += std::endian::native == std::endian::little ? *at : std::uint64_t{*at} << 8;
  }
  return sum;
}

}  // namespace

Checksum& Checksum::add(Bytes octets) noexcept {
  if (octets.empty()) return *this;
  std::uint16_t piece = to_network(folded(sum_native(octets.data(), octets.size())));
  // A piece that starts at an odd place has its octets in the other halves of the words.
  if (odd_) piece = swapped(piece);
  sum_ += piece;
  odd_ ^= (octets.size() & 1) != 0;
  return *this;
}

Checksum& Checksum::add_pseudo_header(const IpAddress& src, const IpAddress& dst,
                                      IpProtocol protocol, std::uint32_t length) noexcept {
  PW_ASSERT(src.family() == dst.family());
  if (src.is_v4()) {
    add_u32(src.v4_value()).add_u32(dst.v4_value());
  } else {
    add(src.octets()).add(dst.octets());
  }
  //= RFC8200-8.1-a
  // IPv4 has the length in 16 bits and IPv6 in 32; the sum is the same.
  return add_u32(length).add_u16(static_cast<std::uint16_t>(protocol));
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
  return Checksum{}.add_u16(complement(checksum)).add_u16(complement(from)).add_u16(to).value();
}

std::uint16_t transport_checksum(Bytes message, const IpAddress& src, const IpAddress& dst,
                                 IpProtocol protocol) noexcept {
  return Checksum{}
      .add_pseudo_header(src, dst, protocol, static_cast<std::uint32_t>(message.size()))
      .add(message)
      .value();
}

}  // namespace packetwright::wire
