// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/agent/agent.hh"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/engine/run_for_test.hh"
#include "harness/targets/agent/agent_target.hh"
#include "harness/targets/isolation/probe.hh"
#include "harness/targets/linux/test_processes.hh"
#include "harness/targets/linux/time_limit.hh"
#include "harness/targets/plugin/plugin_target.hh"

namespace packetwright::agent {
namespace {

using linux_stack::lives;
using linux_stack::TimeLimit;
using plugin::PluginTarget;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr Duration kPlenty = std::chrono::seconds{60};
const Buffer kFrame{1, 2, 3};

// A busy machine is no reason to give an agent up, where that is not what is tested.
[[maybe_unused]] const int kPatient = setenv("PACKETWRIGHT_AGENT_TIMEOUT", "600", 0);

// In place of the shell, which would keep a stream open that the agent has closed.
std::string misbehaving(const std::string& how) {
  return std::string{"agent:exec "} + PW_MISBEHAVING_AGENT + " " + how;
}

std::unique_ptr<PluginTarget> opened(const std::string& how) {
  auto target = open(misbehaving(how));
  EXPECT_TRUE(target.ok()) << target.error();
  const auto begun = (*target)->reset(targets::Config{});
  EXPECT_TRUE(begun.ok()) << begun.error().reason;
  return std::move(*target);
}

std::string error_of(const std::string& how) {
  const auto target = open(misbehaving(how));
  return target ? "" : target.error();
}

std::vector<targets::SentFrame> drained(PluginTarget& target) {
  std::vector<targets::SentFrame> frames;
  target.drain(frames);
  return frames;
}

std::string log_of(const PluginTarget& target) {
  const auto death = target.death();
  return death ? death->log : "";
}

// How one that does this with a frame ends.
std::string end_by_frame(const std::string& fault) {
  const auto target = opened(fault);
  target->inject(kFrame);
  return log_of(*target);
}

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

// --- where it is

TEST(AgentPlace, IsACommandOrAHostAndAPort) {
  EXPECT_EQ(place_of("unshare -rn ./agent").command, "unshare -rn ./agent");
  EXPECT_EQ(place_of("./agent:7").command, "./agent:7");
  EXPECT_EQ(place_of("agent a:7").command, "agent a:7");
  EXPECT_EQ(place_of("board.test:7000").host, "board.test");
  EXPECT_EQ(place_of("board.test:7000").port, "7000");
  EXPECT_EQ(place_of("[::1]:7000").host, "::1");
  EXPECT_EQ(place_of("::1:7000").host, "::1");
}

// A TCP port of this machine that nobody else has, and where nobody listens yet.
class Port {
 public:
  Port() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    auto* const any = reinterpret_cast<sockaddr*>(&address_);
    EXPECT_EQ(bind(socket_, any, size), 0);
    EXPECT_EQ(getsockname(socket_, any, &size), 0);
  }
  ~Port() { close(socket_); }
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  [[nodiscard]] int socket() const { return socket_; }
  [[nodiscard]] std::string number() const { return std::to_string(ntohs(address_.sin_port)); }

 private:
  int socket_;
  sockaddr_in address_{};
};

TEST(AgentPlace, WithoutAnAgentIsAnError) {
  EXPECT_THAT(open("agent").error(), HasSubstr("agent:COMMAND"));
  EXPECT_THAT(open("agent: ").error(), HasSubstr("agent:COMMAND"));
  EXPECT_THAT(open("agent:/no/such/program").error(),
              ::testing::AllOf(StartsWith("the agent left with exit status 127 while it did hello"),
                               HasSubstr("/no/such/program")));
  // Nobody listens there: the port is ours, and we do not.
  const Port ours;
  const std::string port = ours.number();
  EXPECT_EQ(open("agent:127.0.0.1:" + port).error(),
            "no agent at 127.0.0.1 port " + port + ": Connection refused");
}

TEST(AgentPlace, ThatDoesNotAnswerIsGivenUp) {
  // Connections are taken by the kernel and answered by nobody.
  const Port ours;
  ASSERT_EQ(listen(ours.socket(), 1), 0);
  const Place place{{}, "127.0.0.1", ours.number()};
  const auto agent = Agent::open(place, 50ms);
  ASSERT_FALSE(agent.ok());
  EXPECT_EQ(agent.error(), "the agent did not answer hello within 0.050 s");
}

TEST(AgentPlace, MayBeAtTheOtherEndOfATcpConnection) {
  std::optional<Port> ours{std::in_place};
  ASSERT_EQ(listen(ours->socket(), 1), 0);
  const std::string name = "agent:127.0.0.1:" + ours->number();
  const pid_t board = fork();
  if (board == 0) {
    const int stream = accept(ours->socket(), nullptr, nullptr);
    dup2(stream, STDIN_FILENO);
    dup2(stream, STDOUT_FILENO);
    execl(PW_MISBEHAVING_AGENT, "agent", nullptr);
    _exit(1);
  }
  ours.reset();
  {
    const auto target = open(name);
    ASSERT_TRUE(target.ok()) << target.error();
    EXPECT_EQ((*target)->traits().medium, "tcp");
    ASSERT_TRUE((*target)->reset(targets::Config{}).ok());
    (*target)->inject(kFrame);
    EXPECT_EQ(drained(**target).size(), 1u);
  }
  int status = -1;
  waitpid(board, &status, 0);
  EXPECT_EQ(status, 0);  // the stream has ended, and so has it
}

// --- what it says of itself

TEST(AgentHello, SaysWhatTheTargetIs) {
  const auto target = opened("");
  const targets::Traits& traits = target->traits();
  EXPECT_EQ(traits.version, "misbehaving 7");
  EXPECT_EQ(traits.medium, "pipe");
  EXPECT_EQ(traits.clock, targets::ClockKind::virtual_time);
  EXPECT_FALSE(traits.ethernet);
  EXPECT_THAT(traits.capabilities, ElementsAre("ipv4", "udp", "virtual_time"));
}

TEST(AgentHello, ThatIsWrongIsRefused) {
  const std::pair<const char*, const char*> faults[] = {
      {"version", "speaks version 2 of the protocol, and this program version 1"},
      {"flags", "the agent has flags that nobody knows: 64"},
      {"operations", "the agent lacks create(), destroy(), inject(), advance()"},
      {"zero", "answered it with what does not belong there"},
      {"longer", "answered it with what does not belong there"},
      {"hello_errno", "answered it with what does not belong there"},
      {"exit_3", "the agent left with exit status 3 while it did hello"},
      {"exit_89", "the agent does not implement what it was asked for (exit status 89 in hello)"},
  };
  for (const auto& [fault, said] : faults) {
    EXPECT_THAT(error_of(std::string{"hello "} + fault), HasSubstr(said)) << fault;
  }
}

TEST(AgentProbe, TellsTheSameFromAProcessOfItsOwn) {
  const auto probed = isolation::probe([] { return targets::as_target(open(misbehaving(""))); });
  ASSERT_TRUE(probed.ok()) << probed.error();
  EXPECT_EQ(probed->version, "misbehaving 7");
  EXPECT_THAT(probed->capabilities, ElementsAre("ipv4", "udp", "virtual_time"));
}

// --- how it may end

TEST(AgentDeath, IsToldWithItsCause) {
  const std::pair<const char*, const char*> faults[] = {
      {"exit_0", "the agent left with exit status 0 while it did inject"},
      {"exit_3", "the agent left with exit status 3 while it did inject"},
      {"words",
       "the agent left with exit status 3 while it did inject\none\nassertion failed: two"},
      {"closes", "the agent closed its stream while it did inject, and runs on"},
      {"half", "exit status 0 while it did inject, 8 octets into its answer"},
      {"announces", "it announced a message of 16777217 octets, where 16777216 are the most"},
      {"behind", "it sent 6 octets behind its answer"},
      {"kind", "broke its interface: it sent a record of kind 77, at octet 0"},
      {"record", "it sent a record of 1000 octets, where 8 are left"},
      {"half_record", "it sent half of a record"},
      {"short_result", "it sent a record of kind 128 with 4 octets"},
      {"no_result", "it sent 0 results, where 1 were asked for"},
      {"two_results", "it sent more than the 1 results asked for"},
      {"behind_clock", "it sent a record behind its clock"},
      {"more", "broke its interface in inject: it answered it with what does not belong there"},
      {"errno", "broke its interface in inject: it failed"},
      {"future", "broke its interface in inject: it sent a frame at 1 ns, when it was 0 ns"},
      {"floods", "the agent wrote more than 16 MiB to standard error while it did inject"},
  };
  for (const auto& [fault, said] : faults) {
    EXPECT_THAT(end_by_frame(fault), HasSubstr(said)) << fault;
  }
}

TEST(AgentDeath, BySignalTellsTheSignal) {
  const auto target = opened("signal");
  target->inject(kFrame);
  ASSERT_TRUE(target->death());
  EXPECT_EQ(target->death()->signal, SIGSEGV);
  EXPECT_THAT(log_of(*target), HasSubstr("killed by signal 11 (Segmentation fault)"));
}

TEST(AgentDeath, WhoSpeaksWithoutBeingAskedIsHeardAtTheNextQuestion) {
  const auto target = opened("unasked");
  target->inject(kFrame);
  // What was said may be a part of the answer still, or come behind it.
  static_cast<void>(target->poll(1));
  EXPECT_THAT(log_of(*target), ::testing::AnyOf(HasSubstr("spoke without being asked"),
                                                HasSubstr("octets behind its answer"),
                                                HasSubstr("announced a message")));
}

TEST(AgentDeath, OfOneThatDoesNotAnswerComesInTime) {
  const auto agent =
      Agent::open(place_of(std::string{PW_MISBEHAVING_AGENT} + " hello silent"), 50ms);
  ASSERT_FALSE(agent.ok());
  EXPECT_EQ(agent.error(), "the agent did not answer hello within 0.050 s");
}

TEST(AgentDeath, IsFinalUntilTheNextReset) {
  const auto target = opened("exit_3");
  const int first = target->socket(targets::Domain::inet, {}, {}).value();
  target->inject(kFrame);
  EXPECT_EQ(target->socket(targets::Domain::inet, {}, {}).error(), EIO);
  EXPECT_EQ(target->next_timer(), std::nullopt);
  target->advance_to(instant_at(5), false);
  target->inject(kFrame);
  EXPECT_THAT(drained(*target), IsEmpty());
  ASSERT_TRUE(target->reset(targets::Config{}).ok());
  EXPECT_EQ(log_of(*target), "");
  // It says its process number.
  EXPECT_NE(target->socket(targets::Domain::inet, {}, {}).value(), first);
}

TEST(AgentDeath, LeavesNothingBehind) {
  const std::ptrdiff_t before = open_descriptors();
  for (const char* const fault : {"", "exit_3", "silent_never", "closes", "stays"}) {
    const auto target = opened(fault);
    const std::string process =
        std::to_string(target->socket(targets::Domain::inet, {}, {}).value());
    target->inject(kFrame);
    ASSERT_TRUE(target->reset_strongly(targets::Config{}).ok());
    EXPECT_FALSE(lives(process)) << fault;
  }
  EXPECT_EQ(open_descriptors(), before);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
}

TEST(AgentDeath, LeavesNothingBehindOfWhatAShellHasStarted) {
  std::string process;
  {
    const auto target =
        open(std::string{"agent:(setsid "} + PW_MISBEHAVING_AGENT + " stays); true");
    ASSERT_TRUE(target.ok()) << target.error();
    ASSERT_TRUE((*target)->reset(targets::Config{}).ok());
    process = std::to_string((*target)->socket(targets::Domain::inet, {}, {}).value());
    EXPECT_TRUE(lives(process));
  }
  EXPECT_FALSE(lives(process));
}

TEST(AgentDeath, ComesWithThatOfTheHarness) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t harness = fork();
  if (harness == 0) {
    const auto target = opened("stays");
    const std::string process =
        std::to_string(target->socket(targets::Domain::inet, {}, {}).value());
    static_cast<void>(!write(ends[1], process.data(), process.size()));
    raise(SIGKILL);
  }
  close(ends[1]);
  waitpid(harness, nullptr, 0);
  char text[64] = {};
  ASSERT_GT(read(ends[0], text, sizeof text - 1), 0);
  close(ends[0]);
  const TimeLimit patience{kPlenty};
  while (lives(text) && !patience.passed()) sched_yield();
  EXPECT_FALSE(lives(text));
}

// --- lives

TEST(AgentLife, AnErrorHasItsReason) {
  const auto target = open(misbehaving("refuses"));
  ASSERT_TRUE(target.ok());
  const auto begun = (*target)->reset(targets::Config{});
  ASSERT_FALSE(begun.ok());
  EXPECT_TRUE(begun.error().unsupported);
  EXPECT_EQ(begun.error().reason, "there is no such knob");
  EXPECT_EQ(log_of(**target), "");
}

TEST(AgentLife, AStrongResetIsAnotherProcess) {
  const auto target = opened("");
  const auto process = [&] { return target->socket(targets::Domain::inet, {}, {}).value(); };
  const int first = process();
  ASSERT_TRUE(target->reset(targets::Config{}).ok());
  EXPECT_EQ(process(), first);
  ASSERT_TRUE(target->reset_strongly(targets::Config{}).ok());
  EXPECT_NE(process(), first);
}

// --- frames and time

TEST(AgentTime, GoesFromTimerToTimer) {
  const auto target = opened("");
  EXPECT_EQ(target->next_timer(), instant_at(1'000'000'000));
  target->advance_to(instant_at(2'500'000'000), false);
  EXPECT_EQ(target->now(), instant_at(2'500'000'000));
  const auto frames = drained(*target);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].at, instant_at(1'000'000'000));
  EXPECT_EQ(frames[1].at, instant_at(2'000'000'000));
}

TEST(AgentTime, MayBeTheAgentsAndVirtual) {
  const auto target = opened("clock");
  EXPECT_EQ(target->traits().clock, targets::ClockKind::virtual_time);
  target->advance_to(instant_at(1000), true);
  EXPECT_EQ(target->now(), instant_at(501));
  const auto frames = drained(*target);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].at, instant_at(501));
  target->advance_to(instant_at(1000), false);
  EXPECT_GE(target->now(), instant_at(1000));
  EXPECT_EQ(log_of(*target), "");
}

TEST(AgentTime, MayBeReal) {
  const auto target = opened("real");
  EXPECT_EQ(target->traits().clock, targets::ClockKind::real_time);
  EXPECT_EQ(target->traits().slack, 1s);
  const Instant until = target->now() + 100s;
  target->advance_to(until, true);
  const auto frames = drained(*target);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_GT(frames[0].at, Instant{} + 50s);
  EXPECT_GE(target->now(), frames[0].at);
  EXPECT_LT(target->now(), until);
}

TEST(AgentFrames, ComeAndGo) {
  const auto target = opened("talks");
  ::testing::internal::CaptureStderr();
  target->inject(kFrame);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "a frame is here\n");
  const auto frames = drained(*target);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].octets, kFrame);
  const Buffer large(60'000, 7);
  target->inject(large);
  EXPECT_EQ(drained(*target).at(0).octets, large);
}

// --- sockets

TEST(AgentSockets, SayWhatTheAgentSays) {
  const auto target = opened("");
  Endpoint peer;
  EXPECT_EQ(target->accept(1, &peer).value(), 1);
  EXPECT_EQ(peer, (Endpoint{IpAddress::v4(10, 0, 0, 0), 7}));
  const auto read = target->read(1, 5, {});
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(std::string(read->octets.begin(), read->octets.end()), "rrrrr");
  EXPECT_TRUE(read->out_of_band);
  EXPECT_EQ(read->from, peer);
  EXPECT_EQ(target->write(1, kFrame, {}, &peer).value(), 3u);
  EXPECT_EQ(target->get_option(1, targets::Option::ip_ttl).value(), -5);
  EXPECT_EQ(target->local_endpoint(1)->port, 9);
  const auto ready = target->poll(1).value();
  EXPECT_TRUE(ready.readable && ready.error);
  EXPECT_FALSE(ready.writable);
  const auto status = target->tcp_status(1).value();
  EXPECT_EQ(status.state, targets::TcpState::fin_wait_1);
  EXPECT_THAT(status.counters, ElementsAre(std::pair<const std::string, std::int64_t>{"cwnd", 10}));
  EXPECT_EQ(target->resolve("a", Family::ipv4, {}).value(), 0);
  EXPECT_EQ(target->resolved(1)->size(), 2u);
  EXPECT_EQ(target->netstat().value(), "no sockets\n");
  EXPECT_TRUE(target->close(1).ok());
  EXPECT_EQ(log_of(*target), "");
}

TEST(AgentSockets, AreNotBelievedUnseen) {
  const auto after = [](const std::string& fault, const auto& call) {
    const auto target = opened(fault);
    call(*target);
    return log_of(*target);
  };
  const auto socket = [](PluginTarget& target) {
    EXPECT_EQ(target.socket(targets::Domain::inet, {}, {}).error(), EIO);
  };
  const auto read = [](PluginTarget& target) { EXPECT_EQ(target.read(1, 5, {}).error(), EIO); };
  const auto status = [](PluginTarget& target) { EXPECT_EQ(target.tcp_status(1).error(), EIO); };
  const auto resolved = [](PluginTarget& target) { EXPECT_EQ(target.resolved(1).error(), EIO); };
  EXPECT_THAT(after("large", socket), HasSubstr("in socket: it returned 1099511627776"));
  EXPECT_THAT(after("strange", socket), HasSubstr("in socket: it returned no errno"));
  EXPECT_THAT(after("long_read", read), HasSubstr("read() returned 6, where 5 is the most"));
  EXPECT_THAT(after("lying_read", read), HasSubstr("in read: it returned 10 with 5 octets"));
  EXPECT_THAT(after("half_read", read), HasSubstr("what does not belong there"));
  EXPECT_THAT(after("bad_address", read), HasSubstr("neither IPv4 nor IPv6"));
  EXPECT_THAT(after("half_status", status), HasSubstr("with half a status"));
  EXPECT_THAT(after("many_counters", status), HasSubstr("wrote 33 counters"));
  EXPECT_THAT(after("lying_addresses", resolved), HasSubstr("returned 3 with 34 octets"));
}

// --- verdicts

engine::Outcome run_on(const std::string& how, const std::string& text) {
  const auto target = open(how);
  EXPECT_TRUE(target.ok()) << target.error();
  return engine::run_text(text, **target);
}

constexpr const char* kEcho =
    "// Echo.\n//: needs ipv4\n"
    "0 < icmp echo_request id 7 seq 3 (56)\n"
    "+0 > icmp echo_reply id 7 seq 3 (56)\n";

TEST(AgentVerdict, Of89IsUnsupported) {
  const engine::Outcome outcome = run_on(misbehaving("exit_89"), kEcho);
  EXPECT_EQ(outcome.status, engine::Status::unsupported);
  EXPECT_THAT(outcome.reason, HasSubstr("exit status 89 in inject"));
}

TEST(AgentVerdict, OfAnyOtherEndIsItsDeath) {
  const engine::Outcome outcome = run_on(misbehaving("exit_3"), kEcho);
  EXPECT_EQ(outcome.status, engine::Status::died);
  ASSERT_TRUE(outcome.death);
  EXPECT_THAT(outcome.death->log, HasSubstr("left with exit status 3"));
}

}  // namespace
}  // namespace packetwright::agent
