// SPDX-License-Identifier: Apache-2.0
// Neighbors as IPv6 neighbours see it: packets in, packets out.
#include "stack/wire/ndp.hh"

#include <gtest/gtest.h>

#include "stack/neighbor/neighbors.hh"
#include "stack/wire/ipv6.hh"
#include "stack/wire/multicast.hh"

namespace packetwright::neighbor {
namespace {

using wire::NdpOptionType;

constexpr Instant kStart = instant_at(0);
constexpr MacAddress kOurMac{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress kPeerMac{{2, 0, 0, 0, 0, 2}};
constexpr IpAddress kUs = IpAddress::v6({0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3});
constexpr IpAddress kPeer = IpAddress::v6({0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 5, 6});
constexpr IpAddress kAny = IpAddress::v6({});

// One packet that was sent, taken apart. The view refers to `frame`.
struct Sent {
  Outgoing frame;
  [[nodiscard]] wire::Ipv6View ip() const { return *wire::Ipv6View::parse(frame.octets); }
  [[nodiscard]] Bytes message() const { return ip().payload(); }
  [[nodiscard]] wire::Icmpv6Type type() const { return wire::Icmpv6View::parse(message())->type(); }
  [[nodiscard]] wire::NeighborSolicitationView solicitation() const {
    return *wire::NeighborSolicitationView::parse(message());
  }
  [[nodiscard]] wire::NeighborAdvertisementView advertisement() const {
    return *wire::NeighborAdvertisementView::parse(message());
  }
};

class Ndp : public testing::Test {
 protected:
  explicit Ndp(std::uint8_t transmits = 0) : neighbors_(config(transmits), Rng{1}) {
    neighbors_.add_address(kStart, kUs);
    if (transmits == 0) (void)events();
  }
  static Config config(std::uint8_t transmits) {
    Config config;
    config.mac = kOurMac;
    config.detection.transmits = transmits;
    return config;
  }
  std::vector<EventKind> events() {
    std::vector<EventKind> all;
    while (const auto event = neighbors_.next_event()) all.push_back(event->kind);
    return all;
  }
  // The packets that were sent, all of which are well-formed.
  std::vector<Sent> sent() {
    std::vector<Sent> all;
    while (auto frame = neighbors_.next_outgoing()) {
      Sent one{std::move(*frame)};
      EXPECT_EQ(one.frame.ether_type, wire::EtherType::ipv6);
      EXPECT_EQ(one.ip().hop_limit(), 255);
      EXPECT_TRUE(
          wire::Icmpv6View::parse(one.message())->verify_checksum(one.ip().src(), one.ip().dst()));
      all.push_back(std::move(one));
    }
    return all;
  }
  std::optional<DropReason> solicit(const IpAddress& source, const IpAddress& target,
                                    std::optional<MacAddress> mac = kPeerMac, Instant now = kStart,
                                    NdpOptionType type = NdpOptionType::source_link_layer_address) {
    std::array<std::uint8_t, 8> storage{};
    wire::NdpOptionWriter options{storage};
    if (mac) options.link_layer_address(type, *mac);
    wire::NeighborSolicitationFields fields;
    fields.target = target;
    fields.options = options.written();
    Buffer message(fields.encoded_size());
    fields.emit(message);
    return neighbors_.on_solicitation(now, {source, wire::solicited_node_group(target), 255, false},
                                      message);
  }
  std::optional<DropReason> advertise(const IpAddress& target, std::uint32_t flags,
                                      std::optional<MacAddress> mac = kPeerMac,
                                      Instant now = kStart) {
    std::array<std::uint8_t, 8> storage{};
    wire::NdpOptionWriter options{storage};
    if (mac) options.link_layer_address(NdpOptionType::target_link_layer_address, *mac);
    wire::NeighborAdvertisementFields fields;
    fields.target = target;
    fields.flags = flags;
    fields.options = options.written();
    Buffer message(fields.encoded_size());
    fields.emit(message);
    return neighbors_.on_advertisement(now, {target, kUs, 255, false}, message);
  }
  [[nodiscard]] std::optional<Cache::Entry> entry(const IpAddress& neighbor,
                                                  Instant now = kStart) const {
    return neighbors_.cache(Family::ipv6).find(now, neighbor);
  }

  Neighbors neighbors_;
};

constexpr std::uint32_t kAnswer = wire::kNdpSolicitedFlag | wire::kNdpOverrideFlag;

//= RFC4861-7.2.2-a
//= RFC4861-7.2.2-b
//= RFC4861-4.3-b
TEST_F(Ndp, AsksTheSolicitedNodeGroup) {
  EXPECT_EQ(neighbors_.resolve(kStart, kPeer, kUs).error(), Unresolved::asking);
  const auto packets = sent();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(packets[0].frame.to, wire::multicast_mac(wire::solicited_node_group(kPeer)));
  EXPECT_EQ(packets[0].ip().src(), kUs);
  EXPECT_EQ(packets[0].ip().dst(), wire::solicited_node_group(kPeer));
  EXPECT_EQ(packets[0].solicitation().target(), kPeer);
  EXPECT_EQ(wire::find_link_layer_address(packets[0].solicitation().options(),
                                          NdpOptionType::source_link_layer_address),
            kOurMac);
}

//= RFC4861-7.2.2-c
TEST_F(Ndp, WhatWaitedGoesWhenTheAnswerComes) {
  (void)neighbors_.resolve(kStart, kPeer, kUs);
  (void)sent();
  neighbors_.hold(kPeer, wire::EtherType::ipv6, Buffer{1, 2, 3});
  EXPECT_EQ(advertise(kPeer, kAnswer), std::nullopt);
  EXPECT_EQ(neighbors_.next_outgoing().value().octets, (Buffer{1, 2, 3}));
  EXPECT_EQ(neighbors_.resolve(kStart, kPeer, kUs).value(), kPeerMac);
}

//= RFC4861-7.2.2-d
//= RFC4861-7.2.2-e
TEST_F(Ndp, GivesUpAfterThreeQuestions) {
  (void)neighbors_.resolve(kStart, kPeer, kUs);
  neighbors_.hold(kPeer, wire::EtherType::ipv6, Buffer{1, 2, 3});
  EXPECT_EQ(sent().size(), 1u);
  for (const Duration at : {1s, 2s}) {
    EXPECT_EQ(neighbors_.next_deadline(), kStart + at);
    neighbors_.on_deadline(kStart + at);
    EXPECT_EQ(sent().size(), 1u);
  }
  neighbors_.on_deadline(kStart + 3s);
  EXPECT_EQ(sent().size(), 0u);
  const auto event = neighbors_.next_event();
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->kind, EventKind::unreachable);
  EXPECT_EQ(event->held.size(), 1u);
}

//= RFC4861-7.3.3-a
TEST_F(Ndp, AsksAnOldNeighbourDirectly) {
  EXPECT_EQ(solicit(kPeer, kUs), std::nullopt);
  EXPECT_EQ(entry(kPeer)->state, EntryState::delay);  // it was answered
  (void)sent();
  neighbors_.on_deadline(kStart + 5s);
  const auto packets = sent();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(packets[0].frame.to, kPeerMac);
  EXPECT_EQ(packets[0].ip().dst(), kPeer);
  EXPECT_EQ(packets[0].solicitation().target(), kPeer);
}

//= RFC4862-5.5.4-c
TEST_F(Ndp, AsksOnBehalfOfAnAddressThatIsStillOurs) {
  const IpAddress other = IpAddress::v6({0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4});
  neighbors_.add_address(kStart, other);
  (void)neighbors_.resolve(kStart, kPeer, kUs);
  (void)sent();
  neighbors_.remove_address(kUs);
  neighbors_.on_deadline(kStart + 1s);
  const auto packets = sent();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(packets[0].ip().src(), other);
  neighbors_.remove_address(other);
  neighbors_.on_deadline(kStart + 2s);
  EXPECT_TRUE(sent().empty());
}

//= RFC4861-7.2.4-a
//= RFC4861-7.2.4-b
//= RFC4861-7.2.4-d
//= RFC4861-4.4-b
TEST_F(Ndp, AnswersWhoAsks) {
  EXPECT_EQ(solicit(kPeer, kUs), std::nullopt);
  const auto packets = sent();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(packets[0].frame.to, kPeerMac);
  EXPECT_EQ(packets[0].ip().src(), kUs);
  EXPECT_EQ(packets[0].ip().dst(), kPeer);
  const auto answer = packets[0].advertisement();
  EXPECT_EQ(answer.flags(), kAnswer);
  EXPECT_EQ(answer.target(), kUs);
  EXPECT_EQ(
      wire::find_link_layer_address(answer.options(), NdpOptionType::target_link_layer_address),
      kOurMac);
}

//= RFC4861-7.2.4-c
//= RFC4861-4.4-a
//= RFC4861-7.2.3-c
TEST_F(Ndp, AnswersNobodyToAllNodes) {
  EXPECT_EQ(solicit(kAny, kUs, std::nullopt), std::nullopt);
  const auto packets = sent();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(packets[0].frame.to, wire::multicast_mac(wire::kAllNodes));
  EXPECT_EQ(packets[0].ip().dst(), wire::kAllNodes);
  EXPECT_EQ(packets[0].advertisement().flags(), wire::kNdpOverrideFlag);
  EXPECT_EQ(neighbors_.cache(Family::ipv6).size(), 0u);
}

// RFC 4861, 7.2.4: a question without a link-layer address is answered all the same.
TEST_F(Ndp, AsksWhereToAnswer) {
  EXPECT_EQ(solicit(kPeer, kUs, std::nullopt), std::nullopt);
  auto packets = sent();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(packets[0].type(), wire::Icmpv6Type::neighbor_solicitation);
  EXPECT_EQ(advertise(kPeer, kAnswer), std::nullopt);
  packets = sent();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(packets[0].type(), wire::Icmpv6Type::neighbor_advertisement);
  EXPECT_EQ(packets[0].frame.to, kPeerMac);
}

//= RFC4861-7.2.3-a
TEST_F(Ndp, IsSilentAboutOthers) {
  EXPECT_EQ(solicit(kPeer, IpAddress::v6({0xfd, 9})), DropReason::ndp_not_for_us);
  EXPECT_TRUE(sent().empty());
  EXPECT_EQ(neighbors_.cache(Family::ipv6).size(), 0u);
}

//= RFC4861-4.6.1-a
//= RFC4861-7.2-a
TEST_F(Ndp, TheWrongLinkLayerOptionTeachesNothing) {
  (void)solicit(kPeer, kUs, kPeerMac, kStart, NdpOptionType::target_link_layer_address);
  EXPECT_EQ(entry(kPeer)->state, EntryState::incomplete);
}

TEST_F(Ndp, NobodyIsAtAGroupAddressOrAtOurs) {
  for (const MacAddress& mac : {MacAddress::broadcast(), kOurMac, MacAddress{}}) {
    EXPECT_EQ(solicit(kPeer, kUs, mac), DropReason::ndp_bad_link_address);
    EXPECT_EQ(advertise(kPeer, kAnswer, mac), DropReason::ndp_bad_link_address);
    EXPECT_EQ(neighbors_.mention(kStart, kPeer, mac, true), DropReason::ndp_bad_link_address);
  }
  EXPECT_TRUE(sent().empty());
  EXPECT_EQ(neighbors_.cache(Family::ipv6).size(), 0u);
}

TEST_F(Ndp, OtherAdvertisements) {
  EXPECT_EQ(advertise(kPeer, kAnswer), DropReason::ndp_unsolicited);
  EXPECT_EQ(advertise(kUs, kAnswer), DropReason::ndp_not_for_us);
}

//= RFC4861-7.2.5-f
TEST_F(Ndp, ARouterThatCeasesToBeOneIsReported) {
  EXPECT_EQ(neighbors_.mention(kStart, kPeer, kPeerMac, true), std::nullopt);
  EXPECT_EQ(advertise(kPeer, wire::kNdpOverrideFlag), std::nullopt);
  EXPECT_EQ(events(), std::vector{EventKind::no_longer_router});
}

//= RFC4861-4.1-a
TEST_F(Ndp, SolicitsRouters) {
  neighbors_.solicit_routers();
  auto packets = sent();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(packets[0].ip().src(), kAny);  // no link-local address yet
  EXPECT_EQ(packets[0].ip().dst(), wire::kAllRouters);
  EXPECT_EQ(packets[0].message().size(), 8u);

  const IpAddress link_local = IpAddress::v6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 1});
  neighbors_.add_address(kStart, link_local);
  neighbors_.solicit_routers();
  packets = sent();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(packets[0].ip().src(), link_local);
  EXPECT_EQ(wire::find_link_layer_address(
                wire::RouterSolicitationView::parse(packets[0].message())->options(),
                NdpOptionType::source_link_layer_address),
            kOurMac);
}

//= RFC4861-6.3.4-f
TEST_F(Ndp, TheReachableTimeIsDrawnAndDrawnAgain) {
  const auto& cache = neighbors_.cache(Family::ipv6);
  std::vector<Duration> drawn;
  for (int i = 0; i < 100; ++i) {
    neighbors_.set_base_reachable_time(kStart, 10s);
    drawn.push_back(cache.config().reachable_time);
  }
  const auto [least, most] = std::minmax_element(drawn.begin(), drawn.end());
  EXPECT_GE(*least, 5s);
  EXPECT_LT(*least, 6s);
  EXPECT_GT(*most, 14s);
  EXPECT_LE(*most, 15s);
  (void)neighbors_.resolve(kStart + 2h - 1ns, kPeer, kUs);
  EXPECT_EQ(cache.config().reachable_time, drawn.back());
  (void)neighbors_.resolve(kStart + 2h, kPeer, kUs);
  EXPECT_NE(cache.config().reachable_time, drawn.back());
}

class Dad : public Ndp {
 protected:
  Dad() : Ndp(1) {}
  void run_until(Instant until) {
    while (const auto at = neighbors_.next_deadline()) {
      if (*at > until) return;
      neighbors_.on_deadline(*at);
    }
  }
};

//= RFC4862-5.4.2-b
//= RFC4862-5.4-a
TEST_F(Dad, AsksFromNobodyAndThenUsesTheAddress) {
  EXPECT_TRUE(events().empty());
  EXPECT_FALSE(neighbors_.owns(kUs));
  run_until(kStart + 1s);
  const auto packets = sent();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(packets[0].ip().src(), kAny);
  EXPECT_EQ(packets[0].ip().dst(), wire::solicited_node_group(kUs));
  EXPECT_EQ(packets[0].solicitation().target(), kUs);
  EXPECT_EQ(wire::find_link_layer_address(packets[0].solicitation().options(),
                                          NdpOptionType::source_link_layer_address),
            std::nullopt);
  run_until(kStart + 2s);
  EXPECT_EQ(events(), std::vector{EventKind::address_ready});
  EXPECT_TRUE(neighbors_.owns(kUs));
}

//= RFC4862-5.4.3-a
TEST_F(Dad, DoesNotAnswerForATentativeAddress) {
  EXPECT_EQ(solicit(kPeer, kUs), DropReason::ndp_not_for_us);
  EXPECT_TRUE(sent().empty());
  run_until(kStart + 2s);
  EXPECT_TRUE(neighbors_.owns(kUs));
}

//= RFC4862-5.4.3-b
TEST_F(Dad, SomebodyElseWantsItToo) {
  EXPECT_EQ(solicit(kAny, kUs, std::nullopt), std::nullopt);
  EXPECT_EQ(events(), std::vector{EventKind::address_conflict});
  run_until(kStart + 3s);
  EXPECT_TRUE(sent().empty());
  EXPECT_FALSE(neighbors_.owns(kUs));
  EXPECT_EQ(solicit(kPeer, kUs), DropReason::ndp_not_for_us);
}

//= RFC4862-5.4.4-a
TEST_F(Dad, SomebodyElseHasIt) {
  run_until(kStart + 1s);
  EXPECT_EQ(advertise(kUs, wire::kNdpOverrideFlag), std::nullopt);
  EXPECT_EQ(events(), std::vector{EventKind::address_conflict});
  EXPECT_FALSE(neighbors_.owns(kUs));
}

//= RFC4862-5.4.1-a
TEST_F(Dad, AnInvalidMessageIsNoConflict) {
  wire::NeighborAdvertisementFields fields;
  fields.target = kUs;
  Buffer message(fields.encoded_size());
  fields.emit(message);
  EXPECT_EQ(neighbors_.on_advertisement(kStart, {kUs, wire::kAllNodes, 64, false}, message),
            DropReason::ndp_hop_limit);
  run_until(kStart + 2s);
  EXPECT_TRUE(neighbors_.owns(kUs));
}

// A loop in the network brings our own question back; somebody else's has another nonce.
TEST_F(Dad, TheEchoOfAQuestionIsNoConflict) {
  run_until(kStart + 1s);
  const auto packets = sent();
  ASSERT_EQ(packets.size(), 1u);
  const NdpArrival arrival{kAny, packets[0].ip().dst(), 255, false};
  Buffer message(packets[0].message().begin(), packets[0].message().end());
  EXPECT_EQ(neighbors_.on_solicitation(kStart + 1s, arrival, message), DropReason::ndp_own_echo);
  EXPECT_TRUE(events().empty());
  message.back() ^= 1;
  EXPECT_EQ(neighbors_.on_solicitation(kStart + 1s, arrival, message), std::nullopt);
  EXPECT_EQ(events(), std::vector{EventKind::address_conflict});
}

TEST_F(Dad, NobodyIsAskedOnBehalfOfATentativeAddress) {
  EXPECT_EQ(neighbors_.resolve(kStart, kPeer, kUs).error(), Unresolved::no_address);
  EXPECT_TRUE(sent().empty());
}

}  // namespace
}  // namespace packetwright::neighbor
