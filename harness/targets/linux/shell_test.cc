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

// A process in the background that says its number and outlives its parent.
std::string stays(const std::string& how) {
  return how + " sh -c 'echo $$; trap \"\" TERM HUP INT; while :; do sleep 100; done' &\n";
}

TEST(LinuxShell, CommandThatNeverEndsIsKilledWithItsChildren) {
  Shell shell;
  const auto outcome =
      shell.run(stays("setsid") + "sleep 0.1; exec sleep 100", std::chrono::milliseconds{1500});
  ASSERT_TRUE(outcome.ok());
  EXPECT_TRUE(outcome->timed_out);
  EXPECT_EQ(outcome->status, 128 + 9);
  ASSERT_NE(outcome->output, "");
  EXPECT_FALSE(lives(outcome->output)) << outcome->output;
}

TEST(LinuxShell, BackgroundProcessDoesNotHoldTheCommandUpAndLivesToTheEndOfTheScript) {
  Shell shell;
  const auto outcome = shell.run(stays("") + "sleep 0.2; echo done", std::chrono::seconds{20});
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->status, 0);
  EXPECT_FALSE(outcome->timed_out);
  EXPECT_THAT(outcome->output, HasSubstr("done\n"));
  EXPECT_TRUE(lives(outcome->output));
  shell.end_all();
  EXPECT_FALSE(lives(outcome->output));
}

TEST(LinuxShell, NothingGetsAwayByLeavingItsGroupOrItsParent) {
  for (const std::string how :
       {"setsid", "setsid setsid", "nohup", "setsid sh -c 'exec \"$@\" &' -"}) {
    Shell shell;
    const auto outcome = shell.run(stays(how) + "sleep 0.3", std::chrono::seconds{20});
    ASSERT_TRUE(outcome.ok());
    ASSERT_NE(outcome->output, "") << how;
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
    const auto outcome = shell.run(stays("setsid") + "sleep 0.2", std::chrono::seconds{20});
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
  const TimeLimit patience{std::chrono::seconds{10}};
  while (lives(text) && !patience.passed()) sched_yield();
  EXPECT_FALSE(lives(text));
}

TEST(LinuxShell, WhatIsLeftMayWriteWithoutEnd) {
  const std::string mark = "mark=${TMPDIR:-/tmp}/packetwright_shell.$PACKETDRILL_PID\n";
  Shell shell;
  const auto begun = shell.run(mark + "(sleep 0.2; head -c 1000000 /dev/zero; echo x > $mark) &",
                               std::chrono::seconds{20});
  ASSERT_TRUE(begun.ok());
  const auto seen = shell.run(
      mark +
          "i=0; while [ ! -s $mark ] && [ $i -lt 100 ]; do sleep 0.1; i=$((i + 1)); done\n"
          "cat $mark; rm -f $mark",
      std::chrono::seconds{20});
  ASSERT_TRUE(seen.ok());
  EXPECT_EQ(seen->output, "x\n");
}

TEST(LinuxShell, OnlyTheEndOfMuchOutputIsKept) {
  Shell shell;
  const auto outcome =
      shell.run("yes 0123456789 | head -c 3000000; echo the end", std::chrono::seconds{20});
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->status, 0);
  EXPECT_LE(outcome->output.size(), std::size_t{64} << 10);
  EXPECT_TRUE(outcome->output.ends_with("the end\n"));
  const auto flood = shell.run("yes", std::chrono::milliseconds{300});
  EXPECT_TRUE(flood->timed_out);
}

TEST(LinuxShell, CommandsFindTheHarnessByItsNumber) {
  Shell shell;
  const auto outcome = shell.run("echo $PACKETDRILL_PID", std::chrono::seconds{20});
  EXPECT_EQ(outcome->output, std::to_string(getpid()) + "\n");
}

TEST(LinuxShell, ACommandMayKillWhatWatchesIt) {
  Shell shell;
  const auto outcome = shell.run("kill -9 $PPID; sleep 0.1", std::chrono::seconds{20});
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->status, 128 + 9);
  EXPECT_EQ(shell.run("echo well", std::chrono::seconds{20})->output, "well\n");
}

}  // namespace
}  // namespace packetwright::linux_stack
