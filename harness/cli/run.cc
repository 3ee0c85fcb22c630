// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "harness/cli/case_source.hh"
#include "harness/cli/run_report.hh"
#include "harness/cli/target_choice.hh"
#include "harness/cli/verbs.hh"
#include "harness/cli/version.hh"
#include "harness/engine/engine.hh"
#include "harness/engine/settings.hh"
#include "harness/report/failure_text.hh"
#include "harness/runner/expectation_draft.hh"
#include "harness/runner/expectations.hh"
#include "harness/runner/runner.hh"
#include "harness/runner/text.hh"
#include "harness/targets/registry.hh"

namespace packetwright::cli {
namespace {

using report::Json;
using runner::Verdict;

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts = {};
  ::gmtime_r(&now, &parts);
  char text[32];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts));
}

engine::Mode mode_of(const std::string& name) {
  if (name == "strict") return engine::Mode::strict;
  if (name == "packetdrill") return engine::Mode::packetdrill;
  return engine::Mode::automatic;
}

// The words that a replay needs because they change what a case does.
std::vector<std::string> replay_options(const RunArguments& arguments) {
  std::vector<std::string> words;
  if (arguments.mode != "auto") words.insert(words.end(), {"--mode", arguments.mode});
  if (arguments.cases.dialect != "auto") {
    words.insert(words.end(), {"--dialect", arguments.cases.dialect});
  }
  for (const std::string& define : arguments.cases.defines) {
    words.insert(words.end(), {"-D", define});
  }
  for (const std::string& option : arguments.script_options) {
    words.insert(words.end(), {"--script-option", option});
  }
  if (arguments.slow) words.emplace_back("--slow");
  if (!arguments.cases.conformance.empty()) {
    words.insert(words.end(), {"--conformance", arguments.cases.conformance});
  }
  if (!arguments.expectations.empty()) {
    words.insert(words.end(), {"--expectations", arguments.expectations});
  }
  return words;
}

// One `packetwright run`, step by step. Each step that fails says why the command ends.
class Run {
 public:
  explicit Run(const RunArguments& arguments) : arguments_(arguments) {}

  Result<ExitCode, EarlyEnd> act() {
    if (auto step = check_outputs(); !step) return Err{step.error()};
    if (auto step = prepare(); !step) return Err{step.error()};
    if (auto step = read_expectations(); !step) return Err{step.error()};
    if (auto step = resume(); !step) return Err{step.error()};
    RunReport report(arguments_, report::to_json(info()), resumed_);
    if (auto opened = report.open(); !opened) {
      return Err{ends(ExitCode::environment, opened.error())};
    }
    report.begin(runs_);
    report::RunEnd end;
    const Sanity first = sanity();
    end.sanity_first = first.verdict;
    end.interrupted = first.interrupted;
    end.error = first.error;
    if (!first.interrupted && first.error.empty()) run_cases(report, end);
    const bool stale_found = !end.stale.empty();
    const bool written = report.finish(end);
    std::cerr << first.explanation;
    if (arguments_.update_expectations) update_expectations(report.results());

    if (end.interrupted) return ExitCode::interrupted;
    if (!end.error.empty() || !written) return ExitCode::environment;
    const bool failed = report.tally().of(runner::Kind::failed, arguments_.strict) > 0;
    return failed || stale_found ? ExitCode::fell_short : ExitCode::ok;
  }

 private:
  // What running the sanity case told.
  struct Sanity {
    std::string verdict;  // empty: there is no such case
    bool interrupted = false;
    std::string error;        // the target does not pass it
    std::string explanation;  // of that, in several lines
  };

  void run_cases(RunReport& report, report::RunEnd& end) {
    const runner::RunnerOutcome outcome =
        runner::run_plan(open_->suite, runs_, expectations_, machinery_for(arguments_.target),
                         options_, [&](std::size_t index, runner::CaseResult result) {
                           report.on_result(index, std::move(result));
                         });
    end.interrupted = outcome.interrupted;
    end.error = outcome.error;
    end.complete = !outcome.interrupted && !outcome.stopped && outcome.error.empty();
    if (!end.complete) return;
    end.stale = stale();
    // The target worked at the start: if it does not now, the verdicts in between are in doubt.
    const Sanity last = sanity();
    end.sanity_last = last.verdict;
    end.interrupted = last.interrupted;
    if (!last.error.empty()) {
      end.error = "the sanity case passed at the start and does not at the end";
    }
  }

  Result<void, EarlyEnd> take_script_options() {
    engine::RunOptions how;
    for (const std::string& option : arguments_.script_options) {
      const std::size_t equals = option.find('=');
      if (equals == 0 || equals == std::string::npos) {
        return Err{usage("--script-option " + option + ": expected NAME=VALUE")};
      }
      how.defaults.emplace_back(option.substr(0, equals), option.substr(equals + 1));
      // A script without any option would be refused for the same reason.
      if (const auto settings = engine::settings_of({}, how, {}); !settings) {
        return Err{usage("--script-option " + option + ": " + settings.error().reason)};
      }
    }
    options_.script_options = std::move(how.defaults);
    return {};
  }

  // Two outputs in one place would leave neither.
  Result<void, EarlyEnd> check_outputs() const {
    std::map<std::string, const char*> taken;
    for (const auto& [option, path] :
         {std::pair{"--json", &arguments_.json}, std::pair{"--junit", &arguments_.junit},
          std::pair{"--tap", &arguments_.tap}}) {
      if (path->empty() || (*path != "-" && !is_replaceable(*path))) continue;
      std::error_code error;
      std::string place = std::filesystem::absolute(*path, error).string();
      if (!error) place = std::filesystem::weakly_canonical(place, error).string();
      if (error || *path == "-") place = *path;
      const auto [other, added] = taken.emplace(std::move(place), option);
      if (added) continue;
      return Err{usage(std::string(other->second) + " and " + option + " cannot both write to " +
                       (*path == "-" ? "standard output" : *path))};
    }
    return {};
  }

  Result<void, EarlyEnd> prepare() {
    const auto seed = seed_from(arguments_.seed);
    if (!seed) return Err{seed.error()};
    options_.seed = *seed;
    if (auto step = take_script_options(); !step) return step;
    const auto shard = runner::shard_from(arguments_.shard);
    if (!shard) {
      return Err{usage("--shard " + arguments_.shard + ": expected I/N with 1 <= I <= N")};
    }
    // A stack that is a file, a command or a host has no place in the folder of ledgers.
    if (arguments_.update_expectations && arguments_.expectations.empty() &&
        arguments_.target.find_first_of("/:") != std::string::npos) {
      return Err{usage("--update-expectations: target " + arguments_.target +
                       " has no list of known failures of its own; name one "
                       "with --expectations FILE")};
    }
    auto target = find_target(arguments_.target);
    if (!target) return Err{target.error()};
    target_ = std::move(target).value();
    auto open = open_suite(arguments_.cases);
    if (!open) return Err{open.error()};
    open_.emplace(std::move(open).value());
    auto selected = select_cases(*open_, arguments_.cases, false);
    if (!selected) return Err{selected.error()};
    selected_.emplace(std::move(selected).value());

    plan_.seed = options_.seed;
    plan_.shard = *shard;
    plan_.params = arguments_.params;
    for (const std::string& name : arguments_.variants) {
      if (const auto variant = script::variant_of(name)) plan_.variants.push_back(*variant);
    }
    auto runs = runner::plan(selected_->cases, target_.traits, plan_);
    if (!runs) return Err{usage(runs.error())};
    runs_ = std::move(runs).value();
    // An empty share of a shard is nobody's mistake.
    if (runs_.empty() && shard->count == 1) {
      return Err{ends(ExitCode::usage,
                      "nothing selected: no selected case has these variants and parameters")};
    }
    fill_options();
    return {};
  }

  void fill_options() {
    options_.target = arguments_.target;
    options_.clock = target_.traits.clock;
    options_.workers = arguments_.jobs > 0 ? arguments_.jobs : default_workers(target_.traits);
    if (target_.exclusive) options_.workers = 1;
    options_.workers = static_cast<unsigned>(std::clamp<std::size_t>(
        runs_.size() * arguments_.repeat, 1, std::max(1u, options_.workers)));
    options_.isolate =
        arguments_.isolate == "none" ? isolation::Isolate::none : isolation::Isolate::process;
    options_.limits.job_timeout = std::chrono::seconds(arguments_.timeout_s);
    options_.limits.memory_bytes = std::size_t{arguments_.memory_mib} << 20;
    options_.mode = mode_of(arguments_.mode);
    options_.slow = arguments_.slow;
    options_.repeat = arguments_.repeat;
    options_.fail_fast = arguments_.fail_fast;
    options_.strict = arguments_.strict;
    options_.keep_history = arguments_.verbosity >= 2;
    options_.replay_options = replay_options(arguments_);
  }

  Result<void, EarlyEnd> read_expectations() {
    if (arguments_.expectations == "none") return {};
    if (arguments_.expectations.empty()) {
      auto ledger = ledger_of(*open_, arguments_.target, target_.traits.clock);
      if (!ledger) return Err{ledger.error()};
      expectations_ = std::move(ledger).value();
      return {};
    }
    const std::string& name = arguments_.expectations;
    // A list that the drafts of this run begin.
    if (arguments_.update_expectations && !std::filesystem::exists(name)) return {};
    const auto text = read_file(name, kMaxScript);
    if (!text) return Err{usage(name + ": " + text.error())};
    auto parsed =
        runner::Expectations::parse({name, *text}, target_.traits.clock, find_ledger(*open_));
    if (!parsed) return Err{usage(parsed.error())};
    expectations_ = std::move(parsed).value();
    return {};
  }

  // Takes over the verdicts of an earlier run and leaves its runs out.
  Result<void, EarlyEnd> resume() {
    if (arguments_.resume.empty()) return {};
    const std::string where = "--resume " + arguments_.resume + ": ";
    const auto text = read_file(arguments_.resume, kMaxResults);
    if (!text) return Err{usage(where + text.error())};
    auto document = report::read_document(*text);
    if (!document) return Err{usage(where + document.error())};
    const Json now = report::to_json(info());
    for (const char* const key : {"target", "seed", "mode", "repeat", "shard", "version"}) {
      if (document->value(key, Json()) == now.at(key)) continue;
      return Err{usage(where + "that run differs in its " + key + ": " +
                       document->value(key, Json()).dump() + ", now " + now.at(key).dump())};
    }
    std::set<std::string> done;
    for (Json& one : document->at("cases")) {
      done.insert(report::full_name(one));
      resumed_.push_back(std::move(one));
    }
    std::erase_if(runs_, [&](const runner::PlannedRun& run) {
      return done.contains(
          report::full_name(report::to_json(runner::blank_result(run, arguments_.target))));
    });
    return {};
  }

  // Runs the sanity case alone.
  [[nodiscard]] Sanity sanity() const {
    Sanity told;
    const bool resolver = target_.traits.has("resolver");
    const auto id = open_->suite.sanity_id(resolver ? "resolver" : arguments_.target);
    if (!id || arguments_.no_sanity || runs_.empty()) return told;
    const std::vector<runner::Case> cases{open_->suite.load(*id)};
    runner::PlanOptions plan;
    plan.seed = options_.seed;
    auto runs = runner::plan(cases, target_.traits, plan);
    if (!runs || runs->empty()) return told;
    runs->resize(1);
    runner::RunnerOptions options = options_;
    options.workers = 1;
    options.repeat = 1;
    options.mode = engine::Mode::automatic;
    std::optional<runner::CaseResult> result;
    const runner::RunnerOutcome outcome = runner::run_plan(
        open_->suite, *runs, runner::Expectations{}, machinery_for(arguments_.target), options,
        [&](std::size_t, runner::CaseResult ended) { result = std::move(ended); });
    told.interrupted = outcome.interrupted;
    if (outcome.interrupted) return told;
    if (!outcome.error.empty() || !result) {
      told.error = "target " + arguments_.target + " cannot be used: " + outcome.error;
      told.explanation = "packetwright: " + told.error + "\n";
      return told;
    }
    told.verdict = runner::name_of(result->verdict);
    if (result->verdict == Verdict::pass || result->verdict == Verdict::unsupported) return told;
    told.error = "target " + arguments_.target + " does not pass the sanity case";
    told.explanation = "packetwright: " + told.error +
                       ", so no verdict would mean anything;\n"
                       "the stack or its adapter is broken (--no-sanity to run all the same)\n";
    const Json one = report::to_json(*result);
    told.explanation += report::heading_line(one, 100, report::Paint(false)) + "\n";
    for (const std::string& line : report::failure_lines(one, {100, true}, report::Paint(false))) {
      told.explanation += line + "\n";
    }
    return told;
  }

  [[nodiscard]] report::RunInfo info() const {
    report::RunInfo info;
    info.version = version_text();
    info.mode = arguments_.mode == "auto" ? "automatic" : arguments_.mode;
    info.target = arguments_.target;
    info.target_version = target_.traits.version;
    info.clock = target_.traits.clock == targets::ClockKind::virtual_time ? "virtual" : "real";
    info.medium = target_.traits.medium;
    info.capabilities = target_.traits.capabilities;
    info.seed = options_.seed;
    info.started = utc_now();
    info.workers = options_.workers;
    info.repeat = arguments_.repeat;
    info.shard = arguments_.shard;
    info.strict = arguments_.strict;
    return info;
  }

  // A whole suite, or folder, leaves no ledger entry without a case; a part of it may.
  [[nodiscard]] bool is_about_selection(const runner::Known& known) const {
    return selected_->everything ||
           std::any_of(selected_->folders.begin(), selected_->folders.end(),
                       [&](const std::string& folder) { return known.cases.starts_with(folder); });
  }

  [[nodiscard]] std::vector<std::string> stale() const {
    std::vector<std::string> ids = open_->suite.ids();
    for (const runner::Case& one : selected_->cases) ids.push_back(one.id);
    std::vector<std::string> out;
    for (const runner::Known& known : expectations_.stale(ids)) {
      if (!is_about_selection(known)) continue;
      out.push_back(known.file + ":" + std::to_string(known.line) + ": " + known.cases +
                    " selects no case");
    }
    return out;
  }

  // Appends drafts to the ledger of the target, never in CI: a ledger is for people to write.
  void update_expectations(const std::vector<runner::CaseResult>& results) const {
    const char* const ci = std::getenv("CI");
    if (ci != nullptr && *ci != '\0') {
      std::cerr << "packetwright: --update-expectations does nothing where CI is set\n";
      return;
    }
    const std::string draft = runner::draft_expectations(results);
    if (draft.empty()) {
      std::cerr << "packetwright: no new known failures\n";
      return;
    }
    std::string path = arguments_.expectations;
    if (path.empty() || path == "none") {
      path = (open_->root / "expectations" / (arguments_.target + ".toml")).string();
    }
    std::error_code ignored;  // what matters shows when the file is opened
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
    std::ofstream out(path, std::ios::app);
    out << draft;
    out.close();
    std::cerr << "packetwright: " << (out ? "drafts added to " : "cannot write ") << shown(path)
              << (out ? "; say why in each, or mend what is wrong" : "") << '\n';
  }

  const RunArguments& arguments_;
  targets::TargetInfo target_;
  std::optional<OpenSuite> open_;
  std::optional<SelectedCases> selected_;
  runner::PlanOptions plan_;
  std::vector<runner::PlannedRun> runs_;
  runner::RunnerOptions options_;
  runner::Expectations expectations_;
  std::vector<Json> resumed_;
};

}  // namespace

VerbResult run(const RunArguments& given) {
  RunArguments arguments = given;
  // What is resumed goes on in the same document.
  if (arguments.json.empty()) arguments.json = arguments.resume;
  for (std::string* const path : {&arguments.json, &arguments.junit, &arguments.tap}) {
    if (*path == "/dev/stdout") *path = "-";
  }
  return Run(arguments).act();
}

}  // namespace packetwright::cli
