// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/resolver/program.hh"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <utility>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/targets/linux/task_state.hh"
#include "harness/targets/linux/time_limit.hh"

namespace packetwright::resolver {
namespace {

// What has no line by then writes something else than lines.
constexpr std::size_t kLongestLine = 65536;
// Left to the program between two looks; the harness may be at a higher priority than it.
constexpr timespec kTurn{0, 20'000};

[[noreturn]] void become(const std::string& command, int stream, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);  // it died before we asked to be told
  dup2(stream, STDIN_FILENO);
  dup2(stream, STDOUT_FILENO);
  // They would change what it does, and are this user's and not the case's.
  unsetenv("LOCALDOMAIN");
  unsetenv("RES_OPTIONS");
  unsetenv("HOSTALIASES");
  const std::string line = "exec " + command;
  execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
  _exit(127);
}

}  // namespace

Result<Program, std::string> Program::start(const std::string& command, Duration limit) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return Err{std::string{"socketpair: "} + std::strerror(errno)};
  }
  Program made;
  made.stream_ = linux_stack::UniqueFd{ends[0]};
  linux_stack::UniqueFd its_stream{ends[1]};
  const pid_t parent = getpid();
  made.process_ = fork();
  if (made.process_ == 0) become(command, its_stream.get(), parent);
  if (made.process_ < 0) return Err{std::string{"fork: "} + std::strerror(errno)};
  its_stream.reset();  // so that its end is noticed

  const linux_stack::TimeLimit until{limit};
  while (true) {
    pollfd one{made.stream_.get(), POLLIN, 0};
    static_cast<void>(poll(&one, 1, until.left_ms()));
    made.hear();
    auto line = made.answer();
    if (line && line->size() <= kLongestLine) {
      made.greeting_ = std::move(*line);
      return made;
    }
    if (line || until.passed()) return Err{command + " does not say in a line what it is"};
    if (const auto death = made.death()) return Err{command + ": " + death->log};
  }
}

Program::Program(Program&& other) noexcept {
  *this = std::move(other);
}

Program& Program::operator=(Program&& other) noexcept {
  std::swap(stream_, other.stream_);
  std::swap(process_, other.process_);
  std::swap(status_, other.status_);
  std::swap(heard_, other.heard_);
  std::swap(greeting_, other.greeting_);
  return *this;
}

void Program::ask(std::string_view line) {
  std::string whole{line};
  whole += '\n';
  // Of one that is gone death() tells.
  static_cast<void>(::send(stream_.get(), whole.data(), whole.size(), MSG_NOSIGNAL));
  settle();
}

void Program::settle() {
  const std::string number = std::to_string(process_);
  while (!death() && !linux_stack::all_sleep(number)) nanosleep(&kTurn, nullptr);
}

void Program::hear() {
  std::array<char, 4096> some{};
  while (heard_.size() <= kLongestLine) {
    const ssize_t got = ::recv(stream_.get(), some.data(), some.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    heard_.append(some.data(), static_cast<std::size_t>(got));
  }
}

std::optional<std::string> Program::answer() {
  hear();
  const std::size_t end = heard_.find('\n');
  if (end == std::string::npos && heard_.size() <= kLongestLine) return std::nullopt;
  std::string line = heard_.substr(0, end);
  heard_.erase(0, end == std::string::npos ? end : end + 1);
  return line;
}

std::optional<targets::Death> Program::death() {
  int status = 0;
  if (!status_ && waitpid(process_, &status, WNOHANG) == process_) status_ = status;
  if (!status_) return std::nullopt;
  if (WIFSIGNALED(*status_)) {
    return targets::Death{WTERMSIG(*status_),
                          std::string{"it was ended by "} + strsignal(WTERMSIG(*status_))};
  }
  return targets::Death{0, "it left with status " + std::to_string(WEXITSTATUS(*status_))};
}

void Program::end() {
  if (process_ <= 0 || status_) return;
  kill(process_, SIGKILL);
  while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
}

}  // namespace packetwright::resolver
