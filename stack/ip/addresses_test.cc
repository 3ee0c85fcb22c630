// SPDX-License-Identifier: Apache-2.0
#include "stack/ip/addresses.hh"

#include <gtest/gtest.h>

namespace packetwright::ip {
namespace {

constexpr IpAddress kOwn = IpAddress::v4(192, 168, 1, 10);
constexpr IpAddress kOwn6 =
    IpAddress::v6({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34, 0x56, 0x78});
constexpr IpAddress kLinkLocal6 =
    IpAddress::v6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01});

IpAddress v6(std::uint16_t first, std::uint16_t second, std::uint16_t last) {
  return IpAddress::v6({static_cast<std::uint8_t>(first >> 8), static_cast<std::uint8_t>(first),
                        static_cast<std::uint8_t>(second >> 8), static_cast<std::uint8_t>(second),
                        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(last >> 8),
                        static_cast<std::uint8_t>(last)});
}

Addresses one_host() {
  Addresses addresses;
  EXPECT_TRUE(addresses.add({kOwn, 24}));
  EXPECT_TRUE(addresses.add({kOwn6, 64}));
  EXPECT_TRUE(addresses.add({kLinkLocal6, 64}));
  return addresses;
}

//= RFC1122-3.2.1.3-b
TEST(Addresses, RefuseWhatIsNoHostAddress) {
  Addresses addresses;
  EXPECT_FALSE(addresses.add({IpAddress::v4(0, 0, 0, 0), 0}));
  EXPECT_FALSE(addresses.add({IpAddress::v4(0, 0, 0, 9), 8}));
  EXPECT_FALSE(addresses.add({IpAddress::v4(127, 0, 0, 1), 8}));
  EXPECT_FALSE(addresses.add({IpAddress::v4(224, 0, 0, 5), 4}));
  EXPECT_FALSE(addresses.add({IpAddress::v4(240, 0, 0, 1), 8}));
  EXPECT_FALSE(addresses.add({IpAddress::v4(255, 255, 255, 255), 32}));
  EXPECT_FALSE(addresses.add({IpAddress::v4(10, 1, 1, 255), 24}));
  EXPECT_FALSE(addresses.add({IpAddress::v4(10, 1, 1, 0), 24}));
  EXPECT_FALSE(addresses.add({IpAddress::v4(10, 1, 1, 1), 33}));
  EXPECT_FALSE(addresses.add({IpAddress::v6({}), 0}));
  EXPECT_FALSE(addresses.add({v6(0, 0, 1), 128}));
  EXPECT_FALSE(addresses.add({v6(0xff02, 0, 1), 128}));
  EXPECT_TRUE(addresses.all().empty());
}

TEST(Addresses, APointToPointPairHasNoBroadcastAddress) {
  Addresses addresses;
  EXPECT_TRUE(addresses.add({IpAddress::v4(10, 1, 1, 1), 31}));
  EXPECT_FALSE(addresses.is_broadcast(IpAddress::v4(10, 1, 1, 1)));
  EXPECT_FALSE(addresses.is_zero_broadcast(IpAddress::v4(10, 1, 1, 0)));
}

TEST(Addresses, AddingAgainChangesPrefixAndState) {
  Addresses addresses = one_host();
  EXPECT_TRUE(addresses.add({kOwn, 16}, AddressState::deprecated));
  EXPECT_EQ(addresses.all().size(), 3u);
  EXPECT_EQ(addresses.find(kOwn)->prefix.length, 16);
  EXPECT_EQ(addresses.find(kOwn)->state, AddressState::deprecated);
}

TEST(Addresses, ATentativeAddressIsNotOwn) {
  Addresses addresses = one_host();
  addresses.set_state(kOwn, AddressState::tentative);
  EXPECT_FALSE(addresses.is_own(kOwn));
  EXPECT_EQ(addresses.classify(kOwn), std::nullopt);
  addresses.set_state(kOwn, AddressState::preferred);
  EXPECT_EQ(addresses.classify(kOwn), AddressKind::unicast);
  addresses.remove(kOwn);
  EXPECT_EQ(addresses.classify(kOwn), std::nullopt);
}

//= RFC1122-3.2.1.3-f
//= RFC1122-3.2.1.3-g
//= RFC1122-3.3.6-a
//= RFC1122-3.3.6-b
TEST(Addresses, ClassifyIpv4Destinations) {
  const Addresses addresses = one_host();
  EXPECT_EQ(addresses.classify(kOwn), AddressKind::unicast);
  EXPECT_EQ(addresses.classify(IpAddress::v4(192, 168, 1, 11)), std::nullopt);
  EXPECT_EQ(addresses.classify(IpAddress::v4(255, 255, 255, 255)), AddressKind::broadcast);
  EXPECT_EQ(addresses.classify(IpAddress::v4(192, 168, 1, 255)), AddressKind::broadcast);
  EXPECT_EQ(addresses.classify(IpAddress::v4(192, 168, 1, 0)), AddressKind::broadcast);
  EXPECT_EQ(addresses.classify(IpAddress::v4(0, 0, 0, 0)), AddressKind::broadcast);
  EXPECT_EQ(addresses.classify(IpAddress::v4(192, 168, 255, 255)), std::nullopt);
  EXPECT_EQ(addresses.classify(IpAddress::v4(127, 0, 0, 1)), std::nullopt);
  //= RFC1122-3.3.7-b
  EXPECT_EQ(addresses.classify(IpAddress::v4(224, 0, 0, 1)), AddressKind::multicast);
  EXPECT_EQ(addresses.classify(IpAddress::v4(224, 0, 0, 5)), std::nullopt);
}

//= RFC4291-2.8-a
//= RFC4291-2.7-b
TEST(Addresses, ClassifyIpv6Destinations) {
  const Addresses addresses = one_host();
  EXPECT_EQ(addresses.classify(kOwn6), AddressKind::unicast);
  EXPECT_EQ(addresses.classify(kLinkLocal6), AddressKind::unicast);
  EXPECT_EQ(addresses.classify(v6(0, 0, 1)), std::nullopt);
  EXPECT_EQ(addresses.classify(v6(0, 0, 0)), std::nullopt);
  EXPECT_EQ(addresses.classify(v6(0xff02, 0, 1)), AddressKind::multicast);
  EXPECT_EQ(addresses.classify(v6(0xff00, 0, 1)), std::nullopt);
  EXPECT_EQ(addresses.classify(v6(0xff01, 0, 1)), std::nullopt);
  EXPECT_EQ(addresses.classify(v6(0xff02, 0, 2)), std::nullopt) << "all routers: not us";
  //= RFC4291-2.7.1-a
  EXPECT_EQ(addresses.classify(
                IpAddress::v6({0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0x34, 0x56, 0x78})),
            AddressKind::multicast);
}

//= RFC1122-3.3.7-a
TEST(Addresses, MembershipIsCounted) {
  Addresses addresses = one_host();
  const IpAddress group = IpAddress::v4(239, 1, 1, 1);
  addresses.join(group);
  addresses.join(group);
  addresses.leave(group);
  EXPECT_TRUE(addresses.is_member(group));
  addresses.leave(group);
  EXPECT_FALSE(addresses.is_member(group));
  addresses.leave(group);
  EXPECT_FALSE(addresses.is_member(group));
}

//= RFC1122-3.2.1.3-h
TEST(Addresses, SourcesThatNobodyCanHave) {
  const Addresses addresses = one_host();
  for (const IpAddress& bad :
       {IpAddress::v4(0, 0, 0, 0), IpAddress::v4(0, 1, 2, 3), IpAddress::v4(127, 0, 0, 1),
        IpAddress::v4(224, 0, 0, 1), IpAddress::v4(255, 255, 255, 255),
        IpAddress::v4(192, 168, 1, 255), IpAddress::v4(192, 168, 1, 0), IpAddress::v4(240, 0, 0, 1),
        v6(0, 0, 1), v6(0xff02, 0, 1),
        IpAddress::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1})}) {
    EXPECT_TRUE(addresses.is_invalid_source(bad));
  }
  for (const IpAddress& good : {IpAddress::v4(10, 0, 0, 1), IpAddress::v4(192, 168, 1, 11),
                                v6(0x2001, 0xdb8, 9), v6(0xfe80, 0, 9), v6(0, 0, 0)}) {
    EXPECT_FALSE(addresses.is_invalid_source(good));
  }
}

TEST(SourceSelection, IsEmptyWithoutAnAddressOfTheFamily) {
  Addresses addresses;
  EXPECT_TRUE(addresses.add({kOwn, 24}));
  EXPECT_EQ(addresses.select_source(v6(0x2001, 0xdb8, 9), v6(0xfe80, 0, 1)), std::nullopt);
}

// RFC 1122, 3.3.4.3: the address on the network of the first hop.
TEST(SourceSelection, PrefersTheNetworkOfTheNextHop) {
  Addresses addresses = one_host();
  const IpAddress second = IpAddress::v4(10, 0, 0, 5);
  EXPECT_TRUE(addresses.add({second, 8}));
  EXPECT_EQ(addresses.select_source(IpAddress::v4(8, 8, 8, 8), IpAddress::v4(192, 168, 1, 1)),
            kOwn);
  EXPECT_EQ(addresses.select_source(IpAddress::v4(8, 8, 8, 8), IpAddress::v4(10, 0, 0, 1)), second);
}

TEST(SourceSelection, AnIpv4LinkLocalAddressIsForItsLink) {
  Addresses addresses;
  const IpAddress link_local = IpAddress::v4(169, 254, 7, 7);
  EXPECT_TRUE(addresses.add({link_local, 16}));
  EXPECT_TRUE(addresses.add({kOwn, 24}));
  EXPECT_EQ(addresses.select_source(IpAddress::v4(8, 8, 8, 8), IpAddress::v4(169, 254, 1, 1)),
            kOwn);
  EXPECT_EQ(addresses.select_source(IpAddress::v4(169, 254, 1, 1), IpAddress::v4(169, 254, 1, 1)),
            link_local);
}

// RFC 6724, 5, rules 1, 2, 3, 6 and 8, with the examples of its section 10.1 where there is one.
//= RFC6724-5-a
TEST(SourceSelection, Rule1PrefersTheDestinationItself) {
  Addresses addresses = one_host();
  EXPECT_EQ(addresses.select_source(kLinkLocal6, kLinkLocal6), kLinkLocal6);
}

TEST(SourceSelection, Rule2PrefersAScopeThatReaches) {
  Addresses addresses;
  EXPECT_TRUE(addresses.add({v6(0xfe80, 0, 1), 64}));
  EXPECT_TRUE(addresses.add({v6(0x2001, 0xdb8, 1), 64}));
  EXPECT_EQ(addresses.select_source(v6(0x2001, 0xdb9, 1), v6(0xfe80, 0, 9)), v6(0x2001, 0xdb8, 1));
  EXPECT_EQ(addresses.select_source(v6(0xfe80, 0, 7), v6(0xfe80, 0, 7)), v6(0xfe80, 0, 1));
  EXPECT_EQ(addresses.select_source(v6(0xff02, 0, 1), v6(0xff02, 0, 1)), v6(0xfe80, 0, 1));
  EXPECT_EQ(addresses.select_source(v6(0xff0e, 0, 1), v6(0xff0e, 0, 1)), v6(0x2001, 0xdb8, 1));
}

TEST(SourceSelection, Rule3AvoidsDeprecatedAddresses) {
  Addresses addresses;
  EXPECT_TRUE(addresses.add({v6(0x2001, 0xdb8, 1), 64}, AddressState::deprecated));
  EXPECT_TRUE(addresses.add({v6(0x2001, 0xdb9, 1), 64}));
  EXPECT_EQ(addresses.select_source(v6(0x2001, 0xdb8, 7), v6(0xfe80, 0, 9)), v6(0x2001, 0xdb9, 1));
}

TEST(SourceSelection, Rule6PrefersTheSameLabel) {
  Addresses addresses;
  EXPECT_TRUE(addresses.add({v6(0x2002, 0xc633, 1), 64}));
  EXPECT_TRUE(addresses.add({v6(0x3fff, 0, 1), 64}));
  EXPECT_EQ(addresses.select_source(v6(0x2002, 0xc000, 7), v6(0xfe80, 0, 9)),
            v6(0x2002, 0xc633, 1));
  EXPECT_EQ(addresses.select_source(v6(0x2001, 0xdb8, 7), v6(0xfe80, 0, 9)), v6(0x3fff, 0, 1));
}

TEST(SourceSelection, Rule8PrefersTheLongestCommonPrefix) {
  Addresses addresses;
  EXPECT_TRUE(addresses.add({v6(0x2001, 0xdb8, 2), 64}));
  EXPECT_TRUE(addresses.add({v6(0x2001, 0x3ff0, 2), 64}));
  EXPECT_EQ(addresses.select_source(v6(0x2001, 0x3ff1, 7), v6(0xfe80, 0, 9)),
            v6(0x2001, 0x3ff0, 2));
}

//= RFC6724-4-b
TEST(SourceSelection, NeverUsesATentativeAddress) {
  Addresses addresses;
  EXPECT_TRUE(addresses.add({kOwn6, 64}, AddressState::tentative));
  EXPECT_EQ(addresses.select_source(v6(0x2001, 0xdb8, 7), v6(0xfe80, 0, 9)), std::nullopt);
}

}  // namespace
}  // namespace packetwright::ip
