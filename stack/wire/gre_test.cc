// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/gre.hh"

#include <gtest/gtest.h>

#include "stack/wire/testing.hh"

namespace packetwright::wire {
namespace {

TEST(WireGre, WithoutOptionalFieldsTheHeaderIsFourOctets) {
  const Buffer packet = hex("00 00 08 00 45");
  const auto view = GreView::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->protocol_type(), 0x0800);
  EXPECT_EQ(view->version(), 0);
  EXPECT_FALSE(view->checksum() || view->key() || view->seq());
  EXPECT_TRUE(view->verify_checksum());
  EXPECT_EQ(to_buffer(view->payload()), hex("45"));
}

TEST(WireGre, EveryCombinationOfOptionalFieldsIsReadAndEmitted) {
  for (int presence = 0; presence < 8; ++presence) {
    GreFields fields;
    if ((presence & 1) != 0) fields.checksum = 0x1234;
    if ((presence & 2) != 0) fields.key = 0xaabbccdd;
    if ((presence & 4) != 0) fields.seq = 7;
    fields.set_presence();
    const Buffer packet = emitted(fields);
    const auto view = GreView::parse(packet);
    ASSERT_TRUE(view) << presence;
    EXPECT_EQ(view->header_size(), packet.size());
    EXPECT_EQ(view->checksum(), fields.checksum);
    EXPECT_EQ(view->key(), fields.key);
    EXPECT_EQ(view->seq(), fields.seq);
    EXPECT_EQ(GreFields::from(*view), fields);
    const Buffer cut = to_buffer(Bytes{packet}.first(packet.size() - 1));
    EXPECT_FALSE(GreView::parse(cut)) << presence;
  }
}

TEST(WireGre, OptionalFieldsStandInTheOrderOfRfc2890) {
  const Buffer packet = hex("b0 00 86 dd | 12 34 00 00 | 00 00 00 05 | 00 00 00 06");
  const GreView view = GreView::parse(packet).value();
  EXPECT_EQ(view.checksum(), 0x1234);
  EXPECT_EQ(view.key(), 5u);
  EXPECT_EQ(view.seq(), 6u);
}

TEST(WireGre, ChecksumCoversHeaderAndPayload) {
  Buffer packet = hex("80 00 08 00 00 00 00 00 01 02 03");
  fill_gre_checksum(packet);
  EXPECT_TRUE(GreView::parse(packet).value().verify_checksum());
  packet.back() ^= 1;
  EXPECT_FALSE(GreView::parse(packet).value().verify_checksum());
}

TEST(WireGre, PresenceBitsCanLie) {
  GreFields fields;
  fields.flags = 0x2000;  // a key that is not there
  const Buffer packet = emitted(fields);
  EXPECT_EQ(packet, hex("20 00 08 00"));
  EXPECT_EQ(GreView::parse(packet).error().need, 8u);
}

}  // namespace
}  // namespace packetwright::wire
