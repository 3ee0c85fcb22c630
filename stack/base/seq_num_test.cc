// SPDX-License-Identifier: Apache-2.0
#include "stack/base/seq_num.hh"

#include <compare>
#include <concepts>

#include <gtest/gtest.h>

namespace packetwright {
namespace {

TEST(BaseSeqNum, ComparesAcrossTheWrap) {
  static_assert(SeqNum{0xffffffff} < SeqNum{0});
  static_assert(SeqNum{0xffffff00} < SeqNum{0x100});
  static_assert(SeqNum{5} > SeqNum{0xfffffff0});
  static_assert(SeqNum{7} <= SeqNum{7} && SeqNum{7} >= SeqNum{7});
}

TEST(BaseSeqNum, HalfTheSpaceApartIsBeforeInBothDirections) {
  // 2^31 apart has no answer in RFC 9293; ours is that the comparison is antisymmetric for <=.
  static_assert(SeqNum{0x80000000} < SeqNum{0} || SeqNum{0} < SeqNum{0x80000000});
}

TEST(BaseSeqNum, CountsOctetsAcrossTheWrap) {
  static_assert(SeqNum{0xffffffff} + 2 == SeqNum{1});
  static_assert(SeqNum{1} - SeqNum{0xffffffff} == 2);
  static_assert(SeqNum{1} - 2 == SeqNum{0xffffffff});
}

TEST(BaseSeqNum, WindowHoldsItsLeftEdgeAndNotItsRight) {
  static_assert(in_window(SeqNum{0xfffffffe}, SeqNum{0xfffffffe}, 4));
  static_assert(in_window(SeqNum{1}, SeqNum{0xfffffffe}, 4));
  static_assert(!in_window(SeqNum{2}, SeqNum{0xfffffffe}, 4));
  static_assert(!in_window(SeqNum{0xfffffffd}, SeqNum{0xfffffffe}, 4));
  static_assert(!in_window(SeqNum{9}, SeqNum{9}, 0));
}

TEST(BaseSeqNum, IsNotAnOrderSoItCannotBeSorted) {
  static_assert(!std::three_way_comparable<SeqNum>);
}

}  // namespace
}  // namespace packetwright
