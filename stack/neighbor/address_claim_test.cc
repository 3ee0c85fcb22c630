// SPDX-License-Identifier: Apache-2.0
#include "stack/neighbor/address_claim.hh"

#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace packetwright::neighbor {
namespace {

constexpr Instant kStart = instant_at(0) + 100s;

// Runs a claim from its start until it is owned or given up; when each packet was sent.
struct History {
  std::vector<Instant> probes;
  std::vector<Instant> announcements;
  std::optional<Instant> ready;
};

void note(History& history, Instant at, const ClaimActions& actions) {
  if (actions.send_probe) history.probes.push_back(at);
  if (actions.send_announcement) history.announcements.push_back(at);
  if (actions.ready) history.ready = at;
}

History run_to_end(AddressClaim& claim, Rng& rng, ConflictRate& rate) {
  History history;
  note(history, kStart, claim.start(kStart, rng, rate));
  while (const auto at = claim.next_deadline()) note(history, *at, claim.on_deadline(*at, rng));
  return history;
}

// Runs a fresh claim until the address is in use and all announcements are out.
AddressClaim owned_claim(const ClaimConfig& config, ConflictRate& rate) {
  AddressClaim claim{config};
  Rng rng{1};
  run_to_end(claim, rng, rate);
  EXPECT_EQ(claim.state(), ClaimState::owned);
  return claim;
}

//= RFC5227-2.1.1-a
TEST(AddressClaim, ProbesThreeTimesOneToTwoSecondsApartAfterARandomWait) {
  std::set<Instant> firsts;
  std::set<Duration> gaps;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    AddressClaim claim{ClaimConfig{}};
    Rng rng{seed};
    ConflictRate rate;
    const History history = run_to_end(claim, rng, rate);
    ASSERT_EQ(history.probes.size(), 3u);
    EXPECT_GE(history.probes[0], kStart);
    EXPECT_LE(history.probes[0], kStart + 1s);
    firsts.insert(history.probes[0]);
    for (std::size_t i = 1; i < 3; ++i) {
      const Duration gap = history.probes[i] - history.probes[i - 1];
      EXPECT_GE(gap, Duration{1s});
      EXPECT_LE(gap, Duration{2s});
      gaps.insert(gap);
    }
  }
  EXPECT_GT(firsts.size(), 40u) << "the wait is random";
  EXPECT_GT(gaps.size(), 80u) << "the gaps are random";
}

//= RFC5227-2.3-a
TEST(AddressClaim, AnnouncesTwiceTwoSecondsApartBeginningTwoSecondsAfterTheLastProbe) {
  AddressClaim claim{ClaimConfig{}};
  Rng rng{7};
  ConflictRate rate;
  const History history = run_to_end(claim, rng, rate);
  ASSERT_EQ(history.announcements.size(), 2u);
  EXPECT_EQ(history.announcements[0], history.probes.back() + 2s);
  EXPECT_EQ(history.announcements[1], history.announcements[0] + 2s);
  EXPECT_EQ(history.ready, history.announcements[0]) << "usable as soon as the first is out";
}

TEST(AddressClaim, AnnouncesAsOftenAsToldTo) {
  ClaimConfig config;
  config.probe = false;
  config.announce_num = 4;
  AddressClaim claim{config};
  Rng rng{1};
  ConflictRate rate;
  const History history = run_to_end(claim, rng, rate);
  EXPECT_EQ(history.announcements,
            (std::vector<Instant>{kStart, kStart + 2s, kStart + 4s, kStart + 6s}));
}

//= RFC5227-2.1-b
TEST(AddressClaim, IsQuietOnceAnnounced) {
  ConflictRate rate;
  AddressClaim claim = owned_claim({}, rate);
  EXPECT_EQ(claim.next_deadline(), std::nullopt);
}

TEST(AddressClaim, IsReadyAtOnceWithoutProbing) {
  ClaimConfig config;
  config.probe = false;
  config.announce = false;
  AddressClaim claim{config};
  Rng rng{1};
  ConflictRate rate;
  const ClaimActions actions = claim.start(kStart, rng, rate);
  EXPECT_TRUE(actions.ready);
  EXPECT_FALSE(actions.send_announcement);
  EXPECT_EQ(claim.next_deadline(), std::nullopt);
}

//= RFC5227-2.1.1-b
TEST(AddressClaim, AConflictWhileProbingEndsIt) {
  AddressClaim claim{ClaimConfig{}};
  Rng rng{1};
  ConflictRate rate;
  (void)claim.start(kStart, rng, rate);
  (void)claim.on_deadline(*claim.next_deadline(), rng);
  const ClaimActions actions = claim.on_conflict(kStart + 1s, rate);
  EXPECT_TRUE(actions.conflict);
  EXPECT_FALSE(actions.send_announcement) << "an address that is not ours is not defended";
  EXPECT_EQ(claim.state(), ClaimState::conflict);
  EXPECT_EQ(claim.next_deadline(), std::nullopt);
}

//= RFC5227-2.1.1-b
TEST(AddressClaim, AConflictAfterTheLastProbeStillCounts) {
  AddressClaim claim{ClaimConfig{}};
  Rng rng{1};
  ConflictRate rate;
  (void)claim.start(kStart, rng, rate);
  Instant last;
  for (int probe = 0; probe < 3; ++probe) {
    last = *claim.next_deadline();
    EXPECT_TRUE(claim.on_deadline(last, rng).send_probe);
  }
  EXPECT_TRUE(claim.on_conflict(last + 1999ms, rate).conflict);
}

//= RFC5227-2.4-a
TEST(AddressClaim, GivesUpAtOnceUnderPolicyA) {
  ClaimConfig config;
  config.policy = DefendPolicy::give_up;
  ConflictRate rate;
  AddressClaim claim = owned_claim(config, rate);
  const ClaimActions actions = claim.on_conflict(kStart + 100s, rate);
  EXPECT_TRUE(actions.lost);
  EXPECT_FALSE(actions.send_announcement);
}

TEST(AddressClaim, AnAddressThatIsLostIsNotAnnouncedAgain) {
  ClaimConfig config;
  config.probe = false;
  config.policy = DefendPolicy::give_up;
  AddressClaim claim{config};
  Rng rng{1};
  ConflictRate rate;
  EXPECT_TRUE(claim.start(kStart, rng, rate).send_announcement);
  EXPECT_TRUE(claim.next_deadline()) << "the second announcement is due";
  EXPECT_TRUE(claim.on_conflict(kStart + 1s, rate).lost);
  EXPECT_EQ(claim.next_deadline(), std::nullopt);
}

//= RFC5227-2.4-b
TEST(AddressClaim, DefendsOnceAndGivesUpOnASecondConflictWithinTenSecondsUnderPolicyB) {
  ClaimConfig config;
  config.policy = DefendPolicy::defend_once;
  ConflictRate rate;
  AddressClaim claim = owned_claim(config, rate);
  EXPECT_TRUE(claim.on_conflict(kStart + 100s, rate).send_announcement);
  EXPECT_EQ(claim.state(), ClaimState::owned);
  const ClaimActions second = claim.on_conflict(kStart + 103s, rate);
  EXPECT_TRUE(second.lost);
  EXPECT_FALSE(second.send_announcement);
  EXPECT_EQ(claim.state(), ClaimState::conflict);
}

//= RFC5227-2.4-b
TEST(AddressClaim, DefendsAgainWhenTenSecondsHavePassedUnderPolicyB) {
  ClaimConfig config;
  config.policy = DefendPolicy::defend_once;
  ConflictRate rate;
  AddressClaim claim = owned_claim(config, rate);
  (void)claim.on_conflict(kStart + 100s, rate);
  const ClaimActions second = claim.on_conflict(kStart + 110s, rate);
  EXPECT_FALSE(second.lost);
  EXPECT_TRUE(second.send_announcement);
}

//= RFC5227-2.4-c
TEST(AddressClaim, AnnouncesAtMostOncePerTenSecondsAndKeepsTheAddressUnderPolicyC) {
  ConflictRate rate;
  AddressClaim claim = owned_claim({}, rate);
  std::vector<int> announced;
  for (int second = 0; second <= 25; ++second) {
    const ClaimActions actions =
        claim.on_conflict(kStart + 100s + std::chrono::seconds{second}, rate);
    EXPECT_FALSE(actions.lost);
    if (actions.send_announcement) announced.push_back(second);
  }
  EXPECT_EQ(announced, (std::vector<int>{0, 10, 20}));
}

//= RFC5227-2.1.1-d
TEST(AddressClaim, AfterTenConflictsTriesAtMostOneAddressPerMinute) {
  ConflictRate rate;
  Rng rng{3};
  Instant now = kStart;
  for (int attempt = 0; attempt < 10; ++attempt) {
    AddressClaim claim{ClaimConfig{}};
    (void)claim.start(now, rng, rate);
    EXPECT_LE(*claim.next_deadline(), now + 1s) << "not limited yet: attempt " << attempt;
    (void)claim.on_conflict(now, rate);
  }
  AddressClaim eleventh{ClaimConfig{}};
  (void)eleventh.start(now + 5s, rng, rate);
  EXPECT_GE(*eleventh.next_deadline(), now + 60s);
  (void)eleventh.on_conflict(now + 61s, rate);
  AddressClaim twelfth{ClaimConfig{}};
  (void)twelfth.start(now + 62s, rng, rate);
  EXPECT_GE(*twelfth.next_deadline(), now + 120s);
}

}  // namespace
}  // namespace packetwright::neighbor
