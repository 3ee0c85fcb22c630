// SPDX-License-Identifier: Apache-2.0
#include "stack/iface/tcp_header.hh"

#include <gtest/gtest.h>

#include "stack/wire/tcp.hh"

namespace packetwright::iface {
namespace {

const Endpoint kOurs{IpAddress::v4(10, 0, 0, 1), 80};
const Endpoint kTheirs{IpAddress::v4(10, 0, 0, 2), 4'000};

tcp::Segment segment_from_us() {
  tcp::Segment segment;
  segment.local = kOurs;
  segment.remote = kTheirs;
  segment.seq = SeqNum{0xfffffff0};
  segment.ack = SeqNum{7};
  segment.has_ack = true;
  segment.window = 1'234;
  return segment;
}

// What the other side reads of what we write.
tcp::Segment there(const tcp::Segment& segment, Bytes text = {}) {
  Buffer octets;
  emit_segment(segment, text, octets);
  tcp::Segment read;
  EXPECT_FALSE(read_segment(segment.local.address, segment.remote.address, 0, octets, true, read));
  read.text = {};  // it refers to `octets`
  return read;
}

TEST(IfaceTcpHeader, EveryFieldArrives) {
  tcp::Segment segment = segment_from_us();
  segment.urg = segment.psh = segment.fin = segment.ece = true;
  segment.urgent_pointer = 3;
  segment.size = 3;
  const Buffer text{'a', 'b', 'c'};
  const tcp::Segment got = there(segment, text);
  EXPECT_EQ(got.local, kTheirs);
  EXPECT_EQ(got.remote, kOurs);
  EXPECT_EQ(got.seq, segment.seq);
  EXPECT_EQ(got.ack, segment.ack);
  EXPECT_EQ(got.window, 1'234);
  EXPECT_EQ(got.urgent_pointer, 3);
  EXPECT_EQ(got.size, 3u);
  EXPECT_TRUE(got.has_ack && got.urg && got.psh && got.fin && got.ece);
  EXPECT_FALSE(got.syn || got.rst || got.cwr);
}

TEST(IfaceTcpHeader, FieldsWithoutTheirFlagAreZeroOnTheWire) {
  tcp::Segment segment = segment_from_us();
  segment.has_ack = false;
  segment.rst = true;
  segment.urgent_pointer = 3;
  EXPECT_EQ(there(segment).ack, SeqNum{0});
  EXPECT_EQ(there(segment).urgent_pointer, 0);
}

TEST(IfaceTcpHeader, OptionsArriveAndTakeTheRoomThatTcpReckonsWith) {
  for (int bits = 0; bits < 32; ++bits) {
    tcp::Options options;
    if ((bits & 1) != 0) options.mss = 1'460;
    if ((bits & 2) != 0) options.window_scale = 7;
    if ((bits & 4) != 0) options.sack_permitted = true;
    if ((bits & 8) != 0) options.timestamps = tcp::Timestamps{0x01020304, 0x05060708};
    if ((bits & 16) != 0 && (bits & 7) == 0) {
      options.sack_count = (bits & 8) != 0 ? 3 : 4;
      for (std::uint32_t i = 0; i < options.sack_count; ++i) {
        options.sack_blocks[i] = {SeqNum{i * 100}, SeqNum{i * 100 + 50}};
      }
    }
    tcp::Segment segment = segment_from_us();
    segment.options = options;
    EXPECT_EQ(there(segment).options, options) << bits;
    Buffer octets;
    emit_segment(segment, {}, octets);
    EXPECT_EQ(octets.size(), 20 + options.encoded_size()) << bits;
    EXPECT_LE(octets.size(), 60u);
  }
}

TEST(IfaceTcpHeader, FastOpenAndTheUserTimeoutArriveToo) {
  for (std::uint8_t size = 0; size <= 16; size = static_cast<std::uint8_t>(size + 2)) {
    for (const bool experimental : {false, true}) {
      if (size == 2) continue;
      tcp::Segment segment = segment_from_us();
      segment.syn = true;
      segment.options.mss = 1'460;
      segment.options.user_timeout = tcp::UserTimeout{true, 0x1234};
      segment.options.fast_open.emplace();
      segment.options.fast_open->size = size;
      segment.options.fast_open->experimental = experimental;
      for (std::uint8_t i = 0; i < size; ++i) segment.options.fast_open->cookie[i] = i;
      EXPECT_EQ(there(segment).options, segment.options) << int{size};
      Buffer octets;
      emit_segment(segment, {}, octets);
      EXPECT_EQ(octets.size(), 20 + segment.options.encoded_size()) << int{size};
    }
  }
}

TEST(IfaceTcpHeader, ACookieOfAnImpossibleSizeOrOutsideASynIsNone) {
  for (const std::uint8_t size : {1, 2, 3, 5, 15}) {
    tcp::Segment segment = segment_from_us();
    segment.syn = true;
    segment.options.fast_open.emplace().size = size;
    EXPECT_FALSE(there(segment).options.fast_open) << int{size};
  }
  tcp::Segment segment = segment_from_us();
  segment.options.fast_open.emplace().size = 8;
  EXPECT_FALSE(there(segment).options.fast_open);
}

TEST(IfaceTcpHeader, TimestampsLieOnWordBoundaries) {
  tcp::Segment segment = segment_from_us();
  segment.options.timestamps = tcp::Timestamps{0x01020304, 0x05060708};
  Buffer octets;
  emit_segment(segment, {}, octets);
  EXPECT_EQ(Buffer(octets.begin() + 20, octets.begin() + 24), (Buffer{1, 1, 8, 10}));
}

TEST(IfaceTcpHeader, EveryFlippedBitIsNoticed) {
  Buffer octets;
  emit_segment(segment_from_us(), {}, octets);
  for (std::size_t bit = 0; bit < octets.size() * 8; ++bit) {
    Buffer bad = octets;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8));
    tcp::Segment read;
    EXPECT_TRUE(read_segment(kOurs.address, kTheirs.address, 0, bad, true, read)) << bit;
  }
}

TEST(IfaceTcpHeader, RefusesADataOffsetThatLies) {
  Buffer octets;
  emit_segment(segment_from_us(), {}, octets);
  for (const int words : {0, 1, 2, 3, 4, 6, 15}) {
    Buffer bad = octets;
    bad[12] = static_cast<std::uint8_t>(words << 4);
    tcp::Segment read;
    EXPECT_EQ(read_segment(kOurs.address, kTheirs.address, 0, bad, false, read),
              DropReason::tcp_malformed)
        << words;
  }
  for (std::size_t size = 0; size < 20; ++size) {
    const Buffer cut(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size));
    tcp::Segment read;
    EXPECT_EQ(read_segment(kOurs.address, kTheirs.address, 0, cut, false, read),
              DropReason::tcp_malformed);
  }
}

TEST(IfaceTcpHeader, AnOptionWithAnImpossibleLengthEndsTheList) {
  Buffer octets(24);
  octets[12] = 6 << 4;
  octets[13] = 0x02;
  octets[20] = 2;  // MSS
  octets[21] = 0;
  tcp::Segment read;
  ASSERT_FALSE(read_segment(kOurs.address, kTheirs.address, 0, octets, false, read));
  EXPECT_EQ(read.options.mss, std::nullopt);
  EXPECT_TRUE(read.syn);
}

TEST(IfaceTcpHeader, NothingIsLeftOfTheSegmentThatWasReadBefore) {
  tcp::Segment full = segment_from_us();
  full.syn = full.fin = full.urg = full.psh = full.ece = full.cwr = true;
  full.urgent_pointer = 9;
  full.size = 3;
  full.options.mss = 1'000;
  full.options.window_scale = 3;
  full.options.sack_permitted = true;
  full.options.timestamps = tcp::Timestamps{1, 2};
  full.options.user_timeout = tcp::UserTimeout{false, 5};
  full.options.fast_open.emplace().size = 4;
  tcp::Segment read;
  Buffer octets;
  emit_segment(full, Buffer{'a', 'b', 'c'}, octets);
  ASSERT_FALSE(read_segment(kOurs.address, kTheirs.address, 3, octets, true, read));
  EXPECT_EQ(read.options, full.options);

  emit_segment(segment_from_us(), {}, octets);
  ASSERT_FALSE(read_segment(kOurs.address, kTheirs.address, 0, octets, true, read));
  EXPECT_EQ(read.options, tcp::Options{});
  EXPECT_FALSE(read.syn || read.fin || read.urg || read.psh || read.ece || read.cwr);
  EXPECT_EQ(read.urgent_pointer, 0);
  EXPECT_EQ(read.len(), 0u);
  EXPECT_TRUE(read.text.empty());
  EXPECT_EQ(read.ecn, tcp::Ecn::not_ect);
}

}  // namespace
}  // namespace packetwright::iface
