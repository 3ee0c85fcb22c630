// SPDX-License-Identifier: Apache-2.0
#include "stack/base/rng.hh"

#include <bit>

namespace packetwright::inline base {
namespace {

std::uint64_t splitmix64(std::uint64_t& state) noexcept {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

Rng::Rng(std::uint64_t seed) noexcept : seed_(seed) {
  for (std::uint64_t& word : state_) word = splitmix64(seed);
}

Rng Rng::fork(std::string_view name) const noexcept {
  std::uint64_t hash = 0xcbf29ce484222325 ^ seed_;  // FNV-1a, salted with our own seed
  for (const char c : name) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  return Rng{splitmix64(hash)};
}

std::uint64_t Rng::next() noexcept {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Rng::below(std::uint64_t bound) noexcept {
  PW_ASSERT(bound > 0);
  // Values under 2^64 mod bound would favour small results: draw again.
  const std::uint64_t reject_below = (0 - bound) % bound;
  for (;;) {
    const std::uint64_t value = next();
    if (value >= reject_below) return value % bound;
  }
}

bool Rng::chance(std::uint32_t numerator, std::uint32_t denominator) noexcept {
  return below(denominator) < numerator;
}

void Rng::fill(MutableBytes out) noexcept {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i % 8 == 0) word = next();
    out[i] = static_cast<std::uint8_t>(word >> (8 * (i % 8)));
  }
}

}  // namespace packetwright::inline base
