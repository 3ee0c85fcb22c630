// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/verdict.hh"

#include <algorithm>
#include <numeric>

namespace packetwright::runner {
namespace {

constexpr std::array<std::string_view, kVerdictCount> kNames{
    "pass",  "fail",        "non_strict", "info", "xfail",
    "xpass", "unsupported", "crash",      "hang", "error"};

}  // namespace

std::string_view name_of(Verdict verdict) noexcept {
  return kNames[static_cast<std::size_t>(verdict)];
}

std::optional<Verdict> verdict_named(std::string_view name) noexcept {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Verdict>(found - kNames.begin());
}

Kind kind_of(Verdict verdict, bool strict) noexcept {
  switch (verdict) {
    case Verdict::pass:
    case Verdict::info:
    case Verdict::xfail: return Kind::passed;
    case Verdict::non_strict: return strict ? Kind::failed : Kind::passed;
    case Verdict::unsupported: return Kind::skipped;
    case Verdict::fail:
    case Verdict::xpass:
    case Verdict::crash:
    case Verdict::hang:
    case Verdict::error: return Kind::failed;
  }
  return Kind::failed;
}

std::size_t Tally::of(Kind kind, bool strict) const noexcept {
  std::size_t count = 0;
  for (std::size_t i = 0; i < kVerdictCount; ++i) {
    if (kind_of(static_cast<Verdict>(i), strict) == kind) count += counts_[i];
  }
  return count;
}

std::size_t Tally::total() const noexcept {
  return std::accumulate(counts_.begin(), counts_.end(), std::size_t{0});
}

}  // namespace packetwright::runner
