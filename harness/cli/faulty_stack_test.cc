// SPDX-License-Identifier: Apache-2.0
// Stacks that go wrong in every way there is, seen through the command: each is a verdict with its
// reason, and the cases around it are judged as ever.
#include <cerrno>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "harness/cli/command_for_test.hh"

namespace packetwright::cli {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

class FaultyStackTest : public CommandTest {
 protected:
  FaultyStackTest() { setting_.program = PW_FAULTY_COMMAND; }

  // A case in which the fault strikes at the SYN, in line kSynLine.
  void add_case(const std::string& name, const std::string& fault) {
    std::string text = kHandshake;
    if (!fault.empty()) text.insert(text.find("//: variants"), "//: set fault " + fault + "\n");
    write(root_ / ("conformance/tcp/" + name + ".pkt"), text);
  }
  static constexpr int kSynLine = 8;

  Ended run(std::vector<std::string> words) {
    words.insert(words.begin(), {"run", "--target", "faulty", "--json", "r.json"});
    return packetwright(words, setting_);
  }

  // The run of the case with this fault, alone.
  json run_one(const std::string& fault, std::vector<std::string> words = {}) {
    add_case(fault, fault);
    words.insert(words.begin(), "tcp/" + fault);
    ended_ = run(std::move(words));
    const json document = results();
    EXPECT_EQ(document["complete"], true) << ended_.err;
    EXPECT_EQ(document["cases"].size(), 1u);
    return document["cases"].empty() ? json::object() : document["cases"][0];
  }

  Setting setting_;
  Ended ended_;
};

TEST_F(FaultyStackTest, EveryFaultIsAVerdictAndTheRestIsJudged) {
  // The verdict of each, and what its cause says.
  const std::map<std::string, std::pair<const char*, const char*>> faults{
      {"abort", {"crash", "SIGABRT"}},
      {"assertion", {"crash", "assertion failed: snd_una <= snd_nxt"}},
      {"exception", {"crash", "no route to the segment"}},
      {"segfault", {"crash", ""}},  // a signal, or the report of a sanitizer
      {"exit_0", {"crash", "left with exit status"}},
      {"exit_3", {"crash", "left with exit status 3"}},
      {"memory", {"crash", "took more than 200 MiB of memory"}},
      {"output", {"crash", "wrote more than 4 MiB of output"}},
      {"child", {"pass", ""}},
      {"close_descriptors", {"crash", "closed the descriptors"}},
      {"dies", {"crash", "SIGSEGV"}},
      {"frames", {"fail", "the target sent more than 20000 frames"}},
      {"huge_frame", {"fail", "expected"}},
      {"empty_frame", {"fail", "expected"}},
      {"back_in_time", {"fail", ""}},
      {"deaf", {"fail", "vacuous: the stack did not answer after the last event"}},
      {"stale", {"pass", ""}},
      {"leak", {"pass", ""}},
      {"no_reset", {"error", "the device is busy"}},
      {"unheard_of", {"error", "there is no fault \"unheard_of\""}},
  };
  for (const auto& [fault, verdict] : faults) {
    add_case(fault, fault);
    add_case("before_" + fault, "");
    add_case(fault + "_after", "");
  }
  const Ended ended = run({"-j", "2", "--timeout", "100", "--memory", "200"});
  EXPECT_EQ(ended.status, 1) << ended.err;
  const json document = results();
  EXPECT_EQ(document["complete"], true) << ended.err;
  EXPECT_EQ(document["summary"]["total"], 1 + 3 * faults.size());
  std::map<std::string, int> counted;
  for (const json& one : document["cases"]) {
    ++counted[one["verdict"]];
    const std::string name = one["id"].get<std::string>().substr(4);
    const auto fault = faults.find(name);
    if (fault == faults.end()) {
      EXPECT_EQ(one["verdict"], "pass") << one["id"] << ": " << one["cause"];
      continue;
    }
    const auto [verdict, cause] = fault->second;
    EXPECT_EQ(one["verdict"], verdict) << name << ": " << one["cause"];
    EXPECT_THAT(one["cause"].get<std::string>(), HasSubstr(cause)) << name;
    // What takes the harness its descriptors is noticed when the case is over.
    const bool at_once = verdict == std::string("crash") && name != "close_descriptors";
    if (at_once) {
      EXPECT_EQ(one["line"], kSynLine) << name;
    }
  }
  for (const auto& [verdict, count] : counted) {
    EXPECT_EQ(document["summary"][verdict], count) << verdict;
  }
  EXPECT_THAT(ended.out, EndsWith("\n44 passed, 17 failed, 0 skipped\n"));
}

TEST_F(FaultyStackTest, AHangIsEndedAndTheRunGoesOn) {
  add_case("hang", "hang");
  add_case("hang_after", "");
  const Ended ended = run({"-k", "hang", "-j", "1", "--timeout", "5"});
  EXPECT_EQ(ended.status, 1);
  const json cases = results()["cases"];
  ASSERT_EQ(cases.size(), 2u);
  EXPECT_EQ(cases[0]["verdict"], "hang");
  EXPECT_EQ(cases[0]["cause"], "still running after 5 s");
  EXPECT_EQ(cases[0]["line"], kSynLine);
  EXPECT_EQ(cases[1]["verdict"], "pass");
  EXPECT_THAT(ended.out, HasSubstr("  # hang [ipv4]"));
}

TEST_F(FaultyStackTest, ACrashIsShownWithItsLogAndItsReplay) {
  const json one = run_one("assertion");
  EXPECT_EQ(ended_.status, 1);
  EXPECT_THAT(one["log"].get<std::string>(),
              AllOf(HasSubstr("killed by signal 6"), HasSubstr("tcp_input.c:120")));
  EXPECT_THAT(ended_.out,
              AllOf(HasSubstr("  # assertion [ipv4]"), HasSubstr("tcp/assertion.pkt:8"),
                    HasSubstr("crash     tcp_input.c:120: assertion failed: snd_una <= snd_nxt"),
                    HasSubstr("replay    packetwright run tcp/assertion --target faulty")));
}

TEST_F(FaultyStackTest, ASanitizersReportNamesTheFault) {
  if (!kSanitized) GTEST_SKIP() << "this build has no sanitizer";
  const json one = run_one("overflow");
  EXPECT_EQ(one["verdict"], "crash");
  EXPECT_EQ(one["cause"], "AddressSanitizer: heap-buffer-overflow");
  EXPECT_THAT(one["log"].get<std::string>(), HasSubstr("READ of size 1"));
}

TEST_F(FaultyStackTest, WhatFailsInOneOrderOnlyIsSaidToDependOnIt) {
  const json one = run_one("stale");
  EXPECT_EQ(one["verdict"], "pass");
  EXPECT_EQ(one["order_dependent"], true);
  EXPECT_EQ(one["retried"], true);
  EXPECT_THAT(ended_.out, HasSubstr("it depends on what ran before"));
}

TEST_F(FaultyStackTest, ADeadStackProvesNothing) {
  const json one = run_one("deaf");
  EXPECT_EQ(one["vacuous"], true);
  EXPECT_EQ(one["retried"], true);
  EXPECT_EQ(ended_.status, 1);
}

TEST_F(FaultyStackTest, AStoppedClockDoesNotHoldUpTheRun) {
  add_case("stopped_clock", "stopped_clock");
  write(root_ / "conformance/tcp/stopped_clock.pkt",
        text_of(root_ / "conformance/tcp/stopped_clock.pkt") + "+1 < F. 1:1(0) ack 1 win 1000\n");
  const Ended ended = run({"tcp/stopped_clock"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(results()["cases"][0]["cause"], "the target's clock does not move on");
}

TEST_F(FaultyStackTest, ALeakOverManyCasesIsNoFaultOfTheLast) {
  add_case("leak", "leak");
  const Ended ended = run({"tcp/leak", "--repeat", "40", "--memory", "64", "-j", "1"});
  EXPECT_EQ(ended.status, 0) << ended.out;
  EXPECT_EQ(results()["cases"][0]["rounds"], 40);
}

TEST_F(FaultyStackTest, AStackThatCannotBeUsedAtAllJudgesNothing) {
  std::string text = kHandshake;
  text.insert(text.find("//: variants"), "//: set fault abort\n");
  write(root_ / "conformance/sanity_faulty.pkt", text);
  const Ended ended = run({"--junit", "r.xml", "--tap", "r.tap"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("target faulty does not pass the sanity case"),
                               HasSubstr("SIGABRT")));
  EXPECT_THAT(ended.out, EndsWith("\n0 passed, 0 failed, 0 skipped\n"));
  EXPECT_EQ(results()["error"], "target faulty does not pass the sanity case");
  EXPECT_EQ(results()["complete"], false);
  EXPECT_EQ(results()["sanity"]["first"], "crash");
  EXPECT_THAT(text_of(root_ / "r.xml"), HasSubstr("errors=\"1\""));
  EXPECT_THAT(text_of(root_ / "r.tap"), HasSubstr("Bail out! target faulty"));
}

TEST_F(FaultyStackTest, KnownCrashesAreNoFailures) {
  add_case("abort", "abort");
  write(root_ / "conformance/expectations/faulty.toml",
        "[[known]]\ncases = \"tcp/abort\"\nexpect = \"crash\"\nsymptom = \"SIGABRT\"\n"
        "why = \"planted\"\n");
  const Ended ended = run({"tcp"});
  EXPECT_EQ(ended.status, 0) << ended.out;
  EXPECT_EQ(results()["summary"]["xfail"], 1);
}

TEST_F(FaultyStackTest, NoProcessIsLeftBehind) {
  // Orphans come to us instead of to the first process, so that they can be waited for.
  ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  static_cast<void>(run_one("child"));
  EXPECT_EQ(ended_.status, 0);
  int status = 0;
  while (::waitpid(-1, &status, 0) > 0) {
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  }
  EXPECT_EQ(errno, ECHILD);
  prctl(PR_SET_CHILD_SUBREAPER, 0);
}

}  // namespace
}  // namespace packetwright::cli
