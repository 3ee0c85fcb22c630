// SPDX-License-Identifier: Apache-2.0
#include "harness/script/icmp_names.hh"

#include <gtest/gtest.h>

namespace packetwright::script {
namespace {

TEST(IcmpNames, DependOnTheFamily) {
  EXPECT_EQ(icmp_type(Family::ipv4, "echo_request"), 8);    // RFC 792
  EXPECT_EQ(icmp_type(Family::ipv6, "echo_request"), 128);  // RFC 4443, 4.1
  EXPECT_EQ(icmp_type(Family::ipv6, "redirect"), 137);      // RFC 4861, 4.5
  EXPECT_EQ(icmp_type(Family::ipv4, "packet_too_big"), std::nullopt);
  EXPECT_EQ(icmp_code(Family::ipv4, 3, "port_unreachable"), 3);
  EXPECT_EQ(icmp_code(Family::ipv6, 1, "port_unreachable"), 4);
  EXPECT_EQ(icmp_code(Family::ipv4, 8, "port_unreachable"), std::nullopt);
}

TEST(IcmpNames, NumbersStandWhereThereIsNoName) {
  EXPECT_EQ(icmp_type(Family::ipv4, "type_200"), 200);
  EXPECT_EQ(icmp_type(Family::ipv4, "type_256"), std::nullopt);
  EXPECT_EQ(icmp_code(Family::ipv4, 8, "code_7"), 7);
  EXPECT_EQ(icmp_code(Family::ipv4, 8, ""), 0);
  EXPECT_EQ(icmp_type_name(Family::ipv6, 200), "type_200");
  EXPECT_EQ(icmp_code_name(Family::ipv4, 8, 0), "");
  EXPECT_EQ(icmp_code_name(Family::ipv4, 8, 1), "code_1");
}

TEST(IcmpNames, EveryNumberHasANameThatReadsBack) {
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    for (int type = 0; type < 256; ++type) {
      const auto number = static_cast<std::uint8_t>(type);
      EXPECT_EQ(icmp_type(family, icmp_type_name(family, number)), number);
      for (int code = 0; code < 256; ++code) {
        const auto of = static_cast<std::uint8_t>(code);
        EXPECT_EQ(icmp_code(family, number, icmp_code_name(family, number, of)), of);
      }
    }
  }
}

TEST(IcmpNames, NearestNameIsTheOneMeant) {
  EXPECT_EQ(nearest_icmp_type("echo_requets"), "echo_request");
  EXPECT_EQ(nearest_icmp_type("zzz"), "");
}

}  // namespace
}  // namespace packetwright::script
