// SPDX-License-Identifier: Apache-2.0
#include "stack/base/siphash.hh"

#include <bit>
#include <cstring>

namespace packetwright::inline base {
namespace {

struct State {
  std::uint64_t v0, v1, v2, v3;

  explicit State(const SipKey& key) noexcept
      : v0(key.k0 ^ 0x736f6d6570736575),
        v1(key.k1 ^ 0x646f72616e646f6d),
        v2(key.k0 ^ 0x6c7967656e657261),
        v3(key.k1 ^ 0x7465646279746573) {}

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
  void absorb(std::uint64_t word) noexcept {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
  [[nodiscard]] std::uint64_t finish() noexcept {
    v2 ^= 0xff;
    for (int i = 0; i < 4; ++i) round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

// The octets that remain, and above them how many there were in all.
constexpr std::uint64_t last_word(std::uint64_t rest, std::size_t size) noexcept {
  return rest | (std::uint64_t{size} << 56);
}

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
  State s{key};
  Bytes rest = message;
  for (; rest.size() >= 8; rest = rest.subspan(8)) s.absorb(load_little_endian(rest.first(8)));
  s.absorb(last_word(load_little_endian(rest), message.size()));
  return s.finish();
}

std::uint64_t siphash24(const SipKey& key, std::uint64_t first, std::uint32_t last) noexcept {
  constexpr std::size_t kSize = sizeof first + sizeof last;
  State s{key};
  s.absorb(first);
  s.absorb(last_word(last, kSize));
  return s.finish();
}

}  // namespace packetwright::inline base
