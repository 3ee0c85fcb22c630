// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

#include "harness/cli/disk.hh"
#include "harness/cli/goodput_tables.hh"
#include "harness/cli/target_choice.hh"
#include "harness/cli/verbs.hh"
#include "harness/report/document.hh"
#include "harness/report/paint.hh"
#include "harness/sim/table_cells.hh"
#include "harness/sim/target_goodput.hh"
#include "harness/targets/isolation/pool.hh"

namespace packetwright::cli {
namespace {

using report::Json;

// Wall time of one transfer, beyond which the stack hangs.
constexpr Duration kLimit = 600s;

struct Column {
  std::string target;
  targets::Traits traits;
  sim::Knobs knobs;
};

class Goodput {
 public:
  explicit Goodput(const GoodputArguments& arguments) : arguments_(arguments) {}

  Result<ExitCode, EarlyEnd> act() {
    for (const std::string& word : arguments_.targets) {
      auto column = column_from(word);
      if (!column) return Err{column.error()};
      columns_.push_back(std::move(*column));
    }
    auto tables = goodput_tables(arguments_);
    if (!tables) return Err{tables.error()};
    tables_ = std::move(*tables);
    times_.resize(columns_.size());
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (auto measured = measure(i); !measured) return Err{measured.error()};
    }
    const bool any = std::any_of(times_.begin(), times_.end(),
                                 [](const auto& of_target) { return !of_target.empty(); });
    if (arguments_.json != "-" && any) print();
    if (!arguments_.json.empty()) {
      const std::string text =
          document().dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
      if (arguments_.json == "-") {
        std::cout << text;
      } else if (const auto written = write_file(arguments_.json, text); !written) {
        return Err{ends(ExitCode::environment, arguments_.json + ": " + written.error())};
      }
    }
    return failed_ ? ExitCode::fell_short : ExitCode::ok;
  }

 private:
  // TARGET or TARGET[NAME=VALUE,...].
  Result<Column, EarlyEnd> column_from(const std::string& word) const {
    Column column;
    column.target = word;
    std::vector<std::string> knobs = arguments_.knobs;
    if (const std::size_t bracket = word.find('[');
        bracket != std::string::npos && word.back() == ']') {
      column.target = word.substr(0, bracket);
      std::string rest = word.substr(bracket + 1, word.size() - bracket - 2);
      while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        knobs.push_back(rest.substr(0, comma));
        rest.erase(0, comma + 1);
      }
    }
    for (const std::string& text : knobs) {
      auto knob = knob_from(text);
      if (!knob) return Err{knob.error()};
      column.knobs.insert_or_assign(knob->first, knob->second);
    }
    const auto found = find_target(column.target);
    if (!found) return Err{found.error()};
    if (found->traits.clock != targets::ClockKind::virtual_time) {
      return Err{usage("target " + column.target +
                       " has a clock of its own; a simulated path needs one in virtual time")};
    }
    column.traits = found->traits;
    return column;
  }

  // All rows of all tables, on one target.
  Result<void, EarlyEnd> measure(std::size_t index) {
    const Column& column = columns_[index];
    std::vector<std::pair<const GoodputRow*, std::uint64_t>> jobs;  // with the seed
    for (const GoodputTable& table : tables_) {
      for (const GoodputRow& row : table.rows) {
        for (std::uint64_t seed = 1; seed <= row.seeds; ++seed) jobs.emplace_back(&row, seed);
      }
    }
    std::vector<std::size_t> order(jobs.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::unique_ptr<targets::Target> target;  // of the worker
    isolation::PoolOptions options;
    options.workers = default_workers(column.traits);
    options.limits.job_timeout = kLimit;
    options.init = [&]() -> Result<void, std::string> {
      auto opened = targets::open(column.target);
      if (!opened) return Err{opened.error()};
      target = std::move(*opened);
      return {};
    };
    std::size_t done = 0;
    std::string problem;
    const isolation::PoolOutcome outcome = isolation::run_jobs(
        options, order,
        [&](std::size_t job, isolation::Journal&) {
          const auto time =
              sim::time_of(jobs[job].first->measurement, *target, column.knobs, jobs[job].second);
          const std::string text = time ? std::to_string(*time / 1us) : "!" + time.error();
          return Buffer(text.begin(), text.end());
        },
        [&](const isolation::JobReport& job) {
          const std::string text = job.end == isolation::JobEnd::done
                                       ? std::string{job.result.begin(), job.result.end()}
                                       : "!it " + isolation::how_it_ended(job, kLimit);
          if (text.starts_with('!')) {
            problem = text.substr(1);
            return false;
          }
          std::uint64_t time = 0;
          std::from_chars(text.data(), text.data() + text.size(), time);
          times_[index][jobs[job.job].first].push_back(time);
          tell_progress(column.target, ++done, jobs.size());
          return true;
        });
    if (outcome.interrupted) return Err{EarlyEnd{ExitCode::interrupted, ""}};
    if (!outcome.error.empty()) {
      return Err{ends(ExitCode::environment,
                      "target " + column.target + " cannot be used: " + outcome.error)};
    }
    if (!problem.empty()) {
      std::cerr << "packetwright: " << column.target << ": " << report::harmless(problem) << '\n';
      times_[index].clear();
      failed_ = true;
    }
    return {};
  }

  void tell_progress(const std::string& target, std::size_t done, std::size_t all) const {
    if (::isatty(STDERR_FILENO) == 0) return;
    std::cerr << '\r' << target << ": " << done << " of " << all << (done == all ? "\n" : "")
              << std::flush;
  }

  // Microseconds; nullopt: it did not come to that.
  std::optional<std::uint64_t> median(std::size_t column, const GoodputRow& row) const {
    const auto found = times_[column].find(&row);
    if (found == times_[column].end()) return std::nullopt;
    return sim::median(found->second);
  }

  void print() const {
    // A number heads each column, and a legend tells what it is.
    constexpr std::size_t kWidth = 13;
    std::cout << "Medians of " << arguments_.seeds << " seeds. A transfer would take "
              << arguments_.seconds << " s if nothing but the rate counted.\n\n";
    std::string heading;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string number = "(" + std::to_string(i + 1) + ")";
      heading += sim::cell(number, kWidth);
      std::cout << number << ' ' << columns_[i].target << ' ' << columns_[i].traits.version;
      for (const auto& [name, value] : columns_[i].knobs) std::cout << ", " << name << " " << value;
      std::cout << '\n';
    }
    for (const GoodputTable& table : tables_) {
      std::cout << '\n' << table.title << "\n\n" << table.heading << heading << '\n';
      for (const GoodputRow& row : table.rows) {
        std::cout << row.name;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
          const auto time = median(i, row);
          std::cout << sim::cell(!time          ? "-"
                                 : table.shares ? sim::tenths(share(*time)) + " %"
                                                : sim::tenths(*time / 100) + " ms",
                                 kWidth);
        }
        std::cout << '\n';
      }
    }
  }

  // Thousandths of what the bottleneck could have carried in that time.
  std::uint64_t share(std::uint64_t time) const {
    return std::uint64_t{arguments_.seconds} * 1'000'000'000 / std::max<std::uint64_t>(time, 1);
  }

  Json document() const {
    Json columns = Json::array(), rows = Json::array();
    for (const Column& column : columns_) {
      columns.push_back(
          {{"target", column.target}, {"version", column.traits.version}, {"knobs", column.knobs}});
    }
    for (const GoodputTable& table : tables_) {
      for (const GoodputRow& row : table.rows) {
        const sim::Path& path = row.measurement.path;
        Json medians = Json::array();
        for (std::size_t i = 0; i < columns_.size(); ++i) {
          const auto time = median(i, row);
          medians.push_back(time ? Json(*time) : Json());
        }
        const sim::AnswerWithoutTail* const answer =
            std::get_if<sim::AnswerWithoutTail>(&row.measurement.what);
        const std::uint64_t octets = answer != nullptr
                                         ? answer->octets
                                         : std::get<sim::BulkTransfer>(row.measurement.what).octets;
        rows.push_back({{"bits_per_second", path.bits_per_second},
                        {"round_trip_us", path.round_trip / 1us},
                        {"loss_millionths", path.loss},
                        {"reordering_millionths", path.reordering},
                        {"held_back_us", path.reordering_delay / 1us},
                        {"octets", octets},
                        {"tail_lost", answer != nullptr ? answer->lost : 0},
                        {"seeds", row.seeds},
                        {"median_us", medians}});
      }
    }
    return {{"schema", 1}, {"columns", columns}, {"rows", rows}};
  }

  const GoodputArguments& arguments_;
  std::vector<Column> columns_;
  std::vector<GoodputTable> tables_;
  std::vector<std::map<const GoodputRow*, std::vector<std::uint64_t>>> times_;  // microseconds
  bool failed_ = false;
};

}  // namespace

VerbResult goodput(const GoodputArguments& arguments) {
  return Goodput(arguments).act();
}

}  // namespace packetwright::cli
