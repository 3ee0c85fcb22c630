// SPDX-License-Identifier: Apache-2.0
#include "harness/capture/pcapng_writer.hh"

#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "harness/capture/test_support.hh"

namespace packetwright::capture {
namespace {

Buffer octets_of(std::string_view text) {
  return {text.begin(), text.end()};
}

TEST(PcapngWriter, OctetsAreExactlyThoseOfTheFormat) {
  std::ostringstream out;
  PcapngWriter writer{out, "pw"};
  Interface interface;
  interface.name = "if0";
  EXPECT_EQ(writer.add_interface(interface), 0u);
  const Buffer frame = octets_of("12345");
  Packet packet;
  packet.octets = frame;
  packet.time_ns = 0x0102030405060708;
  packet.direction = Direction::outbound;
  packet.comment = "why";
  writer.write(packet);

  const Octets expected = Octets{ByteOrder::little}
                              .add(Octets{ByteOrder::little}
                                       .u32(0x1a2b3c4d)
                                       .u16(1)
                                       .u16(0)
                                       .u32(0xffffffff)
                                       .u32(0xffffffff)
                                       .u16(4)  // shb_userappl
                                       .u16(2)
                                       .text(std::string_view{"pw\0\0", 4})
                                       .u32(0)
                                       .as_block(0x0a0d0d0a))
                              .add(Octets{ByteOrder::little}
                                       .u16(1)  // Ethernet
                                       .u16(0)
                                       .u32(0)  // no snaplen
                                       .u16(2)  // if_name
                                       .u16(3)
                                       .text(std::string_view{"if0\0", 4})
                                       .u16(9)  // if_tsresol: 10^-9
                                       .u16(1)
                                       .text(std::string_view{"\x09\0\0\0", 4})
                                       .u32(0)
                                       .as_block(1))
                              .add(Octets{ByteOrder::little}
                                       .u32(0)
                                       .u32(0x01020304)
                                       .u32(0x05060708)
                                       .u32(5)
                                       .u32(5)
                                       .text(std::string_view{"12345\0\0\0", 8})
                                       .u16(2)  // epb_flags: outbound
                                       .u16(4)
                                       .u32(2)
                                       .u16(1)  // opt_comment
                                       .u16(3)
                                       .text(std::string_view{"why\0", 4})
                                       .u32(0)
                                       .as_block(6));
  EXPECT_EQ(octets_of(out.str()), expected.buffer());
}

TEST(PcapngWriter, WhatIsWrittenIsReadBack) {
  std::ostringstream out;
  PcapngWriter writer{out, "packetwright"};
  Interface ethernet;
  ethernet.name = "veth0";
  ethernet.description = "the stack's end";
  ethernet.snaplen = 96;
  Interface raw;
  raw.link_type = LinkType::raw;
  EXPECT_EQ(writer.add_interface(ethernet), 0u);
  EXPECT_EQ(writer.add_interface(raw), 1u);
  const Buffer octets = octets_of("some octets");
  Packet packet;
  packet.octets = octets;
  for (const Direction direction : {Direction::unknown, Direction::inbound, Direction::outbound}) {
    packet.interface = direction == Direction::inbound ? 1 : 0;
    packet.direction = direction;
    packet.time_ns += 1'700'000'000'123'456'789;
    packet.original_length = 1500;
    packet.comment = direction == Direction::unknown ? "" : "line 3\nline 4";
    writer.write(packet);
  }
  const ExactCapture file{octets_of(out.str())};
  const auto capture = file.read();
  ASSERT_TRUE(capture.ok());
  EXPECT_FALSE(capture->damage);
  ASSERT_EQ(capture->interfaces.size(), 2u);
  EXPECT_EQ(capture->interfaces[0].name, "veth0");
  EXPECT_EQ(capture->interfaces[0].description, "the stack's end");
  EXPECT_EQ(capture->interfaces[0].snaplen, 96u);
  EXPECT_EQ(capture->interfaces[1].link_type, LinkType::raw);
  ASSERT_EQ(capture->packets.size(), 3u);
  EXPECT_EQ(text_of(capture->packets[1]), "some octets");
  EXPECT_EQ(capture->packets[1].interface, 1u);
  EXPECT_EQ(capture->packets[1].direction, Direction::inbound);
  EXPECT_EQ(capture->packets[1].comment, "line 3\nline 4");
  EXPECT_EQ(capture->packets[0].time_ns, 1'700'000'000'123'456'789);
  EXPECT_EQ(capture->packets[0].comment, "");
  EXPECT_EQ(capture->packets[2].original_length, 1500u);
}

TEST(PcapngWriter, LongCommentIsShortenedBetweenCharacters) {
  std::ostringstream out;
  PcapngWriter writer{out, "pw"};
  writer.add_interface({});
  Packet packet;
  // The octet at 65535 is the second of a two-octet character.
  packet.comment = std::string(65534, 'a') + "\xc3\xa9" + "tail";
  writer.write(packet);
  const ExactCapture file{octets_of(out.str())};
  const auto capture = file.read();
  ASSERT_TRUE(capture.ok());
  ASSERT_EQ(capture->packets.size(), 1u);
  EXPECT_EQ(capture->packets[0].comment, std::string(65534, 'a'));
}

TEST(PcapngWriter, FullDiskIsTheStreamsError) {
  std::ostringstream out;
  PcapngWriter writer{out, "pw"};
  out.setstate(std::ios::badbit);
  writer.add_interface({});
  writer.write({});
  EXPECT_FALSE(out.good());
}

}  // namespace
}  // namespace packetwright::capture
