// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/address_text.hh"

#include <string>

#include <gtest/gtest.h>

#include "stack/wire/testing.hh"

namespace packetwright::wire {
namespace {

std::string canonical(std::string_view text) {
  const auto address = parse_address(text);
  return address ? to_string(*address) : to_string(address.error());
}

TEST(WireAddressText, ReadsAndWritesDottedDecimal) {
  EXPECT_EQ(parse_ipv4("192.0.2.255").value(), IpAddress::v4(192, 0, 2, 255));
  EXPECT_EQ(to_string(IpAddress::v4(192, 0, 2, 255)), "192.0.2.255");
  EXPECT_EQ(to_string(IpAddress{}), "0.0.0.0");
}

TEST(WireAddressText, RefusesDottedDecimalThatIsNot) {
  for (const char* text :
       {"", "1", "1.2.3", "1.2.3.", "1.2.3.4.", "1.2.3.4 ", " 1.2.3.4", "1..2.3", "256.0.0.1",
        "1.2.3.1000", "01.2.3.4", "1.2.3.0x4", "-1.2.3.4", "a.b.c.d"}) {
    EXPECT_FALSE(parse_ipv4(text)) << text;
  }
}

TEST(WireAddressText, SaysWhichCharacterIsAtFault) {
  EXPECT_EQ(parse_ipv4("1.2.x.4").error().offset, 4);
  EXPECT_EQ(parse_ipv4("1.2.300.4").error().offset, 4);
  EXPECT_EQ(parse_ipv6("2001:db8::g").error().offset, 10);
  EXPECT_EQ(parse_ipv6("::ffff:1.2.x.4").error().offset, 11);
}

TEST(WireAddressText, ReadsEveryFormOfRfc4291) {
  const IpAddress expected =
      IpAddress::v6({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 8, 8, 0, 0x20, 0x0c, 0x41, 0x7a});
  EXPECT_EQ(parse_ipv6("2001:DB8:0:0:8:800:200C:417A").value(), expected);
  EXPECT_EQ(parse_ipv6("2001:db8::8:800:200c:417a").value(), expected);
  EXPECT_EQ(parse_ipv6("2001:0db8:0000::0008:0800:32.12.65.122").value(), expected);
  EXPECT_TRUE(parse_ipv6("::").value().is_unspecified());
  EXPECT_TRUE(parse_ipv6("::1").value().is_loopback());
  EXPECT_EQ(parse_ipv6("1::").value(), IpAddress::v6({0, 1}));
  EXPECT_EQ(canonical("::13.1.68.3"), "::d01:4403");
}

TEST(WireAddressText, RefusesWhatIsNotIpv6) {
  for (const char* text :
       {":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "1::2::3",
        ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", "12345::", "::1.2.3", "1:2:3:4:5:6:7:1.2.3.4",
        "::1%eth0", "1.2.3.4::", "::g"}) {
    EXPECT_FALSE(parse_ipv6(text)) << text;
  }
}

TEST(WireAddressText, WritesTheFormOfRfc5952) {
  // RFC 5952, 4.1 to 4.3: no leading zeros, the longest run shortened, lower case.
  EXPECT_EQ(canonical("2001:0DB8:0:0:0:0:2:1"), "2001:db8::2:1");
  EXPECT_EQ(canonical("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");  // never one group alone
  EXPECT_EQ(canonical("2001:0:0:1:0:0:0:1"), "2001:0:0:1::1");           // the longest run
  EXPECT_EQ(canonical("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");     // the first of equals
  EXPECT_EQ(canonical("::"), "::");
  EXPECT_EQ(canonical("0:0:0:0:0:0:0:1"), "::1");
  EXPECT_EQ(canonical("fe80:0:0:0:0:0:0:0"), "fe80::");
  EXPECT_EQ(canonical("0:1:2:3:4:5:6:7"), "0:1:2:3:4:5:6:7");
  EXPECT_EQ(canonical("::ffff:c000:0201"), "::ffff:192.0.2.1");  // 5: a mapped address
}

TEST(WireAddressText, ReadsPrefixes) {
  EXPECT_EQ(parse_prefix("192.0.2.0/24").value(), (Prefix{IpAddress::v4(192, 0, 2, 0), 24}));
  EXPECT_EQ(to_string(parse_prefix("2001:db8::/32").value()), "2001:db8::/32");
  for (const char* text :
       {"192.0.2.0", "192.0.2.0/", "192.0.2.0/33", "::/129", "::/-1", "::/12x"}) {
    EXPECT_FALSE(parse_prefix(text)) << text;
  }
}

TEST(WireAddressText, WritesEndpointsWithBracketsWhereNeeded) {
  EXPECT_EQ(to_string(Endpoint{IpAddress::v4(192, 0, 2, 1), 80}), "192.0.2.1:80");
  EXPECT_EQ(to_string(Endpoint{parse_ipv6("2001:db8::1").value(), 80}), "[2001:db8::1]:80");
}

TEST(WireAddressText, ReadsAndWritesEthernetAddresses) {
  const MacAddress mac{{0x02, 0x00, 0x5e, 0x10, 0xff, 0x01}};
  EXPECT_EQ(parse_mac("02:00:5e:10:FF:01").value(), mac);
  EXPECT_EQ(parse_mac("02-00-5e-10-ff-01").value(), mac);
  EXPECT_EQ(to_string(mac), "02:00:5e:10:ff:01");
  for (const char* text : {"", "02", "02:00:5e:10:ff", "02:00:5e:10:ff:01:", "02:00-5e:10:ff:01",
                           "02:00:5e:10:ff:0g", "2:0:5e:10:ff:1", "0200.5e10.ff01"}) {
    EXPECT_FALSE(parse_mac(text)) << text;
  }
}

}  // namespace
}  // namespace packetwright::wire
