// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/tcp_options.hh"

#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "stack/base/rng.hh"
#include "stack/wire/testing.hh"

namespace packetwright::wire {
namespace {

std::vector<TcpOptions::Item> read_all(const Buffer& options) {
  std::vector<TcpOptions::Item> items;
  for (const auto& item : TcpOptions{options}) items.push_back(item);
  return items;
}

// The options of a Linux SYN.
constexpr std::string_view kSyn =
    "02 04 05 b4 | 04 02 | 08 0a 00 00 00 64 00 00 00 00 | 01 | 03 03 07";

TEST(WireTcpOptions, ReadsTheOptionsOfASyn) {
  const Buffer options = hex(kSyn);
  const auto items = read_all(options);
  ASSERT_EQ(items.size(), 5u);
  EXPECT_EQ(items[0]->mss(), 1'460);
  EXPECT_TRUE(items[1]->sack_permitted());
  EXPECT_EQ(items[2]->timestamps(), (TcpTimestamps{100, 0}));
  EXPECT_EQ(items[3]->kind, TcpOptionKind::nop);
  EXPECT_EQ(items[4]->window_scale(), 7);
  EXPECT_EQ(items[4]->offset, 17);
}

TEST(WireTcpOptions, ReadsSackBlocks) {
  const Buffer options = hex("05 12 00 00 00 01 00 00 00 02 ff ff ff ff 00 00 00 03");
  const auto items = read_all(options);
  ASSERT_EQ(items[0]->sack_count(), 2u);
  EXPECT_EQ(items[0]->sack_block(0), (SackBlock{SeqNum{1}, SeqNum{2}}));
  EXPECT_EQ(items[0]->sack_block(1), (SackBlock{SeqNum{0xffffffff}, SeqNum{3}}));
}

//= RFC5482-3.3-a
TEST(WireTcpOptions, ReadsTheRarerOnes) {
  const Buffer options =
      hex("22 06 01 02 03 04 | 22 02 | fe 06 f9 89 aa bb | fe 04 ab cd | 1c 04 80 05 |"
          "ac 0b 00 00 01 00 00 02 00 00 03 | ae 05 ff ff ff | 13 04 de ad");
  const auto items = read_all(options);
  ASSERT_EQ(items.size(), 8u);
  EXPECT_EQ(to_buffer(items[0]->fast_open().value()), hex("01 02 03 04"));
  EXPECT_TRUE(items[1]->fast_open().value().empty());  // asks for a cookie
  EXPECT_EQ(to_buffer(items[2]->fast_open().value()), hex("aa bb"));
  EXPECT_FALSE(items[3]->fast_open());  // another experiment
  EXPECT_EQ(items[4]->user_timeout(), (TcpUserTimeout{true, 5}));
  EXPECT_EQ(items[5]->accurate_ecn(), (AccurateEcn{{1, 2, 3}, 3}));
  EXPECT_EQ(items[6]->accurate_ecn(), (AccurateEcn{{0xffffff, 0, 0}, 1}));
  EXPECT_EQ(to_buffer(items[7]->md5().value()), hex("de ad"));
}

TEST(WireTcpOptions, AnOptionOfTheWrongSizeSaysNothing) {
  const Buffer options =
      hex("02 03 05 | 03 04 07 07 | 04 03 00 | 05 09 01 02 03 04 05 06 07 | 05 02 |"
          "08 09 01 02 03 04 05 06 07 | 1c 03 00 | ac 04 01 02");
  const auto items = read_all(options);
  ASSERT_EQ(items.size(), 8u);
  for (const auto& item : items) {
    EXPECT_FALSE(item->mss() || item->window_scale() || item->sack_permitted() ||
                 item->sack_count() > 0 || item->timestamps() || item->user_timeout() ||
                 item->accurate_ecn())
        << static_cast<int>(item->kind);
  }
}

//= RFC9293-MUST-6
TEST(WireTcpOptions, UnknownKindsAreValues) {
  const Buffer options = hex("c8 05 aa bb cc");
  const auto items = read_all(options);
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(static_cast<int>(items[0]->kind), 200);
  EXPECT_EQ(to_buffer(items[0]->data), hex("aa bb cc"));
}

TEST(WireTcpOptions, NothingIsReadBehindTheEndOfList) {
  const auto items = read_all(hex("01 00 02 04 05 b4"));
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[1]->kind, TcpOptionKind::eol);
}

//= RFC9293-MUST-7
TEST(WireTcpOptions, ALengthThatDoesNotAdvanceIsTheLastItem) {
  for (const char* text : {"01 02 00 05 b4 01 01 01", "01 02 01 05 b4 01 01 01"}) {
    const auto items = read_all(hex(text));
    ASSERT_EQ(items.size(), 2u) << text;
    EXPECT_EQ(items[1].error().code, ParseErrc::bad_length);
    EXPECT_EQ(items[1].error().offset, 2);
  }
}

TEST(WireTcpOptions, ALengthPastTheEndOrMissingIsTheLastItem) {
  auto items = read_all(hex("02 05 05 b4"));
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].error(), (ParseError{ParseErrc::truncated, Layer::tcp_option, 1, 5, 4}));
  items = read_all(hex("01 01 01 02"));
  ASSERT_EQ(items.size(), 4u);
  EXPECT_EQ(items[3].error(), (ParseError{ParseErrc::truncated, Layer::tcp_option, 3, 2, 1}));
}

TEST(WireTcpOptions, SetGathersEverything) {
  const Buffer options = hex(std::string{kSyn} +
                             "05 0a 00 00 00 05 00 00 00 09 | 1c 04 00 1e | fe 04 f9 89 | "
                             "ae 05 00 00 07");
  const TcpOptionSet set = read_tcp_options(options);
  EXPECT_FALSE(set.malformed);
  EXPECT_EQ(set.mss, 1'460);
  EXPECT_EQ(set.window_scale, 7);
  EXPECT_TRUE(set.sack_permitted);
  EXPECT_EQ(set.timestamps, (TcpTimestamps{100, 0}));
  ASSERT_EQ(set.sack().size(), 1u);
  EXPECT_EQ(set.sack()[0], (SackBlock{SeqNum{5}, SeqNum{9}}));
  EXPECT_EQ(set.user_timeout, (TcpUserTimeout{false, 30}));
  ASSERT_TRUE(set.fast_open);
  EXPECT_TRUE(set.fast_open_experimental);
  EXPECT_EQ(set.accurate_ecn, (AccurateEcn{{7, 0, 0}, 1}));
  EXPECT_TRUE(set.accurate_ecn_order_1);
}

TEST(WireTcpOptions, SetKeepsWhatCameBeforeTheFault) {
  const Buffer options = hex("02 04 05 b4 03 00 07 00");
  const TcpOptionSet set = read_tcp_options(options);
  EXPECT_EQ(set.mss, 1'460);
  EXPECT_FALSE(set.window_scale);
  ASSERT_TRUE(set.malformed);
  EXPECT_EQ(set.malformed->offset, 5);
}

TEST(WireTcpOptions, SetTakesAtMostFourSackBlocks) {
  Buffer options = hex("05 2a");
  options.resize(42, 0x11);  // five blocks: more than a real header can hold
  EXPECT_EQ(read_tcp_options(options).sack().size(), 4u);
}

//= RFC9293-MUST-64
TEST(WireTcpOptions, TimestampsAreFoundInTheUsualPlaceAndInAnyOther) {
  EXPECT_EQ(find_tcp_timestamps(hex("01 01 08 0a 00 00 00 01 00 00 00 02")), (TcpTimestamps{1, 2}));
  EXPECT_EQ(find_tcp_timestamps(hex(kSyn)), (TcpTimestamps{100, 0}));
  EXPECT_EQ(find_tcp_timestamps(hex("01 01 01 00 08 0a 00 00 00 01 00 00 00 02")), std::nullopt);
  EXPECT_EQ(find_tcp_timestamps(hex("02 00 08 0a 00 00 00 01 00 00 00 02")), std::nullopt);
  EXPECT_EQ(find_tcp_timestamps({}), std::nullopt);
}

// The shortcut for the usual layout must say what the whole reader says, or the two ways a stack
// has to the timestamps would disagree.
TEST(WireTcpOptions, TimestampsFoundAreThoseOfTheSet) {
  Rng rng{5};
  for (int round = 0; round < 20'000; ++round) {
    Buffer options(rng.below(11) * 4);
    for (std::uint8_t& octet : options) octet = static_cast<std::uint8_t>(rng.below(12));
    if (options.size() >= 12 && rng.chance(1, 2)) store_be32(options, 0, 0x0101080a);
    ASSERT_EQ(find_tcp_timestamps(options), read_tcp_options(options).timestamps)
        << "round " << round;
  }
}

TEST(WireTcpOptions, WriterMakesWhatTheReaderReads) {
  std::array<std::uint8_t, 40> storage{};
  TcpOptionWriter writer{storage};
  writer.mss(1'460).sack_permitted().timestamps({100, 0}).nop().window_scale(7).pad();
  EXPECT_EQ(to_buffer(writer.written()), hex(kSyn));
}

TEST(WireTcpOptions, WriterMakesTheRarerOnes) {
  std::array<std::uint8_t, 80> storage{};
  TcpOptionWriter writer{storage};
  const std::array<SackBlock, 1> blocks{{{SeqNum{5}, SeqNum{9}}}};
  const Buffer cookie = hex("aa bb cc dd");
  writer.sack(blocks)
      .user_timeout({true, 5})
      .fast_open(cookie)
      .fast_open_experimental({})
      .md5(cookie)
      .accurate_ecn(TcpOptionKind::accurate_ecn_0, {{0x010203, 4, 0}, 2})
      .raw(static_cast<TcpOptionKind>(200), cookie)
      .eol();
  EXPECT_FALSE(writer.overflowed());
  EXPECT_EQ(to_buffer(writer.written()),
            hex("05 0a 00 00 00 05 00 00 00 09 | 1c 04 80 05 | 22 06 aa bb cc dd | fe 04 f9 89 |"
                "13 06 aa bb cc dd | ac 08 01 02 03 00 00 04 | c8 06 aa bb cc dd | 00"));
}

//= RFC9293-MUST-69
TEST(WireTcpOptions, WriterPadsWithEndOfList) {
  std::array<std::uint8_t, 8> storage{9, 9, 9, 9, 9, 9, 9, 9};
  EXPECT_EQ(to_buffer(TcpOptionWriter{storage}.window_scale(7).sack_permitted().pad().written()),
            hex("03 03 07 04 02 00 00 00"));
  EXPECT_EQ(TcpOptionWriter{storage}.mss(1).pad().size(), 4u);
}

TEST(WireTcpOptions, WriterLeavesOutWhatDoesNotFit) {
  std::array<std::uint8_t, 6> storage{};
  TcpOptionWriter writer{storage};
  writer.mss(1'460).window_scale(7).sack_permitted();
  EXPECT_TRUE(writer.overflowed());
  EXPECT_EQ(to_buffer(writer.written()), hex("02 04 05 b4 04 02"));
}

TEST(WireTcpOptions, WriterCanLieAboutALength) {
  std::array<std::uint8_t, 4> storage{};
  EXPECT_EQ(to_buffer(TcpOptionWriter{storage}
                          .raw(TcpOptionKind::mss, hex("05 b4"), std::uint8_t{0})
                          .written()),
            hex("02 00 05 b4"));
}

}  // namespace
}  // namespace packetwright::wire
