// SPDX-License-Identifier: Apache-2.0
#include "stack/udp/output.hh"

#include <gtest/gtest.h>

namespace packetwright::udp {
namespace {

const IpAddress kOurs = IpAddress::v4(192, 168, 0, 1);
const IpAddress kPeer = IpAddress::v4(192, 0, 2, 1);

TEST(UdpOutput, WritesHeaderAndDataInNetworkOrder) {
  Buffer out;
  emit({kOurs, 0x1234}, {kPeer, 0x0035}, Buffer{'a', 'b', 'c'}, out);
  // RFC 768: ports, Length 11, checksum, data. The sum: pseudo-header first, then header and
  // data, the last octet padded with zero.
  const std::uint32_t sum = 0xc0a8 + 0x0001 + 0xc000 + 0x0201 + 0x0011 + 0x000b + 0x1234 + 0x0035 +
                            0x000b + 0x6162 + 0x6300;
  const auto checksum = static_cast<std::uint16_t>(~((sum & 0xffff) + (sum >> 16)));
  const Buffer expected{0x12,
                        0x34,
                        0x00,
                        0x35,
                        0x00,
                        0x0b,
                        static_cast<std::uint8_t>(checksum >> 8),
                        static_cast<std::uint8_t>(checksum),
                        'a',
                        'b',
                        'c'};
  EXPECT_EQ(out, expected);
}

TEST(UdpOutput, AChecksumThatComputesToZeroIsSentAsAllOnes) {
  Buffer out;
  emit({kOurs, 1}, {kPeer, 2}, Buffer{0, 0}, out);
  // The complement of the sum, put into the data, makes the sum of everything all ones.
  const std::uint16_t checksum = load_be16(out, 6);
  ASSERT_NE(checksum, 0);
  Buffer data(2);
  store_be16(data, 0, checksum);
  emit({kOurs, 1}, {kPeer, 2}, data, out);
  EXPECT_EQ(load_be16(out, 6), 0xffff);
}

TEST(UdpOutput, OverwritesWhatTheBufferHeld) {
  Buffer out(500, 0xee);
  emit({kOurs, 1}, {kPeer, 2}, Bytes{}, out);
  EXPECT_EQ(out.size(), 8u);
  EXPECT_EQ(load_be16(out, 4), 8);
}

}  // namespace
}  // namespace packetwright::udp
