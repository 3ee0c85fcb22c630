// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/icmp_quote.hh"

#include <gtest/gtest.h>

#include "stack/wire/testing.hh"

namespace packetwright::wire {
namespace {

// A datagram of 1500 octets, of which 28 are quoted: what RFC 792 asks for at least.
constexpr std::string_view kIpv4Quote =
    "45 10 05 dc  00 01 40 00  3f 06 00 00  c0 00 02 01  c0 00 02 02 | 1f 90 c0 00 12 34 56 78";

constexpr std::string_view kIpv6Start = "60 10 00 00  05 b4 2c 40";
constexpr std::string_view kIpv6Addresses =
    "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01"
    "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02";

TEST(WireIcmpQuote, ReadsWhatIsQuotedOfATcpSegment) {
  const Buffer quote = hex(kIpv4Quote);
  const auto quoted = parse_ipv4_quote(quote);
  ASSERT_TRUE(quoted);
  EXPECT_EQ(quoted->src, IpAddress::v4(192, 0, 2, 1));
  EXPECT_EQ(quoted->dst, IpAddress::v4(192, 0, 2, 2));
  EXPECT_EQ(quoted->protocol, IpProtocol::tcp);
  EXPECT_EQ(quoted->tos, 0x10);
  EXPECT_EQ(quoted->transport_offset, 20u);
  ASSERT_TRUE(quoted->ports());
  EXPECT_EQ(quoted->ports()->src, 8'080);
  EXPECT_EQ(quoted->ports()->dst, 49'152);
  EXPECT_EQ(quoted->tcp_seq(), SeqNum{0x12345678});
}

TEST(WireIcmpQuote, AQuoteThatIsTooShortHasNoPortsOrSequence) {
  const Buffer whole = hex(kIpv4Quote);
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const Buffer quote = to_buffer(Bytes{whole}.first(n));
    const auto quoted = parse_ipv4_quote(quote);
    ASSERT_EQ(quoted.ok(), n >= 20) << n;
    if (!quoted) continue;
    EXPECT_EQ(quoted->ports().has_value(), n >= 24) << n;
    EXPECT_FALSE(quoted->tcp_seq()) << n;
  }
}

TEST(WireIcmpQuote, ATotalLengthThatARouterSpoiltDoesNotHideThePorts) {
  Buffer quote = hex(kIpv4Quote);
  store_be16(quote, 2, 0);
  EXPECT_TRUE(parse_ipv4_quote(quote).value().ports());
}

TEST(WireIcmpQuote, RefusesAQuotedHeaderThatIsNone) {
  Buffer quote = hex(kIpv4Quote);
  quote[0] = 0x65;
  EXPECT_EQ(parse_ipv4_quote(quote).error().code, ParseErrc::bad_version);
  quote[0] = 0x44;
  EXPECT_EQ(parse_ipv4_quote(quote).error().code, ParseErrc::bad_length);
  quote[0] = 0x4f;
  EXPECT_EQ(parse_ipv4_quote(quote).error().code, ParseErrc::truncated);
}

TEST(WireIcmpQuote, ALaterFragmentHasNoPorts) {
  Buffer quote = hex(kIpv4Quote);
  quote[7] = 1;
  const auto quoted = parse_ipv4_quote(quote);
  ASSERT_TRUE(quoted);
  EXPECT_FALSE(quoted->is_first_fragment);
  EXPECT_FALSE(quoted->ports());
  EXPECT_FALSE(quoted->tcp_seq());
}

TEST(WireIcmpQuote, OtherProtocolsHaveNoPorts) {
  Buffer quote = hex(kIpv4Quote);
  quote[9] = 1;
  EXPECT_FALSE(parse_ipv4_quote(quote).value().ports());
}

TEST(WireIcmpQuote, FollowsTheExtensionHeadersOfIpv6) {
  const Buffer quote = hex(std::string{kIpv6Start} + std::string{kIpv6Addresses} +
                           "11 00 00 01 00 00 00 09 | 00 35 30 39");
  const auto quoted = parse_ipv6_quote(quote);
  ASSERT_TRUE(quoted);
  EXPECT_EQ(quoted->protocol, IpProtocol::udp);
  EXPECT_TRUE(quoted->is_first_fragment);
  EXPECT_EQ(quoted->transport_offset, 48u);
  EXPECT_EQ(quoted->tos, 1);
  ASSERT_TRUE(quoted->ports());
  EXPECT_EQ(quoted->ports()->src, 53);
  EXPECT_FALSE(quoted->tcp_seq());
}

TEST(WireIcmpQuote, RefusesAnIpv6QuoteThatEndsWithinAnExtensionHeader) {
  const Buffer quote =
      hex(std::string{kIpv6Start} + std::string{kIpv6Addresses} + "11 00 00 01 00 00 00");
  EXPECT_EQ(parse_ipv6_quote(quote).error().layer, Layer::ipv6_extension);
  EXPECT_EQ(parse_ipv6_quote(hex(kIpv4Quote)).error().code, ParseErrc::truncated);
}

}  // namespace
}  // namespace packetwright::wire
