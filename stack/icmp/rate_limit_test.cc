// SPDX-License-Identifier: Apache-2.0
#include "stack/icmp/rate_limit.hh"

#include <set>

#include <gtest/gtest.h>

namespace packetwright::icmp {
namespace {

constexpr RateLimit kTenPerSecond{100ms, 10};
constexpr RateLimit kUnlimited{};
const IpAddress kOne = IpAddress::v4(192, 0, 2, 1);
const IpAddress kTwo = IpAddress::v4(198, 51, 100, 2);

int admitted(ErrorLimiter& limiter, Instant now, const IpAddress& to, int tries,
             const RateLimit& each, const RateLimit& global) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += limiter.admit(now, to, each, global) ? 1 : 0;
  return count;
}

TEST(IcmpTokenBucket, GivesABurstAndThenOneTokenPerInterval) {
  TokenBucket bucket;
  Instant now = instant_at(0) + 5s;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(bucket.take(now, kTenPerSecond)) << i;
  EXPECT_FALSE(bucket.take(now, kTenPerSecond));
  EXPECT_FALSE(bucket.take(now + 99ms, kTenPerSecond));
  EXPECT_TRUE(bucket.take(now + 100ms, kTenPerSecond));
  EXPECT_FALSE(bucket.take(now + 100ms, kTenPerSecond));
}

TEST(IcmpTokenBucket, NeverSavesMoreThanItsBurst) {
  TokenBucket bucket;
  ASSERT_TRUE(bucket.take(instant_at(0), kTenPerSecond, 10));
  const Instant later = instant_at(0) + 3600s;
  EXPECT_FALSE(bucket.take(later, kTenPerSecond, 11));
  EXPECT_TRUE(bucket.take(later, kTenPerSecond, 10));
  EXPECT_FALSE(bucket.take(later, kTenPerSecond));
}

TEST(IcmpTokenBucket, ARefusalCostsNothing) {
  TokenBucket bucket;
  ASSERT_TRUE(bucket.take(instant_at(0), kTenPerSecond, 9));
  EXPECT_FALSE(bucket.take(instant_at(0), kTenPerSecond, 2));
  EXPECT_TRUE(bucket.take(instant_at(0), kTenPerSecond, 1));
}

TEST(IcmpErrorLimiter, BoundsTheErrorsToOneDestinationOverTime) {
  ErrorLimiter limiter{Rng{1}};
  int sent = 0;
  // 10,000 provocations a second for three seconds: a burst of 10 and then 10 a second.
  for (int i = 0; i < 30'000; ++i) {
    const Instant now = instant_at(0) + i * 100us;
    sent += limiter.admit(now, kOne, kTenPerSecond, kUnlimited) ? 1 : 0;
  }
  EXPECT_EQ(sent, 10 + 29);
}

TEST(IcmpErrorLimiter, OneDestinationDoesNotStarveAnother) {
  ErrorLimiter limiter{Rng{1}};
  const RateLimit global{1ms, 1'000};
  EXPECT_EQ(admitted(limiter, instant_at(0), kOne, 5'000, kTenPerSecond, global), 10);
  EXPECT_EQ(admitted(limiter, instant_at(0), kTwo, 5'000, kTenPerSecond, global), 10);
}

TEST(IcmpErrorLimiter, BoundsTheErrorsToEverybodyTogether) {
  ErrorLimiter limiter{Rng{1}};
  const RateLimit global{1ms, 50};
  int sent = 0;
  for (std::uint32_t host = 0; host < 1'000; ++host) {
    sent += limiter.admit(instant_at(0), IpAddress::v4(0x0a000000 + host), kTenPerSecond, global);
  }
  EXPECT_LE(sent, 50);
  EXPECT_GE(sent, 50 / 3);
}

// Class 28 of shipped bugs: a limiter that counts exactly tells how many forged probes drew errors.
TEST(IcmpErrorLimiter, HowMuchOfTheCommonBudgetIsLeftDoesNotTellHowMuchWasUsed) {
  const RateLimit global{1ms, 50};
  std::set<int> left;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    ErrorLimiter limiter{Rng{seed}};
    for (std::uint32_t host = 0; host < 15; ++host) {
      EXPECT_TRUE(
          limiter.admit(instant_at(0), IpAddress::v4(0x0a000000 + host), kTenPerSecond, global));
    }
    left.insert(admitted(limiter, instant_at(0), kTwo, 100, kUnlimited, global));
  }
  EXPECT_GT(left.size(), 3u);
}

TEST(IcmpErrorLimiter, ACommonBurstOfOneStillLetsOneThrough) {
  ErrorLimiter limiter{Rng{4}};
  EXPECT_TRUE(limiter.admit(instant_at(0), kOne, kTenPerSecond, RateLimit{1s, 1}));
  EXPECT_FALSE(limiter.admit(instant_at(0), kTwo, kTenPerSecond, RateLimit{1s, 1}));
}

}  // namespace
}  // namespace packetwright::icmp
