// SPDX-License-Identifier: Apache-2.0
#include "stack/ip/identification.hh"

#include <set>

#include <gtest/gtest.h>

namespace packetwright::ip {
namespace {

using wire::IpProtocol;

constexpr IpAddress kUs = IpAddress::v4(192, 0, 2, 1);
constexpr IpAddress kPeer = IpAddress::v4(192, 0, 2, 2);
constexpr IpAddress kOther = IpAddress::v4(192, 0, 2, 3);
constexpr IpAddress kUs6 = IpAddress::v6({0x20, 0x01, 0, 1});
constexpr IpAddress kPeer6 = IpAddress::v6({0x20, 0x01, 0, 2});

//= RFC791-3.2-g
//= RFC6864-4.3-a
TEST(Identification, Ipv4ValuesOfAFlowDoNotRepeatForAQuarterOfTheirSpace) {
  Identification identification{Rng{1}};
  std::set<std::uint16_t> seen;
  for (int i = 0; i < 16384; ++i) {
    EXPECT_TRUE(seen.insert(identification.next_v4(kUs, kPeer, IpProtocol::udp)).second) << i;
  }
}

//= RFC8200-4.5-a
TEST(Identification, Ipv6ValuesOfAPairDoNotRepeat) {
  Identification identification{Rng{1}};
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 20000; ++i) {
    EXPECT_TRUE(seen.insert(identification.next_v6(kUs6, kPeer6)).second) << i;
  }
}

// Who knows the value of one flow and the number of datagrams sent since does not know the next.
//= RFC8504-5.1-c
TEST(Identification, StepsAreNotConstant) {
  Identification identification{Rng{1}};
  std::set<std::uint32_t> steps6;
  std::set<std::uint16_t> steps4;
  std::uint32_t last6 = identification.next_v6(kUs6, kPeer6);
  std::uint16_t last4 = identification.next_v4(kUs, kPeer, IpProtocol::udp);
  for (int i = 0; i < 100; ++i) {
    const std::uint32_t next6 = identification.next_v6(kUs6, kPeer6);
    const std::uint16_t next4 = identification.next_v4(kUs, kPeer, IpProtocol::udp);
    steps6.insert(next6 - last6);
    steps4.insert(static_cast<std::uint16_t>(next4 - last4));
    last6 = next6;
    last4 = next4;
  }
  EXPECT_GT(steps6.size(), 90u);
  EXPECT_EQ(steps4.size(), 4u);
}

TEST(Identification, FlowsStartAtUnrelatedValues) {
  Identification identification{Rng{1}};
  std::set<std::uint16_t> firsts{identification.next_v4(kUs, kPeer, IpProtocol::udp),
                                 identification.next_v4(kUs, kPeer, IpProtocol::icmpv4),
                                 identification.next_v4(kUs, kOther, IpProtocol::udp),
                                 identification.next_v4(kOther, kPeer, IpProtocol::udp)};
  EXPECT_EQ(firsts.size(), 4u);
  const auto low = *firsts.begin();
  const auto high = *firsts.rbegin();
  EXPECT_GT(high - low, 100) << "not one counter for all";
}

TEST(Identification, AnotherSeedGivesOtherValuesAndTheSameSeedTheSame) {
  Identification one{Rng{1}}, same{Rng{1}}, other{Rng{2}};
  const auto value = one.next_v6(kUs6, kPeer6);
  EXPECT_EQ(same.next_v6(kUs6, kPeer6), value);
  EXPECT_NE(other.next_v6(kUs6, kPeer6), value);
}

}  // namespace
}  // namespace packetwright::ip
