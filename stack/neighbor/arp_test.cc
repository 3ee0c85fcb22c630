// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/arp.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stack/neighbor/neighbors.hh"

namespace packetwright::neighbor {
namespace {

using wire::ArpFields;
using wire::ArpOperation;
using wire::ArpView;

constexpr Instant kStart = instant_at(0);
constexpr MacAddress kOurMac{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress kPeerMac{{2, 0, 0, 0, 0, 2}};
constexpr MacAddress kOtherMac{{2, 0, 0, 0, 0, 3}};
constexpr MacAddress kNoMac{};
constexpr IpAddress kUs = IpAddress::v4(192, 0, 2, 1);
constexpr IpAddress kPeer = IpAddress::v4(192, 0, 2, 2);
constexpr IpAddress kOther = IpAddress::v4(192, 0, 2, 3);
constexpr IpAddress kZero;

// A host that owns kUs and has said all it has to say.
class Arp : public ::testing::Test {
 protected:
  explicit Arp(Config config = quiet()) : neighbors_(config, Rng{1}) {
    neighbors_.add_address(kStart, kUs);
    while (neighbors_.next_outgoing()) {
    }
    while (neighbors_.next_event()) {
    }
  }

  static Config quiet() {
    Config config;
    config.mac = kOurMac;
    config.claim.probe = false;
    config.claim.announce = false;
    return config;
  }

  static Buffer packet(ArpOperation operation, const MacAddress& sender_mac,
                       const IpAddress& sender, const IpAddress& target) {
    ArpFields arp;
    arp.operation = operation;
    arp.sender_mac = sender_mac;
    arp.sender_ip = sender;
    arp.target_ip = target;
    return encode(arp);
  }
  static Buffer encode(const ArpFields& arp) {
    Buffer octets(arp.encoded_size());
    arp.emit(octets);
    return octets;
  }

  std::optional<DropReason> receive(ArpOperation operation, const MacAddress& sender_mac,
                                    const IpAddress& sender, const IpAddress& target,
                                    Instant now = kStart) {
    return neighbors_.on_arp(now, packet(operation, sender_mac, sender, target));
  }

  // The next frame, which is an ARP packet.
  ArpFields sent(MacAddress* to = nullptr) {
    const auto frame = neighbors_.next_outgoing();
    EXPECT_TRUE(frame.has_value());
    if (!frame) return {};
    EXPECT_EQ(frame->ether_type, wire::EtherType::arp);
    if (to != nullptr) *to = frame->to;
    const auto view = ArpView::parse(frame->octets);
    EXPECT_TRUE(view.ok());
    return view ? ArpFields::from(*view) : ArpFields{};
  }
  void expect_silence() { EXPECT_FALSE(neighbors_.next_outgoing().has_value()); }
  std::optional<MacAddress> cached(const IpAddress& neighbor) {
    const auto entry = neighbors_.cache(Family::ipv4).find(kStart, neighbor);
    if (!entry) return std::nullopt;
    return entry->mac;
  }

  Neighbors neighbors_;
};

//= RFC826-gen-a
//= RFC826-fmt-a
TEST_F(Arp, ResolvingBroadcastsARequest) {
  EXPECT_EQ(neighbors_.resolve(kStart, kPeer, kUs).error(), Unresolved::asking);
  MacAddress to;
  const ArpFields request = sent(&to);
  EXPECT_EQ(to, MacAddress::broadcast());
  EXPECT_EQ(request.hw_type, 1);
  EXPECT_EQ(request.proto_type, 0x0800);
  EXPECT_EQ(request.hw_size, 6);
  EXPECT_EQ(request.proto_size, 4);
  EXPECT_EQ(request.operation, ArpOperation::request);
  EXPECT_EQ(request.sender_mac, kOurMac);
  EXPECT_EQ(request.sender_ip, kUs);
  EXPECT_EQ(request.target_ip, kPeer);
  expect_silence();
}

TEST_F(Arp, HeldPacketFollowsTheReply) {
  (void)neighbors_.resolve(kStart, kPeer, kUs);
  neighbors_.hold(kPeer, wire::EtherType::ipv4, {1, 2, 3});
  (void)sent();
  EXPECT_EQ(receive(ArpOperation::reply, kPeerMac, kPeer, kUs), std::nullopt);
  const auto frame = neighbors_.next_outgoing();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->to, kPeerMac);
  EXPECT_EQ(frame->ether_type, wire::EtherType::ipv4);
  EXPECT_EQ(frame->octets, (Buffer{1, 2, 3}));
  const auto event = neighbors_.next_event();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, EventKind::reachable);
  EXPECT_EQ(neighbors_.resolve(kStart, kPeer, kUs).value(), kPeerMac);
}

//= RFC1122-2.4-b
TEST_F(Arp, SilenceEndsInAnEventWithTheHeldPackets) {
  (void)neighbors_.resolve(kStart, kPeer, kUs);
  neighbors_.hold(kPeer, wire::EtherType::ipv4, {1, 2, 3});
  EXPECT_FALSE(neighbors_.next_event()) << "no entry is no error yet";
  while (const auto at = neighbors_.next_deadline()) neighbors_.on_deadline(*at);
  const auto event = neighbors_.next_event();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, EventKind::unreachable);
  EXPECT_EQ(event->address, kPeer);
  EXPECT_THAT(event->held, ::testing::ElementsAre(Buffer{1, 2, 3}));
}

//= RFC826-rcv-f
//= RFC5227-2.6-a
TEST_F(Arp, ARequestForUsDrawsAUnicastReplyWithFieldsSwapped) {
  EXPECT_EQ(receive(ArpOperation::request, kPeerMac, kPeer, kUs), std::nullopt);
  MacAddress to;
  const ArpFields reply = sent(&to);
  EXPECT_EQ(to, kPeerMac);
  EXPECT_EQ(reply.operation, ArpOperation::reply);
  EXPECT_EQ(reply.sender_mac, kOurMac);
  EXPECT_EQ(reply.sender_ip, kUs);
  EXPECT_EQ(reply.target_mac, kPeerMac);
  EXPECT_EQ(reply.target_ip, kPeer);
  expect_silence();
}

//= RFC826-rcv-e
TEST_F(Arp, ARequestForUsTeachesTheSender) {
  (void)receive(ArpOperation::request, kPeerMac, kPeer, kUs);
  (void)sent();
  EXPECT_EQ(neighbors_.resolve(kStart, kPeer, kUs).value(), kPeerMac);
  expect_silence();
}

//= RFC826-rcv-c
TEST_F(Arp, AnyPacketUpdatesAnEntryWhateverItsOperationAndTarget) {
  (void)receive(ArpOperation::request, kPeerMac, kPeer, kUs);
  (void)sent();
  EXPECT_EQ(receive(ArpOperation::request, kOtherMac, kPeer, kOther), std::nullopt);
  EXPECT_EQ(cached(kPeer), kOtherMac);
  EXPECT_EQ(receive(static_cast<ArpOperation>(9), kPeerMac, kPeer, kOther), std::nullopt);
  EXPECT_EQ(cached(kPeer), kPeerMac);
  expect_silence();
}

//= RFC826-rcv-d
TEST_F(Arp, ARequestForSomebodyElseTeachesNothing) {
  EXPECT_EQ(receive(ArpOperation::request, kPeerMac, kPeer, kOther), DropReason::arp_not_for_us);
  EXPECT_EQ(cached(kPeer), std::nullopt);
  expect_silence();
}

//= RFC826-rcv-g
TEST_F(Arp, AReplyIsNotAnswered) {
  EXPECT_EQ(receive(ArpOperation::reply, kPeerMac, kPeer, kUs), std::nullopt);
  expect_silence();
}

//= RFC826-rcv-a
//= RFC826-rcv-b
TEST_F(Arp, PacketsOfOtherHardwareProtocolOrSizesAreIgnored) {
  ArpFields good;
  good.sender_mac = kPeerMac;
  good.sender_ip = kPeer;
  good.target_ip = kUs;
  for (const std::uint16_t hw_type : {0, 2, 6, 0xffff}) {
    ArpFields bad = good;
    bad.hw_type = hw_type;
    EXPECT_EQ(neighbors_.on_arp(kStart, encode(bad)), DropReason::arp_malformed);
  }
  for (const std::uint16_t proto_type : {0, 0x0806, 0x86dd}) {
    ArpFields bad = good;
    bad.proto_type = proto_type;
    EXPECT_EQ(neighbors_.on_arp(kStart, encode(bad)), DropReason::arp_malformed);
  }
  for (const std::uint8_t size : {0, 5, 7, 255}) {
    ArpFields bad = good;
    bad.hw_size = size;
    EXPECT_EQ(neighbors_.on_arp(kStart, encode(bad)), DropReason::arp_malformed);
  }
  for (const std::uint8_t size : {0, 3, 5, 16}) {
    ArpFields bad = good;
    bad.proto_size = size;
    EXPECT_EQ(neighbors_.on_arp(kStart, encode(bad)), DropReason::arp_malformed);
  }
  EXPECT_EQ(neighbors_.cache(Family::ipv4).size(), 0u);
  expect_silence();
}

TEST_F(Arp, PacketsCutShortAreIgnored) {
  const Buffer whole = packet(ArpOperation::request, kPeerMac, kPeer, kUs);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // An allocation of exactly this size: a sanitizer sees a read past it.
    const Buffer cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(neighbors_.on_arp(kStart, cut), DropReason::arp_malformed) << size;
  }
  expect_silence();
}

TEST_F(Arp, PaddingOfTheFrameIsIgnored) {
  Buffer padded = packet(ArpOperation::request, kPeerMac, kPeer, kUs);
  padded.resize(46, 0xee);
  EXPECT_EQ(neighbors_.on_arp(kStart, padded), std::nullopt);
  (void)sent();
}

TEST_F(Arp, SendersThatCanBeNobodyAreIgnored) {
  const auto request = ArpOperation::request;
  EXPECT_EQ(receive(request, MacAddress::broadcast(), kPeer, kUs), DropReason::arp_bad_sender);
  EXPECT_EQ(receive(request, {{1, 0, 0x5e, 0, 0, 1}}, kPeer, kUs), DropReason::arp_bad_sender);
  EXPECT_EQ(receive(request, kNoMac, kPeer, kUs), DropReason::arp_bad_sender);
  EXPECT_EQ(receive(request, kPeerMac, IpAddress::v4(224, 0, 0, 1), kUs),
            DropReason::arp_bad_sender);
  EXPECT_EQ(receive(request, kPeerMac, IpAddress::v4(255, 255, 255, 255), kUs),
            DropReason::arp_bad_sender);
  EXPECT_EQ(receive(request, kPeerMac, IpAddress::v4(127, 0, 0, 1), kUs),
            DropReason::arp_bad_sender);
  EXPECT_EQ(receive(request, kPeerMac, IpAddress::v4(0, 0, 0, 7), kUs), DropReason::arp_bad_sender);
  EXPECT_EQ(neighbors_.cache(Family::ipv4).size(), 0u);
  expect_silence();
}

//= RFC5227-2.5-a
TEST_F(Arp, AProbeForOurAddressIsAnsweredButNotEntered) {
  EXPECT_EQ(receive(ArpOperation::request, kPeerMac, kZero, kUs), std::nullopt);
  MacAddress to;
  const ArpFields reply = sent(&to);
  EXPECT_EQ(to, kPeerMac);
  EXPECT_EQ(reply.operation, ArpOperation::reply);
  EXPECT_EQ(reply.sender_ip, kUs);
  EXPECT_EQ(reply.target_ip, kZero);
  EXPECT_EQ(neighbors_.cache(Family::ipv4).size(), 0u);
}

TEST_F(Arp, AStalePeerIsPolledByUnicast) {
  (void)receive(ArpOperation::reply, kPeerMac, kPeer, kUs);
  (void)neighbors_.resolve(kStart + 60s, kPeer, kUs);
  expect_silence();
  neighbors_.on_deadline(kStart + 65s);
  MacAddress to;
  const ArpFields poll = sent(&to);
  EXPECT_EQ(to, kPeerMac);
  EXPECT_EQ(poll.operation, ArpOperation::request);
  EXPECT_EQ(poll.target_ip, kPeer);
}

TEST_F(Arp, AStalePeerThatTransportHearsFromIsNotPolled) {
  (void)receive(ArpOperation::reply, kPeerMac, kPeer, kUs);
  (void)neighbors_.resolve(kStart + 60s, kPeer, kUs);
  neighbors_.confirm(kStart + 61s, kPeer);
  EXPECT_EQ(neighbors_.next_deadline(), std::nullopt);
}

TEST_F(Arp, WithoutAnAddressNobodyIsAsked) {
  neighbors_.remove_address(kUs);
  EXPECT_EQ(neighbors_.resolve(kStart, kPeer, kUs).error(), Unresolved::no_address);
  expect_silence();
}

// A host that gives up its last address has a last word for those it spoke to (RFC 5227, 2.4).
TEST_F(Arp, WithoutAnAddressWhoIsKnownIsReachedAllTheSame) {
  ASSERT_EQ(receive(ArpOperation::request, kPeerMac, kPeer, kUs), std::nullopt);
  (void)sent();
  (void)neighbors_.resolve(kStart, kOther, kUs);
  (void)sent();
  neighbors_.remove_address(kUs);
  EXPECT_EQ(neighbors_.resolve(kStart, kPeer, kUs).value(), kPeerMac);
  EXPECT_EQ(neighbors_.resolve(kStart, kOther, kUs).error(), Unresolved::no_address);
  expect_silence();
}

//= RFC1122-2.3.2.1-a
TEST_F(Arp, WhatIsKnownCanBeForgotten) {
  (void)receive(ArpOperation::request, kPeerMac, kPeer, kUs);
  (void)receive(ArpOperation::request, kOtherMac, kOther, kUs);
  neighbors_.remove(kPeer);
  EXPECT_EQ(cached(kPeer), std::nullopt);
  EXPECT_EQ(cached(kOther), kOtherMac);
  neighbors_.flush();
  EXPECT_EQ(cached(kOther), std::nullopt);
}

TEST_F(Arp, APacketThatNobodyCanBeAskedForComesBack) {
  neighbors_.remove_address(kUs);
  EXPECT_FALSE(neighbors_.resolve(kStart, kPeer, kUs));
  neighbors_.hold(kPeer, wire::EtherType::ipv4, {1, 2, 3});
  const auto event = neighbors_.next_event();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, EventKind::undeliverable);
  EXPECT_EQ(event->address, kPeer);
  EXPECT_THAT(event->held, ::testing::ElementsAre(Buffer{1, 2, 3}));
}

TEST_F(Arp, ARequestIsSentFromAnAddressOfOursEvenIfThePacketIsNot) {
  (void)neighbors_.resolve(kStart, kPeer, kOther);
  EXPECT_EQ(sent().sender_ip, kUs);
}

TEST_F(Arp, ABurstOfRequestsIsAnsweredOneByOneInBoundedMemory) {
  for (std::uint32_t i = 0; i < 5000; ++i) {
    (void)receive(ArpOperation::request, kPeerMac, IpAddress::v4(0x0a000000u + i), kUs);
    EXPECT_EQ(sent().target_ip, IpAddress::v4(0x0a000000u + i));
  }
  EXPECT_LE(neighbors_.cache(Family::ipv4).size(), CacheConfig{}.max_entries);
}

// --- RFC 5227 through the wire

//= RFC5227-2.4-a
TEST_F(Arp, AForeignUseOfOurAddressIsDefendedAndNotLearnt) {
  EXPECT_EQ(receive(ArpOperation::request, kOtherMac, kUs, kUs), DropReason::arp_bad_sender);
  MacAddress to;
  const ArpFields announcement = sent(&to);
  EXPECT_EQ(to, MacAddress::broadcast());
  EXPECT_EQ(announcement.operation, ArpOperation::request);
  EXPECT_EQ(announcement.sender_mac, kOurMac);
  EXPECT_EQ(announcement.sender_ip, kUs);
  EXPECT_EQ(announcement.target_ip, kUs);
  EXPECT_EQ(announcement.target_mac, kNoMac);
  const auto event = neighbors_.next_event();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, EventKind::conflict_defended);
  EXPECT_EQ(event->other, kOtherMac);
  EXPECT_EQ(cached(kUs), std::nullopt);
  expect_silence();
}

TEST_F(Arp, OurOwnPacketEchoedByAHubIsNoConflict) {
  EXPECT_EQ(receive(ArpOperation::request, kOurMac, kUs, kUs), DropReason::arp_bad_sender);
  EXPECT_FALSE(neighbors_.next_event());
  expect_silence();
}

class ArpProbing : public Arp {
 protected:
  ArpProbing() : Arp(probing()) {}
  static Config probing() {
    Config config;
    config.mac = kOurMac;
    return config;
  }
  void run_until_sent() { neighbors_.on_deadline(*neighbors_.next_deadline()); }
};

//= RFC5227-1.1-a
TEST_F(ArpProbing, AProbeHasNoSenderAddress) {
  run_until_sent();
  MacAddress to;
  const ArpFields probe = sent(&to);
  EXPECT_EQ(to, MacAddress::broadcast());
  EXPECT_EQ(probe.operation, ArpOperation::request);
  EXPECT_EQ(probe.sender_mac, kOurMac);
  EXPECT_EQ(probe.sender_ip, kZero);
  EXPECT_EQ(probe.target_mac, kNoMac);
  EXPECT_EQ(probe.target_ip, kUs);
}

//= RFC5227-2.1-a
TEST_F(ArpProbing, TheAddressIsNotUsedBeforeItIsReady) {
  EXPECT_FALSE(neighbors_.owns(kUs));
  EXPECT_EQ(receive(ArpOperation::request, kPeerMac, kPeer, kUs), DropReason::arp_not_for_us);
  EXPECT_EQ(neighbors_.resolve(kStart, kPeer, kUs).error(), Unresolved::no_address);
  expect_silence();

  std::optional<Event> event;
  while (!event) {
    run_until_sent();
    event = neighbors_.next_event();
  }
  EXPECT_EQ(event->kind, EventKind::address_ready);
  EXPECT_TRUE(neighbors_.owns(kUs));
}

//= RFC5227-2.1.1-b
TEST_F(ArpProbing, AReplyFromTheAddressIsAConflict) {
  run_until_sent();
  (void)receive(ArpOperation::reply, kOtherMac, kUs, kZero);
  const auto event = neighbors_.next_event();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, EventKind::address_conflict);
  EXPECT_EQ(event->other, kOtherMac);
  EXPECT_EQ(neighbors_.next_deadline(), std::nullopt);
  EXPECT_FALSE(neighbors_.owns(kUs));
}

//= RFC5227-2.1.1-c
TEST_F(ArpProbing, AForeignProbeForTheAddressIsAConflict) {
  run_until_sent();
  (void)receive(ArpOperation::request, kOtherMac, kZero, kUs);
  const auto event = neighbors_.next_event();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, EventKind::address_conflict);
}

//= RFC5227-2.1.1-c
TEST_F(ArpProbing, OurOwnProbeEchoedIsNoConflict) {
  run_until_sent();
  (void)receive(ArpOperation::request, kOurMac, kZero, kUs);
  EXPECT_FALSE(neighbors_.next_event());
  EXPECT_TRUE(neighbors_.next_deadline());
}

TEST_F(ArpProbing, AnAddressGivenUpBelongsToTheOtherHost) {
  run_until_sent();
  (void)sent();
  (void)receive(ArpOperation::reply, kOtherMac, kUs, kZero);
  neighbors_.add_address(kStart, kPeer);
  while (const auto at = neighbors_.next_deadline()) neighbors_.on_deadline(*at);
  while (neighbors_.next_outgoing()) {
  }
  EXPECT_EQ(receive(ArpOperation::request, kOtherMac, kUs, kPeer), std::nullopt);
  EXPECT_EQ(cached(kUs), kOtherMac);
}

}  // namespace
}  // namespace packetwright::neighbor
