// SPDX-License-Identifier: Apache-2.0
#include "stack/neighbor/dns_servers.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace packetwright::neighbor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint32_t kForEver = 0xffffffff;

IpAddress server(std::uint8_t number) {
  return IpAddress::v6({0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number});
}

struct Offered : testing::Test {
  DnsServers servers{3};
  Instant now = instant_at(0);

  bool offer(std::uint32_t lifetime_s, const std::vector<IpAddress>& addresses) {
    Buffer octets;
    for (const IpAddress& address : addresses) {
      octets.insert(octets.end(), address.octets().begin(), address.octets().end());
    }
    return servers.on_option(now, {lifetime_s, octets});
  }
};

//= RFC8106-5.3.1-a
TEST_F(Offered, AreUsedInTheOrderOfTheOptionAndTheLatestOptionFirst) {
  EXPECT_TRUE(offer(600, {server(1)}));
  EXPECT_TRUE(offer(600, {server(2), server(3)}));
  EXPECT_THAT(servers.addresses(), ElementsAre(server(2), server(3), server(1)));
}

//= RFC8106-5.1-a
TEST_F(Offered, AreForgottenWhenTheirLifetimeIsOver) {
  offer(10, {server(1)});
  offer(20, {server(2)});
  EXPECT_EQ(servers.next_deadline(), now + 10s);
  EXPECT_FALSE(servers.on_deadline(now + 10s - 1ns));
  EXPECT_TRUE(servers.on_deadline(now + 10s));
  EXPECT_THAT(servers.addresses(), ElementsAre(server(2)));
  EXPECT_EQ(servers.next_deadline(), now + 20s);
}

TEST_F(Offered, AreForgottenAtOnceWhenTheLifetimeIsZero) {
  offer(10, {server(1), server(2)});
  EXPECT_TRUE(offer(0, {server(1)}));
  EXPECT_THAT(servers.addresses(), ElementsAre(server(2)));
  EXPECT_FALSE(offer(0, {server(9)})) << "nobody has offered it";
}

TEST_F(Offered, LiveLongerWhenTheyAreOfferedAgain) {
  offer(10, {server(1)});
  now += 5s;
  EXPECT_FALSE(offer(10, {server(1)}));
  EXPECT_EQ(servers.next_deadline(), now + 10s);
  EXPECT_FALSE(offer(kForEver, {server(1)}));
  EXPECT_EQ(servers.next_deadline(), std::nullopt);
}

TEST_F(Offered, TakeThePlaceOfWhatEndsFirst) {
  offer(kForEver, {server(1)});
  offer(10, {server(2)});
  offer(20, {server(3)});
  EXPECT_TRUE(offer(5, {server(4)}));
  EXPECT_THAT(servers.addresses(), ElementsAre(server(4), server(3), server(1)));
  // One option does not drive out its own.
  offer(1, {server(5), server(6), server(7), server(8)});
  EXPECT_THAT(servers.addresses(), ElementsAre(server(5), server(6), server(7)));
}

//= RFC8106-5.3.1-a
TEST_F(Offered, AreHosts) {
  const IpAddress group = IpAddress::v6({0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9});
  const IpAddress loopback = IpAddress::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  EXPECT_FALSE(offer(600, {group, loopback, IpAddress::v6({})}));
  EXPECT_THAT(servers.addresses(), IsEmpty());
}

}  // namespace
}  // namespace packetwright::neighbor
