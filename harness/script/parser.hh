// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/script/diagnostic.hh"
#include "harness/script/source.hh"
#include "harness/script/tree.hh"

namespace packetwright::script {

struct ParseOptions {
  // automatic: google, unless the text uses something that only nplab's packetdrill knows.
  Dialect dialect = Dialect::automatic;
  // User symbols, as -D gives them: a value in double quotes is a string, in back-quotes a command,
  // else an integer or a word. `--define` lines of the script itself come on top.
  std::map<std::string, std::string> defines;
};

struct ParseResult {
  Script script;                        // as much as could be read; do not run it if !ok()
  std::vector<Diagnostic> diagnostics;  // by place; at most kMaxDiagnostics

  [[nodiscard]] bool ok() const noexcept { return !has_errors(diagnostics); }
};

inline constexpr std::size_t kMaxDiagnostics = 100;
inline constexpr std::size_t kMaxSourceSize = std::size_t{4} << 20;  // octets

// Reads one file. Any octets give a tree or errors, in time proportional to their number. Preludes
// are not looked at and parameters not filled in: that is expand(), which checks what only concrete
// values can show.
[[nodiscard]] ParseResult parse(const Source& source, const ParseOptions& options = {});

}  // namespace packetwright::script
