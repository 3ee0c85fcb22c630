// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/runner.hh"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include "harness/engine/settings.hh"
#include "harness/runner/judge.hh"
#include "harness/runner/outcome_codec.hh"
#include "harness/runner/text.hh"
#include "harness/script/diagnostic.hh"

namespace packetwright::runner {
namespace {

using isolation::JobEnd;
using isolation::JobReport;

// A place in a script as one number of the journal: a line, and above it the file.
constexpr unsigned kLineBits = 24;

std::uint32_t step_of(const script::Location& where) {
  return where.file << kLineBits | (where.line & ((1u << kLineBits) - 1));
}

script::Location place_of(std::uint32_t step) {
  return {step >> kLineBits, step & ((1u << kLineBits) - 1), 0};
}

// Tells the journal where a script is, so that a crash can be laid at a line.
class JournalObserver : public engine::Observer {
 public:
  explicit JournalObserver(isolation::Journal& journal) : journal_(journal) {}
  void on_event(const script::Location& where) override { journal_.step(step_of(where)); }
  void on_wait(bool waits) override { journal_.wait(waits); }

 private:
  isolation::Journal& journal_;
};

engine::Outcome outcome_of(engine::Status status, std::string reason) {
  engine::Outcome outcome;
  outcome.status = status;
  outcome.fault = status == engine::Status::error ? engine::Fault::script : engine::Fault::none;
  outcome.reason = std::move(reason);
  return outcome;
}

std::string rendered(const std::vector<script::Diagnostic>& diagnostics) {
  std::string out;
  for (const script::Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity != script::Severity::error) continue;
    if (!out.empty()) out += '\n';
    out += script::render(diagnostic);
  }
  return out;
}

// On a real clock: so many more workers for each, to begin cases while others only wait.
constexpr unsigned kSparesForEach = 2;

// What a run waits at least; its preludes wait next to nothing.
Duration waits_of(const PlannedRun& run) {
  return engine::least_duration(*run.of->script);
}

// The time that a script waits on a real clock is not what the limit is for. `times`: how often a
// job runs its script.
isolation::Limits limits_of(std::span<const PlannedRun> runs, const RunnerOptions& options,
                            int times) {
  isolation::Limits limits = options.limits;
  const bool waits = options.clock == targets::ClockKind::real_time && options.slow;
  if (!waits || limits.job_timeout == Duration{0}) return limits;
  Duration longest{0};
  for (const PlannedRun& run : runs) {
    if (run.of->problem.empty()) longest = std::max(longest, waits_of(run));
  }
  limits.job_timeout += longest * times;
  return limits;
}

script::ParseResult concrete(const Suite& suite, const PlannedRun& run) {
  return script::expand(*run.of->script, run.combination.values, suite.prelude_loader());
}

// Scripts of a collection name their helpers from where they stand.
std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string{} : path.substr(0, slash + 1);
}

// What lives in a worker: the target, and how many scripts it has seen.
class Worker {
 public:
  Worker(const Suite& suite, const Machinery& machinery, const RunnerOptions& options)
      : suite_(suite), machinery_(machinery), options_(options) {}

  Result<void, std::string> open() {
    target_.reset();
    auto opened = machinery_.open_target();
    if (!opened) return Err{opened.error()};
    target_ = std::move(opened).value();
    return {};
  }

  // `doubtful`: what is to be settled, while nothing else runs; nullptr: the first time.
  Attempt run(const PlannedRun& planned, isolation::Journal& journal, const Attempt* doubtful) {
    if (!can_run(target_->traits(), planned.variant)) {
      return {outcome_of(engine::Status::unsupported,
                         "the target has no " + std::string(script::name_of(planned.variant))),
              false, false};
    }
    const script::ParseResult expanded = concrete(suite_, planned);
    if (!expanded.ok()) {
      return {outcome_of(engine::Status::error, rendered(expanded.diagnostics)), false, false};
    }
    JournalObserver observer(journal);
    const RunCase run_once = [&](bool strong_reset) {
      engine::RunOptions how;
      how.mode = options_.mode;
      how.variant = planned.variant;
      how.seed = planned.seed;
      how.slow = options_.slow;
      how.defaults = options_.script_options;
      if (planned.of->outside) how.folder = folder_of(planned.of->path);
      how.read_file = machinery_.read_file;
      how.strong_reset = strong_reset;
      how.run_number = runs_++;
      return machinery_.run_script(expanded.script, how, *target_, &observer);
    };
    const Level level = planned.of->level;
    Attempt out =
        doubtful == nullptr ? attempt(run_once, level) : attempt_alone(run_once, level, *doubtful);
    const bool passed = judge(out.outcome, planned.of->level).verdict == Verdict::pass;
    if (passed && !options_.keep_history) out.outcome.history.clear();
    return out;
  }

 private:
  const Suite& suite_;
  const Machinery& machinery_;
  const RunnerOptions& options_;
  std::unique_ptr<targets::Target> target_;
  std::uint32_t runs_ = 0;
};

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

std::string mebibytes(std::size_t octets) {
  return std::to_string(octets >> 20) + " MiB";
}

void take_attempt(CaseResult& result, Attempt taken) {
  engine::Outcome& outcome = taken.outcome;
  Judgement judgement = judge(outcome, result.level);
  result.verdict = judgement.verdict;
  result.cause = first_line(judgement.cause);
  result.symptom = std::move(judgement.symptom);
  result.vacuous = judgement.vacuous;
  if (judgement.cause != result.cause) result.log = std::move(judgement.cause);
  if (outcome.death) result.log = std::move(outcome.death->log);
  result.late_us =
      std::chrono::duration_cast<std::chrono::microseconds>(outcome.late.total).count();
  result.order_dependent = taken.order_dependent;
  result.retried = taken.retried;
  result.strict = outcome.strict;
  result.line = outcome.reason_line;
  result.prelude = std::move(outcome.reason_prelude);
  result.events_skipped = outcome.assertions_skipped;
  result.virtual_us =
      std::chrono::duration_cast<std::chrono::microseconds>(outcome.target_time).count();
  result.trace_hash = outcome.trace_hash;
  if (result.verdict != Verdict::pass) result.mismatches = std::move(outcome.mismatches);
  result.history = std::move(outcome.history);
}

// Whether the ledger has the failure of this attempt.
bool is_known(CaseResult blank, Attempt attempt, const Expectations& expectations) {
  attempt.outcome.doubt = engine::Doubt::none;
  take_attempt(blank, std::move(attempt));
  expectations.apply(blank);
  return blank.verdict == Verdict::xfail;
}

void take_death(CaseResult& result, const JobReport& report, const isolation::Limits& limits) {
  result.verdict = report.end == JobEnd::hung ? Verdict::hang : Verdict::crash;
  switch (report.end) {
    case JobEnd::done: break;
    case JobEnd::crashed: result.cause = cause_of(report.death); break;
    case JobEnd::hung:
      result.cause =
          "still running after " +
          std::to_string(
              std::chrono::duration_cast<std::chrono::seconds>(limits.job_timeout).count()) +
          " s";
      break;
    case JobEnd::out_of_memory:
      result.cause = "took more than " + mebibytes(limits.memory_bytes) + " of memory";
      break;
    case JobEnd::flooded:
      result.cause = "wrote more than " + mebibytes(limits.output_bytes) + " of output";
      break;
    case JobEnd::lost: result.cause = "left with exit status 0 in the middle of the case"; break;
  }
  result.symptom = result.cause;
  result.log = report.death.log;
}

// The rounds of one run become one result.
class Rounds {
 public:
  // Returns whether this was the last round.
  bool add(CaseResult result, const RunnerOptions& options) {
    ++done_;
    wall_us_ += result.wall_us;
    if (!first_) {
      first_ = std::move(result);
    } else {
      compare(std::move(result), options);
    }
    return done_ == options.repeat;
  }

  // The mean wall time of a round stands in it.
  [[nodiscard]] CaseResult take() {
    CaseResult out = std::move(*first_);
    out.rounds = done_;
    out.wall_us = wall_us_ / done_;
    return out;
  }

 private:
  void compare(CaseResult other, const RunnerOptions& options) {
    const bool virtual_time = options.clock == targets::ClockKind::virtual_time;
    std::string difference;
    if (other.verdict != first_->verdict) {
      difference = "verdict " + std::string(name_of(first_->verdict)) + " and then " +
                   std::string(name_of(other.verdict));
    } else if (virtual_time && other.trace_hash != first_->trace_hash) {
      difference = "trace " + hex(first_->trace_hash) + " and then " + hex(other.trace_hash);
    }
    if (difference.empty() || different_) return;
    different_ = true;
    // The round that went wrong has the evidence.
    if (kind_of(first_->verdict, true) == Kind::passed) first_ = std::move(other);
    if (kind_of(first_->verdict, true) != Kind::failed) first_->verdict = Verdict::fail;
    first_->cause = "not reproducible: " + difference;
    first_->symptom = "not reproducible";
  }

  std::optional<CaseResult> first_;
  std::uint32_t done_ = 0;
  std::int64_t wall_us_ = 0;
  bool different_ = false;
};

}  // namespace

RunnerOutcome run_plan(const Suite& suite, std::span<const PlannedRun> runs,
                       const Expectations& expectations, const Machinery& machinery,
                       const RunnerOptions& options, const OnResult& on_result) {
  RunnerOutcome outcome;
  bool stop = false;
  const auto finish = [&](std::size_t index, CaseResult result) {
    expectations.apply(result);
    if (result.verdict != Verdict::pass) result.replay = replay_of(result, options);
    stop = stop || (options.fail_fast && kind_of(result.verdict, options.strict) == Kind::failed);
    on_result(index, std::move(result));
  };

  std::vector<std::size_t> jobs;
  for (std::size_t i = 0; i < runs.size() && !stop; ++i) {
    if (runs[i].of->problem.empty()) {
      for (std::uint32_t round = 0; round < options.repeat; ++round) {
        jobs.push_back(i * options.repeat + round);
      }
    } else {
      CaseResult result = blank_result(runs[i], options.target);
      result.cause = first_line(runs[i].of->problem);
      result.log = runs[i].of->problem;
      finish(i, std::move(result));
    }
  }
  // On a real clock the longest waits begin first, side by side; the cases that keep the processor
  // busy come when nobody waits for the right moment any more.
  if (options.clock == targets::ClockKind::real_time) {
    std::sort(jobs.begin(), jobs.end(), [&](std::size_t a, std::size_t b) {
      const Duration first = waits_of(runs[a / options.repeat]);
      const Duration second = waits_of(runs[b / options.repeat]);
      return first != second ? first > second : a < b;
    });
  }
  outcome.stopped = stop;
  if (stop || jobs.empty()) return outcome;

  Worker worker(suite, machinery, options);
  isolation::PoolOptions pool;
  pool.workers = options.workers;
  pool.isolate = options.isolate;
  pool.limits = limits_of(runs, options, kRunsAtFirst);
  pool.one_by_one = options.clock == targets::ClockKind::real_time;
  if (pool.one_by_one && pool.workers > 1) pool.spare_workers = kSparesForEach * pool.workers;
  pool.init = [&] { return worker.open(); };
  std::vector<Rounds> rounds(runs.size());

  // Failures for which the harness may be to blame: they are settled one by one, when nothing else
  // runs that could make it late.
  std::map<std::size_t, Attempt> in_doubt;
  bool alone = false;
  const auto work = [&](std::size_t job, isolation::Journal& journal) {
    const Attempt* const doubtful = alone ? &in_doubt.at(job) : nullptr;
    return encode(worker.run(runs[job / options.repeat], journal, doubtful));
  };
  const auto on_report = [&](JobReport report) {
    const std::size_t index = report.job / options.repeat;
    CaseResult result = blank_result(runs[index], options.target);
    if (report.end == JobEnd::done) {
      auto answer = decode(report.result);
      // A known failure that looks as the ledger says accuses nobody, late or not.
      if (answer && answer->outcome.doubt != engine::Doubt::none &&
          is_known(result, *answer, expectations)) {
        answer->outcome.doubt = engine::Doubt::none;
      }
      if (answer && answer->outcome.doubt != engine::Doubt::none && !alone) {
        in_doubt.emplace(report.job, std::move(answer).value());
        return true;
      }
      if (answer) {
        take_attempt(result, std::move(answer).value());
      } else {
        result.cause = answer.error();
      }
      if (result.verdict != Verdict::pass && result.log.empty()) result.log = report.output;
    } else {
      take_death(result, report, pool.limits);
      const script::Location where = place_of(report.line);
      result.line = where.line;
      if (where.file != 0) {
        const script::ParseResult expanded = concrete(suite, runs[index]);
        result.prelude = engine::prelude_of(expanded.script, where);
      }
    }
    result.wall_us = report.wall_us;
    if (rounds[index].add(std::move(result), options)) finish(index, rounds[index].take());
    return !stop;
  };
  isolation::PoolOutcome ended = isolation::run_jobs(pool, jobs, work, on_report);
  if (!in_doubt.empty() && ended.error.empty() && !ended.interrupted && !ended.stopped) {
    jobs.clear();
    for (const auto& [job, attempt] : in_doubt) jobs.push_back(job);
    pool.workers = 1;
    pool.spare_workers = 0;
    pool.limits = limits_of(runs, options, kRunsAlone);
    alone = true;
    std::shared_ptr<void> quiet;
    if (machinery.quiet_machine) quiet = machinery.quiet_machine();
    ended = isolation::run_jobs(pool, jobs, work, on_report);
  }
  outcome.interrupted = ended.interrupted;
  outcome.stopped = ended.stopped;
  outcome.error = ended.error;
  return outcome;
}

std::string replay_of(const CaseResult& result, const RunnerOptions& options) {
  std::string line = "packetwright run " + shell_word(result.outside ? result.path : result.id);
  line += " --target " + shell_word(result.target);
  line += " --seed " + hex(options.seed);
  line += " --variant " + std::string(script::name_of(result.variant));
  for (const auto& [name, value] : result.params)
    line += " --param " + shell_word(name + "=" + value);
  for (const std::string& word : options.replay_options) line += " " + shell_word(word);
  return line;
}

}  // namespace packetwright::runner
