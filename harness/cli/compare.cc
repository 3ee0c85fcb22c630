// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>
#include <utility>
#include <vector>

#include <unistd.h>

#include "harness/cli/case_source.hh"
#include "harness/cli/quiet_machine.hh"
#include "harness/cli/target_choice.hh"
#include "harness/cli/terminal.hh"
#include "harness/cli/verbs.hh"
#include "harness/cli/version.hh"
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
    for (const auto& [path, text] : {std::pair{&arguments_.json, json_of(matrix)},
                                     std::pair{&arguments_.markdown, markdown_of(matrix)}}) {
      if (path->empty() || *path == "-") continue;
      std::ofstream out(*path);
      out << text;
      out.close();
      if (!out) return Err{ends(ExitCode::environment, *path + ": cannot be written")};
    }
    if (arguments_.json == "-") {
      std::cout << json_of(matrix);
    } else if (arguments_.markdown == "-") {
      std::cout << markdown_of(matrix);
    } else {
      report::write_text(
          std::cout, matrix,
          report::Paint(console_options(arguments_.colour, "never", STDOUT_FILENO).colour));
    }
    return ExitCode::ok;
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

  static Result<Json, EarlyEnd> read(const std::string& path) {
    const auto text = read_file(path, kMaxResults);
    if (!text) return Err{usage(path + ": " + text.error())};
    auto document = report::read_document(*text);
    if (!document) return Err{usage(path + ": " + document.error())};
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

  [[nodiscard]] Result<runner::Expectations, EarlyEnd> ledger_of(const targets::TargetInfo& target,
                                                                 const std::string& name) const {
    const auto path = open_->suite.expectations_path(name);
    if (!path) return runner::Expectations{};
    const auto text = open_->suite.read(*path);
    if (!text) return Err{usage(*path + ": " + text.error())};
    auto parsed = runner::Expectations::parse(*text, *path, target.traits.clock);
    if (!parsed) return Err{usage(parsed.error())};
    return std::move(*parsed);
  }

  Result<Json, EarlyEnd> run(const std::string& name) {
    if (auto opened = open_cases(); !opened) return Err{opened.error()};
    auto target = find_target(name);
    if (!target) return Err{target.error()};
    runner::PlanOptions plan;
    plan.seed = seed_;
    const auto runs = runner::plan(cases_, target->traits, plan);
    if (!runs) return Err{usage(runs.error())};
    const auto ledger = ledger_of(*target, name);
    if (!ledger) return Err{ledger.error()};

    runner::RunnerOptions options;
    options.target = name;
    options.clock = target->traits.clock;
    options.workers = std::max(1u, std::thread::hardware_concurrency());
    options.slow = arguments_.slow;
    options.seed = seed_;
    std::vector<runner::CaseResult> results(runs->size());
    const runner::RunnerOutcome outcome = runner::run_plan(
        open_->suite, *runs, *ledger,
        {[&] { return targets::open(name); },
         [](const script::Script& script, const engine::RunOptions& how, targets::Target& stack,
            engine::Observer* observer) { return engine::run(script, how, stack, observer); },
         wait_for_quiet_machine},
        options,
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

ExitCode compare(const CompareArguments& arguments) {
  const auto ended = Compare(arguments).act();
  if (ended) return *ended;
  std::cerr << ended.error().text;
  return ended.error().code;
}

}  // namespace packetwright::cli
