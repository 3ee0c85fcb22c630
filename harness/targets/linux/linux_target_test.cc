// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/linux_target.hh"

#include <array>
#include <cerrno>
#include <chrono>
#include <iostream>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/targets/linux/test_frames.hh"
#include "harness/targets/posix_calls.hh"

namespace packetwright::linux_stack {
namespace {

// Before any target asks for another.
const int kPolicyAtFirst = sched_getscheduler(0);

using namespace targets;
using ::testing::HasSubstr;

constexpr std::uint16_t kPort = 8080;

// MLD and IGMP: a stack may announce the groups it listens to whenever it likes.
bool is_group_management(const SentFrame& frame) {
  const std::uint16_t type = load_be16(frame.octets, 12);
  return (type == 0x86dd && frame.octets[14 + 6] == 0) ||
         (type == 0x0800 && frame.octets[14 + 9] == 2);
}

Endpoint any_address(std::uint16_t port) {
  return {IpAddress{}, port};
}

// A target and what a script would do with it.
class Bench {
 public:
  explicit Bench(std::unique_ptr<LinuxTarget> target) : target_(std::move(target)) {
    ends_.config.local6 =
        Prefix{IpAddress::v6({0xfd, 0x3d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}), 48};
    ends_.config.gateway6 = IpAddress::v6({0xfd, 0x3d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2});
    ends_.config.peer6 = IpAddress::v6({0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  }

  LinuxTarget& target() { return *target_; }
  Ends& ends() { return ends_; }
  Config& config() { return ends_.config; }

  std::string reset() {
    const Result<void, targets::ResetError> done = target_->reset(config());
    return done ? "" : done.error().reason;
  }

  void send(const Buffer& packet) {
    target_->inject(target_->traits().ethernet ? ends_.ethernet(0x0800, packet) : packet);
  }
  void send_tcp(std::uint16_t from, std::uint32_t seq, std::uint32_t ack, std::uint8_t flags,
                std::string_view payload = {}) {
    send(ends_.ipv4(6, ends_.tcp(from, kPort, seq, ack, flags, payload)));
  }

  // Everything sent so far; questions for the gateway are answered on the way.
  std::vector<SentFrame> drain() {
    std::vector<SentFrame> all;
    std::vector<SentFrame> some;
    do {
      some.clear();
      target_->drain(some);
      for (const SentFrame& frame : some) {
        if (const auto asked = arp_question(frame)) target_->inject(ends_.arp_reply(*asked));
      }
      all.insert(all.end(), some.begin(), some.end());
    } while (!some.empty());
    return all;
  }
  std::vector<SeenTcp> drain_tcp() {
    std::vector<SeenTcp> seen;
    for (const SentFrame& frame : drain()) {
      if (auto tcp = as_tcp(frame, target_->traits().ethernet)) seen.push_back(std::move(*tcp));
    }
    return seen;
  }

  Fd listen() {
    const CallResult<Fd> fd = target_->socket(Domain::inet, SocketType::stream, Protocol::tcp);
    EXPECT_TRUE(fd.ok());
    EXPECT_TRUE(target_->set_option(*fd, Option::so_reuseaddr, 1).ok());
    EXPECT_TRUE(target_->bind(*fd, any_address(kPort)).ok());
    EXPECT_TRUE(target_->listen(*fd, 5).ok());
    return *fd;
  }

  struct Connection {
    Fd listener = -1, fd = -1;
    std::uint32_t seq = 0, ack = 0;  // what to send next, and to acknowledge
  };
  // The three-way handshake, from the peer's `port`.
  Connection establish(std::uint16_t port) {
    Connection connection;
    connection.listener = listen();
    send_tcp(port, 1000, 0, kSyn);
    const std::vector<SeenTcp> answer = drain_tcp();
    EXPECT_EQ(answer.size(), 1u);
    if (answer.size() != 1) return connection;
    EXPECT_EQ(answer[0].flags, kSyn | kAck);
    EXPECT_EQ(answer[0].ack, 1001u);
    EXPECT_EQ(answer[0].dst, port);
    EXPECT_TRUE(answer[0].checksum_good);
    connection.seq = 1001;
    connection.ack = answer[0].seq + 1;
    send_tcp(port, connection.seq, connection.ack, kAck);
    Endpoint peer;
    const CallResult<Fd> accepted = target_->accept(connection.listener, &peer);
    EXPECT_TRUE(accepted.ok());
    EXPECT_EQ(peer, (Endpoint{config().peer4, port}));
    if (accepted) connection.fd = *accepted;
    return connection;
  }

 private:
  std::unique_ptr<LinuxTarget> target_;
  Ends ends_;
};

// One target for all tests, as a worker has: that is part of what is tested.
Bench* shared_bench(std::string& why_not) {
  static std::string reason;
  static const std::unique_ptr<Bench> bench = []() -> std::unique_ptr<Bench> {
    auto opened = LinuxTarget::open(Medium::veth);
    if (!opened) {
      reason = opened.error();
      return nullptr;
    }
    return std::make_unique<Bench>(std::move(*opened));
  }();
  why_not = reason;
  return bench.get();
}

class LinuxTargetTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string why_not;
    bench_ = shared_bench(why_not);
    if (bench_ == nullptr) GTEST_SKIP() << "no namespaces here: " << why_not;
    config().knobs.clear();
    ASSERT_EQ(bench_->reset(), "");
  }
  LinuxTarget& target() { return bench_->target(); }
  Config& config() { return bench_->config(); }

  Bench* bench_ = nullptr;
};

TEST_F(LinuxTargetTest, SaysWhatItIs) {
  const Traits& traits = target().traits();
  EXPECT_EQ(traits.name, "linux");
  EXPECT_EQ(traits.medium, "veth");
  EXPECT_EQ(traits.clock, ClockKind::real_time);
  EXPECT_TRUE(traits.ethernet);
  EXPECT_TRUE(traits.has("arp"));
  EXPECT_TRUE(std::is_sorted(traits.capabilities.begin(), traits.capabilities.end()));
}

TEST_F(LinuxTargetTest, HandshakeDataAndReplyAreAnsweredAtOnce) {
  Bench::Connection c = bench_->establish(40001);
  EXPECT_EQ(target().read(c.fd, 100, {}).error(), EAGAIN);
  bench_->send_tcp(40001, c.seq, c.ack, kPsh | kAck, "hello");
  const CallResult<Received> got = target().read(c.fd, 100, {});
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(got->octets, (Buffer{'h', 'e', 'l', 'l', 'o'}));
  EXPECT_FALSE(got->from);
  bench_->drain();  // its acknowledgement, if it was not delayed
  const Buffer reply = {'w', 'o', 'r', 'l', 'd', '!'};
  const CallResult<std::size_t> sent = target().write(c.fd, reply, {}, nullptr);
  ASSERT_TRUE(sent.ok());
  EXPECT_EQ(*sent, 6u);
  const std::vector<SeenTcp> data = bench_->drain_tcp();
  ASSERT_EQ(data.size(), 1u);
  EXPECT_EQ(data[0].payload, reply);
  EXPECT_EQ(data[0].seq, c.ack);
  EXPECT_EQ(data[0].ack, c.seq + 5);
}

TEST_F(LinuxTargetTest, SegmentsLeaveInWireSize) {
  Bench::Connection c = bench_->establish(40002);
  ASSERT_TRUE(target().write(c.fd, Buffer(4000, 'x'), {}, nullptr).ok());
  const std::vector<SeenTcp> data = bench_->drain_tcp();
  ASSERT_EQ(data.size(), 8u);  // the default MSS of 536 (RFC 9293, 3.7.1): no option was sent
  for (const SeenTcp& segment : data) {
    EXPECT_LE(segment.payload.size(), 536u);
    EXPECT_TRUE(segment.checksum_good);
  }
}

TEST_F(LinuxTargetTest, FinIsTheEndOfTheStream) {
  Bench::Connection c = bench_->establish(40003);
  bench_->send_tcp(40003, c.seq, c.ack, kFin | kAck);
  const CallResult<Received> end = target().read(c.fd, 100, {});
  ASSERT_TRUE(end.ok());
  EXPECT_TRUE(end->octets.empty());
  EXPECT_EQ(target().tcp_status(c.fd)->state, TcpState::close_wait);
  ASSERT_TRUE(target().poll(c.fd).ok());
  EXPECT_TRUE(target().poll(c.fd)->readable);
}

TEST_F(LinuxTargetTest, StateAndCountersAreTold) {
  Bench::Connection c = bench_->establish(40004);
  EXPECT_EQ(target().tcp_status(c.listener)->state, TcpState::listen);
  const CallResult<TcpStatus> status = target().tcp_status(c.fd);
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(status->state, TcpState::established);
  EXPECT_EQ(status->counters.at("cwnd"), 10);  // RFC 6928, 2
  EXPECT_EQ(status->counters.at("unacked"), 0);
  ASSERT_TRUE(target().write(c.fd, Buffer{1, 2, 3}, {}, nullptr).ok());
  const TcpStatus after = *target().tcp_status(c.fd);
  EXPECT_EQ(after.counters.at("unacked"), 1);
  EXPECT_EQ(after.counters.at("send_q"), 3);
  EXPECT_EQ(after.counters.at("recv_q"), 0);
  EXPECT_EQ(after.counters.at("timestamps"), 0);  // the handshake had no options
}

TEST_F(LinuxTargetTest, StateIsToldEvenWhenTheSocketHasLostIt) {
  Bench::Connection c = bench_->establish(40005);
  ASSERT_TRUE(target().shutdown(c.fd, ShutdownHow::both).ok());
  EXPECT_EQ(target().tcp_status(c.fd)->state, TcpState::fin_wait_1);
  bench_->send_tcp(40005, c.seq, c.ack + 1, kAck);
  EXPECT_EQ(target().tcp_status(c.fd)->state, TcpState::fin_wait_2);
  bench_->send_tcp(40005, c.seq, c.ack + 1, kFin | kAck);
  EXPECT_EQ(target().tcp_status(c.fd)->state, TcpState::time_wait);
  ASSERT_TRUE(target().close(c.fd).ok());
  EXPECT_EQ(target().tcp_status(c.fd)->state, TcpState::time_wait);
  EXPECT_EQ(target().tcp_status(c.listener)->state, TcpState::listen);
}

TEST_F(LinuxTargetTest, StateOfAClosedDescriptorIsThatOfItsConnection) {
  Bench::Connection c = bench_->establish(40006);
  ASSERT_TRUE(target().close(c.fd).ok());
  EXPECT_EQ(target().tcp_status(c.fd)->state, TcpState::fin_wait_1);
  bench_->send_tcp(40006, c.seq, c.ack, kRst);
  EXPECT_EQ(target().tcp_status(c.fd)->state, TcpState::closed);
}

TEST_F(LinuxTargetTest, ConnectStartsWithTheChosenSequenceNumber) {
  for (const std::uint32_t isn : {0xfffffff0U, 7U}) {
    const CallResult<Fd> fd = target().socket(Domain::inet, SocketType::stream, Protocol::tcp);
    ASSERT_TRUE(fd.ok());
    ASSERT_TRUE(target().set_isn(*fd, isn).ok());
    EXPECT_EQ(target().connect(*fd, {config().peer4, 80}).error(), EINPROGRESS);
    const std::vector<SeenTcp> syn = bench_->drain_tcp();
    ASSERT_EQ(syn.size(), 1u);
    EXPECT_EQ(syn[0].flags, kSyn);
    EXPECT_EQ(syn[0].seq, isn);
    EXPECT_FALSE(target().poll(*fd)->writable);
  }
}

TEST_F(LinuxTargetTest, RefusedConnectIsTold) {
  const CallResult<Fd> fd = target().socket(Domain::inet, SocketType::stream, Protocol::tcp);
  EXPECT_EQ(target().connect(*fd, {config().peer4, 80}).error(), EINPROGRESS);
  const std::vector<SeenTcp> syn = bench_->drain_tcp();
  ASSERT_EQ(syn.size(), 1u);
  bench_->send(
      bench_->ends().ipv4(6, bench_->ends().tcp(80, syn[0].src, 0, syn[0].seq + 1, kRst | kAck)));
  EXPECT_TRUE(target().poll(*fd)->error);
  EXPECT_EQ(*target().get_option(*fd, Option::so_error), ECONNREFUSED);
}

TEST_F(LinuxTargetTest, DatagramsComeWithTheirSender) {
  const CallResult<Fd> fd = target().socket(Domain::inet, SocketType::datagram, Protocol::udp);
  ASSERT_TRUE(target().bind(*fd, any_address(9)).ok());
  bench_->send(bench_->ends().ipv4(17, bench_->ends().udp(5000, 9, "ping")));
  const CallResult<Received> got = target().read(*fd, 100, {});
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(got->octets, (Buffer{'p', 'i', 'n', 'g'}));
  EXPECT_EQ(got->from, (Endpoint{config().peer4, 5000}));
  const Endpoint to{config().peer4, 5000};
  ASSERT_TRUE(target().write(*fd, Buffer{'p', 'o', 'n', 'g'}, {}, &to).ok());
  const std::vector<SentFrame> sent = bench_->drain();
  ASSERT_FALSE(sent.empty());
  const Bytes last = sent.back().octets;
  ASSERT_EQ(last.size(), 14u + 20 + 8 + 4);
  EXPECT_EQ(load_be16(last, 14 + 20 + 2), 5000);
  EXPECT_EQ(last[42], 'p');
}

TEST_F(LinuxTargetTest, NeighboursAreAskedForAgainAfterAReset) {
  for (int round = 0; round < 2; ++round) {
    ASSERT_EQ(bench_->reset(), "");
    bench_->listen();
    bench_->send_tcp(static_cast<std::uint16_t>(40010 + round), 1, 0, kSyn);
    std::vector<SentFrame> sent;
    target().drain(sent);
    std::erase_if(sent, [](const SentFrame& frame) { return !arp_question(frame); });
    ASSERT_EQ(sent.size(), 1u) << "round " << round;
    EXPECT_EQ(*arp_question(sent[0]), config().gateway4);
  }
}

TEST_F(LinuxTargetTest, AnswersArpForItsOwnAddress) {
  Buffer request = {0, 1, 8, 0, 6, 4, 0, 1};
  append(request, config().peer_mac.octets);
  append(request, config().gateway4.octets());
  append(request, MacAddress{}.octets);
  append(request, config().local4.address.octets());
  target().inject(bench_->ends().ethernet(0x0806, request));
  std::vector<SentFrame> sent;
  target().drain(sent);
  std::erase_if(sent, is_group_management);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(load_be16(sent[0].octets, 20), 2);  // a reply
  const Bytes sender = Bytes{sent[0].octets}.subspan(22, 6);
  EXPECT_TRUE(std::equal(sender.begin(), sender.end(), config().local_mac.octets.begin()));
}

TEST_F(LinuxTargetTest, Ipv6IsAnsweredThroughItsOwnNeighbourDiscovery) {
  if (!target().traits().has("ipv6")) GTEST_SKIP() << "this kernel has no IPv6";
  const Buffer echo_request = {128, 0, 0, 0, 0, 7, 0, 1, 'p', 'i', 'n', 'g'};
  target().inject(bench_->ends().icmpv6(config().peer6, 64, echo_request));
  std::vector<SentFrame> sent;
  target().drain(sent);
  std::erase_if(sent, [](const SentFrame& frame) { return as_icmpv6(frame).empty(); });
  ASSERT_EQ(sent.size(), 1u);
  const Bytes solicitation = as_icmpv6(sent[0]);
  ASSERT_EQ(solicitation[0], 135);
  const IpAddress asked = IpAddress::from_octets(solicitation.subspan(8, 16));
  EXPECT_EQ(asked, config().gateway6);

  Buffer advertisement = {136, 0, 0, 0, 0x60, 0, 0, 0};  // solicited, override
  append(advertisement, asked.octets());
  append(advertisement, Buffer{2, 1});  // target link-layer address
  append(advertisement, config().peer_mac.octets);
  target().inject(bench_->ends().icmpv6(asked, 255, advertisement));
  sent.clear();
  target().drain(sent);
  std::erase_if(sent, [](const SentFrame& frame) { return as_icmpv6(frame).empty(); });
  ASSERT_EQ(sent.size(), 1u);
  const Bytes reply = as_icmpv6(sent[0]);
  EXPECT_EQ(reply[0], 129);
  EXPECT_EQ(reply.size(), echo_request.size());
}

TEST_F(LinuxTargetTest, IsQuietWhenLeftAlone) {
  target().advance_to(target().now() + 300ms, false);
  std::vector<SentFrame> sent;
  target().drain(sent);
  // Joining multicast groups is announced; that is all that may be heard.
  for (const SentFrame& frame : sent) {
    EXPECT_TRUE(is_group_management(frame)) << "ethertype " << load_be16(frame.octets, 12);
  }
}

TEST_F(LinuxTargetTest, InjectedFramesAreNotHeardAgain) {
  const Buffer nonsense(200, 0x5a);
  target().inject(bench_->ends().ethernet(0x88b5, nonsense));
  target().inject(bench_->ends().ethernet(0x0800, nonsense));
  target().inject(Buffer{1, 2, 3});   // no Ethernet header: cannot be sent at all
  target().inject(Buffer(60000, 0));  // far beyond the MTU
  std::vector<SentFrame> sent;
  target().drain(sent);
  std::erase_if(sent, is_group_management);
  EXPECT_TRUE(sent.empty());
}

TEST_F(LinuxTargetTest, RetransmissionComesInItsTime) {
  Bench::Connection c = bench_->establish(40020);
  ASSERT_TRUE(target().write(c.fd, Buffer{'x'}, {}, nullptr).ok());
  const std::vector<SeenTcp> first = bench_->drain_tcp();
  ASSERT_EQ(first.size(), 1u);
  std::vector<SeenTcp> again;
  while (again.empty() && target().now() < first[0].at + 1s) {
    target().advance_to(first[0].at + 1s, true);  // something else may be sent first
    again = bench_->drain_tcp();
  }
  const Instant woke = target().now();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].seq, first[0].seq);
  const Duration rto = again[0].at - first[0].at;
  EXPECT_GE(rto, 190ms);  // Linux: at least 200 ms and a tail loss probe a little before
  EXPECT_LE(rto, 400ms);
  EXPECT_GE(woke, again[0].at);  // stamped when sent, not when looked at
}

TEST_F(LinuxTargetTest, TimeIsCountedFromTheReset) {
  target().advance_to(target().now() + 30ms, false);
  EXPECT_GE(target().now(), instant_at(30'000'000));
  ASSERT_EQ(bench_->reset(), "");
  EXPECT_LT(target().now(), instant_at(20'000'000));
  const Instant before = target().now();
  target().advance_to(instant_at(0), false);  // in the past
  EXPECT_LT(target().now() - before, 20ms);
}

TEST_F(LinuxTargetTest, FramesCarryTheTimeOfTheirSending) {
  bench_->listen();
  bench_->send_tcp(40030, 1, 0, kSyn);
  const Instant sent_by = target().now();
  target().advance_to(sent_by + 50ms, false);
  const std::vector<SentFrame> frames = bench_->drain();
  ASSERT_FALSE(frames.empty());
  EXPECT_LE(frames[0].at, sent_by);
  EXPECT_GE(frames[0].at, instant_at(0));
}

TEST_F(LinuxTargetTest, KnobsHoldForOneCase) {
  const auto options_of_syn = [&] {
    const CallResult<Fd> fd = target().socket(Domain::inet, SocketType::stream, Protocol::tcp);
    static_cast<void>(target().connect(*fd, {config().peer4, 80}));
    std::size_t size = 0;
    for (const SentFrame& frame : bench_->drain()) {
      if (as_tcp(frame)) size = (frame.octets[14 + 20 + 12] >> 4) * std::size_t{4} - 20;
    }
    return size;
  };
  EXPECT_EQ(options_of_syn(), 20u);  // MSS, SACK permitted, timestamps, NOP, window scale
  config().knobs = {
      {"tcp_timestamps", "0"}, {"tcp_sack", "0"}, {"net.ipv4.tcp_window_scaling", "0"}};
  ASSERT_EQ(bench_->reset(), "");
  EXPECT_EQ(options_of_syn(), 4u);  // MSS
  config().knobs.clear();
  ASSERT_EQ(bench_->reset(), "");
  EXPECT_EQ(options_of_syn(), 20u);
}

// Which algorithms there are, and which of them a namespace may have, is up to the machine.
TEST_F(LinuxTargetTest, AValueThatTheMachineDoesNotAllowIsUnsupported) {
  config().knobs = {{"tcp_congestion_control", "no_such"}};
  const Result<void, targets::ResetError> refused = bench_->target().reset(config());
  config().knobs = {{"tcp_sack", "banana"}};
  const Result<void, targets::ResetError> wrong = bench_->target().reset(config());
  config().knobs.clear();
  ASSERT_EQ(bench_->reset(), "");
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().reason, HasSubstr("tcp_congestion_control = no_such"));
  EXPECT_TRUE(refused.error().unsupported);
  ASSERT_FALSE(wrong.ok());
  EXPECT_FALSE(wrong.error().unsupported);
}

TEST_F(LinuxTargetTest, UnknownKnobsAreErrors) {
  config().knobs = {{"tcp_no_such_thing", "1"}};
  EXPECT_THAT(bench_->reset(), HasSubstr("tcp_no_such_thing"));
  config().knobs = {{"../../kernel/hostname", "x"}};
  EXPECT_THAT(bench_->reset(), HasSubstr("no setting"));
  config().knobs = {{"net.ipv4.tcp_sack", "banana"}};
  EXPECT_THAT(bench_->reset(), HasSubstr("tcp_sack"));
  config().knobs = {{"tun", "maybe"}};
  EXPECT_THAT(bench_->reset(), HasSubstr("0 or 1"));
  config().knobs.clear();
  EXPECT_EQ(bench_->reset(), "");
}

TEST_F(LinuxTargetTest, NothingOfACaseIsLeftForTheNext) {
  // A connection in every way of being unfinished, all on the same port.
  Bench::Connection c = bench_->establish(40040);
  ASSERT_TRUE(target().write(c.fd, Buffer{'x'}, {}, nullptr).ok());  // never acknowledged
  ASSERT_TRUE(target().close(c.fd).ok());                            // and now an orphan
  bench_->send_tcp(40041, 1, 0, kSyn);                               // half open
  const Bench::Connection second = [&] {
    Bench::Connection other;
    bench_->send_tcp(40042, 500, 0, kSyn);
    for (const SeenTcp& answer : bench_->drain_tcp()) {
      if (answer.dst == 40042) other.ack = answer.seq + 1;
    }
    bench_->send_tcp(40042, 501, other.ack, kAck);  // waits to be accepted
    return other;
  }();
  EXPECT_NE(second.ack, 0u);

  ASSERT_EQ(bench_->reset(), "");
  std::vector<SentFrame> sent;
  target().drain(sent);
  std::erase_if(sent, is_group_management);
  EXPECT_TRUE(sent.empty());
  // Longer than the first retransmissions would take.
  target().advance_to(target().now() + 450ms, false);
  EXPECT_TRUE(bench_->drain_tcp().empty());
  // And the port is free, though one side closed actively.
  const CallResult<Fd> fd = target().socket(Domain::inet, SocketType::stream, Protocol::tcp);
  EXPECT_TRUE(target().bind(*fd, any_address(kPort)).ok());
}

TEST_F(LinuxTargetTest, HalfADatagramIsNotCompletedByALaterCase) {
  constexpr std::uint16_t kMoreFragments = 0x2000;
  const auto fragment = [this](Bytes part, std::size_t offset, std::uint16_t flags) {
    Buffer packet = bench_->ends().ipv4(17, part);
    store_be16(packet, 4, 7);  // identification
    store_be16(packet, 6, static_cast<std::uint16_t>(offset / 8 | flags));
    store_be16(packet, 10, 0);
    store_be16(packet, 10, internet_checksum({packet.begin(), packet.begin() + 20}));
    return packet;
  };
  const auto bound = [this] {
    const CallResult<Fd> fd = target().socket(Domain::inet, SocketType::datagram, Protocol::udp);
    EXPECT_TRUE(target().bind(*fd, any_address(kPort)).ok());
    return *fd;
  };
  const Buffer whole = bench_->ends().udp(40048, kPort, "12345678");
  const Buffer first = fragment(Bytes{whole}.first(8), 0, kMoreFragments);
  const Buffer second = fragment(Bytes{whole}.subspan(8), 8, 0);

  Fd fd = bound();
  bench_->send(first);
  bench_->send(second);
  EXPECT_TRUE(target().read(fd, 100, {}).ok()) << "the halves do belong together";
  bench_->send(first);
  ASSERT_EQ(bench_->reset(), "");
  fd = bound();
  bench_->send(second);
  EXPECT_EQ(target().read(fd, 100, {}).error(), EAGAIN);
}

TEST_F(LinuxTargetTest, StrongResetIsANewNamespace) {
  Bench::Connection c = bench_->establish(40050);
  ASSERT_TRUE(target().reset_strongly(config()).ok());
  EXPECT_EQ(target().read(c.fd, 1, {}).error(), EBADF);
  bench_->establish(40050);  // the very same ports
  EXPECT_EQ(target().traits().medium, "veth");
}

// Devices and addresses come up on the kernel's own account; nothing may be lost to that.
TEST_F(LinuxTargetTest, NewNamespaceAnswersItsFirstPacket) {
  const bool six = target().traits().has("ipv6");
  for (int round = 0; round < 15; ++round) {
    ASSERT_TRUE(target().reset_strongly(config()).ok());
    if (six && round % 2 == 0) {
      target().inject(bench_->ends().icmpv6(config().peer6, 64, {128, 0, 0, 0, 0, 7, 0, 1}));
      std::vector<SentFrame> sent;
      target().drain(sent);
      std::erase_if(sent, [](const SentFrame& frame) { return as_icmpv6(frame).empty(); });
      EXPECT_EQ(sent.size(), 1u) << round;
    } else {
      bench_->establish(40055);
    }
  }
}

TEST_F(LinuxTargetTest, OtherAddressesAreTakenUp) {
  config().local4 = Prefix{IpAddress::v4(10, 1, 2, 3), 24};
  config().gateway4 = IpAddress::v4(10, 1, 2, 1);
  ASSERT_EQ(bench_->reset(), "");
  bench_->establish(40060);
  config().local4 = Config{}.local4;
  config().gateway4 = Config{}.gateway4;
  ASSERT_EQ(bench_->reset(), "");
  bench_->establish(40061);
}

TEST_F(LinuxTargetTest, DescriptorsOfTheHarnessAreOutOfReach) {
  for (const Fd fd : {0, 1, 2, 3, 5, 1000, -1}) {
    EXPECT_EQ(target().close(fd).error(), EBADF) << fd;
    EXPECT_EQ(target().read(fd, 10, {}).error(), EBADF) << fd;
    EXPECT_EQ(target().tcp_status(fd).error(), EBADF) << fd;
  }
}

TEST_F(LinuxTargetTest, OptionsAreSetAndRead) {
  const CallResult<Fd> fd = target().socket(Domain::inet, SocketType::stream, Protocol::tcp);
  const std::pair<Option, std::int64_t> options[] = {
      {Option::so_keepalive, 1},   {Option::so_linger, 7},       {Option::so_linger, -1},
      {Option::so_oobinline, 1},   {Option::ip_ttl, 33},         {Option::ip_tos, 0x10},
      {Option::tcp_nodelay, 1},    {Option::tcp_maxseg, 1000},   {Option::tcp_keepidle, 11},
      {Option::tcp_keepintvl, 12}, {Option::tcp_keepcnt, 3},     {Option::tcp_user_timeout, 4567},
      {Option::tcp_syncnt, 2},     {Option::ip_mtu_discover, 2}, {Option::so_reuseaddr, 1},
  };
  for (const auto& [option, value] : options) {
    ASSERT_TRUE(target().set_option(*fd, option, value).ok()) << static_cast<int>(option);
    if (option == Option::tcp_maxseg) continue;  // reads the one in force, which is none yet
    const CallResult<std::int64_t> read = target().get_option(*fd, option);
    ASSERT_TRUE(read.ok()) << static_cast<int>(option);
    EXPECT_EQ(*read, value) << static_cast<int>(option);
  }
  EXPECT_EQ(target().get_option(*fd, Option::ip_mtu).error(), ENOTCONN);
  const CallResult<Fd> six = target().socket(Domain::inet6, SocketType::stream, Protocol::tcp);
  ASSERT_TRUE(target().set_option(*six, Option::ipv6_v6only, 1).ok());
  EXPECT_EQ(*target().get_option(*six, Option::ipv6_v6only), 1);
}

TEST_F(LinuxTargetTest, MappedAddressesServeIpv6Sockets) {
  const CallResult<Fd> fd = target().socket(Domain::inet6, SocketType::datagram, Protocol::udp);
  ASSERT_TRUE(target().bind(*fd, any_address(9)).ok());
  bench_->send(bench_->ends().ipv4(17, bench_->ends().udp(5000, 9, "x")));
  const CallResult<Received> got = target().read(*fd, 100, {});
  ASSERT_TRUE(got.ok());
  ASSERT_TRUE(got->from);
  EXPECT_TRUE(got->from->address.is_v6());
  EXPECT_EQ(got->from->address.octets()[10], 0xff);
  EXPECT_EQ(got->from->address.octets()[15], config().peer4.octets()[3]);
}

TEST_F(LinuxTargetTest, LingeringCloseDoesNotWait) {
  Bench::Connection c = bench_->establish(40070);
  ASSERT_TRUE(target().set_option(c.fd, Option::so_linger, 10).ok());
  const Instant before = target().now();
  ASSERT_TRUE(target().close(c.fd).ok());
  EXPECT_LT(target().now() - before, 1s);
  const std::vector<SeenTcp> sent = bench_->drain_tcp();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].flags, kFin | kAck);
}

TEST_F(LinuxTargetTest, TunnelCarriesBarePackets) {
  config().knobs = {{"tun", "1"}};
  const std::string refused = bench_->reset();
  if (!refused.empty()) {
    config().knobs.clear();
    EXPECT_THAT(refused, HasSubstr("/dev/net/tun"));
    GTEST_SKIP() << refused;
  }
  EXPECT_EQ(target().traits().medium, "tun");
  EXPECT_FALSE(target().traits().ethernet);
  EXPECT_FALSE(target().traits().has("arp"));
  Bench::Connection c = bench_->establish(40080);
  ASSERT_TRUE(target().write(c.fd, Buffer{'x'}, {}, nullptr).ok());
  const std::vector<SeenTcp> data = bench_->drain_tcp();
  ASSERT_EQ(data.size(), 1u);
  EXPECT_EQ(data[0].payload, Buffer{'x'});
  EXPECT_TRUE(data[0].checksum_good);
  EXPECT_TRUE(bench_->drain().empty());  // what we inject is not heard again
  // Far more packets than the tunnel's own queue holds (500); none may be lost or slowed down.
  const CallResult<Fd> fd = target().socket(Domain::inet, SocketType::datagram, Protocol::udp);
  const Endpoint to{config().peer4, 5000};
  std::size_t heard = 0;
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(target().write(*fd, Buffer{'x'}, {}, &to).ok());
    heard += bench_->drain().size();
  }
  EXPECT_EQ(heard, 2000u);
  config().knobs.clear();
  ASSERT_EQ(bench_->reset(), "");
  EXPECT_EQ(target().traits().medium, "veth");
}

TEST_F(LinuxTargetTest, CommandsLastUntilTheReset) {
  PosixCalls* const posix = target().posix();
  ASSERT_NE(posix, nullptr);
  const auto set =
      posix->shell("echo 0 > /proc/sys/net/ipv4/tcp_sack && cat /proc/sys/net/ipv4/tcp_sack");
  ASSERT_TRUE(set.ok());
  EXPECT_EQ(set->output, "0\n");
  ASSERT_EQ(bench_->reset(), "");
  EXPECT_EQ(posix->shell("cat /proc/sys/net/ipv4/tcp_sack")->output, "1\n");
}

TEST_F(LinuxTargetTest, RunsPromptlyWhereThatIsPermitted) {
  const int policy = sched_getscheduler(0);
  const sched_param priority{1};
  if (sched_setscheduler(0, SCHED_RR, &priority) != 0) GTEST_SKIP() << "it is not permitted";
  EXPECT_EQ(policy, SCHED_RR);
  ASSERT_TRUE(target().reset_strongly(config()).ok());
  EXPECT_EQ(sched_getscheduler(0), SCHED_RR) << "a new namespace is made without hurry, but then";
}

// Real-time priority is for the harness; what it starts may run for long.
TEST_F(LinuxTargetTest, CommandsRunAtThePriorityOfWhoStartedUs) {
  const auto shown = target().posix()->shell("sed -n 's/^policy *: *//p' /proc/self/sched");
  ASSERT_TRUE(shown.ok());
  if (shown->output.empty()) GTEST_SKIP() << "this kernel does not show policies";
  EXPECT_EQ(shown->output, std::to_string(kPolicyAtFirst) + "\n");
}

TEST_F(LinuxTargetTest, BlockingAcceptEndsWithTheHandshake) {
  const Fd listener = bench_->listen();
  PosixCalls* const posix = target().posix();
  const auto token = posix->start("accept", {{std::int64_t{listener}}, {}, {}});
  ASSERT_TRUE(token.ok());
  EXPECT_FALSE(posix->finish(*token));
  bench_->send_tcp(40090, 1, 0, kSyn);
  const std::vector<SeenTcp> answer = bench_->drain_tcp();
  ASSERT_EQ(answer.size(), 1u);
  EXPECT_FALSE(posix->finish(*token));
  bench_->send_tcp(40090, 2, answer[0].seq + 1, kAck);
  const auto outcome = posix->finish(*token);
  ASSERT_TRUE(outcome);
  ASSERT_GE(outcome->result, 0);
  EXPECT_EQ(target().tcp_status(static_cast<Fd>(outcome->result))->state, TcpState::established);
  // A reset ends a call that blocks.
  ASSERT_TRUE(posix->start("accept", {{std::int64_t{listener}}, {}, {}}).ok());
  ASSERT_EQ(bench_->reset(), "");
}

TEST_F(LinuxTargetTest, ManyResetsAreFast) {
  const auto start = std::chrono::steady_clock::now();
  constexpr int kRounds = 200;
  for (int round = 0; round < kRounds; ++round) {
    ASSERT_EQ(bench_->reset(), "");
    bench_->establish(static_cast<std::uint16_t>(42000 + round));
    if (HasFailure()) break;
  }
  const auto took = std::chrono::steady_clock::now() - start;
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  RecordProperty("us_per_case", static_cast<int>(us / kRounds));
  std::cout << "reset and handshake: " << us / kRounds << " us\n";
  EXPECT_LT(us / kRounds, 20'000);
}

// Runs some of these tests again as a user without any rights, in a process of its own.
TEST_F(LinuxTargetTest, WorksWithoutRoot) {
  if (geteuid() != 0) GTEST_SKIP() << "the whole test is";
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    const bool dropped = setgroups(0, nullptr) == 0 && setgid(kNobody) == 0 && setuid(kNobody) == 0;
    if (dropped) {
      execl("/proc/self/exe", "linux_test",
            "--gtest_filter=*HandshakeDataAndReply*:*Datagrams*:*Knobs*:*NothingOfACase*",
            static_cast<char*>(nullptr));
    }
    _exit(77);
  }
  ::close(ends[1]);
  std::string output;
  std::array<char, 4096> chunk;
  while (true) {
    const ssize_t got = read(ends[0], chunk.data(), chunk.size());
    if (got <= 0) break;
    output.append(chunk.data(), static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (output.find("no namespaces here") != std::string::npos) GTEST_SKIP() << output;
  EXPECT_EQ(status, 0) << output;
  EXPECT_THAT(output, HasSubstr("[  PASSED  ] 5 tests"));
}

}  // namespace
}  // namespace packetwright::linux_stack
