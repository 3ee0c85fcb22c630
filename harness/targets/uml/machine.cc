// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/uml/machine.hh"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "harness/targets/uml/confinement.hh"

namespace packetwright::uml {
namespace {

using linux_stack::UniqueFd;

// The new process finds the channel as its descriptor 3, the guest's folder as 4, and none from
// here on. The kernel opens both by these names, so that its command line, out of which it draws
// random numbers, has no path of this machine in it.
constexpr int kAbove = 5;

constexpr const char* kCommandLine[] = {
    "linux",
    "mem=32M",
    // The kernel keeps the registers of SSE alone for its programs (tools/targets/uml.sh).
    "GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX,-AVX2,-AVX512F,-AVX512VL,-AVX512BW",
    // The root is a folder of this machine, and is not written to.
    "root=none",
    "rootfstype=hostfs",
    "rootflags=/proc/self/fd/4",
    "ro",
    "init=/agent",
    // The clock jumps to what happens next whenever there is nothing to do, and begins on
    // 1 January 2024.
    "time-travel=inf-cpu",
    "time-travel-start=1704067200000000000",
    // The device whose read() stops everything.
    "dsp=/proc/self/fd/3",
    // No terminals, and no folder that says that a kernel runs.
    "con=null",
    "ssl=null",
    "uml_dir=/dev/null/",
    // Warnings and worse go to standard error.
    "quiet",
    "stderr=1",
    "console=stderr0",
    "loglevel=5",
    "norandmaps",
    "--",
    "--channel",
    "/dev/dsp",
    "--virtual-time",
    "--tun",
    "--here",
    nullptr,
};

std::string failed(const char* what) {
  return std::string{what} + ": " + std::strerror(errno);
}

// A terminal that passes octets as they are: the one thing with a path that carries both ways.
Result<std::array<UniqueFd, 2>, std::string> make_channel() {
  UniqueFd ours{::open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)};
  if (!ours) return Err{failed("/dev/ptmx")};
  int locked = 0;
  if (ioctl(ours.get(), TIOCSPTLCK, &locked) != 0) return Err{failed("/dev/ptmx")};
  UniqueFd its{ioctl(ours.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC)};
  if (!its) return Err{failed("/dev/pts")};
  termios raw{};
  if (tcgetattr(its.get(), &raw) != 0) return Err{failed("/dev/pts")};
  cfmakeraw(&raw);
  if (tcsetattr(its.get(), TCSANOW, &raw) != 0) return Err{failed("/dev/pts")};
  return std::array<UniqueFd, 2>{std::move(ours), std::move(its)};
}

// What the process of a kernel is before it is one. Only calls that are allowed after fork().
[[noreturn]] void become_kernel(const char* kernel, pid_t parent, int channel, int log, int guest,
                                char* const* environment) {
  // The descriptors wait above those that they become.
  const int held[] = {::open("/dev/null", O_RDWR), log, log, channel, guest};
  std::array<int, std::size(held)> high{};
  for (std::size_t i = 0; i < high.size(); ++i) high[i] = fcntl(held[i], F_DUPFD, 16);
  bool ok = true;
  for (std::size_t i = 0; i < high.size(); ++i) {
    ok = ok && dup2(high[i], static_cast<int>(i)) == static_cast<int>(i);
  }
  ok = ok && syscall(SYS_close_range, kAbove, ~0U, 0) == 0;
  // A group of its own: a kernel that ends takes its group with it.
  ok = ok && setpgid(0, 0) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
  // Its memory begins where its program ends, every time.
  ok = ok && personality(ADDR_NO_RANDOMIZE) >= 0;
  std::signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (ok && getppid() == parent && confine()) {
    execve(kernel, const_cast<char* const*>(kCommandLine), environment);
  }
  const char* const why = strerrordesc_np(errno);
  static_cast<void>(!::write(STDERR_FILENO, why, std::strlen(why)));
  _exit(127);
}

}  // namespace

Machine::Machine(Machine&& other) noexcept
    : channel_(std::move(other.channel_)),
      log_(std::move(other.log_)),
      ended_(std::move(other.ended_)),
      process_(std::exchange(other.process_, -1)),
      status_(other.status_) {}

Machine& Machine::operator=(Machine&& other) noexcept {
  std::swap(channel_, other.channel_);
  std::swap(log_, other.log_);
  std::swap(ended_, other.ended_);
  std::swap(process_, other.process_);
  std::swap(status_, other.status_);
  return *this;
}

Result<Machine, std::string> Machine::boot(const Parts& parts) {
  auto channel = make_channel();
  if (!channel) return Err{channel.error()};
  std::array<int, 2> log{};
  if (pipe2(log.data(), O_CLOEXEC | O_NONBLOCK) != 0) return Err{failed("pipe")};
  Machine made;
  made.channel_ = std::move((*channel)[0]);
  made.log_ = UniqueFd{log[0]};
  const UniqueFd its_log{log[1]};
  fcntl(its_log.get(), F_SETFL, 0);
  const UniqueFd guest{::open(parts.guest.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (!guest) return Err{failed(parts.guest.c_str())};
  // Where it keeps its memory, in a file without a name.
  const char* const folder = std::getenv("TMPDIR");
  std::string memory = "TMPDIR=" + std::string{folder == nullptr ? "" : folder};
  std::array<char*, 2> environment{folder == nullptr ? nullptr : memory.data(), nullptr};

  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) return Err{failed("fork")};
  if (child == 0) {
    become_kernel(parts.kernel.c_str(), parent, (*channel)[1].get(), its_log.get(), guest.get(),
                  environment.data());
  }
  made.process_ = child;
  made.ended_ = UniqueFd{static_cast<int>(syscall(SYS_pidfd_open, child, 0))};
  if (!made.ended_) return Err{failed("pidfd_open")};
  return made;
}

std::optional<int> Machine::status() {
  siginfo_t gone{};
  if (process_ > 0 &&
      waitid(P_PID, static_cast<id_t>(process_), &gone, WEXITED | WNOHANG | WNOWAIT) == 0 &&
      gone.si_pid == process_) {
    end();
  }
  return status_;
}

void Machine::end() {
  channel_.reset();
  if (process_ <= 0) return;
  // The guest's programs are processes of the same group.
  ::kill(-process_, SIGKILL);
  ::kill(process_, SIGKILL);
  int status = 0;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  status_ = status;
  process_ = -1;
}

}  // namespace packetwright::uml
