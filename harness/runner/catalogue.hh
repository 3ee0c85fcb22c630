// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/runner/level.hh"
#include "stack/base/result.hh"

namespace packetwright::runner {

// One rule of an RFC, in our own words.
struct Requirement {
  std::string id;       // "RFC9293-MUST-12"
  std::string section;  // "3.4.1"; a name where the RFC has no numbers
  Level level = Level::must;
  std::string keyword;    // how the text words it: capital, keyword, lower, implied
  std::string testable;   // wire, api, both, no
  std::string condition;  // the feature that it presupposes; empty: any host
  std::string rule;
};

// "RFC 9293, 3.4.1".
[[nodiscard]] std::string place_of(const Requirement& requirement);

// The requirements that cases may cite: conformance/requirements/*.csv.
class Catalogue {
 public:
  // Adds the rows of one file. The first line names the columns; `id`, `section`, `level` and
  // `rule` must be among them, in any order, and others are allowed. The error says where and what;
  // rows before it stay added.
  [[nodiscard]] Result<void, std::string> add_csv(std::string_view text);

  // nullptr: there is none. Valid as long as the catalogue is not added to.
  [[nodiscard]] const Requirement* find(std::string_view id) const;
  [[nodiscard]] std::size_t size() const noexcept { return requirements_.size(); }
  [[nodiscard]] std::vector<std::string> ids() const;

 private:
  std::map<std::string, Requirement, std::less<>> requirements_;
};

}  // namespace packetwright::runner
