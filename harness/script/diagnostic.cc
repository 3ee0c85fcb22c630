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

// A line may have any length. So much of it is shown, around the caret.
constexpr std::size_t kShown = 160, kBefore = 80;

struct Excerpt {
  std::string text;
  std::size_t caret = 0;
};

Excerpt excerpt_of(std::string_view line, std::size_t caret) {
  if (line.size() <= kShown) return {std::string(line), caret};
  constexpr std::string_view kCut = "...";
  const std::size_t from = std::min(caret > kBefore ? caret - kBefore : 0, line.size());
  Excerpt out{std::string(line.substr(from, kShown)), caret - from};
  if (from + kShown < line.size()) out.text += kCut;
  if (from == 0) return out;
  out.text.insert(0, kCut);
  out.caret += kCut.size();
  return out;
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
    const Excerpt excerpt = excerpt_of(diagnostic.source_line, diagnostic.caret);
    for (const char c : excerpt.text) {
      text += c == '\t' ? ' ' : c >= ' ' && c < '\x7f' ? c : '?';
    }
    text += '\n';
    text.append(excerpt.caret, ' ');
    text += '^';
    text.append(std::clamp<std::size_t>(diagnostic.length, 1, kShown) - 1, '~');
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
