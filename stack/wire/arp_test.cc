// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/arp.hh"

#include <gtest/gtest.h>

#include "stack/wire/testing.hh"

namespace packetwright::wire {
namespace {

constexpr std::string_view kRequest =
    "00 01 08 00 06 04 00 01"
    "02 00 00 00 00 01  c0 00 02 01"
    "00 00 00 00 00 00  c0 00 02 02";

TEST(WireArp, ReadsARequest) {
  const Buffer packet = hex(kRequest);
  const auto view = ArpView::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->is_ethernet_ipv4());
  EXPECT_EQ(view->operation(), ArpOperation::request);
  EXPECT_EQ(view->sender_mac(), (MacAddress{{2, 0, 0, 0, 0, 1}}));
  EXPECT_EQ(view->sender_ip(), IpAddress::v4(192, 0, 2, 1));
  EXPECT_EQ(view->target_mac(), MacAddress{});
  EXPECT_EQ(view->target_ip(), IpAddress::v4(192, 0, 2, 2));
}

TEST(WireArp, PaddingOfTheFrameIsNotPartOfThePacket) {
  Buffer packet = hex(kRequest);
  packet.resize(46, 0xee);
  EXPECT_EQ(ArpView::parse(packet).value().octets().size(), kArpSize);
}

TEST(WireArp, EveryShorterPacketIsTruncated) {
  const Buffer packet = hex(kRequest);
  for (std::size_t n = 0; n < kArpSize; ++n) {
    const Buffer cut = to_buffer(Bytes{packet}.first(n));
    ASSERT_FALSE(ArpView::parse(cut)) << n;
    EXPECT_EQ(ArpView::parse(cut).error(),
              (ParseError{ParseErrc::truncated, Layer::arp, 0, 28, static_cast<std::uint32_t>(n)}));
  }
}

TEST(WireArp, AnyOtherLayoutIsSeenAsSuch) {
  for (const std::size_t offset : {1u, 2u, 4u, 5u}) {
    Buffer packet = hex(kRequest);
    packet[offset] ^= 1;
    EXPECT_FALSE(ArpView::parse(packet).value().is_ethernet_ipv4()) << offset;
  }
}

TEST(WireArp, EmitsWhatItReadEvenIfTheSizesLie) {
  Buffer packet = hex(kRequest);
  packet[1] = 6;
  packet[4] = 7;
  packet[5] = 16;
  packet[6] = 0x12;
  const ArpFields fields = ArpFields::from(ArpView::parse(packet).value());
  EXPECT_EQ(fields.hw_size, 7);
  EXPECT_EQ(emitted(fields), packet);
}

}  // namespace
}  // namespace packetwright::wire
