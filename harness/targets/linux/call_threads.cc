// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/call_threads.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/targets/linux/unique_fd.hh"

namespace packetwright::linux_stack {
namespace {

// Interrupts a system call, and does nothing else.
constexpr int kInterrupt = SIGUSR2;

void ignore(int) {}

void prepare_interrupts() {
  struct sigaction action{};
  action.sa_handler = ignore;  // and no SA_RESTART: the call is to end
  sigemptyset(&action.sa_mask);
  sigaction(kInterrupt, &action, nullptr);
}

}  // namespace

BlockingCall::BlockingCall(std::function<std::int64_t()> call) : call_(std::move(call)) {
  prepare_interrupts();
  thread_ = std::thread{[this] {
    thread_id_ = static_cast<pid_t>(syscall(SYS_gettid));
    outcome_.result = call_();
    outcome_.error = outcome_.result == -1 ? errno : 0;
    ended_ = true;
  }};
  settle();
}

BlockingCall::~BlockingCall() {
  // The signal may come just before the call begins to sleep, and be lost; so again until it ends.
  while (!ended_) {
    pthread_kill(thread_.native_handle(), kInterrupt);
    sched_yield();
  }
  thread_.join();
}

std::optional<RawOutcome> BlockingCall::outcome() {
  settle();
  if (!ended_) return std::nullopt;
  return outcome_;
}

void BlockingCall::settle() const {
  while (!ended_ && !sleeps()) sched_yield();
}

bool BlockingCall::sleeps() const {
  if (thread_id_ == 0) return false;
  // "TID (NAME) STATE ...": the name may hold anything, so look behind its last parenthesis.
  const std::string status = read_task_file("stat");
  const std::size_t after_name = status.rfind(')');
  if (after_name == std::string::npos || status.compare(after_name, 3, ") S") != 0) return false;
  // Asleep, but in the call? A thread also sleeps for the locks of the library around it, which
  // all are futexes. Where the kernel does not tell ("NUMBER ARGUMENTS..."), the state must do.
  const std::string call = read_task_file("syscall");
  return call.empty() ||
         (call[0] >= '0' && call[0] <= '9' && std::strtol(call.c_str(), nullptr, 10) != SYS_futex);
}

std::string BlockingCall::read_task_file(const char* name) const {
  std::array<char, 64> path{};
  std::snprintf(path.data(), path.size(), "/proc/self/task/%d/%s", static_cast<int>(thread_id_),
                name);
  const UniqueFd file{::open(path.data(), O_RDONLY | O_CLOEXEC)};
  std::array<char, 512> text{};
  const ssize_t got = file ? ::read(file.get(), text.data(), text.size()) : 0;
  return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
}

}  // namespace packetwright::linux_stack
