// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/runner/case.hh"
#include "harness/runner/keyword_expression.hh"
#include "harness/runner/level.hh"

namespace packetwright::runner {

// Which of the cases a user means. Every part that is given must agree; within a part, one of
// several suffices.
struct Selection {
  std::vector<std::string> paths;     // see path_selects(); empty: all
  std::vector<std::string> excludes;  // the same, for cases that are left out
  std::optional<KeywordExpression> keyword;
  std::vector<std::string> requirements;  // ids, or globs over ids
  std::vector<Level> levels;

  // Whether every case of the suite is meant.
  [[nodiscard]] bool is_everything() const noexcept;
};

// The id that a user's spelling stands for: "./conformance/tcp/a.pkt" and "tcp/a" are one.
[[nodiscard]] std::string id_from_spelling(std::string_view spelling);

// Whether `pattern` - an id, a folder, or a glob over either - selects the case `id`.
[[nodiscard]] bool path_selects(std::string_view pattern, std::string_view id);
// Of several.
[[nodiscard]] bool any_path_selects(std::span<const std::string> patterns, std::string_view id);

// Everything but `paths` and `excludes`, which need no more than the id.
[[nodiscard]] bool content_selects(const Selection& selection, const Case& one);

// A share of the cases for one of several machines. Which share a case falls in depends on its id
// alone, so that adding a case moves no other.
struct Shard {
  std::uint32_t index = 1;  // 1 .. count
  std::uint32_t count = 1;

  [[nodiscard]] bool holds(std::string_view id) const noexcept;
};
// "2/5". nullopt: not of that form, or not 1 =< index =< count.
[[nodiscard]] std::optional<Shard> shard_from(std::string_view text) noexcept;

}  // namespace packetwright::runner
