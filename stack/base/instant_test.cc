// SPDX-License-Identifier: Apache-2.0
#include "stack/base/instant.hh"

#include <gtest/gtest.h>

namespace packetwright {
namespace {

template <class T>
concept CanBeRead = requires { T::now(); };

TEST(BaseInstant, TheClockCannotBeRead) {
  static_assert(!CanBeRead<StackClock>);
}

TEST(BaseInstant, CountsNanoseconds) {
  static_assert(nanos(Instant{} + 200ms) == 200'000'000);
  static_assert(instant_at(5) + 1us == instant_at(1'005));
  static_assert(instant_at(7) - instant_at(9) == Duration{-2});
}

}  // namespace
}  // namespace packetwright
