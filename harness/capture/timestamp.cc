// SPDX-License-Identifier: Apache-2.0
#include "harness/capture/timestamp.hh"

#include <limits>

namespace packetwright::capture {
namespace {

constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;
constexpr std::int64_t kLatest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kEarliest = std::numeric_limits<std::int64_t>::min();

struct Split {
  std::uint64_t seconds = 0;
  std::uint64_t nanoseconds = 0;  // below one second
};

// 10^exponent, or 0 when that is more than 64 bits hold.
constexpr std::uint64_t power_of_ten(unsigned exponent) {
  if (exponent > 19) return 0;
  std::uint64_t power = 1;
  for (unsigned i = 0; i < exponent; ++i) power *= 10;
  return power;
}

Split split_decimal(std::uint64_t units, unsigned exponent) {
  const std::uint64_t per_second = power_of_ten(exponent);
  // Units so fine that 2^64 of them are less than two seconds: all of it is a fraction.
  if (per_second == 0) {
    const std::uint64_t divisor = power_of_ten(exponent - 9);
    return {0, divisor == 0 ? 0 : units / divisor};
  }
  const std::uint64_t fraction = units % per_second;
  return {units / per_second, exponent <= 9 ? fraction * power_of_ten(9 - exponent)
                                            : fraction / power_of_ten(exponent - 9)};
}

Split split_binary(std::uint64_t units, unsigned exponent) {
  std::uint64_t fraction = exponent >= 64 ? units : units & ((std::uint64_t{1} << exponent) - 1);
  const std::uint64_t seconds = exponent >= 64 ? 0 : units >> exponent;
  // Keep 32 bits of fraction, a quarter of a nanosecond, so that the product below fits.
  if (exponent > 32) {
    fraction = exponent - 32 >= 64 ? 0 : fraction >> (exponent - 32);
    exponent = 32;
  }
  return {seconds, (fraction * kNanosPerSecond) >> exponent};
}

std::int64_t join(const Split& split, std::int64_t offset_s) {
  if (split.seconds > static_cast<std::uint64_t>(kLatest)) return kLatest;
  std::int64_t seconds = 0;
  if (__builtin_add_overflow(static_cast<std::int64_t>(split.seconds), offset_s, &seconds)) {
    return offset_s > 0 ? kLatest : kEarliest;
  }
  std::int64_t total = 0;
  if (__builtin_mul_overflow(seconds, std::int64_t{kNanosPerSecond}, &total)) {
    return seconds > 0 ? kLatest : kEarliest;
  }
  if (__builtin_add_overflow(total, static_cast<std::int64_t>(split.nanoseconds), &total)) {
    return kLatest;
  }
  return total;
}

}  // namespace

std::int64_t to_nanoseconds(std::uint64_t units, const Resolution& resolution) noexcept {
  const Split split = resolution.power_of_two ? split_binary(units, resolution.exponent)
                                              : split_decimal(units, resolution.exponent);
  return join(split, resolution.offset_s);
}

std::int64_t to_nanoseconds(std::uint32_t seconds, std::uint64_t nanoseconds) noexcept {
  // A fraction of a second or more is nonsense that some writers produce; it is added as it is.
  return join({seconds + nanoseconds / kNanosPerSecond, nanoseconds % kNanosPerSecond}, 0);
}

}  // namespace packetwright::capture
