// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace packetwright::runner {

// What one run of one case says about the stack under test.
enum class Verdict : std::uint8_t {
  pass,
  fail,         // a MUST does not hold
  non_strict,   // a SHOULD does not hold
  info,         // a MAY is not taken up
  xfail,        // failed as conformance/expectations says it does
  xpass,        // held although expectations say it does not
  unsupported,  // the target lacks a capability that the case needs
  crash,        // the stack under test died
  hang,         // the stack under test did not come back
  error,        // the case or the harness is broken
};
inline constexpr std::size_t kVerdictCount = 10;

// "non_strict": the word that stands in documents.
[[nodiscard]] std::string_view name_of(Verdict verdict) noexcept;
[[nodiscard]] std::optional<Verdict> verdict_named(std::string_view name) noexcept;

// The three kinds of the last line of a run.
enum class Kind : std::uint8_t { passed, failed, skipped };
// Passed are pass, non_strict, info and xfail; with `strict`, non_strict is failed.
[[nodiscard]] Kind kind_of(Verdict verdict, bool strict) noexcept;

class Tally {
 public:
  void add(Verdict verdict) noexcept { ++counts_[static_cast<std::size_t>(verdict)]; }
  [[nodiscard]] std::size_t operator[](Verdict verdict) const noexcept {
    return counts_[static_cast<std::size_t>(verdict)];
  }
  [[nodiscard]] std::size_t of(Kind kind, bool strict) const noexcept;
  [[nodiscard]] std::size_t total() const noexcept;

 private:
  std::array<std::size_t, kVerdictCount> counts_{};
};

}  // namespace packetwright::runner
