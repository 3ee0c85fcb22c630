// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/multicast.hh"

#include <gtest/gtest.h>

namespace packetwright::wire {
namespace {

// The examples of RFC 1112, 6.4 and RFC 2464, 7.
//= RFC1112-6.4-a
TEST(MulticastMac, MapsTheLowBitsOfTheGroup) {
  EXPECT_EQ(multicast_mac(IpAddress::v4(224, 129, 2, 3)), (MacAddress{{1, 0, 0x5e, 1, 2, 3}}));
  EXPECT_EQ(
      multicast_mac(IpAddress::v6({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34})),
      (MacAddress{{0x33, 0x33, 0, 0, 0x12, 0x34}}));
}

// The example of RFC 4291, 2.7.1: 4037::01:800:200e:8c6c has ff02::1:ff0e:8c6c.
TEST(SolicitedNodeGroup, TakesTheLowest24Bits) {
  EXPECT_EQ(solicited_node_group(IpAddress::v6(
                {0x40, 0x37, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x08, 0, 0x20, 0x0e, 0x8c, 0x6c})),
            IpAddress::v6({0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0x0e, 0x8c, 0x6c}));
}

}  // namespace
}  // namespace packetwright::wire
