// SPDX-License-Identifier: Apache-2.0
#include "harness/capture/reader.hh"

#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "harness/capture/pcapng_writer.hh"
#include "harness/capture/test_support.hh"

namespace packetwright::capture {
namespace {

Buffer octets_of(std::string_view text) {
  return {text.begin(), text.end()};
}

Buffer small_pcap() {
  return Octets{ByteOrder::big}
      .u32(0xa1b2c3d4)
      .u16(2)
      .u16(4)
      .u32(0)
      .u32(0)
      .u32(100)
      .u32(1)
      .u32(1)
      .u32(2)
      .u32(3)
      .u32(3)
      .text("abc")
      .buffer();
}

Buffer small_pcapng() {
  std::ostringstream out;
  PcapngWriter writer{out, "test"};
  Interface interface;
  interface.name = "if0";
  writer.add_interface(interface);
  const Buffer frame = octets_of("frame");
  Packet packet;
  packet.octets = frame;
  packet.comment = "why";
  packet.direction = Direction::inbound;
  writer.write(packet);
  packet.comment.clear();
  writer.write(packet);
  return octets_of(out.str());
}

TEST(CaptureReader, FormatIsToldByTheFirstOctets) {
  const ExactCapture classic{small_pcap()};
  const ExactCapture next_generation{small_pcapng()};
  EXPECT_EQ(Reader::open(classic.bytes())->format(), "pcap");
  EXPECT_EQ(Reader::open(next_generation.bytes())->format(), "pcapng");
}

TEST(CaptureReader, OtherFilesAreRefused) {
  for (const std::string_view other : {"", "a", "#!/bin/sh\n", "\xa1\xb2\xc3"}) {
    const ExactCapture file{octets_of(other)};
    const auto capture = file.read();
    ASSERT_FALSE(capture.ok());
    EXPECT_EQ(capture.error().offset, 0u);
    EXPECT_FALSE(capture.error().what.empty());
  }
}

// A capture that ends anywhere gives the packets before that place, and never more octets than it
// has.
TEST(CaptureReader, EveryTruncationIsReadUpToItsEnd) {
  for (const Buffer& whole : {small_pcap(), small_pcapng()}) {
    const ExactCapture whole_file{whole};
    const std::size_t all = whole_file.read()->packets.size();
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const ExactCapture file{Bytes{whole}.first(size)};
      const auto capture = file.read();
      if (capture.ok()) {
        EXPECT_LT(capture->packets.size(), all);
        if (capture->damage) {
          EXPECT_LE(capture->damage->offset, size);
        }
      }
    }
  }
}

TEST(CaptureReader, EveryFlippedOctetIsSurvived) {
  for (const Buffer& whole : {small_pcap(), small_pcapng()}) {
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (const std::uint8_t flip : {0x01, 0x80, 0xff}) {
        Buffer damaged = whole;
        damaged[at] ^= flip;
        const ExactCapture file{damaged};
        const auto capture = file.read();
        if (!capture.ok()) continue;
        std::size_t total = 0;
        for (const Packet& packet : capture->packets) total += packet.octets.size();
        EXPECT_LE(total, whole.size());
      }
    }
  }
}

}  // namespace
}  // namespace packetwright::capture
