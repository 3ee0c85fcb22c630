// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/isolation/pool.hh"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace packetwright::isolation {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

std::vector<std::size_t> jobs_up_to(std::size_t count) {
  std::vector<std::size_t> jobs(count);
  std::iota(jobs.begin(), jobs.end(), 0);
  return jobs;
}

Buffer octets_of(std::string_view text) {
  return {text.begin(), text.end()};
}

PoolOptions options_for_tests() {
  PoolOptions options;
  options.workers = 2;
  options.limits.job_timeout = 20s;  // far more than any job here that is meant to end
  options.limits.memory_bytes = std::size_t{128} << 20;
  options.limits.output_bytes = std::size_t{1} << 20;
  return options;
}

struct Reported {
  PoolOutcome outcome;
  std::map<std::size_t, JobReport> reports;
  bool any_twice = false;
};

Reported run(const PoolOptions& options, std::size_t count, const Work& work) {
  Reported run;
  run.outcome = run_jobs(options, jobs_up_to(count), work, [&](JobReport report) {
    const std::size_t job = report.job;
    if (!run.reports.emplace(job, std::move(report)).second) run.any_twice = true;
    return true;
  });
  return run;
}

// Job 3 does what the test is about; the others must all finish whatever it does.
Reported run_with_one_bad(const PoolOptions& options, const std::function<void()>& bad) {
  Reported result = run(options, 8, [&](std::size_t job, Journal& journal) {
    journal.step(static_cast<std::uint32_t>(100 + job));
    if (job == 3) bad();
    return octets_of(std::to_string(job));
  });
  EXPECT_EQ(result.outcome.error, "");
  EXPECT_FALSE(result.any_twice);
  EXPECT_EQ(result.reports.size(), 8u);
  for (const auto& [job, report] : result.reports) {
    if (job == 3) continue;
    EXPECT_EQ(report.end, JobEnd::done) << job << ": " << report.death.log;
    EXPECT_EQ(report.result, octets_of(std::to_string(job)));
  }
  return result;
}

// Reads through a pointer that the compiler cannot see to be null, and may not leave out.
void read_nowhere() {
  volatile int* volatile nowhere = nullptr;
  const int value = *nowhere;
  static_cast<void>(value);
}

TEST(IsolationPool, ResultsComeBackWithTheirJobs) {
  const Reported result = run(options_for_tests(), 5000, [](std::size_t job, Journal& journal) {
    journal.step(static_cast<std::uint32_t>(job));
    return Buffer(job % 700, static_cast<std::uint8_t>(job));
  });
  EXPECT_EQ(result.outcome.error, "");
  EXPECT_FALSE(result.any_twice);
  ASSERT_EQ(result.reports.size(), 5000u);
  for (const auto& [job, report] : result.reports) {
    EXPECT_EQ(report.result, Buffer(job % 700, static_cast<std::uint8_t>(job)));
    EXPECT_EQ(report.line, job);
  }
}

TEST(IsolationPool, LargeResultArrivesWhole) {
  const Reported result = run(options_for_tests(), 3, [](std::size_t job, Journal&) {
    return Buffer(5'000'000 + job, static_cast<std::uint8_t>(job));
  });
  ASSERT_EQ(result.reports.size(), 3u);
  EXPECT_EQ(result.reports.at(2).result, Buffer(5'000'002, 2));
}

TEST(IsolationPool, OneByOneNoJobStandsBehindAnother) {
  // Each of every two neighbours waits for the other to have begun, so one worker must not have
  // both.
  std::array<int, 2> even{}, odd{};
  ASSERT_EQ(pipe(even.data()), 0);
  ASSERT_EQ(pipe(odd.data()), 0);
  PoolOptions options = options_for_tests();
  options.one_by_one = true;
  const Reported result = run(options, 64, [&](std::size_t job, Journal&) {
    char begun = 0;
    EXPECT_EQ(write(job % 2 == 0 ? even[1] : odd[1], &begun, 1), 1);
    EXPECT_EQ(read(job % 2 == 0 ? odd[0] : even[0], &begun, 1), 1);
    return Buffer{};
  });
  for (const int end : {even[0], even[1], odd[0], odd[1]}) close(end);
  EXPECT_EQ(result.outcome.error, "");
  ASSERT_EQ(result.reports.size(), 64u);
  for (const auto& [job, report] : result.reports) EXPECT_EQ(report.end, JobEnd::done) << job;
}

TEST(IsolationPool, AJobThatOnlyWaitsLeavesItsPlaceToAnother) {
  // Job 0 waits for what job 1 does.
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  PoolOptions options = options_for_tests();
  options.workers = 1;
  options.spare_workers = 1;
  options.one_by_one = true;
  const Reported result = run(options, 2, [&](std::size_t job, Journal& journal) {
    char done = 0;
    if (job == 1) return Buffer(write(ends[1], &done, 1), 0);
    journal.wait(true);
    return Buffer(read(ends[0], &done, 1), 0);
  });
  for (const int end : ends) close(end);
  EXPECT_EQ(result.outcome.error, "");
  ASSERT_EQ(result.reports.size(), 2u);
  for (const auto& [job, report] : result.reports) EXPECT_EQ(report.end, JobEnd::done) << job;
}

TEST(IsolationPool, SpareWorkersAreNotEvenStartedWhileNobodyWaits) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  PoolOptions options = options_for_tests();
  options.workers = 1;
  options.spare_workers = 3;
  options.one_by_one = true;
  options.init = [&]() -> Result<void, std::string> {
    EXPECT_EQ(write(ends[1], "x", 1), 1);
    return {};
  };
  const Reported result = run(options, 30, [](std::size_t, Journal&) { return Buffer{}; });
  EXPECT_EQ(result.reports.size(), 30u);
  std::array<char, 8> started{};
  EXPECT_EQ(read(ends[0], started.data(), started.size()), 1);
  for (const int end : ends) close(end);
}

TEST(IsolationPool, NoJobsAreDoneAtOnce) {
  const Reported result =
      run(options_for_tests(), 0, [](std::size_t, Journal&) { return Buffer{}; });
  EXPECT_EQ(result.outcome.error, "");
  EXPECT_TRUE(result.reports.empty());
}

TEST(IsolationPool, AbortIsACrashAtItsLineWithItsLastWords) {
  const Reported result = run_with_one_bad(options_for_tests(), [] {
    std::fputs("the stack said: invariant broken\n", stderr);
    std::abort();
  });
  const JobReport& report = result.reports.at(3);
  EXPECT_EQ(report.end, JobEnd::crashed);
  EXPECT_EQ(report.death.signal, SIGABRT);
  EXPECT_EQ(report.line, 103u);
  EXPECT_THAT(report.death.log, HasSubstr("the stack said: invariant broken"));
}

TEST(IsolationPool, BadPointerIsACrashWithASignalOrASanitizerReport) {
  const Reported result = run_with_one_bad(options_for_tests(), read_nowhere);
  const JobReport& report = result.reports.at(3);
  EXPECT_EQ(report.end, JobEnd::crashed);
  const bool reported = report.death.log.find("Sanitizer") != std::string::npos ||
                        report.death.log.find("runtime error") != std::string::npos;
  EXPECT_TRUE(reported || report.death.signal == SIGSEGV) << report.death.log;
}

TEST(IsolationPool, ExceptionIsACrashThatNamesIt) {
  const Reported result =
      run_with_one_bad(options_for_tests(), [] { throw std::runtime_error("no such segment"); });
  EXPECT_EQ(result.reports.at(3).end, JobEnd::crashed);
  EXPECT_THAT(result.reports.at(3).death.log, HasSubstr("no such segment"));
}

// Unwinding out of the worker would make it a second parent, which this one's handler would show.
TEST(IsolationPool, ExceptionDoesNotUnwindIntoTheCaller) {
  const pid_t self = getpid();
  try {
    const Reported result = run_with_one_bad(options_for_tests(), [] { throw 7; });
    EXPECT_EQ(result.reports.at(3).end, JobEnd::crashed);
    EXPECT_EQ(result.reports.at(3).death.signal, SIGABRT);
  } catch (int) {
    if (getpid() != self) _exit(0);
    FAIL() << "the exception reached the caller";
  }
}

TEST(IsolationPool, KillingItselfIsACrash) {
  const Reported result = run_with_one_bad(options_for_tests(), [] { ::kill(getpid(), SIGKILL); });
  EXPECT_EQ(result.reports.at(3).end, JobEnd::crashed);
  EXPECT_EQ(result.reports.at(3).death.signal, SIGKILL);
}

TEST(IsolationPool, LeavingWithStatusZeroIsALoss) {
  const Reported result = run_with_one_bad(options_for_tests(), [] { _exit(0); });
  EXPECT_EQ(result.reports.at(3).end, JobEnd::lost);
  EXPECT_EQ(result.reports.at(3).line, 103u);
}

TEST(IsolationPool, LeavingWithAnotherStatusIsACrash) {
  const Reported result = run_with_one_bad(options_for_tests(), [] { _exit(3); });
  EXPECT_EQ(result.reports.at(3).end, JobEnd::crashed);
  EXPECT_THAT(result.reports.at(3).death.log, HasSubstr("status 3"));
}

TEST(IsolationPool, EndlessLoopHangs) {
  PoolOptions options = options_for_tests();
  options.limits.job_timeout = 300ms;
  const Reported result = run_with_one_bad(options, [] {
    volatile bool for_ever = true;
    while (for_ever) {
    }
  });
  const JobReport& report = result.reports.at(3);
  EXPECT_EQ(report.end, JobEnd::hung);
  EXPECT_EQ(report.line, 103u);
  EXPECT_GE(report.wall_us, 300'000);
  EXPECT_LT(report.wall_us, 5'000'000);
}

TEST(IsolationPool, BlockedSignalsDoNotSaveAHangingJob) {
  PoolOptions options = options_for_tests();
  options.limits.job_timeout = 200ms;
  const Reported result = run_with_one_bad(options, [] {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, nullptr);
    while (true) pause();
  });
  EXPECT_EQ(result.reports.at(3).end, JobEnd::hung);
}

TEST(IsolationPool, EndlessAllocationRunsOutOfMemory) {
  const Reported result = run_with_one_bad(options_for_tests(), [] {
    std::vector<Buffer> hoard;
    while (true) hoard.emplace_back(1 << 20, 0x55);
  });
  EXPECT_EQ(result.reports.at(3).end, JobEnd::out_of_memory);
  EXPECT_EQ(result.reports.at(3).line, 103u);
}

TEST(IsolationPool, RefusedAllocationIsOutOfMemory) {
  const Reported result = run_with_one_bad(options_for_tests(), [] {
    volatile std::size_t far_too_much = std::size_t{1} << 60;
    const std::unique_ptr<char[]> block{new char[far_too_much]};
    std::cout << static_cast<const void*>(block.get());
  });
  EXPECT_EQ(result.reports.at(3).end, JobEnd::out_of_memory) << result.reports.at(3).death.log;
}

TEST(IsolationPool, EndlessOutputIsAFlood) {
  for (FILE* const stream : {stdout, stderr}) {
    const Reported result = run_with_one_bad(options_for_tests(), [&] {
      while (true) std::fputs("and another line of no use to anybody\n", stream);
    });
    const JobReport& report = result.reports.at(3);
    EXPECT_EQ(report.end, JobEnd::flooded);
    EXPECT_THAT(report.death.log, HasSubstr("no use to anybody"));
    EXPECT_LE(report.death.log.size(), 70'000u);  // the tail, not the flood
  }
}

TEST(IsolationPool, ClosingEverythingIsACrash) {
  const Reported result = run_with_one_bad(options_for_tests(), [] {
    for (int fd = 0; fd < 1000; ++fd) ::close(fd);
    pause();
  });
  EXPECT_EQ(result.reports.at(3).end, JobEnd::crashed);
  EXPECT_EQ(result.reports.at(3).death.signal, 0);
  EXPECT_THAT(result.reports.at(3).death.log, HasSubstr("closed the descriptors"));
}

TEST(IsolationPool, ClosingEverythingAndWorkingOnIsACrash) {
  const Reported result = run_with_one_bad(options_for_tests(), [] {
    for (int fd = 3; fd < 1000; ++fd) ::close(fd);
  });
  EXPECT_EQ(result.reports.at(3).end, JobEnd::crashed);
  EXPECT_THAT(result.reports.at(3).death.log, HasSubstr("closed the descriptors"));
  EXPECT_EQ(result.reports.at(3).line, 103u);
}

TEST(IsolationPool, CrashIsSeenEvenIfAChildLivesOn) {
  const Reported result = run_with_one_bad(options_for_tests(), [] {
    if (fork() == 0) {
      while (true) pause();
    }
    _exit(3);
  });
  EXPECT_EQ(result.reports.at(3).end, JobEnd::crashed);
}

TEST(IsolationPool, EveryJobMayCrash) {
  const Reported result =
      run(options_for_tests(), 30, [](std::size_t, Journal&) -> Buffer { std::abort(); });
  EXPECT_EQ(result.outcome.error, "");
  ASSERT_EQ(result.reports.size(), 30u);
  for (const auto& [job, report] : result.reports) EXPECT_EQ(report.end, JobEnd::crashed);
}

TEST(IsolationPool, OutputOfAGoodJobIsKeptWithIt) {
  const Reported result = run(options_for_tests(), 50, [](std::size_t job, Journal&) {
    std::printf("job %zu", job);  // no line feed: it stays in the buffer
    if (job % 2 == 0) std::cerr << " is even";
    return Buffer{};
  });
  ASSERT_EQ(result.reports.size(), 50u);
  for (const auto& [job, report] : result.reports) {
    EXPECT_THAT(report.output, HasSubstr("job " + std::to_string(job)));
    EXPECT_EQ(report.output.find("is even") != std::string::npos, job % 2 == 0);
  }
}

TEST(IsolationPool, StandardInputIsEmpty) {
  const Reported result = run(options_for_tests(), 1, [](std::size_t, Journal&) {
    return Buffer{static_cast<std::uint8_t>(std::getchar() == EOF)};
  });
  EXPECT_EQ(result.reports.at(0).result, Buffer{1});
}

TEST(IsolationPool, InitRunsOncePerWorkerAndAgainAfterACrash) {
  static int inits = 0;  // in the worker: each has its own copy
  PoolOptions options = options_for_tests();
  options.workers = 1;
  options.init = [] {
    ++inits;
    return Result<void, std::string>{};
  };
  const Reported result = run(options, 4, [](std::size_t job, Journal&) {
    if (job == 1) std::abort();
    return Buffer{static_cast<std::uint8_t>(inits)};
  });
  EXPECT_EQ(inits, 0);
  for (const std::size_t job : {0, 2, 3}) EXPECT_EQ(result.reports.at(job).result, Buffer{1});
}

TEST(IsolationPool, FailingInitEndsTheRunWithItsReason) {
  PoolOptions options = options_for_tests();
  options.init = []() -> Result<void, std::string> { return Err{std::string{"no namespaces"}}; };
  const Reported result = run(options, 10, [](std::size_t, Journal&) { return Buffer{}; });
  EXPECT_EQ(result.outcome.error, "no namespaces");
  EXPECT_TRUE(result.reports.empty());
}

TEST(IsolationPool, CrashingOrHangingInitEndsTheRun) {
  PoolOptions options = options_for_tests();
  options.limits.job_timeout = 300ms;
  options.init = []() -> Result<void, std::string> { std::abort(); };
  Reported result = run(options, 10, [](std::size_t, Journal&) { return Buffer{}; });
  EXPECT_THAT(result.outcome.error, HasSubstr("before its first job: killed by signal 6"));
  options.init = []() -> Result<void, std::string> { _exit(0); };
  result = run(options, 10, [](std::size_t, Journal&) { return Buffer{}; });
  EXPECT_THAT(result.outcome.error, HasSubstr("before its first job"));
  options.init = []() -> Result<void, std::string> {
    while (true) pause();
  };
  result = run(options, 10, [](std::size_t, Journal&) { return Buffer{}; });
  EXPECT_THAT(result.outcome.error, HasSubstr("still running after 0.300 s"));
}

TEST(IsolationPool, LeakOverManyJobsReplacesTheWorker) {
  static std::vector<Buffer> leak;
  PoolOptions options = options_for_tests();
  options.workers = 1;
  options.limits.memory_bytes = std::size_t{64} << 20;
  // 100 jobs that leak 4 MiB each: six times the limit together, none of them alone.
  const Reported result = run(options, 100, [](std::size_t, Journal&) {
    leak.emplace_back(std::size_t{4} << 20, 0x55);
    return Buffer{static_cast<std::uint8_t>(leak.size())};
  });
  EXPECT_EQ(result.outcome.error, "");
  ASSERT_EQ(result.reports.size(), 100u);
  std::size_t most = 0;
  for (const auto& [job, report] : result.reports) {
    EXPECT_EQ(report.end, JobEnd::done);
    most = std::max<std::size_t>(most, report.result.at(0));
  }
  EXPECT_LT(most, 16u);
}

TEST(IsolationPool, ReportMayStopTheRun) {
  std::size_t seen = 0;
  const PoolOutcome outcome = run_jobs(
      options_for_tests(), jobs_up_to(1000), [](std::size_t, Journal&) { return Buffer{}; },
      [&](JobReport) { return ++seen < 5; });
  EXPECT_TRUE(outcome.stopped);
  EXPECT_EQ(seen, 5u);
}

TEST(IsolationPool, InterruptKeepsWhatWasReported) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    std::size_t seen = 0;
    const PoolOutcome outcome = run_jobs(
        options_for_tests(), jobs_up_to(100),
        [](std::size_t job, Journal&) {
          if (job >= 10) pause();
          return Buffer{};
        },
        [&](JobReport) {
          if (++seen == 10) ::kill(getpid(), signal);
          return true;
        });
    EXPECT_TRUE(outcome.interrupted);
    EXPECT_FALSE(outcome.stopped);
    EXPECT_EQ(seen, 10u);
  }
}

TEST(IsolationPool, SignalHandlingIsRestored) {
  struct sigaction before{};
  sigaction(SIGINT, nullptr, &before);
  static_cast<void>(run(options_for_tests(), 2, [](std::size_t, Journal&) { return Buffer{}; }));
  struct sigaction after{};
  sigaction(SIGINT, nullptr, &after);
  EXPECT_EQ(before.sa_handler, after.sa_handler);
  sigset_t mask;
  sigprocmask(SIG_SETMASK, nullptr, &mask);
  EXPECT_EQ(sigismember(&mask, SIGINT), 0);
}

TEST(IsolationPool, WorkersDieWithTheirParent) {
  // Orphans come to us instead of to the first process, so that they can be waited for.
  ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe(pipe_ends.data()), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    static_cast<void>(run_jobs(
        options_for_tests(), jobs_up_to(1),
        [&](std::size_t, Journal&) {
          const pid_t self = getpid();
          static_cast<void>(!write(pipe_ends[1], &self, sizeof self));
          while (true) pause();
          return Buffer{};
        },
        [](JobReport) { return true; }));
    _exit(0);
  }
  pid_t worker = 0;
  ASSERT_EQ(read(pipe_ends[0], &worker, sizeof worker), static_cast<ssize_t>(sizeof worker));
  ::kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  int status = 0;
  EXPECT_EQ(waitpid(worker, &status, 0), worker);
  EXPECT_TRUE(WIFSIGNALED(status));
  prctl(PR_SET_CHILD_SUBREAPER, 0);
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
}

TEST(IsolationPool, WithoutIsolationJobsRunHereInOrder) {
  PoolOptions options = options_for_tests();
  options.isolate = Isolate::none;
  std::vector<std::size_t> order;
  std::vector<std::size_t> reported;
  const pid_t self = getpid();
  const PoolOutcome outcome = run_jobs(
      options, jobs_up_to(5),
      [&](std::size_t job, Journal& journal) {
        journal.step(9);
        EXPECT_EQ(getpid(), self);
        order.push_back(job);
        return octets_of("x");
      },
      [&](JobReport report) {
        EXPECT_EQ(report.line, 9u);
        EXPECT_EQ(report.result, octets_of("x"));
        reported.push_back(report.job);
        if (reported.size() == 3) ::kill(self, SIGINT);
        return true;
      });
  EXPECT_TRUE(outcome.interrupted);
  EXPECT_EQ(order, (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_EQ(reported, order);
}

}  // namespace
}  // namespace packetwright::isolation
