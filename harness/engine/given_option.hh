// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "harness/engine/engine.hh"
#include "harness/script/tree.hh"

namespace packetwright::engine {

// The value of one of packetdrill's options, as the run or else the script gives it, or else the
// run's defaults; the last one counts. `otherwise`: nobody gives it.
[[nodiscard]] inline std::string_view given_option(const script::Script& script,
                                                   const RunOptions& options, std::string_view name,
                                                   std::string_view otherwise = {}) {
  std::string_view value = otherwise;
  for (const auto& [given, its_value] : options.defaults) {
    if (given == name) value = its_value;
  }
  value = script.option(name).value_or(value);
  for (const auto& [given, its_value] : options.options) {
    if (given == name) value = its_value;
  }
  return value;
}

}  // namespace packetwright::engine
