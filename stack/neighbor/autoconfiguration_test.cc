// SPDX-License-Identifier: Apache-2.0
#include "stack/neighbor/autoconfiguration.hh"

#include <vector>

#include <gtest/gtest.h>

namespace packetwright::neighbor {
namespace {

using Kind = AddressNews::Kind;

constexpr Instant kStart = instant_at(0);
constexpr MacAddress kMac{{0x02, 0x50, 0x57, 0, 0, 1}};
constexpr std::uint32_t kInfinity = 0xffffffff;
constexpr Prefix kPrefix{IpAddress::v6({0x20, 1, 0xd, 0xb8}), 64};
// Of kPrefix and kMac: 2001:db8::50:57ff:fe00:1.
constexpr IpAddress kAddress =
    IpAddress::v6({0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0x00, 0x50, 0x57, 0xff, 0xfe, 0, 0, 1});

wire::NdpPrefixInformation information(std::uint32_t valid, std::uint32_t preferred) {
  return {64, false, true, valid, preferred, kPrefix.address};
}

struct Slaac : testing::Test {
  Autoconfiguration addresses{
      {.link_local = false, .identifier = IdentifierKind::eui64}, kMac, Rng{1}};

  std::vector<AddressNews> news() {
    std::vector<AddressNews> all;
    while (auto one = addresses.next_news()) all.push_back(*one);
    return all;
  }
  std::vector<Kind> kinds() {
    std::vector<Kind> all;
    for (const AddressNews& one : news()) all.push_back(one.kind);
    return all;
  }
  // When the address goes, with what is known now.
  [[nodiscard]] Duration valid_for(Instant now) const {
    return addresses.next_deadline().value() - now;
  }
};

//= RFC4862-5.3-a
TEST_F(Slaac, TheLinkLocalAddressComesFirst) {
  Autoconfiguration up{{.identifier = IdentifierKind::eui64}, kMac, Rng{1}};
  std::swap(up, addresses);
  addresses.start();
  const auto told = news();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].kind, Kind::formed);
  EXPECT_EQ(told[0].prefix.address,
            IpAddress::v6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x57, 0xff, 0xfe, 0, 0, 1}));
  EXPECT_EQ(addresses.next_deadline(), std::nullopt);
}

//= RFC4862-5.5.3-c
TEST_F(Slaac, APrefixMakesAnAddress) {
  addresses.on_prefix(kStart, information(600, 300));
  const auto told = news();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].kind, Kind::formed);
  EXPECT_EQ(told[0].prefix, (Prefix{kAddress, 64}));
}

//= RFC4862-5.5.3-a
//= RFC4862-5.5.3-b
//= RFC4862-5.5.3-d
TEST_F(Slaac, SomePrefixesMakeNone) {
  auto wrong = information(600, 300);
  wrong.autonomous = false;
  addresses.on_prefix(kStart, wrong);
  addresses.on_prefix(kStart, information(300, 301));
  addresses.on_prefix(kStart, information(0, 0));
  wrong = information(600, 300);
  wrong.prefix_length = 63;
  addresses.on_prefix(kStart, wrong);
  wrong = information(600, 300);
  wrong.prefix = IpAddress::v6({0xfe, 0x80});
  addresses.on_prefix(kStart, wrong);
  EXPECT_EQ(kinds(), std::vector<Kind>{});

  Autoconfiguration off{{.link_local = false, .global = false}, kMac, Rng{1}};
  off.on_prefix(kStart, information(600, 300));
  EXPECT_FALSE(off.next_news().has_value());
}

//= RFC4862-5.5.4-a
//= RFC4862-5.5.4-c
TEST_F(Slaac, AnAddressGrowsOld) {
  addresses.on_prefix(kStart, information(600, 300));
  (void)news();
  EXPECT_FALSE(addresses.is_deprecated(kStart + 299s, kAddress));
  EXPECT_EQ(addresses.next_deadline(), kStart + 300s);
  addresses.on_deadline(kStart + 300s);
  EXPECT_EQ(kinds(), std::vector{Kind::deprecated});
  EXPECT_TRUE(addresses.is_deprecated(kStart + 300s, kAddress));
  // Another advertisement makes it young again.
  addresses.on_prefix(kStart + 400s, information(600, 300));
  EXPECT_EQ(kinds(), std::vector{Kind::preferred});
  addresses.on_deadline(kStart + 700s);
  EXPECT_EQ(kinds(), std::vector{Kind::deprecated});
  addresses.on_deadline(kStart + 1000s);
  EXPECT_EQ(kinds(), std::vector{Kind::gone});
  EXPECT_EQ(addresses.next_deadline(), std::nullopt);
}

//= RFC4862-5.5.3-e
TEST_F(Slaac, LongerLifetimesAreTaken) {
  addresses.on_prefix(kStart, information(600, 0));
  addresses.on_prefix(kStart + 100s, information(601, 0));  // longer than the 500 s that are left
  EXPECT_EQ(valid_for(kStart + 100s), 601s);
  addresses.on_prefix(kStart + 100s, information(100'000, 0));
  EXPECT_EQ(valid_for(kStart + 100s), 100'000s);
  addresses.on_prefix(kStart + 100s, information(7'201, 0));  // shorter, but more than two hours
  EXPECT_EQ(valid_for(kStart + 100s), 7'201s);
  addresses.on_prefix(kStart + 100s, information(kInfinity, 0));
  EXPECT_EQ(addresses.next_deadline(), std::nullopt);
}

//= RFC4862-5.5.3-f
TEST_F(Slaac, NobodyTakesAnAddressAwayWithinTwoHours) {
  addresses.on_prefix(kStart, information(100'000, 0));
  addresses.on_prefix(kStart, information(1, 0));
  EXPECT_EQ(valid_for(kStart), 2h);
  addresses.on_prefix(kStart + 1h, information(1, 0));  // an hour is left, and stays
  EXPECT_EQ(valid_for(kStart + 1h), 1h);
  addresses.on_prefix(kStart + 1h, information(0, 0));
  EXPECT_EQ(valid_for(kStart + 1h), 1h);

  Autoconfiguration other{{.link_local = false, .identifier = IdentifierKind::eui64}, kMac, Rng{1}};
  std::swap(other, addresses);
  addresses.on_prefix(kStart, information(kInfinity, 0));
  addresses.on_prefix(kStart, information(1, 0));
  EXPECT_EQ(valid_for(kStart), 2h);
}

TEST_F(Slaac, AdvertisementsDoNotMakeAddressesWithoutEnd) {
  for (std::uint8_t i = 0; i < 100; ++i) {
    auto one = information(600, 300);
    one.prefix = IpAddress::v6({0x20, 1, 0xd, 0xb8, 0, i});
    addresses.on_prefix(kStart, one);
  }
  EXPECT_EQ(news().size(), 16u);
}

//= RFC4862-5.4.5-b
TEST_F(Slaac, ADuplicateOfTheHardwareAddressSilencesIpv6) {
  Autoconfiguration up{{.identifier = IdentifierKind::eui64}, kMac, Rng{1}};
  up.start();
  const IpAddress link_local = up.next_news().value().prefix.address;
  up.on_duplicate(link_local);
  EXPECT_EQ(up.next_news().value().kind, Kind::no_ipv6);

  addresses.on_prefix(kStart, information(600, 300));
  (void)news();
  addresses.on_duplicate(kAddress);  // of a global one only that address is lost
  EXPECT_EQ(kinds(), std::vector<Kind>{});
  addresses.on_prefix(kStart, information(600, 300));
  EXPECT_EQ(kinds(), std::vector<Kind>{});
}

// RFC 7217, 5 and 6: stable identifiers.
struct Stable : testing::Test {
  static IpAddress formed(std::uint64_t seed, const MacAddress& mac, const IpAddress& prefix) {
    Autoconfiguration addresses{{.link_local = false}, mac, Rng{seed}};
    auto one = information(600, 300);
    one.prefix = prefix;
    addresses.on_prefix(kStart, one);
    return addresses.next_news().value().prefix.address;
  }
};

TEST_F(Stable, DependOnSecretInterfaceAndPrefix) {
  const IpAddress one = formed(1, kMac, kPrefix.address);
  EXPECT_EQ(one, formed(1, kMac, kPrefix.address));
  EXPECT_EQ(Buffer(one.octets().begin(), one.octets().begin() + 8),
            Buffer(kPrefix.address.octets().begin(), kPrefix.address.octets().begin() + 8));
  const auto lower = [](const IpAddress& address) {
    return Buffer(address.octets().begin() + 8, address.octets().end());
  };
  EXPECT_NE(lower(one), lower(formed(2, kMac, kPrefix.address)));
  EXPECT_NE(lower(one), lower(formed(1, {{2, 0, 0, 0, 0, 2}}, kPrefix.address)));
  EXPECT_NE(lower(one), lower(formed(1, kMac, IpAddress::v6({0x20, 1, 0xd, 0xb9}))));
}

TEST_F(Stable, ADuplicateIsReplacedThreeTimes) {
  Autoconfiguration addresses{{.link_local = false}, kMac, Rng{1}};
  addresses.on_prefix(kStart, information(600, 300));
  std::vector<IpAddress> tried;
  while (const auto news = addresses.next_news()) {
    ASSERT_EQ(news->kind, Kind::formed);
    EXPECT_EQ(std::find(tried.begin(), tried.end(), news->prefix.address), tried.end());
    tried.push_back(news->prefix.address);
    addresses.on_duplicate(news->prefix.address);
  }
  EXPECT_EQ(tried.size(), 4u);
}

}  // namespace
}  // namespace packetwright::neighbor
