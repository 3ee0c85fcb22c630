// SPDX-License-Identifier: Apache-2.0
#include "harness/packet/md5.hh"

#include <algorithm>
#include <bit>

namespace packetwright::packet {
namespace {

// RFC 1321, 3.4: the whole part of 2^32 times the sine of 1 to 64, without its sign.
constexpr std::array<std::uint32_t, 64> kSines{
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

// By round, and by the place in it.
constexpr std::array<std::array<int, 4>, 4> kShifts{
    {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};

constexpr std::size_t kBlock = 64;

std::uint32_t load_le32(Bytes octets, std::size_t at) {
  return octets[at] | (std::uint32_t{octets[at + 1]} << 8) | (std::uint32_t{octets[at + 2]} << 16) |
         (std::uint32_t{octets[at + 3]} << 24);
}

void mix(std::array<std::uint32_t, 4>& state, Bytes block) {
  auto [a, b, c, d] = state;
  for (std::uint32_t i = 0; i < kSines.size(); ++i) {
    std::uint32_t f = 0;
    std::uint32_t word = 0;
    switch (i / 16) {
      case 0: f = (b & c) | (~b & d), word = i; break;
      case 1: f = (d & b) | (~d & c), word = 5 * i + 1; break;
      case 2: f = b ^ c ^ d, word = 3 * i + 5; break;
      default: f = c ^ (b | ~d), word = 7 * i; break;
    }
    const std::uint32_t sum = a + f + kSines[i] + load_le32(block, std::size_t{word % 16} * 4);
    a = d;
    d = c;
    c = b;
    b += std::rotl(sum, kShifts[i / 16][i % 4]);
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}

}  // namespace

Md5Digest md5(Bytes octets) {
  Buffer padded(octets.begin(), octets.end());
  padded.push_back(0x80);
  while (padded.size() % kBlock != kBlock - 8) padded.push_back(0);
  const std::uint64_t bits = std::uint64_t{octets.size()} * 8;
  for (int i = 0; i < 8; ++i) padded.push_back(static_cast<std::uint8_t>(bits >> (8 * i)));

  std::array<std::uint32_t, 4> state{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  for (std::size_t at = 0; at < padded.size(); at += kBlock) {
    mix(state, Bytes{padded}.subspan(at, kBlock));
  }
  Md5Digest digest{};
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<std::uint8_t>(state[i / 4] >> (8 * (i % 4)));
  }
  return digest;
}

std::optional<Md5Digest> tcp_signature(const Dissected& frame, std::string_view secret) {
  constexpr std::size_t kFixedHeader = 20;
  constexpr std::size_t kChecksum = 16;
  const Part* tcp = frame.find(Proto::tcp);
  const auto addresses = frame.addresses();
  if (tcp == nullptr || tcp->size < kFixedHeader || !addresses.has_value()) return std::nullopt;
  Buffer octets;
  const auto append = [&octets](Bytes more) {
    octets.insert(octets.end(), more.begin(), more.end());
  };
  const auto number = [&octets](std::uint64_t value, int size) {
    for (int i = size - 1; i >= 0; --i) {
      octets.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
  };
  append(addresses->src.octets());
  append(addresses->dst.octets());
  // The pseudo-headers of RFC 9293, 3.1, and RFC 8200, 8.1.
  const std::size_t length = tcp->end - tcp->offset;
  const bool v4 = addresses->src.is_v4();
  if (v4) {
    number(6, 2);
    number(length, 2);
  } else {
    number(length, 4);
    number(6, 4);
  }
  const std::size_t start = octets.size();
  append(frame.header(*tcp).first(kFixedHeader));
  std::fill_n(octets.begin() + static_cast<long>(start + kChecksum), 2, std::uint8_t{0});
  append(Bytes{frame.octets()}.subspan(tcp->offset + tcp->size, length - tcp->size));
  octets.insert(octets.end(), secret.begin(), secret.end());
  return md5(octets);
}

}  // namespace packetwright::packet
