// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/selection.hh"

#include <algorithm>
#include <charconv>

#include "harness/runner/text.hh"

namespace packetwright::runner {

bool Selection::is_everything() const noexcept {
  return paths.empty() && excludes.empty() && !keyword && requirements.empty() && levels.empty();
}

std::string id_from_spelling(std::string_view spelling) {
  constexpr std::string_view kRoot = "conformance/", kEnding = ".pkt";
  while (spelling.starts_with("./")) spelling.remove_prefix(2);
  if (spelling.starts_with(kRoot)) spelling.remove_prefix(kRoot.size());
  if (spelling == "conformance") spelling = {};
  if (spelling.ends_with(kEnding)) spelling.remove_suffix(kEnding.size());
  while (spelling.ends_with('/')) spelling.remove_suffix(1);
  return std::string(spelling);
}

bool path_selects(std::string_view pattern, std::string_view id) {
  const std::string wanted = id_from_spelling(pattern);
  if (wanted.empty() || wanted == ".") return true;
  // A folder selects all below it: try the id itself and each folder that holds it.
  for (std::string_view part = id;;) {
    if (glob_matches(wanted, part)) return true;
    const std::size_t slash = part.rfind('/');
    if (slash == std::string_view::npos) return false;
    part = part.substr(0, slash);
  }
}

bool any_path_selects(std::span<const std::string> patterns, std::string_view id) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return path_selects(pattern, id); });
}

bool content_selects(const Selection& selection, const Case& one) {
  if (selection.keyword && !selection.keyword->matches(one.id + " " + one.title)) return false;
  if (!selection.levels.empty() && std::find(selection.levels.begin(), selection.levels.end(),
                                             one.level) == selection.levels.end()) {
    return false;
  }
  if (selection.requirements.empty()) return true;
  return std::any_of(one.requirements.begin(), one.requirements.end(), [&](const auto& cited) {
    return std::any_of(selection.requirements.begin(), selection.requirements.end(),
                       [&](const auto& wanted) { return glob_matches(wanted, cited.id); });
  });
}

bool Shard::holds(std::string_view id) const noexcept {
  return stable_hash(id) % count + 1 == index;
}

std::optional<Shard> shard_from(std::string_view text) noexcept {
  Shard shard;
  const char* const end = text.data() + text.size();
  const auto [slash, first_error] =
      std::from_chars(text.data(), text.data() + text.size(), shard.index);
  if (first_error != std::errc{} || slash == end || *slash != '/') return std::nullopt;
  const auto [rest, second_error] = std::from_chars(slash + 1, end, shard.count);
  if (second_error != std::errc{} || rest != end) return std::nullopt;
  if (shard.index < 1 || shard.index > shard.count) return std::nullopt;
  return shard;
}

}  // namespace packetwright::runner
