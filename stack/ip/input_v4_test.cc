// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "stack/base/rng.hh"
#include "stack/ip/input_test_support.hh"

namespace packetwright::ip {
namespace {

using wire::Ipv4Fields;

using InputV4 = InputTest;

TEST_F(InputV4, DeliversADatagramWithEverythingItSays) {
  Ipv4Fields header = header4();
  header.tos = 0x2b;
  header.ttl = 17;
  header.df = true;
  const Buffer packet = packet4(header, octets(100));
  const Received received = receive4(packet);
  ASSERT_TRUE(received.datagram);
  const Datagram& datagram = *received.datagram;
  EXPECT_EQ(datagram.source, kPeer);
  EXPECT_EQ(datagram.destination, kOwn);
  EXPECT_EQ(datagram.protocol, wire::IpProtocol::udp);
  EXPECT_EQ(datagram.hop_limit, 17);
  //= RFC1122-3.2.1.6-b
  EXPECT_EQ(datagram.traffic_class, 0x2b);
  EXPECT_EQ(datagram.ecn(), 3);
  EXPECT_TRUE(datagram.dont_fragment);
  EXPECT_EQ(datagram.kind, AddressKind::unicast);
  EXPECT_EQ(datagram.link, LinkCast::unicast);
  EXPECT_FALSE(datagram.fragmented);
  EXPECT_EQ(copy(datagram.payload), octets(100));
  EXPECT_EQ(copy(datagram.packet), packet);
  EXPECT_EQ(datagram.packet[datagram.protocol_offset], 17);
}

//= RFC1122-3.2.1.1-a
TEST_F(InputV4, OtherVersionsAreDiscarded) {
  for (const std::uint8_t version : {0, 3, 5, 6, 15}) {
    Ipv4Fields header = header4();
    header.version = version;
    const Received received = receive4(packet4(header, octets(60)));
    EXPECT_EQ(received.dropped, DropReason::ip_malformed);
    EXPECT_FALSE(received.problem);
  }
}

//= RFC791-3.1-a
TEST_F(InputV4, AHeaderLengthBelowFiveWordsOrPastTheEndIsDiscarded) {
  for (std::uint8_t ihl = 0; ihl < 5; ++ihl) {
    Ipv4Fields header = header4();
    header.total_length = 100;
    header.ihl = ihl;
    EXPECT_EQ(receive4(raw4(header, octets(80))).dropped, DropReason::ip_malformed);
  }
  Ipv4Fields header = header4();
  header.total_length = 40;
  header.ihl = 15;
  EXPECT_EQ(receive4(raw4(header, octets(20))).dropped, DropReason::ip_malformed);
}

//= RFC791-3.1-b
TEST_F(InputV4, ATotalLengthPastTheFrameOrInsideTheHeaderIsDiscarded) {
  for (const std::uint16_t length : {0, 1, 19, 121, 1500, 65535}) {
    Ipv4Fields header = header4();
    header.total_length = length;
    EXPECT_EQ(receive4(raw4(header, octets(100))).dropped, DropReason::ip_malformed) << length;
  }
}

//= RFC791-3.1-b
TEST_F(InputV4, PaddingOfTheFrameIsCutOff) {
  Buffer packet = packet4(header4(), octets(6));
  packet.resize(46, 0xee);
  const Received received = receive4(packet);
  ASSERT_TRUE(received.datagram);
  EXPECT_EQ(copy(received.datagram->payload), octets(6));
  EXPECT_EQ(received.datagram->packet.size(), 26u);
}

TEST_F(InputV4, EveryTruncationIsDiscarded) {
  const Buffer whole = packet4(header4(), octets(20));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Buffer cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(receive4(cut).dropped, DropReason::ip_malformed) << size;
  }
}

//= RFC1122-3.2.1.2-a
TEST_F(InputV4, EveryFlippedBitOfTheHeaderIsNoticed) {
  const Buffer good = packet4(header4(), octets(100));
  for (std::size_t bit = 0; bit < 160; ++bit) {
    Buffer bad = good;
    bad[bit / 8] ^= static_cast<std::uint8_t>(0x80 >> (bit % 8));
    const Received received = receive4(bad);
    EXPECT_TRUE(received.dropped == DropReason::ip_bad_checksum ||
                received.dropped == DropReason::ip_malformed)
        << bit;
    EXPECT_FALSE(received.problem);
  }
}

//= RFC1122-3.2.1.7-b
TEST_F(InputV4, AnyTimeToLiveWillDo) {
  for (const std::uint8_t ttl : {0, 1, 255}) {
    Ipv4Fields header = header4();
    header.ttl = ttl;
    EXPECT_TRUE(receive4(packet4(header, octets(8))).datagram);
  }
}

//= RFC1122-3.2.1.3-f
//= RFC1122-3.2.1.3-c
//= RFC1122-3.1-b
TEST_F(InputV4, DatagramsForOthersAreDiscarded) {
  for (const IpAddress& destination : {IpAddress::v4(192, 168, 1, 11), IpAddress::v4(8, 8, 8, 8),
                                       IpAddress::v4(127, 0, 0, 1), IpAddress::v4(239, 1, 1, 1)}) {
    const Received received = receive4(packet4(header4(kPeer, destination), octets(8)));
    EXPECT_EQ(received.dropped, DropReason::ip_not_for_us);
    EXPECT_FALSE(received.problem);
  }
}

//= RFC1122-3.2.1.3-g
TEST_F(InputV4, BroadcastsAndJoinedGroupsAreDelivered) {
  const IpAddress group = IpAddress::v4(239, 1, 1, 1);
  addresses_.join(group);
  for (const IpAddress& destination :
       {IpAddress::v4(255, 255, 255, 255), IpAddress::v4(192, 168, 1, 255)}) {
    const Received received =
        receive4(packet4(header4(kPeer, destination), octets(8)), LinkCast::broadcast);
    ASSERT_TRUE(received.datagram);
    EXPECT_EQ(received.datagram->kind, AddressKind::broadcast);
    //= RFC1122-2.4-a
    EXPECT_EQ(received.datagram->link, LinkCast::broadcast);
  }
  const Received received =
      receive4(packet4(header4(kPeer, group), octets(8)), LinkCast::multicast);
  ASSERT_TRUE(received.datagram);
  EXPECT_EQ(received.datagram->kind, AddressKind::multicast);
}

//= RFC1122-3.3.6-d
TEST_F(InputV4, AUnicastDatagramInABroadcastFrameIsDiscarded) {
  for (const LinkCast link : {LinkCast::broadcast, LinkCast::multicast}) {
    EXPECT_EQ(receive4(packet4(header4(), octets(8)), link).dropped,
              DropReason::ip_unicast_in_broadcast);
  }
}

//= RFC1122-3.2.1.3-h
TEST_F(InputV4, SourcesThatNobodyCanHaveAreDiscarded) {
  for (const IpAddress& source :
       {IpAddress::v4(0, 0, 0, 0), IpAddress::v4(127, 0, 0, 1), IpAddress::v4(224, 0, 0, 1),
        IpAddress::v4(255, 255, 255, 255), IpAddress::v4(192, 168, 1, 255),
        IpAddress::v4(240, 0, 0, 1), kOwn}) {
    const Received received = receive4(packet4(header4(source, kOwn), octets(8)));
    EXPECT_EQ(received.dropped, DropReason::ip_bad_source);
    EXPECT_FALSE(received.problem);
  }
}

TEST_F(InputV4, WhatWeSendToOurselvesArrives) {
  EXPECT_TRUE(receive4(packet4(header4(kOwn, kOwn), octets(8)), LinkCast::loopback).datagram);
  const IpAddress loopback = IpAddress::v4(127, 0, 0, 1);
  EXPECT_TRUE(
      receive4(packet4(header4(loopback, loopback), octets(8)), LinkCast::loopback).datagram);
}

// --- options

//= RFC1122-3.2.1.8-b
TEST_F(InputV4, OptionsArePassedOnWithOurOwnAdded) {
  const Buffer options{7, 7, 4, 0, 0, 0, 0, 0};
  Ipv4Fields header = header4();
  header.options = options;
  const Buffer packet = packet4(header, octets(8));
  const Received received = receive4(packet);
  ASSERT_TRUE(received.datagram);
  EXPECT_EQ(copy(received.datagram->options), (Buffer{7, 7, 8, 192, 168, 1, 10, 0}));
  EXPECT_EQ(copy(received.datagram->packet), packet) << "ICMP quotes what arrived";
  EXPECT_EQ(copy(received.datagram->payload), octets(8));
}

TEST_F(InputV4, ABroadcastDatagramRecordsARealAddress) {
  const Buffer options{7, 7, 4, 0, 0, 0, 0, 0};
  Ipv4Fields header = header4(kPeer, IpAddress::v4(192, 168, 1, 255));
  header.options = options;
  const Received received = receive4(packet4(header, octets(8)), LinkCast::broadcast);
  ASSERT_TRUE(received.datagram);
  EXPECT_EQ(copy(received.datagram->options), (Buffer{7, 7, 8, 192, 168, 1, 10, 0}));
}

//= RFC1122-3.2.2.5-a
TEST_F(InputV4, AMalformedOptionIsAProblem) {
  const Buffer options{1, 1, 68, 99};
  Ipv4Fields header = header4();
  header.options = options;
  const Buffer packet = packet4(header, octets(8));
  const Received received = receive4(packet);
  EXPECT_EQ(received.dropped, DropReason::ip_bad_option);
  ASSERT_TRUE(received.problem);
  EXPECT_EQ(received.problem->kind, ProblemKind::bad_header_field);
  EXPECT_EQ(received.problem->pointer, 23u) << "the length octet";
  EXPECT_EQ(received.problem->source, kPeer);
  EXPECT_EQ(received.problem->destination, kOwn);
  EXPECT_EQ(received.problem->packet, packet);
}

//= RFC1122-3.3.5-b
TEST_F(InputV4, ASourceRouteWithHopsLeftIsAProblem) {
  const Buffer options{131, 7, 4, 10, 0, 0, 9, 0};
  Ipv4Fields header = header4();
  header.options = options;
  const Received received = receive4(packet4(header, octets(8)));
  EXPECT_EQ(received.dropped, DropReason::ip_source_route);
  ASSERT_TRUE(received.problem);
  EXPECT_EQ(received.problem->kind, ProblemKind::source_route_failed);
}

TEST_F(InputV4, RandomOptionsNeverDoHarm) {
  Rng rng{5};
  int delivered = 0;
  for (int round = 0; round < 6000; ++round) {
    Buffer options(4 * (1 + rng.below(10)));
    rng.fill(options);
    static constexpr std::array<std::uint8_t, 6> kTypes{7, 68, 131, 137, 1, 0};
    if (rng.chance(3, 4)) options[0] = kTypes[rng.below(6)];
    if (rng.chance(3, 4)) options[1] = static_cast<std::uint8_t>(rng.below(44));
    if (rng.chance(3, 4)) options[2] = static_cast<std::uint8_t>(rng.below(44));
    Ipv4Fields header = header4();
    header.options = options;
    const Received received = receive4(packet4(header, octets(4)));
    EXPECT_NE((received.datagram != nullptr), received.dropped.has_value());
    if (received.datagram) ++delivered;
  }
  EXPECT_GT(delivered, 300);
}

// --- fragments

class InputV4Fragments : public InputV4 {
 protected:
  // Octets begin .. end-1 of `whole_` as a fragment.
  Buffer fragment(std::size_t begin, std::size_t end, bool more, std::uint16_t id = 77) const {
    Ipv4Fields header = header4();
    header.id = id;
    header.mf = more;
    header.fragment_offset = static_cast<std::uint16_t>(begin);
    return packet4(header, {whole_.begin() + static_cast<std::ptrdiff_t>(begin),
                            whole_.begin() + static_cast<std::ptrdiff_t>(end)});
  }
  Buffer whole_ = octets(3000);
};

//= RFC1122-3.3.2-a
//= RFC791-3.1-c
TEST_F(InputV4Fragments, AreReassembled) {
  EXPECT_TRUE(kept(receive4(fragment(1480, 2960, true))));
  EXPECT_TRUE(kept(receive4(fragment(2960, 3000, false))));
  const Received received = receive4(fragment(0, 1480, true));
  ASSERT_TRUE(received.datagram);
  const Datagram& datagram = *received.datagram;
  EXPECT_EQ(copy(datagram.payload), whole_);
  EXPECT_TRUE(datagram.fragmented);
  EXPECT_EQ(datagram.source, kPeer);
  // What ICMP would quote is a datagram in order.
  const auto quoted = wire::Ipv4View::parse(datagram.packet);
  ASSERT_TRUE(quoted.ok());
  EXPECT_EQ(quoted->total_length(), 3020);
  EXPECT_FALSE(quoted->is_fragment());
  EXPECT_TRUE(quoted->verify_checksum());
}

TEST_F(InputV4Fragments, PaddingOfTheFrameIsNoPartOfThem) {
  Buffer last = fragment(8, 12, false);
  last.resize(46, 0xee);
  EXPECT_TRUE(kept(receive4(fragment(0, 8, true))));
  const Received received = receive4(last);
  ASSERT_TRUE(received.datagram);
  EXPECT_EQ(received.datagram->payload.size(), 12u);
}

//= RFC3168-5.3-a
TEST_F(InputV4Fragments, ACongestionMarkOnOneMarksTheWhole) {
  const auto marked = [&](std::size_t begin, std::size_t end, bool more, std::uint8_t tos) {
    Ipv4Fields header = header4();
    header.mf = more;
    header.tos = tos;
    header.fragment_offset = static_cast<std::uint16_t>(begin);
    return packet4(header, Buffer(end - begin, 1));
  };
  EXPECT_TRUE(kept(receive4(marked(0, 8, true, 0x2a))));
  const Received received = receive4(marked(8, 16, false, 0x2b));
  ASSERT_TRUE(received.datagram);
  EXPECT_EQ(received.datagram->traffic_class, 0x2b);
}

//= RFC791-3.2-e
TEST_F(InputV4Fragments, AWholeDatagramOfTheSameIdentificationReleasesThem) {
  EXPECT_TRUE(kept(receive4(fragment(0, 8, true))));
  EXPECT_TRUE(receive4(packet4(header4(), octets(8))).datagram);
  EXPECT_TRUE(kept(receive4(fragment(8, 16, false)))) << "the first half is gone";
}

//= RFC6864-4.1-a
//= RFC6864-4.1-c
TEST_F(InputV4Fragments, AnAtomicDatagramOfTheSameIdentificationLeavesThemAlone) {
  EXPECT_TRUE(kept(receive4(fragment(0, 8, true))));
  Ipv4Fields atomic = header4();
  atomic.df = true;
  for (int copy = 0; copy < 2; ++copy) EXPECT_TRUE(receive4(packet4(atomic, octets(8))).datagram);
  EXPECT_TRUE(receive4(fragment(8, 16, false)).datagram);
}

//= RFC791-3.2-h
TEST_F(InputV4Fragments, ThePingOfDeathIsDropped) {
  Ipv4Fields header = header4();
  header.fragment_offset = 65528;
  const Received received = receive4(packet4(header, octets(1480)));
  EXPECT_EQ(received.dropped, DropReason::fragment_too_big);
  EXPECT_FALSE(received.problem);
  EXPECT_TRUE(receive4(packet4(header4(), octets(8))).datagram);
}

TEST_F(InputV4Fragments, TeardropIsDropped) {
  EXPECT_TRUE(kept(receive4(fragment(0, 40, true))));
  const Received received = receive4(fragment(24, 28, false));
  EXPECT_EQ(received.dropped, DropReason::fragment_overlap);
  EXPECT_FALSE(received.problem);
}

//= RFC791-3.2-c
TEST_F(InputV4Fragments, OddSizesAreDropped) {
  EXPECT_EQ(receive4(fragment(0, 13, true)).dropped, DropReason::fragment_malformed);
}

//= RFC1122-3.3.2-f
TEST_F(InputV4Fragments, ATimeOutIsAProblemIfTheFirstCame) {
  const Buffer first = fragment(0, 1480, true);
  EXPECT_TRUE(kept(receive4(first)));
  EXPECT_TRUE(kept(receive4(fragment(1480, 2960, true, 78))));
  EXPECT_EQ(input_.next_deadline(), kStart + 60s);
  input_.on_deadline(kStart + 60s);

  const auto with_first = input_.next_discarded();
  ASSERT_TRUE(with_first);
  EXPECT_EQ(with_first->dropped, DropReason::fragment_timeout);
  ASSERT_TRUE(with_first->problem);
  EXPECT_EQ(with_first->problem->kind, ProblemKind::reassembly_time_exceeded);
  EXPECT_EQ(with_first->problem->packet, first);
  EXPECT_EQ(with_first->problem->source, kPeer);
  EXPECT_FALSE(with_first->problem->non_initial_fragment);

  const auto without = input_.next_discarded();
  ASSERT_TRUE(without);
  //= RFC1122-3.2.2-h
  EXPECT_FALSE(without->problem);
  EXPECT_FALSE(input_.next_discarded());
}

TEST_F(InputV4Fragments, ATimeOutTellsHowTheFragmentsCame) {
  Ipv4Fields header = header4(kPeer, IpAddress::v4(192, 168, 1, 255));
  header.mf = true;
  EXPECT_TRUE(kept(receive4(packet4(header, octets(8)), LinkCast::broadcast)));
  input_.on_deadline(kStart + 60s);
  const auto discarded = input_.next_discarded();
  ASSERT_TRUE(discarded && discarded->problem);
  EXPECT_EQ(discarded->problem->destination_kind, AddressKind::broadcast);
  EXPECT_EQ(discarded->problem->link, LinkCast::broadcast);
  EXPECT_EQ(discarded->problem->destination, IpAddress::v4(192, 168, 1, 255));
}

//= RFC791-3.2-a
TEST_F(InputV4Fragments, OtherProtocolsAreNotMixedIn) {
  EXPECT_TRUE(kept(receive4(fragment(0, 8, true))));
  Ipv4Fields other = header4();
  other.protocol = wire::IpProtocol::icmpv4;
  other.fragment_offset = 8;
  EXPECT_TRUE(kept(receive4(packet4(other, octets(8)))));
}

TEST_F(InputV4Fragments, AFragmentWhoseSourceRouteHasHopsLeftIsNotReassembledHere) {
  const Buffer options{131, 7, 4, 10, 0, 0, 9, 0};
  Ipv4Fields header = header4();
  header.options = options;
  header.fragment_offset = 8;
  const Received received = receive4(packet4(header, octets(8)));
  EXPECT_EQ(received.dropped, DropReason::ip_source_route);
  ASSERT_TRUE(received.problem);
  EXPECT_TRUE(received.problem->non_initial_fragment);
  EXPECT_EQ(input_.reassembler().datagrams(), 0u);
}

class InputV4DeliversSourceRoutes : public InputTest {
 protected:
  InputV4DeliversSourceRoutes() : InputTest(config()) {}
  static InputConfig config() {
    InputConfig config;
    config.options.source_routes = SourceRoutePolicy::deliver;
    return config;
  }
};

//= RFC1122-3.2.1.8-e
TEST_F(InputV4DeliversSourceRoutes, WhenToldTo) {
  const Buffer options{131, 7, 8, 10, 0, 0, 9, 0};
  Ipv4Fields header = header4();
  header.options = options;
  const Received received = receive4(packet4(header, octets(8)));
  ASSERT_TRUE(received.datagram);
  EXPECT_EQ(copy(received.datagram->options), options);
}

TEST_F(InputV4, UnknownProtocolsBecomeAProblemOnRequest) {
  Ipv4Fields header = header4();
  header.protocol = static_cast<wire::IpProtocol>(253);
  const Buffer packet = packet4(header, octets(8));
  const Received received = receive4(packet, LinkCast::unicast);
  ASSERT_TRUE(received.datagram);
  const Problem problem = unknown_protocol(*received.datagram);
  EXPECT_EQ(problem.kind, ProblemKind::unknown_next_header);
  EXPECT_EQ(problem.pointer, 9u);
  EXPECT_EQ(problem.packet, packet);
  EXPECT_EQ(problem.source, kPeer);
}

// What was found of the addresses of the last packet does not outlive a change of ours.
TEST_F(InputV4, AddressesAreJudgedAnewWhenOursHaveChanged) {
  const Buffer packet = packet4(header4(), octets(20));
  ASSERT_TRUE(receive4(packet).datagram);
  ASSERT_TRUE(receive4(packet).datagram);
  ASSERT_TRUE(addresses_.add({kPeer, 24}));
  EXPECT_EQ(receive4(packet).dropped, DropReason::ip_bad_source);
  addresses_.remove(kPeer);
  ASSERT_TRUE(receive4(packet).datagram);
  addresses_.set_state(kOwn, AddressState::tentative);
  EXPECT_EQ(receive4(packet).dropped, DropReason::ip_not_for_us);
  addresses_.set_state(kOwn, AddressState::preferred);
  ASSERT_TRUE(receive4(packet).datagram);
  addresses_.remove(kOwn);
  EXPECT_EQ(receive4(packet).dropped, DropReason::ip_not_for_us);
}

TEST_F(InputV4, OfThoseThatCameByBroadcastEachIsJudged) {
  const Buffer packet = packet4(header4(), octets(20));
  ASSERT_TRUE(receive4(packet).datagram);
  EXPECT_EQ(receive4(packet, LinkCast::broadcast).dropped, DropReason::ip_unicast_in_broadcast);
}

}  // namespace
}  // namespace packetwright::ip
