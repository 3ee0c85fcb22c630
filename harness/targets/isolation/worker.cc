// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/isolation/worker.hh"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/targets/isolation/autopsy.hh"
#include "harness/targets/isolation/message.hh"
#include "harness/targets/isolation/system.hh"

namespace packetwright::isolation {
namespace {

// What a job that went well may hand on of its output.
constexpr std::size_t kOutputKept = std::size_t{64} << 10;

// A file larger than this is runaway output too, wherever it is written. Beside the watch on the
// output, it stops a flood that is faster than the watch.
constexpr rlim_t kLargestFile = rlim_t{1} << 30;

void limit(int resource, rlim_t value) {
  rlimit current{};
  if (getrlimit(static_cast<__rlimit_resource>(resource), &current) != 0) return;
  if (current.rlim_cur > value) current.rlim_cur = value;
  setrlimit(static_cast<__rlimit_resource>(resource), &current);
}

void become_worker(pid_t parent, const OutputFile& output) {
  // A group of its own: whatever the job starts dies with it, and the terminal's Ctrl-C reaches
  // only the process that watches.
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);  // it died before we asked to be told
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(nothing, STDIN_FILENO);
  output.become_standard_output();
  // By lines, so that the last words before a crash are not lost in a buffer.
  setvbuf(stdout, nullptr, _IOLBF, 0);
  // What the parent ignores for the sake of its own outputs acts on the job as it would anywhere.
  std::signal(SIGPIPE, SIG_DFL);
  std::signal(SIGXFSZ, SIG_DFL);
  limit(RLIMIT_FSIZE, kLargestFile);
  limit(RLIMIT_CORE, 0);
}

// False: the other end is gone, and with it the reason to live.
bool take_order(int socket, std::uint64_t& job) {
  auto* at = reinterpret_cast<char*>(&job);
  std::size_t have = 0;
  while (have < sizeof job) {
    const ssize_t got = recv(socket, at + have, sizeof job - have, MSG_WAITALL);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    have += static_cast<std::size_t>(got);
  }
  return true;
}

class Worker {
 public:
  Worker(int socket, const OutputFile& output, JournalSlot& slot, const PoolOptions& options)
      : socket_(socket), output_(output), slot_(slot), options_(options) {}

  // The exit status.
  int live(const Work& work) {
    Message message;
    if (options_.init) {
      const Result<void, std::string> started = options_.init();
      if (!started) {
        message.kind = Message::Kind::init_failed;
        message.output = started.error();
        static_cast<void>(say(message));
        return 0;
      }
    }
    flush();
    output_.clear();
    resident_at_first_ = resident_octets(getpid());
    if (!say(message)) return unheard();
    std::uint64_t job = 0;
    while (take_order(socket_, job)) {
      if (!say(run(job, work))) {
        slot_.job.store(job);  // unanswered, it is still the one to blame
        return unheard();
      }
      if (options_.limits.memory_bytes != 0 &&
          resident_octets(getpid()) > resident_at_first_ + options_.limits.memory_bytes / 2) {
        // No job alone took too much, but what all of them left adds up. Start afresh.
        message.kind = Message::Kind::retiring;
        static_cast<void>(say(message));
        return 0;
      }
    }
    return 0;
  }

 private:
  Message run(std::uint64_t job, const Work& work) {
    slot_.line.store(0);
    slot_.waits.store(false);
    slot_.output_start.store(output_.size());
    slot_.resident_start.store(resident_octets(getpid()));
    const std::int64_t started = monotonic_ns();
    slot_.started_ns.store(started);
    slot_.job.store(job);

    Journal journal{slot_};
    Message answer;
    answer.kind = Message::Kind::done;
    answer.job = job;
    answer.result = work(static_cast<std::size_t>(job), journal);
    answer.wall_us = (monotonic_ns() - started) / 1000;
    answer.line = slot_.line.load();
    flush();
    answer.output = output_.tail(slot_.output_start.load(), kOutputKept);
    slot_.job.store(JournalSlot::kIdle);
    if (!answer.output.empty()) output_.clear();
    return answer;
  }

  static void flush() {
    std::cout.flush();
    std::fflush(stdout);
  }

  // Either the parent is gone, and nobody reads the status, or the job has closed the socket.
  static int unheard() { return errno == EPIPE ? 0 : kDeafWorker; }

  bool say(const Message& message) {
    Buffer octets;
    encode(message, octets);
    return send_all(socket_, octets.data(), octets.size());
  }

  int socket_;
  const OutputFile& output_;
  JournalSlot& slot_;
  const PoolOptions& options_;
  std::size_t resident_at_first_ = 0;
};

}  // namespace

void run_worker(pid_t parent, int socket, const OutputFile& output, JournalSlot& slot,
                const PoolOptions& options, const Work& work) noexcept {
  become_worker(parent, output);
  try {
    const int status = Worker{socket, output, slot, options}.live(work);
    // Not exit(): what the parent registered to happen at its end is not ours to do.
    _exit(status);
  } catch (...) {
    // While it is being handled, so that the last words say what it was.
    std::terminate();
  }
}

}  // namespace packetwright::isolation
