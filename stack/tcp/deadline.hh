// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <optional>

#include "stack/base/instant.hh"

namespace packetwright::tcp {

// When a timer of a connection fires, or none: an optional Instant in half the memory, because a
// connection has many and hardly ever more than one that runs.
class Deadline {
 public:
  constexpr Deadline() = default;
  constexpr Deadline(std::nullopt_t) {}
  constexpr Deadline(Instant at) : at_(at) {}

  constexpr explicit operator bool() const noexcept { return at_ != kNone; }
  // Only if there is one.
  constexpr Instant operator*() const noexcept { return at_; }
  // None comes after all others.
  friend constexpr auto operator<=>(Deadline, Deadline) noexcept = default;
  constexpr void reset() noexcept { at_ = kNone; }
  constexpr operator std::optional<Instant>() const noexcept {
    return at_ == kNone ? std::nullopt : std::optional{at_};
  }

 private:
  static constexpr Instant kNone = Instant::max();  // in 292 years

  Instant at_ = kNone;
};

}  // namespace packetwright::tcp
