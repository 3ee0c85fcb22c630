// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/isolation/worker_process.hh"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <utility>

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/targets/isolation/system.hh"

namespace packetwright::isolation {
namespace {

std::string refused(const char* call) {
  return std::string{"a worker could not be started: "} + call + ": " + std::strerror(errno);
}

}  // namespace

Result<void, std::string> WorkerProcess::start(const Life& life) {
  end();
  OutputFile output = OutputFile::make();
  if (!output.ok()) return Err{refused("memfd_create")};
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return Err{refused("socketpair")};
  }
  // What is still in the buffers of the parent is not for the child to write again.
  std::cout.flush();
  std::fflush(nullptr);
  slot_.job.store(JournalSlot::kIdle);
  slot_.waits.store(false);
  started_ns = monotonic_ns();
  const pid_t child = fork();
  if (child == 0) {
    ::close(ends[0]);
    life(ends[1], output);
    _exit(0);
  }
  ::close(ends[1]);
  if (child < 0) {
    const std::string why = refused("fork");
    ::close(ends[0]);
    return Err{why};
  }
  setpgid(child, child);  // the child does the same; whoever comes first
  process_ = child;
  socket_ = ends[0];
  output_ = std::move(output);
  inbox_.clear();
  given_.clear();
  ready = false;
  retiring = false;
  last_wall_us = 0;
  silent_ns = 0;
  return {};
}

std::size_t WorkerProcess::resident() const {
  return alive() ? resident_octets(process_) : 0;
}

bool WorkerProcess::give(std::size_t job) {
  const std::uint64_t order = job;
  if (!send_all(socket_, &order, sizeof order)) return false;
  given_.push_back(job);
  return true;
}

bool WorkerProcess::listen() {
  std::array<std::uint8_t, 65536> chunk;
  while (true) {
    const ssize_t got = recv(socket_, chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (got > 0) {
      inbox_.insert(inbox_.end(), chunk.begin(), chunk.begin() + got);
    } else if (got == 0) {
      return false;
    } else if (errno != EINTR) {
      return errno == EAGAIN;
    }
  }
}

std::optional<int> WorkerProcess::look() {
  int status = 0;
  if (!alive() || waitpid(process_, &status, WNOHANG) != process_) return std::nullopt;
  kill_group();
  process_ = -1;
  return status;
}

int WorkerProcess::kill() {
  if (!alive()) return 0;
  kill_group();
  int status = 0;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  return status;
}

void WorkerProcess::kill_group() const {
  ::kill(-process_, SIGKILL);
  ::kill(process_, SIGKILL);
}

void WorkerProcess::end() {
  static_cast<void>(kill());
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

}  // namespace packetwright::isolation
