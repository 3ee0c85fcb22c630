// SPDX-License-Identifier: Apache-2.0
#include <cerrno>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <unistd.h>

#include "harness/engine/run_for_test.hh"
#include "harness/targets/guarded_memory.hh"
#include "harness/targets/isolation/probe.hh"
#include "harness/targets/packetdrill_so/abilities.hh"
#include "harness/targets/packetdrill_so/packetdrill_so_target.hh"

// The reference stack behind packetdrill's plug-in interface (examples/packetdrill_so), and
// plug-ins that break it.
namespace packetwright::packetdrill_so {
namespace {

using engine::Status;
using targets::ClockKind;
using targets::Domain;
using targets::Protocol;
using targets::SocketType;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

const std::string kReference = std::string{"packetdrill-so:"} + PW_REFERENCE_PLUGIN;
const std::string kMisbehaving = std::string{"packetdrill-so:"} + PW_MISBEHAVING_PLUGIN + ",";

std::unique_ptr<PacketdrillSoTarget> opened(const std::string& name) {
  auto target = PacketdrillSoTarget::open(name);
  if (!target) ADD_FAILURE() << target.error();
  return target ? std::move(*target) : nullptr;
}

// A target to read from, with a socket open at descriptor 0.
struct OneSocket {
  explicit OneSocket(const std::string& fault) : target(opened(kMisbehaving + fault)) {
    fd = target->socket(Domain::inet, SocketType::stream, Protocol::tcp).value();
  }
  std::unique_ptr<PacketdrillSoTarget> target;
  targets::Fd fd = -1;
};

// --- the reference stack as a plug-in

const std::string kEstablished =
    "0   socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
    "+0  bind(3, ..., ...) = 0\n"
    "+0  listen(3, 1) = 0\n"
    "+0  < S 0:0(0) win 32792 <mss 1000,nop,wscale 7>\n"
    "+0  > S. 0:0(0) ack 1 <...>\n"
    "+.1 < . 1:1(0) ack 1 win 257\n"
    "+0  accept(3, ..., ...) = 4\n";

TEST(PacketdrillSo, FindsTheClockAndWhatTheStackCanDo) {
  const auto target = opened(kReference);
  const targets::Traits& traits = target->traits();
  EXPECT_EQ(traits.clock, ClockKind::virtual_time);
  EXPECT_EQ(traits.tick, Duration{0});
  EXPECT_FALSE(traits.ethernet);
  EXPECT_THAT(
      traits.capabilities,
      IsSupersetOf({"ecn", "frags", "icmp", "ipv4", "ipv4_mapped_ipv6", "ipv6", "iw10", "keepalive",
                    "posix", "sack", "tcp", "tcp_info", "tcp_state", "timestamps", "udp", "urgent",
                    "user_timeout", "virtual_time", "wscale"}));
  EXPECT_THAT(traits.capabilities, IsSupersetOf({"dsack", "rfc5961"}));
  EXPECT_THAT(traits.capabilities, Not(Contains("arp")));
  EXPECT_THAT(traits.capabilities, Not(Contains("raw")));
  EXPECT_THAT(traits.capabilities, Not(Contains("seed")));
  EXPECT_TRUE(traits.notes.empty()) << traits.notes.front();
}

TEST(PacketdrillSo, FindsWhatFlagsTakeAway) {
  const auto target = opened(kReference + ",tcp_sack=0,seed={seed}");
  EXPECT_FALSE(target->traits().has("sack"));
  EXPECT_FALSE(target->traits().has("dsack"));
  EXPECT_TRUE(target->traits().has("timestamps"));
  EXPECT_TRUE(target->traits().has("seed"));
}

TEST(PacketdrillSo, RunsBothKindsOfScripts) {
  const auto target = opened(kReference);
  const std::string text = kEstablished +
                           "+0  write(4, ..., 1000) = 1000\n"
                           "+0  > P. 1:1001(1000) ack 1\n"
                           "+.1 < . 1:1(0) ack 1001 win 257\n"
                           "+0  close(4) = 0\n"
                           "+0  > F. 1001:1001(0) ack 1\n"
                           "+.1 < R. 1:1(0) ack 1002 win 257\n";
  const engine::Outcome plain = engine::run_text(text, *target);
  EXPECT_EQ(plain.status, Status::passed) << engine::failure_text(plain);
  const engine::Outcome strict = engine::run_strict(text, *target);
  EXPECT_EQ(strict.status, Status::passed) << engine::failure_text(strict);
  EXPECT_EQ(strict.alive, engine::Alive::yes);
}

TEST(PacketdrillSo, TimersAreExactAndCostNothing) {
  const auto target = opened(kReference);
  const engine::Outcome outcome = engine::run_strict(kEstablished +
                                                         "+0    write(4, ..., 100) = 100\n"
                                                         "+0    > P. 1:101(100) ack 1\n"
                                                         "+0    ignore 3700\n"
                                                         "+0    = state(4) CLOSED\n",
                                                     *target);
  EXPECT_EQ(outcome.status, Status::passed) << engine::failure_text(outcome);
  EXPECT_GE(outcome.target_time, 3700s);
}

TEST(PacketdrillSo, AMissingPacketIsAFailureAndNotAHang) {
  const auto target = opened(kReference);
  const engine::Outcome outcome =
      engine::run_text(kEstablished + "*   > P. 1:1001(1000) ack 1\n", *target);
  EXPECT_EQ(outcome.status, Status::failed);
}

TEST(PacketdrillSo, CallsBlockWithoutThreads) {
  const auto target = opened(kReference);
  const engine::Outcome outcome =
      engine::run_text(kEstablished +
                           "+0...0.2 read(4, ..., 1000) = 500\n"
                           "+.2  < P. 1:501(500) ack 1 win 257\n"
                           "+0   > . 1:1(0) ack 501\n"
                           "+0...0.1 connect(4, ..., ...) = -1 EISCONN (it is)\n",
                       *target);
  EXPECT_EQ(outcome.mismatches.size(), 1u) << "the connect() does not block that long";
  EXPECT_EQ(outcome.reason_line, 11u) << engine::failure_text(outcome);
}

TEST(PacketdrillSo, ABlockingWriteTakesEverything) {
  const auto target = opened(kReference);
  const engine::Outcome outcome = engine::run_text(
      "//: set tcp_wmem 4000\n" + kEstablished + "+0...0.1 write(4, ..., 6000) = 6000\n", *target);
  // The knob has nowhere to go: the flags of this target have no {knobs}.
  EXPECT_EQ(outcome.status, Status::error);
  EXPECT_THAT(outcome.reason, HasSubstr("tcp_wmem"));
  const auto told = opened(kReference + ",{knobs}");
  const engine::Outcome waits = engine::run_text("//: set tcp_wmem 4000\n" + kEstablished +
                                                     "+0...0.1 write(4, ..., 6000) = 6000\n"
                                                     "+0  > . 1:1001(1000) ack 1\n"
                                                     "+0  > . 1001:2001(1000) ack 1\n"
                                                     "+0  > . 2001:3001(1000) ack 1\n"
                                                     "+0  > P. 3001:4001(1000) ack 1\n"
                                                     "+.1 < . 1:1(0) ack 4001 win 257\n",
                                                 *told, [] {
                                                   engine::RunOptions options;
                                                   options.mode = engine::Mode::packetdrill;
                                                   return options;
                                                 }());
  EXPECT_EQ(waits.status, Status::passed) << engine::failure_text(waits);
}

TEST(PacketdrillSo, SnippetsSeeTheCountersOfThePlugin) {
  const auto target = opened(kReference);
  const auto script = [](const char* cwnd) {
    return kEstablished + "+0 %{ assert tcpi_snd_cwnd == " + cwnd +
           " and tcpi_state == 1, tcpi_snd_cwnd }%\n";
  };
  const engine::Outcome right = engine::run_text(script("10"), *target);
  EXPECT_EQ(right.status, Status::passed) << engine::failure_text(right);
  const engine::Outcome wrong = engine::run_text(script("11"), *target);
  EXPECT_THAT(wrong.reason, HasSubstr("AssertionError: 10"));
}

TEST(PacketdrillSo, ACaseTellsItsAddressesByTheFlags) {
  const std::string script = "--local_ip=192.168.77.1\n" + kEstablished;
  const auto deaf = opened(kReference);
  EXPECT_EQ(engine::run_text(script, *deaf).status, Status::failed);
  const auto told = opened(kReference + ",local4={local4},gateway4={gateway4}");
  const engine::Outcome outcome = engine::run_text(script, *told);
  EXPECT_EQ(outcome.status, Status::passed) << engine::failure_text(outcome);
}

TEST(PacketdrillSo, AResetLeavesNothing) {
  const auto target = opened(kReference);
  for (int round = 0; round < 3; ++round) {
    const engine::Outcome outcome = engine::run_text(kEstablished, *target);
    EXPECT_EQ(outcome.status, Status::passed) << engine::failure_text(outcome);
  }
  ASSERT_TRUE(target->reset_strongly(plausible_config()).ok());
  EXPECT_EQ(target->now(), Instant{});
  EXPECT_EQ(target->bind(0, {}).error(), EBADF);
}

TEST(PacketdrillSo, TheExampleMovesOnForThoseWhoOnlyAsk) {
  // As packetdrill waits: for the last microseconds before an event, and for a packet.
  const auto plugin = Plugin::load(PW_REFERENCE_PLUGIN);
  ASSERT_TRUE(plugin.ok());
  ASSERT_TRUE((*plugin)->restart("").ok());
  const packetdrill_interface& slots = (*plugin)->slots();
  timeval before{};
  timeval after{};
  ASSERT_EQ(slots.gettimeofday(slots.userdata, &before, nullptr), 0);
  for (int i = 0; i < 10'000; ++i) slots.gettimeofday(slots.userdata, &after, nullptr);
  EXPECT_NE(before.tv_usec, after.tv_usec);

  const int fd = slots.socket(slots.userdata, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_addr.s_addr = htonl(0xc0000201);
  peer.sin_port = htons(80);
  EXPECT_EQ(slots.connect(slots.userdata, fd, reinterpret_cast<sockaddr*>(&peer), sizeof peer), -1);
  Buffer room(65536);
  int packets = 0;
  for (int i = 0; i < 1'000'000 && packets < 3; ++i) {
    std::size_t count = room.size();
    long long time_us = 0;
    if (slots.netdev_receive(slots.userdata, room.data(), &count, &time_us) != 0) continue;
    EXPECT_GT(count, 0u) << "packetdrill takes this for a broken packet";
    ++packets;
  }
  EXPECT_EQ(packets, 3) << "a SYN, and twice again by its timer";
}

// --- plug-ins that break the interface

TEST(PacketdrillSo, WithoutTheInterfaceThereIsNoTarget) {
  EXPECT_THAT(PacketdrillSoTarget::open("packetdrill-so:./nothing.so").error(),
              HasSubstr("nothing.so"));
  EXPECT_THAT(PacketdrillSoTarget::open("packetdrill-so").error(),
              HasSubstr("packetdrill-so:FILE[,FLAGS]"));
  EXPECT_THAT(PacketdrillSoTarget::open("packetdrill-so:libdl.so.2").error(), HasSubstr("./libdl"));
  EXPECT_THAT(PacketdrillSoTarget::open(kMisbehaving + "nothing").error(),
              HasSubstr("offers no netdev_send()"));
}

TEST(PacketdrillSo, AnEmptySlotIsUnsupportedByItsName) {
  const auto target = opened(kMisbehaving);
  const std::string socket = "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n";
  const engine::Outcome core = engine::run_text(socket + "+0 shutdown(3, SHUT_RD) = 0\n", *target);
  EXPECT_EQ(core.status, Status::unsupported);
  EXPECT_THAT(core.reason, HasSubstr("shutdown()"));
  const engine::Outcome named =
      engine::run_text(socket + "+0 readv(3, [{..., 10}], 1) = 10\n", *target);
  EXPECT_EQ(named.status, Status::unsupported);
  EXPECT_EQ(named.reason, "the plug-in has no readv()");
  const engine::Outcome outside = engine::run_text("0 open(\"/dev/null\", O_RDWR) = 3\n", *target);
  EXPECT_EQ(outside.reason, "the plug-in has no open()");
}

TEST(PacketdrillSo, NoCallIsMadeThatMightWaitForEver) {
  const auto target = opened(kMisbehaving + "no_fcntl");
  const auto fd = target->socket(Domain::inet, SocketType::stream, Protocol::tcp).value();
  EXPECT_EQ(target->accept(fd, nullptr).error(), ENOTSUP);
  EXPECT_EQ(target->connect(fd, {IpAddress::v4(192, 0, 2, 1), 80}).error(), ENOTSUP);
}

TEST(PacketdrillSo, WhatTheStackSaysIsNotBelievedBeyondItsRoom) {
  const struct {
    const char* fault;
    const char* death;
  } reads[] = {{"long_read", "read() returned 101, where 100 is the most there can be"},
               {"negative_read", "read() returned -2"}};
  for (const auto& [fault, death] : reads) {
    OneSocket one{fault};
    EXPECT_EQ(one.target->read(one.fd, 100, {}).error(), EIO);
    ASSERT_TRUE(one.target->death().has_value());
    EXPECT_EQ(one.target->death()->log, std::string{"the plug-in broke its interface: "} + death);
    // The next case gets another chance.
    ASSERT_TRUE(one.target->reset(plausible_config()).ok());
    EXPECT_FALSE(one.target->death().has_value());
  }
  OneSocket address{"long_address"};
  EXPECT_FALSE(address.target->accept(address.fd, nullptr).ok());
  EXPECT_THAT(address.target->death()->log, HasSubstr("accept() wrote an address of 5000 octets"));
  OneSocket silent{"silent_error"};
  EXPECT_EQ(silent.target->read(silent.fd, 100, {}).error(), EIO);
  EXPECT_FALSE(silent.target->death().has_value());
}

TEST(PacketdrillSo, ABrokenInterfaceIsADeathAndExplainsTheRest) {
  const auto target = opened(kMisbehaving + "long_read");
  const engine::Outcome outcome = engine::run_text(
      "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 read(3, ..., 100) = 100\n", *target);
  EXPECT_EQ(outcome.status, Status::died);
  ASSERT_TRUE(outcome.death.has_value());
  EXPECT_THAT(outcome.death->log, HasSubstr("broke its interface: read() returned 101"));
  EXPECT_TRUE(outcome.mismatches.empty()) << "-1 EIO is our word for it, and not the stack's";
}

Result<targets::Traits, std::string> probe(const std::string& target) {
  return isolation::probe([&]() { return targets::as_target(PacketdrillSoTarget::open(target)); });
}

TEST(PacketdrillSo, WhatBreaksTheInterfaceAtOnceIsToldWhenItIsTried) {
  EXPECT_THAT(probe(kMisbehaving + "long_packet").error(),
              HasSubstr("netdev_receive() wrote 70000 octets into a room of 65536"));
  EXPECT_THAT(probe(kMisbehaving + "long_option").error(),
              HasSubstr("getsockopt() wrote 9 octets into a room of 8"));
  EXPECT_THAT(probe(kMisbehaving + "dead_clock").error(), HasSubstr("they are not one clock"));
  EXPECT_THAT(probe(kMisbehaving + "abort").error(), HasSubstr("loading and trying it ended"));
  EXPECT_THAT(probe(kMisbehaving + "exit").error(), HasSubstr("ended the process with status 0"));
  const auto good = probe(kReference);
  ASSERT_TRUE(good.ok()) << good.error();
  EXPECT_TRUE(good->has("virtual_time"));
}

TEST(PacketdrillSoDeathTest, WritingPastTheEndEndsTheWorker) {
  OneSocket one{"overwrite"};
  EXPECT_DEATH(static_cast<void>(one.target->read(one.fd, 100, {})), "");
  OneSocket crash{"crash"};
  EXPECT_DEATH(static_cast<void>(crash.target->read(crash.fd, 100, {})), "");
}

TEST(PacketdrillSoDeathTest, GuardedMemoryEndsWhereItSays) {
  targets::GuardedMemory memory;
  for (const std::size_t size : {std::size_t{1}, std::size_t{4096}, std::size_t{70'000}}) {
    const MutableBytes room = memory.last(size);
    ASSERT_EQ(room.size(), size);
    room.front() = room.back() = 1;
    volatile std::uint8_t* const past = room.data() + size;
    EXPECT_DEATH(*past = 1, "");
  }
  const Buffer octets{1, 2, 3};
  const MutableBytes copy = memory.copy_of(octets);
  EXPECT_EQ(Buffer(copy.begin(), copy.end()), octets);
}

TEST(PacketdrillSo, AFloodEndsTheScript) {
  const auto target = opened(kMisbehaving + "flood");
  const engine::Outcome outcome =
      engine::run_text("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n", *target);
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_THAT(outcome.reason, HasSubstr("sent more than"));
}

TEST(PacketdrillSo, TimeStampsStayWithinTheClock) {
  const auto target = opened(kMisbehaving + "strange_times");
  std::vector<targets::SentFrame> sent;
  target->advance_to(instant_at(5'000'000), false);
  target->drain(sent);
  ASSERT_FALSE(sent.empty());
  for (const targets::SentFrame& frame : sent) EXPECT_LE(frame.at, target->now());
}

TEST(PacketdrillSo, WithoutATimerToAskTimeGoesByTheMillisecond) {
  const auto target = opened(kMisbehaving);
  EXPECT_EQ(target->traits().clock, ClockKind::virtual_time);
  EXPECT_EQ(target->traits().tick, Duration{1ms});
  target->advance_to(instant_at(60'000'000'000), true);
  EXPECT_EQ(target->now(), instant_at(60'000'000'000));
}

TEST(PacketdrillSo, ARealClockIsFoundToBeOne) {
  const auto target = opened(kMisbehaving + "real_clock");
  EXPECT_EQ(target->traits().clock, ClockKind::real_time);
  EXPECT_FALSE(target->traits().has("virtual_time"));
  const Instant before = target->now();
  target->advance_to(before + 1ms, true);
  EXPECT_GE(target->now(), before + 1ms);
}

TEST(PacketdrillSo, DescriptorsAreClosedByThePluginAndNotByTheHost) {
  OneSocket one{"count_sockets"};
  // Descriptor 0 of the stack; that of the process is another one.
  const int own = fcntl(STDIN_FILENO, F_GETFD);
  ASSERT_TRUE(one.target->socket(Domain::inet, SocketType::stream, Protocol::tcp).ok());
  EXPECT_EQ(one.target->read(one.fd, 100, {}).value().octets.size(), 2u);
  ASSERT_TRUE(one.target->reset(plausible_config()).ok());
  const auto again = one.target->socket(Domain::inet, SocketType::stream, Protocol::tcp).value();
  EXPECT_EQ(one.target->read(again, 100, {}).value().octets.size(), 1u);
  EXPECT_EQ(fcntl(STDIN_FILENO, F_GETFD), own);
}

TEST(PacketdrillSo, AStrongResetRenewsStaticData) {
  OneSocket one{"count_lives"};
  const std::size_t lives = one.target->read(one.fd, 100, {}).value().octets.size();
  const auto lives_after = [&](Result<void, targets::ResetError> reset) {
    EXPECT_TRUE(reset.ok());
    const auto fd = one.target->socket(Domain::inet, SocketType::stream, Protocol::tcp).value();
    return one.target->read(fd, 100, {}).value().octets.size();
  };
  EXPECT_EQ(lives_after(one.target->reset(plausible_config())), lives + 1);
  EXPECT_EQ(lives_after(one.target->reset_strongly(plausible_config())), 1u);
}

// --- names and flags

TEST(PacketdrillSoFlags, ANameIsAFileAndFlags) {
  const auto words = words_of("packetdrill-so:/opt/x.so,a=1,b={seed}");
  ASSERT_TRUE(words.ok());
  EXPECT_EQ(words->file, "/opt/x.so");
  EXPECT_EQ(words->flags, "a=1,b={seed}");
  EXPECT_EQ(words_of("packetdrill-so:x.so")->file, "./x.so");
  EXPECT_EQ(words_of("packetdrill-so:x.so")->flags, "");
  EXPECT_FALSE(words_of("packetdrill-so:").ok());
  EXPECT_FALSE(words_of("packetdrill-so:,flags").ok());
}

TEST(PacketdrillSoFlags, NamesInBracesAreWhatTheCaseSays) {
  targets::Config config = plausible_config();
  config.seed = 7;
  config.knobs = {{"a", "1"}, {"b", "2"}};
  EXPECT_EQ(flags_for("s={seed},{local4},m={mtu},{knobs}", config).value(),
            "s=7,192.168.0.1/16,m=1500,a=1,b=2");
  EXPECT_EQ(flags_for("{peer4} {gateway4} {local6} {peer6} {gateway6}{knobs}", config).value(),
            "192.0.2.1 192.168.0.2 fd3d:fa7b:d17d::1/48 2001:db8::1 fd3d:fa7b:d17d::2a=1,b=2");
  EXPECT_THAT(flags_for("{nonsense}", config).error(), HasSubstr("not {nonsense}"));
  EXPECT_THAT(flags_for("{seed", config).value_or("s"), "s");
  EXPECT_THAT(flags_for("x", config).error(), HasSubstr("sets a"));
  config.knobs.clear();
  EXPECT_EQ(flags_for("", config).value(), "");
}

}  // namespace
}  // namespace packetwright::packetdrill_so
