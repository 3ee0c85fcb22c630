// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/ethernet.hh"

#include <gtest/gtest.h>

#include "stack/wire/testing.hh"

namespace packetwright::wire {
namespace {

constexpr std::string_view kUntagged = "02 00 00 00 00 02  02 00 00 00 00 01  08 06  aa bb";
constexpr std::string_view kTagged = "ff ff ff ff ff ff  02 00 00 00 00 01  81 00 b0 2a  86 dd  60";

TEST(WireEthernet, ReadsAnUntaggedFrame) {
  const Buffer frame = hex(kUntagged);
  const auto view = EthernetView::parse(frame);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->dst(), (MacAddress{{2, 0, 0, 0, 0, 2}}));
  EXPECT_EQ(view->src(), (MacAddress{{2, 0, 0, 0, 0, 1}}));
  EXPECT_EQ(view->ether_type(), EtherType::arp);
  EXPECT_FALSE(view->vlan());
  EXPECT_EQ(to_buffer(view->payload()), hex("aa bb"));
}

TEST(WireEthernet, LooksBehindOneVlanTag) {
  const Buffer frame = hex(kTagged);
  const auto view = EthernetView::parse(frame);
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->dst().is_group());
  EXPECT_EQ(view->vlan(), (VlanTag{5, true, 42}));
  EXPECT_EQ(view->ether_type(), EtherType::ipv6);
  EXPECT_EQ(to_buffer(view->payload()), hex("60"));
}

TEST(WireEthernet, AFrameWithoutPayloadIsWhole) {
  const Buffer frame = hex("02 00 00 00 00 02  02 00 00 00 00 01  08 00");
  ASSERT_TRUE(EthernetView::parse(frame));
  EXPECT_TRUE(EthernetView::parse(frame)->payload().empty());
}

TEST(WireEthernet, EveryShorterFrameIsTruncated) {
  for (const auto& [text, size] : {std::pair{kUntagged, 14u}, {kTagged, 18u}}) {
    const Buffer frame = hex(text);
    for (std::size_t n = 0; n < size; ++n) {
      const Buffer cut = to_buffer(Bytes{frame}.first(n));
      const auto view = EthernetView::parse(cut);
      ASSERT_FALSE(view) << n;
      EXPECT_EQ(view.error().code, ParseErrc::truncated);
      EXPECT_EQ(view.error().have, n);
    }
  }
}

TEST(WireEthernet, EmitsWhatItRead) {
  for (const std::string_view text : {kUntagged, kTagged}) {
    const Buffer frame = hex(text);
    const EthernetView view = EthernetView::parse(frame).value();
    EXPECT_EQ(emitted(EthernetFields::from(view)),
              to_buffer(view.octets().first(view.header_size())));
  }
}

TEST(WireEthernet, EmitKeepsEveryTagFieldWithinItsBits) {
  EthernetFields fields;
  fields.vlan = VlanTag{0xff, false, 0xffff};
  fields.ether_type = static_cast<EtherType>(0x1234);
  const Buffer frame = emitted(fields);
  EXPECT_EQ(load_be16(frame, 14), 0xefff);
  EXPECT_EQ(load_be16(frame, 16), 0x1234);
}

}  // namespace
}  // namespace packetwright::wire
