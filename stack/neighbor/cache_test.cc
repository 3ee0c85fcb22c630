// SPDX-License-Identifier: Apache-2.0
#include "stack/neighbor/cache.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace packetwright::neighbor {
namespace {

using Ask = CacheActions::Ask;

constexpr Instant kStart = instant_at(0);
constexpr IpAddress kUs = IpAddress::v4(192, 0, 2, 1);
constexpr IpAddress kPeer = IpAddress::v4(192, 0, 2, 2);
constexpr MacAddress kMac{{2, 0, 0, 0, 0, 2}};
constexpr MacAddress kOtherMac{{2, 0, 0, 0, 0, 3}};

IpAddress host(std::uint32_t number) {
  return IpAddress::v4(0x0a000000u + number);
}

EntryState state_of(const Cache& cache, Instant now, const IpAddress& neighbor = kPeer) {
  const auto entry = cache.find(now, neighbor);
  EXPECT_TRUE(entry.has_value());
  return entry ? entry->state : EntryState::incomplete;
}

// A cache in which kPeer was asked for and has answered at kStart.
Cache with_reachable_peer(const CacheConfig& config = {}) {
  Cache cache{config};
  (void)cache.use(kStart, kPeer, kUs);
  (void)cache.learn(kStart, kPeer, kMac);
  return cache;
}

TEST(NeighborCache, TheFirstUseAsksEveryone) {
  Cache cache{{}};
  const auto lookup = cache.use(kStart, kPeer, kUs);
  EXPECT_EQ(lookup.mac, std::nullopt);
  EXPECT_EQ(lookup.why, Unresolved::asking);
  EXPECT_EQ(lookup.actions.ask, Ask::everyone);
  EXPECT_EQ(lookup.actions.source, kUs);
  EXPECT_EQ(state_of(cache, kStart), EntryState::incomplete);
}

//= RFC1122-2.3.2.1-c
TEST(NeighborCache, ManyUsesDrawOneRequestPerSecond) {
  Cache cache{{}};
  int requests = 0;
  for (Instant now = kStart; now < kStart + 10s; now += 10ms) {
    while (const auto due = cache.on_deadline(now)) {
      if (due->second.ask != Ask::nobody) ++requests;
    }
    if (cache.use(now, kPeer, kUs).actions.ask != Ask::nobody) ++requests;
  }
  EXPECT_GE(requests, 9);
  EXPECT_LE(requests, 10);
}

TEST(NeighborCache, GivesUpAfterThreeRequestsAndHandsBackWhatWasHeld) {
  Cache cache{{}};
  (void)cache.use(kStart, kPeer, kUs);
  cache.hold(kPeer, {wire::EtherType::ipv4, {1}});
  for (int repeat = 1; repeat <= 2; ++repeat) {
    const Instant at = kStart + std::chrono::seconds{repeat};
    EXPECT_EQ(cache.next_deadline(), at);
    const auto due = cache.on_deadline(at);
    ASSERT_TRUE(due);
    EXPECT_EQ(due->second.ask, Ask::everyone);
    EXPECT_FALSE(due->second.failed);
  }
  const auto last = cache.on_deadline(kStart + 3s);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->first, kPeer);
  EXPECT_TRUE(last->second.failed);
  ASSERT_EQ(last->second.held.size(), 1u);
  EXPECT_EQ(last->second.held[0].octets, Buffer{1});
  EXPECT_EQ(cache.size(), 0u);
  EXPECT_EQ(cache.next_deadline(), std::nullopt);
}

TEST(NeighborCache, AnAnswerReleasesHeldPacketsInTheirOrder) {
  Cache cache{{}};
  (void)cache.use(kStart, kPeer, kUs);
  cache.hold(kPeer, {wire::EtherType::ipv4, {1}});
  cache.hold(kPeer, {wire::EtherType::ipv4, {2}});
  CacheActions actions;
  EXPECT_TRUE(cache.merge(kStart + 200ms, kPeer, kMac, actions));
  EXPECT_TRUE(actions.resolved);
  EXPECT_EQ(actions.mac, kMac);
  ASSERT_EQ(actions.held.size(), 2u);
  EXPECT_EQ(actions.held[0].octets, Buffer{1});
  EXPECT_EQ(actions.held[1].octets, Buffer{2});
  EXPECT_EQ(cache.next_deadline(), std::nullopt);
}

//= RFC1122-2.3.2.2-a
TEST(NeighborCache, WhenTooManyAreHeldTheLatestStay) {
  CacheConfig config;
  config.max_held_packets = 2;
  Cache cache{config};
  (void)cache.use(kStart, kPeer, kUs);
  for (std::uint8_t i = 1; i <= 4; ++i) cache.hold(kPeer, {wire::EtherType::ipv4, {i}});
  const CacheActions actions = cache.learn(kStart, kPeer, kMac);
  ASSERT_EQ(actions.held.size(), 2u);
  EXPECT_EQ(actions.held[0].octets, Buffer{3});
  EXPECT_EQ(actions.held[1].octets, Buffer{4});
}

TEST(NeighborCache, HoldsNothingForSomebodyWhoIsNotBeingAskedFor) {
  Cache cache = with_reachable_peer();
  cache.hold(kPeer, {wire::EtherType::ipv4, {1}});
  cache.hold(host(9), {wire::EtherType::ipv4, {1}});
  CacheActions actions;
  EXPECT_TRUE(cache.merge(kStart, kPeer, kMac, actions));
  EXPECT_TRUE(actions.held.empty());
}

TEST(NeighborCache, MergeMakesNoEntry) {
  Cache cache{{}};
  CacheActions actions;
  EXPECT_FALSE(cache.merge(kStart, kPeer, kMac, actions));
  EXPECT_EQ(cache.size(), 0u);
}

TEST(NeighborCache, AFreshEntryIsUsedWithoutAsking) {
  Cache cache = with_reachable_peer();
  const auto lookup = cache.use(kStart + 59s, kPeer, kUs);
  EXPECT_EQ(lookup.mac, kMac);
  EXPECT_EQ(lookup.actions.ask, Ask::nobody);
  EXPECT_EQ(cache.next_deadline(), std::nullopt);
}

//= RFC1122-2.3.2.1-a
TEST(NeighborCache, AnOldEntryIsUsedButPolledFiveSecondsLater) {
  Cache cache = with_reachable_peer();
  EXPECT_EQ(state_of(cache, kStart + 60s), EntryState::stale);
  const auto lookup = cache.use(kStart + 60s, kPeer, kUs);
  EXPECT_EQ(lookup.mac, kMac);
  EXPECT_EQ(state_of(cache, kStart + 60s), EntryState::delay);
  EXPECT_EQ(cache.next_deadline(), kStart + 65s);
  const auto due = cache.on_deadline(kStart + 65s);
  ASSERT_TRUE(due);
  EXPECT_EQ(due->second.ask, Ask::neighbor);
  EXPECT_EQ(due->second.mac, kMac);
  EXPECT_EQ(state_of(cache, kStart + 65s), EntryState::probe);
}

//= RFC1122-2.3.2.1-a
TEST(NeighborCache, AnEntryThatAnswersNoPollIsDroppedAndTheNextUseAsksEveryone) {
  Cache cache = with_reachable_peer();
  (void)cache.use(kStart + 60s, kPeer, kUs);
  int polls = 0;
  bool failed = false;
  while (const auto at = cache.next_deadline()) {
    const auto due = cache.on_deadline(*at);
    ASSERT_TRUE(due);
    if (due->second.ask == Ask::neighbor) ++polls;
    failed = failed || due->second.failed;
    // Packets keep going to the known address meanwhile (RFC 4861, 7.3.3).
    if (!failed) {
      EXPECT_EQ(cache.use(*at, kPeer, kUs).mac, kMac);
    }
  }
  EXPECT_EQ(polls, 3);
  EXPECT_TRUE(failed);
  EXPECT_EQ(cache.use(kStart + 70s, kPeer, kUs).actions.ask, Ask::everyone);
}

TEST(NeighborCache, AnAnswerToAPollMakesTheEntryFresh) {
  Cache cache = with_reachable_peer();
  (void)cache.use(kStart + 60s, kPeer, kUs);
  (void)cache.on_deadline(kStart + 65s);
  CacheActions actions;
  EXPECT_TRUE(cache.merge(kStart + 65s, kPeer, kMac, actions));
  EXPECT_FALSE(actions.resolved) << "it was known all the time";
  EXPECT_EQ(cache.next_deadline(), std::nullopt);
  EXPECT_EQ(state_of(cache, kStart + 65s + 59s), EntryState::reachable);
}

TEST(NeighborCache, TransportProgressSparesThePoll) {
  Cache cache = with_reachable_peer();
  (void)cache.use(kStart + 60s, kPeer, kUs);
  cache.confirm(kStart + 61s, kPeer);
  EXPECT_EQ(cache.next_deadline(), std::nullopt);
  EXPECT_EQ(state_of(cache, kStart + 120s), EntryState::reachable);
}

TEST(NeighborCache, TransportProgressSaysNothingAboutAnUnresolvedNeighbor) {
  Cache cache{{}};
  (void)cache.use(kStart, kPeer, kUs);
  cache.confirm(kStart, kPeer);
  EXPECT_EQ(state_of(cache, kStart), EntryState::incomplete);
}

TEST(NeighborCache, AFreshEntryThatTransportDoubtsIsPolledOnUse) {
  Cache cache = with_reachable_peer();
  cache.doubt(kStart + 1s, kPeer);
  EXPECT_EQ(state_of(cache, kStart + 1s), EntryState::stale);
  EXPECT_EQ(cache.use(kStart + 2s, kPeer, kUs).mac, kMac);
  EXPECT_EQ(cache.next_deadline(), kStart + 7s);
  const auto poll = cache.on_deadline(kStart + 7s);
  ASSERT_TRUE(poll);
  EXPECT_EQ(poll->second.ask, CacheActions::Ask::neighbor);
}

TEST(NeighborCache, DoubtSaysNothingAboutWhoIsUnknownOrConfigured) {
  Cache cache{{}};
  cache.doubt(kStart, kPeer);
  EXPECT_EQ(cache.size(), 0u);
  (void)cache.add_static(kPeer, kMac);
  cache.doubt(kStart, kPeer);
  EXPECT_EQ(state_of(cache, kStart), EntryState::permanent);
}

TEST(NeighborCache, ANewAddressReplacesTheOldOne) {
  Cache cache = with_reachable_peer();
  CacheActions actions;
  EXPECT_TRUE(cache.merge(kStart + 1s, kPeer, kOtherMac, actions));
  EXPECT_EQ(cache.use(kStart + 2s, kPeer, kUs).mac, kOtherMac);
}

//= RFC1122-2.3.2.1-b
TEST(NeighborCache, TheTimeOutIsConfigurable) {
  CacheConfig config;
  config.reachable_time = 5s;
  Cache cache = with_reachable_peer(config);
  EXPECT_EQ(state_of(cache, kStart + 4999ms), EntryState::reachable);
  EXPECT_EQ(state_of(cache, kStart + 5s), EntryState::stale);
}

TEST(NeighborCache, APermanentEntryNeitherAgesNorChanges) {
  Cache cache{{}};
  (void)cache.add_static(kPeer, kMac);
  CacheActions actions;
  EXPECT_TRUE(cache.merge(kStart, kPeer, kOtherMac, actions));
  const auto lookup = cache.use(kStart + 24h, kPeer, kUs);
  EXPECT_EQ(lookup.mac, kMac);
  EXPECT_EQ(cache.next_deadline(), std::nullopt);
  cache.flush();
  EXPECT_EQ(cache.size(), 1u);
  cache.remove(kPeer);
  EXPECT_EQ(cache.size(), 0u);
}

TEST(NeighborCache, ALearntEntryCanBeMadePermanent) {
  Cache cache = with_reachable_peer();
  (void)cache.use(kStart + 60s, kPeer, kUs);
  (void)cache.add_static(kPeer, kOtherMac);
  EXPECT_EQ(state_of(cache, kStart + 24h), EntryState::permanent);
  EXPECT_EQ(cache.use(kStart + 24h, kPeer, kUs).mac, kOtherMac);
  EXPECT_EQ(cache.next_deadline(), std::nullopt);
}

TEST(NeighborCache, AddingAPermanentEntryReleasesWhatWaits) {
  Cache cache{{}};
  (void)cache.use(kStart, kPeer, kUs);
  cache.hold(kPeer, {wire::EtherType::ipv4, {1}});
  const CacheActions actions = cache.add_static(kPeer, kMac);
  EXPECT_TRUE(actions.resolved);
  EXPECT_EQ(actions.held.size(), 1u);
  EXPECT_EQ(cache.next_deadline(), std::nullopt);
}

TEST(NeighborCache, AFloodOfLearntEntriesCannotPushOutThoseInUse) {
  CacheConfig config;
  config.max_entries = 16;
  Cache cache = with_reachable_peer(config);
  for (std::uint32_t i = 0; i < 10000; ++i) (void)cache.learn(kStart, host(i), kOtherMac);
  EXPECT_EQ(cache.size(), 16u);
  EXPECT_EQ(cache.use(kStart, kPeer, kUs).mac, kMac);
  EXPECT_TRUE(cache.find(kStart, host(9999))) << "the youngest of the learnt ones stay";
}

TEST(NeighborCache, EntriesInUseMakeRoomOldestFirst) {
  CacheConfig config;
  config.max_entries = 2;
  Cache cache{config};
  for (std::uint32_t i = 1; i <= 2; ++i) {
    (void)cache.use(kStart, host(i), kUs);
    (void)cache.learn(kStart, host(i), kMac);
  }
  (void)cache.use(kStart, host(1), kUs);  // now host 2 is the one not used for longest
  (void)cache.use(kStart, host(3), kUs);
  (void)cache.learn(kStart, host(3), kMac);
  EXPECT_TRUE(cache.find(kStart, host(1)));
  EXPECT_FALSE(cache.find(kStart, host(2)));
  EXPECT_TRUE(cache.find(kStart, host(3)));
}

TEST(NeighborCache, RequestsUnderWayAreBoundedAndNotForgotten) {
  CacheConfig config;
  config.max_unresolved = 4;
  Cache cache{config};
  for (std::uint32_t i = 0; i < 4; ++i) {
    EXPECT_EQ(cache.use(kStart, host(i), kUs).actions.ask, Ask::everyone);
  }
  const auto fifth = cache.use(kStart, host(4), kUs);
  EXPECT_EQ(fifth.why, Unresolved::table_full);
  EXPECT_EQ(fifth.actions.ask, Ask::nobody);
  EXPECT_EQ(cache.use(kStart, host(0), kUs).actions.ask, Ask::nobody) << "still being asked for";
  EXPECT_EQ(cache.size(), 4u);
}

TEST(NeighborCache, BoundsOfZeroCountAsOne) {
  CacheConfig config;
  config.max_entries = 0;
  config.max_unresolved = 0;
  config.max_held_packets = 0;
  Cache cache{config};
  EXPECT_EQ(cache.use(kStart, kPeer, kUs).actions.ask, Ask::everyone);
  cache.hold(kPeer, {wire::EtherType::ipv4, {1}});
  EXPECT_EQ(cache.learn(kStart, kPeer, kMac).held.size(), 1u);
  (void)cache.learn(kStart, host(1), kMac);
  EXPECT_EQ(cache.size(), 1u);
}

TEST(NeighborCache, FlushForgetsEverythingElse) {
  Cache cache = with_reachable_peer();
  (void)cache.use(kStart, host(1), kUs);
  (void)cache.learn(kStart, host(2), kMac);
  cache.flush();
  EXPECT_EQ(cache.size(), 0u);
  EXPECT_EQ(cache.next_deadline(), std::nullopt);
}

TEST(NeighborCache, UseFreshGivesOnlyWhatNeedsNothingMore) {
  Cache cache{{}};
  EXPECT_EQ(cache.use_fresh(kStart, kPeer), nullptr);
  (void)cache.use(kStart, kPeer, kUs);
  EXPECT_EQ(cache.use_fresh(kStart, kPeer), nullptr) << "being asked for";
  (void)cache.learn(kStart, kPeer, kMac);
  ASSERT_NE(cache.use_fresh(kStart, kPeer), nullptr);
  EXPECT_EQ(*cache.use_fresh(kStart, kPeer), kMac);
  EXPECT_EQ(cache.use_fresh(kStart, host(1)), nullptr) << "another one";
  CacheActions actions;
  EXPECT_TRUE(cache.merge(kStart, kPeer, kOtherMac, actions));
  EXPECT_EQ(*cache.use_fresh(kStart, kPeer), kOtherMac);

  const Instant later = kStart + CacheConfig{}.reachable_time;
  EXPECT_EQ(cache.use_fresh(later, kPeer), nullptr) << "stale";
  EXPECT_EQ(cache.use(later, kPeer, kUs).mac, kOtherMac);
  EXPECT_EQ(cache.use_fresh(later, kPeer), nullptr) << "in delay";
  cache.confirm(later, kPeer);
  EXPECT_NE(cache.use_fresh(later, kPeer), nullptr);
  cache.remove(kPeer);
  EXPECT_EQ(cache.use_fresh(later, kPeer), nullptr) << "forgotten";
  (void)cache.add_static(kPeer, kMac);
  ASSERT_NE(cache.use_fresh(later + std::chrono::hours{9}, kPeer), nullptr);
}

TEST(NeighborCache, UseFreshKeepsANeighbourFromBeingPushedOut) {
  CacheConfig config;
  config.max_entries = 3;
  Cache cache = with_reachable_peer(config);
  for (std::uint32_t i = 1; i <= 2; ++i) {
    (void)cache.use(kStart, host(i), kUs);
    (void)cache.learn(kStart, host(i), kMac);
  }
  // kPeer is the oldest of three in use; then it is used once more.
  ASSERT_NE(cache.use_fresh(kStart, host(2)), nullptr);
  ASSERT_NE(cache.use_fresh(kStart, kPeer), nullptr);
  (void)cache.use(kStart, host(3), kUs);
  (void)cache.learn(kStart, host(3), kMac);
  EXPECT_TRUE(cache.find(kStart, kPeer).has_value());
  EXPECT_FALSE(cache.find(kStart, host(1)).has_value());
}

}  // namespace
}  // namespace packetwright::neighbor
