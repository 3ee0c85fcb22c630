// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <compare>
#include <optional>

#include "stack/base/assert.hh"
#include "stack/base/instant.hh"

namespace packetwright::inline base {

// When a timer fires, or never: an optional Instant in half the memory and in one register, because
// everything in a stack is asked for it again and again, and hardly anything has a timer that runs.
class Deadline {
 public:
  constexpr Deadline() = default;
  constexpr Deadline(std::nullopt_t) {}
  constexpr Deadline(Instant at) : at_(at) {}
  constexpr Deadline(const std::optional<Instant>& at) : at_(at ? *at : kNone) {}

  constexpr explicit operator bool() const noexcept { return at_ != kNone; }
  [[nodiscard]] constexpr bool has_value() const noexcept { return at_ != kNone; }
  // Only if there is one.
  constexpr Instant operator*() const noexcept { return at_; }
  [[nodiscard]] constexpr Instant value() const noexcept {
    PW_ASSERT(has_value());
    return at_;
  }
  // None comes after all others.
  friend constexpr auto operator<=>(Deadline, Deadline) noexcept = default;
  constexpr void reset() noexcept { at_ = kNone; }
  // Becomes the earlier of the two.
  constexpr void consider(Deadline other) noexcept { at_ = std::min(at_, other.at_); }
  constexpr operator std::optional<Instant>() const noexcept {
    return at_ == kNone ? std::nullopt : std::optional{at_};
  }

 private:
  static constexpr Instant kNone = Instant::max();  // in 292 years

  Instant at_ = kNone;
};

}  // namespace packetwright::inline base
