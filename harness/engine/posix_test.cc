// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/engine/evaluate.hh"
#include "harness/engine/fake_target.hh"
#include "harness/engine/run_for_test.hh"
#include "harness/targets/posix_calls.hh"

// Calls that only a POSIX system has, shell commands and code snippets.
namespace packetwright::engine {
namespace {

using targets::Value;

// A system that answers as told and remembers what it was asked.
class FakePosix : public targets::PosixCalls {
 public:
  targets::PosixOutcome outcome;
  int blocked_for = 0;  // so many times finish() says that the call still blocks
  ShellOutcome shell_outcome;
  std::string said_at_the_end;
  std::vector<std::string> started;  // "name(arguments)"
  std::vector<std::string> commands;
  std::function<void()> while_it_runs = [] {};

  [[nodiscard]] Result<std::int64_t, std::string> symbol(std::string_view name) override {
    if (name == "TCP_NODELEY") return Err{"unknown symbol: " + std::string(name)};
    return std::int64_t{36};
  }
  [[nodiscard]] std::optional<std::string> foreign_symbol(std::string_view name) const override {
    if (name != "TCP_KEEPINIT") return std::nullopt;
    return "TCP_KEEPINIT is of another system";
  }
  [[nodiscard]] std::optional<std::string> foreign_command(
      std::string_view command) const override {
    if (command != "sockstat") return std::nullopt;
    return "sockstat is of another system";
  }
  [[nodiscard]] Result<int, Refusal> start(std::string_view call,
                                           const std::vector<Value>& arguments) override {
    if (call == "epoll_create") return Err{Refusal{"no epoll_create() here"}};
    if (arguments.empty())
      return Err{Refusal{std::string(call) + ": an integer is wanted here", true}};
    std::string text(call);
    text += '(';
    for (const Value& one : arguments) text += (text.back() == '(' ? "" : ", ") + value_text(one);
    started.push_back(text + ')');
    return 1;
  }
  [[nodiscard]] std::optional<targets::PosixOutcome> finish(int) override {
    if (blocked_for-- > 0) return std::nullopt;
    return outcome;
  }
  [[nodiscard]] Result<ShellOutcome, std::string> shell(std::string_view command) override {
    commands.emplace_back(command);
    while_it_runs();
    return shell_outcome;
  }
  std::string end_commands() override {
    if (!commands.empty() && commands.front() == "server &") commands.emplace_back("(end)");
    return said_at_the_end;
  }
};

struct Posix : ::testing::Test {
  FakePosix posix;
  FakeTarget target;
  Posix() { target.posix_ = &posix; }
};

const std::string kSocket = "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n";

TEST_F(Posix, ACallByNameGetsTheLiveDescriptor) {
  EXPECT_EQ(
      run_text(kSocket + "+0 setsockopt(3, SOL_SOCKET, SO_MARK, [666], 4) = 0\n", target).status,
      Status::passed);
  EXPECT_EQ(posix.started,
            std::vector<std::string>{"setsockopt(100, SOL_SOCKET, SO_MARK, [666], 4)"});
}

TEST_F(Posix, WhatACommandTakesIsNotLateness) {
  target.traits_.clock = targets::ClockKind::real_time;
  posix.while_it_runs = [this] { target.advance_to(target.now() + 100ms, false); };
  const Outcome outcome = run_text(kSocket + "+0 `a long one`\n+0 > . 1:1(0) ack 1\n", target);
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.late.total, Duration{0});
  EXPECT_EQ(outcome.doubt, Doubt::none);
}

TEST_F(Posix, WhatTheSystemDoesNotHaveIsUnsupported) {
  const Outcome outcome = run_text(kSocket + "+0 epoll_create(1) = 4\n", target);
  EXPECT_EQ(outcome.status, Status::unsupported);
  EXPECT_EQ(outcome.reason, "no epoll_create() here");
}

TEST_F(Posix, WhatIsWrittenWronglyIsAnError) {
  const Outcome outcome = run_text(kSocket + "+0 dup() = 0\n", target);
  EXPECT_EQ(outcome.status, Status::error);
  EXPECT_EQ(outcome.fault, Fault::script);
  EXPECT_EQ(outcome.reason, "dup: an integer is wanted here");
}

TEST_F(Posix, ACallThatNobodyHasIsAnErrorOnEveryTarget) {
  const std::string text = kSocket + "+0 sokcet(3) = 0\n";
  for (targets::PosixCalls* const system :
       {target.posix_, static_cast<targets::PosixCalls*>(nullptr)}) {
    target.posix_ = system;
    const Outcome outcome = run_text(text, target);
    EXPECT_EQ(outcome.status, Status::error);
    EXPECT_EQ(outcome.reason, "there is no system call sokcet()");
    EXPECT_EQ(outcome.reason_line, 2u);
    EXPECT_EQ(outcome.stimuli, 0u) << "nothing is begun";
  }
}

// A slip of the pen is no lack of the system.
TEST_F(Posix, ASymbolThatNobodyKnowsIsAnErrorOfTheScript) {
  const Outcome outcome =
      run_text(kSocket + "+0 setsockopt(3, SOL_TCP, TCP_NODELEY, [1], 4) = 0\n", target);
  EXPECT_EQ(outcome.status, Status::error);
  EXPECT_EQ(outcome.reason, "unknown symbol: TCP_NODELEY");
  EXPECT_TRUE(posix.started.empty());
}

// Known before anything is done, wherever it stands.
TEST_F(Posix, WhatIsOfAnotherSystemIsUnsupported) {
  struct Case {
    const char* text;
    const char* reason;
    std::uint32_t line;
  };
  constexpr Case kCases[] = {
      {"+0 setsockopt(3, SOL_TCP, TCP_KEEPINIT, [1], 4) = 0\n", "TCP_KEEPINIT is of another system",
       2},
      {"+0 close(3) = 0\n+0 getsockopt(3, SOL_TCP, TCP_NODELAY, [1|TCP_KEEPINIT], [4]) = 0\n",
       "TCP_KEEPINIT is of another system", 3},
      {"+0 `sockstat`\n", "sockstat is of another system", 2},
  };
  for (const Case& one : kCases) {
    const Outcome outcome = run_text(kSocket + one.text, target);
    EXPECT_EQ(outcome.status, Status::unsupported) << one.text;
    EXPECT_EQ(outcome.reason, one.reason);
    EXPECT_EQ(outcome.reason_line, one.line);
  }
  EXPECT_TRUE(target.calls.empty()) << "nothing was set up in vain";
  EXPECT_TRUE(posix.commands.empty());
  EXPECT_EQ(run_text("0 `sockstat -4`\n", target).status, Status::passed);
}

TEST_F(Posix, WhatACallWroteIsCompared) {
  posix.outcome.returned = {Value{Value::Omitted{}}, Value{Value::Omitted{}},
                            Value{Value::Array{{Value{std::int64_t{7}}}}}};
  EXPECT_EQ(run_text(kSocket + "+0 ioctl(3, SIOCINQ, [7]) = 0\n", target).status, Status::passed);
  const Outcome outcome = run_text(kSocket + "+0 ioctl(3, SIOCINQ, [8]) = 0\n", target);
  ASSERT_EQ(outcome.mismatches.size(), 1u);
  EXPECT_EQ(outcome.mismatches[0].fields,
            (std::vector<FieldDifference>{{"argument 3", "[8]", "[7]"}}));
}

TEST_F(Posix, AllOnesAreMinusOne) {
  posix.outcome.returned = {Value{Value::Omitted{}}, Value{Value::Omitted{}},
                            Value{Value::Array{{Value{std::int64_t{-1}}}}}};
  EXPECT_EQ(run_text(kSocket + "+0 ioctl(3, SIOCINQ, [0xffffffff]) = 0\n", target).status,
            Status::passed);
}

TEST_F(Posix, TheHarnessSuppliesWhereASynWithDataGoes) {
  posix.outcome.result = 1000;
  EXPECT_EQ(
      run_text(kSocket + "+0 sendto(3, ..., 1000, MSG_FASTOPEN, ..., ...) = 1000\n", target).status,
      Status::passed);
  EXPECT_EQ(posix.started,
            std::vector<std::string>{"sendto(100, ..., 1000, MSG_FASTOPEN, 192.0.2.1:8080, ...)"});
}

TEST_F(Posix, BlockingTransfersSleepInTheSystem) {
  posix.outcome.result = 10;
  posix.blocked_for = 5;
  const Outcome outcome = run_text(kSocket + "+0...0.005 write(3, ..., 10) = 10\n", target);
  EXPECT_EQ(outcome.status, Status::passed) << failure_text(outcome);
  EXPECT_EQ(posix.started, std::vector<std::string>{"write(100, ..., 10)"});
  EXPECT_TRUE(target.written.empty());
}

TEST_F(Posix, ThePairOfAPipeTakesTheNumbersOfTheScript) {
  posix.outcome.returned = {
      Value{Value::Array{{Value{std::int64_t{70}}, Value{std::int64_t{71}}}}}};
  run_text(kSocket + "+0 pipe([5, 6]) = 0\n+0 splice(5, NULL, 3, NULL, 10, 0) = 0\n", target);
  ASSERT_EQ(posix.started.size(), 2u);
  EXPECT_EQ(posix.started[1], "splice(70, NULL, 100, NULL, 10, 0)");
}

TEST_F(Posix, NonBlockingIsToldToTheSystem) {
  run_text(kSocket + "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n", target);
  EXPECT_EQ(posix.started, std::vector<std::string>{"fcntl(100, F_SETFL, O_RDWR|O_NONBLOCK)"});
}

TEST_F(Posix, ACommandThatFailsFailsTheScriptAndSaysWhatItSaid) {
  const std::string text = "`sysctl -q net.x=1`\n" + kSocket;
  EXPECT_EQ(run_text(text, target).status, Status::passed);
  EXPECT_EQ(posix.commands.at(0), "sysctl -q net.x=1");
  posix.shell_outcome = {1, "first\nno such key\n"};
  EXPECT_EQ(run_text(text, target).reason,
            "expected `sysctl -q net.x=1`, got exit status 1 (no such key)");
}

TEST_F(Posix, WhatHangsIsToldApartFromWhatFails) {
  posix.shell_outcome = {137, "so far\n", true};
  EXPECT_EQ(run_text("`sleep 100`\n" + kSocket, target).reason,
            "expected `sleep 100`, got still running after eight seconds, and killed (so far)");
  EXPECT_EQ(run_text(kSocket + "+0 %{ x() }%\n", target).reason,
            "expected %{ }% holds, got still running after eight seconds, and killed");
}

TEST_F(Posix, WhatCommandsLeftRunningEndsWithTheScript) {
  static_cast<void>(run_text(kSocket + "+0 `server &`\n`clean up`\n", target));
  EXPECT_EQ(posix.commands, (std::vector<std::string>{"server &", "clean up", "(end)"}));
}

TEST_F(Posix, ACongestionControlThatIsNotThereIsUnsupported) {
  posix.outcome = {-1, ENOENT, {}};
  const Outcome outcome =
      run_text(kSocket + "+0 setsockopt(3, SOL_TCP, TCP_CONGESTION, \"vegas\", 5) = 0\n", target);
  EXPECT_EQ(outcome.status, Status::unsupported);
  EXPECT_EQ(outcome.reason, "this kernel has no congestion control vegas");
  EXPECT_EQ(run_text(kSocket + "+0 setsockopt(3, SOL_TCP, TCP_CONGESTION, \"vegas\", 5) = -1 "
                               "ENOENT (No such file)\n",
                     target)
                .status,
            Status::passed)
      << "the script wants it";
}

TEST_F(Posix, CommandsRunWhereTheScriptStands) {
  RunOptions options;
  options.folder = "it's/";
  run_text("`../defaults.sh`\n" + kSocket, target, options);
  EXPECT_NE(posix.commands.at(0).find("cd -- 'it'\\''s/' || exit 1\n../defaults.sh"),
            std::string::npos)
      << posix.commands.at(0);
}

TEST_F(Posix, ACommandMayCutTheLink) {
  target.answers_echo = false;
  EXPECT_EQ(run_text("0 < . 1:1(0) ack 1 win 1\n", target).alive, Alive::no);
  EXPECT_EQ(run_text("0 < . 1:1(0) ack 1 win 1\n+0 `tc qdisc add ..`\n", target).alive,
            Alive::not_checked);
}

TEST_F(Posix, WhatLacksSomethingIsInDoubtForLatenessOnly) {
  target.traits_.clock = targets::ClockKind::real_time;
  posix.shell_outcome = {0, "sysctl: cannot stat /proc/sys/net/x: No such file or directory\n"};
  const std::string text = kSocket + "+0 `sysctl net.x=1; true`\n+0 < . 1:1(0) ack 1 win 1\n";
  target.on_inject = [](FakeTarget& self, const packet::Dissected&) {
    self.send_at(self.now() + 50ms, self.segment(0x010, 1, 1));
  };
  Outcome outcome = run_text(text + "+0 > . 1:1(0) ack 1\n", target);
  EXPECT_EQ(outcome.status, Status::unsupported);
  EXPECT_EQ(outcome.doubt, Doubt::none);
  target.inject_takes = target.traits_.slack + 1ms;
  outcome = run_text(text + "+0 > . 1:1(0) ack 1\n", target);
  EXPECT_EQ(outcome.status, Status::unsupported);
  EXPECT_EQ(outcome.doubt, Doubt::lateness);
}

// `sysctl ... &> /dev/null` is such a command to many a shell.
TEST_F(Posix, WhatIsMissingInTheBackgroundIsToldHoweverLate) {
  posix.said_at_the_end = "sysctl: cannot stat /proc/sys/net/x: No such file or directory\n";
  EXPECT_EQ(run_text(kSocket + "+0 `sysctl net.x=1 &`\n", target).status, Status::passed);
  const Outcome outcome =
      run_text("0 < . 1:1(0) ack 1 win 1\n+0 `sysctl net.x=1 &`\n+0 > . 1:1(0) ack 1\n", target);
  EXPECT_EQ(outcome.status, Status::unsupported);
  EXPECT_THAT(outcome.reason, ::testing::StartsWith("this system has no such setting"));
  EXPECT_THAT(outcome.reason, ::testing::HasSubstr("; then: expected > . 1:1(0) ack 1"));
}

TEST_F(Posix, TheCleanUpRunsAfterAFailureToo) {
  const Outcome outcome =
      run_text("0 < . 1:1(0) ack 1 win 1\n+0 > . 1:1(0) ack 1\n`clean up`\n", target);
  EXPECT_EQ(outcome.status, Status::failed);
  ASSERT_EQ(posix.commands.size(), 1u);
  EXPECT_NE(posix.commands[0].find("clean up"), std::string::npos);
}

TEST_F(Posix, SnippetsSeeTheCountersOfTheirTimeAndRunAtTheEnd) {
  target.status.state = targets::TcpState::established;
  target.status.counters = {{"cwnd", 10}};
  EXPECT_EQ(run_text(kSocket + "+0 %{ assert tcpi_snd_cwnd == 10 }%\n", target).status,
            Status::passed);
  ASSERT_EQ(posix.commands.size(), 1u);
  EXPECT_NE(posix.commands[0].find("tcpi_snd_cwnd=10\n"), std::string::npos);
  EXPECT_NE(posix.commands[0].find("tcpi_state=1\n"), std::string::npos);
  posix.shell_outcome = {1, "Traceback\nAssertionError: 11\n"};
  EXPECT_EQ(run_text(kSocket + "+0 %{ assert tcpi_snd_cwnd == 10 }%\n", target).reason,
            "expected %{ }% holds, got AssertionError: 11");
}

TEST_F(Posix, ASnippetMayAskForATimeSoItsFailureIsInDoubtOnARealClock) {
  const std::string text = kSocket + "+0 %{ assert tcpi_busy_time == 10 }%\n";
  posix.shell_outcome = {1, "AssertionError\n"};
  EXPECT_EQ(run_text(text, target).doubt, Doubt::none);
  target.traits_.clock = targets::ClockKind::real_time;
  EXPECT_EQ(run_text(text, target).doubt, Doubt::time);
  target.inject_takes = target.traits_.slack + 1ms;
  EXPECT_EQ(run_text("0 < . 1:1(0) ack 1 win 1\n" + text, target).doubt, Doubt::lateness);
}

TEST_F(Posix, SnippetsRunInTheFolderOfTheScript) {
  RunOptions options;
  options.folder = "suite/o'clock/";
  static_cast<void>(run_text(kSocket + "+0 %{ import mine }%\n", target, options));
  ASSERT_EQ(posix.commands.size(), 1u);
  EXPECT_THAT(posix.commands[0], ::testing::HasSubstr("__import__("));
  EXPECT_THAT(posix.commands[0], ::testing::HasSubstr("chdir("));
}

TEST_F(Posix, AFailedSnippetIsReportedAtItsLine) {
  posix.shell_outcome = {1,
                         "Traceback\n  File \"test.pkt\", line 3, in <module>\nAssertionError\n"};
  const Outcome outcome =
      run_text(kSocket + "+0 %{ assert True }%\n+0 %{ assert False }%\n", target);
  EXPECT_EQ(outcome.reason_line, 3u);
  EXPECT_NE(posix.commands[0].find("'\\''\\n'\\''*2+'\\''assert False\\n'\\''"), std::string::npos)
      << posix.commands[0];
}

TEST_F(Posix, AModuleThatASnippetMissesIsUnsupported) {
  posix.shell_outcome = {1, "Traceback\nModuleNotFoundError: No module named 'scapy'\n"};
  const Outcome outcome = run_text(kSocket + "+0 %{ import scapy }%\n", target);
  EXPECT_EQ(outcome.status, Status::unsupported);
  EXPECT_EQ(outcome.reason,
            "a module of Python is missing (ModuleNotFoundError: No module named 'scapy')");
}

TEST_F(Posix, ASnippetMayHaveLinesOfDos) {
  run_text(kSocket + "+0 %{\r\nassert True\r\n}%\r\n", target);
  ASSERT_EQ(posix.commands.size(), 1u);
  EXPECT_EQ(posix.commands[0].find('\r'), std::string::npos);
  EXPECT_NE(posix.commands[0].find("\\r\\nassert True\\r\\n"), std::string::npos)
      << posix.commands[0];
}

TEST_F(Posix, SnippetsRunWithTheCommandThatIsGiven) {
  run_text("--code_command=\"snake\"\n" + kSocket + "+0 %{ pass }%\n", target);
  EXPECT_EQ(posix.commands.at(0).find("snake -c "), 0u);
  RunOptions options;
  options.options = {{"code_command", "python4"}};
  run_text("--code_command=\"snake\"\n" + kSocket + "+0 %{ pass }%\n", target, options);
  EXPECT_EQ(posix.commands.at(1).find("python4 -c "), 0u) << "the run wins over the script";
  posix.shell_outcome = {127, "sh: 1: snake: not found\n"};
  const Outcome outcome = run_text(kSocket + "+0 %{ pass }%\n", target);
  EXPECT_EQ(outcome.status, Status::unsupported);
  EXPECT_EQ(outcome.reason, "the tool snake is missing");
}

TEST_F(Posix, InitScriptsRunBeforeEverythingElse) {
  const Outcome outcome = run_text("--init_scripts=\"./a,./b\"\n`c`\n" + kSocket, target);
  EXPECT_EQ(outcome.status, Status::passed) << failure_text(outcome);
  ASSERT_EQ(posix.commands.size(), 3u);
  EXPECT_EQ(posix.commands, (std::vector<std::string>{"./a", "./b", "c"}));
}

TEST_F(Posix, WhatACommandMissesIsUnsupportedAndNotFailed) {
  posix.shell_outcome = {2, "Error: Specified qdisc kind is unknown.\n"};
  const Outcome outcome = run_text("`tc qdisc add dev tun0 root fq`\n" + kSocket, target);
  EXPECT_EQ(outcome.status, Status::unsupported);
  EXPECT_EQ(outcome.reason,
            "this kernel has no queueing discipline fq (Error: Specified qdisc kind is unknown.)");
}

TEST_F(Posix, AMissWithoutAFailureCountsOnlyWhenSomethingFailsLater) {
  posix.shell_outcome = {0, "sysctl: cannot stat /proc/sys/net/x: No such file or directory\n"};
  EXPECT_EQ(run_text("`set up`\n" + kSocket, target).status, Status::passed);
  const Outcome outcome = run_text("`set up`\n" + kSocket + "+0 > . 1:1(0) ack 1\n", target);
  EXPECT_EQ(outcome.status, Status::unsupported);
  EXPECT_EQ(outcome.reason.find("this system has no such setting"), 0u) << outcome.reason;
  EXPECT_NE(outcome.reason.find("; then: expected > . 1:1(0) ack 1, got nothing"),
            std::string::npos)
      << outcome.reason;
}

TEST_F(Posix, PollGetsLiveDescriptorsAndTellsWhatHappened) {
  posix.outcome.result = 1;
  posix.outcome.returned = {
      Value{Value::Array{{Value{Value::Struct{{{"fd", Value{Value::Omitted{}}},
                                               {"events", Value{std::int64_t{1}}},
                                               {"revents", Value{std::int64_t{8}}}}}}}}}};
  const Outcome outcome =
      run_text(kSocket + "+0 poll([{fd=3, events=POLLIN, revents=POLLERR}], 1, 0) = 1\n", target);
  EXPECT_EQ(outcome.status, Status::passed) << failure_text(outcome);
  EXPECT_EQ(posix.started,
            std::vector<std::string>{"poll([{fd=100, events=POLLIN, revents=POLLERR}], 1, 0)"});
  const Outcome wrong =
      run_text(kSocket + "+0 poll([{fd=3, events=POLLIN, revents=POLLHUP}], 1, 0) = 1\n", target);
  EXPECT_EQ(wrong.status, Status::failed);
}

// --- control messages

Value message(std::int64_t flags, std::vector<Value> control) {
  return {Value::Struct{
      {{"msg_flags", Value{flags}}, {"msg_control", Value{Value::Array{std::move(control)}}}}}};
}
Value item(std::int64_t level, std::int64_t type, Value data) {
  return {Value::Struct{
      {{"cmsg_level", Value{level}}, {"cmsg_type", Value{type}}, {"cmsg_data", std::move(data)}}}};
}

struct ControlMessages : Posix {
  // The fields that differ after recvmsg() with this as msg_control.
  std::string differences(const std::string& control, Value got) {
    posix.outcome.result = 1;
    posix.outcome.returned = {Value{Value::Omitted{}}, std::move(got), Value{Value::Omitted{}}};
    const Outcome outcome =
        run_text(kSocket + "+.5 recvmsg(3, {msg_name(...)=..., msg_iov(1)=[{..., 1}], msg_flags=0" +
                     control + "}, 0) = 1\n",
                 target);
    std::string names;
    for (const Mismatch& one : outcome.mismatches) {
      for (const FieldDifference& field : one.fields) names += field.name + ";";
    }
    return names;
  }
};

TEST_F(ControlMessages, EachIsComparedInItsOrder) {
  const std::string want = ", msg_control=[{cmsg_level=SOL_IP, cmsg_type=IP_TTL, cmsg_data=5}]";
  const Value five{std::int64_t{5}};
  const Value six{std::int64_t{6}};
  EXPECT_EQ(differences(want, message(0, {item(0, 2, five)})), "");
  EXPECT_EQ(differences(want, message(1, {item(0, 2, five)})), "msg_flags;");
  EXPECT_EQ(differences(want, message(0, {item(0, 2, six)})), "control message 1: cmsg_data;");
  EXPECT_EQ(differences(want, message(0, {})), "control message 1;");
  EXPECT_EQ(differences("", message(0, {item(0, 2, five)})), "control message 1;")
      << "a script that names none wants none";
}

TEST_F(ControlMessages, TimeStampsAreTimesOfTheScript) {
  const auto stamp = [](std::int64_t nanoseconds) {
    return message(0, {item(1, 37,
                            Value{Value::Struct{{{"scm_sec", Value{std::int64_t{0}}},
                                                 {"scm_nsec", Value{nanoseconds}}}}})});
  };
  const std::string want =
      ", msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=37, cmsg_data={scm_sec=0,scm_nsec=";
  EXPECT_EQ(differences(want + "20000000}}]", stamp(21'000'000)), "");
  EXPECT_EQ(differences(want + "20000000}}]", stamp(220'000'000)), "control message 1: cmsg_data;");
  EXPECT_EQ(differences(want + "0}}]", stamp(220'000'000)), "") << "0 matches any";
}

}  // namespace
}  // namespace packetwright::engine
