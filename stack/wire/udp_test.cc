// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/udp.hh"

#include <gtest/gtest.h>

#include "stack/wire/address_text.hh"
#include "stack/wire/testing.hh"

namespace packetwright::wire {
namespace {

const IpAddress kSrc = IpAddress::v4(192, 0, 2, 1);
const IpAddress kDst = IpAddress::v4(192, 0, 2, 2);

TEST(WireUdp, ReadsEveryField) {
  const Buffer datagram = hex("30 39 00 35 00 0b ab cd 01 02 03");
  const auto view = UdpView::parse(datagram);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->src_port(), 12'345);
  EXPECT_EQ(view->dst_port(), 53);
  EXPECT_EQ(view->length(), 11);
  EXPECT_EQ(view->checksum(), 0xabcd);
  EXPECT_EQ(to_buffer(view->payload()), hex("01 02 03"));
}

//= RFC768-fields-f
TEST(WireUdp, OctetsBehindLengthAreNotSeen) {
  const Buffer datagram = hex("30 39 00 35 00 09 00 00 01 02 03");
  EXPECT_EQ(to_buffer(UdpView::parse(datagram).value().payload()), hex("01"));
}

//= RFC768-fields-a
TEST(WireUdp, RefusesALengthBelowTheHeader) {
  for (std::uint8_t length = 0; length < 8; ++length) {
    Buffer datagram = hex("30 39 00 35 00 00 00 00 01 02");
    datagram[5] = length;
    EXPECT_EQ(UdpView::parse(datagram).error(),
              (ParseError{ParseErrc::bad_length, Layer::udp, 4, 8, length}));
    EXPECT_TRUE(UdpView::parse_lax(datagram).value().payload().empty());
  }
}

TEST(WireUdp, RefusesALengthPastTheEnd) {
  const Buffer datagram = hex("30 39 00 35 00 0b 00 00 01 02");
  EXPECT_EQ(UdpView::parse(datagram).error(),
            (ParseError{ParseErrc::truncated, Layer::udp, 4, 11, 10}));
  EXPECT_EQ(UdpView::parse_lax(datagram).value().payload().size(), 2u);
}

TEST(WireUdp, RefusesLessThanAHeader) {
  for (std::size_t n = 0; n < 8; ++n) {
    const Buffer datagram(n);
    EXPECT_FALSE(UdpView::parse(datagram)) << n;
    EXPECT_FALSE(UdpView::parse_lax(datagram)) << n;
  }
}

//= RFC768-fields-b
TEST(WireUdp, ChecksumCoversThePseudoHeader) {
  Buffer datagram = hex("30 39 00 35 00 0b 00 00 01 02 03");
  fill_udp_checksum(datagram, kSrc, kDst);
  const UdpView view = UdpView::parse(datagram).value();
  EXPECT_TRUE(view.verify_checksum(kSrc, kDst));
  EXPECT_TRUE(view.verify_checksum(kDst, kSrc));  // a sum does not know order
  EXPECT_FALSE(view.verify_checksum(kSrc, IpAddress::v4(192, 0, 2, 3)));
  const IpAddress six = parse_address("2001:db8::1").value();
  EXPECT_FALSE(view.verify_checksum(six, six));
}

//= RFC768-fields-c
TEST(WireUdp, AComputedZeroIsSentAsAllOnes) {
  // Chosen so that everything else sums to ffff: the complement is zero, which would mean "none".
  Buffer datagram = hex("00 00 00 00 00 0a 00 00 00 00");
  const std::uint16_t rest = [&] {
    Buffer copy = datagram;
    fill_udp_checksum(copy, kSrc, kDst);
    return load_be16(copy, 6);
  }();
  store_be16(datagram, 8, rest);
  fill_udp_checksum(datagram, kSrc, kDst);
  EXPECT_EQ(load_be16(datagram, 6), 0xffff);
  EXPECT_TRUE(UdpView::parse(datagram).value().verify_checksum(kSrc, kDst));
}

TEST(WireUdp, EmitsWhatItRead) {
  const Buffer datagram = hex("30 39 00 35 00 08 ab cd");
  EXPECT_EQ(emitted(UdpFields::from(UdpView::parse(datagram).value())), datagram);
  UdpFields fields;
  fields.set_lengths(100);
  EXPECT_EQ(fields.length, 108);
}

}  // namespace
}  // namespace packetwright::wire
