// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/sack.hh"

#include <vector>

#include <gtest/gtest.h>

namespace packetwright::tcp {
namespace {

constexpr std::uint32_t kSmss = 100;
constexpr std::uint32_t kThresh = 3;

// A sender with [1000, 2000) outstanding, in segments of 100.
class Scoreboarding : public ::testing::Test {
 protected:
  std::uint32_t sack(std::vector<SackBlock> blocks, std::uint32_t ack = 1000) {
    return board_.update(blocks, SeqNum{ack}, una_, nxt_);
  }
  static SackBlock block(std::uint32_t left, std::uint32_t right) {
    return {SeqNum{left}, SeqNum{right}};
  }
  [[nodiscard]] std::uint32_t lost() const {
    return board_.lost_before(una_, kThresh, kSmss).value();
  }

  Scoreboard board_;
  SeqNum una_{1000}, nxt_{2000};
};

TEST_F(Scoreboarding, CountsOnlyWhatIsNew) {
  EXPECT_EQ(sack({block(1100, 1200)}), 100u);
  EXPECT_EQ(sack({block(1100, 1200)}), 0u);
  EXPECT_EQ(sack({block(1150, 1300), block(1500, 1600)}), 200u);
  EXPECT_EQ(board_.sacked_octets(), 300u);
  EXPECT_TRUE(board_.is_sacked(SeqNum{1299}));
  EXPECT_FALSE(board_.is_sacked(SeqNum{1300}));
}

TEST_F(Scoreboarding, JoinsWhatTouchesOrOverlaps) {
  sack({block(1100, 1200), block(1300, 1400), block(1500, 1600)});
  EXPECT_EQ(sack({block(1200, 1500)}), 200u);
  EXPECT_EQ(board_.next_hole(SeqNum{1100}, nxt_), SeqNum{1600});
}

TEST_F(Scoreboarding, PassesOverDuplicatesReported) {
  // RFC 2883, 5: at or below the ACK field of the same segment.
  EXPECT_EQ(sack({block(900, 1000)}), 0u);
  EXPECT_EQ(sack({block(1100, 1200)}, 1300), 0u);
  EXPECT_TRUE(board_.empty());
}

TEST_F(Scoreboarding, PassesOverNonsense) {
  EXPECT_EQ(sack({block(1200, 1100), block(1200, 1200)}), 0u);
  EXPECT_EQ(sack({block(1900, 2001)}), 0u);  // never sent
  EXPECT_EQ(sack({block(0x90000000, 0x90000100)}), 0u);
  EXPECT_TRUE(board_.empty());
}

TEST_F(Scoreboarding, IsBounded) {
  Scoreboard board;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    const std::vector<SackBlock> one{block(1000 + 2 * i + 1, 1000 + 2 * i + 2)};
    board.update(one, una_, una_, SeqNum{100'000});
  }
  EXPECT_LE(board.sacked_octets(), 1024u);
}

TEST_F(Scoreboarding, ForgetsWhatIsAcknowledged) {
  sack({block(1100, 1200), block(1300, 1400)});
  board_.advance(SeqNum{1350});
  EXPECT_EQ(board_.sacked_octets(), 50u);
  EXPECT_FALSE(board_.is_sacked(SeqNum{1349}));
  EXPECT_TRUE(board_.is_sacked(SeqNum{1350}));
  EXPECT_FALSE(board_.is_sacked(SeqNum{1400}));
  board_.advance(SeqNum{1400});
  EXPECT_TRUE(board_.empty());
}

TEST_F(Scoreboarding, NothingIsLostBelowTheThreshold) {
  sack({block(1100, 1300)});
  // 200 octets above 1000 are not more than (3 - 1) * 100.
  EXPECT_EQ(lost(), 1000u);
}

TEST_F(Scoreboarding, MoreThanTwoSegmentsOfOctetsAboveMeanLoss) {
  sack({block(1100, 1301)});
  EXPECT_EQ(lost(), 1100u);
}

TEST_F(Scoreboarding, ThreeSeparateRangesAboveMeanLoss) {
  sack({block(1110, 1111), block(1210, 1211), block(1310, 1311)});
  EXPECT_EQ(lost(), 1110u);
  sack({block(1410, 1411)});
  EXPECT_EQ(lost(), 1210u);
}

TEST_F(Scoreboarding, PipeCountsWhatIsNeitherReportedNorLostAndWhatWasResent) {
  EXPECT_EQ(board_.pipe(una_, nxt_, una_, una_), 1000u);
  sack({block(1100, 1200), block(1300, 1600)});
  // Lost: everything missing below 1300, 200 octets. Sacked: 400. In the pipe: [1600, 2000).
  EXPECT_EQ(lost(), 1300u);
  EXPECT_EQ(board_.pipe(una_, nxt_, una_, SeqNum{1300}), 400u);
  // The first hole was sent again.
  EXPECT_EQ(board_.pipe(una_, nxt_, SeqNum{1100}, SeqNum{1300}), 500u);
}

TEST_F(Scoreboarding, FindsHolesInOrder) {
  sack({block(1100, 1200), block(1300, 1400)});
  EXPECT_EQ(board_.next_hole(SeqNum{1000}, nxt_), SeqNum{1000});
  EXPECT_EQ(board_.next_hole(SeqNum{1100}, nxt_), SeqNum{1200});
  EXPECT_EQ(board_.next_hole(SeqNum{1250}, nxt_), SeqNum{1250});
  EXPECT_EQ(board_.next_hole(SeqNum{1300}, nxt_), SeqNum{1400});
  EXPECT_EQ(board_.next_hole(SeqNum{1300}, SeqNum{1400}), std::nullopt);
  EXPECT_EQ(board_.hole_end(SeqNum{1000}, nxt_), SeqNum{1100});
  EXPECT_EQ(board_.hole_end(SeqNum{1400}, nxt_), SeqNum{2000});
}

TEST_F(Scoreboarding, FindsTheLastHole) {
  EXPECT_EQ(board_.last_hole(una_, nxt_), block(1000, 2000));
  sack({block(1100, 1200)});
  EXPECT_EQ(board_.last_hole(una_, nxt_), block(1200, 2000));
  sack({block(1500, 2000)});
  EXPECT_EQ(board_.last_hole(una_, nxt_), block(1200, 1500));
  sack({block(1200, 1500)});
  EXPECT_EQ(board_.last_hole(una_, nxt_), block(1000, 1100));
  EXPECT_EQ(board_.last_hole(SeqNum{1100}, nxt_), std::nullopt);
}

TEST(ScoreboardWrap, HoldsAcrossTheWrap) {
  Scoreboard board;
  const SeqNum una{0xffff'fff0};
  const SeqNum nxt{0x100};
  const std::vector<SackBlock> blocks{{SeqNum{0xffff'fff8}, SeqNum{0x20}},
                                      {SeqNum{0x40}, SeqNum{0x60}}};
  EXPECT_EQ(board.update(blocks, una, una, nxt), 0x28u + 0x20u);
  EXPECT_EQ(board.next_hole(una, nxt), una);
  EXPECT_EQ(board.next_hole(SeqNum{0}, nxt), SeqNum{0x20});
  EXPECT_EQ(board.missing(una, nxt), 0x110u - 0x48u);
}

}  // namespace
}  // namespace packetwright::tcp
