// SPDX-License-Identifier: Apache-2.0
#include "stack/base/bytes.hh"

#include <array>

#include <gtest/gtest.h>

namespace packetwright {
namespace {

TEST(BaseBytes, LoadsAndStoresNetworkOrderAtAnyAlignment) {
  std::array<std::uint8_t, 9> octets{};
  store_be64(octets, 1, 0x0102030405060708);
  EXPECT_EQ(octets[0], 0);
  EXPECT_EQ(octets[1], 0x01);
  EXPECT_EQ(octets[8], 0x08);
  EXPECT_EQ(load_be64(octets, 1), 0x0102030405060708u);
  EXPECT_EQ(load_be32(octets, 1), 0x01020304u);
  EXPECT_EQ(load_be32(octets, 5), 0x05060708u);
  EXPECT_EQ(load_be16(octets, 7), 0x0708u);
  EXPECT_EQ(load_u8(octets, 2), 2);
}

TEST(BaseBytes, StoresAnEmptySpanAtTheVeryEnd) {
  std::array<std::uint8_t, 2> octets{7, 8};
  store_bytes(octets, 2, Bytes{});
  EXPECT_EQ(octets[1], 8);
}

TEST(BaseBytes, ComparesContentsAndNotPlaces) {
  const std::array<std::uint8_t, 4> octets{1, 2, 1, 2};
  EXPECT_TRUE(same_octets(Bytes{octets}.first(2), Bytes{octets}.last(2)));
  EXPECT_FALSE(same_octets(Bytes{octets}.first(2), Bytes{octets}.subspan(1, 2)));
  EXPECT_FALSE(same_octets(Bytes{octets}.first(2), Bytes{octets}.last(1)));
  EXPECT_TRUE(same_octets(Bytes{}, Bytes{octets}.first(0)));
}

TEST(BaseBytesDeathTest, AnAccessPastTheEndIsAProgrammerErrorThatStopsTheProgram) {
  std::array<std::uint8_t, 3> octets{};
  EXPECT_DEATH((void)load_be32(octets, 0), "assertion failed");
  EXPECT_DEATH(store_be16(octets, 2, 1), "assertion failed");
  EXPECT_DEATH(store_bytes(octets, 4, Bytes{}), "assertion failed");
}

}  // namespace
}  // namespace packetwright
