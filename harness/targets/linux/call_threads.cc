// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/call_threads.hh"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
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
  std::array<char, 64> path{};
  std::snprintf(path.data(), path.size(), "/proc/self/task/%d/stat", static_cast<int>(thread_id_));
  const UniqueFd file{::open(path.data(), O_RDONLY | O_CLOEXEC)};
  std::array<char, 256> text{};
  if (!file || ::read(file.get(), text.data(), text.size() - 1) <= 0) return false;
  // "TID (NAME) STATE ...": the name may hold anything, so look behind its last parenthesis.
  const char* const after_name = std::strrchr(text.data(), ')');
  return after_name != nullptr && after_name[1] == ' ' && after_name[2] == 'S';
}

}  // namespace packetwright::linux_stack
