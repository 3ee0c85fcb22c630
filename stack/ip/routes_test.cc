// SPDX-License-Identifier: Apache-2.0
#include "stack/ip/routes.hh"

#include <gtest/gtest.h>

namespace packetwright::ip {
namespace {

constexpr Instant kStart = instant_at(0);
constexpr IpAddress kOwn = IpAddress::v4(10, 1, 1, 2);
constexpr IpAddress kGateway = IpAddress::v4(10, 1, 1, 1);
constexpr IpAddress kSecond = IpAddress::v4(10, 1, 1, 3);
constexpr IpAddress kFar = IpAddress::v4(198, 51, 100, 7);

IpAddress v6(std::uint16_t first, std::uint16_t last) {
  return IpAddress::v6({static_cast<std::uint8_t>(first >> 8), static_cast<std::uint8_t>(first), 0,
                        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(last >> 8),
                        static_cast<std::uint8_t>(last)});
}

class RoutesTest : public ::testing::Test {
 protected:
  RoutesTest() {
    EXPECT_TRUE(addresses_.add({kOwn, 25}));
    EXPECT_TRUE(addresses_.add({v6(0x2001, 2), 64}));
  }
  IpAddress next_hop(const IpAddress& destination, Instant now = kStart) {
    const auto route = routes_.find(now, destination);
    return route ? route->next_hop : IpAddress{};
  }
  RouteKind kind(const IpAddress& destination) {
    const auto route = routes_.find(kStart, destination);
    EXPECT_TRUE(route);
    return route ? route->kind : RouteKind::local;
  }
  std::uint16_t mtu(const IpAddress& destination, Instant now = kStart) {
    const auto route = routes_.find(now, destination);
    return route ? route->mtu : std::uint16_t{0};
  }

  Addresses addresses_;
  Routes routes_{addresses_, RoutesConfig{}};
};

//= RFC1122-3.2.1.3-d
//= RFC1122-3.3.1.1-a
TEST_F(RoutesTest, TheMaskDecidesBetweenDirectAndGateway) {
  routes_.add_gateway(kGateway);
  EXPECT_EQ(next_hop(IpAddress::v4(10, 1, 1, 100)), IpAddress::v4(10, 1, 1, 100));
  EXPECT_EQ(kind(IpAddress::v4(10, 1, 1, 100)), RouteKind::on_link);
  EXPECT_EQ(next_hop(IpAddress::v4(10, 1, 1, 200)), kGateway);
  EXPECT_EQ(kind(IpAddress::v4(10, 1, 1, 200)), RouteKind::gateway);
  EXPECT_EQ(kind(IpAddress::v4(255, 255, 255, 255)), RouteKind::broadcast);
  EXPECT_EQ(kind(IpAddress::v4(10, 1, 1, 127)), RouteKind::broadcast);
  EXPECT_EQ(kind(IpAddress::v4(239, 1, 2, 3)), RouteKind::multicast);
  EXPECT_EQ(kind(kOwn), RouteKind::local);
  EXPECT_EQ(kind(IpAddress::v4(127, 1, 2, 3)), RouteKind::local);
}

//= RFC1122-3.3.1.1-b
TEST_F(RoutesTest, WorksWithoutAnyGateway) {
  EXPECT_EQ(kind(IpAddress::v4(10, 1, 1, 100)), RouteKind::on_link);
  EXPECT_FALSE(routes_.find(kStart, kFar));
  routes_.add_gateway(v6(0xfe80, 1));
  EXPECT_FALSE(routes_.find(kStart, kFar)) << "a gateway of the other family is no help";
}

//= RFC4861-5.2-a
TEST_F(RoutesTest, Ipv6KnowsLinkLocalAndLearntPrefixes) {
  EXPECT_EQ(kind(v6(0xfe80, 7)), RouteKind::on_link);
  EXPECT_FALSE(routes_.find(kStart, v6(0x3fff, 7)));
  routes_.add_on_link({v6(0x3fff, 0), 64});
  EXPECT_EQ(kind(v6(0x3fff, 7)), RouteKind::on_link);
  routes_.remove_on_link({v6(0x3fff, 0), 64});
  EXPECT_FALSE(routes_.find(kStart, v6(0x3fff, 7)));
}

//= RFC1122-3.3.1.6-a
TEST_F(RoutesTest, ThePreferredGatewayIsUsed) {
  routes_.add_gateway(kGateway, 0);
  routes_.add_gateway(kSecond, 10);
  EXPECT_EQ(next_hop(kFar), kSecond);
  routes_.remove_gateway(kSecond);
  EXPECT_EQ(next_hop(kFar), kGateway);
}

//= RFC1122-3.3.1.2-c
//= RFC1122-3.3.1.4-a
//= RFC1122-3.3.1.5-a
TEST_F(RoutesTest, AFailedGatewayIsLeftAndTriedAgainLater) {
  routes_.add_gateway(kGateway);
  routes_.add_gateway(kSecond);
  EXPECT_EQ(next_hop(kFar), kGateway);
  routes_.on_unreachable(kStart, kGateway);
  EXPECT_EQ(next_hop(kFar), kSecond);
  EXPECT_EQ(next_hop(kFar, kStart + 59s), kSecond);
  EXPECT_EQ(next_hop(kFar, kStart + 60s), kGateway);
  routes_.on_unreachable(kStart, kGateway);
  routes_.on_reachable(kGateway);
  EXPECT_EQ(next_hop(kFar), kGateway);
}

TEST_F(RoutesTest, WhenAllGatewaysFailedTheOneThatFailedFirstGetsAnotherChance) {
  routes_.add_gateway(kGateway);
  routes_.add_gateway(kSecond);
  routes_.on_unreachable(kStart, kGateway);
  routes_.on_unreachable(kStart + 1s, kSecond);
  EXPECT_EQ(next_hop(kFar, kStart + 2s), kGateway);
  routes_.on_unreachable(kStart + 5s, kGateway);
  EXPECT_EQ(next_hop(kFar, kStart + 6s), kSecond);
}

//= RFC1122-3.2.2.2-b
//= RFC1122-3.3.1.2-b
TEST_F(RoutesTest, ARedirectMovesOneDestination) {
  routes_.add_gateway(kGateway);
  EXPECT_TRUE(routes_.on_redirect(kStart, kGateway, kFar, kSecond));
  EXPECT_EQ(next_hop(kFar), kSecond);
  EXPECT_EQ(next_hop(IpAddress::v4(198, 51, 100, 8)), kGateway);
}

//= RFC1122-3.2.2.2-c
//= RFC4861-8.1-b
TEST_F(RoutesTest, ARedirectIsBelievedOnlyFromTheFirstHopAndForANeighbour) {
  routes_.add_gateway(kGateway);
  EXPECT_FALSE(routes_.on_redirect(kStart, kSecond, kFar, kSecond)) << "not the first hop";
  EXPECT_FALSE(routes_.on_redirect(kStart, kGateway, kFar, IpAddress::v4(10, 9, 9, 9)))
      << "not on the link";
  EXPECT_FALSE(routes_.on_redirect(kStart, kGateway, kFar, kOwn)) << "to ourselves";
  EXPECT_FALSE(routes_.on_redirect(kStart, kGateway, kFar, IpAddress::v4(10, 1, 1, 127)));
  EXPECT_FALSE(routes_.on_redirect(kStart, kGateway, kFar, IpAddress::v4(224, 0, 0, 1)));
  EXPECT_FALSE(routes_.on_redirect(kStart, kGateway, IpAddress::v4(10, 1, 1, 100), kSecond))
      << "a neighbour needs no gateway";
  EXPECT_FALSE(routes_.on_redirect(kStart, kGateway, IpAddress::v4(224, 0, 0, 5), kSecond));
  EXPECT_FALSE(routes_.on_redirect(kStart, kGateway, kFar, v6(0xfe80, 1)));
  EXPECT_EQ(next_hop(kFar), kGateway);
}

//= RFC4861-8.1-c
//= RFC4861-8.1-d
//= RFC4861-8.3-b
TEST_F(RoutesTest, AnIpv6RedirectMayNameTheDestinationOrALinkLocalRouter) {
  routes_.add_gateway(v6(0xfe80, 1));
  const IpAddress far = v6(0x3fff, 7);
  EXPECT_FALSE(routes_.on_redirect(kStart, v6(0xfe80, 1), far, v6(0x2001, 9)));
  EXPECT_TRUE(routes_.on_redirect(kStart, v6(0xfe80, 1), far, v6(0xfe80, 2)));
  EXPECT_EQ(next_hop(far), v6(0xfe80, 2));
  EXPECT_TRUE(routes_.on_redirect(kStart, v6(0xfe80, 2), far, far));
  EXPECT_EQ(next_hop(far), far);
  EXPECT_EQ(kind(far), RouteKind::on_link);
}

TEST_F(RoutesTest, ARedirectThroughADeadGatewayIsForgotten) {
  routes_.add_gateway(kGateway);
  EXPECT_TRUE(routes_.on_redirect(kStart, kGateway, kFar, kSecond));
  const IpAddress third = IpAddress::v4(10, 1, 1, 33);
  const IpAddress elsewhere = IpAddress::v4(198, 51, 100, 8);
  EXPECT_TRUE(routes_.on_redirect(kStart, kGateway, elsewhere, third));
  routes_.on_unreachable(kStart, kSecond);
  EXPECT_EQ(next_hop(kFar), kGateway);
  EXPECT_EQ(next_hop(elsewhere), third);
}

TEST_F(RoutesTest, RedirectsAreBoundedAndTheOldestGoesFirst) {
  routes_.add_gateway(kGateway);
  const std::uint32_t many = 1000;
  for (std::uint32_t i = 0; i < many; ++i) {
    EXPECT_TRUE(routes_.on_redirect(kStart, kGateway, IpAddress::v4(0x14000000u + i), kSecond));
  }
  EXPECT_EQ(next_hop(IpAddress::v4(0x14000000u)), kGateway);
  EXPECT_EQ(next_hop(IpAddress::v4(0x14000000u + many - 256)), kSecond);
  EXPECT_EQ(next_hop(IpAddress::v4(0x14000000u + many - 257)), kGateway);
}

//= RFC1191-3-a
//= RFC8201-4-d
TEST_F(RoutesTest, APathMtuIsLoweredForItsDestinationOnly) {
  routes_.add_gateway(kGateway);
  EXPECT_EQ(mtu(kFar), 1500);
  EXPECT_EQ(routes_.on_packet_too_big(kStart, kFar, 1000, 1500), 1000);
  EXPECT_EQ(mtu(kFar), 1000);
  EXPECT_EQ(mtu(IpAddress::v4(198, 51, 100, 8)), 1500);
}

//= RFC1191-3-f
//= RFC8201-4-g
TEST_F(RoutesTest, APathMtuIsNotRaisedByAReport) {
  routes_.add_gateway(kGateway);
  (void)routes_.on_packet_too_big(kStart, kFar, 1000, 1500);
  for (const std::uint32_t report : {1000u, 1400u, 9000u, 65535u, 0xffffffffu}) {
    EXPECT_EQ(routes_.on_packet_too_big(kStart, kFar, report, 1500), std::nullopt);
  }
  EXPECT_EQ(mtu(kFar), 1000);
}

//= RFC1191-3-e
TEST_F(RoutesTest, TheIpv4PathMtuNeverGoesBelow68) {
  routes_.add_gateway(kGateway);
  EXPECT_EQ(routes_.on_packet_too_big(kStart, kFar, 1, 1500), 68);
  EXPECT_EQ(mtu(kFar), 68);
}

// RFC 1191, 7.1: the next plateau below the length of the datagram that did not fit.
//= RFC1191-3-d
TEST_F(RoutesTest, AReportOfZeroMeansTheNextPlateau) {
  routes_.add_gateway(kGateway);
  routes_.set_mtu(65535);
  std::uint32_t length = 65535;
  for (const std::uint16_t next : {32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68}) {
    EXPECT_EQ(routes_.on_packet_too_big(kStart, kFar, 0, length), next);
    EXPECT_EQ(mtu(kFar), next);
    length = next;
  }
  EXPECT_EQ(routes_.on_packet_too_big(kStart, kFar, 0, length), std::nullopt);
}

//= RFC8201-4-b
//= RFC8201-4-c
TEST_F(RoutesTest, AnIpv6ReportBelow1280IsIgnored) {
  routes_.add_gateway(v6(0xfe80, 1));
  for (const std::uint32_t report : {0u, 68u, 1279u}) {
    EXPECT_EQ(routes_.on_packet_too_big(kStart, v6(0x3fff, 7), report, 1500), std::nullopt);
  }
  EXPECT_EQ(mtu(v6(0x3fff, 7)), 1500);
  EXPECT_EQ(routes_.on_packet_too_big(kStart, v6(0x3fff, 7), 1280, 1500), 1280);
}

//= RFC1191-6.3-a
//= RFC8201-5.3-a
TEST_F(RoutesTest, APathMtuIsForgottenAfterTenMinutes) {
  routes_.add_gateway(kGateway);
  (void)routes_.on_packet_too_big(kStart, kFar, 1000, 1500);
  EXPECT_EQ(mtu(kFar, kStart + 599s), 1000);
  EXPECT_EQ(mtu(kFar, kStart + 600s), 1500);
}

TEST_F(RoutesTest, PathMtusAreBounded) {
  routes_.add_gateway(kGateway);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    (void)routes_.on_packet_too_big(kStart, IpAddress::v4(0x14000000u + i), 600, 1500);
  }
  EXPECT_EQ(mtu(IpAddress::v4(0x14000000u + 999 - 256)), 1500);
  EXPECT_EQ(mtu(IpAddress::v4(0x14000000u + 999 - 255)), 600);
  EXPECT_EQ(mtu(IpAddress::v4(0x14000000u + 999)), 600);
}

// find() remembers its last answer: whatever changes the answer must make it forget.
TEST_F(RoutesTest, AnAnswerIsGivenAgainOnlyAsLongAsItIsTrue) {
  EXPECT_EQ(routes_.find(kStart, kFar), std::nullopt);
  routes_.add_gateway(kGateway);
  EXPECT_EQ(next_hop(kFar), kGateway);
  EXPECT_EQ(next_hop(kFar), kGateway);
  EXPECT_EQ(next_hop(IpAddress::v4(198, 51, 100, 8)), kGateway) << "another destination";

  routes_.add_gateway(kSecond, 1);
  EXPECT_EQ(next_hop(kFar), kSecond);
  routes_.remove_gateway(kSecond);
  EXPECT_EQ(next_hop(kFar), kGateway);
  routes_.set_mtu(1400);
  EXPECT_EQ(mtu(kFar), 1400);
  EXPECT_TRUE(routes_.on_redirect(kStart, kGateway, kFar, kSecond));
  EXPECT_EQ(next_hop(kFar), kSecond);
  routes_.on_unreachable(kStart, kSecond);
  EXPECT_EQ(next_hop(kFar), kGateway);
  routes_.add_on_link({kFar, 24});
  EXPECT_EQ(kind(kFar), RouteKind::on_link);
  routes_.remove_on_link({kFar, 24});
  EXPECT_EQ(kind(kFar), RouteKind::gateway);

  EXPECT_TRUE(addresses_.add({kFar, 24}));
  EXPECT_EQ(kind(kFar), RouteKind::local);
  addresses_.set_state(kFar, AddressState::tentative);
  EXPECT_EQ(kind(kFar), RouteKind::on_link);
  addresses_.remove(kFar);
  EXPECT_EQ(kind(kFar), RouteKind::gateway);

  const IpAddress far_v6 = v6(0x2001, 9);
  EXPECT_EQ(mtu(far_v6), 1400);
  routes_.set_mtu_v6(1300);
  EXPECT_EQ(mtu(far_v6), 1300);

  // What depends on the time is looked up each time.
  EXPECT_EQ(mtu(kFar), 1400);
  EXPECT_EQ(routes_.on_packet_too_big(kStart, kFar, 1000, 1400), 1000);
  EXPECT_EQ(mtu(kFar), 1000);
  EXPECT_EQ(mtu(kFar, kStart + 10min), 1400);
  EXPECT_EQ(mtu(kFar), 1000);
}

TEST_F(RoutesTest, AGatewayThatFailedIsUsedAgainInTimeWhateverWasAskedBefore) {
  routes_.add_gateway(kGateway, 1);
  routes_.add_gateway(kSecond);
  EXPECT_EQ(next_hop(kFar), kGateway);
  routes_.on_unreachable(kStart, kGateway);
  EXPECT_EQ(next_hop(kFar), kSecond);
  EXPECT_EQ(next_hop(kFar, kStart + 60s), kGateway);
  EXPECT_EQ(next_hop(kFar, kStart + 59s), kSecond);
  routes_.on_reachable(kGateway);
  EXPECT_EQ(next_hop(kFar), kGateway);
}

}  // namespace
}  // namespace packetwright::ip
