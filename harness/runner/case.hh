// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/engine/variant.hh"
#include "harness/runner/level.hh"
#include "harness/runner/result.hh"
#include "harness/script/expand.hh"
#include "harness/script/tree.hh"

namespace packetwright::runner {

// One conformance case: a script and what it says of itself.
struct Case {
  std::string id;        // path below conformance/ without ".pkt": "tcp/window/zero_window_probe"
  std::string path;      // as a user can open it
  bool outside = false;  // a script that stands elsewhere and is named by its path alone
  std::string title;
  Level level = Level::must;  // the strongest that it cites; must if it cites nothing
  std::vector<Citation> requirements;
  std::vector<std::string> needs;
  std::vector<engine::Variant> variants;          // at least one
  std::vector<script::Combination> combinations;  // of its parameters, at least one
  std::shared_ptr<const script::Script> script;   // nullptr: it could not be read
  std::string problem;  // what is wrong with it, ready to print; empty: it can be run
};

// "tcp/window" of "tcp/window/zero_window_probe"; empty at the top.
[[nodiscard]] std::string_view folder_of(std::string_view id) noexcept;
// "zero_window_probe".
[[nodiscard]] std::string_view leaf_of(std::string_view id) noexcept;
// The order of reports: a folder's own cases stand together, before those of its subfolders.
[[nodiscard]] bool in_report_order(std::string_view a, std::string_view b) noexcept;

}  // namespace packetwright::runner
