// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/ipv4_options.hh"

#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "stack/wire/testing.hh"

namespace packetwright::wire {
namespace {

std::vector<Ipv4Options::Item> read_all(const Buffer& options) {
  std::vector<Ipv4Options::Item> items;
  for (const auto& item : Ipv4Options{options}) items.push_back(item);
  return items;
}

TEST(WireIpv4Options, ReadsRoutes) {
  const Buffer options = hex("01 | 83 0b 08 0a 00 00 01 0a 00 00 02");
  const auto items = read_all(options);
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0]->type, Ipv4OptionType::nop);
  const Ipv4Option& option = *items[1];
  EXPECT_EQ(option.type, Ipv4OptionType::loose_source_route);
  EXPECT_EQ(option.offset, 1);
  EXPECT_TRUE(option.copied());
  EXPECT_EQ(option.option_class(), 0);
  EXPECT_EQ(option.number(), 3);
  const auto route = option.route();
  ASSERT_TRUE(route);
  EXPECT_EQ(route->pointer, 8);
  ASSERT_EQ(route->count(), 2u);
  EXPECT_EQ(route->address(1), IpAddress::v4(10, 0, 0, 2));
}

TEST(WireIpv4Options, RecordRouteIsNotCopied) {
  static_assert(!is_copied(Ipv4OptionType::record_route));
  static_assert(!is_copied(Ipv4OptionType::timestamp));
  static_assert(is_copied(Ipv4OptionType::strict_source_route));
  static_assert(is_copied(Ipv4OptionType::router_alert));
}

TEST(WireIpv4Options, ReadsTimestamps) {
  const Buffer options = hex("44 0c 0d 21 0a 00 00 01 00 00 00 7b");
  const auto items = read_all(options);
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0]->option_class(), 2);
  const auto timestamp = items[0]->timestamp();
  ASSERT_TRUE(timestamp);
  EXPECT_EQ(timestamp->pointer, 13);
  EXPECT_EQ(timestamp->overflow, 2);
  EXPECT_EQ(timestamp->flag, Ipv4TimestampFlag::with_addresses);
  EXPECT_EQ(timestamp->entries.size(), 8u);
  EXPECT_FALSE(items[0]->route());
}

TEST(WireIpv4Options, ReadsRouterAlert) {
  EXPECT_EQ(read_all(hex("94 04 00 00"))[0]->type, Ipv4OptionType::router_alert);
  const Buffer options = hex("94 04 00 07");
  EXPECT_EQ((*Ipv4Options{options}.begin())->router_alert(), 7);
}

TEST(WireIpv4Options, AnOptionOfTheWrongSizeSaysNothing) {
  const Buffer options = hex("94 03 00 | 07 02 | 44 03 05");
  for (const auto& item : read_all(options)) {
    ASSERT_TRUE(item);
    EXPECT_FALSE(item->router_alert() || item->route() || item->timestamp());
  }
}

TEST(WireIpv4Options, UnknownTypesAreValues) {
  const Buffer options = hex("e7 05 aa bb cc 00");
  const auto items = read_all(options);
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(static_cast<int>(items[0]->type), 0xe7);
  EXPECT_EQ(to_buffer(items[0]->data), hex("aa bb cc"));
  EXPECT_EQ(items[1]->type, Ipv4OptionType::eol);
}

//= RFC791-3.1-g
TEST(WireIpv4Options, NothingIsReadBehindTheEnd) {
  EXPECT_EQ(read_all(hex("01 00 01 07")).size(), 2u);
  EXPECT_TRUE(read_all({}).empty());
}

TEST(WireIpv4Options, ALengthThatDoesNotAdvanceIsTheLastItem) {
  for (const char* text : {"07 00 04 00", "07 01 04 00"}) {
    const auto items = read_all(hex(text));
    ASSERT_EQ(items.size(), 1u) << text;
    EXPECT_EQ(items[0].error().code, ParseErrc::bad_length);
    EXPECT_EQ(items[0].error().offset, 1);
  }
}

TEST(WireIpv4Options, ALengthPastTheEndOrMissingIsTheLastItem) {
  for (const char* text : {"01 07 07 04 00", "01 07 04 04", "01 01 01 07"}) {
    const auto items = read_all(hex(text));
    ASSERT_FALSE(items.back()) << text;
    EXPECT_EQ(items.back().error().code, ParseErrc::truncated);
  }
}

TEST(WireIpv4Options, WriterMakesWhatTheReaderReads) {
  std::array<std::uint8_t, 40> storage{};
  const std::array<IpAddress, 2> addresses{IpAddress::v4(10, 0, 0, 1), IpAddress::v4(10, 0, 0, 2)};
  const Buffer entries = hex("00 00 00 01 00 00 00 02");
  Ipv4OptionWriter writer{storage};
  writer.nop()
      .route(Ipv4OptionType::strict_source_route, 4, addresses)
      .timestamp({9, 3, Ipv4TimestampFlag::timestamps_only, entries})
      .router_alert()
      .raw(static_cast<Ipv4OptionType>(0x9e), hex("aa"))
      .pad();
  EXPECT_FALSE(writer.overflowed());
  EXPECT_EQ(to_buffer(writer.written()),
            hex("01 | 89 0b 04 0a 00 00 01 0a 00 00 02 | 44 0c 09 30 00 00 00 01 00 00 00 02 |"
                "94 04 00 00 | 9e 03 aa | 00"));
}

TEST(WireIpv4Options, WriterLeavesOutWhatDoesNotFit) {
  std::array<std::uint8_t, 4> storage{};
  Ipv4OptionWriter writer{storage};
  writer.nop().router_alert();
  EXPECT_TRUE(writer.overflowed());
  EXPECT_EQ(to_buffer(writer.written()), hex("01"));
}

TEST(WireIpv4Options, WriterCanLieAboutALength) {
  std::array<std::uint8_t, 4> storage{};
  EXPECT_EQ(to_buffer(Ipv4OptionWriter{storage}
                          .raw(Ipv4OptionType::record_route, hex("04 00"), std::uint8_t{1})
                          .written()),
            hex("07 01 04 00"));
}

}  // namespace
}  // namespace packetwright::wire
