// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/stream.hh"

#include <gtest/gtest.h>

namespace packetwright::engine {
namespace {

TEST(Stream, APieceIsTheSameWhereverItIsCut) {
  const Stream stream(3);
  const Buffer whole = stream.pattern(0, 1000);
  const Buffer piece = stream.pattern(300, 200);
  EXPECT_TRUE(std::equal(piece.begin(), piece.end(), whole.begin() + 300));
}

TEST(Stream, APieceInTheWrongPlaceIsSeen) {
  const Stream stream(3);
  for (std::uint64_t shift = 1; shift < 251; ++shift) {
    EXPECT_FALSE(stream.accepts(100 + shift, stream.pattern(100, 50))) << shift;
  }
}

TEST(Stream, StreamsOfDifferentSaltDiffer) {
  EXPECT_NE(Stream(1).pattern(0, 10), Stream(2).pattern(0, 10));
}

TEST(Stream, WhatWasGivenCountsAndTheFirstOfTwoIsExpected) {
  Stream stream;
  stream.remember(2, Buffer{'a', 'b'});
  stream.remember(3, Buffer{'c', 'd'});
  const Buffer expected = stream.expected(1, 5);
  EXPECT_EQ(expected, (Buffer{stream.pattern(1), 'a', 'b', 'd', stream.pattern(5)}));
  EXPECT_TRUE(stream.accepts(2, Buffer{'a', 'c', 'd'})) << "overlaps may go either way";
  EXPECT_FALSE(stream.accepts(2, Buffer{'c'}));
}

TEST(Stream, GivingUpAcceptsAnything) {
  Stream stream;
  EXPECT_FALSE(stream.accepts(0, Buffer{200}));
  stream.give_up();
  EXPECT_TRUE(stream.accepts(0, Buffer{200}));
}

}  // namespace
}  // namespace packetwright::engine
