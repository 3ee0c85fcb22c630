// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace packetwright::script {

enum class Severity : std::uint8_t {
  error,      // the script cannot be run
  warning,    // it can, but probably does not say what its author meant
  extension,  // fine here; packetdrill itself would not accept it (lint reports these)
};

// One remark about a script, complete enough to be shown without the script at hand.
struct Diagnostic {
  Severity severity = Severity::error;
  std::string file;
  std::uint32_t line = 0;    // from 1; 0: about the file as a whole
  std::uint32_t column = 0;  // from 1, in octets
  std::uint32_t length = 0;  // octets of that line to underline, at least 1
  std::string source_line;   // without its end; long lines are cut around the column
  std::uint32_t caret = 0;   // octet of source_line under which the caret goes
  std::string message;       // what was found and what was expected
  std::string hint;          // how to mend it; may be empty

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

// As a compiler prints it, without a newline at the end:
//   a.pkt:3:8: error: expected a number after 'win', found '<'
//   +0 < S 0:0(0) win <mss 1000>
//                     ^
//   hint: ...
[[nodiscard]] std::string render(const Diagnostic& diagnostic);

[[nodiscard]] bool has_errors(const std::vector<Diagnostic>& diagnostics) noexcept;

}  // namespace packetwright::script
