// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/catalogue.hh"

#include <algorithm>
#include <optional>
#include <utility>

#include "harness/runner/csv.hh"

namespace packetwright::runner {
namespace {

using Row = std::vector<std::string>;

std::optional<std::size_t> column_of(const Row& header, std::string_view name) {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end()) return std::nullopt;
  return static_cast<std::size_t>(found - header.begin());
}

std::string at(const Row& row, std::optional<std::size_t> column) {
  return column && *column < row.size() ? row[*column] : std::string{};
}

}  // namespace

std::string place_of(const Requirement& requirement) {
  const std::string_view id = requirement.id;
  const std::size_t dash = id.find('-');
  if (!id.starts_with("RFC") || dash == std::string_view::npos) return requirement.id;
  std::string place = "RFC " + std::string(id.substr(3, dash - 3));
  if (!requirement.section.empty()) place += ", " + requirement.section;
  return place;
}

Result<void, std::string> Catalogue::add_csv(std::string_view text) {
  const auto rows = parse_csv(text);
  if (!rows) return Err{rows.error()};
  if (rows->empty()) return Err{std::string{"empty: expected a line that names the columns"}};
  const Row& header = rows->front();
  for (const std::string_view name : {"id", "section", "level", "rule"}) {
    if (!column_of(header, name)) {
      return Err{"the first line names no column '" + std::string(name) + "'"};
    }
  }
  const auto id = column_of(header, "id"), section = column_of(header, "section"),
             level = column_of(header, "level"), rule = column_of(header, "rule"),
             keyword = column_of(header, "keyword"), testable = column_of(header, "testable"),
             condition = column_of(header, "condition");
  for (std::size_t i = 1; i < rows->size(); ++i) {
    const Row& row = (*rows)[i];
    const std::string name = at(row, id);
    const std::string where = "row " + std::to_string(i + 1) + ": ";
    if (name.empty()) return Err{where + "no id"};
    const auto parsed_level = level_named(at(row, level));
    if (!parsed_level) return Err{where + name + ": level '" + at(row, level) + "' is not known"};
    Requirement requirement{name,
                            at(row, section),
                            *parsed_level,
                            at(row, keyword),
                            at(row, testable),
                            at(row, condition),
                            at(row, rule)};
    if (!requirements_.emplace(name, std::move(requirement)).second) {
      return Err{where + name + " is there twice"};
    }
  }
  return {};
}

const Requirement* Catalogue::find(std::string_view id) const {
  const auto found = requirements_.find(id);
  return found == requirements_.end() ? nullptr : &found->second;
}

std::vector<std::string> Catalogue::ids() const {
  std::vector<std::string> ids;
  ids.reserve(requirements_.size());
  for (const auto& [id, requirement] : requirements_) ids.push_back(id);
  return ids;
}

}  // namespace packetwright::runner
