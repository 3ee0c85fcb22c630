// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/fault_survey.hh"

#include <algorithm>
#include <numeric>
#include <sstream>
#include <string_view>
#include <utility>

#include "harness/cli/target_choice.hh"
#include "harness/runner/runner.hh"
#include "harness/runner/text.hh"
#include "harness/targets/isolation/pool.hh"

namespace packetwright::cli {
namespace {

using runner::PlannedRun;
using runner::Verdict;

std::string target_with(const faulty::Fault& fault) {
  return "faulty:" + std::string{fault.name};
}

// A SHOULD that does not hold, or a MAY that is not taken up, shows a fault as well as a MUST does.
bool shows_fault(Verdict verdict) {
  return verdict != Verdict::pass && verdict != Verdict::unsupported;
}

// How likely a run shows a fault; less is better. What cites the requirement that is broken comes
// first, then what stands in the folder of the same name as that of the source.
int distance(const PlannedRun& run, const faulty::Fault& fault) {
  const std::vector<std::string> broken = runner::split(fault.breaks, ' ');
  const auto cites = [&](const auto& cited) {
    return std::find(broken.begin(), broken.end(), cited.id) != broken.end();
  };
  const auto& cited = run.of->requirements;
  if (std::any_of(cited.begin(), cited.end(), cites)) return 0;
  const std::vector<std::string> source = runner::split(fault.source, '/');
  return run.of->id.starts_with(source[1] + "/") ? 1 : 2;
}

// The places of all runs, in the order in which they are tried against the fault.
std::vector<std::size_t> order_for(std::span<const PlannedRun> runs, const faulty::Fault& fault) {
  std::vector<std::size_t> order(runs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const int first = distance(runs[a], fault);
    const int second = distance(runs[b], fault);
    return first != second ? first < second : a < b;
  });
  return order;
}

runner::RunnerOptions runner_options(const std::string& target, const SurveyOptions& options) {
  runner::RunnerOptions how;
  how.target = target;
  how.seed = options.seed;
  how.limits.job_timeout = options.case_timeout;
  how.strict = true;
  return how;
}

// All runs against one fault, in this process and its children. A run that the stack does not come
// back from, or dies in, takes down a child and nothing else.
Buffer work_on(const runner::Suite& suite, std::span<const PlannedRun> runs,
               const faulty::Fault& fault, const SurveyOptions& options) {
  const std::vector<std::size_t> order = order_for(runs, fault);
  std::vector<PlannedRun> ordered;
  for (const std::size_t place : order) ordered.push_back(runs[place]);
  const std::string target = target_with(fault);
  runner::RunnerOptions how = runner_options(target, options);
  how.fail_fast = !options.all;
  std::ostringstream out;
  const runner::RunnerOutcome outcome = runner::run_plan(
      suite, ordered, runner::Expectations{}, machinery_for(target), how,
      [&](std::size_t index, const runner::CaseResult& result) {
        if (!shows_fault(result.verdict)) return;
        out << order[index] << ' ' << static_cast<unsigned>(result.verdict) << '\n';
      });
  // What is wrong with the stack cannot keep it from being opened.
  std::string text = outcome.error.empty() ? out.str() : "!" + outcome.error;
  return Buffer(text.begin(), text.end());
}

Result<FaultResult, std::string> read_result(const faulty::Fault& fault, const Buffer& encoded,
                                             bool all) {
  const std::string text(encoded.begin(), encoded.end());
  if (text.starts_with('!')) return Err{text.substr(1)};
  FaultResult result{&fault, {}};
  std::istringstream lines(text);
  std::size_t run = 0;
  unsigned verdict = 0;
  while (lines >> run >> verdict) result.kills.push_back({run, static_cast<Verdict>(verdict)});
  if (all) {
    std::sort(result.kills.begin(), result.kills.end(),
              [](const Kill& a, const Kill& b) { return a.run < b.run; });
  } else if (result.kills.size() > 1) {
    result.kills.resize(1);
  }
  return result;
}

}  // namespace

Result<std::vector<FaultResult>, EarlyEnd> survey(const runner::Suite& suite,
                                                  std::span<const PlannedRun> runs,
                                                  std::span<const faulty::Fault* const> faults,
                                                  const SurveyOptions& options) {
  std::vector<FaultResult> results(faults.size());
  std::vector<std::size_t> jobs(faults.size());
  std::iota(jobs.begin(), jobs.end(), std::size_t{0});
  isolation::PoolOptions pool;
  pool.workers = options.workers;
  pool.limits.job_timeout = Duration{0};  // each run has its own limit
  pool.limits.memory_bytes = 0;
  std::size_t done = 0;
  std::string problem;
  const isolation::PoolOutcome outcome = isolation::run_jobs(
      pool, jobs,
      [&](std::size_t job, isolation::Journal&) {
        return work_on(suite, runs, *faults[job], options);
      },
      [&](const isolation::JobReport& job) {
        auto read = job.end == isolation::JobEnd::done
                        ? read_result(*faults[job.job], job.result, options.all)
                        : Err{isolation::how_it_ended(job, pool.limits.job_timeout)};
        if (!read) {
          problem = target_with(*faults[job.job]) + ": " + read.error();
          return false;
        }
        results[job.job] = std::move(*read);
        if (options.progress) options.progress(++done);
        return true;
      });
  if (outcome.interrupted) return Err{EarlyEnd{ExitCode::interrupted, ""}};
  if (problem.empty()) problem = outcome.error;
  if (!problem.empty()) return Err{ends(ExitCode::environment, problem)};
  return results;
}

Result<std::vector<std::string>, EarlyEnd> survey_without_fault(const runner::Suite& suite,
                                                                std::span<const PlannedRun> runs,
                                                                const SurveyOptions& options) {
  const std::string target = target_with(faulty::kNoFault);
  runner::RunnerOptions how = runner_options(target, options);
  how.workers = options.workers;
  std::vector<std::string> short_of(runs.size());
  const runner::RunnerOutcome outcome =
      runner::run_plan(suite, runs, runner::Expectations{}, machinery_for(target), how,
                       [&](std::size_t index, const runner::CaseResult& result) {
                         if (shows_fault(result.verdict)) short_of[index] = full_name(result);
                       });
  if (outcome.interrupted) return Err{EarlyEnd{ExitCode::interrupted, ""}};
  if (!outcome.error.empty()) return Err{ends(ExitCode::environment, outcome.error)};
  std::erase(short_of, std::string{});
  return short_of;
}

}  // namespace packetwright::cli
