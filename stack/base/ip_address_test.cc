// SPDX-License-Identifier: Apache-2.0
#include "stack/base/ip_address.hh"

#include <iterator>

#include <gtest/gtest.h>

namespace packetwright {
namespace {

constexpr IpAddress kHost = IpAddress::v4(192, 168, 4, 17);

TEST(BaseIpAddress, SaysWhatKindItIs) {
  static_assert(IpAddress::v4(224, 0, 0, 1).is_multicast());
  static_assert(!IpAddress::v4(223, 255, 255, 255).is_multicast());
  static_assert(IpAddress::v4(127, 3, 2, 1).is_loopback());
  static_assert(IpAddress::v4(0xffffffff).is_limited_broadcast());
  static_assert(IpAddress::v4(169, 254, 1, 1).is_link_local());
  static_assert(IpAddress{}.is_unspecified());
  static_assert(IpAddress::v6({0xff, 2}).is_multicast());
  static_assert(IpAddress::v6({0xfe, 0xbf}).is_link_local());
  static_assert(!IpAddress::v6({0xfe, 0xc0}).is_link_local());
  static_assert(IpAddress::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}).is_loopback());
}

TEST(BaseIpAddress, TheFamiliesNeverCompareEqual) {
  EXPECT_NE(IpAddress{}, IpAddress::v6({}));
  EXPECT_EQ(IpAddress::from_octets(kHost.octets()), kHost);
}

TEST(BasePrefix, ContainsItsNetworkOnly) {
  constexpr Prefix network{IpAddress::v4(192, 168, 4, 0), 22};
  static_assert(network.contains(kHost));
  static_assert(network.contains(IpAddress::v4(192, 168, 7, 255)));
  static_assert(!network.contains(IpAddress::v4(192, 168, 8, 0)));
  static_assert(!network.contains(IpAddress::v6({192, 168, 4})));
  static_assert(Prefix{IpAddress{}, 0}.contains(kHost));
}

TEST(BasePrefix, KnowsItsBroadcastAddress) {
  constexpr Prefix network{IpAddress::v4(192, 168, 4, 0), 22};
  static_assert(network.is_directed_broadcast(IpAddress::v4(192, 168, 7, 255)));
  static_assert(!network.is_directed_broadcast(IpAddress::v4(192, 168, 4, 255)));
  // A /31 has no broadcast address: both are hosts (RFC 3021, 2.1).
  constexpr Prefix link{IpAddress::v4(10, 0, 0, 0), 31};
  static_assert(!link.is_directed_broadcast(IpAddress::v4(10, 0, 0, 1)));
}

TEST(BaseIpAddress, OrderIsThatOfFamilyAndOctets) {
  const IpAddress all[] = {IpAddress{},
                           IpAddress::v4(1, 2, 3, 4),
                           IpAddress::v4(1, 2, 4, 0),
                           IpAddress::v4(255, 0, 0, 0),
                           IpAddress::v6({}),
                           IpAddress::v6({0, 1}),
                           IpAddress::v6({0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})};
  for (std::size_t i = 0; i < std::size(all); ++i) {
    for (std::size_t j = 0; j < std::size(all); ++j) {
      EXPECT_EQ(all[i] < all[j], i < j) << i << ' ' << j;
      EXPECT_EQ(all[i] == all[j], i == j) << i << ' ' << j;
    }
  }
}

TEST(BaseIpAddress, APrefixOfAnyLengthContainsWhatSharesItsBits) {
  const IpAddress address = IpAddress::v4(0xa5a5a5a5);
  for (std::uint8_t length = 0; length <= 32; ++length) {
    const Prefix prefix{address, length};
    for (int bit = 0; bit < 32; ++bit) {
      const IpAddress other = IpAddress::v4(address.v4_value() ^ (0x80000000u >> bit));
      EXPECT_EQ(prefix.contains(other), bit >= length) << int{length} << ' ' << bit;
    }
  }
}

}  // namespace
}  // namespace packetwright
