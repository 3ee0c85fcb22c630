// SPDX-License-Identifier: Apache-2.0
#include "stack/neighbor/router_discovery.hh"

#include <array>

#include <gtest/gtest.h>

namespace packetwright::neighbor {
namespace {

using Kind = RouterNews::Kind;

constexpr Instant kStart = instant_at(0);
constexpr MacAddress kMac{{2, 0, 0, 0, 0, 9}};

IpAddress router(std::uint8_t number) {
  return IpAddress::v6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number});
}
Prefix prefix(std::uint8_t number) {
  return {IpAddress::v6({0x20, 1, 0xd, 0xb8, 0, number}), 64};
}

struct Discovery : testing::Test {
  RouterDiscovery discovery{RouterDiscoveryConfig{}, 1500, Rng{1}};
  std::array<std::uint8_t, 256> storage{};
  wire::NdpOptionWriter options{storage};
  wire::RouterAdvertisementFields fields;

  std::vector<RouterNews> news() {
    std::vector<RouterNews> all;
    while (auto one = discovery.next_news()) all.push_back(*one);
    return all;
  }
  std::vector<Kind> kinds() {
    std::vector<Kind> all;
    for (const RouterNews& one : news()) all.push_back(one.kind);
    return all;
  }
  void hear(Instant now = kStart, std::uint8_t from = 1) {
    fields.cur_hop_limit = 0;
    send(now, from);
  }
  void send(Instant now, std::uint8_t from) {
    fields.options = options.written();
    Buffer octets(fields.encoded_size());
    fields.emit(octets);
    discovery.on_advertisement(now, router(from), *wire::RouterAdvertisementView::parse(octets));
    storage = {};
    options = wire::NdpOptionWriter{storage};
  }
  void offer(const Prefix& which, std::uint32_t valid, bool on_link = true,
             bool autonomous = false) {
    options.prefix_information({which.length, on_link, autonomous, valid, valid, which.address});
  }
};

//= RFC7559-2-a
//= RFC4861-6.3.7-a
TEST_F(Discovery, AsksForEverAndEverLessOften) {
  discovery.start(kStart);
  Instant last = discovery.next_deadline().value();
  EXPECT_LE(last, kStart + 1s);
  Duration before{0};
  for (int i = 0; i < 30; ++i) {
    discovery.on_deadline(last);
    EXPECT_EQ(kinds(), std::vector{Kind::solicit});
    const Instant next = discovery.next_deadline().value();
    const Duration wait = next - last;
    if (i == 0) {
      EXPECT_GE(wait, 4s);
      EXPECT_LE(wait, 4'400ms);
    } else if (i < 9) {
      EXPECT_GE(wait, before * 19 / 10);
      EXPECT_LE(wait, before * 21 / 10);
    } else if (i > 11) {
      EXPECT_GE(wait, 3'240s);
      EXPECT_LE(wait, 3'960s);
    }
    before = wait;
    last = next;
  }
}

//= RFC4861-6.3.7-b
//= RFC7559-2.1-a
TEST_F(Discovery, OnlyADefaultRouterEndsTheAsking) {
  discovery.start(kStart);
  fields.router_lifetime_s = 0;
  hear();
  EXPECT_EQ(kinds(), std::vector<Kind>{});
  EXPECT_LE(discovery.next_deadline().value(), kStart + 1s);
  fields.router_lifetime_s = 1800;
  hear();
  EXPECT_EQ(discovery.next_deadline(), kStart + 1800s);
}

TEST_F(Discovery, IsSilentIfTold) {
  RouterDiscovery silent{{.solicit = false}, 1500, Rng{1}};
  silent.start(kStart);
  EXPECT_EQ(silent.next_deadline(), std::nullopt);
}

//= RFC4861-6.3.4-c
//= RFC4861-6.3.5-a
TEST_F(Discovery, ARouterComesAndGoes) {
  hear();
  auto told = news();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].kind, Kind::router);
  EXPECT_EQ(told[0].address, router(1));
  hear(kStart + 100s);  // only the lifetime is new
  EXPECT_EQ(kinds(), std::vector<Kind>{});
  EXPECT_EQ(discovery.next_deadline(), kStart + 1900s);
  fields.router_lifetime_s = 0;
  hear(kStart + 200s);
  told = news();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].kind, Kind::router_gone);
  EXPECT_EQ(told[0].address, router(1));
  hear(kStart + 200s);
  EXPECT_EQ(kinds(), std::vector<Kind>{});
}

TEST_F(Discovery, ARouterThatSaysNothingMoreExpires) {
  hear();
  (void)news();
  discovery.on_deadline(kStart + 1800s - 1ns);
  EXPECT_EQ(kinds(), std::vector<Kind>{});
  discovery.on_deadline(kStart + 1800s);
  EXPECT_EQ(kinds(), std::vector{Kind::router_gone});
  EXPECT_EQ(discovery.next_deadline(), std::nullopt);
}

// RFC 4191, 2.2.
TEST_F(Discovery, PreferencesOfRouters) {
  const std::pair<std::uint8_t, std::int32_t> kCases[] = {
      {0x08, 1}, {0x18, -1}, {0x00, 0}, {0x10, 0}};
  std::uint8_t number = 1;
  for (const auto& [flags, preference] : kCases) {
    fields.flags = flags;
    hear(kStart, number++);
    const auto told = news();
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].preference, preference);
  }
}

//= RFC4861-6.3.4-d
TEST_F(Discovery, TheListOfRoutersIsBounded) {
  for (std::uint8_t i = 1; i < 100; ++i) hear(kStart, i);
  EXPECT_EQ(discovery.routers(), 16u);
  RouterDiscovery tiny{{.max_routers = 0}, 1500, Rng{1}};
  std::swap(tiny, discovery);
  for (std::uint8_t i = 1; i < 5; ++i) hear(kStart, i);
  EXPECT_EQ(discovery.routers(), 2u);
}

//= RFC4861-6.3.4-b
//= RFC4861-6.3.4-e
//= RFC4861-6.3.4-f
TEST_F(Discovery, ParametersOfTheLink) {
  fields.router_lifetime_s = 0;
  fields.cur_hop_limit = 77;
  fields.reachable_time_ms = 5'000;
  fields.retrans_timer_ms = 2'000;
  send(kStart, 1);
  const auto told = news();
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(told[0].kind, Kind::hop_limit);
  EXPECT_EQ(told[0].number, 77u);
  EXPECT_EQ(told[1].kind, Kind::reachable_time);
  EXPECT_EQ(told[1].duration, 5s);
  EXPECT_EQ(told[2].kind, Kind::retrans_timer);
  EXPECT_EQ(told[2].duration, 2s);

  fields.cur_hop_limit = 0;
  fields.reachable_time_ms = 3'600'001;  // more than a router may say
  fields.retrans_timer_ms = 0;
  send(kStart, 1);
  EXPECT_EQ(kinds(), std::vector<Kind>{});
}

//= RFC4861-6.3.4-h
TEST_F(Discovery, TheMtuMustBePossible) {
  fields.router_lifetime_s = 0;
  for (const std::uint32_t mtu : {0u, 1279u, 1501u, 0xffffffffu}) {
    options.mtu(mtu);
    hear();
    EXPECT_EQ(kinds(), std::vector<Kind>{}) << mtu;
  }
  for (const std::uint32_t mtu : {1280u, 1500u}) {
    options.mtu(mtu);
    hear();
    const auto told = news();
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].number, mtu);
  }
}

//= RFC4861-6.3.4-g
TEST_F(Discovery, WhereTheRouterIs) {
  fields.router_lifetime_s = 0;
  options.link_layer_address(wire::NdpOptionType::source_link_layer_address, kMac);
  hear();
  const auto told = news();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].kind, Kind::link_address);
  EXPECT_EQ(told[0].mac, kMac);
}

//= RFC4861-6.3.4-i
//= RFC4861-4.6.2-a
TEST_F(Discovery, PrefixesComeAndGo) {
  fields.router_lifetime_s = 0;
  offer(prefix(1), 600);
  hear();
  auto told = news();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].kind, Kind::prefix);
  EXPECT_EQ(told[0].prefix, prefix(1));
  offer(prefix(1), 700, false);  // off link says nothing
  hear(kStart + 10s);
  EXPECT_EQ(kinds(), std::vector<Kind>{});
  EXPECT_EQ(discovery.next_deadline(), kStart + 600s);
  discovery.on_deadline(kStart + 600s);
  EXPECT_EQ(kinds(), std::vector{Kind::prefix_gone});

  offer(prefix(1), 0xffffffff);
  hear();
  EXPECT_EQ(discovery.next_deadline(), std::nullopt);
  offer(prefix(1), 0);
  hear();
  EXPECT_EQ(kinds(), (std::vector{Kind::prefix, Kind::prefix_gone}));
}

// Bits behind the length of a prefix are noise.
TEST_F(Discovery, APrefixEndsWhereItsLengthSays) {
  fields.router_lifetime_s = 0;
  Prefix noisy{IpAddress::v6({0x20, 1, 0xd, 0xb8, 0, 1, 0xff, 0xff, 0xff}), 62};
  offer(noisy, 600);
  hear();
  const auto told = news();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].prefix, (Prefix{IpAddress::v6({0x20, 1, 0xd, 0xb8, 0, 1, 0xff, 0xfc}), 62}));
}

//= RFC4861-4.6.2-b
TEST_F(Discovery, SomePrefixesAreIgnored) {
  fields.router_lifetime_s = 0;
  offer({IpAddress::v6({0xfe, 0x80}), 64}, 600, true, true);
  offer({IpAddress::v6({0xff, 0x02}), 64}, 600, true, true);
  offer({IpAddress::v6({0x20, 0x01}), 129}, 600, true, true);
  hear();
  EXPECT_EQ(kinds(), std::vector<Kind>{});
}

TEST_F(Discovery, TheListOfPrefixesIsBounded) {
  fields.router_lifetime_s = 0;
  for (std::uint8_t i = 0; i < 200; ++i) {
    offer(prefix(i), 600);
    hear();
  }
  EXPECT_EQ(discovery.prefixes(), 32u);
}

TEST_F(Discovery, AutonomousPrefixesAreHandedOn) {
  fields.router_lifetime_s = 0;
  offer(prefix(1), 600, false, true);
  hear();
  const auto told = news();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].kind, Kind::autonomous);
  EXPECT_EQ(told[0].information.valid_lifetime_s, 600u);
}

//= RFC8106-5.1-a
TEST_F(Discovery, TellsOfDnsServersThatComeAndGo) {
  options.dns_servers(10, prefix(1).address.octets());
  hear();
  EXPECT_EQ(kinds(), (std::vector{Kind::router, Kind::dns_servers}));
  EXPECT_EQ(discovery.dns_servers(), std::vector{prefix(1).address});
  options.dns_servers(10, prefix(1).address.octets());
  hear();
  EXPECT_TRUE(news().empty());
  EXPECT_EQ(discovery.next_deadline(), kStart + 10s);
  discovery.on_deadline(kStart + 10s);
  EXPECT_EQ(kinds(), std::vector{Kind::dns_servers});
  EXPECT_TRUE(discovery.dns_servers().empty());
}

}  // namespace
}  // namespace packetwright::neighbor
