// SPDX-License-Identifier: Apache-2.0
#include "harness/sweep/sweep.hh"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <unistd.h>

#include "harness/cli/case_source.hh"
#include "harness/cli/disk.hh"
#include "harness/cli/sweep_table.hh"
#include "harness/cli/target_choice.hh"
#include "harness/cli/terminal.hh"
#include "harness/cli/verbs.hh"
#include "harness/runner/text.hh"
#include "harness/sweep/choices_file.hh"
#include "harness/targets/isolation/pool.hh"

namespace packetwright::cli {
namespace {

using report::Json;

// Wall time of one prelude with one kind, beyond which the stack hangs.
constexpr Duration kLimit = 300s;

// "fin-wait-1", "FIN_WAIT_1" and "FIN-WAIT-1" are one word.
std::string folded(std::string_view word) {
  std::string text;
  for (const char c : word) {
    text += c == '_' ? '-' : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  return text;
}

struct Job {
  const sweep::Prelude* prelude;
  const sweep::Kind* kind;
};

// Those that the words name, or all if there are none. `names_of`: the names of one.
template <class One, class NamesOf>
Result<std::vector<const One*>, EarlyEnd> chosen(std::span<const One> all,
                                                 const std::vector<std::string>& words,
                                                 const std::string& option, const char* what,
                                                 const NamesOf& names_of) {
  std::vector<std::string> unknown = words, known;
  std::vector<const One*> found;
  for (const One& one : all) {
    bool named = words.empty();
    for (const std::string_view name : names_of(one)) {
      if (std::find(known.begin(), known.end(), name) == known.end()) known.emplace_back(name);
      const auto is_name = [&](const std::string& word) { return folded(word) == folded(name); };
      named = named || std::any_of(words.begin(), words.end(), is_name);
      std::erase_if(unknown, is_name);
    }
    if (named) found.push_back(&one);
  }
  if (unknown.empty()) return found;
  return Err{usage(option + " " + unknown.front() + ": there is no such " + what +
                   runner::did_you_mean(unknown.front(), known))};
}

class Sweep {
 public:
  explicit Sweep(const SweepArguments& arguments) : arguments_(arguments) {}

  Result<ExitCode, EarlyEnd> act() {
    if (auto step = prepare(); !step) return Err{step.error()};
    if (auto step = sweep_all(); !step) return Err{step.error()};
    if (table_.cells.empty()) {
      return Err{ends(ExitCode::environment,
                      "target " + arguments_.target +
                          " comes to none of these states: " + table_.unsupported.front())};
    }
    if (auto step = write_scripts(); !step) return Err{step.error()};
    print();
    for (const auto& [path, text] :
         {std::pair{&arguments_.json, json()}, std::pair{&arguments_.markdown, markdown()}}) {
      if (path->empty() || *path == "-") continue;
      if (const auto written = write_file(*path, text); !written) {
        return Err{ends(ExitCode::environment, *path + ": " + written.error())};
      }
    }
    return table_.holds() ? ExitCode::ok : ExitCode::fell_short;
  }

 private:
  Result<void, EarlyEnd> prepare() {
    const auto seed = seed_from(arguments_.seed);
    if (!seed) return Err{seed.error()};
    if (auto step = select_jobs(); !step) return step;
    auto target = find_target(arguments_.target);
    if (!target) return Err{target.error()};
    if (target->traits.clock != targets::ClockKind::virtual_time) {
      return Err{usage("target " + arguments_.target +
                       " has a clock of its own; a sweep asks too often for that")};
    }
    if (!target->traits.has("tcp") || !target->traits.has("ipv4")) {
      return Err{
          ends(ExitCode::environment, "target " + arguments_.target + " has no TCP over IPv4")};
    }
    workers_ = target->exclusive      ? 1
               : arguments_.jobs != 0 ? arguments_.jobs
                                      : default_workers(target->traits);
    CaseArguments everything;
    everything.conformance = arguments_.conformance;
    auto open = open_suite(everything);
    if (!open) return Err{open.error()};
    if (open->files == nullptr) {
      return Err{usage("there is no conformance folder here; name one with --conformance")};
    }
    open_.emplace(std::move(*open));
    options_.seed = *seed;
    options_.deviations = arguments_.deviations;
    for (const std::string& text : arguments_.knobs) {
      auto knob = knob_from(text);
      if (!knob) return Err{knob.error()};
      options_.knobs.insert_or_assign(knob->first, knob->second);
    }
    options_.loader = open_->suite.prelude_loader();
    table_.target = arguments_.target;
    table_.version = target->traits.version;
    table_.seed = *seed;
    table_.deviations = arguments_.deviations;
    return read_choices();
  }

  // Those that --choices names, else those of the target, if the suite has some.
  Result<void, EarlyEnd> read_choices() {
    std::string name = arguments_.choices;
    Result<std::string, std::string> text = std::string{};
    if (!name.empty()) {
      text = read_file(name, kMaxScript);
    } else {
      const std::string path = "choices/" + arguments_.target + ".toml";
      const auto files = open_->suite.files_under("choices/");
      if (std::find(files.begin(), files.end(), path) == files.end()) return {};
      name = shown(open_->root / path);
      text = open_->suite.read(path);
    }
    if (!text) return Err{usage(name + ": " + text.error())};
    auto choices = sweep::read_choices(*text, name);
    if (!choices) return Err{usage(choices.error())};
    options_.choices = *choices;
    return {};
  }

  Result<void, EarlyEnd> select_jobs() {
    const auto preludes =
        chosen(sweep::preludes(), arguments_.states, "--state", "state or prelude",
               [](const sweep::Prelude& one) { return std::vector{one.name, name_of(one.state)}; });
    if (!preludes) return Err{preludes.error()};
    const auto kinds = chosen(sweep::kinds(), arguments_.kinds, "--kind", "kind of segment",
                              [](const sweep::Kind& one) { return std::vector{one.name}; });
    if (!kinds) return Err{kinds.error()};
    for (const sweep::Prelude* const prelude : *preludes) {
      for (const sweep::Kind* const kind : *kinds) jobs_.push_back({prelude, kind});
    }
    return {};
  }

  Result<void, EarlyEnd> sweep_all() {
    std::vector<std::size_t> order(jobs_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    // Of the worker.
    std::unique_ptr<targets::Target> target;
    std::optional<sweep::Sweeper> sweeper;
    isolation::PoolOptions options;
    options.workers = workers_;
    options.limits.job_timeout = kLimit;
    options.init = [&]() -> Result<void, std::string> {
      sweeper.reset();
      auto opened = targets::open(arguments_.target);
      if (!opened) return Err{opened.error()};
      target = std::move(*opened);
      sweeper.emplace(*target, options_);
      return {};
    };
    // In the order of the jobs, so that what is told does not depend on who was quicker.
    std::vector<sweep::Swept> results(jobs_.size());
    std::size_t done = 0;
    const auto start = std::chrono::steady_clock::now();
    const isolation::PoolOutcome outcome = isolation::run_jobs(
        options, order,
        [&](std::size_t job, isolation::Journal& journal) {
          return to_octets(sweeper->sweep(*jobs_[job].prelude, *jobs_[job].kind,
                                          [&](std::uint32_t number) { journal.step(number); }));
        },
        [&](const isolation::JobReport& job) {
          if (job.end == isolation::JobEnd::done) {
            results[job.job] = swept_from(job.result, *jobs_[job.job].kind);
          } else {
            results[job.job].problem = (job.line == 0 ? "before the first stimulus"
                                                      : "at stimulus " + std::to_string(job.line)) +
                                       " it " + isolation::how_it_ended(job, kLimit);
          }
          tell_progress(++done);
          return true;
        });
    if (outcome.interrupted) return Err{EarlyEnd{ExitCode::interrupted, ""}};
    if (!outcome.error.empty()) {
      return Err{ends(ExitCode::environment,
                      "target " + arguments_.target + " cannot be used: " + outcome.error)};
    }
    table_.wall_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::steady_clock::now() - start)
                         .count();
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      table_.add(*jobs_[i].prelude, *jobs_[i].kind, std::move(results[i]));
    }
    return {};
  }

  void tell_progress(std::size_t done) const {
    if (::isatty(STDERR_FILENO) == 0) return;
    std::cerr << '\r' << arguments_.target << ": " << done << " of " << jobs_.size()
              << (done == jobs_.size() ? "\n" : "") << std::flush;
  }

  // One for each red cell that has a finding: "established_syn_ack.pkt".
  Result<void, EarlyEnd> write_scripts() {
    if (arguments_.output.empty()) return {};
    std::error_code error;
    std::filesystem::create_directories(arguments_.output, error);
    if (error) return Err{ends(ExitCode::environment, arguments_.output + ": " + error.message())};
    for (auto& [key, cell] : table_.cells) {
      if (!cell.finding) continue;
      std::string name = folded(name_of(key.first)) + "_" + folded(key.second->name) + ".pkt";
      std::replace_if(name.begin(), name.end(), [](char c) { return c == '-' || c == ','; }, '_');
      const std::filesystem::path path = std::filesystem::path(arguments_.output) / name;
      if (const auto written = write_file(path, cell.finding->script); !written) {
        return Err{ends(ExitCode::environment, path.string() + ": " + written.error())};
      }
      cell.finding->file = path.string();
    }
    return {};
  }

  std::string json() const {
    return to_json(table_).dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  std::string markdown() const {
    std::ostringstream out;
    write_markdown(out, table_);
    return out.str();
  }

  void print() const {
    if (arguments_.json == "-") {
      std::cout << json();
    } else if (arguments_.markdown == "-") {
      std::cout << markdown();
    } else {
      const bool colour = console_options(arguments_.colour, "never", STDOUT_FILENO).colour;
      write_text(std::cout, table_, report::Paint(colour));
    }
  }

  const SweepArguments& arguments_;
  std::optional<OpenSuite> open_;
  std::vector<Job> jobs_;
  unsigned workers_ = 1;
  sweep::SweepOptions options_;
  SweepTable table_;
};

}  // namespace

VerbResult sweep(const SweepArguments& arguments) {
  return Sweep(arguments).act();
}

}  // namespace packetwright::cli
