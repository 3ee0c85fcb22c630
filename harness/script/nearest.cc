// SPDX-License-Identifier: Apache-2.0
#include "harness/script/nearest.hh"

#include <algorithm>
#include <array>
#include <vector>

namespace packetwright::script {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the usual table: two back for the swap of neighbours.
  std::array<std::vector<std::size_t>, 3> rows;
  for (auto& row : rows) row.resize(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    const auto& two_above = rows[(i + 1) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replace, above[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], two_above[j - 2] + 1);
      }
    }
  }
  return rows[a.size() % 3][b.size()];
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  // A third of the letters may be wrong; longer words than any real one are not worth the table.
  if (word.size() > 64) return {};
  std::size_t best = word.size() / 3 + 1;
  std::string_view found;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best || (distance == best && found.empty() && distance < word.size())) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

}  // namespace packetwright::script
