// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// What the cells of tables of measurements hold.
namespace packetwright::sim {

// Of at least one value; of an even number the mean of the two in the middle, rounded down.
[[nodiscard]] inline std::uint64_t median(std::vector<std::uint64_t> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return values[middle];
  return (values[middle - 1] + values[middle]) / 2;
}

// `text` behind so many blanks that it ends at `width`.
[[nodiscard]] inline std::string cell(const std::string& text, std::size_t width) {
  return text.size() >= width ? text : std::string(width - text.size(), ' ') + text;
}

// Tenths as "12.3".
[[nodiscard]] inline std::string tenths(std::uint64_t value) {
  return std::to_string(value / 10) + '.' + std::to_string(value % 10);
}

}  // namespace packetwright::sim
