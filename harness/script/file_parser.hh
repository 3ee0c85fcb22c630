// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/script/grammar.hh"
#include "harness/script/parser.hh"

namespace packetwright::script {

// How one file, a script or a prelude of it, is read.
struct FileOptions {
  std::uint32_t file = 0;  // its number in locations
  Dialect dialect = Dialect::automatic;
  std::map<std::string, std::string> defines;
  Values values;           // of parameters
  bool expanding = false;  // parameters are replaced; those without a value by their default
  bool strict = false;     // whatever the text says: preludes follow the script that uses them
};

// Fills `out` and appends to `diagnostics`. Use events stay as they are.
void parse_file(const Source& source, const FileOptions& options, Script& out,
                std::vector<Diagnostic>& diagnostics);

}  // namespace packetwright::script
