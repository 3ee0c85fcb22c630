// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/isolation/pool.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/targets/isolation/autopsy.hh"
#include "harness/targets/isolation/interrupt.hh"
#include "harness/targets/isolation/system.hh"
#include "harness/targets/isolation/worker.hh"
#include "harness/targets/isolation/worker_process.hh"
#include "stack/base/assert.hh"

namespace packetwright::isolation {
namespace {

// How often busy workers are looked at for what no message tells: time, memory, output, death.
constexpr std::int64_t kTickNs = 20'000'000;

// How long a process may take to die after it has closed its files.
constexpr std::int64_t kDyingNs = 2'000'000'000;

// Jobs shorter than this are handed out several at a time, so that a worker need not wait for the
// next one. Longer ones go out one by one, or they would queue behind each other while another
// worker is idle.
constexpr std::int64_t kShortJobUs = 1'000;
constexpr std::size_t kShortJobsAhead = 16;

// So many workers in a row may die without having finished or begun any job.
constexpr int kUselessDeaths = 3;

// How much of its last words is kept of a dead worker.
constexpr std::size_t kLastWords = std::size_t{64} << 10;

// One slot for each worker, in memory that survives every one of them.
class SharedSlots {
 public:
  explicit SharedSlots(std::size_t count) : count_(count) {
    void* const at = mmap(nullptr, count * sizeof(JournalSlot), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) return;
    slots_ = static_cast<JournalSlot*>(at);
    for (std::size_t i = 0; i < count; ++i) new (&slots_[i]) JournalSlot;
  }
  ~SharedSlots() {
    if (slots_ != nullptr) munmap(slots_, count_ * sizeof(JournalSlot));
  }
  SharedSlots(const SharedSlots&) = delete;
  SharedSlots& operator=(const SharedSlots&) = delete;

  [[nodiscard]] bool ok() const { return slots_ != nullptr; }
  [[nodiscard]] JournalSlot& operator[](std::size_t index) { return slots_[index]; }

 private:
  std::size_t count_;
  JournalSlot* slots_ = nullptr;
};

class Pool {
 public:
  Pool(const PoolOptions& options, std::span<const std::size_t> jobs, const Work& work,
       const OnReport& on_report)
      : options_(options),
        work_(work),
        on_report_(on_report),
        waiting_(jobs.begin(), jobs.end()),
        slots_(most_workers()) {}

  PoolOutcome run() {
    if (!slots_.ok()) {
      outcome_.error = std::string{"no memory for the journal: "} + std::strerror(errno);
      return outcome_;
    }
    const std::size_t count = std::min(most_workers(), std::max<std::size_t>(1, waiting_.size()));
    for (std::size_t i = 0; i < count; ++i) {
      workers_.push_back(std::make_unique<WorkerProcess>(slots_[i]));
    }
    while (going_on() && !all_done()) {
      hand_out();
      if (!going_on()) break;
      wait();
      if (interrupts_.interrupted()) {
        outcome_.interrupted = true;
        break;
      }
      for (auto& worker : workers_) {
        if (going_on()) attend(*worker);
      }
    }
    workers_.clear();  // kills those that are left
    return outcome_;
  }

 private:
  [[nodiscard]] bool going_on() const {
    return outcome_.error.empty() && !outcome_.stopped && !outcome_.interrupted;
  }
  [[nodiscard]] bool all_done() const {
    return waiting_.empty() &&
           std::all_of(workers_.begin(), workers_.end(),
                       [](const auto& worker) { return worker->given().empty(); });
  }

  [[nodiscard]] std::size_t at_most_at_work() const { return std::max(1U, options_.workers); }
  [[nodiscard]] std::size_t most_workers() const {
    return at_most_at_work() + options_.spare_workers;
  }

  // Those that use the processor, or are about to.
  [[nodiscard]] std::size_t at_work() const {
    return static_cast<std::size_t>(
        std::count_if(workers_.begin(), workers_.end(), [](const auto& worker) {
          if (worker->alive() && !worker->ready) return true;
          return !worker->given().empty() && !worker->slot().waits.load();
        }));
  }

  void hand_out() {
    for (auto& worker : workers_) {
      if (waiting_.empty()) return;
      if (worker->given().empty() && at_work() >= at_most_at_work()) continue;
      if (!worker->alive()) start(*worker);
      if (!going_on()) return;
      if (!worker->alive()) continue;
      // Nothing is given before init is over: its failure must not look like that of a job.
      if (!worker->ready || worker->retiring) continue;
      std::size_t ahead = 1;
      if (!options_.one_by_one && worker->last_wall_us < kShortJobUs) {
        // Towards the end, leave some for the others.
        ahead =
            std::clamp<std::size_t>(waiting_.size() / (2 * workers_.size()), 1, kShortJobsAhead);
      }
      while (worker->given().size() < ahead && !waiting_.empty()) {
        if (!worker->give(waiting_.front())) break;  // dead: attend() will find out
        waiting_.pop_front();
      }
    }
  }

  void start(WorkerProcess& worker) {
    const pid_t parent = getpid();
    const Result<void, std::string> started =
        worker.start([&](int socket, const OutputFile& output) {
          interrupts_.undo();
          for (const auto& other : workers_) {
            if (other.get() != &worker && other->socket() >= 0) ::close(other->socket());
          }
          run_worker(parent, socket, output, worker.slot(), options_, work_);
        });
    if (started) return;
    // Where there may be no more processes or descriptors, fewer workers do as well.
    const bool others = std::any_of(workers_.begin(), workers_.end(),
                                    [](const auto& other) { return other->alive(); });
    if (!others) outcome_.error = started.error();
  }

  void wait() {
    std::vector<pollfd> sockets;
    for (const auto& worker : workers_) {
      // A closed one would be ready at once, for ever.
      const bool listens = worker->alive() && worker->silent_ns == 0;
      if (listens) sockets.push_back({worker->socket(), POLLIN, 0});
    }
    std::int64_t patience = kTickNs;
    if (options_.limits.job_timeout > Duration{0}) {
      patience = std::min<std::int64_t>(patience, options_.limits.job_timeout.count());
    }
    const timespec timeout{0, static_cast<long>(patience)};
    ppoll(sockets.data(), sockets.size(), &timeout, &interrupts_.open_mask());
  }

  // Everything that can have happened to a worker since the last time.
  void attend(WorkerProcess& worker) {
    if (!worker.alive()) return;
    const bool speaks = worker.listen();
    take_messages(worker);
    if (!going_on()) return;
    if (!speaks) return attend_silent(worker);
    if (const std::optional<Excess> excess = excess_of(worker)) {
      const int status = worker.kill();
      // It may have answered in the meantime; then the answer counts.
      worker.listen();
      bury(worker, status, excess);
      return;
    }
    // A child that the job left behind may hold the socket open, so its end is not enough to go by.
    if (const std::optional<int> status = worker.look()) {
      worker.listen();
      bury(worker, *status, std::nullopt);
    }
  }

  // Its socket is closed. A process that dies closes its files a moment before it can be waited
  // for; one that lives on has lost the socket to its job.
  void attend_silent(WorkerProcess& worker) {
    if (const std::optional<int> status = worker.look()) {
      bury(worker, *status, std::nullopt);
      return;
    }
    if (worker.silent_ns == 0) worker.silent_ns = monotonic_ns();
    if (monotonic_ns() - worker.silent_ns < kDyingNs) return;
    const int status = worker.kill();
    const bool lived = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    const Excess deaf{JobEnd::crashed, worker.slot().job.load()};
    bury(worker, status, lived ? std::optional{deaf} : std::nullopt);
  }

  void take_messages(WorkerProcess& worker) {
    while (going_on()) {
      std::optional<Message> message = worker.next_message();
      if (!message) return;
      switch (message->kind) {
        case Message::Kind::ready: worker.ready = true; break;
        case Message::Kind::init_failed: outcome_.error = message->output; break;
        case Message::Kind::retiring: worker.retiring = true; break;
        case Message::Kind::done: {
          useless_deaths_ = 0;
          PW_ASSERT(!worker.given().empty() && worker.given().front() == message->job);
          worker.given().pop_front();
          worker.last_wall_us = message->wall_us;
          JobReport report;
          report.job = static_cast<std::size_t>(message->job);
          report.result = std::move(message->result);
          report.output = std::move(message->output);
          report.line = message->line;
          report.wall_us = message->wall_us;
          tell(std::move(report));
          break;
        }
      }
    }
  }

  // A limit that was passed, and by which job (kIdle: by the start of the worker).
  struct Excess {
    JobEnd of = JobEnd::hung;
    std::uint64_t job = JournalSlot::kIdle;
  };

  [[nodiscard]] std::optional<Excess> excess_of(const WorkerProcess& worker) const {
    const Limits& limits = options_.limits;
    const JournalSlot& slot = worker.slot();
    const std::int64_t now = monotonic_ns();
    const auto late = [&](std::int64_t since) {
      return limits.job_timeout > Duration{0} && now - since > limits.job_timeout.count();
    };
    if (!worker.ready) {
      // Opening a target takes time, but not more than a job.
      return late(worker.started_ns) ? std::optional{Excess{}} : std::nullopt;
    }
    const std::uint64_t job = slot.job.load();
    if (job == JournalSlot::kIdle) return std::nullopt;
    if (late(slot.started_ns.load())) return Excess{JobEnd::hung, job};
    if (limits.output_bytes != 0 &&
        worker.output().size() > slot.output_start.load() + limits.output_bytes) {
      return Excess{JobEnd::flooded, job};
    }
    if (limits.memory_bytes != 0 &&
        worker.resident() > slot.resident_start.load() + limits.memory_bytes) {
      return Excess{JobEnd::out_of_memory, job};
    }
    return std::nullopt;
  }

  // The worker is dead: the job that it was at is reported, those it had not begun wait again.
  void bury(WorkerProcess& worker, int status, std::optional<Excess> excess) {
    take_messages(worker);
    const JournalSlot& slot = worker.slot();
    const std::uint64_t at = slot.job.load();
    std::deque<std::size_t>& given = worker.given();
    const bool in_job = !given.empty() && given.front() == at;
    // The job that went too far may have ended just before the worker was killed for it. Then the
    // next one, if it had begun, was killed innocently, and runs again.
    const bool innocent = excess && excess->job != at;
    const std::optional<JobEnd> killed_for = excess ? std::optional{excess->of} : std::nullopt;
    Autopsy found =
        examine(status, killed_for, options_.limits,
                worker.output().tail(in_job ? slot.output_start.load() : 0, kLastWords));
    if (in_job && !innocent) {
      useless_deaths_ = 0;
      given.pop_front();
      JobReport report;
      report.job = static_cast<std::size_t>(at);
      report.end = found.end;
      report.death = std::move(found.death);
      report.line = slot.line.load();
      report.wall_us = (monotonic_ns() - slot.started_ns.load()) / 1000;
      tell(std::move(report));
    } else if (!worker.ready && !worker.retiring) {
      outcome_.error = "a worker died before its first job: " + found.death.log;
    } else if (!worker.retiring && !innocent && ++useless_deaths_ >= kUselessDeaths) {
      // Once is bad luck; again and again there is no point in going on.
      outcome_.error = "workers die between jobs: " + found.death.log;
    }
    waiting_.insert(waiting_.begin(), given.begin(), given.end());
    given.clear();
    worker.end();
  }

  void tell(JobReport report) {
    if (!outcome_.stopped && !on_report_(std::move(report))) outcome_.stopped = true;
  }

  const PoolOptions& options_;
  const Work& work_;
  const OnReport& on_report_;
  InterruptWatch interrupts_;
  std::deque<std::size_t> waiting_;
  SharedSlots slots_;
  std::vector<std::unique_ptr<WorkerProcess>> workers_;
  int useless_deaths_ = 0;
  PoolOutcome outcome_;
};

// Isolate::none: a loop, for a debugger and for systems where nothing else works.
PoolOutcome run_here(const PoolOptions& options, std::span<const std::size_t> jobs,
                     const Work& work, const OnReport& on_report) {
  PoolOutcome outcome;
  if (options.init) {
    const Result<void, std::string> started = options.init();
    if (!started) {
      outcome.error = started.error();
      return outcome;
    }
  }
  const InterruptWatch interrupts;
  for (const std::size_t job : jobs) {
    JournalSlot slot;
    Journal journal{slot};
    const std::int64_t started = monotonic_ns();
    JobReport report;
    report.job = job;
    report.result = work(job, journal);
    report.line = slot.line.load();
    report.wall_us = (monotonic_ns() - started) / 1000;
    if (!on_report(std::move(report))) {
      outcome.stopped = true;
      break;
    }
    if (interrupts.interrupted()) {
      outcome.interrupted = true;
      break;
    }
  }
  return outcome;
}

}  // namespace

std::string how_it_ended(const JobReport& job, Duration limit) {
  std::string text;
  switch (job.end) {
    case JobEnd::hung:
      text = "did not end within " +
             std::to_string(std::chrono::duration_cast<std::chrono::seconds>(limit).count()) + " s";
      break;
    case JobEnd::lost: text = "ended the process with status 0"; break;
    case JobEnd::out_of_memory: text = "took too much memory"; break;
    case JobEnd::flooded: text = "wrote too much output"; break;
    case JobEnd::done:
    case JobEnd::crashed:
      text = job.death.signal != 0 ? std::string{"ended by "} + strsignal(job.death.signal)
                                   : std::string{"ended the process"};
      break;
  }
  if (!job.death.log.empty()) text += ": " + job.death.log.substr(0, job.death.log.find('\n'));
  return text;
}

std::string_view name_of(JobEnd end) noexcept {
  switch (end) {
    case JobEnd::done: return "done";
    case JobEnd::crashed: return "crashed";
    case JobEnd::hung: return "hung";
    case JobEnd::out_of_memory: return "out_of_memory";
    case JobEnd::flooded: return "flooded";
    case JobEnd::lost: return "lost";
  }
  return "?";
}

PoolOutcome run_jobs(const PoolOptions& options, std::span<const std::size_t> jobs,
                     const Work& work, const OnReport& on_report) {
  if (options.isolate == Isolate::none) return run_here(options, jobs, work, on_report);
  return Pool{options, jobs, work, on_report}.run();
}

}  // namespace packetwright::isolation
