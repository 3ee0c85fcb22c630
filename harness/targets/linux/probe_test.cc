// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/isolation/probe.hh"

#include <array>
#include <cerrno>
#include <cstddef>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/targets/linux/link.hh"
#include "harness/targets/linux/linux_target.hh"

// What a user is told where the kernel's stack cannot be had.
namespace packetwright::linux_stack {
namespace {

using ::testing::HasSubstr;

constexpr int kCannotHinder = 77;

// Not a test but what the tests below run, in a process that is hindered: prints what is missing.
TEST(LinuxProbe, DISABLED_Print) {
  const auto found =
      isolation::probe([]() { return targets::as_target(LinuxTarget::open(Medium::veth)); });
  std::cout << "probe: " << (found ? "works" : found.error()) << '\n';
}

// What the probe says in a process that `hinder` was called in. It returns false if it cannot.
std::string probe_after(const std::function<bool()>& hinder) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    if (!hinder()) _exit(kCannotHinder);
    execl("/proc/self/exe", "linux_test", "--gtest_filter=LinuxProbe.DISABLED_Print",
          "--gtest_also_run_disabled_tests", static_cast<char*>(nullptr));
    _exit(1);
  }
  ::close(ends[1]);
  std::string output;
  std::array<char, 4096> chunk;
  ssize_t got = 0;
  while ((got = read(ends[0], chunk.data(), chunk.size())) > 0) {
    output.append(chunk.data(), static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kCannotHinder) return "cannot hinder";
  const std::size_t at = output.find("probe: ");
  return at == std::string::npos ? output : output.substr(at + 7, output.find('\n', at) - at - 7);
}

#define SKIP_WITHOUT_HINDRANCE(said) \
  if ((said) == "cannot hinder") GTEST_SKIP() << "what this is about cannot be set up here"

// From here on the system call `number` fails with `error`; if `first_argument` is given, only with
// that one.
bool forbid(int number, int error, int first_argument = -1) {
  const auto answer = static_cast<std::uint32_t>(SECCOMP_RET_ERRNO | error);
  const auto call = static_cast<std::uint32_t>(number);
  const auto argument = static_cast<std::uint32_t>(first_argument);
  std::array<sock_filter, 7> program = {{
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, call},
      {BPF_JMP | BPF_JA, 0, 0, first_argument < 0 ? 3U : 0U},
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, args)},
      {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, argument},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
      {BPF_RET | BPF_K, 0, 0, answer},
  }};
  const sock_fprog filter{program.size(), program.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

bool write_text(const char* path, const std::string& text) {
  const int file = ::open(path, O_WRONLY);
  if (file < 0) return false;
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(file);
  return written;
}

// A user namespace of its own in which this user is `as`, and a limit of that namespace is zero.
bool enter_user_namespace(const std::string& as, const char* limit) {
  const std::string user = std::to_string(geteuid());
  return unshare(CLONE_NEWUSER) == 0 && write_text("/proc/self/uid_map", as + " " + user + " 1") &&
         write_text(limit, "0");
}

TEST(LinuxProbe, AFilterThatForbidsNamespacesIsGuessed) {
  const std::string said = probe_after([] { return forbid(SYS_unshare, EPERM); });
  SKIP_WITHOUT_HINDRANCE(said);
  EXPECT_THAT(said, HasSubstr("user namespaces are not permitted: Operation not permitted"));
  EXPECT_THAT(said, HasSubstr("run as root"));
}

TEST(LinuxProbe, ALimitOfUserNamespacesIsNamed) {
  const std::string said = probe_after(
      [] { return enter_user_namespace("1000", "/proc/sys/user/max_user_namespaces"); });
  SKIP_WITHOUT_HINDRANCE(said);
  EXPECT_EQ(said,
            "user namespaces are not permitted: No space left on device (sysctl "
            "user.max_user_namespaces is 0; raise it, or run as root)");
}

TEST(LinuxProbe, ALimitOfNetworkNamespacesIsNamed) {
  const std::string said =
      probe_after([] { return enter_user_namespace("0", "/proc/sys/user/max_net_namespaces"); });
  SKIP_WITHOUT_HINDRANCE(said);
  EXPECT_EQ(said,
            "network namespaces are not available: No space left on device (sysctl "
            "user.max_net_namespaces is reached; raise it)");
}

TEST(LinuxProbe, AKernelWithoutNetworkNamespacesIsNamed) {
  const std::string said = probe_after([] { return forbid(SYS_unshare, EINVAL, CLONE_NEWNET); });
  SKIP_WITHOUT_HINDRANCE(said);
  EXPECT_THAT(said, HasSubstr("CONFIG_NET_NS"));
}

TEST(LinuxProbe, MissingPacketSocketsAreNamed) {
  const std::string none = probe_after([] { return forbid(SYS_socket, EAFNOSUPPORT, AF_PACKET); });
  SKIP_WITHOUT_HINDRANCE(none);
  if (none.find("user namespaces") != std::string::npos) GTEST_SKIP() << none;
  EXPECT_THAT(none, HasSubstr("CONFIG_PACKET"));
  const std::string forbidden = probe_after([] { return forbid(SYS_socket, EPERM, AF_PACKET); });
  EXPECT_THAT(forbidden, HasSubstr("a packet socket cannot be made: Operation not permitted"));
  EXPECT_THAT(forbidden, HasSubstr("CAP_NET_RAW"));
}

TEST(LinuxProbe, MissingVethIsNamed) {
  EXPECT_THAT(why_no_veth(EOPNOTSUPP), HasSubstr("CONFIG_VETH; try modprobe veth as root"));
  EXPECT_THAT(why_no_veth(EPERM), HasSubstr("CAP_NET_ADMIN"));
}

}  // namespace
}  // namespace packetwright::linux_stack
