// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/isolation/interrupt.hh"

#include <ctime>
#include <initializer_list>

#include <poll.h>

#include "stack/base/assert.hh"

namespace packetwright::isolation {
namespace {

// A handler can reach nothing else.
volatile std::sig_atomic_t g_interrupted = 0;
bool g_watching = false;

void remember(int) {
  g_interrupted = 1;
}

void install(int signal, struct sigaction& before) {
  struct sigaction action{};
  action.sa_handler = remember;
  // Once: the second signal finds what was there by default, and ends a run that is stuck.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, &before);
  if (before.sa_handler == SIG_IGN) sigaction(signal, &before, nullptr);
}

}  // namespace

InterruptWatch::InterruptWatch() {
  PW_ASSERT(!g_watching);
  g_watching = true;
  g_interrupted = 0;
  install(SIGINT, interrupt_before_);
  install(SIGTERM, terminate_before_);
  install(SIGHUP, hang_up_before_);
  sigset_t watched;
  sigemptyset(&watched);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&watched, signal);
  sigprocmask(SIG_BLOCK, &watched, &before_);
}

InterruptWatch::~InterruptWatch() {
  undo();
}

bool InterruptWatch::interrupted() const {
  const timespec at_once{0, 0};
  ppoll(nullptr, 0, &at_once, &before_);
  return g_interrupted != 0;
}

void InterruptWatch::undo() const {
  g_watching = false;  // a worker may have workers of its own
  sigaction(SIGINT, &interrupt_before_, nullptr);
  sigaction(SIGTERM, &terminate_before_, nullptr);
  sigaction(SIGHUP, &hang_up_before_, nullptr);
  sigprocmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace packetwright::isolation
