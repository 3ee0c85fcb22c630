// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/ipv4.hh"

#include <array>

#include <gtest/gtest.h>

#include "stack/wire/testing.hh"

namespace packetwright::wire {
namespace {

// A header with one NOP NOP NOP EOL word of options and four octets of payload.
constexpr std::string_view kDatagram =
    "46 b9 00 1c  12 34 60 03  40 11 00 00  c0 00 02 01  c0 00 02 02  01 01 01 00  de ad be ef";

TEST(WireIpv4, ReadsEveryField) {
  const Buffer datagram = hex(kDatagram);
  const auto view = Ipv4View::parse(datagram);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->version(), 4);
  EXPECT_EQ(view->ihl(), 6);
  EXPECT_EQ(view->header_size(), 24u);
  EXPECT_EQ(view->tos(), 0xb9);
  EXPECT_EQ(view->dscp(), 46);  // expedited forwarding
  EXPECT_EQ(view->ecn(), 1);
  EXPECT_EQ(view->total_length(), 28);
  EXPECT_EQ(view->id(), 0x1234);
  EXPECT_FALSE(view->reserved_flag());
  EXPECT_TRUE(view->df());
  EXPECT_TRUE(view->mf());
  EXPECT_EQ(view->fragment_offset(), 24);
  EXPECT_TRUE(view->is_fragment());
  EXPECT_EQ(view->ttl(), 64);
  EXPECT_EQ(view->protocol(), IpProtocol::udp);
  EXPECT_EQ(view->src(), IpAddress::v4(192, 0, 2, 1));
  EXPECT_EQ(view->dst(), IpAddress::v4(192, 0, 2, 2));
  EXPECT_EQ(to_buffer(view->options()), hex("01 01 01 00"));
  EXPECT_EQ(to_buffer(view->payload()), hex("de ad be ef"));
}

//= RFC791-3.1-b
TEST(WireIpv4, PaddingBehindTotalLengthIsNotSeen) {
  Buffer datagram = hex(kDatagram);
  datagram.resize(46, 0xee);
  EXPECT_EQ(Ipv4View::parse(datagram).value().payload().size(), 4u);
  EXPECT_EQ(Ipv4View::parse_lax(datagram).value().payload().size(), 4u);
}

TEST(WireIpv4, EveryCutIsTruncated) {
  const Buffer datagram = hex(kDatagram);
  for (std::size_t n = 0; n < datagram.size(); ++n) {
    const Buffer cut = to_buffer(Bytes{datagram}.first(n));
    const auto view = Ipv4View::parse(cut);
    ASSERT_FALSE(view) << n;
    EXPECT_EQ(view.error().code, ParseErrc::truncated);
    EXPECT_EQ(view.error().need, n < 20 ? 20u : 28u);
    EXPECT_EQ(view.error().have, n);
  }
}

TEST(WireIpv4, RefusesAnotherVersion) {
  Buffer datagram = hex(kDatagram);
  datagram[0] = 0x66;
  EXPECT_EQ(Ipv4View::parse(datagram).error(),
            (ParseError{ParseErrc::bad_version, Layer::ipv4, 0, 4, 6}));
}

//= RFC791-3.1-a
TEST(WireIpv4, RefusesAHeaderShorterThanItsFixedPart) {
  Buffer datagram = hex(kDatagram);
  for (int ihl = 0; ihl < 5; ++ihl) {
    datagram[0] = static_cast<std::uint8_t>(0x40 | ihl);
    EXPECT_EQ(Ipv4View::parse(datagram).error().code, ParseErrc::bad_length) << ihl;
  }
}

TEST(WireIpv4, RefusesATotalLengthBelowTheHeader) {
  Buffer datagram = hex(kDatagram);
  store_be16(datagram, 2, 23);
  EXPECT_EQ(Ipv4View::parse(datagram).error(),
            (ParseError{ParseErrc::bad_length, Layer::ipv4, 2, 24, 23}));
  store_be16(datagram, 2, 24);
  EXPECT_TRUE(Ipv4View::parse(datagram).value().payload().empty());
}

TEST(WireIpv4, LaxTakesLyingLengthsAsNearAsTheOctetsAllow) {
  Buffer datagram = hex(kDatagram);
  datagram[0] = 0x91;  // version 9, ihl 1
  store_be16(datagram, 2, 0xffff);
  const Ipv4View view = Ipv4View::parse_lax(datagram).value();
  EXPECT_EQ(view.version(), 9);
  EXPECT_EQ(view.ihl(), 1);
  EXPECT_EQ(view.header_size(), 20u);
  EXPECT_EQ(view.payload().size(), 8u);
  datagram[0] = 0x4f;
  EXPECT_EQ(Ipv4View::parse_lax(datagram).value().header_size(), 28u);
  const Buffer short_header = to_buffer(Bytes{datagram}.first(19));
  EXPECT_FALSE(Ipv4View::parse_lax(short_header));
}

TEST(WireIpv4, ChecksumOfTheHeaderOnly) {
  Buffer datagram = hex(kDatagram);
  fill_ipv4_checksum(MutableBytes{datagram}.first(24));
  EXPECT_TRUE(Ipv4View::parse(datagram).value().verify_checksum());
  datagram[27] ^= 0xff;  // payload
  EXPECT_TRUE(Ipv4View::parse(datagram).value().verify_checksum());
  datagram[20] ^= 0xff;  // option
  EXPECT_FALSE(Ipv4View::parse(datagram).value().verify_checksum());
}

//= RFC791-3.1-e
TEST(WireIpv4, ChecksumOfAKnownHeader) {
  Buffer header = hex("45 00 00 73  00 00 40 00  40 11 00 00  c0 a8 00 01  c0 a8 00 c7");
  fill_ipv4_checksum(header);
  EXPECT_EQ(load_be16(header, 10), 0xb861);
}

TEST(WireIpv4, EmitsWhatItRead) {
  Buffer datagram = hex(kDatagram);
  datagram[6] |= 0x80;  // the reserved flag
  const Ipv4View view = Ipv4View::parse(datagram).value();
  EXPECT_EQ(emitted(Ipv4Fields::from(view)), to_buffer(view.header()));
}

TEST(WireIpv4, SetLengthsCountsOptionsAndPayload) {
  const std::array<std::uint8_t, 8> options{1, 1, 1, 1, 1, 1, 1, 0};
  Ipv4Fields fields;
  fields.options = options;
  fields.set_lengths(100);
  EXPECT_EQ(fields.ihl, 7);
  EXPECT_EQ(fields.total_length, 128);
}

TEST(WireIpv4, FieldsCanLie) {
  Ipv4Fields fields;
  fields.version = 15;
  fields.ihl = 2;
  fields.total_length = 3;
  fields.fragment_offset = 65'535;  // the lowest three bits have no place
  fields.checksum = 0xbad1;
  const Buffer header = emitted(fields);
  ASSERT_EQ(header.size(), 20u);
  const Ipv4View view = Ipv4View::parse_lax(header).value();
  EXPECT_EQ(view.version(), 15);
  EXPECT_EQ(view.ihl(), 2);
  EXPECT_EQ(view.total_length(), 3);
  EXPECT_EQ(view.fragment_offset(), 65'528);
  EXPECT_FALSE(view.df());
  EXPECT_EQ(view.checksum(), 0xbad1);
}

TEST(WireIpv4, SetChecksumAgreesWithTheHeaderAsItIsWritten) {
  Buffer datagram = hex(kDatagram);
  Ipv4Fields fields = Ipv4Fields::from(Ipv4View::parse(datagram).value());
  for (std::uint32_t i = 0; i < 200; ++i) {
    fields.tos = static_cast<std::uint8_t>(i * 7);
    fields.id = static_cast<std::uint16_t>(i * 0x0101);
    fields.df = i % 2 == 0;
    fields.mf = i % 3 == 0;
    fields.reserved_flag = i % 5 == 0;
    fields.fragment_offset = static_cast<std::uint16_t>(i * 8);
    fields.src = IpAddress::v4(0xffffffffu - i * 0x01020304u);
    fields.set_checksum();
    Buffer header(fields.encoded_size());
    fields.emit(header);
    EXPECT_TRUE(verify_internet_checksum(header)) << i;
  }
}

}  // namespace
}  // namespace packetwright::wire
