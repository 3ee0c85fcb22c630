// SPDX-License-Identifier: Apache-2.0
#include "harness/capture/pcapng_reader.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/capture/test_support.hh"

namespace packetwright::capture {
namespace {

using ::testing::HasSubstr;

constexpr auto kLittle = ByteOrder::little;

Octets section(ByteOrder order) {
  return Octets{order}
      .u32(0x1a2b3c4d)
      .u16(1)
      .u16(0)
      .u32(0xffffffff)
      .u32(0xffffffff)
      .as_block(0x0a0d0d0a);
}

Octets option(ByteOrder order, std::uint16_t code, const Octets& value) {
  Octets out{order};
  out.u16(code).u16(static_cast<std::uint32_t>(value.buffer().size())).add(value);
  while (out.buffer().size() % 4 != 0) out.u8(0);
  return out;
}

Octets end_of_options(ByteOrder order) {
  return Octets{order}.u32(0);
}

Octets interface(ByteOrder order, std::uint16_t link, std::uint32_t snaplen,
                 const Octets& options = Octets{kLittle}) {
  return Octets{order}.u16(link).u16(0).u32(snaplen).add(options).as_block(1);
}

Octets enhanced(ByteOrder order, std::uint32_t interface_id, std::uint64_t units,
                std::string_view octets, std::uint32_t original,
                const Octets& options = Octets{kLittle}) {
  Octets body{order};
  body.u32(interface_id)
      .u32(static_cast<std::uint32_t>(units >> 32))
      .u32(static_cast<std::uint32_t>(units))
      .u32(static_cast<std::uint32_t>(octets.size()))
      .u32(original)
      .text(octets);
  while (body.buffer().size() % 4 != 0) body.u8(0);
  return body.add(options).as_block(6);
}

Capture read(const ExactCapture& file) {
  auto capture = file.read();
  EXPECT_TRUE(capture.ok()) << capture.error().what;
  return capture.ok() ? std::move(capture).value() : Capture{};
}

class PcapngEitherOrder : public ::testing::TestWithParam<ByteOrder> {};

TEST_P(PcapngEitherOrder, EnhancedPacketsCarryDirectionCommentAndTime) {
  const ByteOrder order = GetParam();
  const Octets options = option(order, 1, Octets{order}.text("first"))
                             .add(option(order, 2, Octets{order}.u32(2)))
                             .add(option(order, 1, Octets{order}.text("second")))
                             .add(end_of_options(order));
  const ExactCapture file{section(order)
                              .add(interface(order, 1, 0))
                              .add(enhanced(order, 0, 1'700'000'000'123'456, "hello", 60, options))
                              .buffer()};
  const Capture capture = read(file);
  ASSERT_EQ(capture.packets.size(), 1u);
  const Packet& packet = capture.packets[0];
  EXPECT_EQ(text_of(packet), "hello");
  EXPECT_EQ(packet.original_length, 60u);
  EXPECT_EQ(packet.time_ns, 1'700'000'000'123'456'000);  // microseconds unless said otherwise
  EXPECT_EQ(packet.direction, Direction::outbound);
  EXPECT_EQ(packet.comment, "first\nsecond");
  EXPECT_EQ(packet.offset, 28u + 20u);
}

TEST_P(PcapngEitherOrder, InterfaceOptionsAreRead) {
  const ByteOrder order = GetParam();
  const Octets options = option(order, 2, Octets{order}.text("veth7"))
                             .add(option(order, 3, Octets{order}.text("stack end")))
                             .add(option(order, 9, Octets{order}.u8(9)))
                             .add(option(order, 14,
                                         order == ByteOrder::big ? Octets{order}.u32(0).u32(5)
                                                                 : Octets{order}.u32(5).u32(0)))
                             .add(end_of_options(order));
  const ExactCapture file{section(order)
                              .add(interface(order, 101, 96, options))
                              .add(enhanced(order, 0, 1'000'000'007, "", 0))
                              .buffer()};
  const Capture capture = read(file);
  ASSERT_EQ(capture.interfaces.size(), 1u);
  EXPECT_EQ(capture.interfaces[0].name, "veth7");
  EXPECT_EQ(capture.interfaces[0].description, "stack end");
  EXPECT_EQ(capture.interfaces[0].link_type, LinkType::raw);
  EXPECT_EQ(capture.interfaces[0].snaplen, 96u);
  ASSERT_EQ(capture.packets.size(), 1u);
  EXPECT_EQ(capture.packets[0].time_ns, 6'000'000'007);
}

INSTANTIATE_TEST_SUITE_P(PcapngReader, PcapngEitherOrder,
                         ::testing::Values(ByteOrder::little, ByteOrder::big));

TEST(PcapngReader, SectionsHaveTheirOwnByteOrderAndInterfaces) {
  const ExactCapture file{section(ByteOrder::little)
                              .add(interface(ByteOrder::little, 1, 0))
                              .add(interface(ByteOrder::little, 101, 0))
                              .add(enhanced(ByteOrder::little, 1, 1, "a", 1))
                              .add(section(ByteOrder::big))
                              .add(interface(ByteOrder::big, 228, 0))
                              .add(enhanced(ByteOrder::big, 0, 2, "b", 1))
                              .buffer()};
  const Capture capture = read(file);
  EXPECT_FALSE(capture.damage);
  ASSERT_EQ(capture.interfaces.size(), 3u);
  ASSERT_EQ(capture.packets.size(), 2u);
  EXPECT_EQ(capture.interfaces[capture.packets[0].interface].link_type, LinkType::raw);
  EXPECT_EQ(capture.interfaces[capture.packets[1].interface].link_type, LinkType::ipv4);
}

TEST(PcapngReader, InterfaceOfAnEarlierSectionIsUnknown) {
  const ExactCapture file{section(kLittle)
                              .add(interface(kLittle, 1, 0))
                              .add(section(kLittle))
                              .add(enhanced(kLittle, 0, 2, "b", 1))
                              .buffer()};
  const Capture capture = read(file);
  EXPECT_TRUE(capture.packets.empty());
  ASSERT_TRUE(capture.damage);
  EXPECT_THAT(capture.damage->what, HasSubstr("interface 0, but the section has 0"));
}

TEST(PcapngReader, SimplePacketIsCutAtTheSnaplenOfTheFirstInterface) {
  const ExactCapture file{section(kLittle)
                              .add(interface(kLittle, 1, 6))
                              .add(Octets{kLittle}.u32(1000).text("sixoct__").as_block(3))
                              .add(Octets{kLittle}.u32(3).text("abc_").as_block(3))
                              .buffer()};
  const Capture capture = read(file);
  ASSERT_EQ(capture.packets.size(), 2u);
  EXPECT_EQ(text_of(capture.packets[0]), "sixoct");
  EXPECT_EQ(capture.packets[0].original_length, 1000u);
  EXPECT_EQ(text_of(capture.packets[1]), "abc");
  EXPECT_EQ(capture.packets[1].time_ns, 0);
}

TEST(PcapngReader, ObsoletePacketBlockHasAShortInterfaceNumber) {
  const ExactCapture file{
      section(kLittle)
          .add(interface(kLittle, 1, 0))
          .add(Octets{kLittle}.u16(0).u16(77).u32(0).u32(5).u32(4).u32(4).text("data").as_block(2))
          .buffer()};
  const Capture capture = read(file);
  ASSERT_EQ(capture.packets.size(), 1u);
  EXPECT_EQ(text_of(capture.packets[0]), "data");
  EXPECT_EQ(capture.packets[0].time_ns, 5000);
}

TEST(PcapngReader, UnknownBlocksArePassedOver) {
  const ExactCapture file{section(kLittle)
                              .add(interface(kLittle, 1, 0))
                              .add(Octets{kLittle}.text("name resolution!").as_block(4))
                              .add(Octets{kLittle}.as_block(0xbad))
                              .add(enhanced(kLittle, 0, 2, "b", 1))
                              .buffer()};
  EXPECT_EQ(read(file).packets.size(), 1u);
}

TEST(PcapngReader, FlagsOfAPacketOverrideTheFrameCheckLength) {
  const Octets if_options = option(kLittle, 13, Octets{kLittle}.u8(16));
  const Octets flags = option(kLittle, 2, Octets{kLittle}.u32(4u << 5 | 1u));
  const ExactCapture file{section(kLittle)
                              .add(interface(kLittle, 1, 0, if_options))
                              .add(enhanced(kLittle, 0, 2, "framexx", 7))
                              .add(enhanced(kLittle, 0, 2, "frameyyyy", 9, flags))
                              .buffer()};
  const Capture capture = read(file);
  ASSERT_EQ(capture.packets.size(), 2u);
  EXPECT_EQ(text_of(capture.packets[0]), "frame");
  EXPECT_EQ(text_of(capture.packets[1]), "frame");
  EXPECT_EQ(capture.packets[1].direction, Direction::inbound);
}

// Each damage is found, at its place, and the packet before it is kept.
TEST(PcapngReader, DamageIsReportedWithItsOffset) {
  const Octets good =
      section(kLittle).add(interface(kLittle, 1, 0)).add(enhanced(kLittle, 0, 2, "good", 4));
  const std::size_t end = good.buffer().size();
  const struct {
    const char* what;
    Octets tail;
    std::size_t offset;
  } damages[] = {
      {"is too short", Octets{kLittle}.u32(6).u32(12), end},
      {"impossible", Octets{kLittle}.u32(6).u32(8).u32(8), end + 4},
      {"impossible", Octets{kLittle}.u32(6).u32(13).u32(13).u32(13), end + 4},
      {"differs", Octets{kLittle}.u32(6).u32(12).u32(16), end + 8},
      {"too short: 20", Octets{kLittle}.u32(0).as_block(6), end},
      {"too short: 20", Octets{kLittle}.u32(0).as_block(2), end},
      {"too short: 4", Octets{kLittle}.as_block(3), end},
      {"too short: 8", Octets{kLittle}.u32(1).as_block(1), end},
      {"too short: 16", Octets{kLittle}.u32(0x1a2b3c4d).as_block(0x0a0d0d0a), end},
      {"byte order", Octets{kLittle}.u32(0).as_block(0x0a0d0d0a), end + 8},
      {"version 9", Octets{kLittle}.u32(0x1a2b3c4d).u32(9).u32(0).u32(0).as_block(0x0a0d0d0a),
       end + 12},
      {"interface 3", enhanced(kLittle, 3, 2, "b", 1), end},
      {"too short: 99",
       Octets{kLittle}.u32(0).u32(0).u32(0).u32(99).u32(99).text("data").as_block(6), end},
      {"an option", enhanced(kLittle, 0, 2, "b", 1, Octets{kLittle}.u16(1).u16(50)), end},
      {"an option", interface(kLittle, 1, 0, Octets{kLittle}.u16(2).u16(50)), end},
  };
  for (const auto& damage : damages) {
    const ExactCapture file{Octets{good}.add(damage.tail).buffer()};
    const Capture capture = read(file);
    EXPECT_EQ(capture.packets.size(), 1u);
    ASSERT_TRUE(capture.damage) << damage.what;
    EXPECT_THAT(capture.damage->what, HasSubstr(damage.what));
    EXPECT_EQ(capture.damage->offset, damage.offset) << damage.what;
  }
}

}  // namespace
}  // namespace packetwright::capture
