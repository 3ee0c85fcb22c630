// SPDX-License-Identifier: Apache-2.0
#include "harness/packet/dissect.hh"

#include <gtest/gtest.h>

#include "harness/packet/match.hh"
#include "harness/packet/print.hh"
#include "stack/base/rng.hh"

namespace packetwright::packet {
namespace {

const IpAddress kPeer = IpAddress::v4(192, 0, 2, 1);
const IpAddress kLocal = IpAddress::v4(192, 168, 0, 1);

Layer from_local() {
  return Layer(Proto::ipv4).set(Field::ipv4_src, Wide{kLocal}).set(Field::ipv4_dst, Wide{kPeer});
}

Packet segment(std::size_t payload = 0) {
  Packet packet;
  packet.layers = {Layer(Proto::ethernet), from_local(),
                   Layer(Proto::tcp)
                       .set(Field::tcp_src_port, 8080)
                       .set(Field::tcp_dst_port, 40000)
                       .set(Field::tcp_flags, 0x018)
                       .set(Field::tcp_seq, 1)
                       .set(Field::tcp_ack, 1)
                       .set(Field::tcp_win, 64240)};
  packet.payload_size = payload;
  return packet;
}

HeaderOption option(std::uint8_t kind, Buffer data = {}) {
  return {kind, std::move(data), {}, {}};
}

PrintContext context() {
  PrintContext out;
  out.local = kLocal;
  out.peer = kPeer;
  out.addresses = {{kLocal, "local"}, {kPeer, "peer"}};
  return out;
}

std::string printed(const Packet& packet) {
  return print(dissect(build(packet), packet.layers.front().proto == Proto::ethernet), context());
}

TEST(PacketPrint, TcpReadsLikeAScript) {
  Packet packet = segment(500);
  packet.layers[2].options = {option(1), option(1), option(8, {0, 0, 0, 1, 0, 0, 0, 2})};
  EXPECT_EQ(printed(packet), "P. 1:501(500) ack 1 win 64240 <nop,nop,TS val 1 ecr 2>");
}

TEST(PacketPrint, OptionsOfEveryKindHaveTheirWords) {
  Packet packet = segment();
  packet.layers[2].set(Field::tcp_flags, 0x002);
  packet.layers[2].set(Field::tcp_ack, 0);
  packet.layers[2].options = {option(2, {0x05, 0xb4}),
                              option(4),
                              option(3, {7}),
                              option(1),
                              option(5, {0, 0, 0, 1, 0, 0, 0, 2}),
                              option(99, {0xab})};
  EXPECT_EQ(printed(packet),
            "S 1:1(0) win 64240 <mss 1460,sackOK,wscale 7,nop,sack 1:2,kind 99 hex \"ab\",eol>");
}

TEST(PacketPrint, ArpNamesWhoIsMeant) {
  Packet packet;
  packet.layers = {Layer(Proto::ethernet), Layer(Proto::arp)
                                               .set(Field::arp_op, 1)
                                               .set(Field::arp_sender_ip, Wide{kLocal})
                                               .set(Field::arp_target_ip, Wide{kPeer})};
  EXPECT_EQ(printed(packet), "arp who-has peer tell local");
}

TEST(PacketPrint, IcmpErrorsShowWhatTheyQuote) {
  Packet packet;
  packet.layers = {from_local(),
                   Layer(Proto::icmpv4).set(Field::icmpv4_type, 3).set(Field::icmpv4_code, 3),
                   Layer(Proto::ipv4), Layer(Proto::udp)};
  packet.payload_size = 32;
  EXPECT_EQ(printed(packet), "icmp unreachable port_unreachable [udp (32)]");
}

TEST(PacketPrint, OtherAddressesAreWritten) {
  Packet packet = segment();
  packet.layers[1].set(Field::ipv4_dst, Wide{IpAddress::v4(10, 0, 0, 1)});
  EXPECT_EQ(printed(packet), "ipv4 local > 10.0.0.1: P. 1:1(0) ack 1 win 64240");
}

TEST(PacketPrint, WhatIsNoPacketIsShownAsOctets) {
  EXPECT_EQ(print(dissect(Buffer{1, 2, 3}, true), context()), "frame hex \"0102 03\"");
}

TEST(PacketDissect, EthernetPaddingIsNoPayload) {
  Buffer octets = build(segment(3));
  octets.resize(60, 0xee);
  const Dissected frame = dissect(octets, true);
  EXPECT_EQ(frame.payload().size(), 3u);
  EXPECT_TRUE(frame.bad_checksums().empty());
}

TEST(PacketDissect, AHeaderThatLiesAboutItsLengthEndsTheList) {
  Packet packet = segment();
  packet.layers[2].set(Field::tcp_data_offset, 4);
  const Dissected frame = dissect(build(packet), true);
  EXPECT_TRUE(frame.has(Proto::tcp));
  EXPECT_EQ(frame.flaw(), "tcp: data_offset says 16 octets");
}

TEST(PacketDissect, AFragmentHasNoTransportHeader) {
  Packet packet = segment();
  packet.layers[1].set(Field::ipv4_offset, 1);
  const Dissected frame = dissect(build(packet), true);
  EXPECT_FALSE(frame.has(Proto::tcp));
  EXPECT_TRUE(frame.has(Proto::ipv4));
}

TEST(PacketDissect, UdpOverIpv4MayLeaveTheChecksumOut) {
  Packet packet;
  packet.layers = {from_local(), Layer(Proto::udp).set(Field::udp_checksum, 0)};
  EXPECT_TRUE(dissect(build(packet), false).bad_checksums().empty());
}

TEST(PacketDissect, AChecksumOfZeroHasTwoForms) {
  Packet packet = segment();
  const auto checksum = [&] { return dissect(build(packet), true).u32(Field::tcp_checksum); };
  packet.layers[2].set(Field::tcp_urg, checksum());  // what makes the sum all ones
  ASSERT_EQ(checksum(), 0u);
  packet.layers[2].set(Field::tcp_checksum, 0xffff);
  EXPECT_TRUE(dissect(build(packet), true).bad_checksums().empty());
  packet.layers[2].set(Field::tcp_urg, 1).set(Field::tcp_checksum, 0xffff);
  EXPECT_EQ(dissect(build(packet), true).bad_checksums(), std::vector{Field::tcp_checksum});
}

TEST(PacketDissect, AnyOctetsCanBeDissectedMatchedAndPrinted) {
  Rng rng(1);
  const Packet expected = segment(10);
  const Buffer sound = build(segment(40));
  for (int round = 0; round < 20'000; ++round) {
    Buffer octets = sound;
    octets.resize(rng.below(sound.size() + 1));
    for (int change = 0; change < 4 && !octets.empty(); ++change) {
      octets[rng.below(octets.size())] = static_cast<std::uint8_t>(rng.next());
    }
    const Buffer exact(octets);  // an allocation of exactly its size, for the sanitizer
    const Dissected frame = dissect(exact, rng.chance(1, 2));
    static_cast<void>(match(expected, frame, {}));
    static_cast<void>(frame.bad_checksums());
    EXPECT_FALSE(print(frame, context()).empty());
  }
}

// --- match

std::vector<Difference> differences(const Packet& expected, const Packet& live,
                                    bool layout = true) {
  return match(expected, dissect(build(live), true), {.option_layout = layout});
}

Packet expected_segment() {
  Packet packet;
  packet.layers = {
      Layer(Proto::ipv4),
      Layer(Proto::tcp).set(Field::tcp_flags, 0x018).set(Field::tcp_seq, 1).set(Field::tcp_ack, 1)};
  return packet;
}

TEST(PacketMatch, WhatIsNotSaidIsNotCompared) {
  EXPECT_TRUE(differences(expected_segment(), segment(7)).empty());
}

TEST(PacketMatch, ReportsEveryFieldThatDiffersInScriptTerms) {
  Packet live = segment(400);
  live.layers[2].set(Field::tcp_flags, 0x004).set(Field::tcp_ack, 0).set(Field::tcp_seq, 9);
  Packet expected = expected_segment();
  expected.layers[1].set(Field::tcp_win, 1000);
  expected.payload_size = 500;
  EXPECT_EQ(differences(expected, live),
            (std::vector<Difference>{{"tcp.flags", "P.", "R"},
                                     {"tcp.seq", "1", "9"},
                                     {"tcp.ack", "1", "none"},
                                     {"tcp.win", "1000", "64240"},
                                     {"payload.length", "500", "400"}}));
}

TEST(PacketMatch, AMissingOptionIsCalledAMissingOption) {
  Packet expected = expected_segment();
  expected.layers[1].options = {option(2, {0x05, 0xb4}), option(3, {7}), option(1)};
  Packet live = segment();
  live.layers[2].options = {option(2, {0x02, 0x18}), option(4), option(1), option(1)};
  EXPECT_EQ(differences(expected, live),
            (std::vector<Difference>{{"option mss", "mss 1460", "mss 536"},
                                     {"option wscale", "wscale 7", "none"},
                                     {"option sackOK", "none", "sackOK"}}));
}

TEST(PacketMatch, TheOrderOfOptionsCountsOnlyWhereThePolicySaysSo) {
  Packet expected = expected_segment();
  expected.layers[1].options = {option(4), option(2, {0x05, 0xb4}), option(1), option(1)};
  Packet live = segment();
  live.layers[2].options = {option(2, {0x05, 0xb4}), option(1), option(1), option(4)};
  EXPECT_EQ(differences(expected, live, true),
            (std::vector<Difference>{
                {"options", "<sackOK,mss 1460,nop,nop>", "<mss 1460,nop,nop,sackOK>"}}));
  EXPECT_TRUE(differences(expected, live, false).empty());
}

TEST(PacketMatch, OctetsOfAnOptionThatAreNotComparedMayBeAnything) {
  Packet expected = expected_segment();
  HeaderOption ts = option(8, {0, 0, 0, 1, 0, 0, 0, 2});
  ts.compared = {0, 0, 0, 0, 1, 1, 1, 1};
  expected.layers[1].options = {ts};
  Packet live = segment();
  live.layers[2].options = {option(8, {9, 9, 9, 9, 0, 0, 0, 2})};
  EXPECT_TRUE(differences(expected, live, false).empty());
  live.layers[2].options = {option(8, {9, 9, 9, 9, 0, 0, 0, 3})};
  EXPECT_EQ(differences(expected, live, false),
            (std::vector<Difference>{{"option TS", "TS val ... ecr 2", "TS val 151587081 ecr 3"}}));
}

TEST(PacketMatch, OtherHeadersAreOneDifference) {
  Packet live;
  live.layers = {Layer(Proto::ethernet), from_local(), Layer(Proto::udp)};
  EXPECT_EQ(differences(expected_segment(), live),
            (std::vector<Difference>{{"headers", "ipv4 tcp", "ipv4 udp"}}));
}

TEST(PacketMatch, PayloadSaysWhereItDiffers) {
  Packet expected = expected_segment();
  expected.payload = Buffer{'h', 'e', 'l', 'l', 'o'};
  Packet live = segment();
  live.payload = Buffer{'h', 'e', 'l', 'p', '!'};
  EXPECT_EQ(differences(expected, live),
            (std::vector<Difference>{{"payload", "from octet 3: \"lo\"", "from octet 3: \"p!\""}}));
}

TEST(PacketMatch, RelativeAndBadValuesAreMeasuredAgainstTheRightOne) {
  Packet expected = expected_segment();
  expected.layers[1].settings.push_back({Field::tcp_checksum, Setting::How::bad, {}});
  EXPECT_EQ(differences(expected, segment()).size(), 1u) << "the checksum is right";
  Packet live = segment();
  live.layers[2].set(Field::tcp_checksum, 0x1234);
  EXPECT_TRUE(differences(expected, live).empty());
}

}  // namespace
}  // namespace packetwright::packet
