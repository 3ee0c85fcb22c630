// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "harness/packet/checksums.hh"
#include "harness/packet/dissect.hh"
#include "harness/packet/packet.hh"
#include "harness/packet/text.hh"

namespace packetwright::packet {
namespace {

const IpAddress kSrc = IpAddress::v4(192, 0, 2, 1);
const IpAddress kDst = IpAddress::v4(192, 168, 0, 1);

Layer ipv4() {
  return Layer(Proto::ipv4).set(Field::ipv4_src, Wide{kSrc}).set(Field::ipv4_dst, Wide{kDst});
}

Layer ipv6() {
  std::array<std::uint8_t, 16> octets{};
  octets[0] = 0x20, octets[1] = 0x01, octets[15] = 1;
  const IpAddress address = IpAddress::v6(octets);
  return Layer(Proto::ipv6).set(Field::ipv6_src, Wide{address}).set(Field::ipv6_dst, Wide{address});
}

Packet tcp_packet(std::size_t payload = 0) {
  Packet packet;
  packet.layers = {ipv4(), Layer(Proto::tcp).set(Field::tcp_src_port, 1000)};
  packet.payload_size = payload;
  return packet;
}

// The sum of all words of a header with its checksum is 0xffff (RFC 1071, 1).
std::uint32_t folded_sum(Bytes octets) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < octets.size(); i += 2) {
    sum += static_cast<std::uint32_t>(octets[i] << 8);
    if (i + 1 < octets.size()) sum += octets[i + 1];
  }
  while ((sum >> 16) != 0) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

TEST(PacketBuild, FillsInLengthsProtocolsAndChecksums) {
  const Buffer octets = build(tcp_packet(10));
  ASSERT_EQ(octets.size(), 50u);
  EXPECT_EQ(octets[0], 0x45);
  EXPECT_EQ(load_be16(octets, 2), 50);  // total length
  EXPECT_EQ(octets[8], 255);            // TTL, as packetdrill's injected packets have it
  EXPECT_EQ(octets[9], 6);              // TCP
  EXPECT_EQ(octets[32] >> 4, 5);        // data offset
  EXPECT_EQ(folded_sum(Bytes{octets}.first(20)), 0xffffu);
  // RFC 9293, 3.1: pseudo-header of addresses, protocol and TCP length.
  Buffer covered(octets.begin() + 12, octets.begin() + 20);
  covered.insert(covered.end(), {0, 6, 0, 30});
  covered.insert(covered.end(), octets.begin() + 20, octets.end());
  EXPECT_EQ(folded_sum(covered), 0xffffu);
}

TEST(PacketBuild, OptionsAreEncodedInOrderAndPaddedToFourOctets) {
  Packet packet = tcp_packet();
  packet.layers[1].options = {
      {2, {0x05, 0xb4}, {}, {}}, {1, {}, {}, {}}, {3, {7}, {}, {}}, {4, {}, {}, {}}};
  const Buffer octets = build(packet);
  ASSERT_EQ(octets.size(), 20u + 20u + 12u);
  EXPECT_EQ(octets[32] >> 4, 8);
  EXPECT_EQ(hex_octets(Bytes{octets}.subspan(40)), "0204 05b4 0103 0307 0402 0000");
}

TEST(PacketBuild, AnOverrideLiesAndNothingElseDoes) {
  Packet packet = tcp_packet(10);
  packet.layers[0].settings.push_back({Field::ipv4_total_length, Setting::How::plus, 4});
  const Buffer octets = build(packet);
  EXPECT_EQ(octets.size(), 50u);
  EXPECT_EQ(load_be16(octets, 2), 54);
  EXPECT_EQ(folded_sum(Bytes{octets}.first(20)), 0xffffu) << "the header checksum covers the lie";
}

TEST(PacketBuild, ANegativeOffsetIsTakenOffTheRightValue) {
  Packet packet = tcp_packet(10);
  packet.layers[1].settings.push_back(
      {Field::tcp_data_offset, Setting::How::plus, Wide{static_cast<std::uint64_t>(-1)}});
  EXPECT_EQ(build(packet)[32] >> 4, 4);
}

TEST(PacketBuild, ABadChecksumIsWrongAndNotSpecial) {
  for (std::uint32_t right = 0; right <= 0xffff; ++right) {
    const std::uint16_t wrong = wrong_checksum(right);
    ASSERT_NE(wrong, right);
    ASSERT_NE(wrong, 0);
    ASSERT_NE(wrong, 0xffff);
  }
  Packet packet = tcp_packet();
  packet.layers[1].settings.push_back({Field::tcp_checksum, Setting::How::bad, {}});
  const Dissected frame = dissect(build(packet), false);
  EXPECT_EQ(frame.bad_checksums(), std::vector{Field::tcp_checksum});
}

TEST(PacketBuild, ALiteralChecksumStandsAsItIs) {
  Packet packet = tcp_packet();
  packet.layers[1].set(Field::tcp_checksum, 0x1234);
  EXPECT_EQ(load_be16(build(packet), 36), 0x1234);
}

TEST(PacketBuild, UdpSendsZeroAsAllOnes) {
  // RFC 768: a computed checksum of zero is transmitted as all ones.
  Packet packet;
  packet.layers = {ipv4(), Layer(Proto::udp)};
  packet.payload = Buffer{0, 0};
  Buffer octets = build(packet);
  const std::uint16_t checksum = load_be16(octets, 26);
  // Put what is missing to 0xffff into the payload: now the sum is all ones, its complement zero.
  packet.payload =
      Buffer{static_cast<std::uint8_t>(checksum >> 8), static_cast<std::uint8_t>(checksum)};
  octets = build(packet);
  EXPECT_EQ(load_be16(octets, 26), 0xffff);
}

TEST(PacketBuild, Ipv6CountsItsPayloadAndAnnouncesExtensionHeaders) {
  Packet packet;
  Layer hop(Proto::hop_by_hop);
  hop.rest = Buffer{5, 2, 0, 0, 1, 0};
  packet.layers = {ipv6(), hop, Layer(Proto::udp)};
  packet.payload_size = 3;
  const Buffer octets = build(packet);
  ASSERT_EQ(octets.size(), 40u + 8u + 8u + 3u);
  EXPECT_EQ(load_be16(octets, 4), 8 + 8 + 3);
  EXPECT_EQ(octets[6], 0);    // hop-by-hop options
  EXPECT_EQ(octets[40], 17);  // then UDP
  EXPECT_EQ(octets[41], 0);   // no units of eight octets beyond the first
  EXPECT_TRUE(dissect(octets, false).bad_checksums().empty());
}

TEST(PacketBuild, NestedHeadersEachCountWhatTheyCarry) {
  Packet packet;
  packet.layers = {ipv4(), Layer(Proto::gre), ipv4(), Layer(Proto::udp)};
  packet.payload_size = 1;
  const Buffer octets = build(packet);
  ASSERT_EQ(octets.size(), 20u + 4u + 20u + 8u + 1u);
  EXPECT_EQ(octets[9], 47);                      // GRE
  EXPECT_EQ(load_be16(octets, 22), 0x0800);      // IPv4 inside
  EXPECT_EQ(load_be16(octets, 26), 20 + 8 + 1);  // inner total length
  EXPECT_TRUE(dissect(octets, false).bad_checksums().empty());
}

TEST(PacketFields, EveryFieldReadsBackWhatWasWritten) {
  for (std::size_t i = 0; i <= static_cast<std::size_t>(Field::dns_arcount); ++i) {
    const auto field = static_cast<Field>(i);
    const FieldInfo& info = info_of(field);
    Buffer header(64, 0xa5);
    const Buffer before = header;
    const Wide value = info.width > 64 ? Wide{0x0123456789abcdef, 0xfedcba9876543210}
                       : info.width == 64
                           ? Wide{0x0123456789abcdef}
                           : Wide{0x0123456789abcdef & ((std::uint64_t{1} << info.width) - 1)};
    write_field(header, field, value);
    EXPECT_EQ(read_field(header, field), value) << full_name_of(field);
    // Nothing outside the field changed.
    write_field(header, field, read_field(before, field));
    EXPECT_EQ(header, before) << full_name_of(field);
    EXPECT_EQ(field_named(info.proto, info.name), field);
  }
}

}  // namespace
}  // namespace packetwright::packet
