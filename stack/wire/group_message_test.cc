// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/group_message.hh"

#include <array>

#include <gtest/gtest.h>

#include "stack/wire/checksum.hh"

namespace packetwright::wire {
namespace {

const IpAddress kGroup4 = IpAddress::v4(239, 1, 2, 3);
const IpAddress kGroup6 = IpAddress::v6({0xff, 0x05, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9});

TEST(GroupMessage, TimesHaveAnExponentInTheUpperHalf) {
  EXPECT_EQ(value_of_code(std::uint8_t{100}), 100u);
  EXPECT_EQ(value_of_code(std::uint8_t{127}), 127u);
  EXPECT_EQ(value_of_code(std::uint8_t{0x80}), 128u);
  EXPECT_EQ(value_of_code(std::uint8_t{0xff}), 31744u);
  EXPECT_EQ(value_of_code(std::uint16_t{0x7fff}), 32767u);
  EXPECT_EQ(value_of_code(std::uint16_t{0x8000}), 32768u);
  EXPECT_EQ(value_of_code(std::uint16_t{0xffff}), 8387584u);
}

TEST(GroupMessage, LengthAndCodeTellTheVersionOfAnIgmpQuery) {
  const Buffer one{0x11, 0, 0, 0, 0, 0, 0, 0};
  const Buffer two{0x11, 25, 0, 0, 239, 1, 2, 3};
  const Buffer three{0x11, 0x8a, 0, 0, 0, 0, 0, 0, 0x0b, 125, 0, 1, 192, 0, 2, 1};
  const auto v1 = GroupMessageView::parse(Family::ipv4, one).value();
  EXPECT_EQ(v1.version(), 1);
  EXPECT_EQ(v1.max_response(), 10s);
  EXPECT_TRUE(v1.group().is_unspecified());
  const auto v2 = GroupMessageView::parse(Family::ipv4, two).value();
  EXPECT_EQ(v2.version(), 2);
  EXPECT_EQ(v2.max_response(), 2500ms);
  EXPECT_EQ(v2.group(), kGroup4);
  EXPECT_EQ(v2.source_count(), 0u);
  const auto v3 = GroupMessageView::parse(Family::ipv4, three).value();
  EXPECT_EQ(v3.version(), 3);
  EXPECT_EQ(v3.max_response(), 20800ms);
  EXPECT_EQ(v3.robustness(), 3);
  EXPECT_EQ(v3.query_interval(), 125s);
  ASSERT_EQ(v3.source_count(), 1u);
  EXPECT_EQ(v3.source(0), IpAddress::v4(192, 0, 2, 1));
}

TEST(GroupMessage, LengthTellsTheVersionOfAnMldQuery) {
  Buffer query(24);
  query[0] = 130;
  query[4] = 0x03;
  query[5] = 0xe8;
  const auto old = GroupMessageView::parse(Family::ipv6, query).value();
  EXPECT_EQ(old.version(), 2);
  EXPECT_EQ(old.max_response(), 1s);
  query.resize(28);
  store_bytes(MutableBytes{query}, 8, kGroup6.octets());
  query[24] = 2;
  const auto last = GroupMessageView::parse(Family::ipv6, query).value();
  EXPECT_EQ(last.version(), 3);
  EXPECT_EQ(last.group(), kGroup6);
  EXPECT_EQ(last.robustness(), 2);
}

TEST(GroupMessage, WhatIsCutOffIsRefused) {
  for (const std::size_t size : {0u, 7u, 9u, 11u, 15u}) {
    Buffer query(size);
    if (size > 0) query[0] = 0x11;
    if (size > 11) query[11] = 1;
    EXPECT_FALSE(GroupMessageView::parse(Family::ipv4, query)) << size;
  }
  for (const std::size_t size : {8u, 23u, 25u, 27u, 43u}) {
    Buffer query(size);
    query[0] = 130;
    if (size > 27) query[27] = 1;
    EXPECT_FALSE(GroupMessageView::parse(Family::ipv6, query)) << size;
  }
}

TEST(GroupMessage, ReportsAreWrittenOctetByOctet) {
  const std::array sources{IpAddress::v4(192, 0, 2, 1)};
  const std::array records{GroupRecord{GroupRecordType::to_exclude, kGroup4},
                           GroupRecord{GroupRecordType::is_include, kGroup4, sources}};
  const Buffer report = encode_group_report(Family::ipv4, records);
  EXPECT_TRUE(verify_internet_checksum(report));
  EXPECT_EQ((Buffer{report.begin() + 4, report.end()}),
            (Buffer{0, 0, 0, 2, 4, 0, 0, 0, 239, 1, 2, 3, 1, 0, 0, 1, 239, 1, 2, 3, 192, 0, 2, 1}));
  EXPECT_EQ(report[0], 0x22);

  const Buffer old = encode_old_group_report(kGroup4, 2, false);
  EXPECT_TRUE(verify_internet_checksum(old));
  EXPECT_EQ(old[0], 0x16);
  EXPECT_EQ(encode_old_group_report(kGroup4, 1, false)[0], 0x12);
  EXPECT_EQ(encode_old_group_report(kGroup4, 2, true)[0], 0x17);
  const auto parsed = GroupMessageView::parse(Family::ipv4, old);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->group(), kGroup4);
  EXPECT_FALSE(parsed->is_query());

  const std::array six{GroupRecord{GroupRecordType::to_exclude, kGroup6}};
  const Buffer report6 = encode_group_report(Family::ipv6, six);
  ASSERT_EQ(report6.size(), 28u);
  EXPECT_EQ(report6[0], 143);
  EXPECT_EQ(report6[8], 4);
  EXPECT_EQ(IpAddress::from_octets(Bytes{report6}.subspan(12)), kGroup6);
  const Buffer done = encode_old_group_report(kGroup6, 2, true);
  EXPECT_EQ(done[0], 132);
  EXPECT_EQ(IpAddress::from_octets(Bytes{done}.subspan(8)), kGroup6);
}

}  // namespace
}  // namespace packetwright::wire
