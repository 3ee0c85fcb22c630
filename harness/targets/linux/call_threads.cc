// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/call_threads.hh"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/targets/linux/task_state.hh"

namespace packetwright::linux_stack {
namespace {

// Interrupts a system call, and does nothing else.
constexpr int kInterrupt = SIGUSR2;
constexpr std::string_view kSelf = "self";

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
  if (thread_id_ == 0 || !linux_stack::sleeps(kSelf, thread_id_)) return false;
  // Asleep, but in the call? A thread also sleeps for the locks of the library around it, which
  // all are futexes. Where the kernel does not tell ("NUMBER ARGUMENTS..."), the state must do.
  const std::string call = read_task_file(kSelf, thread_id_, "syscall");
  return call.empty() ||
         (call[0] >= '0' && call[0] <= '9' && std::strtol(call.c_str(), nullptr, 10) != SYS_futex);
}

}  // namespace packetwright::linux_stack
