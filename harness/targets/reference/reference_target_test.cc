// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/reference/reference_target.hh"

#include <algorithm>
#include <cerrno>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/targets/reference/knobs.hh"
#include "harness/targets/reference/sysctls.hh"
#include "harness/targets/reference/test_peer.hh"

namespace packetwright::reference {
namespace {

using namespace wire::tcp_flag;
using targets::Domain;
using targets::Fd;
using targets::Option;
using targets::Protocol;
using targets::SocketType;
using testing::HasSubstr;

struct ReferenceTargetTest : testing::Test {
  ReferenceTargetTest() { EXPECT_TRUE(target.reset(config)); }

  Fd listening(std::uint16_t port = 80) {
    const Fd fd = target.socket(Domain::inet, SocketType::stream, Protocol::tcp).value();
    EXPECT_TRUE(target.bind(fd, {IpAddress{}, port}));
    EXPECT_TRUE(target.listen(fd, 5));
    return fd;
  }
  // A connection from port 4000 of the peer, whose initial sequence number is 100.
  Fd established(Fd listener) {
    peer.send({4'000, 80, syn, SeqNum{100}, {}, 10'000, {}});
    const auto answer = peer.receive_segments();
    EXPECT_EQ(answer.size(), 1u);
    if (answer.empty()) return -1;
    EXPECT_EQ(answer[0].flags, syn | ack);
    iss = answer[0].seq;
    peer.send({4'000, 80, ack, SeqNum{101}, iss + 1, 10'000, {}});
    return target.accept(listener, nullptr).value_or(-1);
  }

  targets::Config config;
  ReferenceTarget target;
  TestPeer peer{target, config};
  SeqNum iss;
};

TEST_F(ReferenceTargetTest, AcceptsAConnectionAndCarriesData) {
  const Fd listener = listening();
  EXPECT_EQ(target.accept(listener, nullptr).error(), EAGAIN);
  const Fd fd = established(listener);
  ASSERT_EQ(fd, listener + 1);
  peer.send({4'000, 80, psh | ack, SeqNum{101}, iss + 1, 10'000, {'h', 'i'}});
  const auto got = target.read(fd, 100, {});
  ASSERT_TRUE(got);
  EXPECT_EQ(got->octets, (Buffer{'h', 'i'}));
  EXPECT_EQ(target.read(fd, 100, {}).error(), EAGAIN);
  EXPECT_EQ(target.write(fd, Buffer{'y', 'o', '!'}, {}, nullptr).value(), 3u);
  const auto sent = peer.receive_segments();
  ASSERT_FALSE(sent.empty());
  EXPECT_EQ(sent.back().text, (Buffer{'y', 'o', '!'}));
  EXPECT_EQ(sent.back().ack, SeqNum{103});
}

TEST_F(ReferenceTargetTest, TimeJumpsToWhatHappensNext) {
  const Fd fd = target.socket(Domain::inet, SocketType::stream, Protocol::any).value();
  EXPECT_EQ(target.connect(fd, {config.peer4, 80}).error(), EINPROGRESS);
  // The SYN waits for ARP, and leaves when the peer has answered.
  const auto syns = peer.receive_segments();
  ASSERT_EQ(syns.size(), 1u);
  EXPECT_EQ(syns[0].flags, syn);
  EXPECT_EQ(target.now(), Instant{});
  ASSERT_TRUE(target.next_timer());

  // RFC 6298, 2.1 and 5.5: again after one second, and then after two more.
  target.advance_to(instant_at(0) + 60s, true);
  EXPECT_EQ(target.now(), instant_at(0) + 1s);
  std::vector<targets::SentFrame> frames;
  target.drain(frames);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].at, instant_at(0) + 1s);
  target.advance_to(instant_at(0) + 60s, true);
  EXPECT_EQ(target.now(), instant_at(0) + 3s);
  // Without the stop the clock ends where it was told to.
  target.advance_to(instant_at(0) + 4s, false);
  EXPECT_EQ(target.now(), instant_at(0) + 4s);
  // And it never goes back.
  target.advance_to(instant_at(0), false);
  EXPECT_EQ(target.now(), instant_at(0) + 4s);
}

TEST_F(ReferenceTargetTest, EqualSeedsGiveEqualFramesAndOthersDoNot) {
  const auto first_syn = [&](std::uint64_t seed) {
    config.seed = seed;
    EXPECT_TRUE(target.reset(config));
    const Fd fd = target.socket(Domain::inet, SocketType::stream, Protocol::any).value();
    EXPECT_EQ(fd, 0);
    EXPECT_FALSE(target.connect(fd, {config.peer4, 80}));
    const auto frames = peer.receive();
    return frames.empty() ? Buffer{} : frames.back().octets;
  };
  const Buffer once = first_syn(7);
  EXPECT_FALSE(once.empty());
  EXPECT_EQ(first_syn(7), once);
  EXPECT_NE(first_syn(8), once);
}

TEST_F(ReferenceTargetTest, AResetLeavesNothingBehind) {
  const Fd listener = listening();
  (void)established(listener);
  target.advance_to(instant_at(0) + 5s, false);
  ASSERT_TRUE(target.reset(config));
  EXPECT_EQ(target.now(), Instant{});
  EXPECT_EQ(target.next_timer(), std::nullopt);
  EXPECT_EQ(target.poll(listener).error(), EBADF);
  EXPECT_TRUE(peer.receive().empty());
  peer.send({4'000, 80, ack, SeqNum{101}, iss + 1, 10'000, {}});
  const auto answer = peer.receive_segments();
  ASSERT_EQ(answer.size(), 1u);
  EXPECT_EQ(answer[0].flags, rst);
}

TEST_F(ReferenceTargetTest, TellsStateAndCounters) {
  const Fd listener = listening();
  EXPECT_EQ(target.tcp_status(listener)->state, targets::TcpState::listen);
  const Fd fd = established(listener);
  const auto status = target.tcp_status(fd);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->state, targets::TcpState::established);
  EXPECT_EQ(status->counters.at("cwnd"), 10);  // RFC 6928
  EXPECT_EQ(status->counters.at("unacked"), 0);
  EXPECT_EQ(status->counters.at("snd_wnd"), 10'000);
  (void)target.write(fd, Buffer(2 * 536), {}, nullptr);
  EXPECT_EQ(target.tcp_status(fd)->counters.at("unacked"), 2);  // MSS 536: the peer told none
}

TEST_F(ReferenceTargetTest, TheInitialSequenceNumberCanBeChosen) {
  const Fd active = target.socket(Domain::inet, SocketType::stream, Protocol::any).value();
  ASSERT_TRUE(target.set_isn(active, 0xffffffff));
  EXPECT_FALSE(target.connect(active, {config.peer4, 80}));
  const auto syns = peer.receive_segments();
  ASSERT_EQ(syns.size(), 1u);
  EXPECT_EQ(syns[0].seq, SeqNum{0xffffffff});
  EXPECT_EQ(target.set_isn(active, 1).error(), EISCONN);

  const Fd passive = listening(81);
  ASSERT_TRUE(target.set_isn(passive, 7));
  peer.send({4'001, 81, syn, SeqNum{100}, {}, 10'000, {}});
  const auto answer = peer.receive_segments();
  ASSERT_EQ(answer.size(), 1u);
  EXPECT_EQ(answer[0].seq, SeqNum{7});
}

TEST_F(ReferenceTargetTest, ErrorsAreThoseOfTheSystem) {
  EXPECT_EQ(target.close(99).error(), EBADF);
  const Fd fd = target.socket(Domain::inet, SocketType::stream, Protocol::any).value();
  EXPECT_EQ(target.read(fd, 1, {}).error(), ENOTCONN);
  EXPECT_EQ(target.connect(fd, {config.peer4, 81}).error(), EINPROGRESS);
  const auto syns = peer.receive_segments();
  ASSERT_EQ(syns.size(), 1u);
  EXPECT_EQ(target.get_option(fd, Option::so_error).value(), 0);
  peer.send({81, syns[0].src_port, rst | ack, SeqNum{0}, syns[0].seq + 1, 0, {}});
  EXPECT_TRUE(target.poll(fd)->error);
  EXPECT_EQ(target.get_option(fd, Option::so_error).value(), ECONNREFUSED);
  EXPECT_EQ(target.get_option(fd, Option::so_error).value(), 0);
  EXPECT_EQ(target.socket(Domain::inet, SocketType::raw, Protocol::icmp).error(), ENOTSUP);
}

TEST_F(ReferenceTargetTest, EveryOptionThatTheCoreKnowsCanBeReadSomewhere) {
  const Fd stream = established(listening());
  const Fd six = target.socket(Domain::inet6, SocketType::stream, Protocol::any).value();
  for (int i = 0; i <= static_cast<int>(Option::tcp_defer_accept); ++i) {
    const auto option = static_cast<Option>(i);
    EXPECT_TRUE(target.get_option(stream, option) || target.get_option(six, option)) << i;
  }
}

TEST_F(ReferenceTargetTest, NetstatShowsTheDescriptorTable) {
  const Fd listener = listening();
  const Fd fd = established(listener);
  peer.send({4'000, 80, psh | ack, SeqNum{101}, iss + 1, 10'000, {'h', 'i'}});
  const std::string text = target.netstat().value();
  EXPECT_THAT(text, HasSubstr("LISTEN"));
  EXPECT_THAT(text, HasSubstr("192.168.0.1:80"));
  EXPECT_THAT(text, HasSubstr("192.0.2.1:4000"));
  EXPECT_THAT(text, HasSubstr("ESTABLISHED"));
  (void)target.close(fd);
  EXPECT_THAT(target.netstat().value(), testing::Not(HasSubstr("ESTABLISHED")));
}

TEST_F(ReferenceTargetTest, KnobsChangeTheStack) {
  config.knobs = {{"tcp_timestamps", "0"}, {"net.ipv4.ip_default_ttl", "33"}};
  ASSERT_TRUE(target.reset(config));
  (void)listening();
  peer.send({4'000, 80, syn, SeqNum{100}, {}, 10'000, {}});
  const auto frames = peer.receive();
  ASSERT_EQ(frames.size(), 1u);
  const auto ip = wire::Ipv4View::parse(wire::EthernetView::parse(frames[0].octets)->payload());
  ASSERT_TRUE(ip);
  EXPECT_EQ(ip->ttl(), 33);
}

TEST_F(ReferenceTargetTest, AKnobThatIsWrongIsNamed) {
  config.knobs = {{"tcp_no_such_thing", "1"}};
  EXPECT_THAT(target.reset(config).error().reason, HasSubstr("tcp_no_such_thing"));
  config.knobs = {{"tcp_sack", "maybe"}};
  EXPECT_THAT(target.reset(config).error().reason,
              HasSubstr("tcp_sack takes 0 or 1, not \"maybe\""));
  config.knobs = {{"tcp_sack", ""}};
  EXPECT_FALSE(target.reset(config));
  config.knobs = {{"tcp_sack", "1 1"}};
  EXPECT_FALSE(target.reset(config));
  config.knobs = {{"tcp_congestion_control", "vegas"}};
  EXPECT_THAT(target.reset(config).error().reason,
              HasSubstr("tcp_congestion_control takes reno or cubic, not \"vegas\""));
  config.knobs = {{"tcp_ecn", "3"}};
  EXPECT_FALSE(target.reset(config));
}

TEST(ReferenceKnobs, AreSortedAndTakeTheirSmallestValues) {
  const auto all = knobs();
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));
  for (const KnobInfo& knob : all) {
    iface::StackConfig config;
    std::string value = "1";
    if (knob.name == "tcp_fastopen_key") value = "00000001-00000000-00000000-00000000";
    if (knob.name == "tcp_congestion_control") value = "reno";
    if (knob.name == "like") value = "linux";
    EXPECT_TRUE(apply_knobs({{std::string{knob.name}, value}}, config)) << knob.name;
  }
}

TEST(ReferenceKnobs, TheMiddleOfThreeBufferSizesIsTheFirstAndTheLastTheMost) {
  iface::StackConfig config;
  ASSERT_TRUE(apply_knobs({{"tcp_rmem", "4096 5000 6291456"}, {"tcp_wmem", "7000"}}, config));
  EXPECT_EQ(config.tcp.receive_buffer, 5'000u);
  EXPECT_EQ(config.tcp.receive_buffer_max, 6'291'456u);
  EXPECT_EQ(config.tcp.send_buffer, 7'000u);
  ASSERT_TRUE(apply_knobs({{"tcp_rmem", "9000"}}, config));
  EXPECT_EQ(config.tcp.receive_buffer, 9'000u);
  EXPECT_EQ(config.tcp.receive_buffer_max, 9'000u);
  for (const char* const wrong : {"", "0", "1 2", "4096 5000 4000", "4096 5000 9999999999", "x"}) {
    EXPECT_FALSE(apply_knobs({{"tcp_rmem", wrong}}, config)) << wrong;
  }
}

TEST(ReferenceKnobs, LikeComesFirstAndOthersWin) {
  iface::StackConfig config;
  ASSERT_TRUE(apply_knobs({{"like", "linux"}, {"accept_ra", "0"}}, config));
  EXPECT_EQ(config.tcp.min_rto, std::chrono::milliseconds{200});
  EXPECT_EQ(config.tcp.train_segments, 2);
  ASSERT_TRUE(apply_knobs({{"like", "linux"}, {"tcp_min_tso_segs", "0x9"}}, config));
  EXPECT_EQ(config.tcp.train_segments, 9);
  EXPECT_FALSE(apply_knobs({{"like", "solaris"}}, config));
}

TEST(ReferenceSysctls, AreKnobsOrWhatTheStackDoesAnyway) {
  using Knob = std::optional<std::string>;
  EXPECT_EQ(knob_of_sysctl("net.ipv4.tcp_sack", "0").value(), Knob{"tcp_sack"});
  EXPECT_EQ(knob_of_sysctl("net.ipv4.tcp_fastopen", "0x403").value(), Knob{"tcp_fastopen"});
  EXPECT_EQ(knob_of_sysctl("net.ipv4.tcp_fastopen", "5").value(), Knob{"tcp_fastopen"});
  EXPECT_EQ(knob_of_sysctl("tcp_cubic.hystart_detect", "3").value(),
            Knob{"tcp_cubic.hystart_detect"});
  EXPECT_EQ(knob_of_sysctl("net.ipv4.tcp_dsack", "1").value(), Knob{});
  EXPECT_EQ(knob_of_sysctl("net.ipv4.tcp_pacing_ss_ratio", "77").value(), Knob{});
  EXPECT_EQ(knob_of_sysctl("net.ipv4.tcp_dsack", "0").error(),
            "the reference stack has no setting net.ipv4.tcp_dsack=0");
  for (const char* const name : {"net.ipv4.tcp_nonsense", "tcp_sack", "kernel.hostname", ""}) {
    EXPECT_FALSE(knob_of_sysctl(name, "1")) << name;
  }
  EXPECT_THAT(knob_of_sysctl("net.ipv4.tcp_sack", "7").error(), HasSubstr("0 or 1"));
}

TEST_F(ReferenceTargetTest, ASysctlBeforeAnythingHappensIsAsIfItHadBeenSo) {
  ASSERT_TRUE(target.set_sysctl("net.ipv4.ip_default_ttl", "33"));
  ASSERT_TRUE(target.set_sysctl("net.ipv4.tcp_dsack", "1"));
  EXPECT_EQ(target.stack().network().hop_limit(Family::ipv4), 33);
  EXPECT_FALSE(target.check_sysctl("net.ipv4.ip_default_ttl", "0"));
  EXPECT_FALSE(target.set_sysctl("net.ipv4.ip_default_ttl", "0"));
}

TEST_F(ReferenceTargetTest, ASysctlOfTcpCountsFromThenOn) {
  config.knobs = {{"net.ipv4.tcp_sack", "1"}};
  ASSERT_TRUE(target.reset(config));
  const Fd fd = listening();
  ASSERT_TRUE(target.set_sysctl("net.ipv4.tcp_sack", "0"));
  EXPECT_FALSE(target.stack().network().tcp().config().sack);
  const auto late = target.set_sysctl("net.ipv4.ip_default_ttl", "33");
  ASSERT_FALSE(late);
  EXPECT_THAT(late.error(), HasSubstr("before the first event"));
  EXPECT_GE(established(fd), 0) << "the socket is still there";
  ASSERT_TRUE(target.reset(config));
  EXPECT_TRUE(target.stack().network().tcp().config().sack) << "a reset puts it back";
}

TEST(ReferenceKnobs, TheKeyOfFastOpenIsReadAsLinuxWritesIt) {
  iface::StackConfig config;
  ASSERT_TRUE(apply_knobs({{"tcp_fastopen_key", "a1a1a1a1-b2b2b2b2-c3c3c3c3-0badcafe"}}, config));
  EXPECT_EQ(config.tcp.fast_open_key->k0, 0xb2b2b2b2a1a1a1a1u);
  EXPECT_EQ(config.tcp.fast_open_key->k1, 0x0badcafec3c3c3c3u);
  for (const char* const wrong :
       {"", "1", "a1a1a1a1-b2b2b2b2-c3c3c3c3", "a1a1a1a1-b2b2b2b2-c3c3c3c3-0badcaf",
        "a1a1a1a1-b2b2b2b2-c3c3c3c3-0badcafe-", "a1a1a1a1 b2b2b2b2 c3c3c3c3 0badcafe"}) {
    EXPECT_FALSE(apply_knobs({{"tcp_fastopen_key", wrong}}, config)) << wrong;
  }
}

TEST(ReferenceTraits, AreSortedAndInVirtualTime) {
  const ReferenceTarget target;
  const targets::Traits& traits = target.traits();
  EXPECT_TRUE(std::is_sorted(traits.capabilities.begin(), traits.capabilities.end()));
  EXPECT_EQ(traits.clock, targets::ClockKind::virtual_time);
  EXPECT_TRUE(traits.has("sack"));
}

}  // namespace
}  // namespace packetwright::reference
