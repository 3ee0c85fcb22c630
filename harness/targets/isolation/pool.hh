// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "harness/targets/isolation/journal.hh"
#include "harness/targets/target.hh"
#include "stack/base/bytes.hh"
#include "stack/base/instant.hh"
#include "stack/base/result.hh"

// Jobs in processes of their own. A worker is a fork of the caller and holds the harness and the
// stack under test together; when the stack takes it down, that is the report of one job, and the
// other jobs go on in a new worker.
namespace packetwright::isolation {

// What one job may use before it is ended. Zero: no limit.
struct Limits {
  Duration job_timeout = std::chrono::seconds{60};  // wall time
  std::size_t memory_bytes = std::size_t{1} << 30;  // growth of the resident set during the job
  std::size_t output_bytes = std::size_t{4} << 20;  // standard output and error together
};

enum class JobEnd : std::uint8_t {
  done,           // the work returned
  crashed,        // a signal, a sanitizer report, an exception, or an exit status other than zero
  hung,           // still running after job_timeout
  out_of_memory,  // beyond memory_bytes, or an allocation failed
  flooded,        // beyond output_bytes
  lost,           // the worker left with status 0 and without an answer
};

// The enumerator's own name.
[[nodiscard]] std::string_view name_of(JobEnd end) noexcept;

struct JobReport {
  std::size_t job = 0;
  JobEnd end = JobEnd::done;
  Buffer result;             // what the work returned; empty unless done
  targets::Death death;      // unless done: the signal (0: none) and the last words
  std::string output;        // when done: the end of what it wrote to standard output and error
  std::uint32_t line = 0;    // the last step that it journalled; 0: none
  std::int64_t wall_us = 0;  // from its start to its end
};

// How a job ended that is not done, as a predicate: "did not end within 20 s", "ended by Aborted:
// free(): invalid pointer". `limit`: Limits::job_timeout.
[[nodiscard]] std::string how_it_ended(const JobReport& job, Duration limit);

enum class Isolate : std::uint8_t {
  process,  // in workers
  none,     // in this process, one after the other, without limits: for a debugger
};

struct PoolOptions {
  unsigned workers = 1;  // at least 1
  // So many more, for jobs that are begun while others say that they only wait (Journal::wait).
  unsigned spare_workers = 0;
  Isolate isolate = Isolate::process;
  Limits limits;
  // Never gives a worker a job before it has ended the last one, however short that was. For jobs
  // that mostly wait: one that stands behind another waits for nothing.
  bool one_by_one = false;
  // Called once in every new worker before its first job (opens the target, say). An error ends the
  // whole run: a worker that cannot start once will not start the next time either.
  std::function<Result<void, std::string>()> init;
};

struct PoolOutcome {
  bool interrupted = false;  // SIGINT, SIGTERM or SIGHUP arrived; some jobs were not run
  bool stopped = false;      // on_report asked to stop
  std::string error;         // the pool could not work: init failed, or fork did; else empty
};

// The work of one job, run in the worker. Its result travels back as JobReport::result. It says the
// line it is at with journal.step() as it goes, and must not read standard input.
using Work = std::function<Buffer(std::size_t job, Journal& journal)>;
// Called in the caller's process for every job that ended, in the order of their ends. False: stop
// now; jobs that have not ended are not reported.
using OnReport = std::function<bool(JobReport report)>;

// Runs every job once and returns when all are reported, or early as PoolOutcome says. While it
// runs, SIGINT, SIGTERM and SIGHUP end the workers and the run, but not the caller; a second one
// acts as it did before the call. Call it from a process without other threads: forking needs that.
[[nodiscard]] PoolOutcome run_jobs(const PoolOptions& options, std::span<const std::size_t> jobs,
                                   const Work& work, const OnReport& on_report);

}  // namespace packetwright::isolation
