// SPDX-License-Identifier: Apache-2.0
#include "harness/capture/pcap_reader.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/capture/test_support.hh"

namespace packetwright::capture {
namespace {

using ::testing::HasSubstr;

Octets header(ByteOrder order, std::uint32_t magic, std::uint32_t link = 1) {
  return Octets{order}.u32(magic).u16(2).u16(4).u32(0).u32(0).u32(65535).u32(link);
}

Octets record(ByteOrder order, std::uint32_t seconds, std::uint32_t fraction,
              std::string_view octets, std::uint32_t original) {
  return Octets{order}
      .u32(seconds)
      .u32(fraction)
      .u32(static_cast<std::uint32_t>(octets.size()))
      .u32(original)
      .text(octets);
}

class PcapEitherOrder : public ::testing::TestWithParam<ByteOrder> {};

TEST_P(PcapEitherOrder, MicrosecondRecordsAreRead) {
  const ByteOrder order = GetParam();
  const ExactCapture file{header(order, 0xa1b2c3d4)
                              .add(record(order, 10, 20, "first", 5))
                              .add(record(order, 11, 999'999, "cut", 1500))
                              .buffer()};
  const auto capture = file.read();
  ASSERT_TRUE(capture.ok());
  EXPECT_FALSE(capture->damage);
  ASSERT_EQ(capture->packets.size(), 2u);
  EXPECT_EQ(text_of(capture->packets[0]), "first");
  EXPECT_EQ(capture->packets[0].time_ns, 10'000'020'000);
  EXPECT_FALSE(capture->packets[0].is_cut());
  EXPECT_EQ(capture->packets[0].offset, 24u);
  EXPECT_EQ(text_of(capture->packets[1]), "cut");
  EXPECT_EQ(capture->packets[1].original_length, 1500u);
  EXPECT_TRUE(capture->packets[1].is_cut());
  EXPECT_EQ(capture->packets[1].time_ns, 11'999'999'000);
}

TEST_P(PcapEitherOrder, NanosecondMagicChangesTheFraction) {
  const ByteOrder order = GetParam();
  const ExactCapture file{header(order, 0xa1b23c4d).add(record(order, 10, 20, "x", 1)).buffer()};
  const auto capture = file.read();
  ASSERT_TRUE(capture.ok());
  ASSERT_EQ(capture->packets.size(), 1u);
  EXPECT_EQ(capture->packets[0].time_ns, 10'000'000'020);
}

TEST_P(PcapEitherOrder, ModifiedRecordsHaveEightOctetsMore) {
  const ByteOrder order = GetParam();
  const ExactCapture file{header(order, 0xa1b2cd34)
                              .add(Octets{order}.u32(1).u32(2).u32(3).u32(3).u32(7).u16(8).u16(0))
                              .text("abc")
                              .buffer()};
  const auto capture = file.read();
  ASSERT_TRUE(capture.ok());
  ASSERT_EQ(capture->packets.size(), 1u);
  EXPECT_EQ(text_of(capture->packets[0]), "abc");
}

INSTANTIATE_TEST_SUITE_P(PcapReader, PcapEitherOrder,
                         ::testing::Values(ByteOrder::little, ByteOrder::big));

TEST(PcapReader, LinkTypeAndSnaplenComeFromTheHeader) {
  const ExactCapture file{header(ByteOrder::big, 0xa1b2c3d4, 101).buffer()};
  const auto capture = file.read();
  ASSERT_TRUE(capture.ok());
  ASSERT_EQ(capture->interfaces.size(), 1u);
  EXPECT_EQ(capture->interfaces[0].link_type, LinkType::raw);
  EXPECT_EQ(capture->interfaces[0].snaplen, 65535u);
  EXPECT_TRUE(capture->packets.empty());
  EXPECT_FALSE(capture->damage);
}

TEST(PcapReader, FrameCheckSequenceIsLeftOut) {
  // Bit 26: a length is given; bits 28 to 31: it is 2 units of 16 bits.
  const ExactCapture file{header(ByteOrder::little, 0xa1b2c3d4, 0x2400'0001)
                              .add(record(ByteOrder::little, 0, 0, "frame1234", 9))
                              .add(record(ByteOrder::little, 0, 0, "frame12", 9))
                              .add(record(ByteOrder::little, 0, 0, "fr", 9))
                              .buffer()};
  const auto capture = file.read();
  ASSERT_TRUE(capture.ok());
  EXPECT_EQ(capture->interfaces[0].fcs_octets, 4);
  ASSERT_EQ(capture->packets.size(), 3u);
  EXPECT_EQ(text_of(capture->packets[0]), "frame");
  EXPECT_EQ(text_of(capture->packets[1]), "frame");
  EXPECT_EQ(text_of(capture->packets[2]), "fr");
  EXPECT_TRUE(capture->packets[2].is_cut());
}

TEST(PcapReader, TruncatedRecordIsReportedAfterTheGoodOnes) {
  Buffer octets = header(ByteOrder::little, 0xa1b2c3d4)
                      .add(record(ByteOrder::little, 1, 0, "whole", 5))
                      .add(record(ByteOrder::little, 2, 0, "broken", 6))
                      .buffer();
  octets.resize(octets.size() - 2);
  const ExactCapture file{octets};
  const auto capture = file.read();
  ASSERT_TRUE(capture.ok());
  ASSERT_EQ(capture->packets.size(), 1u);
  ASSERT_TRUE(capture->damage);
  EXPECT_EQ(capture->damage->offset, 24u + 16 + 5);
  EXPECT_THAT(capture->damage->what, HasSubstr("6 octets wanted, 4 left"));
}

TEST(PcapReader, RecordLengthBeyondTheFileIsAnError) {
  const ExactCapture file{header(ByteOrder::little, 0xa1b2c3d4)
                              .add(Octets{ByteOrder::little}.u32(1).u32(0).u32(0xffff'ffff).u32(9))
                              .text("123456789")
                              .buffer()};
  auto reader = PcapReader::open(file.bytes());
  ASSERT_TRUE(reader.ok());
  const auto first = reader->next();
  ASSERT_FALSE(first.ok());
  EXPECT_EQ(first.error().offset, 24u);
  const auto again = reader->next();  // and stays one
  EXPECT_FALSE(again.ok());
}

TEST(PcapReader, UnknownVersionIsRefused) {
  const ExactCapture file{Octets{ByteOrder::little}
                              .u32(0xa1b2c3d4)
                              .u16(543)
                              .u16(0)
                              .u32(0)
                              .u32(0)
                              .u32(0)
                              .u32(1)
                              .buffer()};
  const auto capture = file.read();
  ASSERT_FALSE(capture.ok());
  EXPECT_THAT(capture.error().what, HasSubstr("543"));
}

}  // namespace
}  // namespace packetwright::capture
