// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "stack/base/rng.hh"
#include "stack/ip/input_test_support.hh"

namespace packetwright::ip {
namespace {

using wire::IpProtocol;
using wire::Ipv6Fields;

class InputV6 : public InputTest {
 protected:
  // Header and payload one behind the other.
  static Buffer join(std::initializer_list<Buffer> parts) {
    Buffer all;
    for (const Buffer& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
  }
  static std::uint8_t number(IpProtocol protocol) { return static_cast<std::uint8_t>(protocol); }
  // An options header of eight octets that holds `type`, its length 0, and padding.
  static Buffer options(IpProtocol next, std::uint8_t type) {
    return {number(next), 0, type, 0, 1, 2, 0, 0};
  }
  static Buffer routing(IpProtocol next, std::uint8_t type, std::uint8_t segments_left) {
    return {number(next),
            2,
            type,
            segments_left,
            0,
            0,
            0,
            0,
            1,
            2,
            3,
            4,
            5,
            6,
            7,
            8,
            9,
            9,
            9,
            9,
            9,
            9,
            9,
            9};
  }
  static Buffer udp() { return octets(16); }

  Received receive_chain(IpProtocol first, std::initializer_list<Buffer> parts,
                         LinkCast link = LinkCast::unicast, const IpAddress& to = kOwn6) {
    return receive6(packet6(header6(first, kPeer6, to), join(parts)), link);
  }
  // About the packet that was received last.
  void expect_problem(const Received& received, DropReason reason, ProblemKind kind,
                      std::uint32_t pointer) {
    EXPECT_EQ(received.dropped, reason);
    ASSERT_TRUE(received.problem);
    EXPECT_EQ(received.problem->kind, kind);
    EXPECT_EQ(received.problem->pointer, pointer);
    EXPECT_EQ(received.problem->source, kPeer6);
    EXPECT_EQ(received.problem->destination, wire::Ipv6View::parse(last_)->dst());
    EXPECT_EQ(received.problem->packet, last_);
  }
};

TEST_F(InputV6, DeliversADatagramWithEverythingItSays) {
  Ipv6Fields header = header6();
  header.traffic_class = 0x2b;
  header.flow_label = 0x12345;
  header.hop_limit = 255;
  const Buffer packet = packet6(header, octets(100));
  const Received received = receive6(packet);
  ASSERT_TRUE(received.datagram);
  const Datagram& datagram = *received.datagram;
  EXPECT_EQ(datagram.source, kPeer6);
  EXPECT_EQ(datagram.destination, kOwn6);
  EXPECT_EQ(datagram.protocol, IpProtocol::udp);
  EXPECT_EQ(datagram.hop_limit, 255);
  EXPECT_EQ(datagram.traffic_class, 0x2b);
  EXPECT_EQ(datagram.flow_label, 0x12345u);
  EXPECT_EQ(copy(datagram.payload), octets(100));
  EXPECT_EQ(copy(datagram.packet), packet);
  EXPECT_EQ(datagram.protocol_offset, 6);
  EXPECT_FALSE(datagram.fragmented);
}

//= RFC8200-3-a
TEST_F(InputV6, OtherVersionsAreDiscarded) {
  for (const std::uint8_t version : {0, 4, 5, 7, 15}) {
    Ipv6Fields header = header6();
    header.version = version;
    EXPECT_EQ(receive6(packet6(header, octets(60))).dropped, DropReason::ip_malformed);
  }
}

//= RFC8200-3-b
TEST_F(InputV6, AnyHopLimitWillDo) {
  for (const std::uint8_t hop_limit : {0, 1}) {
    Ipv6Fields header = header6();
    header.hop_limit = hop_limit;
    EXPECT_TRUE(receive6(packet6(header, octets(8))).datagram);
  }
}

//= RFC8200-3-c
TEST_F(InputV6, PaddingIsCutOffAndAMissingOctetIsNoticed) {
  Buffer packet = packet6(header6(), octets(10));
  packet.push_back(0xee);
  const Received received = receive6(packet);
  ASSERT_TRUE(received.datagram);
  EXPECT_EQ(copy(received.datagram->payload), octets(10));
  packet.resize(packet.size() - 2);
  EXPECT_EQ(receive6(packet).dropped, DropReason::ip_malformed);
}

TEST_F(InputV6, EveryTruncationIsDiscarded) {
  const Buffer whole = packet6(header6(), octets(20));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Buffer cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(receive6(cut).dropped, DropReason::ip_malformed) << size;
  }
}

//= RFC4291-2.5.2-a
//= RFC4291-2.5.3-b
//= RFC4291-2.7-a
TEST_F(InputV6, AddressesThatMayNotBeOnTheWireAreDiscarded) {
  const IpAddress loopback = IpAddress::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  const IpAddress unspecified = IpAddress::v6({});
  const auto dropped = [&](const IpAddress& source, const IpAddress& destination) {
    return receive6(packet6(header6(IpProtocol::udp, source, destination), octets(8))).dropped;
  };
  EXPECT_EQ(dropped(kPeer6, loopback), DropReason::ip_not_for_us);
  EXPECT_EQ(dropped(kPeer6, unspecified), DropReason::ip_not_for_us);
  EXPECT_EQ(dropped(kPeer6, kPeer6), DropReason::ip_not_for_us);
  EXPECT_EQ(dropped(loopback, kOwn6), DropReason::ip_bad_source);
  EXPECT_EQ(dropped(kAllNodes, kOwn6), DropReason::ip_bad_source);
  EXPECT_EQ(dropped(kOwn6, kOwn6), DropReason::ip_bad_source);
  EXPECT_EQ(dropped(unspecified, kOwn6), DropReason::ip_bad_source);
}

TEST_F(InputV6, AnUnspecifiedSourceMaySpeakIcmp) {
  const auto received =
      receive6(packet6(header6(IpProtocol::icmpv6, IpAddress::v6({}), kAllNodes), octets(24)),
               LinkCast::multicast);
  ASSERT_TRUE(received.datagram);
  EXPECT_EQ(received.datagram->kind, AddressKind::multicast);
}

// --- extension headers

//= RFC8200-4-d
//= RFC8200-4.1-a
TEST_F(InputV6, ExtensionHeadersOfAllKindsLeadToThePayload) {
  const auto received = receive_chain(
      IpProtocol::hop_by_hop,
      {options(IpProtocol::destination_options, 1), options(IpProtocol::routing, 1),
       routing(IpProtocol::destination_options, 253, 0), options(IpProtocol::udp, 1), udp()});
  ASSERT_TRUE(received.datagram);
  EXPECT_EQ(received.datagram->protocol, IpProtocol::udp);
  EXPECT_EQ(copy(received.datagram->payload), udp());
  EXPECT_EQ(received.datagram->protocol_offset, 40 + 8 + 8 + 24);
}

//= RFC8200-4-a
TEST_F(InputV6, HopByHopOptionsAnywhereElseAreAProblem) {
  expect_problem(
      receive_chain(IpProtocol::destination_options,
                    {options(IpProtocol::hop_by_hop, 1), options(IpProtocol::udp, 1), udp()}),
      DropReason::ip_bad_extension, ProblemKind::unknown_next_header, 40);
}

//= RFC8200-4.2-b
TEST_F(InputV6, AnUnknownOptionWithBits00IsSkipped) {
  for (const IpProtocol kind : {IpProtocol::hop_by_hop, IpProtocol::destination_options}) {
    EXPECT_TRUE(receive_chain(kind, {options(IpProtocol::udp, 0x1e), udp()}).datagram);
  }
}

//= RFC8200-4.2-c
TEST_F(InputV6, AnUnknownOptionWithBits01IsDiscardedInSilence) {
  const auto received =
      receive_chain(IpProtocol::destination_options, {options(IpProtocol::udp, 0x5e), udp()});
  EXPECT_EQ(received.dropped, DropReason::ip_bad_option);
  EXPECT_FALSE(received.problem);
}

//= RFC8200-4.2-d
TEST_F(InputV6, AnUnknownOptionWithBits10IsReportedEvenIfMulticast) {
  const auto received =
      receive_chain(IpProtocol::destination_options, {options(IpProtocol::udp, 0x9e), udp()},
                    LinkCast::multicast, kAllNodes);
  expect_problem(received, DropReason::ip_bad_option, ProblemKind::unknown_option, 42);
  EXPECT_TRUE(received.problem->even_if_multicast);
  EXPECT_EQ(received.problem->destination_kind, AddressKind::multicast);
}

//= RFC8200-4.2-e
TEST_F(InputV6, AnUnknownOptionWithBits11IsReportedUnlessMulticast) {
  const auto received =
      receive_chain(IpProtocol::destination_options, {options(IpProtocol::udp, 0xde), udp()});
  expect_problem(received, DropReason::ip_bad_option, ProblemKind::unknown_option, 42);
  EXPECT_FALSE(received.problem->even_if_multicast);
}

//= RFC8200-4.2-a
TEST_F(InputV6, TheFirstUnknownOptionDecides) {
  const Buffer header{number(IpProtocol::udp), 0, 0x5e, 0, 0x9e, 0, 0, 0};
  const auto received = receive_chain(IpProtocol::destination_options, {header, udp()});
  EXPECT_EQ(received.dropped, DropReason::ip_bad_option);
  EXPECT_FALSE(received.problem);
}

//= RFC8200-4.2-g
TEST_F(InputV6, AllEightBitsOfAnOptionTypeCount) {
  for (const std::uint8_t type : {0x02, 0x22, 0x25}) {
    EXPECT_TRUE(
        receive_chain(IpProtocol::destination_options, {options(IpProtocol::udp, type), udp()})
            .datagram);
  }
}

//= RFC8200-4-b
TEST_F(InputV6, HeadersAreJudgedInTheirOrder) {
  expect_problem(
      receive_chain(IpProtocol::destination_options,
                    {options(IpProtocol::routing, 0x9e), routing(IpProtocol::udp, 0, 1), udp()}),
      DropReason::ip_bad_option, ProblemKind::unknown_option, 42);
}

//= RFC8200-4.4-a
//= RFC8200-4.4-b
//= RFC5095-3-a
//= RFC5095-3-b
TEST_F(InputV6, ARoutingHeaderIsIgnoredOrAProblemByItsSegmentsLeft) {
  for (const std::uint8_t type : {0, 2, 3, 253}) {
    EXPECT_TRUE(
        receive_chain(IpProtocol::routing, {routing(IpProtocol::udp, type, 0), udp()}).datagram);
    expect_problem(receive_chain(IpProtocol::routing, {routing(IpProtocol::udp, type, 1), udp()}),
                   DropReason::ip_bad_extension, ProblemKind::bad_header_field, 42);
  }
}

//= RFC8200-4.7-a
TEST_F(InputV6, NoNextHeaderEndsThePacketInSilence) {
  const auto received = receive_chain(IpProtocol::no_next_header, {octets(8)});
  EXPECT_EQ(received.dropped, DropReason::ip_no_next_header);
  EXPECT_FALSE(received.problem);
}

//= RFC8200-4-c
TEST_F(InputV6, AnUnknownNextHeaderIsDeliveredWithThePlaceThatNamesIt) {
  const auto received = receive_chain(IpProtocol::destination_options,
                                      {options(static_cast<IpProtocol>(253), 1), octets(8)});
  ASSERT_TRUE(received.datagram);
  const Problem problem = unknown_protocol(*received.datagram);
  EXPECT_EQ(problem.kind, ProblemKind::unknown_next_header);
  EXPECT_EQ(problem.pointer, 40u);
}

TEST_F(InputV6, AHeaderPastTheEndIsDropped) {
  Buffer header = options(IpProtocol::udp, 1);
  header[1] = 200;
  EXPECT_EQ(receive_chain(IpProtocol::destination_options, {header, udp()}).dropped,
            DropReason::ip_bad_extension);
  EXPECT_EQ(receive_chain(IpProtocol::destination_options, {octets(7)}).dropped,
            DropReason::ip_bad_extension);
  EXPECT_EQ(receive_chain(IpProtocol::hop_by_hop, {}).dropped, DropReason::ip_bad_extension);
}

TEST_F(InputV6, AnOptionPastItsHeaderIsDropped) {
  const Buffer header{number(IpProtocol::udp), 0, 0x1e, 40, 0, 0, 0, 0};
  EXPECT_EQ(receive_chain(IpProtocol::hop_by_hop, {header, udp()}).dropped,
            DropReason::ip_bad_extension);
}

TEST_F(InputV6, AnEndlessChainIsCutShort) {
  Buffer chain;
  for (int i = 0; i < 180; ++i) {
    const Buffer header = options(IpProtocol::destination_options, 1);
    chain.insert(chain.end(), header.begin(), header.end());
  }
  const auto received = receive_chain(IpProtocol::destination_options, {chain});
  EXPECT_EQ(received.dropped, DropReason::ip_bad_extension);
}

// --- fragments

class InputV6Fragments : public InputV6 {
 protected:
  static Buffer fragment_header(IpProtocol next, std::size_t offset, bool more,
                                std::uint32_t id = 9) {
    wire::Ipv6FragmentFields fields;
    fields.next_header = next;
    fields.fragment_offset = static_cast<std::uint16_t>(offset);
    fields.more_fragments = more;
    fields.id = id;
    Buffer out(fields.encoded_size());
    fields.emit(out);
    return out;
  }
  Buffer part(std::size_t begin, std::size_t end) const {
    return {whole_.begin() + static_cast<std::ptrdiff_t>(begin),
            whole_.begin() + static_cast<std::ptrdiff_t>(end)};
  }
  Received fragment(std::size_t begin, std::size_t end, bool more, std::uint32_t id = 9,
                    Instant now = kStart) {
    return receive6(
        packet6(header6(IpProtocol::fragment),
                join({fragment_header(IpProtocol::udp, begin, more, id), part(begin, end)})),
        LinkCast::unicast, now);
  }
  Buffer whole_ = octets(3000);
};

//= RFC8504-5.1-a
//= RFC8200-5-c
TEST_F(InputV6Fragments, AreReassembled) {
  EXPECT_TRUE(kept(fragment(1448, 2896, true)));
  EXPECT_TRUE(kept(fragment(2896, 3000, false)));
  const Received received = fragment(0, 1448, true);
  ASSERT_TRUE(received.datagram);
  EXPECT_EQ(copy(received.datagram->payload), whole_);
  EXPECT_TRUE(received.datagram->fragmented);
  EXPECT_EQ(received.datagram->protocol, IpProtocol::udp);
  const auto quoted = wire::Ipv6View::parse(received.datagram->packet);
  ASSERT_TRUE(quoted.ok());
  EXPECT_EQ(quoted->payload_length(), 3000);
  EXPECT_EQ(quoted->next_header(), IpProtocol::udp);
}

TEST_F(InputV6Fragments, BehindOtherHeadersAreReassembled) {
  const Buffer before = options(IpProtocol::fragment, 1);
  EXPECT_TRUE(kept(receive_chain(IpProtocol::hop_by_hop,
                                 {before, fragment_header(IpProtocol::destination_options, 0, true),
                                  options(IpProtocol::udp, 1), part(0, 16)})));
  const Received received = receive_chain(
      IpProtocol::fragment, {fragment_header(IpProtocol::tcp, 24, false), part(16, 30)});
  ASSERT_TRUE(received.datagram);
  //= RFC8200-4.5-n
  EXPECT_EQ(received.datagram->protocol, IpProtocol::udp);
  EXPECT_EQ(copy(received.datagram->payload), part(0, 30));
  EXPECT_EQ(received.datagram->protocol_offset, 48);
}

//= RFC8200-4.5-e
TEST_F(InputV6Fragments, TheProtocolIsNotPartOfTheKeyButTheAddressesAre) {
  EXPECT_TRUE(kept(fragment(0, 16, true)));
  Ipv6Fields other = header6(IpProtocol::fragment);
  other.src = IpAddress::v6({0x20, 0x01, 0x0d, 0xb8, 9});
  EXPECT_TRUE(kept(
      receive6(packet6(other, join({fragment_header(IpProtocol::udp, 16, false), part(16, 24)})))));
  EXPECT_TRUE(receive_chain(IpProtocol::fragment,
                            {fragment_header(IpProtocol::icmpv6, 16, false), part(16, 24)})
                  .datagram);
}

//= RFC6946-4-a
//= RFC6946-4-b
//= RFC8200-4.5-f
TEST_F(InputV6Fragments, AnAtomicFragmentStandsAlone) {
  EXPECT_TRUE(kept(fragment(0, 16, true)));
  const Received atomic = fragment(0, 30, false);
  ASSERT_TRUE(atomic.datagram);
  EXPECT_EQ(copy(atomic.datagram->payload), part(0, 30));
  EXPECT_TRUE(atomic.datagram->fragmented) << "NDP must know";
  EXPECT_TRUE(fragment(16, 24, false).datagram) << "the others are still there";
}

//= RFC8200-4.5-i
TEST_F(InputV6Fragments, AnOddSizeIsAProblemAtThePayloadLength) {
  expect_problem(fragment(0, 13, true), DropReason::fragment_malformed,
                 ProblemKind::bad_header_field, 4);
}

TEST_F(InputV6Fragments, AnEmptyFragmentIsDroppedInSilence) {
  for (const bool more : {true, false}) {
    const Received received = fragment(16, 16, more);
    EXPECT_EQ(received.dropped, DropReason::fragment_malformed);
    EXPECT_FALSE(received.problem);
  }
}

//= RFC8200-4.5-j
TEST_F(InputV6Fragments, APacketPast65535IsAProblemAtTheOffset) {
  expect_problem(receive_chain(IpProtocol::fragment,
                               {fragment_header(IpProtocol::udp, 65528, false), octets(64)}),
                 DropReason::fragment_too_big, ProblemKind::bad_header_field, 42);
}

//= RFC8200-4.5-k
//= RFC7112-5-b
//= RFC7112-5-c
TEST_F(InputV6Fragments, AFirstFragmentWithoutAllHeadersIsAProblem) {
  // A fragment of eight octets holds all of a UDP header, and not half of TCP's.
  EXPECT_TRUE(kept(fragment(0, 8, true, 1)));
  input_.on_deadline(kStart + 60s);
  expect_problem(
      receive_chain(IpProtocol::fragment, {fragment_header(IpProtocol::tcp, 0, true), octets(16)}),
      DropReason::ip_bad_extension, ProblemKind::incomplete_header_chain, 0);
  // The same for ICMPv6, and for a protocol of which we know only that something has to be there.
  expect_problem(receive_chain(IpProtocol::fragment,
                               {fragment_header(IpProtocol::destination_options, 0, true),
                                options(static_cast<IpProtocol>(253), 1)}),
                 DropReason::ip_bad_extension, ProblemKind::incomplete_header_chain, 0);
  expect_problem(receive_chain(IpProtocol::fragment,
                               {fragment_header(IpProtocol::destination_options, 0, true),
                                options(IpProtocol::icmpv6, 1)}),
                 DropReason::ip_bad_extension, ProblemKind::incomplete_header_chain, 0);
  EXPECT_TRUE(kept(receive_chain(IpProtocol::fragment,
                                 {fragment_header(IpProtocol::destination_options, 0, true),
                                  options(IpProtocol::no_next_header, 1)})));
  input_.on_deadline(kStart + 60s);
  // A chain that ends inside Destination Options.
  Buffer cut = options(IpProtocol::udp, 1);
  cut[1] = 4;
  expect_problem(receive_chain(IpProtocol::fragment,
                               {fragment_header(IpProtocol::destination_options, 0, true), cut}),
                 DropReason::ip_bad_extension, ProblemKind::incomplete_header_chain, 0);
  // All extension headers, and nothing of what they announce.
  expect_problem(receive_chain(IpProtocol::fragment,
                               {fragment_header(IpProtocol::destination_options, 0, true),
                                options(IpProtocol::udp, 1)}),
                 DropReason::ip_bad_extension, ProblemKind::incomplete_header_chain, 0);
  EXPECT_EQ(input_.reassembler().datagrams(), 0u);
}

//= RFC8200-4.5-l
//= RFC5722-4-b
TEST_F(InputV6Fragments, OverlapDropsTheWholeInSilence) {
  EXPECT_TRUE(kept(fragment(0, 1000, true)));
  const Received overlap = fragment(992, 2000, true);
  EXPECT_EQ(overlap.dropped, DropReason::fragment_overlap);
  EXPECT_FALSE(overlap.problem);
  EXPECT_EQ(fragment(1000, 3000, false).dropped, DropReason::fragment_overlap);
  input_.on_deadline(kStart + 60s);
  EXPECT_FALSE(input_.next_discarded());
  EXPECT_TRUE(kept(fragment(0, 1000, true, 10))) << "another Identification is another packet";
}

//= RFC8200-4.5-g
//= RFC8200-4.5-h
TEST_F(InputV6Fragments, ATimeOutIsAProblemIfTheFirstCame) {
  EXPECT_TRUE(kept(fragment(0, 16, true)));
  EXPECT_TRUE(kept(fragment(16, 24, true, 10)));
  input_.on_deadline(kStart + 60s);
  const auto first = input_.next_discarded();
  ASSERT_TRUE(first && first->problem);
  EXPECT_EQ(first->problem->kind, ProblemKind::reassembly_time_exceeded);
  EXPECT_EQ(first->problem->packet.size(), 40u + 8u + 16u);
  const auto second = input_.next_discarded();
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->problem);
}

//= RFC8200-4.5-o
TEST_F(InputV6Fragments, ReservedBitsAreIgnored) {
  Buffer first = fragment_header(IpProtocol::udp, 0, true);
  first[1] = 0xff;
  first[3] |= 6;
  EXPECT_TRUE(kept(receive_chain(IpProtocol::fragment, {first, part(0, 16)})));
  EXPECT_TRUE(fragment(16, 20, false).datagram);
}

TEST_F(InputV6Fragments, AFragmentInsideAFragmentIsDropped) {
  const auto nested = receive_chain(IpProtocol::fragment,
                                    {fragment_header(IpProtocol::fragment, 0, false),
                                     fragment_header(IpProtocol::udp, 0, true, 10), part(0, 16)});
  EXPECT_EQ(nested.dropped, DropReason::fragment_malformed);

  EXPECT_TRUE(kept(receive_chain(IpProtocol::fragment,
                                 {fragment_header(IpProtocol::fragment, 0, true),
                                  fragment_header(IpProtocol::udp, 0, true, 10), part(0, 16)})));
  const auto completed = receive_chain(IpProtocol::fragment,
                                       {fragment_header(IpProtocol::udp, 24, false), part(16, 24)});
  EXPECT_EQ(completed.dropped, DropReason::fragment_malformed);
  EXPECT_EQ(input_.reassembler().datagrams(), 0u);
}

TEST_F(InputV6Fragments, ACongestionMarkOnOneMarksTheWhole) {
  Ipv6Fields header = header6(IpProtocol::fragment);
  header.traffic_class = 0x2a;
  EXPECT_TRUE(kept(
      receive6(packet6(header, join({fragment_header(IpProtocol::udp, 0, true), part(0, 16)})))));
  header.traffic_class = 0x2b;
  const Received received =
      receive6(packet6(header, join({fragment_header(IpProtocol::udp, 16, false), part(16, 20)})));
  ASSERT_TRUE(received.datagram);
  EXPECT_EQ(received.datagram->traffic_class, 0x2b);
}

// Chains put together at random, with fields that lie: an answer for each, and no harm.
TEST_F(InputV6Fragments, RandomChainsNeverDoHarm) {
  Rng rng{11};
  static constexpr std::array<std::uint8_t, 8> kNext{0, 6, 17, 43, 44, 58, 59, 60};
  int delivered = 0;
  Instant now = kStart;
  for (int round = 0; round < 6000; ++round) {
    Buffer payload(rng.below(96));
    rng.fill(payload);
    for (std::size_t at = 0; at + 8 <= payload.size(); at += 8) {
      if (rng.chance(1, 4)) continue;
      payload[at] = kNext[rng.below(kNext.size())];
      payload[at + 1] = static_cast<std::uint8_t>(rng.below(3));
      payload[at + 2] =
          rng.chance(1, 2) ? std::uint8_t{0} : static_cast<std::uint8_t>(rng.next16());
      if (rng.chance(1, 2)) payload[at + 3] = static_cast<std::uint8_t>(rng.below(10));
      if (rng.chance(1, 2)) store_be32(payload, at + 4, static_cast<std::uint32_t>(rng.below(4)));
    }
    Ipv6Fields header = header6(static_cast<IpProtocol>(kNext[rng.below(kNext.size())]));
    now += 10ms;
    const Received received = receive6(packet6(header, payload), LinkCast::unicast, now);
    EXPECT_FALSE(received.datagram && received.dropped);
    if (received.datagram) ++delivered;
    input_.on_deadline(now);
    while (input_.next_discarded()) {
    }
  }
  EXPECT_GT(delivered, 300);
}

}  // namespace
}  // namespace packetwright::ip
