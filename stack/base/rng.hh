// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "stack/base/bytes.hh"

namespace packetwright::inline base {

// The only source of chance: xoshiro256** seeded by splitmix64. The same seed gives the same
// numbers with every compiler and library. Not for keys of a production system; the harness wants
// repeats.
class Rng {
 public:
  explicit Rng(std::uint64_t seed) noexcept;

  // A generator of its own for one consumer, named ("link.a_to_b"), so that a new consumer does not
  // shift the numbers of the others. Forking draws nothing from this generator.
  [[nodiscard]] Rng fork(std::string_view name) const noexcept;

  [[nodiscard]] std::uint64_t next() noexcept;
  [[nodiscard]] std::uint32_t next32() noexcept { return static_cast<std::uint32_t>(next() >> 32); }
  [[nodiscard]] std::uint16_t next16() noexcept { return static_cast<std::uint16_t>(next() >> 48); }

  // Uniform in 0 .. bound-1; bound > 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) noexcept;
  // True with probability numerator / denominator.
  [[nodiscard]] bool chance(std::uint32_t numerator, std::uint32_t denominator) noexcept;
  void fill(MutableBytes out) noexcept;

 private:
  std::uint64_t seed_;
  std::array<std::uint64_t, 4> state_;
};

}  // namespace packetwright::inline base
