// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "harness/cli/case_source.hh"
#include "harness/cli/verbs.hh"
#include "harness/runner/text.hh"
#include "harness/script/expand.hh"
#include "harness/script/parser.hh"
#include "harness/targets/registry.hh"

namespace packetwright::cli {
namespace {

// Collects remarks, each once: the same line of a prelude is met in every case that uses it.
class Findings {
 public:
  explicit Findings(bool plain) : plain_(plain) {}

  void add(const std::string& text) {
    if (told_.insert(text).second) std::cout << text << '\n';
  }
  void add(const std::vector<script::Diagnostic>& diagnostics) {
    for (const script::Diagnostic& diagnostic : diagnostics) {
      if (diagnostic.severity == script::Severity::extension && !plain_) continue;
      add(script::render(diagnostic));
    }
  }
  [[nodiscard]] std::size_t size() const { return told_.size(); }

 private:
  bool plain_;
  std::set<std::string> told_;
};

// What a case of ours should say of itself; other people's scripts owe us nothing.
void check_metadata(const runner::Case& one, Findings& findings) {
  if (one.script->mode != script::Mode::strict) return;
  if (one.title.empty()) {
    findings.add(one.path + ":1: warning: no title; say in a // line above what must hold");
  }
  if (one.script->metadata.cites.empty()) {
    findings.add(one.path + ":1: warning: cites no requirement; add //: cites ID");
  }
}

// A need that no target here declares may be that of a stack elsewhere, or a typing error: the
// latter if it is nearly one that is declared.
void check_needs(const runner::Case& one, const std::vector<std::string>& declared,
                 Findings& findings) {
  for (const std::string& need : one.needs) {
    if (std::find(declared.begin(), declared.end(), need) != declared.end()) continue;
    const std::string near = runner::did_you_mean(need, declared);
    if (near.empty()) continue;
    findings.add(one.path + ":1: warning: no target has the capability '" + need + "'" + near);
  }
}

void lint_one(const runner::Suite& suite, const runner::Case& one, Findings& findings) {
  if (one.script == nullptr) {
    findings.add(one.problem);
    return;
  }
  // Reading it again gives the warnings, which a case does not keep.
  const script::Script& tree = *one.script;
  bool readable = true;
  if (tree.origin.source != nullptr) {
    script::ParseOptions options;
    options.dialect = tree.origin.dialect;
    options.defines = tree.origin.defines;
    const script::ParseResult parsed = script::parse(*tree.origin.source, options);
    findings.add(parsed.diagnostics);
    readable = parsed.ok();
  }
  if (readable && !one.problem.empty()) findings.add(one.problem);  // unknown requirements
  if (!readable) return;
  check_metadata(one, findings);
  for (const script::Combination& combination : one.combinations) {
    findings.add(script::expand(tree, combination.values, suite.prelude_loader()).diagnostics);
  }
}

}  // namespace

VerbResult lint(const LintArguments& arguments) {
  const auto open = open_suite(arguments.cases);
  if (!open) return Err{open.error()};
  const auto selected = select_cases(*open, arguments.cases, true);
  if (!selected) return Err{selected.error()};
  std::set<std::string> capabilities;
  for (const targets::TargetInfo& info : targets::list()) {
    capabilities.insert(info.traits.capabilities.begin(), info.traits.capabilities.end());
  }
  const std::vector<std::string> declared(capabilities.begin(), capabilities.end());
  Findings findings(arguments.plain);
  for (const runner::Case& one : selected->cases) {
    lint_one(open->suite, one, findings);
    check_needs(one, declared, findings);
  }
  std::cout << selected->cases.size() << " scripts, " << findings.size() << " remarks\n";
  return findings.size() == 0 ? ExitCode::ok : ExitCode::fell_short;
}

}  // namespace packetwright::cli
