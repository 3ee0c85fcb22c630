// SPDX-License-Identifier: Apache-2.0
#include "harness/sweep/choices_file.hh"

#include <algorithm>
#include <vector>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace packetwright::sweep {
namespace {

// Words of a key that is one of them or a list of them; an empty list: it is neither.
std::vector<std::string> words_of(const toml::table& table, std::string_view key) {
  std::vector<std::string> words;
  const toml::node* const node = table.get(key);
  if (node == nullptr) return words;
  if (const auto one = node->value<std::string>()) return {*one};
  if (const toml::array* const list = node->as_array()) {
    for (const toml::node& item : *list) {
      const auto word = item.value<std::string>();
      if (!word) return {};
      words.push_back(*word);
    }
  }
  return words;
}

Result<void, std::string> read_choice(const toml::table& table, model::Choices& choices,
                                      std::vector<model::Point>& seen) {
  for (const auto& [key, value] : table) {
    if (key == "point" || key == "takes" || key == "why") continue;
    return Err{"'" + std::string(key.str()) + "' is not a key of a choice"};
  }
  const auto name = table["point"].value<std::string>();
  if (!name) return Err{std::string("a choice needs a `point`, in quotes")};
  const auto point = model::point_named(*name);
  if (!point) return Err{"there is no choice point '" + *name + "'"};
  if (std::find(seen.begin(), seen.end(), *point) != seen.end()) {
    return Err{"the choice of " + *name + " is made twice"};
  }
  seen.push_back(*point);
  if (table["why"].value<std::string>().value_or("").empty()) {
    return Err{"the choice of " + *name + " needs a `why`"};
  }
  const std::vector<std::string> takes = words_of(table, "takes");
  if (takes.empty()) return Err{"the choice of " + *name + " needs `takes`, a word or several"};
  return choices.set(*point, takes);
}

}  // namespace

Result<model::Choices, std::string> read_choices(std::string_view toml, std::string_view file) {
  const auto at = [&](std::uint32_t line, std::string_view what) {
    return Err{std::string(file) + ":" + std::to_string(line) + ": " + std::string(what)};
  };
  const toml::parse_result parsed = toml::parse(toml, file);
  if (!parsed) return at(parsed.error().source().begin.line, parsed.error().description());
  model::Choices choices;
  std::vector<model::Point> seen;
  for (const auto& [key, value] : parsed.table()) {
    const toml::array* const list = value.as_array();
    if (key != "choice" || list == nullptr || !list->is_array_of_tables()) {
      return at(value.source().begin.line, "expected [[choice]] tables and nothing else");
    }
    for (const toml::node& one : *list) {
      if (auto read = read_choice(*one.as_table(), choices, seen); !read) {
        return at(one.source().begin.line, read.error());
      }
    }
  }
  return choices;
}

}  // namespace packetwright::sweep
