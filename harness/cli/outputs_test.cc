// SPDX-License-Identifier: Apache-2.0
// Where results go, and what becomes of them when that place is full, closed, taken or gone.
#include <array>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness/cli/command_for_test.hh"

namespace packetwright::cli {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

using OutputsTest = CommandTest;

// In the child: standard output becomes a pipe that nobody reads.
void lose_the_reader() {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) ::_exit(124);
  ::close(ends[0]);
  ::dup2(ends[1], STDOUT_FILENO);
}

void allow_small_files_only() {
  const rlimit limit{2000, 2000};
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

void allow_few_descriptors() {
  const rlimit limit{16, 16};
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

TEST_F(OutputsTest, AClosedStandardOutputIsNotTakenForAFile) {
  Setting closed;
  closed.out = "";
  const Ended ended = packetwright({"run", "--json", "r.json", "--tap", "r.tap"}, closed);
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.err, HasSubstr("cannot write to standard output"));
  EXPECT_EQ(results()["summary"]["pass"], 1);
  EXPECT_THAT(text_of(root_ / "r.tap"), Not(HasSubstr("passed")));
}

TEST_F(OutputsTest, WithoutStandardErrorAMessageGoesNowhereElse) {
  Setting closed;
  closed.err = "";
  const Ended ended = packetwright({"run", "--seed", "x", "--json", "r.json"}, closed);
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.out, "");
  EXPECT_FALSE(fs::exists(root_ / "r.json"));
}

TEST_F(OutputsTest, WhenTheReaderOfTheConsoleGoesAwayTheFilesAreWritten) {
  Setting pipe;
  pipe.prepare = lose_the_reader;
  const Ended ended = packetwright({"run", "--json", "r.json", "--junit", "r.xml", "-vv"}, pipe);
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.err, HasSubstr("cannot write to standard output"));
  EXPECT_EQ(results()["complete"], true);
  EXPECT_TRUE(fs::exists(root_ / "r.xml"));
}

TEST_F(OutputsTest, WithoutFilesALostReaderEndsTheCommandInSilence) {
  Setting pipe;
  pipe.prepare = lose_the_reader;
  for (const char* const verb : {"list", "run"}) {
    const Ended ended = packetwright({verb}, pipe);
    EXPECT_EQ(ended.status, 128 + SIGPIPE) << verb;
    EXPECT_EQ(ended.err, "") << verb;
  }
}

TEST_F(OutputsTest, TwoOutputsInOnePlaceAreRefused) {
  write(root_ / "there", "");
  fs::create_symlink("there", root_ / "link");
  for (const auto& [first, second, place] :
       {std::array{"-", "-", "standard output"}, std::array{"-", "/dev/stdout", "standard output"},
        std::array{"a", "./a", "./a"}, std::array{"there", "link", "link"}}) {
    const Ended ended = packetwright({"run", "--json", first, "--tap", second});
    EXPECT_EQ(ended.status, 2) << second;
    EXPECT_THAT(ended.err,
                HasSubstr(std::string("--json and --tap cannot both write to ") + place));
  }
  const Ended resumed = packetwright({"run", "--resume", "there", "--junit", "there"});
  EXPECT_EQ(resumed.status, 2);
  EXPECT_THAT(resumed.err, HasSubstr("--json and --junit cannot both write to there"));
  EXPECT_EQ(packetwright({"run", "--json", "/dev/null", "--tap", "/dev/null"}).status, 0);
}

TEST_F(OutputsTest, DevStdoutIsStandardOutput) {
  const Ended ended = packetwright({"run", "--json", "/dev/stdout"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(json::parse(ended.out)["summary"]["pass"], 1);
  EXPECT_TRUE(fs::is_symlink("/dev/stdout"));
}

TEST_F(OutputsTest, ADescriptorBehindAPathIsWrittenAndNotReplaced) {
  const Ended ended = packetwright({"run", "--tap", "/proc/self/fd/2"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("ok 1 - tcp/handshake"));
}

TEST_F(OutputsTest, ASymbolicLinkStaysOne) {
  fs::create_directory(root_ / "elsewhere");
  for (const char* const name : {"r.json", "r.xml"}) {
    write(root_ / "elsewhere" / name, "old");
    fs::create_symlink(fs::path("elsewhere") / name, root_ / name);
  }
  EXPECT_EQ(packetwright({"run", "--json", "r.json", "--junit", "r.xml"}).status, 0);
  for (const char* const name : {"r.json", "r.xml"}) {
    EXPECT_TRUE(fs::is_symlink(root_ / name)) << name;
    EXPECT_THAT(text_of(root_ / "elsewhere" / name), HasSubstr("tcp/handshake")) << name;
  }
}

TEST_F(OutputsTest, PermissionsStayAndNothingIsLeftBeside) {
  write(root_ / "r.json", "old");
  fs::permissions(root_ / "r.json", fs::perms(0640));
  EXPECT_EQ(packetwright({"run", "--json", "r.json", "--tap", "r.tap"}).status, 0);
  EXPECT_EQ(fs::status(root_ / "r.json").permissions(), fs::perms(0640));
  for (const fs::directory_entry& entry : fs::directory_iterator(root_)) {
    EXPECT_THAT(entry.path().string(), Not(HasSubstr(".part")));
  }
}

TEST_F(OutputsTest, TwoRunsMayHaveTheSameFiles) {
  const std::vector<std::string> words{"run", "--repeat", "20", "--json", "r.json", "--tap", "t"};
  std::vector<pid_t> runs;
  for (int i = 0; i < 4; ++i) {
    Setting setting;
    setting.out = "out" + std::to_string(i);
    setting.err = "err" + std::to_string(i);
    runs.push_back(start(words, setting));
  }
  for (const pid_t run : runs) EXPECT_EQ(finish(run).status, 0);
  EXPECT_EQ(results()["complete"], true);
  EXPECT_THAT(text_of(root_ / "t"), EndsWith("ok 1 - tcp/handshake [ipv4]\n"));
}

TEST_F(OutputsTest, AFileThatMayNotGrowIsAnErrorWithItsReason) {
  write(root_ / "conformance/tcp/wrong.pkt", kWrong);  // a document of more than 2000 octets
  Setting limited;
  limited.prepare = allow_small_files_only;
  limited.out = "/dev/null";
  const Ended ended = packetwright({"run", "--json", "r.json"}, limited);
  EXPECT_EQ(ended.status, 3) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("--json r.json: File too large"));
  // What was reached before can still be read.
  EXPECT_EQ(results()["complete"], false);
}

TEST_F(OutputsTest, FewDescriptorsMakeFewWorkers) {
  for (int i = 0; i < 30; ++i) {
    write(root_ / ("conformance/tcp/case_" + std::to_string(i) + ".pkt"), kHandshake);
  }
  Setting limited;
  limited.prepare = allow_few_descriptors;
  const Ended ended = packetwright({"run", "-j", "30", "--json", "r.json"}, limited);
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  EXPECT_EQ(results()["summary"]["pass"], 31);
}

TEST_F(OutputsTest, WhatAScriptSaysDoesNotDriveTheTerminal) {
  std::string text = kWrong;
  text.insert(3, "\x1b[2J\x07 \r");
  write(root_ / "conformance/tcp/wrong.pkt", text);
  const Ended ended = packetwright({"run", "-vv", "--junit", "r.xml"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.out, AllOf(HasSubstr("draws a reset"), Not(HasSubstr("\x1b"))));
  EXPECT_THAT(ended.out, AllOf(Not(HasSubstr("\x07")), Not(HasSubstr("\r"))));
}

TEST_F(OutputsTest, AnInterruptedRunIsNoGreenJunit) {
  // A run that is over before the first case: the sanity case fails.
  write(root_ / "conformance/sanity.pkt", kWrong);
  EXPECT_EQ(packetwright({"run", "--junit", "r.xml"}).status, 3);
  EXPECT_THAT(text_of(root_ / "r.xml"), AllOf(HasSubstr("tests=\"1\""), HasSubstr("errors=\"1\""),
                                              HasSubstr("does not pass the sanity case")));
}

}  // namespace
}  // namespace packetwright::cli
