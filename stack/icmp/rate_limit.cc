// SPDX-License-Identifier: Apache-2.0
#include "stack/icmp/rate_limit.hh"

#include <algorithm>

namespace packetwright::icmp {

bool TokenBucket::has(Instant now, const RateLimit& limit, std::int64_t cost) const noexcept {
  if (limit.interval <= Duration::zero()) return true;
  // Each token that is missing is one interval that full_at_ lies ahead.
  return std::max(full_at_, now) + limit.interval * cost <= now + limit.interval * limit.burst;
}

bool TokenBucket::take(Instant now, const RateLimit& limit, std::int64_t cost) noexcept {
  if (!has(now, limit, cost)) return false;
  full_at_ = std::max(full_at_, now) + limit.interval * cost;
  return true;
}

ErrorLimiter::ErrorLimiter(Rng rng) noexcept : rng_(rng), key_{} {
  key_.k0 = rng_.next();
  key_.k1 = rng_.next();
}

//= RFC4443-2.4-f
//= RFC1812-4.3.2.8-a
bool ErrorLimiter::admit(Instant now, const IpAddress& destination,
                         const RateLimit& per_destination, const RateLimit& global) noexcept {
  const std::uint64_t hash = siphash24(key_, destination.octets());
  TokenBucket& bucket = destinations_[hash % kBuckets];
  if (!bucket.has(now, per_destination)) return false;
  // The cost never exceeds what a full bucket holds, or the limit would close for ever.
  const auto dearest = static_cast<std::uint64_t>(std::min<std::int64_t>(3, global.burst));
  const auto cost = static_cast<std::int64_t>(1 + rng_.below(dearest));
  if (!global_.take(now, global, cost)) return false;
  return bucket.take(now, per_destination);
}

}  // namespace packetwright::icmp
