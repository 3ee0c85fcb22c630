// SPDX-License-Identifier: Apache-2.0
#include "harness/packet/neighbor_messages.hh"

#include <optional>
#include <tuple>
#include <utility>

#include <gtest/gtest.h>

#include "harness/packet/dissect.hh"
#include "stack/wire/address_text.hh"

namespace packetwright::packet {
namespace {

constexpr MacAddress kHostMac{{2, 0, 0, 0, 0, 7}}, kPeerMac{{2, 0, 0, 0, 0, 9}};

TEST(NeighborMessages, AnswersTellWhatWasAsked) {
  const Station host4{kHostMac, IpAddress::v4(192, 0, 2, 7)};
  const Station peer4{kPeerMac, IpAddress::v4(192, 0, 2, 254)};
  const Station host6{kHostMac, *wire::parse_address("2001:db8::7")};
  const Station peer6{kPeerMac, *wire::parse_address("2001:db8::9")};
  for (const auto& [host, peer] : {std::pair{host4, peer4}, std::pair{host6, peer6}}) {
    EXPECT_EQ(told_of(host.address, here_is(host, peer)), host.mac);
    EXPECT_EQ(told_of(peer.address, here_is(host, peer)), std::nullopt);
    EXPECT_EQ(told_of(host.address, who_has(host.address, peer)), std::nullopt);
    EXPECT_TRUE(dissect(who_has(host.address, peer), true).bad_checksums().empty());
  }
}

TEST(NeighborMessages, QuestionsAreToldFromWhatWantsNoAnswer) {
  const IpAddress host4 = IpAddress::v4(192, 0, 2, 7), host6 = *wire::parse_address("2001:db8::7");
  const Station peer4{kPeerMac, IpAddress::v4(192, 0, 2, 254)};
  const Station peer6{kPeerMac, *wire::parse_address("2001:db8::9")};
  const Station nobody4{kPeerMac, IpAddress{}}, nobody6{kPeerMac, IpAddress::v6({})};
  for (const auto& [host, peer, nobody] :
       {std::tuple{host4, peer4, nobody4}, std::tuple{host6, peer6, nobody6}}) {
    const auto question = question_of(dissect(who_has(host, peer), true));
    ASSERT_TRUE(question.has_value());
    EXPECT_EQ(question->asked, host);
    EXPECT_EQ(question->asker.address, peer.address);
    EXPECT_EQ(question->asker.mac, peer.mac);
    EXPECT_FALSE(question_of(dissect(who_has(host, nobody), true)).has_value());
    EXPECT_FALSE(question_of(dissect(here_is(peer, {kHostMac, host}), true)).has_value());
  }
  // An announcement.
  EXPECT_FALSE(question_of(dissect(who_has(peer4.address, peer4), true)).has_value());
}

}  // namespace
}  // namespace packetwright::packet
