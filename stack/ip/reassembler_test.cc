// SPDX-License-Identifier: Apache-2.0
#include "stack/ip/reassembler.hh"

#include <algorithm>
#include <numeric>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stack/base/rng.hh"

namespace packetwright::ip {
namespace {

constexpr Instant kStart = instant_at(0);

FragmentKey key(std::uint32_t identification = 7,
                wire::IpProtocol protocol = wire::IpProtocol::udp) {
  return {IpAddress::v4(10, 0, 0, 1), IpAddress::v4(10, 0, 0, 2), identification, protocol};
}

Buffer payload(std::size_t size) {
  Buffer octets(size);
  for (std::size_t i = 0; i < size; ++i) octets[i] = static_cast<std::uint8_t>(i * 31 + i / 256);
  return octets;
}

// Fragments of one datagram: the header is twenty octets of 0x45, the data a part of `whole`.
class ReassemblerTest : public ::testing::Test {
 protected:
  using Outcome = Result<std::optional<Reassembled>, DropReason>;

  Fragment fragment(std::size_t begin, std::size_t end, bool more) const {
    Fragment piece;
    piece.key = key();
    piece.offset = static_cast<std::uint32_t>(begin);
    piece.more = more;
    piece.header = header_;
    piece.data = Bytes{whole_}.subspan(begin, end - begin);
    return piece;
  }
  Outcome add(std::size_t begin, std::size_t end, bool more, Instant now = kStart) {
    return reassembler_.add(now, fragment(begin, end, more));
  }
  // Kept, and nothing is complete.
  static bool kept(const Outcome& outcome) { return outcome.ok() && !outcome.value().has_value(); }
  static Buffer data_of(const Outcome& outcome) {
    if (!outcome || !*outcome) return {};
    const Reassembled& all = **outcome;
    return {all.octets.begin() + static_cast<std::ptrdiff_t>(all.header_size), all.octets.end()};
  }
  Buffer first(std::size_t size) const {
    return {whole_.begin(), whole_.begin() + static_cast<std::ptrdiff_t>(size)};
  }

  Buffer header_ = Buffer(20, 0x45);
  Buffer whole_ = payload(65515);
  Reassembler reassembler_{ReassemblyConfig{}};
};

//= RFC815-3-a
TEST_F(ReassemblerTest, EveryOrderOfFourFragmentsYieldsTheDatagram) {
  std::array<std::size_t, 4> order{0, 1, 2, 3};
  do {
    for (std::size_t i = 0; i < 4; ++i) {
      const std::size_t begin = order[i] * 8;
      const auto outcome = add(begin, order[i] == 3 ? 29 : begin + 8, order[i] != 3);
      if (i < 3) {
        EXPECT_TRUE(kept(outcome));
      } else {
        EXPECT_EQ(data_of(outcome), first(29));
      }
    }
    EXPECT_EQ(reassembler_.datagrams(), 0u);
    EXPECT_EQ(reassembler_.octets(), 0u);
  } while (std::next_permutation(order.begin(), order.end()));
}

//= RFC815-3-a
TEST_F(ReassemblerTest, FiftyFragmentsWithDuplicatesInAnyOrderYieldTheDatagramOnce) {
  Rng rng{42};
  for (int round = 0; round < 50; ++round) {
    const std::size_t count = 2 + rng.below(49);
    std::vector<std::pair<std::size_t, std::size_t>> pieces;
    std::size_t at = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t size = i + 1 == count ? 1 + rng.below(64) : 8 * (1 + rng.below(8));
      pieces.emplace_back(at, at + size);
      at += size;
    }
    const std::size_t total = at;
    auto sent = pieces;
    for (std::size_t i = 0; i < count / 2; ++i) sent.push_back(pieces[rng.below(count)]);
    for (std::size_t i = sent.size(); i > 1; --i) std::swap(sent[i - 1], sent[rng.below(i)]);

    int complete = 0;
    for (const auto& [begin, end] : sent) {
      const auto outcome = add(begin, end, end != total);
      ASSERT_TRUE(outcome.ok());
      if (!*outcome) continue;
      ++complete;
      EXPECT_EQ(data_of(outcome), first(total));
    }
    EXPECT_EQ(complete, 1);
    reassembler_.release(key());  // what copies behind the last piece started
  }
}

TEST_F(ReassemblerTest, TheHeaderIsThatOfTheFirstFragment) {
  Fragment last = fragment(8, 12, false);
  const Buffer other(24, 0x46);
  last.header = other;
  EXPECT_TRUE(kept(reassembler_.add(kStart, last)));
  const auto outcome = add(0, 8, true);
  ASSERT_TRUE(outcome.ok() && outcome->has_value());
  EXPECT_EQ((*outcome)->header_size, 20u);
  EXPECT_EQ((*outcome)->octets[0], 0x45);
}

//= RFC791-3.2-a
TEST_F(ReassemblerTest, OnlyTheSameSourceDestinationProtocolAndIdentificationBelongTogether) {
  const FragmentKey mine = key();
  std::vector<FragmentKey> others(4, mine);
  others[0].source = IpAddress::v4(10, 0, 0, 9);
  others[1].destination = IpAddress::v4(10, 0, 0, 9);
  others[2].identification = 8;
  others[3].protocol = wire::IpProtocol::tcp;
  EXPECT_TRUE(kept(add(0, 8, true)));
  for (const FragmentKey& other : others) {
    Fragment last = fragment(8, 16, false);
    last.key = other;
    EXPECT_TRUE(kept(reassembler_.add(kStart, last)));
  }
  EXPECT_EQ(reassembler_.datagrams(), 5u);
  EXPECT_EQ(data_of(add(8, 16, false)), first(16));
}

//= RFC791-3.2-c
//= RFC8200-4.5-i
TEST_F(ReassemblerTest, AFragmentBeforeTheLastHasAMultipleOfEightOctets) {
  EXPECT_EQ(add(0, 13, true).error(), DropReason::fragment_malformed);
  EXPECT_EQ(add(0, 0, true).error(), DropReason::fragment_malformed);
  EXPECT_EQ(add(8, 8, false).error(), DropReason::fragment_malformed);
  EXPECT_EQ(reassembler_.datagrams(), 0u);
}

//= RFC791-3.2-h
TEST_F(ReassemblerTest, ADatagramNeverExceeds65535Octets) {
  Fragment death = fragment(0, 1480, false);
  death.offset = 65528;
  EXPECT_EQ(reassembler_.add(kStart, death).error(), DropReason::fragment_too_big);
  // With a header of twenty octets the payload may end at 65515 and not one octet later.
  EXPECT_TRUE(kept(add(65512, 65515, false)));
  Fragment over = fragment(0, 4, false);
  over.offset = 65512;
  over.key = key(8);
  EXPECT_EQ(reassembler_.add(kStart, over).error(), DropReason::fragment_too_big);
}

TEST_F(ReassemblerTest, AFirstHeaderThatMakesTheWholeTooLongEndsIt) {
  EXPECT_TRUE(kept(add(8, 65515, false)));
  Fragment start = fragment(0, 8, true);
  const Buffer longer(60, 0x4f);
  start.header = longer;
  EXPECT_EQ(reassembler_.add(kStart, start).error(), DropReason::fragment_too_big);
  EXPECT_EQ(reassembler_.datagrams(), 0u);
}

TEST_F(ReassemblerTest, TheLargestDatagramIsReassembledFromTheSmallestFragmentsOfAnMtuOf68) {
  const std::size_t size = 48;  // 68 octets less the header
  Outcome outcome = std::optional<Reassembled>{};
  for (std::size_t begin = 0; begin < whole_.size(); begin += size) {
    const std::size_t end = std::min(begin + size, whole_.size());
    outcome = add(begin, end, end != whole_.size());
    ASSERT_TRUE(outcome.ok());
  }
  EXPECT_EQ(data_of(outcome), whole_);
}

// --- overlap

struct Overlap {
  const char* name;
  std::vector<std::array<std::size_t, 3>> pieces;  // begin, end, more; the last one is at fault
};

class ReassemblerOverlap : public ReassemblerTest, public ::testing::WithParamInterface<Overlap> {};

//= RFC5722-4-b
//= RFC8200-4.5-l
TEST_P(ReassemblerOverlap, DropsTheWholeDatagramAndWhatStillComesOfIt) {
  const auto& pieces = GetParam().pieces;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto outcome = add(pieces[i][0], pieces[i][1], pieces[i][2] != 0);
    if (i + 1 < pieces.size()) {
      EXPECT_TRUE(kept(outcome));
    } else {
      EXPECT_EQ(outcome.error(), DropReason::fragment_overlap);
    }
  }
  // The sender goes on with all of it, correctly: still nothing.
  EXPECT_EQ(add(0, 64, true).error(), DropReason::fragment_overlap);
  EXPECT_EQ(add(64, 128, false).error(), DropReason::fragment_overlap);
  // The time-out is silent, and then the key is as good as new.
  reassembler_.on_deadline(kStart + 60s);
  EXPECT_FALSE(reassembler_.next_abandoned());
  EXPECT_TRUE(kept(add(0, 64, true, kStart + 60s)));
  EXPECT_EQ(data_of(add(64, 128, false, kStart + 60s)), first(128));
}

INSTANTIATE_TEST_SUITE_P(
    , ReassemblerOverlap,
    ::testing::Values(Overlap{"teardrop_inside_the_first", {{{0, 40, 1}}, {{24, 28, 0}}}},
                      Overlap{"tail_over_head_of_next", {{{16, 32, 1}}, {{0, 24, 1}}}},
                      Overlap{"head_over_tail_of_previous", {{{0, 24, 1}}, {{16, 32, 1}}}},
                      Overlap{"same_begin_longer", {{{0, 16, 1}}, {{0, 24, 1}}}},
                      Overlap{"same_begin_shorter", {{{0, 24, 1}}, {{0, 16, 1}}}},
                      Overlap{"swallows_one", {{{16, 24, 1}}, {{8, 40, 1}}}},
                      Overlap{"swallows_two", {{{16, 24, 1}}, {{32, 40, 1}}, {{8, 48, 1}}}},
                      Overlap{"beyond_the_end", {{{32, 40, 0}}, {{40, 48, 1}}}},
                      Overlap{"last_before_another", {{{32, 40, 1}}, {{16, 24, 0}}}},
                      Overlap{"two_ends", {{{32, 40, 0}}, {{48, 56, 0}}}},
                      Overlap{"copy_of_the_last_with_more", {{{32, 40, 0}}, {{32, 40, 1}}}},
                      Overlap{"copy_without_more", {{{0, 8, 1}}, {{0, 8, 0}}}}),
    [](const auto& overlap) { return std::string{overlap.param.name}; });

TEST_F(ReassemblerTest, ACopyWithOtherOctetsIsAnOverlap) {
  EXPECT_TRUE(kept(add(0, 8, true)));
  Fragment forged = fragment(0, 8, true);
  const Buffer other(8, 0xee);
  forged.data = other;
  EXPECT_EQ(reassembler_.add(kStart, forged).error(), DropReason::fragment_overlap);
}

//= RFC8200-4.5-m
TEST_F(ReassemblerTest, AnExactCopyChangesNothing) {
  EXPECT_TRUE(kept(add(8, 16, false)));
  EXPECT_TRUE(kept(add(8, 16, false)));
  EXPECT_EQ(data_of(add(0, 8, true)), first(16));
}

// --- time

//= RFC8200-4.5-g
//= RFC1122-3.3.2-d
//= RFC1122-3.3.2-e
TEST_F(ReassemblerTest, TimeRunsFromTheFragmentThatCameFirst) {
  EXPECT_TRUE(kept(add(0, 8, true)));
  EXPECT_TRUE(kept(add(8, 16, true, kStart + 50s)));
  EXPECT_EQ(reassembler_.next_deadline(), kStart + 60s);
  EXPECT_EQ(data_of(add(16, 24, false, kStart + 59s)), first(24));

  EXPECT_TRUE(kept(add(0, 8, true, kStart + 100s)));
  EXPECT_TRUE(kept(add(8, 16, false, kStart + 161s))) << "the first half is gone";
}

//= RFC1122-3.3.2-f
//= RFC8200-4.5-h
TEST_F(ReassemblerTest, ATimeOutHandsBackTheFirstFragmentIfItCame) {
  Fragment second = fragment(8, 16, true);
  second.key = key(8);
  EXPECT_TRUE(kept(add(0, 8, true)));
  EXPECT_TRUE(kept(reassembler_.add(kStart, second)));
  reassembler_.on_deadline(kStart + 60s);

  const auto with_first = reassembler_.next_abandoned();
  ASSERT_TRUE(with_first);
  EXPECT_EQ(with_first->reason, DropReason::fragment_timeout);
  EXPECT_EQ(with_first->key, key());
  Buffer expected = header_;
  expected.insert(expected.end(), whole_.begin(), whole_.begin() + 8);
  EXPECT_EQ(with_first->first, expected);

  const auto without = reassembler_.next_abandoned();
  ASSERT_TRUE(without);
  EXPECT_TRUE(without->first.empty());
  EXPECT_FALSE(reassembler_.next_abandoned());
  EXPECT_EQ(reassembler_.next_deadline(), std::nullopt);
  EXPECT_EQ(reassembler_.octets(), 0u);
}

//= RFC791-3.2-e
TEST_F(ReassemblerTest, ReleaseFreesEverything) {
  EXPECT_TRUE(kept(add(0, 1000, true)));
  reassembler_.release(key());
  EXPECT_EQ(reassembler_.octets(), 0u);
  EXPECT_FALSE(reassembler_.next_abandoned());
}

// --- ECN

struct EcnCase {
  std::uint8_t one, other;
  bool delivered, congested;
};

class ReassemblerEcn : public ReassemblerTest, public ::testing::WithParamInterface<EcnCase> {};

//= RFC3168-5.3-a
//= RFC3168-5.3-b
TEST_P(ReassemblerEcn, AMarkIsNeverLost) {
  Fragment one = fragment(0, 8, true);
  one.ecn = GetParam().one;
  Fragment other = fragment(8, 16, false);
  other.ecn = GetParam().other;
  EXPECT_TRUE(kept(reassembler_.add(kStart, one)));
  const auto outcome = reassembler_.add(kStart, other);
  EXPECT_EQ(outcome.ok(), GetParam().delivered);
  if (outcome.ok()) {
    EXPECT_EQ((*outcome)->congested, GetParam().congested);
  }
  EXPECT_EQ(reassembler_.datagrams(), 0u);
}

// Not-ECT 0, ECT(1) 1, ECT(0) 2, CE 3.
INSTANTIATE_TEST_SUITE_P(, ReassemblerEcn,
                         ::testing::Values(EcnCase{0, 0, true, false}, EcnCase{2, 2, true, false},
                                           EcnCase{1, 1, true, false}, EcnCase{2, 3, true, true},
                                           EcnCase{3, 1, true, true}, EcnCase{3, 3, true, true},
                                           EcnCase{0, 3, false, false},
                                           EcnCase{3, 0, false, false}));

// --- bounds

class ReassemblerBounds : public ReassemblerTest {
 protected:
  ReassemblerBounds() { reassembler_ = Reassembler{bounds()}; }
  static ReassemblyConfig bounds() {
    ReassemblyConfig config;
    config.max_octets = 64 * 1024;
    config.max_datagrams = 32;
    config.max_fragments = 64;
    return config;
  }
  Outcome add_to(std::uint32_t identification, std::size_t begin, std::size_t end) {
    Fragment piece = fragment(begin, end, true);
    piece.key = key(identification);
    return reassembler_.add(kStart, piece);
  }
};

TEST_F(ReassemblerBounds, AFloodOfDatagramsPushesOutTheOldest) {
  for (std::uint32_t id = 0; id < 10000; ++id) {
    EXPECT_TRUE(kept(add_to(id, 0, 8)));
    EXPECT_LE(reassembler_.datagrams(), 32u);
  }
  int abandoned = 0;
  std::uint32_t last = 0;
  while (const auto gone = reassembler_.next_abandoned()) {
    EXPECT_EQ(gone->reason, DropReason::fragment_no_memory);
    last = gone->key.identification;
    ++abandoned;
  }
  EXPECT_EQ(abandoned, 10000 - 32);
  EXPECT_EQ(last, 10000u - 33u);
}

TEST_F(ReassemblerBounds, AFloodOfOctetsStaysWithinTheLimit) {
  for (std::uint32_t id = 0; id < 1000; ++id) {
    EXPECT_TRUE(kept(add_to(id, 0, 1480)));
    EXPECT_TRUE(kept(add_to(id, 1480, 2960)));
    EXPECT_LE(reassembler_.octets(), 64u * 1024u);
    while (reassembler_.next_abandoned()) {
    }
  }
  EXPECT_TRUE(kept(add_to(999, 2960, 2968))) << "the youngest is still there";
}

TEST_F(ReassemblerBounds, ADatagramTooLargeForTheLimitIsGivenUpAlone) {
  ReassemblyConfig config = bounds();
  config.max_octets = 20000;
  reassembler_ = Reassembler{config};
  EXPECT_TRUE(kept(add(0, 8192, true)));
  EXPECT_TRUE(kept(add(8192, 16384, true)));
  EXPECT_EQ(add(16384, 24576, true).error(), DropReason::fragment_no_memory);
  EXPECT_LE(reassembler_.octets(), 1024u) << "what was held is free";
  EXPECT_EQ(add(24576, 24584, false).error(), DropReason::fragment_overlap) << "and stays dead";
}

TEST_F(ReassemblerBounds, TheDatagramThatGrowsIsNotTheOneThatGoes) {
  EXPECT_TRUE(kept(add_to(1, 0, 20000)));
  EXPECT_TRUE(kept(add_to(2, 0, 20000)));
  EXPECT_TRUE(kept(add_to(3, 0, 20000)));
  EXPECT_TRUE(kept(add_to(1, 20000, 40000))) << "the oldest, but the one in hand";
  const auto gone = reassembler_.next_abandoned();
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->key.identification, 2u);
  EXPECT_EQ(reassembler_.datagrams(), 2u);
}

TEST_F(ReassemblerBounds, TinyFragmentsOfOneDatagramAreBounded) {
  for (std::size_t i = 0; i < 64; ++i) EXPECT_TRUE(kept(add(i * 16, i * 16 + 8, true)));
  EXPECT_EQ(add(64 * 16, 64 * 16 + 8, true).error(), DropReason::fragment_no_memory);
  EXPECT_LE(reassembler_.octets(), 1024u) << "what was held is free";
}

// CVE-2018-5391: fragments with a hole before each of them, and never an end.
TEST(ReassemblerFlood, ThousandsOfHolesAreGivenUpTogether) {
  const ReassemblyConfig config;
  Reassembler reassembler{config};
  const Buffer header(20, 0x45);
  const Buffer data(8, 1);
  std::size_t held = 0;
  for (std::uint32_t i = 4000; i-- > 0;) {  // backwards, every second eight octets
    Fragment piece;
    piece.key = key();
    piece.offset = i * 16;
    piece.more = true;
    piece.header = header;
    piece.data = data;
    if (reassembler.add(kStart, piece).ok()) ++held;
  }
  EXPECT_EQ(held, config.max_fragments);
  EXPECT_LE(reassembler.octets(), 1024u);
}

}  // namespace
}  // namespace packetwright::ip
