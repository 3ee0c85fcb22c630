// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/icmpv4.hh"

#include <gtest/gtest.h>

#include "stack/wire/testing.hh"

namespace packetwright::wire {
namespace {

TEST(WireIcmpv4, ReadsAnEcho) {
  const Buffer message = hex("08 00 ab cd 12 34 00 07 68 69");
  const auto view = Icmpv4View::parse(message);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->type(), Icmpv4Type::echo_request);
  EXPECT_EQ(view->code(), 0);
  EXPECT_EQ(view->checksum(), 0xabcd);
  EXPECT_EQ(view->id(), 0x1234);
  EXPECT_EQ(view->seq(), 7);
  EXPECT_EQ(to_buffer(view->body()), text_octets("hi"));
}

TEST(WireIcmpv4, ReadsWhatErrorsHaveInTheirSecondWord) {
  const Buffer redirect = hex("05 01 00 00 c0 00 02 fe");
  EXPECT_EQ(Icmpv4View::parse(redirect).value().gateway(), IpAddress::v4(192, 0, 2, 254));
  const Buffer too_big = hex("03 04 00 00 00 00 05 78");
  EXPECT_EQ(Icmpv4View::parse(too_big).value().next_hop_mtu(), 1'400);
  const Buffer problem = hex("0c 00 00 00 14 00 00 00");
  EXPECT_EQ(Icmpv4View::parse(problem).value().pointer(), 20);
}

TEST(WireIcmpv4, ReadsTimestampsOnlyIfAllAreThere) {
  Buffer message = hex("0e 00 00 00 00 01 00 02 00 00 00 0a 00 00 00 0b 00 00 00 0c");
  EXPECT_EQ(Icmpv4View::parse(message).value().timestamps(), (Icmpv4Timestamps{10, 11, 12}));
  message = to_buffer(Bytes{message}.first(19));
  EXPECT_EQ(Icmpv4View::parse(message).value().timestamps(), std::nullopt);
}

TEST(WireIcmpv4, ReadsAnAddressMaskOnlyIfItIsThere) {
  Buffer message = hex("12 00 00 00 00 01 00 02 ff ff ff 00");
  EXPECT_EQ(Icmpv4View::parse(message).value().address_mask(), IpAddress::v4(255, 255, 255, 0));
  message = to_buffer(Bytes{message}.first(11));
  EXPECT_EQ(Icmpv4View::parse(message).value().address_mask(), std::nullopt);
}

TEST(WireIcmpv4, ReadsARouterAdvertisement) {
  const Buffer message = hex("09 00 00 00 01 02 07 08 c0 00 02 fe 00 00 00 00");
  const Icmpv4View view = Icmpv4View::parse(message).value();
  EXPECT_EQ(view.address_count(), 1);
  EXPECT_EQ(view.entry_words(), 2);
  EXPECT_EQ(view.lifetime_s(), 1'800);
}

TEST(WireIcmpv4, RefusesLessThanEightOctets) {
  for (std::size_t n = 0; n < 8; ++n) {
    const Buffer message(n);
    EXPECT_EQ(
        Icmpv4View::parse(message).error(),
        (ParseError{ParseErrc::truncated, Layer::icmpv4, 0, 8, static_cast<std::uint32_t>(n)}));
  }
}

TEST(WireIcmpv4, KnowsWhichTypesAreErrors) {
  // RFC 1122, 3.2.2: unreachable, redirect, source quench, time exceeded, parameter problem.
  for (int type = 0; type < 256; ++type) {
    const bool expected = type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
    EXPECT_EQ(is_error(static_cast<Icmpv4Type>(type)), expected) << type;
  }
}

TEST(WireIcmpv4, ChecksumCoversTheWholeMessage) {
  Buffer message = hex("08 00 00 00 12 34 00 07 68 69 21");
  fill_icmpv4_checksum(message);
  EXPECT_TRUE(Icmpv4View::parse(message).value().verify_checksum());
  for (std::size_t i = 0; i < message.size(); ++i) {
    Buffer bad = message;
    bad[i] ^= 1;
    EXPECT_FALSE(Icmpv4View::parse(bad).value().verify_checksum()) << i;
  }
}

TEST(WireIcmpv4, EmitsWhatItRead) {
  const Buffer message = hex("0d 05 ab cd 12 34 00 07 68 69 21");
  EXPECT_EQ(emitted(Icmpv4Fields::from(Icmpv4View::parse(message).value())), message);
}

TEST(WireIcmpv4, MakersPutTheirArgumentsInPlace) {
  const Buffer data = text_octets("hi");
  EXPECT_EQ(emitted(Icmpv4Fields::echo(Icmpv4Type::echo_reply, 0x1234, 7, data)),
            hex("00 00 00 00 12 34 00 07 68 69"));
  EXPECT_EQ(emitted(Icmpv4Fields::error(Icmpv4Type::unreachable, 4, 1'400, data)),
            hex("03 04 00 00 00 00 05 78 68 69"));
}

TEST(WireIcmpv4, NamesLeadBothWays) {
  EXPECT_EQ(name_of(Icmpv4Type::source_quench), "source_quench");
  EXPECT_EQ(name_of(static_cast<Icmpv4Type>(99)), "");
  EXPECT_EQ(icmpv4_type_by_name("address_mask_reply"), Icmpv4Type::address_mask_reply);
  EXPECT_EQ(icmpv4_type_by_name("nonsense"), std::nullopt);
  for (int code = 0; code <= 15; ++code) {
    const auto octet = static_cast<std::uint8_t>(code);
    const auto name = icmpv4_code_name(Icmpv4Type::unreachable, octet);
    ASSERT_FALSE(name.empty()) << code;
    EXPECT_EQ(icmpv4_code_by_name(Icmpv4Type::unreachable, name), octet);
  }
  EXPECT_EQ(icmpv4_code_by_name(Icmpv4Type::unreachable, "frag_needed"), 4);
  EXPECT_EQ(icmpv4_code_by_name(Icmpv4Type::time_exceeded, "frag_needed"), std::nullopt);
  EXPECT_EQ(icmpv4_code_name(Icmpv4Type::unreachable, 16), "");
}

}  // namespace
}  // namespace packetwright::wire
