// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/parse_error.hh"

#include <set>
#include <string_view>

#include <gtest/gtest.h>

namespace packetwright::wire {
namespace {

TEST(WireParseError, SaysLayerPlaceAndSizes) {
  const ParseError error{ParseErrc::truncated, Layer::tcp, 12, 24, 20};
  EXPECT_EQ(to_string(error), "tcp: truncated at octet 12: need 24, have 20");
}

TEST(WireParseError, EveryLayerAndEveryCodeHasANameOfItsOwn) {
  std::set<std::string_view> names;
  constexpr auto kLast = static_cast<unsigned>(Layer::address_text);
  for (unsigned i = 0; i <= kLast; ++i) names.insert(name_of(static_cast<Layer>(i)));
  EXPECT_EQ(names.size(), kLast + 1);
  std::set<std::string_view> codes;
  constexpr auto kLastCode = static_cast<unsigned>(ParseErrc::too_many);
  for (unsigned i = 0; i <= kLastCode; ++i) codes.insert(name_of(static_cast<ParseErrc>(i)));
  EXPECT_EQ(codes.size(), kLastCode + 1);
  EXPECT_FALSE(names.contains("unknown") || codes.contains("unknown"));
}

TEST(WireParseError, NumbersThatDoNotFitAreClamped) {
  const ParseError error = fail(ParseErrc::too_long, Layer::dns, 70'000, 1, 1).error;
  EXPECT_EQ(error.offset, 0xffff);
}

}  // namespace
}  // namespace packetwright::wire
