// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/level.hh"

#include <algorithm>
#include <array>
#include <utility>

#include "harness/runner/text.hh"

namespace packetwright::runner {

std::string_view name_of(Level level) noexcept {
  switch (level) {
    case Level::may: return "MAY";
    case Level::should: return "SHOULD";
    case Level::must: return "MUST";
  }
  return "?";
}

std::optional<Level> level_named(std::string_view word) noexcept {
  static constexpr std::array<std::pair<std::string_view, Level>, 11> kWords{{
      {"must", Level::must},
      {"must not", Level::must},
      {"required", Level::must},
      {"shall", Level::must},
      {"shall not", Level::must},
      {"should", Level::should},
      {"should not", Level::should},
      {"recommended", Level::should},
      {"not recommended", Level::should},
      {"may", Level::may},
      {"optional", Level::may},
  }};
  for (const auto& [name, level] : kWords) {
    if (equal_ignoring_case(name, word)) return level;
  }
  return std::nullopt;
}

}  // namespace packetwright::runner
