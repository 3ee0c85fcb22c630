// SPDX-License-Identifier: Apache-2.0
#include "stack/base/siphash.hh"

#include <bit>
#include <cstring>

namespace packetwright::inline base {
namespace {

struct State {
  std::uint64_t v0, v1, v2, v3;

  void round() noexcept {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
};

std::uint64_t load_little_endian(Bytes octets) noexcept {
  std::uint64_t word = 0;
  if (std::endian::native == std::endian::little && octets.size() == sizeof word) {
    std::memcpy(&word, octets.data(), sizeof word);
    return word;
  }
  for (std::size_t i = 0; i < octets.size(); ++i) word |= std::uint64_t{octets[i]} << (8 * i);
  return word;
}

}  // namespace

std::uint64_t siphash24(const SipKey& key, Bytes message) noexcept {
  State s{key.k0 ^ 0x736f6d6570736575, key.k1 ^ 0x646f72616e646f6d, key.k0 ^ 0x6c7967656e657261,
          key.k1 ^ 0x7465646279746573};
  const auto absorb = [&s](std::uint64_t word) {
    s.v3 ^= word;
    s.round();
    s.round();
    s.v0 ^= word;
  };
  Bytes rest = message;
  for (; rest.size() >= 8; rest = rest.subspan(8)) absorb(load_little_endian(rest.first(8)));
  absorb(load_little_endian(rest) | (std::uint64_t{message.size()} << 56));
  s.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) s.round();
  return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

}  // namespace packetwright::inline base
