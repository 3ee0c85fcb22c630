// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include <unistd.h>

#include "harness/cli/case_source.hh"
#include "harness/cli/disk.hh"
#include "harness/cli/target_choice.hh"
#include "harness/cli/terminal.hh"
#include "harness/cli/verbs.hh"
#include "harness/report/document_writer.hh"
#include "harness/report/matrix.hh"
#include "harness/runner/expectations.hh"
#include "harness/runner/runner.hh"

namespace packetwright::cli {
namespace {

using report::Json;

// The same cases on several targets. What was run before comes from its document instead.
class Compare {
 public:
  explicit Compare(const CompareArguments& arguments) : arguments_(arguments) {}

  Result<ExitCode, EarlyEnd> act() {
    const auto seed = seed_from(arguments_.seed);
    if (!seed) return Err{seed.error()};
    seed_ = *seed;
    std::vector<Json> documents;
    for (const std::string& name : arguments_.targets) {
      auto document = name.ends_with(".json") ? read(name) : run(name);
      if (!document) return Err{document.error()};
      documents.push_back(std::move(*document));
    }
    const report::Matrix matrix = report::matrix_of(documents);
    print(matrix);
    for (const auto& [path, text] : {std::pair{&arguments_.json, json_of(matrix)},
                                     std::pair{&arguments_.markdown, markdown_of(matrix)}}) {
      if (path->empty() || *path == "-") continue;
      if (const auto written = write_file(*path, text); !written) {
        return Err{ends(ExitCode::environment, *path + ": " + written.error())};
      }
    }
    return told_errors(documents, matrix) ? ExitCode::fell_short : ExitCode::ok;
  }

 private:
  static std::string json_of(const report::Matrix& matrix) {
    return report::to_json(matrix).dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  static std::string markdown_of(const report::Matrix& matrix) {
    std::ostringstream out;
    report::write_markdown(out, matrix);
    return out.str();
  }

  void print(const report::Matrix& matrix) const {
    if (arguments_.json == "-") {
      std::cout << json_of(matrix);
    } else if (arguments_.markdown == "-") {
      std::cout << markdown_of(matrix);
    } else {
      const bool colour = console_options(arguments_.colour, "never", STDOUT_FILENO).colour;
      report::write_text(std::cout, matrix, report::Paint(colour));
    }
  }

  // An error is a verdict on nobody, and stands in no row; but it must not go unseen.
  static bool told_errors(const std::vector<Json>& documents, const report::Matrix& matrix) {
    bool any = false;
    for (std::size_t i = 0; i < documents.size(); ++i) {
      const std::size_t errors = report::tally_of(documents[i].at("cases"))[runner::Verdict::error];
      if (errors == 0) continue;
      any = true;
      std::cerr << "packetwright: " << matrix.targets[i] << ": " << errors
                << " without a verdict, for errors that `packetwright run` tells\n";
    }
    return any;
  }

  static Result<Json, EarlyEnd> read(const std::string& path) {
    const auto text = read_file(path, kMaxResults);
    if (!text) return Err{usage(path + ": " + text.error())};
    auto document = report::read_document(*text);
    if (!document) return Err{usage(path + ": " + document.error())};
    if (!document->value("complete", false)) {
      return Err{usage(path + ": of a run that did not come to its end")};
    }
    return std::move(*document);
  }

  Result<void, EarlyEnd> open_cases() {
    if (open_) return {};
    auto open = open_suite(arguments_.cases);
    if (!open) return Err{open.error()};
    open_.emplace(std::move(*open));
    auto selected = select_cases(*open_, arguments_.cases, false);
    if (!selected) return Err{selected.error()};
    cases_ = std::move(selected->cases);
    return {};
  }

  Result<Json, EarlyEnd> run(const std::string& name) {
    if (auto opened = open_cases(); !opened) return Err{opened.error()};
    auto target = find_target(name);
    if (!target) return Err{target.error()};
    runner::PlanOptions plan;
    plan.seed = seed_;
    const auto runs = runner::plan(cases_, target->traits, plan);
    if (!runs) return Err{usage(runs.error())};
    const auto ledger = ledger_of(*open_, name, target->traits.clock);
    if (!ledger) return Err{ledger.error()};

    runner::RunnerOptions options;
    options.target = name;
    options.clock = target->traits.clock;
    options.workers = target->exclusive ? 1 : default_workers(target->traits);
    options.slow = arguments_.slow;
    options.seed = seed_;
    std::vector<runner::CaseResult> results(runs->size());
    const runner::RunnerOutcome outcome = runner::run_plan(
        open_->suite, *runs, *ledger, machinery_for(name), options,
        [&](std::size_t index, runner::CaseResult result) { results[index] = std::move(result); });
    if (outcome.interrupted) return Err{EarlyEnd{ExitCode::interrupted, ""}};
    if (!outcome.error.empty()) {
      return Err{
          ends(ExitCode::environment, "target " + name + " cannot be used: " + outcome.error)};
    }
    report::RunInfo info;
    info.target = name;
    info.target_version = target->traits.version;
    Json document = report::to_json(info);
    document["cases"] = Json::array();
    for (const runner::CaseResult& one : results) {
      document["cases"].push_back(report::to_json(one));
    }
    return document;
  }

  const CompareArguments& arguments_;
  std::uint64_t seed_ = 0;
  std::optional<OpenSuite> open_;
  std::vector<runner::Case> cases_;
};

}  // namespace

VerbResult compare(const CompareArguments& arguments) {
  return Compare(arguments).act();
}

}  // namespace packetwright::cli
