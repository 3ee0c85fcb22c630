// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "harness/engine/fake_target.hh"
#include "harness/engine/run_for_test.hh"
#include "harness/targets/given_host.hh"

// What is compared and how it is told: packets, numbers, the end of a run.
namespace packetwright::engine {
namespace {

using packet::Dissected;
using packet::Field;
using packet::HeaderOption;
using packet::Wide;

constexpr std::uint64_t kSyn = 0x002, kRst = 0x004, kPsh = 0x008, kAck = 0x010;
constexpr std::uint32_t kIss = 0xfffffff0;  // wraps soon

HeaderOption timestamps(std::uint32_t val, std::uint32_t ecr) {
  HeaderOption option{8, Buffer(8), {}, {}};
  store_be32(option.data, 0, val);
  store_be32(option.data, 4, ecr);
  return option;
}

// Answers a SYN with a SYN-ACK and calls `then` for every other frame.
FakeTarget listening(std::function<void(FakeTarget&, const Dissected&)> then = {}) {
  FakeTarget target;
  target.on_inject = [then](FakeTarget& self, const Dissected& frame) {
    const std::uint32_t flags = frame.u32(Field::tcp_flags);
    if ((flags & kSyn) != 0) {
      self.send(self.segment(kSyn | kAck, kIss, frame.u32(Field::tcp_seq) + 1));
    } else if (then) {
      then(self, frame);
    }
  };
  return target;
}

const std::string kHandshake =
    "0 < S 0:0(0) win 1000\n"
    "+0 > S. 0:0(0) ack 1\n"
    "+0 < . 1:1(0) ack 1 win 1000\n";

// --- numbers

TEST(Mapping, NumbersOfTheTargetCountFromItsIsn) {
  FakeTarget target = listening(
      [](FakeTarget& self, const Dissected&) { self.send(self.segment(kAck, kIss + 1 + 100, 1)); });
  EXPECT_EQ(run_strict(kHandshake + "+0 > . 101:101(0) ack 1\n", target).status, Status::passed);
}

TEST(Mapping, AcknowledgementsOfThePeerAreMadeForTheWire) {
  FakeTarget target = listening();
  run_strict(kHandshake + "+0 < . 1:1(0) ack 501 win 1000 <nop,nop,sack 601:701>\n", target);
  ASSERT_EQ(target.injected.size(), 3u);
  const Dissected& frame = target.injected.back();
  EXPECT_EQ(frame.u32(Field::tcp_ack), kIss + 501);
  const auto options = frame.options(*frame.find(packet::Proto::tcp));
  ASSERT_EQ(options.size(), 3u);
  EXPECT_EQ(load_be32(options[2].data, 0), kIss + 601);
  EXPECT_EQ(load_be32(options[2].data, 4), kIss + 701);
}

TEST(Mapping, NumbersInASynAreAbsolute) {
  FakeTarget target = listening(
      [](FakeTarget& self, const Dissected&) { self.send(self.segment(kAck, kIss + 1, 1001)); });
  EXPECT_EQ(run_strict("0 < S 1000:1000(0) win 1000\n"
                       "+0 > S. 500:500(0) ack 1001\n"
                       "+0 < . 1:1(0) ack 1 win 1000\n"
                       "+0 > . 1:1(0) ack 1\n",
                       target)
                .status,
            Status::passed);
  EXPECT_EQ(target.injected[1].u32(Field::tcp_seq), 1001u);
}

TEST(Mapping, ThePeersNumbersCanBeShifted) {
  FakeTarget target = listening();
  RunOptions options;
  options.shift_remote_isn = true;
  options.seed = 7;
  const Outcome outcome = run_strict(kHandshake, target, options);
  EXPECT_EQ(outcome.status, Status::passed) << failure_text(outcome);
  const std::uint32_t isn = target.injected[0].u32(Field::tcp_seq);
  EXPECT_NE(isn, 0u);
  EXPECT_EQ(target.injected[1].u32(Field::tcp_seq), isn + 1);
}

TEST(Mapping, EchoesOfThePeerAreThoseOfTheTargetsClock) {
  FakeTarget target;
  target.on_inject = [](FakeTarget& self, const Dissected& frame) {
    if ((frame.u32(Field::tcp_flags) & kSyn) == 0) return;
    self.send(self.segment(kSyn | kAck, kIss, 1, 0, {timestamps(777'000, 50)}));
  };
  const Outcome outcome = run_strict(
      "0 < S 0:0(0) win 1000 <TS val 50 ecr 0,nop,nop>\n"
      "+0 > S. 0:0(0) ack 1 <TS val 100 ecr 50,nop,nop>\n"
      "+0 < . 1:1(0) ack 1 win 1000 <nop,nop,TS val 51 ecr 100>\n",
      target);
  EXPECT_EQ(outcome.status, Status::passed) << failure_text(outcome);
  const Dissected& frame = target.injected.back();
  const auto options = frame.options(*frame.find(packet::Proto::tcp));
  EXPECT_EQ(load_be32(options[2].data, 4), 777'000u);
}

TEST(Mapping, AWrongEchoIsSeenInStrictModeOnly) {
  const std::string text =
      "0 < S 0:0(0) win 1000 <TS val 50 ecr 0,nop,nop>\n"
      "+0 > S. 0:0(0) ack 1 <TS val 100 ecr 50,nop,nop>\n";
  const auto target = [] {
    FakeTarget made;
    made.on_inject = [](FakeTarget& self, const Dissected&) {
      self.send(self.segment(kSyn | kAck, kIss, 1, 0,
                             {timestamps(777'000, 49), {1, {}, {}, {}}, {1, {}, {}, {}}}));
    };
    return made;
  };
  FakeTarget strict = target();
  const Outcome outcome = run_strict(text, strict);
  ASSERT_EQ(outcome.mismatches.size(), 1u);
  EXPECT_EQ(
      outcome.mismatches[0].fields,
      (std::vector<FieldDifference>{{"option TS", "TS val ... ecr 50", "TS val 100 ecr 49"}}));
  FakeTarget plain = target();
  EXPECT_EQ(run_text(text, plain).status, Status::passed);
}

TEST(Mapping, PacketdrillRefusesToEchoWhatItNeverSaw) {
  FakeTarget target = listening();
  const Outcome outcome =
      run_text(kHandshake + "+0 < . 1:1(0) ack 1 win 9 <nop,nop,TS val 51 ecr 100>\n", target);
  EXPECT_EQ(outcome.fault, Fault::script);
  EXPECT_EQ(outcome.reason_line, 4u);
}

TEST(Mapping, LabelsAreConnectionsWithTheirOwnPorts) {
  FakeTarget target = listening();
  const Outcome outcome = run_strict(
      "0 < S 0:0(0) win 1000\n"
      "+0 < @b S 0:0(0) win 1000\n"
      "+0 > @b S. 0:0(0) ack 1\n"
      "+0 > S. 0:0(0) ack 1\n",
      target);
  EXPECT_EQ(outcome.status, Status::passed) << failure_text(outcome);
  EXPECT_NE(target.injected[0].u32(Field::tcp_src_port),
            target.injected[1].u32(Field::tcp_src_port));
}

TEST(Mapping, OnARealClockEachRunHasPortsOfItsOwn) {
  std::vector<std::uint32_t> ports;
  for (std::uint32_t run = 0; run < 3; ++run) {
    FakeTarget target = listening();
    target.traits_.clock = targets::ClockKind::real_time;
    RunOptions options;
    options.run_number = run;
    run_strict(kHandshake, target, options);
    ports.push_back(target.injected[0].u32(Field::tcp_src_port));
  }
  EXPECT_NE(ports[0], ports[1]);
  EXPECT_NE(ports[1], ports[2]);
}

// --- what is compared

TEST(Expectation, TellsEveryFieldOfTheStepThatFailed) {
  FakeTarget target = listening(
      [](FakeTarget& self, const Dissected&) { self.send(self.segment(kRst, kIss + 1, 0)); });
  EXPECT_EQ(failure_text(run_strict(kHandshake + "+0 > . 1:1(0) ack 1 win 300\n", target)),
            "failed: expected > . 1:1(0) ack 1 win 300, got > R 1:1(0) win 5000\n"
            "line 4\n"
            "  expected +0 > . 1:1(0) ack 1 win 300\n"
            "  actual   +0 > R 1:1(0) win 5000\n"
            "    tcp.flags: want ., got R\n"
            "    tcp.ack: want 1, got none\n"
            "    tcp.win: want 300, got 5000");
}

TEST(Expectation, AnotherPacketInPlaceOfTheExpectedOneIsShown) {
  FakeTarget target = listening(
      [](FakeTarget& self, const Dissected&) { self.send(self.segment(kAck, kIss + 1, 1)); });
  const Outcome outcome = run_strict(kHandshake + "+0 > icmp echo_reply id 1 seq 1 (8)\n", target);
  EXPECT_EQ(outcome.reason,
            "expected > icmp echo_reply id 1 seq 1 (8), got > . 1:1(0) ack 1 win 5000");
}

TEST(Expectation, StrictModeVerifiesChecksums) {
  const auto target = [] {
    return listening([](FakeTarget& self, const Dissected&) {
      Buffer frame = self.segment(kAck, kIss + 1, 1);
      frame[14 + 20 + 16] ^= 0xff;
      self.send(std::move(frame));
    });
  };
  FakeTarget strict = target();
  const Outcome outcome = run_strict(kHandshake + "+0 > . 1:1(0) ack 1\n", strict);
  ASSERT_EQ(outcome.mismatches.size(), 1u);
  ASSERT_EQ(outcome.mismatches[0].fields.size(), 1u);
  EXPECT_EQ(outcome.mismatches[0].fields[0].name, "tcp.checksum");
  FakeTarget plain = target();
  EXPECT_EQ(run_text(kHandshake + "+0 > . 1:1(0) ack 1\n", plain).status, Status::passed);
  FakeTarget asked = target();
  EXPECT_EQ(run_strict(kHandshake + "+0 > . 1:1(0) ack 1 {tcp.checksum=bad}\n", asked).status,
            Status::passed);
}

TEST(Expectation, StrictModeVerifiesThatPayloadIsThePieceOfTheStream) {
  // The fake sends zeros, which is not what was written.
  FakeTarget target = listening([](FakeTarget& self, const Dissected&) {
    self.send(self.segment(kAck | kPsh, kIss + 1, 1, 100));
  });
  const Outcome outcome = run_strict(kHandshake + "+0 > P. 1:101(100) ack 1\n", target);
  ASSERT_EQ(outcome.mismatches.size(), 1u);
  ASSERT_EQ(outcome.mismatches[0].fields.size(), 1u);
  EXPECT_EQ(outcome.mismatches[0].fields[0].name, "payload");
  FakeTarget plain = listening([](FakeTarget& self, const Dissected&) {
    self.send(self.segment(kAck | kPsh, kIss + 1, 1, 100));
  });
  EXPECT_EQ(run_text(kHandshake + "+0 > P. 1:101(100) ack 1\n", plain).status, Status::passed);
}

TEST(Expectation, PacketdrillMergesSegmentsAndStrictModeDoesNot) {
  const auto target = [] {
    return listening([](FakeTarget& self, const Dissected&) {
      self.send(self.segment(kAck, kIss + 1, 1, 60));
      self.send(self.segment(kAck | kPsh, kIss + 61, 1, 40));
    });
  };
  const std::string text = kHandshake + "+0 > P. 1:101(100) ack 1\n";
  FakeTarget plain = target();
  const Outcome merged = run_text(text, plain);
  EXPECT_EQ(merged.status, Status::passed) << failure_text(merged);
  FakeTarget strict = target();
  EXPECT_EQ(run_strict(text, strict).status, Status::failed);
  FakeTarget segments = target();
  EXPECT_EQ(run_text("--strict_segments\n" + text, segments).status, Status::failed);
}

TEST(Expectation, AStrictCaseMayAllowSegmentsToBeMerged) {
  const auto target = [] {
    return listening([](FakeTarget& self, const Dissected&) {
      self.send(self.segment(kAck, kIss + 1, 1, 2));
      self.send(self.segment(kAck | kPsh, kIss + 3, 1, 2));
    });
  };
  const std::string text = kHandshake + "+0 > P. 1:5(4) ack 1 hex \"00000000\"\n";
  FakeTarget exact = target();
  EXPECT_EQ(run_strict(text, exact).status, Status::failed);
  FakeTarget merging = target();
  EXPECT_EQ(run_strict("--aggregate_segments\n" + text, merging).status, Status::passed);
}

TEST(Expectation, PushInTheMiddleOfMergedSegmentsCountsIfTheScriptWantsIt) {
  const auto target = [](std::uint64_t first, std::uint64_t last) {
    return listening([first, last](FakeTarget& self, const Dissected&) {
      self.send(self.segment(kAck | first, kIss + 1, 1, 60));
      self.send(self.segment(kAck | last, kIss + 61, 1, 40));
    });
  };
  FakeTarget middle = target(kPsh, 0);
  EXPECT_EQ(run_text(kHandshake + "+0 > P. 1:101(100) ack 1\n", middle).status, Status::passed);
  FakeTarget unwanted = target(kPsh, 0);
  EXPECT_EQ(run_text(kHandshake + "+0 > . 1:101(100) ack 1\n", unwanted).status, Status::passed);
  FakeTarget last = target(0, kPsh);
  EXPECT_EQ(run_text(kHandshake + "+0 > . 1:101(100) ack 1\n", last).status, Status::failed);
  FakeTarget none = target(0, 0);
  EXPECT_EQ(run_text(kHandshake + "+0 > P. 1:101(100) ack 1\n", none).status, Status::failed);
}

TEST(Expectation, PacketdrillDropsThePacketsOfOtherFlows) {
  const auto target = [] {
    return listening([](FakeTarget& self, const Dissected&) {
      self.peer_port = 7;
      self.send(self.segment(kAck, 99, 99));
      self.peer_port = self.injected.front().u32(Field::tcp_src_port) & 0xffff;
      self.send(self.segment(kAck, kIss + 1, 1));
    });
  };
  const std::string text = kHandshake + "+0 > . 1:1(0) ack 1\n";
  FakeTarget plain = target();
  EXPECT_EQ(run_text(text, plain).status, Status::passed);
  FakeTarget strict = target();
  EXPECT_EQ(run_strict(text, strict).status, Status::failed);
}

FakeTarget refusing(std::size_t quoted) {
  FakeTarget target;
  target.on_inject = [quoted](FakeTarget& self, const Dissected& frame) {
    if (!frame.has(packet::Proto::udp)) return;
    packet::Packet error = self.to_peer();
    error.layers.push_back(
        packet::Layer(packet::Proto::icmpv4).set(Field::icmpv4_type, 3).set(Field::icmpv4_code, 3));
    error.payload = Buffer(frame.octets().begin() + 14,
                           frame.octets().begin() + 14 + static_cast<long>(quoted));
    if (quoted == 30) (*error.payload)[21] ^= 1;  // another port than the peer's
    self.send(packet::build(error));
  };
  return target;
}

TEST(Expectation, AnIcmpErrorMustQuoteWhatThePeerSent) {
  const std::string text = "0 < udp (32)\n+0 > icmp unreachable port_unreachable\n";
  FakeTarget right = refusing(28);
  EXPECT_EQ(failure_text(run_strict(text, right)), "passed");
  FakeTarget too_little = refusing(27);
  EXPECT_EQ(run_strict(text, too_little).status, Status::failed);
  FakeTarget wrong = refusing(30);
  EXPECT_EQ(run_strict(text, wrong).status, Status::failed);
  FakeTarget plain = refusing(30);
  EXPECT_EQ(run_text(text, plain).status, Status::passed);
}

// --- the wire
TEST(Injection, OverridesReachTheWire) {
  FakeTarget target;
  run_strict("0 < . 1:1(0) ack 1 win 100 {tcp.data_offset=4, ip.ttl=0, ip.total_length=+4}\n",
             target);
  ASSERT_EQ(target.injected.size(), 1u);
  const Buffer& octets = target.injected[0].octets();
  EXPECT_EQ(octets[14 + 8], 0);
  EXPECT_EQ(load_be16(octets, 14 + 2), 44);
  EXPECT_EQ(octets[14 + 20 + 12] >> 4, 4);
}

TEST(Injection, AnUnknownFieldIsAnErrorOfTheScript) {
  FakeTarget target;
  const Outcome outcome = run_strict("0 < . 1:1(0) ack 1 win 100 {udp.length=4}\n", target);
  EXPECT_EQ(outcome.status, Status::error);
  EXPECT_EQ(outcome.fault, Fault::script);
  EXPECT_TRUE(target.injected.empty());
}

TEST(Injection, PayloadIsTheStreamInStrictModeAndZerosInPacketdrills) {
  FakeTarget strict;
  run_strict("0 < P. 1:11(10) ack 1 win 100\n+0 < P. 6:11(5) ack 1 win 100\n", strict);
  ASSERT_EQ(strict.injected.size(), 2u);
  const Bytes first = strict.injected[0].payload();
  const Bytes second = strict.injected[1].payload();
  ASSERT_EQ(first.size(), 10u);
  EXPECT_TRUE(std::equal(second.begin(), second.end(), first.begin() + 5));
  EXPECT_NE(first[0], first[1]);
  FakeTarget plain;
  run_text("0 < P. 1:11(10) ack 1 win 100\n", plain);
  const Bytes zeros = plain.injected[0].payload();
  EXPECT_TRUE(std::all_of(zeros.begin(), zeros.end(), [](auto octet) { return octet == 0; }));
}

TEST(Injection, AFragmentIsAPieceOfTheWholeDatagram) {
  FakeTarget target;
  const Outcome outcome = run_strict(
      "0 < udp 9000 > 7 (24) frag id 7 0:16\n"
      "+0 < udp 9000 > 7 (24) frag id 7 16:32\n",
      target);
  EXPECT_EQ(outcome.stimuli, 2u) << failure_text(outcome);
  ASSERT_EQ(target.injected.size(), 2u);
  const Dissected& first = target.injected[0];
  const Dissected& second = target.injected[1];
  EXPECT_EQ(first.u32(Field::ipv4_id), 7u);
  EXPECT_EQ(first.u32(Field::ipv4_mf), 1u);
  EXPECT_EQ(first.u32(Field::ipv4_protocol), 17u);
  EXPECT_EQ(second.u32(Field::ipv4_offset), 2u);
  EXPECT_EQ(second.u32(Field::ipv4_mf), 0u);
  ASSERT_EQ(first.payload().size(), 16u);
  EXPECT_EQ(load_be16(first.payload(), 0), 9000);
  EXPECT_EQ(load_be16(first.payload(), 4), 32) << "the length of the whole datagram";
}

TEST(Injection, AnIcmpErrorQuotesTheTargetsLastPacket) {
  FakeTarget target = listening();
  run_strict(kHandshake + "+0 < icmp unreachable port_unreachable\n", target);
  const Dissected& frame = target.injected.back();
  EXPECT_EQ(frame.u32(Field::icmpv4_code), 3u);
  EXPECT_EQ(frame.get(Field::tcp_seq, true), Wide{kIss});
  EXPECT_EQ(frame.get(Field::tcp_src_port, true), Wide{8080});
}

// --- what nobody scripts

Buffer arp_request(const FakeTarget& self, const IpAddress& target) {
  packet::Packet out;
  out.layers = {
      packet::Layer(packet::Proto::ethernet).set(Field::ethernet_src, Wide{self.config.local_mac}),
      packet::Layer(packet::Proto::arp)
          .set(Field::arp_op, 1)
          .set(Field::arp_sender_mac, Wide{self.config.local_mac})
          .set(Field::arp_sender_ip, Wide{self.config.local4.address})
          .set(Field::arp_target_ip, Wide{target})};
  return packet::build(out);
}

FakeTarget asking_for_the_gateway() {
  FakeTarget target;
  target.on_inject = [](FakeTarget& self, const Dissected& frame) {
    if (!frame.has(packet::Proto::tcp)) return;
    self.send(arp_request(self, self.config.gateway4));
  };
  return target;
}

TEST(Chatter, TheHarnessAnswersForTheGateway) {
  FakeTarget target = asking_for_the_gateway();
  const Outcome outcome = run_strict("0 < . 1:1(0) ack 1 win 1\n", target);
  EXPECT_EQ(outcome.status, Status::passed) << failure_text(outcome);
  ASSERT_EQ(target.injected.size(), 2u);
  EXPECT_EQ(target.injected[1].u32(Field::arp_op), 2u);
  EXPECT_EQ(target.injected[1].get(Field::arp_sender_ip), Wide{target.config.gateway4});
}

TEST(Chatter, ACaseThatPlaysArpIsLeftAlone) {
  FakeTarget target = asking_for_the_gateway();
  const Outcome outcome = run_strict(
      "0 < . 1:1(0) ack 1 win 1\n"
      "+0 > arp who-has gateway tell local\n",
      target);
  EXPECT_EQ(outcome.status, Status::passed) << failure_text(outcome);
  EXPECT_EQ(target.injected.size(), 1u);
}

// --- the end

TEST(Ending, AnUnexpectedFrameFailsAStrictCase) {
  const auto target = [] {
    return listening(
        [](FakeTarget& self, const Dissected&) { self.send(self.segment(kAck, kIss + 1, 1)); });
  };
  FakeTarget strict = target();
  EXPECT_EQ(failure_text(run_strict(kHandshake, strict)),
            "failed: expected nothing, got > . 1:1(0) ack 1 win 5000\n"
            "line 3\n"
            "  expected nothing\n"
            "  actual   > . 1:1(0) ack 1 win 5000\n"
            "    packet: want none, got . 1:1(0) ack 1 win 5000");
  FakeTarget plain = target();
  EXPECT_EQ(run_text(kHandshake, plain).status, Status::passed);
}

TEST(Ending, ATargetThatAnswersIsAlive) {
  FakeTarget target = listening();
  EXPECT_EQ(run_strict(kHandshake, target).alive, Alive::yes);
  FakeTarget mute = listening();
  mute.answers_echo = false;
  EXPECT_EQ(run_strict(kHandshake, mute).alive, Alive::no) << "it answers the probe's SYN with SYN";
  FakeTarget refusing;
  refusing.answers_echo = false;
  refusing.on_inject = [](FakeTarget& self, const Dissected& frame) {
    self.send(self.segment(kRst | kAck, 0, frame.u32(Field::tcp_seq) + 1));
  };
  EXPECT_EQ(run_text("0 < . 1:1(0) ack 1 win 1\n", refusing).alive, Alive::yes);
}

TEST(Ending, ADeathIsNamedAndBlamedOnTheLastEvent) {
  FakeTarget target = listening([](FakeTarget& self, const Dissected&) {
    self.dead = targets::Death{11, "segmentation fault"};
  });
  const Outcome outcome = run_strict(kHandshake + "+0 > . 1:1(0) ack 1\n", target);
  EXPECT_EQ(outcome.status, Status::died);
  EXPECT_EQ(outcome.reason_line, 3u);
  ASSERT_TRUE(outcome.death.has_value());
  EXPECT_EQ(outcome.death->log, "segmentation fault");
}

TEST(Ending, AFloodEndsTheRun) {
  FakeTarget target;
  target.on_inject = [](FakeTarget& self, const Dissected&) {
    const Buffer frame = self.segment(kAck, 1, 1);
    for (int i = 0; i < 20'001; ++i) self.send(frame);
  };
  const Outcome outcome = run_strict("0 < . 1:1(0) ack 1 win 1\n", target);
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_NE(outcome.reason.find("20000 frames"), std::string::npos);
}

TEST(Ending, OnARealClockConnectionsAreReset) {
  FakeTarget target = listening();
  target.traits_.clock = targets::ClockKind::real_time;
  run_strict(kHandshake, target);
  EXPECT_EQ(target.injected.back().u32(Field::tcp_flags), kRst | kAck);
  EXPECT_EQ(target.injected.back().u32(Field::tcp_seq), 1u);
}

// --- whether it may run at all

// A host that is not ours to configure.
class FakeHost : public FakeTarget, public targets::GivenHost {
 public:
  targets::Config given_;
  Duration settle_{0};

  [[nodiscard]] const targets::Config& given() const override { return given_; }
  [[nodiscard]] Duration settle() const override { return settle_; }
};

// Where nobody can tell that a stack has nothing more to say, it is given time to say it.
TEST(Ending, AnAnswerThatSettlesLateIsSeen) {
  for (const Duration settle : {0ms, 5ms}) {
    FakeHost target;
    target.settle_ = settle;
    target.on_inject = [](FakeTarget& self, const Dissected&) {
      self.send_at(self.now() + 2ms, self.segment(kRst, 0, 0));
    };
    const Outcome outcome = run_strict("0 < . 1:1(0) ack 1 win 1\n", target);
    EXPECT_EQ(outcome.status == Status::failed, settle > 0ms) << failure_text(outcome);
  }
}

TEST(Admission, ANeedThatIsMissingIsUnsupported) {
  FakeTarget target;
  const Outcome outcome =
      run_text("// A case.\n//: needs sack\n0 < . 1:1(0) ack 1 win 1\n", target);
  EXPECT_EQ(outcome.status, Status::unsupported);
  EXPECT_EQ(outcome.reason, "needs sack, which target fake does not have");
  EXPECT_TRUE(target.injected.empty());
}

TEST(Admission, AResolverRunsWhatIsAboutNamesAlone) {
  FakeTarget target;
  target.traits_.capabilities = {"dns", "ipv4", "resolver", "udp"};
  const Outcome outcome = run_text("// A case.\n//: needs udp\n0 < udp (5)\n", target);
  EXPECT_EQ(outcome.status, Status::unsupported);
  EXPECT_EQ(outcome.reason, "needs no dns, and target fake is a resolver and no stack");
  EXPECT_EQ(run_text("// A case.\n//: needs dns\n0 < udp (5)\n", target).status, Status::passed);
}

TEST(Admission, AFamilyThatTheTargetLacksIsUnsupported) {
  FakeTarget target;
  target.traits_.capabilities = {"ipv4", "udp"};
  RunOptions options;
  options.variant = Variant::ipv6;
  EXPECT_EQ(run_text("0 < udp (5)\n", target, options).status, Status::unsupported);
  options.variant = Variant::ipv4;
  const Outcome outcome = run_text("0 < udp (5)\n", target, options);
  EXPECT_EQ(outcome.status, Status::passed);
  EXPECT_EQ(outcome.alive, Alive::not_checked) << "it has neither ICMP nor TCP to be asked by";
}

TEST(Admission, WhatAScriptSpeaksTheTargetHas) {
  FakeTarget target;
  target.traits_.capabilities = {"icmp", "ipv4", "udp"};
  const Outcome outcome =
      run_text("// A case.\n//: needs icmp\n0 < . 1:1(0) ack 1 win 1\n", target);
  EXPECT_EQ(outcome.status, Status::unsupported);
  EXPECT_EQ(outcome.reason, "speaks tcp, which target fake does not have");
  target.traits_.capabilities = {"icmp", "ipv4"};
  EXPECT_EQ(run_text("// A case.\n//: needs icmp\n0 < udp (5)\n", target).status,
            Status::unsupported);
}

TEST(Admission, ALineOfOursMakesACaseStrict) {
  FakeTarget target;
  target.traits_.capabilities = {"ipv4", "tcp"};
  EXPECT_TRUE(run_text("// A case.\n//: needs tcp\n0 < . 1:1(0) ack 1 win 1\n", target).strict);
  EXPECT_FALSE(run_text("0 < . 1:1(0) ack 1 win 1\n", target).strict);
}

TEST(Admission, KnobsAndAddressesReachTheTarget) {
  FakeTarget target;
  RunOptions options;
  options.knobs = {{"b", "3"}};
  run_text(
      "// A case.\n//: set a 1\n//: set b 2\n--local_ip=10.1.2.3\n--mtu=1400\n"
      "0 < . 1:1(0) ack 1 win 1\n",
      target, options);
  EXPECT_EQ(target.config.knobs.at("a"), "1");
  EXPECT_EQ(target.config.knobs.at("b"), "3");
  EXPECT_EQ(target.config.local4.address, IpAddress::v4(10, 1, 2, 3));
  EXPECT_EQ(target.config.mtu, 1400);
}

TEST(Admission, AHostThatIsNotOursKeepsItsAddresses) {
  FakeHost target;
  targets::Config given;
  given.local4 = {IpAddress::v4(10, 0, 0, 7), 24};
  given.peer4 = given.gateway4 = IpAddress::v4(10, 0, 0, 254);
  given.local_mac = {{2, 0, 0, 0, 0, 7}};
  target.given_ = given;
  const Outcome other = run_text("--remote_ip=10.0.0.9\n0 < . 1:1(0) ack 1 win 1\n", target);
  EXPECT_EQ(other.status, Status::unsupported);
  EXPECT_EQ(other.reason, "target fake keeps its addresses and its MTU");
  run_text("// A case.\n//: needs tcp\n0 < . 1:1(0) ack 1 win 1\n", target);
  EXPECT_EQ(target.config.local4, given.local4);
  EXPECT_EQ(target.config.gateway4, given.peer4);
  ASSERT_FALSE(target.injected.empty());
  EXPECT_EQ(target.injected[0].get(Field::ipv4_dst), Wide{given.local4.address});
  EXPECT_EQ(target.injected[0].get(Field::ipv4_src), Wide{given.peer4});
  EXPECT_EQ(target.injected[0].get(Field::ethernet_dst), Wide{given.local_mac});
}

TEST(Admission, WhatTheMachineDoesNotAllowIsUnsupportedWhatWentWrongAnError) {
  const char* const script = "// A case.\n//: set a 1\n0 < . 1:1(0) ack 1 win 1\n";
  FakeTarget target;
  target.refuses = targets::ResetError{"a = 1: not permitted", true};
  Outcome outcome = run_text(script, target);
  EXPECT_EQ(outcome.status, Status::unsupported);
  EXPECT_EQ(outcome.fault, Fault::none);
  EXPECT_EQ(outcome.reason, "a = 1: not permitted");
  target.refuses = targets::ResetError{"there is no a"};
  outcome = run_text(script, target);
  EXPECT_EQ(outcome.status, Status::error);
  EXPECT_EQ(outcome.fault, Fault::target);
}

TEST(Admission, AStackThatDiesBeforeTheFirstEventHasDied) {
  const char* const script = "// A case.\n0 < . 1:1(0) ack 1 win 1\n";
  FakeTarget target;
  target.refuses = targets::ResetError{"the agent left"};
  target.dead = targets::Death{11, "segmentation fault"};
  Outcome outcome = run_text(script, target);
  EXPECT_EQ(outcome.status, Status::died);
  EXPECT_EQ(outcome.fault, Fault::none);
  ASSERT_TRUE(outcome.death.has_value());
  EXPECT_EQ(outcome.death->log, "segmentation fault");
  // It left because it does not have what was asked for.
  target.refuses = targets::ResetError{"it has no a", true};
  target.dead = targets::Death{0, "it has no a", true};
  EXPECT_EQ(run_text(script, target).status, Status::unsupported);
}

TEST(Admission, WhoLeavesForWantOfSomethingIsUnsupportedAndHasNotDied) {
  FakeTarget target = listening();
  target.dead = targets::Death{0, "it has no such call", true};
  const Outcome outcome = run_strict("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n", target);
  EXPECT_EQ(outcome.status, Status::unsupported);
  EXPECT_EQ(outcome.reason, "it has no such call");
  EXPECT_TRUE(outcome.mismatches.empty());
}

TEST(Admission, WithoutAShellCommandsAreUnsupported) {
  FakeTarget target;
  const Outcome outcome = run_text("`true`\n0 < . 1:1(0) ack 1 win 1\n", target);
  EXPECT_EQ(outcome.status, Status::unsupported);
}

// --- states and counters

TEST(Assertions, AStateIsCompared) {
  FakeTarget target = listening();
  target.status.state = targets::TcpState::established;
  const std::string text = "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 = state(3) ";
  EXPECT_EQ(run_strict(text + "ESTABLISHED\n", target).status, Status::passed);
  EXPECT_EQ(run_strict(text + "TIME_WAIT\n", target).reason,
            "expected = state(3) TIME_WAIT, got state ESTABLISHED");
}

TEST(Assertions, ACounterIsCompared) {
  FakeTarget target = listening();
  target.status.counters = {{"cwnd", 10}};
  const std::string text = "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 = info(3, cwnd) ";
  EXPECT_EQ(run_strict(text + "10\n", target).status, Status::passed);
  EXPECT_EQ(run_strict(text + "11\n", target).status, Status::failed);
}

TEST(Assertions, WhatATargetCannotTellIsSkippedAndCounted) {
  FakeTarget target = listening();
  target.knows_status = false;
  const Outcome outcome = run_strict(
      kHandshake + "+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 = state(3) CLOSED\n", target);
  EXPECT_EQ(outcome.status, Status::passed);
  EXPECT_EQ(outcome.assertions_skipped, 1u);
  // With nothing else to go by the script proves nothing.
  EXPECT_EQ(
      run_strict("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 = state(3) CLOSED\n", target)
          .status,
      Status::unsupported);
}

// --- repeats

TEST(TraceHash, IsEqualForEqualRunsAndDiffersOtherwise) {
  const auto hash = [](std::uint32_t ack, std::uint64_t seed) {
    FakeTarget target = listening([ack](FakeTarget& self, const Dissected&) {
      self.send(self.segment(kAck, kIss + 1, ack));
    });
    RunOptions options;
    options.seed = seed;
    return run_strict(kHandshake + "+0 > . 1:1(0) ack 1\n", target, options).trace_hash;
  };
  EXPECT_EQ(hash(1, 1), hash(1, 1));
  EXPECT_NE(hash(1, 1), hash(2, 1));
  EXPECT_NE(hash(1, 1), hash(1, 2)) << "the seed moves the peer's port";
}

TEST(History, KeepsEveryFrameAndCallWithItsLine) {
  FakeTarget target = listening();
  const Outcome outcome =
      run_strict(kHandshake + "+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n", target);
  ASSERT_GE(outcome.history.size(), 4u);
  EXPECT_EQ(outcome.history[0].text, "< S 0:0(0) win 1000");
  EXPECT_EQ(outcome.history[0].kind, HistoryEntry::Kind::frame_in);
  EXPECT_EQ(outcome.history[1].text, "> S. 0:0(0) ack 1 win 5000");
  EXPECT_EQ(outcome.history[1].line, 2u);
  EXPECT_EQ(outcome.history[3].text, "socket(..., SOCK_STREAM, IPPROTO_TCP) = 3");
  EXPECT_EQ(outcome.history[3].line, 4u);
}

TEST(History, ALineOfAPreludeIsToldApartFromOneOfTheCase) {
  FakeTarget target = listening();
  const Outcome outcome = run_text("//: cites RFC9293-MUST-12\nuse any\n+0 > . 1:1(0) ack 1\n",
                                   target, {}, "\n\n+" + kHandshake);
  ASSERT_GE(outcome.history.size(), 3u);
  EXPECT_EQ(outcome.history[0].text, "< S 0:0(0) win 1000");
  EXPECT_EQ(outcome.history[0].line, 3u);
  EXPECT_EQ(outcome.history[0].prelude, "preludes/any.pkt");
  EXPECT_EQ(outcome.history[1].line, 4u) << "what was expected in a prelude";
  EXPECT_EQ(outcome.history[1].prelude, "preludes/any.pkt");
  ASSERT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.reason_line, 3u);
  EXPECT_EQ(outcome.reason_prelude, "") << "line 3 of the case";
}

TEST(History, WhatEndsARunInAPreludeSaysWhere) {
  FakeTarget target = listening();
  const Outcome wrong =
      run_text("//: cites RFC9293-MUST-12\nuse any\n", target, {}, "\n\n\n+0 close(9) = 0\n");
  EXPECT_EQ(wrong.status, Status::error);
  EXPECT_EQ(wrong.reason_line, 4u);
  EXPECT_EQ(wrong.reason_prelude, "preludes/any.pkt");
}

}  // namespace
}  // namespace packetwright::engine
