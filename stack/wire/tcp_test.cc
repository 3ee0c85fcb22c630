// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/tcp.hh"

#include <array>
#include <utility>

#include <gtest/gtest.h>

#include "stack/wire/address_text.hh"
#include "stack/wire/checksum.hh"
#include "stack/wire/testing.hh"

namespace packetwright::wire {
namespace {

constexpr std::string_view kSegment =
    "1f 90 c0 00  00 00 00 01  ff ff ff fe  6b 92 fa f0  ab cd 00 05  02 04 05 b4  68 69";

TEST(WireTcp, ReadsEveryField) {
  const Buffer segment = hex(kSegment);
  const auto view = TcpView::parse(segment);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->src_port(), 8'080);
  EXPECT_EQ(view->dst_port(), 49'152);
  EXPECT_EQ(view->seq(), SeqNum{1});
  EXPECT_EQ(view->ack(), SeqNum{0xfffffffe});
  EXPECT_EQ(view->data_offset(), 6);
  EXPECT_EQ(view->reserved(), 5);
  EXPECT_EQ(view->flags(), tcp_flag::ae | tcp_flag::cwr | tcp_flag::ack | tcp_flag::syn);
  EXPECT_EQ(view->win(), 64'240);
  EXPECT_EQ(view->checksum(), 0xabcd);
  EXPECT_EQ(view->urgent(), 5);
  EXPECT_EQ(view->header_size(), 24u);
  EXPECT_EQ(to_buffer(view->options()), hex("02 04 05 b4"));
  EXPECT_EQ(to_buffer(view->payload()), text_octets("hi"));
}

TEST(WireTcp, EveryFlagHasItsOwnBit) {
  // RFC 9293, 3.1, and AE in the bit before CWR.
  const std::array<std::pair<TcpFlags, int>, 9> bits{{{tcp_flag::fin, 0},
                                                      {tcp_flag::syn, 1},
                                                      {tcp_flag::rst, 2},
                                                      {tcp_flag::psh, 3},
                                                      {tcp_flag::ack, 4},
                                                      {tcp_flag::urg, 5},
                                                      {tcp_flag::ece, 6},
                                                      {tcp_flag::cwr, 7},
                                                      {tcp_flag::ae, 8}}};
  for (const auto& [flag, bit] : bits) {
    Buffer segment = hex(kSegment);
    store_be16(segment, 12, static_cast<std::uint16_t>(0x5000 | (1 << bit)));
    EXPECT_EQ(TcpView::parse(segment).value().flags(), flag) << bit;
  }
}

TEST(WireTcp, AceIsTheThreeEcnBitsAsANumber) {
  EXPECT_EQ(tcp_flag::ece.ace(), 1);
  EXPECT_EQ(tcp_flag::cwr.ace(), 2);
  EXPECT_EQ(tcp_flag::ae.ace(), 4);
  EXPECT_EQ((tcp_flag::ae | tcp_flag::ece | tcp_flag::ack).ace(), 5);
}

TEST(WireTcp, FlagsPrintAsScriptsWriteThem) {
  EXPECT_EQ(to_string(TcpFlags{}), "-");
  EXPECT_EQ(to_string(tcp_flag::ack), ".");
  EXPECT_EQ(to_string(tcp_flag::psh | tcp_flag::ack), "P.");
  EXPECT_EQ(to_string(tcp_flag::syn | tcp_flag::ece | tcp_flag::cwr), "SEW");
  EXPECT_EQ(to_string(TcpFlags{0x1ff}), "FSRPUEWA.");
}

TEST(WireTcp, FlagsHasAsksForAll) {
  const TcpFlags flags = tcp_flag::syn | tcp_flag::ack;
  EXPECT_TRUE(flags.has(tcp_flag::syn));
  EXPECT_TRUE(flags.has(tcp_flag::syn | tcp_flag::ack));
  EXPECT_FALSE(flags.has(tcp_flag::syn | tcp_flag::fin));
  EXPECT_EQ(flags.without(tcp_flag::syn), tcp_flag::ack);
}

//= RFC9293-3.1-doff
TEST(WireTcp, RefusesADataOffsetBelowTheFixedHeader) {
  for (int offset = 0; offset < 5; ++offset) {
    Buffer segment = hex(kSegment);
    segment[12] = static_cast<std::uint8_t>(offset << 4);
    EXPECT_EQ(TcpView::parse(segment).error(),
              (ParseError{ParseErrc::bad_length, Layer::tcp, 12, 20,
                          static_cast<std::uint32_t>(offset * 4)}));
    EXPECT_EQ(TcpView::parse_lax(segment).value().data_offset(), offset);
    EXPECT_EQ(TcpView::parse_lax(segment).value().header_size(), 20u);
  }
}

TEST(WireTcp, RefusesADataOffsetPastTheEnd) {
  Buffer segment = hex(kSegment);
  segment[12] = 0x70;
  EXPECT_EQ(TcpView::parse(segment).error(),
            (ParseError{ParseErrc::truncated, Layer::tcp, 12, 28, 26}));
  EXPECT_EQ(TcpView::parse_lax(segment).value().header_size(), 26u);
}

TEST(WireTcp, EveryCutIsTruncated) {
  const Buffer segment = hex(kSegment);
  for (std::size_t n = 0; n < 24; ++n) {
    const Buffer cut = to_buffer(Bytes{segment}.first(n));
    EXPECT_FALSE(TcpView::parse(cut)) << n;
    EXPECT_EQ(TcpView::parse_lax(cut).ok(), n >= 20) << n;
  }
}

TEST(WireTcp, ChecksumCoversPseudoHeaderHeaderAndData) {
  const IpAddress src = IpAddress::v4(192, 0, 2, 1);
  const IpAddress dst = IpAddress::v4(192, 0, 2, 2);
  for (std::size_t i = 0; i < hex(kSegment).size(); ++i) {
    Buffer segment = hex(kSegment);
    fill_tcp_checksum(segment, src, dst);
    ASSERT_TRUE(TcpView::parse(segment).value().verify_checksum(src, dst));
    segment[i] ^= 0x10;
    ASSERT_FALSE(TcpView::parse_lax(segment).value().verify_checksum(src, dst)) << i;
  }
}

TEST(WireTcp, ChecksumOfASegmentOverIpv6) {
  const IpAddress src = parse_address("2001:db8::1").value();
  const IpAddress dst = parse_address("2001:db8::2").value();
  Buffer segment = hex(kSegment);
  fill_tcp_checksum(segment, src, dst);
  EXPECT_TRUE(TcpView::parse(segment).value().verify_checksum(src, dst));
  EXPECT_FALSE(TcpView::parse(segment).value().verify_checksum(src, src));
}

TEST(WireTcp, ChecksumByHand) {
  // Pseudo-header c000+0201+c000+0202+0006+0014 and header 5000 sum to 1d41d, which folds to d41e.
  Buffer segment = hex("00 00 00 00 00 00 00 00 00 00 00 00 50 00 00 00 00 00 00 00");
  fill_tcp_checksum(segment, IpAddress::v4(192, 0, 2, 1), IpAddress::v4(192, 0, 2, 2));
  EXPECT_EQ(load_be16(segment, 16), 0x2be1);
}

TEST(WireTcp, EmitsWhatItRead) {
  const Buffer segment = hex(kSegment);
  const TcpView view = TcpView::parse(segment).value();
  EXPECT_EQ(emitted(TcpFields::from(view)), to_buffer(view.header()));
}

TEST(WireTcp, SetLengthsCountsTheOptions) {
  const std::array<std::uint8_t, 12> options{};
  TcpFields fields;
  fields.options = options;
  fields.set_lengths();
  EXPECT_EQ(fields.data_offset, 8);
  EXPECT_EQ(fields.encoded_size(), 32u);
}

TEST(WireTcp, FieldsCanLie) {
  TcpFields fields;
  fields.flags = tcp_flag::syn | tcp_flag::fin | tcp_flag::rst;
  fields.data_offset = 3;
  fields.reserved = 7;
  fields.checksum = 0xbad1;
  const Buffer header = emitted(fields);
  const TcpView view = TcpView::parse_lax(header).value();
  EXPECT_EQ(TcpFields::from(view), fields);
  EXPECT_EQ(load_be16(header, 12), 0x3e07);
}

TEST(WireTcp, SetChecksumAgreesWithTheSegmentAsItIsWritten) {
  const Buffer whole = hex(kSegment);
  TcpFields fields = TcpFields::from(TcpView::parse(whole).value());
  Buffer payload;
  for (const auto& [src, dst] : {std::pair{"192.0.2.1", "192.0.2.2"}, {"2001:db8::1", "fe80::2"}}) {
    const IpAddress from = parse_address(src).value();
    const IpAddress to = parse_address(dst).value();
    for (std::uint32_t i = 0; i < 100; ++i) {
      payload.push_back(static_cast<std::uint8_t>(i * 37));
      fields.seq = SeqNum{i * 0x01234567u};
      fields.flags = TcpFlags{static_cast<std::uint16_t>(i * 5)};
      fields.reserved = i % 8;
      fields.set_checksum(payload, from, to);
      Buffer segment(fields.encoded_size() + payload.size());
      fields.emit(segment);
      store_bytes(segment, fields.encoded_size(), payload);
      EXPECT_EQ(transport_checksum(segment, from, to, IpProtocol::tcp), 0) << i;
    }
  }
}

}  // namespace
}  // namespace packetwright::wire
