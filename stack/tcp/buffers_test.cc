// SPDX-License-Identifier: Apache-2.0
#include <numeric>

#include <gtest/gtest.h>

#include "stack/base/rng.hh"
#include "stack/tcp/byte_ring.hh"
#include "stack/tcp/receive_buffer.hh"
#include "stack/tcp/send_buffer.hh"
#include "stack/tcp/tcp_test_support.hh"

namespace packetwright::tcp {
namespace {

using testing::stream_text;

TEST(ByteRing, KeepsAStreamWhileItSlidesAndGrows) {
  ByteRing ring;
  Rng rng(1);
  std::uint64_t front = 0;
  std::uint64_t end = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::size_t in = rng.below(700);
    ring.write(end - front, stream_text(end, in));
    end += in;
    const std::size_t out = rng.below(end - front + 1);
    Buffer got(out);
    ring.read(0, got);
    ASSERT_EQ(got, stream_text(front, out)) << i;
    ring.drop_front(out);
    front += out;
  }
}

TEST(ByteRing, TakesWritesInAnyOrder) {
  ByteRing ring;
  ring.write(3000, stream_text(3000, 1000));
  ring.write(0, stream_text(0, 3000));
  ring.drop_front(3500);
  Buffer got(500);
  ring.read(0, got);
  EXPECT_EQ(got, stream_text(3500, 500));
}

TEST(SendBuffer, TakesWhatFitsAndFreesWhatIsAcknowledged) {
  SendBuffer buffer(100);
  buffer.start_at(SeqNum{0xffff'fff0});
  EXPECT_EQ(buffer.append(stream_text(0, 80)), 80u);
  EXPECT_EQ(buffer.append(stream_text(80, 80)), 20u);
  EXPECT_EQ(buffer.space(), 0u);
  buffer.acknowledge(SeqNum{0xffff'fff0} + 30);
  EXPECT_EQ(buffer.space(), 30u);
  Buffer got(70);
  buffer.copy(SeqNum{0xffff'fff0} + 30, got);
  EXPECT_EQ(got, stream_text(30, 70));
}

TEST(SendBuffer, ASynBeforeAndAFinBehindTheTextAreNoHarm) {
  SendBuffer buffer(100);
  buffer.start_at(SeqNum{11});
  buffer.mark_sent(SeqNum{10}, {.end = SeqNum{11}});
  buffer.append(stream_text(0, 5));
  buffer.mark_sent(SeqNum{11}, {.end = SeqNum{17}});
  EXPECT_EQ(buffer.marks().size(), 2u);
  buffer.acknowledge(SeqNum{11});
  EXPECT_EQ(buffer.size(), 5u);
  EXPECT_EQ(buffer.marks().size(), 1u);
  buffer.acknowledge(SeqNum{17});
  EXPECT_EQ(buffer.size(), 0u);
  EXPECT_EQ(buffer.end(), SeqNum{16});
  EXPECT_TRUE(buffer.marks().empty());
}

TEST(SendBuffer, RemembersHowTextWasCut) {
  SendBuffer buffer(1000);
  buffer.start_at(SeqNum{0});
  for (const std::uint32_t end : {100u, 150u, 400u}) {
    buffer.mark_sent(SeqNum{end - 50}, {.end = SeqNum{end}});
  }
  EXPECT_EQ(buffer.mark_of(SeqNum{0}).end, SeqNum{100});
  EXPECT_EQ(buffer.mark_of(SeqNum{100}).end, SeqNum{150});
  // A shorter retransmission splits a segment, ...
  buffer.mark_sent(SeqNum{150}, {.end = SeqNum{200}});
  EXPECT_EQ(buffer.mark_of(SeqNum{150}).end, SeqNum{200});
  EXPECT_EQ(buffer.mark_of(SeqNum{200}).end, SeqNum{400});
  // ... a longer one joins two, ...
  buffer.mark_sent(SeqNum{0}, {.end = SeqNum{150}});
  EXPECT_EQ(buffer.mark_of(SeqNum{0}).end, SeqNum{150});
  // ... and one that goes beyond takes new text along.
  buffer.mark_sent(SeqNum{150}, {.end = SeqNum{600}});
  EXPECT_EQ(buffer.mark_of(SeqNum{200}).end, SeqNum{600});
  EXPECT_EQ(buffer.marks().size(), 2u);
}

TEST(SendBuffer, CountsWhatIsLostAndReported) {
  SendBuffer buffer(10'000);
  buffer.start_at(SeqNum{0});
  for (std::uint32_t end = 100; end <= 500; end += 100) {
    buffer.mark_sent(SeqNum{end - 100}, {.end = SeqNum{end}});
  }
  std::vector<SeqNum> reported;
  const auto note = [&](const SendBuffer::Mark& mark) { reported.push_back(mark.end); };
  buffer.mark_sacked(SeqNum{150}, SeqNum{400}, note);  // the second segment is not whole in it
  EXPECT_EQ(reported, (std::vector{SeqNum{300}, SeqNum{400}}));
  buffer.mark_sacked(SeqNum{100}, SeqNum{400}, note);
  EXPECT_EQ(reported, (std::vector{SeqNum{300}, SeqNum{400}, SeqNum{200}}));
  EXPECT_EQ(buffer.sacked_segments(), 3u);
  buffer.mark_all_lost();
  EXPECT_EQ(buffer.lost_octets(), 200u);
  // A part is acknowledged, the rest is sent again in two pieces.
  buffer.acknowledge(SeqNum{30});
  EXPECT_EQ(buffer.lost_octets(), 170u);
  buffer.mark_sent(SeqNum{30}, {.end = SeqNum{60}, .resent = true});
  EXPECT_EQ(buffer.lost_octets(), 140u);
  EXPECT_EQ(buffer.mark_of(SeqNum{60}).size, 40);
  buffer.mark_sent(SeqNum{60}, {.end = SeqNum{100}, .resent = true});
  EXPECT_EQ(buffer.lost_octets(), 100u);
  buffer.acknowledge(SeqNum{200});
  EXPECT_EQ(buffer.sacked_segments(), 2u);
  buffer.take_back_sacks();
  EXPECT_EQ(buffer.sacked_segments(), 0u);
  buffer.mark_lost(0);
  EXPECT_EQ(buffer.lost_octets(), 200u);
  // One that joins two and half of the third.
  buffer.mark_sent(SeqNum{200}, {.end = SeqNum{450}, .resent = true});
  EXPECT_EQ(buffer.lost_octets(), 50u);
  buffer.take_back_losses();
  EXPECT_EQ(buffer.lost_octets(), 0u);
}

TEST(ReceiveBuffer, HoldsTextAheadOfWhatIsInOrder) {
  ReceiveBuffer buffer(100);
  buffer.store(20, stream_text(20, 10));
  EXPECT_EQ(buffer.size(), 0u);
  buffer.store(0, stream_text(0, 20));
  buffer.commit(30);
  EXPECT_EQ(buffer.space(), 70u);
  Buffer got(30);
  buffer.copy(0, got);
  EXPECT_EQ(got, stream_text(0, 30));
  buffer.drop(30);
  EXPECT_EQ(buffer.space(), 100u);
}

}  // namespace
}  // namespace packetwright::tcp
