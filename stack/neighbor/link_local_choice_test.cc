// SPDX-License-Identifier: Apache-2.0
#include "stack/neighbor/link_local_choice.hh"

#include <set>

#include <gtest/gtest.h>

namespace packetwright::neighbor {
namespace {

TEST(LinkLocalChoice, IsTheSameForTheSameHardwareAndAnotherForAnother) {
  const MacAddress mac{{2, 0, 0, 0, 0, 1}};
  LinkLocalChoice one{mac}, again{mac}, other{MacAddress{{2, 0, 0, 0, 0, 2}}};
  const IpAddress first = one.next();
  EXPECT_EQ(again.next(), first);
  EXPECT_NE(other.next(), first);
}

TEST(LinkLocalChoice, IsOfTheWholeRangeAndNeverOfItsReservedEnds) {
  LinkLocalChoice choice{MacAddress{{2, 0, 0, 0, 0, 1}}};
  std::set<std::uint8_t> networks;
  for (int i = 0; i < 10'000; ++i) {
    const IpAddress address = choice.next();
    ASSERT_TRUE(address.is_link_local());
    networks.insert(address.octets()[2]);
  }
  EXPECT_EQ(*networks.begin(), 1);
  EXPECT_EQ(*networks.rbegin(), 254);
  EXPECT_EQ(networks.size(), 254u);
}

}  // namespace
}  // namespace packetwright::neighbor
