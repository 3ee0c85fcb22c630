// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/script/parser.hh"
#include "harness/script/source.hh"
#include "harness/script/tree.hh"
#include "stack/base/result.hh"

namespace packetwright::script {

// Finds the prelude of a name ("established"); an error says why there is none.
using PreludeLoader = std::function<Result<Source, std::string>(std::string_view name)>;

// One way to fill in the parameters of a script.
struct Combination {
  Values values;
  std::string name;  // "mss=536,win=0" in the order of the `for` lines; empty: no parameters
  friend bool operator==(const Combination&, const Combination&) = default;
};

inline constexpr std::size_t kMaxCombinations = 4096;  // more is an error of the parser

// All combinations of the `for` lines, the first line varying slowest. A script without parameters
// has exactly one.
[[nodiscard]] std::vector<Combination> combinations(const Script& script);

// Reads "mss=536,win=0" back, also in another order and with parts missing (those take their first
// value). An error names what is unknown; the value need not be one of the `for` line.
[[nodiscard]] Result<Combination, std::string> combination_from(const Script& script,
                                                                std::string_view text);

// The script with every parameter replaced by its value and every `use` by the events of its
// prelude, ready to run. Needs, knobs and options of preludes join those of the script. Locations
// stay those of the sources. Errors are in the diagnostics: a value out of range where it is used,
// an unknown prelude, preludes that use each other (with the chain), absolute times in a prelude.
[[nodiscard]] ParseResult expand(const Script& script, const Values& values,
                                 const PreludeLoader& loader);

}  // namespace packetwright::script
