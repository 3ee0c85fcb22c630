// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/rng.hh"
#include "stack/base/siphash.hh"

namespace packetwright::icmp {

// How many errors may leave: `burst` at once, and one more each `interval` after that.
// An interval of zero means no limit.
struct RateLimit {
  Duration interval{0};
  std::int64_t burst = 1;  // >= 1

  friend constexpr bool operator==(const RateLimit&, const RateLimit&) = default;
};

// A token bucket, the method that RFC 4443, 2.4 (f) recommends: bursts pass, the long-term rate is
// bounded. Its whole state is one instant, the one at which the bucket will be full again.
class TokenBucket {
 public:
  // Takes `cost` tokens, or none and says false when there are fewer.
  [[nodiscard]] bool take(Instant now, const RateLimit& limit, std::int64_t cost = 1) noexcept;
  // Whether take() would succeed.
  [[nodiscard]] bool has(Instant now, const RateLimit& limit, std::int64_t cost = 1) const noexcept;

 private:
  Instant full_at_{};  // in the past: it is full
};

// Decides whether one more ICMP error may go to a destination.
//
// A limiter is also a thing that a stranger can measure. Whoever sends probes with forged sources
// and then watches how many errors are left for itself learns how many of the probes drew an error,
// and so which UDP ports are open. Two things spoil that measurement: the limit of the destination
// is asked first, so that one forged source cannot drain the common budget, and an error costs one
// to three tokens of the common budget, drawn at random, so that the rest says little.
class ErrorLimiter {
 public:
  // The generator keys the table of destinations and draws the costs.
  explicit ErrorLimiter(Rng rng) noexcept;

  // True: send it; the tokens are spent. `per_destination` and `global` come with each call so that
  // a changed configuration acts at once.
  [[nodiscard]] bool admit(Instant now, const IpAddress& destination,
                           const RateLimit& per_destination, const RateLimit& global) noexcept;

 private:
  // Destinations share a bucket when their keyed hashes agree: memory is fixed, and nobody outside
  // can choose whom to share with.
  static constexpr std::size_t kBuckets = 256;

  Rng rng_;
  SipKey key_;
  TokenBucket global_;
  std::array<TokenBucket, kBuckets> destinations_{};
};

}  // namespace packetwright::icmp
