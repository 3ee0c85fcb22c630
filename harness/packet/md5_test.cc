// SPDX-License-Identifier: Apache-2.0
#include "harness/packet/md5.hh"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "harness/packet/packet.hh"
#include "harness/packet/text.hh"

namespace packetwright::packet {
namespace {

std::string md5_hex(std::string_view octets) {
  const Md5Digest digest =
      md5(Bytes{reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size()});
  std::string text;
  for (const char c : hex_octets(Bytes{digest})) {
    if (c != ' ') text += c;
  }
  return text;
}

// RFC 1321, A.5, and lengths about the end of a block.
TEST(Md5, DigestsOfKnownTexts) {
  EXPECT_EQ(md5_hex(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(md5_hex("a"), "0cc175b9c0f1b6a831c399e269772661");
  EXPECT_EQ(md5_hex("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(md5_hex("1234567890123456789012345678901234567890123456789012345678901234567890123456"
                    "7890"),
            "57edf4a22be3c955ac49da2e2107b67a");
}

TEST(Md5, LengthsAboutTheEndOfABlockDiffer) {
  EXPECT_EQ(md5_hex(std::string(55, 'x')), "04364420e25c512fd958a70738aa8f72");
  EXPECT_EQ(md5_hex(std::string(56, 'x')), "668a72d5ba17f08e62dabcafad6db14b");
  EXPECT_EQ(md5_hex(std::string(64, 'x')), "c1bb4f81d892b2d57947682aeb252456");
}

Packet segment(bool v4) {
  Layer ip(v4 ? Proto::ipv4 : Proto::ipv6);
  if (v4) {
    ip.set(Field::ipv4_src, Wide{IpAddress::v4(192, 0, 2, 1)});
    ip.set(Field::ipv4_dst, Wide{IpAddress::v4(192, 168, 0, 1)});
  }
  Packet packet;
  packet.layers = {std::move(ip), Layer(Proto::tcp)
                                      .set(Field::tcp_src_port, 1)
                                      .set(Field::tcp_dst_port, 2)
                                      .set(Field::tcp_seq, 3)};
  packet.layers[1].options =
      std::vector<HeaderOption>{{19, Buffer(16, 7), {}, {}}, {1, {}, {}, {}}};
  packet.payload_size = 4;
  return packet;
}

std::string signature(const Packet& packet, std::string_view secret) {
  const auto digest = tcp_signature(dissect(build(packet), false), secret);
  return digest ? hex_octets(Bytes{*digest}) : "none";
}

// What counts, and what does not (RFC 2385, 2).
TEST(TcpSignature, CoversAddressesHeaderPayloadAndSecret) {
  const Packet packet = segment(true);
  const std::string right = signature(packet, "secret");
  EXPECT_NE(right, "none");

  Packet other = packet;
  other.layers[1].options->front().data = Buffer(16, 8);
  EXPECT_EQ(signature(other, "secret"), right) << "options do not count";
  other = packet;
  other.layers[1].set(Field::tcp_checksum, 1);
  EXPECT_EQ(signature(other, "secret"), right) << "the checksum does not count";

  EXPECT_NE(signature(packet, "Secret"), right);
  other = packet;
  other.layers[0].set(Field::ipv4_src, Wide{IpAddress::v4(192, 0, 2, 2)});
  EXPECT_NE(signature(other, "secret"), right);
  other = packet;
  other.layers[1].set(Field::tcp_seq, 4);
  EXPECT_NE(signature(other, "secret"), right);
  other = packet;
  other.payload = Buffer{0, 0, 0, 1};
  EXPECT_NE(signature(other, "secret"), right);
  EXPECT_NE(signature(segment(false), "secret"), right);
}

TEST(TcpSignature, NeedsASegment) {
  Packet packet = segment(true);
  packet.layers[1] = Layer(Proto::udp);
  EXPECT_EQ(signature(packet, "secret"), "none");
}

}  // namespace
}  // namespace packetwright::packet
