// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/shell.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/targets/linux/scheduling.hh"
#include "harness/targets/linux/unique_fd.hh"

namespace packetwright::linux_stack {
namespace {

using ShellOutcome = targets::PosixCalls::ShellOutcome;

constexpr std::size_t kOutputKept = std::size_t{64} << 10;
constexpr int kGlanceMs = 5;      // how long an ended command may go unnoticed
constexpr int kSignalBase = 128;  // a shell's own way to tell of a signal

std::int64_t monotonic_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

// Appends what can be read without waiting, a good deal at most. False: the end.
bool read_some(int fd, std::string& text) {
  std::array<char, 16384> chunk;
  for (int i = 0; i < 8; ++i) {
    const ssize_t got = ::read(fd, chunk.data(), chunk.size());
    if (got == 0) return false;
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    text.append(chunk.data(), static_cast<std::size_t>(got));
    if (text.size() > 2 * kOutputKept) text.erase(0, text.size() - kOutputKept);
  }
  return true;
}

}  // namespace

Result<ShellOutcome, std::string> run_shell(std::string_view command, Duration limit) {
  const std::string text{command};  // before the fork: the child must not allocate
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return Err{std::string{"pipe: "} + std::strerror(errno)};
  UniqueFd reading{ends[0]};
  UniqueFd writing{ends[1]};
  const pid_t child = fork();
  if (child < 0) return Err{std::string{"fork: "} + std::strerror(errno)};
  if (child == 0) {
    setpgid(0, 0);
    run_as_usual();
    const int nothing = ::open("/dev/null", O_RDONLY);
    dup2(nothing, STDIN_FILENO);
    dup2(writing.get(), STDOUT_FILENO);
    dup2(writing.get(), STDERR_FILENO);
    std::signal(SIGPIPE, SIG_DFL);
    execl("/bin/sh", "sh", "-c", text.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  setpgid(child, child);
  writing.reset();
  fcntl(reading.get(), F_SETFL, O_NONBLOCK);

  ShellOutcome outcome;
  const std::int64_t deadline =
      monotonic_ms() + std::chrono::duration_cast<std::chrono::milliseconds>(limit).count();
  int status = 0;
  bool dead = false;
  while (!dead && monotonic_ms() < deadline) {
    // What runs in the background may hold the pipe for ever, so its end is not what counts.
    pollfd one{reading.get(), POLLIN, 0};
    poll(&one, 1, kGlanceMs);
    dead = waitpid(child, &status, WNOHANG) == child;
    if (!read_some(reading.get(), outcome.output)) {
      reading.reset();  // nobody writes any more, but the command may go on
    }
  }
  ::kill(-child, SIGKILL);
  while (!dead) dead = waitpid(child, &status, 0) == child || errno != EINTR;
  while (reading && read_some(reading.get(), outcome.output) && monotonic_ms() < deadline) {
    pollfd one{reading.get(), POLLIN, 0};
    if (poll(&one, 1, 0) <= 0) break;
  }

  if (outcome.output.size() > kOutputKept) {
    outcome.output.erase(0, outcome.output.size() - kOutputKept);
  }
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : kSignalBase + WTERMSIG(status);
  return outcome;
}

}  // namespace packetwright::linux_stack
