// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "harness/engine/engine.hh"
#include "harness/script/expand.hh"
#include "harness/script/parser.hh"

namespace packetwright::engine {

// Parses, expands and runs a script; a script that cannot be parsed fails the test.
// `prelude`: the text of any prelude that it uses.
inline Outcome run_text(const std::string& text, targets::Target& target, RunOptions options = {},
                        const std::string& prelude = {}, Observer* observer = nullptr) {
  const script::ParseResult parsed = script::parse({"test.pkt", text});
  for (const script::Diagnostic& one : parsed.diagnostics) {
    if (one.severity == script::Severity::error) ADD_FAILURE() << script::render(one);
  }
  if (!parsed.ok()) return {};
  const auto preludes = [&](std::string_view name) -> Result<script::Source, std::string> {
    if (prelude.empty()) return Err{"no prelude " + std::string(name)};
    return script::Source{"preludes/" + std::string(name) + ".pkt", prelude};
  };
  const script::ParseResult expanded = script::expand(parsed.script, {}, preludes);
  for (const script::Diagnostic& one : expanded.diagnostics) {
    if (one.severity == script::Severity::error) ADD_FAILURE() << script::render(one);
  }
  if (!expanded.ok()) return {};
  return run(expanded.script, options, target, observer);
}

inline Outcome run_strict(const std::string& text, targets::Target& target,
                          RunOptions options = {}) {
  options.mode = Mode::strict;
  return run_text(text, target, options);
}

// All of a failure in one text, as tests compare it.
inline std::string failure_text(const Outcome& outcome) {
  std::string text = std::string(name_of(outcome.status));
  if (!outcome.reason.empty()) text += ": " + outcome.reason;
  for (const Mismatch& mismatch : outcome.mismatches) {
    text += "\nline " + std::to_string(mismatch.line) + "\n  expected " + mismatch.expected +
            "\n  actual   " + mismatch.actual;
    for (const FieldDifference& field : mismatch.fields) {
      text += "\n    " + field.name + ": want " + field.want + ", got " + field.got;
    }
  }
  return text;
}

}  // namespace packetwright::engine
