// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/cli/command_for_test.hh"

namespace packetwright::cli {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class FuzzTest : public CommandTest {
 protected:
  Ended fuzz(std::vector<std::string> words) {
    words.insert(words.begin(), "fuzz");
    return packetwright(words);
  }
  // The stack that goes wrong as it is asked to.
  Ended fuzz_faulty(const std::string& fault, std::vector<std::string> words) {
    words.insert(words.begin(), {"fuzz", "--target", "faulty", "--set", "fault=" + fault});
    Setting setting;
    setting.program = PW_FAULTY_COMMAND;
    return packetwright(words, setting);
  }
};

TEST_F(FuzzTest, FindsNothingInTheReferenceStackAndTheSameEachTime) {
  const Ended alone = fuzz({"--batches", "2", "-j", "1"});
  EXPECT_EQ(alone.status, 0) << alone.out << alone.err;
  EXPECT_THAT(alone.out, AllOf(HasSubstr("1000 traces, "), EndsWith(" 0 findings\n")));
  EXPECT_EQ(fuzz({"--batches", "2", "-j", "2"}).out, alone.out);
  EXPECT_NE(fuzz({"--batches", "1", "--seed", "9"}).out, fuzz({"--batches", "1"}).out);
}

TEST_F(FuzzTest, ACrashIsFoundMadeShortAndPlayedAgain) {
  const Ended ended = fuzz_faulty("segfault", {"--batches", "2", "-o", "found"});
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_THAT(ended.out, AllOf(HasSubstr("crash: it ended"), HasSubstr("0 events are enough"),
                               HasSubstr("1 finding\n"),
                               HasSubstr("replay    packetwright fuzz --target faulty --set "
                                         "fault=segfault --replay found/crash.trace\n")));
  // The connection that is asked for afterwards is enough for that.
  EXPECT_EQ(text_of(root_ / "found/crash.trace").size(), 2u);
  const Ended again = fuzz_faulty("segfault", {"--replay", "found/crash.trace"});
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.out, HasSubstr("crash: it ended"));
}

TEST_F(FuzzTest, ABrokenRuleComesWithItsStoryAndACapture) {
  const Ended ended = fuzz_faulty("empty_frame", {"--batches", "1", "-o", "found"});
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("malformed_packet: "));
  EXPECT_THAT(text_of(root_ / "found/malformed_packet.txt"),
              AllOf(HasSubstr("  < "), HasSubstr("\nmalformed_packet: ")));
  EXPECT_EQ(text_of(root_ / "found/malformed_packet.pcapng").substr(0, 4), "\x0a\x0d\x0d\x0a");
  const Ended again = fuzz_faulty("empty_frame", {"--replay", "found/malformed_packet.trace"});
  EXPECT_EQ(again.status, 1);
  EXPECT_EQ(again.out, text_of(root_ / "found/malformed_packet.txt"));
  // The sound stack breaks no rule in it.
  EXPECT_EQ(fuzz({"--replay", "found/malformed_packet.trace"}).status, 0);
}

TEST_F(FuzzTest, ATargetThatCannotBeUsedIsNoFinding) {
  const Ended ended = fuzz_faulty("no_reset", {"--batches", "1"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.err, HasSubstr("target faulty cannot be used: the device is busy"));
}

TEST_F(FuzzTest, WordsThatMakeNoSenseAreRefused) {
  for (const char* const time : {"x", "0s", "3 d", "-1", "s"}) {
    const Ended ended = fuzz({"--time", time});
    EXPECT_EQ(ended.status, 2) << time;
    EXPECT_THAT(ended.err, HasSubstr("expected a time like 30s, 10m or 2h")) << time;
  }
  EXPECT_EQ(fuzz({"--set", "x", "--batches", "1"}).status, 2);
  EXPECT_EQ(fuzz({"--target", "no_such"}).status, 2);
  EXPECT_EQ(fuzz({"--replay", "no_such"}).status, 2);
  write(root_ / "short.trace", "xyz");
  const Ended ended = fuzz({"--replay", "short.trace"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("short.trace: no trace has 3 octets"));
  EXPECT_THAT(fuzz({"--target", "linux"}).status, AnyOf(2, 3));
  EXPECT_EQ(fuzz({"--batches", "1", "--time", "1s"}).status, 2);
}

TEST_F(FuzzTest, WhatCannotBeWrittenIsSaid) {
  write(root_ / "found", "a file");
  const Ended ended = fuzz_faulty("empty_frame", {"--batches", "1", "-o", "found"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.err, HasSubstr("found/malformed_packet.trace: "));
}

}  // namespace
}  // namespace packetwright::cli
