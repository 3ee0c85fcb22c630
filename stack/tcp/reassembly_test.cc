// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/reassembly.hh"

#include <array>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace packetwright::tcp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

SackBlock block(std::uint32_t left, std::uint32_t right) {
  return {SeqNum{left}, SeqNum{right}};
}

// A receiver that takes segments as TCP does, and the blocks of the ACK that each one draws. The
// numbers of the tests below are those of RFC 2018, section 7 and RFC 2883, section 4.
class Receiver {
 public:
  explicit Receiver(std::uint32_t nxt, std::size_t max_ranges = 64)
      : nxt_(nxt), max_ranges_(max_ranges) {}

  std::vector<SackBlock> arrive(std::uint32_t left, std::uint32_t right) {
    held_.note_duplicate(SeqNum{left}, SeqNum{right}, nxt_);
    if (SeqNum{left} <= nxt_) {
      if (nxt_ < SeqNum{right}) nxt_ = held_.take(SeqNum{right});
    } else {
      last_was_held_ = held_.hold(SeqNum{left}, SeqNum{right}, max_ranges_);
    }
    std::array<SackBlock, 4> blocks{};
    const std::size_t count = held_.blocks(blocks, 3);
    held_.reported();
    return {blocks.begin(), blocks.begin() + static_cast<std::ptrdiff_t>(count)};
  }

  [[nodiscard]] std::uint32_t nxt() const { return nxt_.value(); }
  [[nodiscard]] bool last_was_held() const { return last_was_held_; }
  [[nodiscard]] const Reassembly& held() const { return held_; }

 private:
  Reassembly held_;
  SeqNum nxt_;
  std::size_t max_ranges_;
  bool last_was_held_ = true;
};

TEST(Reassembly, TheFirstBlockHoldsTheNewestSegmentAndGrowsWithIt) {
  // RFC 2018, case 2: the first of eight segments is lost.
  Receiver r(5000);
  EXPECT_THAT(r.arrive(5500, 6000), ElementsAre(block(5500, 6000)));
  EXPECT_THAT(r.arrive(6000, 6500), ElementsAre(block(5500, 6500)));
  EXPECT_THAT(r.arrive(6500, 7000), ElementsAre(block(5500, 7000)));
}

TEST(Reassembly, OlderBlocksFollowInTheOrderOfTheirLastReport) {
  // RFC 2018, case 3: the second, fourth, sixth and eighth segments are lost.
  Receiver r(5000);
  EXPECT_THAT(r.arrive(5000, 5500), IsEmpty());
  EXPECT_THAT(r.arrive(6000, 6500), ElementsAre(block(6000, 6500)));
  EXPECT_THAT(r.arrive(7000, 7500), ElementsAre(block(7000, 7500), block(6000, 6500)));
  EXPECT_THAT(r.arrive(8000, 8500),
              ElementsAre(block(8000, 8500), block(7000, 7500), block(6000, 6500)));
  // The fourth comes late and joins two.
  EXPECT_THAT(r.arrive(6500, 7000), ElementsAre(block(6000, 7500), block(8000, 8500)));
  // The second comes.
  EXPECT_THAT(r.arrive(5500, 6000), ElementsAre(block(8000, 8500)));
  EXPECT_EQ(r.nxt(), 7500u);
}

TEST(Reassembly, ReportsADuplicateOnce) {
  // RFC 2883, example 1.
  Receiver r(4000);
  EXPECT_THAT(r.arrive(3000, 3500), ElementsAre(block(3000, 3500)));
  EXPECT_THAT(r.arrive(4500, 5000), ElementsAre(block(4500, 5000)));
}

TEST(Reassembly, ReportsADuplicateBeforeWhatIsHeld) {
  // RFC 2883, example 2.
  Receiver r(4000);
  EXPECT_THAT(r.arrive(4500, 5000), ElementsAre(block(4500, 5000)));
  EXPECT_THAT(r.arrive(3000, 3500), ElementsAre(block(3000, 3500), block(4500, 5000)));
}

TEST(Reassembly, ADuplicateOfHeldTextIsFollowedByTheBlockThatHoldsIt) {
  // RFC 2883, example 3.
  Receiver r(4000);
  r.arrive(4500, 5000);
  EXPECT_THAT(r.arrive(5000, 5500), ElementsAre(block(4500, 5500)));
  EXPECT_THAT(r.arrive(5000, 5500), ElementsAre(block(5000, 5500), block(4500, 5500)));
}

TEST(Reassembly, ReportsTheDuplicatePartOfASegment) {
  // RFC 2883, example 4.
  Receiver r(1500);
  r.arrive(2000, 2500);
  EXPECT_THAT(r.arrive(1000, 2000), ElementsAre(block(1000, 1500)));
  EXPECT_EQ(r.nxt(), 2500u);
}

TEST(Reassembly, OfTwoDuplicatePartsTheFirstIsReported) {
  // RFC 2883, example 5: below the cumulative ACK.
  Receiver below(1500);
  below.arrive(3000, 3500);
  EXPECT_THAT(below.arrive(2000, 2500), ElementsAre(block(2000, 2500), block(3000, 3500)));
  EXPECT_THAT(below.arrive(1000, 2500), ElementsAre(block(1000, 1500), block(3000, 3500)));
  // RFC 2883, example 6: above it.
  Receiver above(1000);
  above.arrive(3500, 4000);
  above.arrive(1500, 2000);
  EXPECT_THAT(above.arrive(2000 + 500, 2000 + 1000),
              ElementsAre(block(2500, 3000), block(1500, 2000), block(3500, 4000)));
  EXPECT_THAT(above.arrive(1500, 3000),
              ElementsAre(block(1500, 2000), block(1500, 3000), block(3500, 4000)));
}

TEST(Reassembly, RefusesOneRangeTooManyButReportsIt) {
  Receiver r(100, 2);
  r.arrive(200, 210);
  r.arrive(300, 310);
  EXPECT_THAT(r.arrive(400, 410), ElementsAre(block(400, 410), block(300, 310), block(200, 210)));
  EXPECT_FALSE(r.last_was_held());
  // It is not held: only what is stays in later reports.
  EXPECT_THAT(r.arrive(210, 220), ElementsAre(block(200, 220), block(300, 310)));
  EXPECT_TRUE(r.last_was_held());
}

TEST(Reassembly, WorksAcrossTheWrapOfSequenceNumbers) {
  Receiver r(0xffff'ff00);
  EXPECT_THAT(r.arrive(0xffff'ff80, 0x80), ElementsAre(block(0xffff'ff80, 0x80)));
  EXPECT_THAT(r.arrive(0x80, 0x100), ElementsAre(block(0xffff'ff80, 0x100)));
  EXPECT_THAT(r.arrive(0xffff'ff00, 0xffff'ff80), IsEmpty());
  EXPECT_EQ(r.nxt(), 0x100u);
  EXPECT_TRUE(r.held().empty());
}

TEST(Reassembly, FillsNoMoreBlocksThanAsked) {
  Receiver r(0);
  r.arrive(10, 11);
  r.arrive(20, 21);
  std::array<SackBlock, 4> blocks{};
  EXPECT_EQ(r.held().blocks(blocks, 1), 1);
  EXPECT_EQ(r.held().blocks(blocks, 0), 0);
}

}  // namespace
}  // namespace packetwright::tcp
