// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/ipv6.hh"

#include <gtest/gtest.h>

#include "stack/wire/testing.hh"

namespace packetwright::wire {
namespace {

constexpr std::string_view kPacket =
    "6b 91 23 45  00 03  3a ff"
    "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01"
    "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02"
    "01 02 03";

TEST(WireIpv6, ReadsEveryField) {
  const Buffer packet = hex(kPacket);
  const auto view = Ipv6View::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->version(), 6);
  EXPECT_EQ(view->traffic_class(), 0xb9);
  EXPECT_EQ(view->dscp(), 46);
  EXPECT_EQ(view->ecn(), 1);
  EXPECT_EQ(view->flow_label(), 0x12345u);
  EXPECT_EQ(view->payload_length(), 3);
  EXPECT_EQ(view->next_header(), IpProtocol::icmpv6);
  EXPECT_EQ(view->hop_limit(), 255);
  EXPECT_EQ(view->src(), IpAddress::from_octets(Bytes{packet}.subspan(8, 16)));
  EXPECT_EQ(view->dst().octets()[15], 2);
  EXPECT_EQ(to_buffer(view->payload()), hex("01 02 03"));
}

TEST(WireIpv6, PaddingBehindPayloadLengthIsNotSeen) {
  Buffer packet = hex(kPacket);
  packet.resize(60, 0xee);
  EXPECT_EQ(Ipv6View::parse(packet).value().payload().size(), 3u);
  EXPECT_EQ(Ipv6View::parse_lax(packet).value().payload().size(), 3u);
}

TEST(WireIpv6, EveryCutIsTruncated) {
  const Buffer packet = hex(kPacket);
  for (std::size_t n = 0; n < packet.size(); ++n) {
    const Buffer cut = to_buffer(Bytes{packet}.first(n));
    ASSERT_FALSE(Ipv6View::parse(cut)) << n;
    EXPECT_EQ(Ipv6View::parse(cut).error().need, n < 40 ? 40u : 43u);
    EXPECT_EQ(Ipv6View::parse_lax(cut).ok(), n >= 40);
  }
}

TEST(WireIpv6, RefusesAnotherVersion) {
  Buffer packet = hex(kPacket);
  packet[0] = 0x4b;
  EXPECT_EQ(Ipv6View::parse(packet).error(),
            (ParseError{ParseErrc::bad_version, Layer::ipv6, 0, 6, 4}));
  EXPECT_EQ(Ipv6View::parse_lax(packet).value().version(), 4);
}

TEST(WireIpv6, EmitsWhatItRead) {
  const Buffer packet = hex(kPacket);
  const Ipv6View view = Ipv6View::parse(packet).value();
  EXPECT_EQ(emitted(Ipv6Fields::from(view)), to_buffer(view.header()));
}

TEST(WireIpv6, EmitKeepsTheFlowLabelWithinItsBits) {
  Ipv6Fields fields;
  fields.flow_label = 0xffffffff;
  fields.version = 1;
  fields.set_lengths(0x1234);
  EXPECT_EQ(load_be32(emitted(fields), 0), 0x100fffffu);
  EXPECT_EQ(load_be16(emitted(fields), 4), 0x1234);
}

}  // namespace
}  // namespace packetwright::wire
