// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/mpls.hh"

#include <gtest/gtest.h>

#include "stack/wire/testing.hh"

namespace packetwright::wire {
namespace {

TEST(WireMpls, ReadsAStackDownToItsBottom) {
  const Buffer packet = hex("00 01 0a ff | 12 34 55 40 | 45 00");
  const auto view = MplsView::parse(packet);
  ASSERT_TRUE(view);
  ASSERT_EQ(view->count(), 2u);
  EXPECT_EQ(view->entry(0), (MplsEntry{16, 5, false, 255}));
  EXPECT_EQ(view->entry(1), (MplsEntry{0x12345, 2, true, 64}));
  EXPECT_EQ(to_buffer(view->payload()), hex("45 00"));
}

TEST(WireMpls, AStackWithoutABottomIsTruncated) {
  const Buffer packet = hex("00 01 0a ff | 12 34 54 40 | 45 00");
  EXPECT_EQ(MplsView::parse(packet).error(),
            (ParseError{ParseErrc::truncated, Layer::mpls, 8, 12, 10}));
}

TEST(WireMpls, AnEndlessStackIsNotFollowed) {
  const Buffer packet(1'500);
  EXPECT_EQ(MplsView::parse(packet).error().code, ParseErrc::too_many);
}

TEST(WireMpls, EmitsWhatItRead) {
  const Buffer packet = hex("12 34 55 40");
  EXPECT_EQ(emitted(MplsView::parse(packet).value().entry(0)), packet);
  EXPECT_EQ(emitted(MplsEntry{0xfffff, 7, false, 0}), hex("ff ff fe 00"));
}

}  // namespace
}  // namespace packetwright::wire
