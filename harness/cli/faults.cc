// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iostream>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include <unistd.h>

#include "harness/cli/case_source.hh"
#include "harness/cli/disk.hh"
#include "harness/cli/fault_report.hh"
#include "harness/cli/fault_survey.hh"
#include "harness/cli/target_choice.hh"
#include "harness/cli/verbs.hh"
#include "harness/runner/keyword_expression.hh"
#include "harness/runner/selection.hh"
#include "harness/runner/text.hh"

namespace packetwright::cli {
namespace {

using faulty::Fault;

// "tcp", "tcp.rto" and "tcp.rto.not_doubled" select what begins with those words; a glob what it
// matches as a whole.
bool selects(const std::string& word, std::string_view name) {
  if (runner::is_glob(word)) return runner::glob_matches(word, name);
  return name == word || name.starts_with(word + ".");
}

class Faults {
 public:
  Faults(const FaultsArguments& arguments, std::span<const Fault> table)
      : arguments_(arguments), table_(table) {}

  Result<ExitCode, EarlyEnd> act() {
    if (table_.empty()) {
      return Err{ends(ExitCode::environment,
                      "this command has the reference stack without faults; `./pw faults` builds "
                      "and runs the one that has them, packetwright-faults")};
    }
    if (auto step = select_faults(); !step) return Err{step.error()};
    if (arguments_.list) return list();
    if (auto step = plan_runs(); !step) return Err{step.error()};
    SurveyOptions options;
    options.workers = arguments_.jobs > 0 ? arguments_.jobs : default_workers(traits_);
    options.all = arguments_.all;
    options.case_timeout = std::chrono::seconds(arguments_.timeout_s);
    options.seed = seed_;
    options.progress = [this](std::size_t done) { tell_progress(done); };
    // A case that fails anyway would show every fault.
    const auto short_of = survey_without_fault(open_->suite, runs_, options);
    if (!short_of) return Err{short_of.error()};
    if (!short_of->empty()) {
      return Err{ends(ExitCode::fell_short,
                      "without any fault these fall short: " + runner::join(*short_of, ", "))};
    }
    auto results = survey(open_->suite, runs_, faults_, options);
    if (!results) return Err{results.error()};
    return tell(report_of(std::move(*results), runs_, arguments_.all));
  }

 private:
  Result<void, EarlyEnd> select_faults() {
    std::optional<runner::KeywordExpression> keyword;
    if (!arguments_.keyword.empty()) {
      auto parsed = runner::KeywordExpression::parse(arguments_.keyword);
      if (!parsed) return Err{usage("-k " + arguments_.keyword + ": " + parsed.error())};
      keyword = std::move(*parsed);
    }
    const auto shard = runner::shard_from(arguments_.shard);
    if (!shard) {
      return Err{usage("--shard " + arguments_.shard + ": expected I/N with 1 <= I <= N")};
    }
    for (const std::string& word : arguments_.faults) {
      if (std::none_of(table_.begin(), table_.end(),
                       [&](const Fault& fault) { return selects(word, fault.name); })) {
        std::vector<std::string> names;
        for (const Fault& fault : table_) names.emplace_back(fault.name);
        return Err{usage("there is no fault " + word + runner::did_you_mean(word, names))};
      }
    }
    for (const Fault& fault : table_) {
      const auto& words = arguments_.faults;
      const bool named = words.empty() || std::any_of(words.begin(), words.end(), [&](auto& word) {
                           return selects(word, fault.name);
                         });
      const std::string text = std::string{fault.name} + " " + std::string{fault.what};
      if (!named || (keyword && !keyword->matches(text)) || !shard->holds(fault.name)) continue;
      faults_.push_back(&fault);
    }
    if (faults_.empty()) return Err{usage("nothing selected: no fault is left")};
    return {};
  }

  ExitCode list() const {
    for (const Fault* const fault : faults_) {
      std::cout << fault->name << ": " << fault->what << '\n';
    }
    return ExitCode::ok;
  }

  Result<void, EarlyEnd> plan_runs() {
    const auto seed = seed_from(arguments_.seed);
    if (!seed) return Err{seed.error()};
    seed_ = *seed;
    auto target = find_target("faulty:" + std::string{faulty::kNoFault.name});
    if (!target) return Err{target.error()};
    traits_ = std::move(target->traits);
    auto open = open_suite(arguments_.cases);
    if (!open) return Err{open.error()};
    open_.emplace(std::move(*open));
    auto selected = select_cases(*open_, arguments_.cases, false);
    if (!selected) return Err{selected.error()};
    cases_ = std::move(selected->cases);
    runner::PlanOptions plan;
    plan.seed = seed_;
    auto runs = runner::plan(cases_, traits_, plan);
    if (!runs) return Err{usage(runs.error())};
    runs_ = std::move(*runs);
    return {};
  }

  void tell_progress(std::size_t done) const {
    if (::isatty(STDERR_FILENO) == 0) return;
    std::cerr << '\r' << done << " of " << faults_.size() << (done == faults_.size() ? "\n" : "")
              << std::flush;
  }

  Result<ExitCode, EarlyEnd> tell(const FaultReport& report) const {
    const std::string json = to_json(report).dump(1) + "\n";
    std::ostringstream markdown;
    write_markdown(markdown, report);
    if (arguments_.json == "-") {
      std::cout << json;
    } else if (arguments_.markdown == "-") {
      std::cout << markdown.str();
    } else {
      write_text(std::cout, report);
    }
    for (const auto& [path, text] :
         {std::pair{&arguments_.json, json}, std::pair{&arguments_.markdown, markdown.str()}}) {
      if (path->empty() || *path == "-") continue;
      if (const auto written = write_file(*path, text); !written) {
        return Err{ends(ExitCode::environment, *path + ": " + written.error())};
      }
    }
    const bool enough = arguments_.at_least < 100 &&
                        report.total.killed * 100 >= report.total.faults * arguments_.at_least;
    return enough || report.as_expected() ? ExitCode::ok : ExitCode::fell_short;
  }

  const FaultsArguments& arguments_;
  std::span<const Fault> table_;
  std::vector<const Fault*> faults_;
  std::uint64_t seed_ = 0;
  targets::Traits traits_;
  std::optional<OpenSuite> open_;
  std::vector<runner::Case> cases_;
  std::vector<runner::PlannedRun> runs_;
};

}  // namespace

VerbResult faults(const FaultsArguments& arguments, std::span<const Fault> table) {
  return Faults(arguments, table).act();
}

}  // namespace packetwright::cli
