// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/interpreter.hh"

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/targets/linux/test_processes.hh"

namespace packetwright::linux_stack {
namespace {

using ShellOutcome = targets::PosixCalls::ShellOutcome;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class InterpreterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    // Found out without the code that is tested: where there is Python, nothing is excused.
    if (std::system("python3 -c pass 2>/dev/null") != 0) GTEST_SKIP() << "there is no python3";
    ASSERT_TRUE(run("pass").has_value());
  }
  std::optional<ShellOutcome> run(const std::string& program,
                                  Duration limit = std::chrono::seconds{60}) {
    return interpreter_.run("python3", program, limit);
  }
  std::string said(const std::string& program) {
    const auto outcome = run(program);
    if (!outcome) return "not run";
    return std::to_string(outcome->status) + " " + outcome->output;
  }
  Interpreter interpreter_;
};

TEST_F(InterpreterTest, ProgramsEndAsIfTheyRanByThemselves) {
  EXPECT_EQ(said("print(__name__)"), "0 __main__\n");
  EXPECT_EQ(said("import sys; print('a', flush=True); print('b', file=sys.stderr); sys.exit(3)"),
            "3 a\nb\n");
  EXPECT_EQ(said("import os; os.abort()"), "134 ");
  EXPECT_THAT(said("assert 1 == 2, 'no'"), AllOf(StartsWith("1 Traceback"), EndsWith("no\n")));
  EXPECT_THAT(said("1 +"), AllOf(StartsWith("1 "), HasSubstr("SyntaxError")));
  EXPECT_EQ(said("import sys; print(repr(sys.stdin.read()))"), "0 ''\n");
  EXPECT_EQ(said("import threading\ndef late(): print('late')\n"
                 "threading.Timer(0.1, late).start()"),
            "0 late\n");
}

TEST_F(InterpreterTest, OneInterpreterRunsThemAllAndNoneSeesAnother) {
  const std::string tell = "import os, sys; print(os.getppid()); ";
  const std::string first = said(tell + "sys.left = 1; os.environ['LEFT'] = '1'");
  EXPECT_EQ(said(tell), first) << "the same parent";
  EXPECT_EQ(said("import os, sys; print(hasattr(sys, 'left'), 'LEFT' in os.environ)"),
            "0 False False\n");
}

TEST_F(InterpreterTest, AProgramThatHangsIsKilledAndTheNextOneRuns) {
  // How long it takes to begin depends on what else the machine does.
  std::string output;
  for (Duration limit = std::chrono::milliseconds{500}; output.empty(); limit *= 2) {
    ASSERT_LT(limit, std::chrono::seconds{60});
    const auto outcome = run("print('on and on', flush=True)\nwhile True: pass", limit);
    if (!outcome) continue;  // the interpreter did not begin
    EXPECT_TRUE(outcome->timed_out);
    output = outcome->output;
  }
  EXPECT_EQ(output, "on and on\n");
  EXPECT_EQ(said("print('well')"), "0 well\n");
}

TEST_F(InterpreterTest, AProgramMayTakeTheInterpreterWithIt) {
  const auto outcome = run("import os; os.kill(os.getppid(), 9)");
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->timed_out);
  EXPECT_EQ(outcome->status, 128 + 9);
  EXPECT_EQ(said("print('well')"), "0 well\n");
}

TEST_F(InterpreterTest, MemoryIsLimited) {
  EXPECT_THAT(said("x = bytearray(3 << 30)"), AllOf(StartsWith("1 "), HasSubstr("MemoryError")));
}

TEST_F(InterpreterTest, WhatAProgramLeavesRunningIsKilled) {
  const auto outcome =
      run("import os, time\n"
          "reading, writing = os.pipe()\n"
          "if os.fork() == 0:\n"
          "    os.setsid()\n"
          "    if os.fork() == 0:\n"
          "        print(os.getpid(), flush=True)\n"
          "        os.write(writing, b'x')\n"
          "        while True: time.sleep(100)\n"
          "    os._exit(0)\n"
          "os.wait(); os.read(reading, 1)\n");
  ASSERT_TRUE(outcome);
  ASSERT_NE(outcome->output, "");
  EXPECT_FALSE(lives(outcome->output));
  EXPECT_EQ(said("print('well')"), "0 well\n") << "but not the interpreter";
}

TEST_F(InterpreterTest, LargeProgramsAndOctetsThatAreNoTextArrive) {
  EXPECT_EQ(said("x = '" + std::string(1'000'000, 'x') + "'\nprint(len(x))"), "0 1000000\n");
  EXPECT_THAT(said("print(len('\xff'))"), HasSubstr("SyntaxError"));
}

TEST(LinuxInterpreter, WhatIsNoPythonIsLeftToTheShell) {
  Interpreter interpreter;
  EXPECT_FALSE(interpreter.run("no-such-snake", "pass", std::chrono::seconds{60}));
  EXPECT_FALSE(interpreter.run("true", "pass", std::chrono::seconds{60}));
}

}  // namespace
}  // namespace packetwright::linux_stack
