// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/warden.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/targets/linux/scheduling.hh"
#include "harness/targets/linux/time_limit.hh"

namespace packetwright::linux_stack {
namespace {

constexpr int kSignalBase = 128;                         // a shell's own way to tell of a signal
constexpr Duration kPatience = std::chrono::seconds{2};  // for what was killed to be gone
// What a process of a script may allocate: it runs on the machine of a person.
constexpr rlim_t kMemory = rlim_t{1} << 30;

// What it is told to do, beside ending all when nobody is there to tell it.
constexpr char kSweep = 1, kKeep = 2, kTell = 3;

// What is kept of the output after the command has ended: a complaint comes first.
constexpr std::size_t kKept = 4096;

// What the warden tells; it has ended itself when the command left nothing to watch.
struct Word {
  std::int32_t status = -1;  // of the command; -1: it has not ended
  std::int32_t others = 0;   // 1: something else is running
};

// --- The warden's side: between fork() and exec(), in a process that may have had threads, so
// nothing here allocates.

// The text of a file of /proc.
template <std::size_t kSize>
std::string_view read_into(std::array<char, kSize>& text, const char* path) {
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  const ssize_t got = ::read(fd, text.data(), text.size());
  ::close(fd);
  return {text.data(), static_cast<std::size_t>(got > 0 ? got : 0)};
}

// The number that a text begins with; 0: it begins with none.
pid_t number_of(std::string_view text) {
  pid_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

pid_t parent_of(pid_t process) {
  std::array<char, 64> path;
  std::snprintf(path.data(), path.size(), "/proc/%d/stat", static_cast<int>(process));
  std::array<char, 512> text;
  const std::string_view status = read_into(text, path.data());
  // "PID (NAME) STATE PARENT ...", and the name may hold anything.
  const std::size_t after_name = status.rfind(") ");
  constexpr std::size_t kToParent = 4;
  if (after_name == std::string_view::npos || after_name + kToParent >= status.size()) return 0;
  return number_of(status.substr(after_name + kToParent));
}

// The kernel's own list, where it keeps one.
template <class Visit>
bool visit_listed_children(const Visit& visit) {
  std::array<char, 64> path;
  const int self = static_cast<int>(getpid());
  std::snprintf(path.data(), path.size(), "/proc/%d/task/%d/children", self, self);
  if (::access(path.data(), R_OK) != 0) return false;
  std::array<char, 4096> text;
  std::string_view rest = read_into(text, path.data());
  // Numbers, a blank behind each; one that does not fit comes the next time.
  for (std::size_t end = rest.find(' '); end != std::string_view::npos; end = rest.find(' ')) {
    visit(number_of(rest.substr(0, end)));
    rest.remove_prefix(end + 1);
  }
  return true;
}

template <class Visit>
void visit_children(const Visit& visit) {
  if (visit_listed_children(visit)) return;
  const int folder = ::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  alignas(dirent64) std::array<char, 8192> entries;
  for (ssize_t size = 1; size > 0;) {
    size = ::getdents64(folder, entries.data(), entries.size());
    for (ssize_t at = 0; at < size;) {
      const auto* entry = reinterpret_cast<const dirent64*>(entries.data() + at);
      at += entry->d_reclen;
      const pid_t process = number_of(entry->d_name);
      if (process > 0 && parent_of(process) == getpid()) visit(process);
    }
  }
  ::close(folder);
}

class Watch {
 public:
  Watch(int control, int reading, int signals, pid_t command)
      : control_(control), reading_(reading), signals_(signals), command_(command) {}

  [[noreturn]] void run() {
    while (true) {
      std::array<pollfd, 3> all{
          {{control_, POLLIN, 0}, {signals_, POLLIN, 0}, {keeps_ ? reading_ : -1, POLLIN, 0}}};
      static_cast<void>(poll(all.data(), all.size(), -1));
      if (all[1].revents != 0) take_ends();
      if (all[2].revents != 0) read_output();
      if (all[0].revents != 0) obey();
    }
  }

 private:
  // Looks who has ended.
  void reap() {
    int status = 0;
    pid_t ended = 0;
    while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
      if (ended != command_) continue;
      word_.status = WIFEXITED(status) ? WEXITSTATUS(status) : kSignalBase + WTERMSIG(status);
    }
    alone_ = ended < 0;
  }

  void take_ends() {
    signalfd_siginfo ignored{};
    while (::read(signals_, &ignored, sizeof ignored) > 0) {
    }
    const bool ran = word_.status < 0;
    reap();
    if (word_.status < 0 || !ran) return;
    word_.others = alone_ ? 0 : 1;
    say();
    if (alone_) _exit(0);
  }

  // What is beyond kKept is read too: nobody waits for a reader.
  void read_output() {
    std::array<char, kKept> octets;
    const ssize_t got = ::read(reading_, octets.data(), octets.size());
    if (got == 0) reading_ = -1;
    if (got <= 0) return;
    const std::size_t taken = std::min(static_cast<std::size_t>(got), kKept - kept_size_);
    std::memcpy(kept_.data() + kept_size_, octets.data(), taken);
    kept_size_ += taken;
  }

  // What was written before the order came has been read: run() does that first.
  void tell() const { static_cast<void>(send(control_, kept_.data(), kept_size_, MSG_NOSIGNAL)); }

  void obey() {
    char order = 0;
    if (recv(control_, &order, 1, 0) <= 0) {
      kill_all(-1);
      _exit(0);
    }
    if (order == kTell) return tell();
    if (order == kKeep) {
      keeps_ = true;
      return;
    }
    kill_all(word_.status < 0 ? command_ : -1);
    say();
    if (alone_) _exit(0);
  }

  void say() const { static_cast<void>(send(control_, &word_, sizeof word_, MSG_NOSIGNAL)); }

  // The children of what is killed become ours, and are killed in the next round.
  void kill_all(pid_t but) {
    const TimeLimit patience{2 * kPatience};
    while (!patience.passed()) {
      int killed = 0;
      visit_children([&](pid_t child) {
        if (child == but) return;
        ++killed;
        // All of a group at once: one that multiplies is faster than we are. The groups of this
        // session, and of sessions that were begun below it, are those of the command.
        const pid_t group = getpgid(child);
        if (group > 1 && group != getpgrp() && group != but) ::kill(-group, SIGKILL);
        ::kill(child, SIGKILL);
      });
      reap();
      if (alone_ || killed == 0) return;
      poll(nullptr, 0, 1);
    }
  }

  int control_, reading_, signals_;
  pid_t command_;
  Word word_;
  bool alone_ = false;  // nothing is left
  bool keeps_ = false;  // nobody else reads the output any more
  std::array<char, kKept> kept_;
  std::size_t kept_size_ = 0;
};

void close_all_but(int one, int other) {
  const auto first = static_cast<unsigned>(one < other ? one : other);
  const auto second = static_cast<unsigned>(one < other ? other : one);
  const auto close_from_to = [](unsigned from, unsigned to) {
    if (from > to) return;
#ifdef SYS_close_range
    if (syscall(SYS_close_range, from, to, 0) == 0) return;
#endif
    const long limit = sysconf(_SC_OPEN_MAX);
    for (unsigned fd = from; fd <= to && static_cast<long>(fd) < limit; ++fd) {
      ::close(static_cast<int>(fd));
    }
  };
  close_from_to(STDERR_FILENO + 1, first - 1);
  close_from_to(first + 1, second - 1);
  close_from_to(second + 1, ~0U);
}

// A command, as execve() wants it.
struct CommandLine {
  const char* text;
  char* const* environment;
  Warden::Memory memory;
};

[[noreturn]] void become_command(const Warden::Streams& streams, const CommandLine& line,
                                 const sigset_t& mask) {
  setpgid(0, 0);
  const int nothing = ::open("/dev/null", O_RDWR);
  const int output = streams.output < 0 ? nothing : streams.output;
  dup2(streams.input < 0 ? nothing : streams.input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(streams.error < 0 ? output : streams.error, STDERR_FILENO);
  close_all_but(STDERR_FILENO, STDERR_FILENO);
  // What is ignored stays ignored in a command, and these are for the harness alone.
  std::signal(SIGPIPE, SIG_DFL);
  std::signal(SIGXFSZ, SIG_DFL);
  rlimit memory{};
  if (line.memory == Warden::Memory::limited && getrlimit(RLIMIT_DATA, &memory) == 0 &&
      memory.rlim_cur > kMemory) {
    memory.rlim_cur = kMemory;
    setrlimit(RLIMIT_DATA, &memory);
  }
  sigprocmask(SIG_SETMASK, &mask, nullptr);
  const std::array<const char*, 4> arguments{"sh", "-c", line.text, nullptr};
  execve("/bin/sh", const_cast<char* const*>(arguments.data()), line.environment);
  _exit(127);
}

[[noreturn]] void become_warden(int control, const Warden::Streams& streams,
                                const CommandLine& line) {
  // Out of the group of the harness, which is killed as a whole.
  setsid();
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  run_as_usual();
  sigset_t mask;
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGCHLD);
  std::signal(SIGCHLD, SIG_DFL);
  sigprocmask(SIG_BLOCK, &ends, &mask);
  const pid_t command = fork();
  if (command == 0) become_command(streams, line, mask);
  close_all_but(control, streams.reading < 0 ? control : streams.reading);
  if (command < 0) {
    const Word word{kSignalBase - 1, 0};
    static_cast<void>(send(control, &word, sizeof word, MSG_NOSIGNAL));
    _exit(1);
  }
  const int signals = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
  Watch{control, streams.reading, signals, command}.run();
}

}  // namespace

Result<Warden, std::string> Warden::start(std::string_view command, const Streams& streams,
                                          Memory memory) {
  // packetdrill tells its commands its own process, so that they find what an earlier one left;
  // here that is the harness.
  const std::string text{command};
  std::string harness = "PACKETDRILL_PID=" + std::to_string(getpid());
  std::vector<char*> environment{harness.data()};
  for (char** one = environ; *one != nullptr; ++one) {
    if (!std::string_view{*one}.starts_with("PACKETDRILL_PID=")) environment.push_back(*one);
  }
  environment.push_back(nullptr);

  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return Err{std::string{"socketpair: "} + std::strerror(errno)};
  }
  UniqueFd ours{ends[0]};
  const UniqueFd its{ends[1]};
  const pid_t process = fork();
  if (process < 0) return Err{std::string{"fork: "} + std::strerror(errno)};
  if (process == 0) {
    become_warden(its.get(), streams, {text.c_str(), environment.data(), memory});
  }
  return Warden{std::move(ours), process};
}

bool Warden::hear(bool wait) {
  while (control_) {
    Word word;
    const ssize_t got = recv(control_.get(), &word, sizeof word, wait ? 0 : MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return true;
    if (got == 0) {
      // It left without a word: somebody killed it.
      if (!status_) status_ = kStatusOfKilled;
      left_something_ = false;
      return false;
    }
    if (word.status >= 0) status_ = word.status;
    left_something_ = word.others != 0;
    return true;
  }
  return false;
}

std::optional<int> Warden::status() {
  if (!status_) static_cast<void>(hear(false));
  return status_;
}

bool Warden::sweep() {
  if (!control_ || send(control_.get(), &kSweep, 1, MSG_NOSIGNAL) != 1) return false;
  return hear(true) && !status_;
}

void Warden::keep_output() {
  if (control_) static_cast<void>(send(control_.get(), &kKeep, 1, MSG_NOSIGNAL));
}

std::string Warden::kept_output() {
  std::string text(kKept, '\0');
  ssize_t got = -1;
  if (control_ && send(control_.get(), &kTell, 1, MSG_NOSIGNAL) == 1) {
    // What it watches may have stopped it.
    const TimeLimit patience{kPatience};
    pollfd answer{control_.get(), POLLIN, 0};
    while (poll(&answer, 1, patience.left_ms()) < 0 && errno == EINTR) {
    }
    got = recv(control_.get(), text.data(), text.size(), MSG_DONTWAIT);
  }
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

void Warden::end() {
  if (process_ < 0) return;
  control_.reset();
  const TimeLimit patience{kPatience};
  int status = 0;
  // Where nothing is left it is on its way out already.
  const int how = status_ && !left_something_ ? 0 : WNOHANG;
  while (waitpid(process_, &status, how) == 0) {
    if (patience.passed()) {
      ::kill(process_, SIGKILL);
      waitpid(process_, &status, 0);
      break;
    }
    poll(nullptr, 0, 1);
  }
  process_ = -1;
}

}  // namespace packetwright::linux_stack
