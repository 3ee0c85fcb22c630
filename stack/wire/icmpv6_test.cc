// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/icmpv6.hh"

#include <gtest/gtest.h>

#include "stack/wire/address_text.hh"
#include "stack/wire/testing.hh"

namespace packetwright::wire {
namespace {

TEST(WireIcmpv6, ReadsAnEcho) {
  const Buffer message = hex("80 00 ab cd 12 34 00 07 68 69");
  const auto view = Icmpv6View::parse(message);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->type(), Icmpv6Type::echo_request);
  EXPECT_EQ(view->checksum(), 0xabcd);
  EXPECT_EQ(view->id(), 0x1234);
  EXPECT_EQ(view->seq(), 7);
  EXPECT_EQ(to_buffer(view->body()), text_octets("hi"));
}

TEST(WireIcmpv6, ReadsA32BitMtuAndPointer) {
  const Buffer too_big = hex("02 00 00 00 00 01 11 70");
  EXPECT_EQ(Icmpv6View::parse(too_big).value().mtu(), 70'000u);
  const Buffer problem = hex("04 01 00 00 00 00 00 28");
  EXPECT_EQ(Icmpv6View::parse(problem).value().pointer(), 40u);
}

TEST(WireIcmpv6, RefusesLessThanEightOctets) {
  for (std::size_t n = 0; n < 8; ++n) {
    const Buffer message(n);
    EXPECT_FALSE(Icmpv6View::parse(message)) << n;
  }
}

TEST(WireIcmpv6, TypesBelow128AreErrors) {
  EXPECT_TRUE(is_error(Icmpv6Type::packet_too_big));
  EXPECT_TRUE(is_error(static_cast<Icmpv6Type>(127)));
  EXPECT_FALSE(is_error(Icmpv6Type::echo_request));
  EXPECT_FALSE(is_error(Icmpv6Type::redirect));
}

//= RFC4443-2.3-a
TEST(WireIcmpv6, ChecksumCoversThePseudoHeader) {
  const IpAddress src = parse_address("2001:db8::1").value();
  const IpAddress dst = parse_address("2001:db8::2").value();
  const IpAddress other = parse_address("2001:db8::3").value();
  Buffer message = hex("80 00 00 00 12 34 00 07 68 69 21");
  fill_icmpv6_checksum(message, src, dst);
  EXPECT_TRUE(Icmpv6View::parse(message).value().verify_checksum(src, dst));
  EXPECT_FALSE(Icmpv6View::parse(message).value().verify_checksum(src, other));
}

TEST(WireIcmpv6, ChecksumByHand) {
  // Pseudo-header 2001+0db8+0001+2001+0db8+0002+0008+003a and the message 8000 sum to dbb7.
  Buffer message = hex("80 00 00 00 00 00 00 00");
  fill_icmpv6_checksum(message, parse_address("2001:db8::1").value(),
                       parse_address("2001:db8::2").value());
  EXPECT_EQ(load_be16(message, 2), 0x2448);
}

TEST(WireIcmpv6, EmitsWhatItRead) {
  const Buffer message = hex("81 05 ab cd 12 34 00 07 68 69 21");
  EXPECT_EQ(emitted(Icmpv6Fields::from(Icmpv6View::parse(message).value())), message);
}

TEST(WireIcmpv6, NamesLeadBothWays) {
  EXPECT_EQ(name_of(Icmpv6Type::packet_too_big), "packet_too_big");
  EXPECT_EQ(icmpv6_type_by_name("neighbor_solicitation"), Icmpv6Type::neighbor_solicitation);
  EXPECT_EQ(icmpv6_type_by_name("source_quench"), std::nullopt);
  EXPECT_EQ(name_of(static_cast<Icmpv6Type>(99)), "");
  EXPECT_EQ(icmpv6_code_name(Icmpv6Type::unreachable, 99), "");
  EXPECT_EQ(icmpv6_code_by_name(Icmpv6Type::time_exceeded, "port_unreachable"), std::nullopt);
  EXPECT_EQ(icmpv6_code_by_name(Icmpv6Type::unreachable, "port_unreachable"), 4);
  EXPECT_EQ(icmpv6_code_by_name(Icmpv6Type::unreachable, "net_unreachable"), 0);
  EXPECT_EQ(icmpv6_code_name(Icmpv6Type::unreachable, 0), "no_route");
  EXPECT_EQ(icmpv6_code_name(Icmpv6Type::parameter_problem, 2), "unknown_option");
}

}  // namespace
}  // namespace packetwright::wire
