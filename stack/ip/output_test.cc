// SPDX-License-Identifier: Apache-2.0
#include "stack/ip/output.hh"

#include <set>

#include <gtest/gtest.h>

#include "stack/ip/header_template.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/ipv6.hh"
#include "stack/wire/ipv6_extensions.hh"

namespace packetwright::ip {
namespace {

using wire::IpProtocol;
using wire::Ipv4View;
using wire::Ipv6ExtensionView;
using wire::Ipv6View;

constexpr Instant kStart = instant_at(0);
constexpr IpAddress kOwn = IpAddress::v4(10, 1, 1, 2);
constexpr IpAddress kPeer = IpAddress::v4(10, 1, 1, 7);
constexpr IpAddress kGateway = IpAddress::v4(10, 1, 1, 1);
constexpr IpAddress kFar = IpAddress::v4(198, 51, 100, 7);
constexpr IpAddress kOwn6 =
    IpAddress::v6({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2});
constexpr IpAddress kPeer6 =
    IpAddress::v6({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7});

class OutputTest : public ::testing::Test {
 protected:
  OutputTest() {
    EXPECT_TRUE(addresses_.add({kOwn, 24}));
    EXPECT_TRUE(addresses_.add({kOwn6, 64}));
    routes_.add_gateway(kGateway);
  }

  Datagram datagram(const IpAddress& destination, std::size_t size) {
    payload_.resize(size);
    for (std::size_t i = 0; i < size; ++i) payload_[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
    Datagram datagram;
    datagram.source = destination.is_v4() ? kOwn : kOwn6;
    datagram.destination = destination;
    datagram.protocol = IpProtocol::udp;
    datagram.payload = payload_;
    return datagram;
  }
  std::vector<Packet> send(const Datagram& datagram) {
    std::vector<Packet> packets;
    const auto sent = output_.send(kStart, datagram, packets);
    EXPECT_TRUE(sent.ok());
    return packets;
  }
  SendError refused(const Datagram& datagram) {
    std::vector<Packet> packets;
    const auto sent = output_.send(kStart, datagram, packets);
    EXPECT_FALSE(sent.ok());
    EXPECT_TRUE(packets.empty());
    return sent.error();
  }
  // The one packet; the view lasts until the next call.
  Ipv4View only_v4(std::vector<Packet> packets) {
    EXPECT_EQ(packets.size(), 1u);
    last_ = std::move(packets.at(0).octets);
    return Ipv4View::parse(last_).value();
  }

  Addresses addresses_;
  Routes routes_{addresses_, RoutesConfig{}};
  Output output_{addresses_, routes_, Rng{1}};
  Buffer payload_;
  Buffer last_;
};

//= RFC791-3.1-d
//= RFC791-3.1-e
TEST_F(OutputTest, BuildsTheIpv4Header) {
  Datagram wanted = datagram(kPeer, 100);
  wanted.hop_limit = 33;
  wanted.traffic_class = 0x2a;
  const auto packets = send(wanted);
  const Ipv4View ip = only_v4(packets);
  EXPECT_EQ(ip.header_size(), 20u);
  EXPECT_EQ(ip.tos(), 0x2a);
  EXPECT_EQ(ip.total_length(), 120);
  EXPECT_EQ(ip.ttl(), 33);
  EXPECT_EQ(ip.protocol(), IpProtocol::udp);
  EXPECT_EQ(ip.src(), kOwn);
  EXPECT_EQ(ip.dst(), kPeer);
  EXPECT_FALSE(ip.reserved_flag());
  EXPECT_FALSE(ip.is_fragment());
  EXPECT_TRUE(ip.verify_checksum());
  EXPECT_TRUE(std::equal(payload_.begin(), payload_.end(), ip.payload().begin()));
  EXPECT_EQ(packets[0].kind, RouteKind::on_link);
  EXPECT_EQ(packets[0].next_hop, kPeer);
}

TEST_F(OutputTest, BuildsTheIpv6Header) {
  Datagram wanted = datagram(kPeer6, 100);
  wanted.traffic_class = 0x2a;
  wanted.flow_label = 0x12345;
  const auto packets = send(wanted);
  ASSERT_EQ(packets.size(), 1u);
  const auto ip = Ipv6View::parse(packets[0].octets);
  ASSERT_TRUE(ip.ok());
  EXPECT_EQ(ip->traffic_class(), 0x2a);
  EXPECT_EQ(ip->flow_label(), 0x12345u);
  EXPECT_EQ(ip->payload_length(), 100);
  EXPECT_EQ(ip->next_header(), IpProtocol::udp);
  EXPECT_EQ(ip->hop_limit(), 64);
  EXPECT_EQ(ip->src(), kOwn6);
  EXPECT_EQ(ip->dst(), kPeer6);
}

//= RFC1122-3.2.1.8-a
TEST_F(OutputTest, CarriesOptions) {
  const Buffer router_alert{148, 4, 0, 0, 1};
  Datagram wanted = datagram(kPeer, 10);
  wanted.options = router_alert;
  const auto packets = send(wanted);
  const Ipv4View ip = only_v4(packets);
  EXPECT_EQ(ip.header_size(), 28u);
  EXPECT_EQ(Buffer(ip.options().begin(), ip.options().end()), (Buffer{148, 4, 0, 0, 1, 0, 0, 0}));
  EXPECT_TRUE(ip.verify_checksum());
  EXPECT_EQ(ip.payload().size(), 10u);

  const Buffer bad{7, 0};
  wanted.options = bad;
  EXPECT_EQ(refused(wanted), SendError::invalid_options);
}

TEST_F(OutputTest, FarDestinationsGoThroughTheGateway) {
  const auto packets = send(datagram(kFar, 10));
  EXPECT_EQ(packets.at(0).kind, RouteKind::gateway);
  EXPECT_EQ(packets.at(0).next_hop, kGateway);
  EXPECT_EQ(packets.at(0).source, kOwn);
}

TEST_F(OutputTest, SaysWhenThereIsNoRoute) {
  routes_.remove_gateway(kGateway);
  EXPECT_EQ(refused(datagram(kFar, 10)), SendError::network_unreachable);
}

//= RFC1122-3.2.1.7-a
TEST_F(OutputTest, NeverSendsAHopLimitOfZero) {
  Datagram wanted = datagram(kPeer, 10);
  wanted.hop_limit = 0;
  EXPECT_EQ(refused(wanted), SendError::invalid_hop_limit);
}

//= RFC1122-3.3.4.2-c
//= RFC1122-3.3.4.2-b
//= RFC1122-3.2.1.3-e
TEST_F(OutputTest, TheSourceIsChosenOrOneOfOurs) {
  const IpAddress second = IpAddress::v4(10, 1, 1, 3);
  EXPECT_TRUE(addresses_.add({second, 24}));
  Datagram wanted = datagram(kPeer, 10);
  wanted.source = IpAddress{};
  EXPECT_EQ(only_v4(send(wanted)).src(), kOwn);
  EXPECT_EQ(output_.source_for(kStart, kPeer).value(), kOwn);
  wanted.source = second;
  EXPECT_EQ(only_v4(send(wanted)).src(), second);
  for (const IpAddress& bad :
       {kPeer, IpAddress::v4(255, 255, 255, 255), IpAddress::v4(10, 1, 1, 255),
        IpAddress::v4(224, 0, 0, 1), IpAddress::v4(127, 0, 0, 1), kOwn6}) {
    wanted.source = bad;
    EXPECT_EQ(refused(wanted), SendError::address_not_available);
  }
}

//= RFC1122-3.2.1.3-a
//= RFC4291-2.5.2-a
TEST_F(OutputTest, NothingGoesToNobody) {
  EXPECT_EQ(refused(datagram(IpAddress::v4(0, 0, 0, 0), 10)), SendError::invalid_destination);
  EXPECT_EQ(refused(datagram(IpAddress::v4(10, 1, 1, 0), 10)), SendError::invalid_destination);
  EXPECT_EQ(refused(datagram(IpAddress::v6({}), 10)), SendError::invalid_destination);
}

//= RFC1122-3.2.1.3-c
//= RFC4291-2.5.3-a
TEST_F(OutputTest, LoopbackAndOwnAddressesStayInside) {
  Datagram wanted = datagram(IpAddress::v4(127, 0, 0, 1), 10);
  wanted.source = IpAddress{};
  const auto packets = send(wanted);
  EXPECT_EQ(packets.at(0).kind, RouteKind::local);
  EXPECT_EQ(only_v4(packets).src(), IpAddress::v4(127, 0, 0, 1));
  EXPECT_EQ(send(datagram(kOwn, 10)).at(0).kind, RouteKind::local);
  wanted = datagram(kPeer, 10);
  wanted.source = IpAddress::v4(127, 0, 0, 1);
  EXPECT_EQ(refused(wanted), SendError::address_not_available);
}

//= RFC894-addr-a
//= RFC1122-3.3.6-c
TEST_F(OutputTest, GroupsMapToGroupMacAddresses) {
  const auto broadcast = send(datagram(IpAddress::v4(255, 255, 255, 255), 10));
  EXPECT_EQ(broadcast.at(0).kind, RouteKind::broadcast);
  EXPECT_EQ(broadcast.at(0).group, MacAddress::broadcast());
  EXPECT_EQ(send(datagram(IpAddress::v4(10, 1, 1, 255), 10)).at(0).group, MacAddress::broadcast());
  const auto multicast = send(datagram(IpAddress::v4(239, 1, 2, 3), 10));
  EXPECT_EQ(multicast.at(0).kind, RouteKind::multicast);
  EXPECT_EQ(multicast.at(0).group, (MacAddress{{1, 0, 0x5e, 1, 2, 3}}));
}

// --- size

//= RFC791-3.2-b
TEST_F(OutputTest, FragmentsAnIpv4DatagramAtMultiplesOfEight) {
  const auto packets = send(datagram(kPeer, 4000));
  ASSERT_EQ(packets.size(), 3u);  // 1480 + 1480 + 1040
  std::size_t offset = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto ip = Ipv4View::parse(packets[i].octets);
    ASSERT_TRUE(ip.ok());
    EXPECT_EQ(ip->fragment_offset(), offset);
    EXPECT_EQ(ip->mf(), i != 2);
    EXPECT_FALSE(ip->df());
    EXPECT_TRUE(ip->verify_checksum());
    EXPECT_EQ(ip->id(), Ipv4View::parse(packets[0].octets)->id());
    EXPECT_LE(packets[i].octets.size(), 1500u);
    offset += ip->payload().size();
  }
  EXPECT_EQ(offset, 4000u);
}

TEST_F(OutputTest, ADatagramThatJustFitsIsNotFragmented) {
  EXPECT_EQ(send(datagram(kPeer, 1480)).size(), 1u);
  EXPECT_EQ(send(datagram(kPeer, 1481)).size(), 2u);
  EXPECT_EQ(send(datagram(kPeer6, 1460)).size(), 1u);
  EXPECT_EQ(send(datagram(kPeer6, 1461)).size(), 2u);
}

//= RFC791-3.1-h
TEST_F(OutputTest, LaterFragmentsCarryOnlyTheCopiedOptions) {
  const Buffer options{7, 7, 4, 0, 0, 0, 0, 148, 4, 0, 0, 0};
  Datagram wanted = datagram(kPeer, 3000);
  wanted.options = options;
  const auto packets = send(wanted);
  ASSERT_EQ(packets.size(), 3u);
  EXPECT_EQ(Ipv4View::parse(packets[0].octets)->options().size(), 12u);
  for (std::size_t i = 1; i < 3; ++i) {
    const auto ip = Ipv4View::parse(packets[i].octets);
    EXPECT_EQ(Buffer(ip->options().begin(), ip->options().end()), (Buffer{148, 4, 0, 0}));
  }
}

//= RFC8200-4.5-b
//= RFC8200-4.5-d
//= RFC8200-4.5-o
TEST_F(OutputTest, FragmentsAnIpv6Packet) {
  const auto packets = send(datagram(kPeer6, 4000));
  ASSERT_EQ(packets.size(), 3u);  // 1448 + 1448 + 1104
  std::size_t offset = 0;
  std::set<std::uint32_t> ids;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto ip = Ipv6View::parse(packets[i].octets);
    ASSERT_TRUE(ip.ok());
    ASSERT_EQ(ip->next_header(), IpProtocol::fragment);
    const auto fragment = Ipv6ExtensionView::parse(IpProtocol::fragment, ip->payload());
    ASSERT_TRUE(fragment.ok());
    EXPECT_EQ(fragment->next_header(), IpProtocol::udp);
    EXPECT_EQ(fragment->fragment_offset(), offset);
    EXPECT_EQ(fragment->more_fragments(), i != 2);
    EXPECT_EQ(fragment->octets()[1], 0) << "Reserved";
    EXPECT_EQ(fragment->octets()[3] & 6, 0) << "Res";
    EXPECT_LE(packets[i].octets.size(), 1500u);
    ids.insert(fragment->fragment_id());
    offset += ip->payload().size() - 8;
  }
  EXPECT_EQ(offset, 4000u);
  EXPECT_EQ(ids.size(), 1u);
}

//= RFC791-3.2-d
//= RFC1122-3.3.3-b
TEST_F(OutputTest, DontFragmentMeansRefusal) {
  for (const IpAddress& peer : {kPeer, kPeer6}) {
    Datagram wanted = datagram(peer, 1481);
    wanted.dont_fragment = true;
    EXPECT_EQ(refused(wanted), SendError::message_too_big);
  }
}

TEST_F(OutputTest, ADatagramHasAnEnd) {
  EXPECT_EQ(send(datagram(kPeer, 65515)).size(), 45u);
  EXPECT_EQ(refused(datagram(kPeer, 65516)), SendError::message_too_big);
  EXPECT_EQ(send(datagram(kPeer6, 65535)).size(), 46u);
  EXPECT_EQ(refused(datagram(kPeer6, 65536)), SendError::message_too_big);
}

TEST_F(OutputTest, ThePathMtuCounts) {
  (void)routes_.on_packet_too_big(kStart, kFar, 576, 1500);
  for (const Packet& packet : send(datagram(kFar, 2000))) EXPECT_LE(packet.octets.size(), 576u);
}

//= RFC1122-3.3.3-c
TEST_F(OutputTest, TheLinkMtuCounts) {
  routes_.set_mtu(1000);
  for (const Packet& packet : send(datagram(kPeer, 4000))) EXPECT_LE(packet.octets.size(), 1000u);
}

// --- Identification

//= RFC791-3.2-g
//= RFC6864-4.2-a
//= RFC6864-4.3-a
TEST_F(OutputTest, DatagramsThatMayBeFragmentedDifferInIdentification) {
  std::set<std::uint16_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(only_v4(send(datagram(kPeer, 10))).id());
  EXPECT_EQ(seen.size(), 1000u);
}

//= RFC6864-4.1-b
TEST_F(OutputTest, AtomicDatagramsHaveNoIdentification) {
  Datagram wanted = datagram(kPeer, 10);
  wanted.dont_fragment = true;
  const Ipv4View ip = only_v4(send(wanted));
  EXPECT_TRUE(ip.df());
  EXPECT_EQ(ip.id(), 0);
}

//= RFC4821-4-d
TEST_F(OutputTest, AProbeIgnoresWhatIsKnownOfThePath) {
  (void)routes_.on_packet_too_big(kStart, kFar, 1000, 1500);
  Datagram probe = datagram(kFar, 1400);
  probe.dont_fragment = true;
  EXPECT_EQ(refused(probe), SendError::message_too_big);
  probe.ignore_path_mtu = true;
  EXPECT_EQ(send(probe).size(), 1u);
  probe = datagram(kFar, 1500);
  probe.dont_fragment = probe.ignore_path_mtu = true;
  EXPECT_EQ(refused(probe), SendError::message_too_big);  // the link takes no more
}

//= RFC6437-3-a
TEST_F(OutputTest, Ipv6IsLabelled) {
  const auto label = [&](const Packet& packet) {
    return Ipv6View::parse(packet.octets).value().flow_label();
  };
  const auto one = send(datagram(kPeer6, 100));
  EXPECT_NE(label(one[0]), 0u);
  const auto pieces = send(datagram(kPeer6, 3000));
  ASSERT_EQ(pieces.size(), 3u);
  for (const Packet& piece : pieces) EXPECT_EQ(label(piece), label(one[0]));
  Datagram chosen = datagram(kPeer6, 100);
  chosen.flow_label = 0x12345;
  EXPECT_EQ(label(send(chosen)[0]), 0x12345u);
}

TEST_F(OutputTest, AHeaderByItselfIsThatOfThePacket) {
  for (const IpAddress& peer : {kPeer, kPeer6}) {
    Datagram whole = datagram(peer, 100);
    whole.dont_fragment = true;
    const auto sent = send(whole);
    ASSERT_EQ(sent.size(), 1u);
    whole.source = peer.is_v6() ? Ipv6View::parse(sent[0].octets).value().src()
                                : Ipv4View::parse(sent[0].octets).value().src();
    ASSERT_TRUE(output_.direct_route(kStart, whole, whole.payload.size()));
    const HeaderTemplate ready{whole};
    Buffer header(ready.size());
    ready.emit(whole.ecn(), output_.flow_label(whole), whole.payload.size(), header);
    EXPECT_EQ(header, Buffer(sent[0].octets.begin(),
                             sent[0].octets.begin() + static_cast<std::ptrdiff_t>(header.size())));
    whole.ignore_path_mtu = true;
    EXPECT_FALSE(output_.direct_route(kStart, whole, whole.payload.size())) << "send() sees to it";
  }
}

}  // namespace
}  // namespace packetwright::ip
