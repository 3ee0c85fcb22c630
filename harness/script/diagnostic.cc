// SPDX-License-Identifier: Apache-2.0
#include "harness/script/diagnostic.hh"

#include <algorithm>

namespace packetwright::script {
namespace {

std::string_view name_of(Severity severity) noexcept {
  switch (severity) {
    case Severity::error: return "error";
    case Severity::warning: return "warning";
    case Severity::extension: return "not plain packetdrill";
  }
  return "";
}

}  // namespace

std::string render(const Diagnostic& diagnostic) {
  std::string text = diagnostic.file;
  if (diagnostic.line > 0) {
    text += ':';
    text += std::to_string(diagnostic.line);
    text += ':';
    text += std::to_string(diagnostic.column);
  }
  text += ": ";
  text += name_of(diagnostic.severity);
  text += ": " + diagnostic.message;
  if (diagnostic.line > 0) {
    text += "\n";
    // What a terminal would not show as one column is shown as a blank or a question mark, so that
    // the caret stands right.
    for (const char c : diagnostic.source_line) {
      text += c == '\t' ? ' ' : c >= ' ' && c < '\x7f' ? c : '?';
    }
    text += '\n';
    text.append(diagnostic.caret, ' ');
    text += '^';
    text.append(std::max<std::uint32_t>(diagnostic.length, 1) - 1, '~');
  }
  if (!diagnostic.hint.empty()) text += "\nhint: " + diagnostic.hint;
  return text;
}

bool has_errors(const std::vector<Diagnostic>& diagnostics) noexcept {
  return std::any_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& diagnostic) {
    return diagnostic.severity == Severity::error;
  });
}

}  // namespace packetwright::script
