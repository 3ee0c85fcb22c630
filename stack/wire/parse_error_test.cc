// SPDX-License-Identifier: Apache-2.0
#include "stack/wire/parse_error.hh"

#include <gtest/gtest.h>

namespace packetwright::wire {
namespace {

TEST(WireParseError, SaysLayerPlaceAndSizes) {
  const ParseError error{ParseErrc::truncated, Layer::tcp, 12, 24, 20};
  EXPECT_EQ(to_string(error), "tcp: truncated at octet 12: need 24, have 20");
}

TEST(WireParseError, NumbersThatDoNotFitAreClamped) {
  const ParseError error = fail(ParseErrc::too_long, Layer::dns, 70'000, 1, 1).error;
  EXPECT_EQ(error.offset, 0xffff);
}

}  // namespace
}  // namespace packetwright::wire
