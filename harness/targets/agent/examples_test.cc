// SPDX-License-Identifier: Apache-2.0
// The agents of examples/agents, as anybody would start them.
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/engine/run_for_test.hh"
#include "harness/targets/agent/agent_target.hh"
#include "harness/targets/linux/test_frames.hh"

namespace packetwright::agent {
namespace {

using linux_stack::as_tcp;
using linux_stack::Ends;
using plugin::PluginTarget;
using targets::Domain;
using targets::Protocol;
using targets::SocketType;
using ::testing::HasSubstr;

[[maybe_unused]] const int kPatient = setenv("PACKETWRIGHT_AGENT_TIMEOUT", "600", 0);

constexpr std::uint16_t kPort = 7000, kPeerPort = 9000;

std::vector<targets::SentFrame> drained(PluginTarget& target) {
  std::vector<targets::SentFrame> frames;
  target.drain(frames);
  return frames;
}

std::string text_of(const Buffer& octets) {
  return {octets.begin(), octets.end()};
}

// --- C++: the kernel, over a tunnel

class PosixAgent : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    auto opened = open(std::string{"agent:unshare -rn "} + PW_POSIX_AGENT + " --tun " + GetParam());
    if (!opened) GTEST_SKIP() << opened.error();
    target_ = std::move(*opened);
    const auto begun = target_->reset(ends_.config);
    if (!begun && begun.error().unsupported) GTEST_SKIP() << begun.error().reason;
    ASSERT_TRUE(begun.ok()) << begun.error().reason;
  }

  // A listener, and a connection that it has accepted.
  targets::Fd connected() {
    const targets::Fd listener =
        target_->socket(Domain::inet, SocketType::stream, Protocol::tcp).value();
    EXPECT_TRUE(target_->bind(listener, {ends_.config.local4.address, kPort}).ok());
    EXPECT_TRUE(target_->listen(listener, 1).ok());
    target_->inject(ends_.ipv4(6, ends_.tcp(kPeerPort, kPort, 100, 0, linux_stack::kSyn)));
    const auto frames = drained(*target_);
    EXPECT_EQ(frames.size(), 1u);
    const auto syn_ack = frames.empty() ? std::nullopt : as_tcp(frames[0], false);
    if (!syn_ack) {
      ADD_FAILURE() << "no SYN,ACK";
      return -1;
    }
    EXPECT_EQ(syn_ack->ack, 101u);
    EXPECT_TRUE(syn_ack->checksum_good);
    target_->inject(ends_.ipv4(
        6, ends_.tcp(kPeerPort, kPort, 101, syn_ack->seq + 1, linux_stack::kAck, "hello")));
    Endpoint peer;
    const auto accepted = target_->accept(listener, &peer);
    EXPECT_TRUE(accepted.ok());
    EXPECT_EQ(peer, (Endpoint{ends_.config.peer4, kPeerPort}));
    return accepted.value_or(-1);
  }

  Ends ends_;
  std::unique_ptr<PluginTarget> target_;
};

TEST_P(PosixAgent, SaysWhatItIs) {
  const targets::Traits& traits = target_->traits();
  EXPECT_THAT(traits.version, HasSubstr("Linux "));
  EXPECT_FALSE(traits.ethernet);
  EXPECT_TRUE(traits.has("tcp_state"));
  EXPECT_EQ(traits.has("virtual_time"), *GetParam() != '\0');
}

TEST_P(PosixAgent, MovesDatagramsBothWays) {
  const targets::Fd fd = target_->socket(Domain::inet, SocketType::datagram, Protocol::udp).value();
  ASSERT_TRUE(target_->bind(fd, {ends_.config.local4.address, kPort}).ok());
  EXPECT_EQ(target_->read(fd, 100, {}).error(), EAGAIN);
  target_->inject(ends_.ipv4(17, ends_.udp(kPeerPort, kPort, "hello")));
  const auto read = target_->read(fd, 100, {});
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(text_of(read->octets), "hello");
  EXPECT_EQ(read->from, (Endpoint{ends_.config.peer4, kPeerPort}));
  const Endpoint to{ends_.config.peer4, kPeerPort};
  EXPECT_EQ(target_->write(fd, Buffer{'y', 'o'}, {}, &to).value(), 2u);
  const auto frames = drained(*target_);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].octets.size(), 20u + 8u + 2u);
  EXPECT_EQ(target_->local_endpoint(fd)->port, kPort);
  EXPECT_TRUE(target_->close(fd).ok());
  EXPECT_EQ(target_->close(fd).error(), EBADF);
}

TEST_P(PosixAgent, AcceptsAConnectionAndTellsItsState) {
  const targets::Fd fd = connected();
  EXPECT_TRUE(target_->poll(fd)->readable);
  EXPECT_EQ(text_of(target_->read(fd, 100, {})->octets), "hello");
  const auto status = target_->tcp_status(fd);
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(status->state, targets::TcpState::established);
  EXPECT_EQ(status->counters.at("bytes_received"), 5);
  EXPECT_TRUE(target_->set_option(fd, targets::Option::so_linger, 7).ok());
  EXPECT_EQ(target_->get_option(fd, targets::Option::so_linger).value(), 7);
  static_cast<void>(drained(*target_));
  ASSERT_TRUE(target_->close(fd).ok());
  const auto frames = drained(*target_);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_TRUE((as_tcp(frames[0], false)->flags & linux_stack::kFin) != 0);
  // The descriptor is gone, and the connection is not.
  EXPECT_EQ(target_->tcp_status(fd)->state, targets::TcpState::fin_wait_1);
}

TEST_P(PosixAgent, BeginsANewCaseWithNothingOfTheOneBefore) {
  static_cast<void>(connected());
  ASSERT_TRUE(target_->reset(ends_.config).ok());
  EXPECT_TRUE(drained(*target_).empty());
  static_cast<void>(connected());
  // Half a datagram, too.
  Buffer half = ends_.ipv4(17, ends_.udp(kPeerPort, kPort, "12345678"));
  half[6] = 0x20;
  store_be16(half, 10, 0);
  store_be16(half, 10, linux_stack::internet_checksum(Buffer(half.begin(), half.begin() + 20)));
  target_->inject(half);
  ASSERT_TRUE(target_->reset(ends_.config).ok());
  EXPECT_TRUE(drained(*target_).empty());
  static_cast<void>(connected());
}

TEST_P(PosixAgent, SetsKnobsForOneCase) {
  targets::Config config = ends_.config;
  config.knobs = {{"ip_default_ttl", "77"}};
  ASSERT_TRUE(target_->reset(config).ok());
  const auto ttl = [&] {
    const targets::Fd fd =
        target_->socket(Domain::inet, SocketType::datagram, Protocol::udp).value();
    const Endpoint to{ends_.config.peer4, kPeerPort};
    static_cast<void>(target_->write(fd, Buffer{1}, {}, &to));
    const auto frames = drained(*target_);
    return frames.empty() ? 0 : int{frames[0].octets[8]};
  };
  EXPECT_EQ(ttl(), 77);
  ASSERT_TRUE(target_->reset(ends_.config).ok());
  EXPECT_EQ(ttl(), 64);
  config.knobs = {{"no_such_knob", "1"}};
  const auto begun = target_->reset(config);
  ASSERT_FALSE(begun.ok());
  EXPECT_TRUE(begun.error().unsupported);
  EXPECT_THAT(begun.error().reason, HasSubstr("no_such_knob"));
}

TEST_P(PosixAgent, LetsTimePass) {
  const Instant until = target_->now() + 5ms;
  target_->advance_to(until, false);
  EXPECT_GE(target_->now(), until);
  // A SYN that nobody answers is sent again, and that ends a wait.
  const targets::Fd fd = target_->socket(Domain::inet, SocketType::stream, Protocol::tcp).value();
  EXPECT_EQ(target_->connect(fd, {ends_.config.peer4, kPeerPort}).error(), EINPROGRESS);
  const auto first = drained(*target_);
  ASSERT_EQ(first.size(), 1u);
  target_->advance_to(target_->now() + 600s, true);
  const auto again = drained(*target_);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_GE(again[0].at - first[0].at, 900ms);
  EXPECT_GE(target_->now(), again[0].at);
}

INSTANTIATE_TEST_SUITE_P(Agents, PosixAgent, ::testing::Values("", "--virtual-time"),
                         [](const ::testing::TestParamInfo<const char*>& one) {
                           return std::string{*one.param == '\0' ? "RealTime" : "OwnTime"};
                         });

// --- Python: a host of its own

#ifdef PW_PYTHON

engine::Outcome run_on_python(const std::string& text) {
  const auto opened = open("agent:" PW_PYTHON " " PW_SOURCE_DIR "/examples/agents/python/agent.py");
  EXPECT_TRUE(opened.ok()) << opened.error();
  return engine::run_text(text, **opened);
}

TEST(PythonAgent, AnswersEchoRequests) {
  const engine::Outcome outcome = run_on_python(
      "// Echo.\n//: needs icmp\n"
      "0 < icmp echo_request id 7 seq 3 (56)\n"
      "+0 > icmp echo_reply id 7 seq 3 (56)\n");
  EXPECT_EQ(engine::failure_text(outcome), "passed");
}

TEST(PythonAgent, MovesDatagramsBothWays) {
  const engine::Outcome outcome = run_on_python(
      "// Datagrams.\n//: needs udp\n"
      "0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3\n"
      "+0 bind(3, ..., ...) = 0\n"
      "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
      "+0 read(3, ..., 100) = -1 EAGAIN (nothing)\n"
      "+0 < udp (5) \"hello\"\n"
      "+0 read(3, \"hello\", 100) = 5\n"
      "+0 connect(3, ..., ...) = 0\n"
      "+3600 write(3, \"world!\", 6) = 6\n"
      "+0 > udp (6) \"world!\"\n"
      "+0 close(3) = 0\n"
      "+0 < udp (5) \"again\"\n"
      "+0 > icmp unreachable port_unreachable [udp (5)]\n");
  EXPECT_EQ(engine::failure_text(outcome), "passed");
}

TEST(PythonAgent, LeavesWith89WhereItHasNoResultToSaySo) {
  const engine::Outcome outcome = run_on_python(
      "// Half a datagram.\n//: needs udp\n"
      "0 < udp (32) \"0123456789abcdefghijklmnopqrstuv\" frag id 7 0:16\n"
      "+0 silence 1\n");
  EXPECT_EQ(outcome.status, engine::Status::unsupported);
  EXPECT_THAT(outcome.reason, HasSubstr("exit status 89 in inject"));
  EXPECT_THAT(outcome.reason, HasSubstr("it does not put fragments together"));
}

#endif

}  // namespace
}  // namespace packetwright::agent
