// SPDX-License-Identifier: Apache-2.0
// The transitions of RFC 4861, 7.2.3, 7.2.5 and 7.3, row by row of its appendix C.
#include <gtest/gtest.h>

#include "stack/neighbor/cache.hh"

namespace packetwright::neighbor {
namespace {

using Ask = CacheActions::Ask;

constexpr Instant kStart = instant_at(0);
constexpr IpAddress kUs = IpAddress::v6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
constexpr IpAddress kPeer = IpAddress::v6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2});
constexpr MacAddress kMac{{2, 0, 0, 0, 0, 2}};
constexpr MacAddress kOtherMac{{2, 0, 0, 0, 0, 3}};

constexpr Advertised kSolicited{kMac, true, true, false};
constexpr Advertised kUnsolicited{kMac, false, true, false};

struct NdpCache : testing::Test {
  Cache cache{CacheConfig{}};

  [[nodiscard]] EntryState state(Instant now = kStart) const {
    const auto entry = cache.find(now, kPeer);
    EXPECT_TRUE(entry.has_value());
    return entry ? entry->state : EntryState::permanent;
  }
  [[nodiscard]] MacAddress mac() const { return cache.find(kStart, kPeer).value().mac; }
  CacheActions hear(const Advertised& said, Instant now = kStart) {
    CacheActions actions;
    EXPECT_TRUE(cache.on_advertisement(now, kPeer, said, actions));
    return actions;
  }
  void ask() { (void)cache.use(kStart, kPeer, kUs); }
  void become(EntryState wanted) {
    ask();
    if (wanted == EntryState::incomplete) return;
    (void)hear(wanted == EntryState::reachable ? kSolicited : kUnsolicited);
    if (wanted == EntryState::delay || wanted == EntryState::probe) ask();
    if (wanted == EntryState::probe) (void)cache.on_deadline(kStart + 5s);
    ASSERT_EQ(state(), wanted);
  }
};

//= RFC4861-7.2.5-a
TEST_F(NdpCache, AnAdvertisementOfAStrangerIsDiscarded) {
  CacheActions actions;
  EXPECT_FALSE(cache.on_advertisement(kStart, kPeer, kSolicited, actions));
  EXPECT_EQ(cache.size(), 0u);
}

//= RFC4861-7.2.5-b
TEST_F(NdpCache, IncompleteWantsALinkLayerAddress) {
  become(EntryState::incomplete);
  EXPECT_FALSE(hear({std::nullopt, true, true, true}).resolved);
  EXPECT_EQ(state(), EntryState::incomplete);
  EXPECT_FALSE(cache.is_router(kPeer));
}

//= RFC4861-7.2.5-c
TEST_F(NdpCache, IncompleteBecomesReachableOrStaleAndLetsPacketsGo) {
  become(EntryState::incomplete);
  cache.hold(kPeer, {wire::EtherType::ipv6, Buffer(3)});
  const CacheActions actions = hear({kMac, true, false, true});  // the Override flag is ignored
  EXPECT_TRUE(actions.resolved);
  EXPECT_EQ(actions.held.size(), 1u);
  EXPECT_EQ(state(), EntryState::reachable);
  EXPECT_TRUE(cache.is_router(kPeer));

  cache.flush();
  become(EntryState::incomplete);
  EXPECT_TRUE(hear(kUnsolicited).resolved);
  EXPECT_EQ(state(), EntryState::stale);
  EXPECT_EQ(cache.next_deadline(), std::nullopt);
}

//= RFC4861-7.2.5-d
TEST_F(NdpCache, WithoutOverrideAnotherAddressOnlyCastsDoubt) {
  become(EntryState::reachable);
  (void)hear({kOtherMac, true, false, true});
  EXPECT_EQ(state(), EntryState::stale);
  EXPECT_EQ(mac(), kMac);
  EXPECT_FALSE(cache.is_router(kPeer));
  for (const EntryState other : {EntryState::stale, EntryState::delay, EntryState::probe}) {
    cache.flush();
    become(other);
    (void)hear({kOtherMac, true, false, true});
    EXPECT_EQ(state(), other);
    EXPECT_EQ(mac(), kMac);
  }
}

//= RFC4861-7.2.5-e
TEST_F(NdpCache, OverrideTakesTheNewAddress) {
  become(EntryState::reachable);
  (void)hear({kOtherMac, false, true, false});
  EXPECT_EQ(state(), EntryState::stale);
  EXPECT_EQ(mac(), kOtherMac);
  (void)hear({kMac, true, true, false});
  EXPECT_EQ(state(), EntryState::reachable);
  EXPECT_EQ(mac(), kMac);
}

//= RFC4861-7.2.5-e
TEST_F(NdpCache, AnAnswerWithoutAddressConfirmsTheOneThatIsKnown) {
  become(EntryState::probe);
  (void)hear({std::nullopt, true, false, false}, kStart + 6s);
  EXPECT_EQ(state(kStart + 6s), EntryState::reachable);
  EXPECT_EQ(cache.next_deadline(), std::nullopt);
}

//= RFC4861-7.3.1-b
TEST_F(NdpCache, AnUnsolicitedAdvertisementConfirmsNothing) {
  become(EntryState::delay);
  (void)hear(kUnsolicited);
  EXPECT_EQ(state(), EntryState::delay);
}

//= RFC4861-7.2.5-f
TEST_F(NdpCache, WhoCeasesToBeARouterIsReported) {
  become(EntryState::reachable);
  EXPECT_FALSE(hear({kMac, true, true, true}).lost_router);
  EXPECT_TRUE(hear({kMac, false, true, false}).lost_router);
  EXPECT_FALSE(hear({kMac, false, true, false}).lost_router);
}

//= RFC4861-7.2.3-b
TEST_F(NdpCache, AMentionMakesAStaleEntry) {
  EXPECT_FALSE(cache.mention(kStart, kPeer, kMac).resolved);
  EXPECT_EQ(state(), EntryState::stale);
  EXPECT_EQ(mac(), kMac);
}

//= RFC4861-7.2.3-b
TEST_F(NdpCache, AMentionChangesOnlyWhatDiffers) {
  become(EntryState::reachable);
  (void)cache.mention(kStart, kPeer, kMac);
  EXPECT_EQ(state(), EntryState::reachable);
  (void)cache.mention(kStart, kPeer, kOtherMac);
  EXPECT_EQ(state(), EntryState::stale);
  EXPECT_EQ(mac(), kOtherMac);

  cache.flush();
  become(EntryState::incomplete);
  cache.hold(kPeer, {wire::EtherType::ipv6, Buffer(3)});
  const CacheActions actions = cache.mention(kStart, kPeer, kMac);
  EXPECT_EQ(actions.held.size(), 1u);
  EXPECT_EQ(state(), EntryState::stale);
}

TEST_F(NdpCache, APermanentEntryListensToNobody) {
  (void)cache.add_static(kPeer, kMac);
  (void)cache.mention(kStart, kPeer, kOtherMac);
  (void)hear({kOtherMac, true, true, true});
  EXPECT_EQ(state(), EntryState::permanent);
  EXPECT_EQ(mac(), kMac);
}

//= RFC4861-7.3.3-a
//= RFC4861-7.3.3-b
TEST_F(NdpCache, StaleIsUsedThenAskedThenForgotten) {
  become(EntryState::delay);
  EXPECT_EQ(cache.next_deadline(), kStart + 5s);
  for (const Duration at : {5s, 6s, 7s}) {
    const auto due = cache.on_deadline(kStart + at);
    ASSERT_TRUE(due.has_value());
    EXPECT_EQ(due->second.ask, Ask::neighbor);
    EXPECT_EQ(due->second.mac, kMac);
    //= RFC4861-7.3.3-c
    EXPECT_EQ(cache.use(kStart + at, kPeer, kUs).mac, kMac);
  }
  const auto due = cache.on_deadline(kStart + 8s);
  ASSERT_TRUE(due.has_value());
  EXPECT_TRUE(due->second.failed);
  EXPECT_EQ(cache.find(kStart + 8s, kPeer), std::nullopt);
}

//= RFC4861-7.3.1-a
TEST_F(NdpCache, AConfirmationIsWantedInDelayAndProbeOnly) {
  EXPECT_FALSE(cache.wants_confirmation());
  become(EntryState::stale);
  EXPECT_FALSE(cache.wants_confirmation());
  ask();
  EXPECT_TRUE(cache.wants_confirmation());
  (void)cache.on_deadline(kStart + 5s);
  EXPECT_TRUE(cache.wants_confirmation());
  cache.confirm(kStart + 5s, kPeer);
  EXPECT_FALSE(cache.wants_confirmation());
  EXPECT_EQ(state(kStart + 5s), EntryState::reachable);

  ask();
  cache.remove(kPeer);
  EXPECT_FALSE(cache.wants_confirmation());
}

// The times are those of the link, which routers may change.
TEST_F(NdpCache, TimesCanChange) {
  cache.set_reachable_time(3s);
  cache.set_retransmit_interval(2s);
  become(EntryState::reachable);
  EXPECT_EQ(state(kStart + 3s - 1ns), EntryState::reachable);
  EXPECT_EQ(state(kStart + 3s), EntryState::stale);
  cache.flush();
  ask();
  EXPECT_EQ(cache.next_deadline(), kStart + 2s);
}

// A flood of mentions does not grow the table, nor push out who is talked to.
TEST_F(NdpCache, IsBounded) {
  become(EntryState::reachable);
  ask();
  for (std::uint16_t i = 0; i < 3'000; ++i) {
    const auto low = static_cast<std::uint8_t>(i);
    const auto high = static_cast<std::uint8_t>(i >> 8);
    (void)cache.mention(kStart, IpAddress::v6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 1, high, low}), kMac);
  }
  EXPECT_EQ(cache.size(), CacheConfig{}.max_entries);
  EXPECT_EQ(state(), EntryState::reachable);
}

}  // namespace
}  // namespace packetwright::neighbor
