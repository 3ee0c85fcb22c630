// SPDX-License-Identifier: Apache-2.0
#include "stack/dns/cache.hh"

#include <string>

#include <gtest/gtest.h>

namespace packetwright::dns {
namespace {

using wire::DnsName;
using wire::DnsType;

constexpr Instant kStart = instant_at(0) + 100s;

Question question(std::string_view name, DnsType type = DnsType::a) {
  return {DnsName::from_text(name).value(), type};
}

Answer answer(std::uint32_t ttl_s) {
  return {DnsName{}, {IpAddress::v4(192, 0, 2, 9)}, {}, ttl_s};
}

Cache small_cache() {
  return Cache{{3, 1h, 10s}};
}

//= RFC1123-6.1.3.1-c
TEST(DnsCache, AnAnswerHoldsForItsTimeAndNoLonger) {
  Cache cache = small_cache();
  cache.put(kStart, question("a.example"), answer(60));
  const auto found = cache.find(kStart + 59s, question("a.example"));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->ttl_s, 1u);
  EXPECT_EQ(cache.find(kStart + 60s, question("a.example")), std::nullopt);
  EXPECT_EQ(cache.size(), 0u);
}

//= RFC1035-2.3.3-a
TEST(DnsCache, NamesCompareWithoutCaseAndTypesDoNotMix) {
  Cache cache = small_cache();
  cache.put(kStart, question("A.Example"), answer(60));
  EXPECT_TRUE(cache.find(kStart, question("a.eXAMPLE")));
  EXPECT_FALSE(cache.find(kStart, question("a.example", DnsType::aaaa)));
  EXPECT_FALSE(cache.find(kStart, question("b.example")));
}

//= RFC1123-6.1.2.1-a
//= RFC1035-4.1.3-a
TEST(DnsCache, AnAnswerWithoutTimeIsNotKept) {
  Cache cache = small_cache();
  cache.put(kStart, question("a.example"), answer(0));
  cache.put_negative(kStart, question("b.example"), DnsError::not_found, 0);
  EXPECT_EQ(cache.size(), 0u);
}

TEST(DnsCache, NothingHoldsLongerThanTheLimits) {
  Cache cache = small_cache();
  cache.put(kStart, question("a.example"), answer(0x7fffffff));
  cache.put_negative(kStart, question("b.example"), DnsError::not_found, 0x7fffffff);
  EXPECT_TRUE(cache.find(kStart + 3'599s, question("a.example")));
  EXPECT_FALSE(cache.find(kStart + 3'600s, question("a.example")));
  EXPECT_TRUE(cache.find(kStart + 9s, question("b.example")));
  EXPECT_FALSE(cache.find(kStart + 10s, question("b.example")));
}

//= RFC2308-5-a
//= RFC2308-5-c
TEST(DnsCache, ThatThereIsNoNameHoldsForEveryTypeAndNodataForOne) {
  Cache cache = small_cache();
  cache.put_negative(kStart, question("a.example"), DnsError::not_found, 5);
  cache.put_negative(kStart, question("b.example"), DnsError::no_data, 5);
  const auto aaaa = cache.find(kStart + 4s, question("a.example", DnsType::aaaa));
  ASSERT_TRUE(aaaa && !*aaaa);
  EXPECT_EQ(aaaa->error(), DnsError::not_found);
  EXPECT_EQ(cache.find(kStart, question("b.example"))->error(), DnsError::no_data);
  EXPECT_FALSE(cache.find(kStart, question("b.example", DnsType::aaaa)));
  EXPECT_FALSE(cache.find(kStart + 5s, question("a.example")));
  EXPECT_FALSE(cache.find(kStart + 5s, question("b.example")));
}

//= RFC2308-5-b
TEST(DnsCache, ANegativeAnswerThatDoesNotSayHowLongIsNotKept) {
  Cache cache = small_cache();
  cache.put_negative(kStart, question("a.example"), DnsError::not_found, std::nullopt);
  EXPECT_EQ(cache.size(), 0u);
}

TEST(DnsCache, WhatHoldsForTheShortestTimeMakesRoom) {
  Cache cache = small_cache();
  cache.put(kStart, question("a.example"), answer(60));
  cache.put(kStart, question("b.example"), answer(30));
  cache.put(kStart, question("c.example"), answer(90));
  cache.put(kStart, question("d.example"), answer(20));
  EXPECT_EQ(cache.size(), 3u);
  EXPECT_FALSE(cache.find(kStart, question("b.example")));
  EXPECT_TRUE(cache.find(kStart, question("d.example")));
  // What does not hold any more goes first, however much of it there is.
  cache.put(kStart + 70s, question("e.example"), answer(60));
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_TRUE(cache.find(kStart + 70s, question("c.example")));
}

TEST(DnsCache, ANewAnswerTakesThePlaceOfTheOldOne) {
  Cache cache = small_cache();
  cache.put(kStart, question("a.example"), answer(60));
  cache.put(kStart + 1s, question("A.example"), answer(5));
  EXPECT_EQ(cache.size(), 1u);
  EXPECT_FALSE(cache.find(kStart + 6s, question("a.example")));
}

TEST(DnsCache, OfNoSizeKeepsNothing) {
  Cache cache{{0, 1h, 1h}};
  cache.put(kStart, question("a.example"), answer(60));
  EXPECT_EQ(cache.size(), 0u);
}

}  // namespace
}  // namespace packetwright::dns
