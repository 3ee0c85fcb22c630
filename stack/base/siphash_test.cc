// SPDX-License-Identifier: Apache-2.0
#include "stack/base/siphash.hh"

#include <array>

#include <gtest/gtest.h>

namespace packetwright {
namespace {

constexpr SipKey kPaperKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};

TEST(BaseSiphash, AgreesWithTheVectorsOfItsAuthors) {
  std::array<std::uint8_t, 15> message{};
  for (std::size_t i = 0; i < message.size(); ++i) message[i] = static_cast<std::uint8_t>(i);
  EXPECT_EQ(siphash24(kPaperKey, Bytes{}), 0x726fdb47dd0e0e31u);
  EXPECT_EQ(siphash24(kPaperKey, Bytes{message}.first(1)), 0x74f839c593dc67fdu);
  EXPECT_EQ(siphash24(kPaperKey, Bytes{message}.first(8)), 0x93f5f5799a932462u);
  EXPECT_EQ(siphash24(kPaperKey, message), 0xa129ca6149be45e5u);
}

TEST(BaseSiphash, TwelveOctetsInTwoWordsAreTheSameMessage) {
  std::array<std::uint8_t, 12> message{};
  for (std::size_t i = 0; i < message.size(); ++i) message[i] = static_cast<std::uint8_t>(i);
  EXPECT_EQ(siphash24(kPaperKey, 0x0706050403020100, 0x0b0a0908), siphash24(kPaperKey, message));
}

}  // namespace
}  // namespace packetwright
