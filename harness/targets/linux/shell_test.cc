// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/shell.hh"

#include <chrono>
#include <csignal>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/targets/linux/test_processes.hh"
#include "harness/targets/linux/time_limit.hh"

namespace packetwright::linux_stack {
namespace {

using ::testing::HasSubstr;

constexpr Duration kPlenty = std::chrono::seconds{60};

// Names of two pipes for the commands of one test.
const std::string kPipes =
    "there=${TMPDIR:-/tmp}/packetwright.$PACKETDRILL_PID; back=$there.back\n";

// A process in the background that is deaf to signals and outlives its parent. It has said its
// number when the command goes on.
std::string stays(const std::string& how) {
  return kPipes + "rm -f $back; mkfifo $back\n" + how +
         " sh -c 'trap \"\" TERM HUP INT; echo $$; echo > \"$0\"; while :; do sleep 100; done' "
         "$back &\n"
         "read there < $back; rm -f $back\n";
}

TEST(LinuxShell, CommandThatNeverEndsIsKilledWithItsChildren) {
  // How long it takes to begin depends on what else the machine does.
  std::string said;
  for (Duration limit = std::chrono::milliseconds{500}; said.empty(); limit *= 2) {
    ASSERT_LT(limit, kPlenty);
    Shell shell;
    const auto outcome = shell.run(stays("setsid") + "exec sleep 100", limit);
    ASSERT_TRUE(outcome.ok());
    EXPECT_TRUE(outcome->timed_out);
    EXPECT_EQ(outcome->status, 128 + 9);
    said = outcome->output;
  }
  EXPECT_FALSE(lives(said)) << said;
}

TEST(LinuxShell, BackgroundProcessDoesNotHoldTheCommandUpAndLivesToTheEndOfTheScript) {
  Shell shell;
  const auto outcome = shell.run(stays("") + "echo done", kPlenty);
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->status, 0);
  EXPECT_FALSE(outcome->timed_out);
  EXPECT_THAT(outcome->output, HasSubstr("done\n"));
  EXPECT_TRUE(lives(outcome->output));
  shell.end_all();
  EXPECT_FALSE(lives(outcome->output));
}

TEST(LinuxShell, NothingGetsAwayByLeavingItsGroupOrItsParent) {
  for (const std::string how : {"setsid", "setsid setsid", "nohup", "setsid sh -c '\"$@\" &' -"}) {
    Shell shell;
    const auto outcome = shell.run(stays(how), kPlenty);
    ASSERT_TRUE(outcome.ok());
    ASSERT_NE(outcome->output, "") << how << ": status " << outcome->status;
    EXPECT_TRUE(lives(outcome->output)) << how;
    shell.end_all();
    EXPECT_FALSE(lives(outcome->output)) << how;
  }
}

TEST(LinuxShell, WhatIsLeftDiesWithTheHarnessHoweverThatEnds) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t harness = fork();
  if (harness == 0) {
    Shell shell;
    const auto outcome = shell.run(stays("setsid"), kPlenty);
    const std::string said = outcome.ok() ? outcome->output : "";
    static_cast<void>(!write(ends[1], said.data(), said.size()));
    raise(SIGKILL);
  }
  close(ends[1]);
  waitpid(harness, nullptr, 0);
  char text[64] = {};
  ASSERT_GT(read(ends[0], text, sizeof text - 1), 0);
  close(ends[0]);
  // Nobody tells when the warden has noticed.
  const TimeLimit patience{kPlenty};
  while (lives(text) && !patience.passed()) sched_yield();
  EXPECT_FALSE(lives(text));
}

TEST(LinuxShell, WhatIsLeftMayWriteWithoutEnd) {
  Shell shell;
  const auto begun = shell.run(kPipes +
                                   "rm -f $there $back; mkfifo $there $back\n"
                                   "(read go < $there; head -c 1000000 /dev/zero; echo x > "
                                   "$back) &",
                               kPlenty);
  ASSERT_TRUE(begun.ok());
  const auto seen = shell.run(
      kPipes + "echo go > $there; read said < $back; rm -f $there $back; echo $said", kPlenty);
  ASSERT_TRUE(seen.ok());
  EXPECT_EQ(seen->output, "x\n");
}

TEST(LinuxShell, WhatIsWrittenAfterTheCommandIsToldAtTheEnd) {
  Shell shell;
  const auto begun = shell.run(kPipes +
                                   "rm -f $there $back; mkfifo $there $back\n"
                                   "(read go < $there; echo late; yes | head -c 1000000; "
                                   "echo x > $back) & echo early",
                               kPlenty);
  ASSERT_TRUE(begun.ok());
  EXPECT_EQ(begun->output, "early\n");
  ASSERT_TRUE(
      shell.run(kPipes + "echo go > $there; read said < $back; rm -f $there $back", kPlenty).ok());
  const std::string late = shell.end_all();
  EXPECT_TRUE(late.starts_with("late\ny\n")) << late;
  EXPECT_EQ(late.size(), 4096u);
  EXPECT_EQ(shell.end_all(), "");
}

TEST(LinuxShell, OnlyTheEndOfMuchOutputIsKept) {
  Shell shell;
  const auto outcome = shell.run("yes 0123456789 | head -c 3000000; echo the end", kPlenty);
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->status, 0);
  EXPECT_LE(outcome->output.size(), std::size_t{64} << 10);
  EXPECT_TRUE(outcome->output.ends_with("the end\n"));
  const auto flood = shell.run("yes", std::chrono::milliseconds{300});
  EXPECT_TRUE(flood->timed_out);
}

TEST(LinuxShell, CommandsFindTheHarnessByItsNumber) {
  Shell shell;
  const auto outcome = shell.run("echo $PACKETDRILL_PID", kPlenty);
  EXPECT_EQ(outcome->output, std::to_string(getpid()) + "\n");
}

TEST(LinuxShell, WhatIsLeftMayStopWhatWatchesIt) {
  Shell shell;
  ASSERT_TRUE(shell
                  .run(kPipes + "rm -f $there $back; mkfifo $there $back\n"
                                "(read go < $there; kill -STOP $PPID; echo x > $back) &",
                       kPlenty)
                  .ok());
  ASSERT_TRUE(
      shell.run(kPipes + "echo go > $there; read said < $back; rm -f $there $back", kPlenty).ok());
  const TimeLimit patience{kPlenty};
  EXPECT_EQ(shell.end_all(), "");
  EXPECT_FALSE(patience.passed());
}

TEST(LinuxShell, ACommandMayKillWhatWatchesIt) {
  Shell shell;
  const auto outcome = shell.run("kill -9 $PPID", kPlenty);
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->status, 128 + 9);
  EXPECT_EQ(shell.run("echo well", kPlenty)->output, "well\n");
}

}  // namespace
}  // namespace packetwright::linux_stack
