// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "harness/engine/fake_target.hh"
#include "harness/engine/run_for_test.hh"
#include "harness/packet/md5.hh"

// Forms of packets that only one of the packetdrills has: what they are on the wire, and that a
// wrong one is told from a right one.
namespace packetwright::engine {
namespace {

using packet::Field;
using packet::HeaderOption;
using packet::Layer;
using packet::Proto;

// --- UDP-Lite

TEST(Forms, UdpLiteIsInjectedWithItsCoverage) {
  for (const char* coverage : {"8", "0", "18"}) {
    FakeTarget target;
    const Outcome outcome = run_text("0 < udplite (10, " + std::string(coverage) + ")\n", target);
    EXPECT_EQ(outcome.status, Status::passed) << failure_text(outcome);
    ASSERT_EQ(target.injected.size(), 1u);
    const packet::Dissected& frame = target.injected[0];
    ASSERT_TRUE(frame.has(Proto::udplite));
    EXPECT_EQ(std::to_string(frame.u32(Field::udplite_coverage)), coverage);
    EXPECT_EQ(frame.u32(Field::ipv4_protocol), 136u);
    EXPECT_EQ(frame.payload().size(), 10u);
    EXPECT_TRUE(frame.bad_checksums().empty());
  }
}

// RFC 3828, 3.1: octets beyond the coverage may change on the way.
TEST(Forms, TheChecksumOfUdpLiteIsOfItsCoverage) {
  packet::Packet packet;
  packet.layers = {Layer(Proto::ipv4), Layer(Proto::udplite).set(Field::udplite_coverage, 12)};
  packet.payload_size = 8;
  Buffer octets = packet::build(packet);
  octets[octets.size() - 1] = 1;  // octet 15 from the header on
  EXPECT_TRUE(packet::dissect(octets, false).bad_checksums().empty());
  octets[octets.size() - 8] = 1;  // octet 8
  EXPECT_EQ(packet::dissect(octets, false).bad_checksums(),
            std::vector<Field>{Field::udplite_checksum});
}

Outcome expect_udplite(const std::string& text, std::uint16_t coverage, std::size_t size) {
  FakeTarget target;
  packet::Packet packet = target.to_peer();
  packet.layers.back().set(Field::ipv4_src, packet::Wide{IpAddress::v4(192, 168, 0, 1)});
  packet.layers.back().set(Field::ipv4_dst, packet::Wide{IpAddress::v4(192, 0, 2, 1)});
  packet.layers.push_back(Layer(Proto::udplite)
                              .set(Field::udplite_src_port, 8080)
                              .set(Field::udplite_dst_port, 8080)
                              .set(Field::udplite_coverage, coverage));
  packet.payload_size = size;
  target.send_at(Instant{} + 1ms, packet::build(packet));
  return run_text("0 < udplite (1, 0)\n+0 > " + text + "\n", target);
}

TEST(Forms, UdpLiteIsComparedWithItsCoverage) {
  EXPECT_EQ(expect_udplite("udplite (10, 8)", 8, 10).status, Status::passed);
  const Outcome coverage = expect_udplite("udplite (10, 8)", 18, 10);
  ASSERT_EQ(coverage.mismatches.size(), 1u) << failure_text(coverage);
  EXPECT_EQ(coverage.mismatches[0].fields,
            (std::vector<FieldDifference>{{"udplite.coverage", "8", "18"}}));
  EXPECT_EQ(expect_udplite("udplite (11, 8)", 8, 10).status, Status::failed);
  EXPECT_EQ(expect_udplite("udp (10)", 8, 10).status, Status::failed);
}

TEST(Forms, AnIcmpErrorQuotesUdpLite) {
  FakeTarget target;
  run_text("0 < icmp unreachable port_unreachable [udplite (5, 8)]\n", target);
  ASSERT_EQ(target.injected.size(), 1u);
  EXPECT_EQ(target.injected[0].u32(Field::udplite_coverage, true), 8u);
  EXPECT_EQ(target.injected[0].u32(Field::ipv4_total_length, true), 33u);
}

// --- what stands in front

// A target that sends every frame back: the innermost addresses and ports change places, which
// leaves all checksums right.
Outcome loop(const std::string& sent, const std::string& expected) {
  FakeTarget target;
  target.on_inject = [](FakeTarget& self, const packet::Dissected& frame) {
    packet::Dissected back = frame;
    const auto swap = [&](Field one, Field other) {
      const auto first = frame.get(one);
      const auto second = frame.get(other);
      if (!first.has_value() || !second.has_value()) return;
      back.set(one, *second);
      back.set(other, *first);
    };
    swap(Field::ipv4_src, Field::ipv4_dst);
    swap(Field::udp_src_port, Field::udp_dst_port);
    self.send(back.octets());
  };
  return run_text("0 < " + sent + " udp (5)\n+0 > " + expected + " udp (5)\n", target);
}

TEST(Forms, HeadersInFrontAreSentAndCompared) {
  struct Case {
    const char* sent;
    const char* wrong;  // what is not what was sent
    const char* field;  // where the difference is
  };
  constexpr Case kCases[] = {
      {"ipv4 192.0.2.9 > 192.168.0.1:", "ipv4 192.0.2.8 > 192.168.0.1:", "ipv4.src"},
      {"ipv4 [ttl 9] 192.0.2.9 > 192.168.0.1:", "ipv4 [ttl 8] 192.0.2.9 > 192.168.0.1:",
       "ipv4.ttl"},
      {"ipv6 fd00::9 > fd00::1:", "ipv6 fd00::9 > fd00::2:", "ipv6.dst"},
      {"ipv6 [ce] fd00::9 > fd00::1:", "ipv6 [noecn] fd00::9 > fd00::1:", "ipv6.ecn"},
      {"ipv4 192.0.2.9 > 192.168.0.1: ipv6 fd00::9 > fd00::1:", "ipv4 192.0.2.9 > 192.168.0.1:",
       "headers"},
      {"ipv6 fd00::9 > fd00::1: ipv4 192.0.2.9 > 192.168.0.1:",
       "ipv6 fd00::9 > fd00::1: ipv4 192.0.2.9 > 192.168.0.2:", "ipv4.dst"},
      {"ipv4 192.0.2.9 > 192.168.0.1: gre:",
       "ipv4 192.0.2.9 > 192.168.0.1: gre flags [key present], sum 0, off 0, key 5, seq 0:",
       "gre.flags"},
      {"ipv4 192.0.2.9 > 192.168.0.1: gre flags [key present], sum 0, off 0, key 5, seq 0:",
       "ipv4 192.0.2.9 > 192.168.0.1: gre flags [key present], sum 0, off 0, key 6, seq 0:",
       "gre.data"},
      {"ipv6 fd00::9 > fd00::1: gre flags [checksum present, key present, sequence# present], "
       "sum 1, off 2, key 3, seq 4:",
       "ipv6 fd00::9 > fd00::1: gre flags [checksum present, key present, sequence# present], "
       "sum 1, off 2, key 3, seq 5:",
       "gre.data"},
      {"ipv4 192.0.2.9 > 192.168.0.1: gre: mpls (label 5, tc 1, ttl 9) (label 6, tc 2, [S], ttl "
       "8):",
       "ipv4 192.0.2.9 > 192.168.0.1: gre: mpls (label 5, tc 1, ttl 9) (label 7, tc 2, [S], ttl "
       "8):",
       "mpls.label"},
      {"mpls (label 5, tc 0, [S], ttl 64):", "mpls (label 5, tc 3, [S], ttl 64):", "mpls.tc"},
      {"mpls (label 5, tc 0, [S], ttl 64):", "mpls (label 5, tc 0, [S], ttl 63):", "mpls.ttl"},
  };
  for (const Case& one : kCases) {
    const Outcome right = loop(one.sent, one.sent);
    EXPECT_EQ(right.status, Status::passed) << one.sent << failure_text(right);
    const Outcome wrong = loop(one.sent, one.wrong);
    EXPECT_EQ(wrong.status, Status::failed) << one.wrong;
    ASSERT_EQ(wrong.mismatches.size(), 1u) << one.wrong;
    ASSERT_FALSE(wrong.mismatches[0].fields.empty()) << one.wrong;
    EXPECT_EQ(wrong.mismatches[0].fields[0].name, one.field);
  }
}

// --- options of TCP

std::vector<HeaderOption> options_of(const std::string& text) {
  FakeTarget target;
  const Outcome outcome = run_text("0 < S 0:0(0) win 100 " + text + "\n", target);
  EXPECT_EQ(outcome.status, Status::passed) << failure_text(outcome);
  if (target.injected.size() != 1) return {};
  const packet::Dissected& frame = target.injected[0];
  return frame.options(*frame.find(Proto::tcp));
}

HeaderOption option(std::uint8_t kind, Buffer data) {
  return {kind, std::move(data), {}, {}};
}

TEST(Forms, OptionsOfNplabOnTheWire) {
  const HeaderOption nop = option(1, {});
  using List = std::vector<HeaderOption>;
  EXPECT_EQ(options_of("<exp-tarr>"), (List{option(254, {0x00, 0xac})}));
  EXPECT_EQ(options_of("<exp-tarr 5,nop,nop,nop>"),
            (List{option(254, {0x00, 0xac, 10}), nop, nop, nop}));
  EXPECT_EQ(options_of("<exp-12 0102,nop,nop>"), (List{option(254, {0x00, 0x12, 1, 2}), nop, nop}));
  EXPECT_EQ(options_of("<exp-f989 0102,nop,nop>"), options_of("<FOEXP 0102,nop,nop>"));
  EXPECT_EQ(options_of("<exp-9f 0102,nop,nop>"), (List{option(254, {0x00, 0x9f, 1, 2}), nop, nop}));
  EXPECT_EQ(options_of("<gen-200 aabb>"), (List{option(200, {0xaa, 0xbb})}));
  EXPECT_EQ(options_of("<020405b4>"), options_of("<mss 1460>"));
}

// --- why a RST was sent

TEST(Forms, TheReasonOfARstIsItsPayload) {
  FakeTarget target;
  run_text("0 < R. 1:9(8) ack 1 win 0 [code 5, pen 70000]\n", target);
  ASSERT_EQ(target.injected.size(), 1u);
  const Bytes payload = target.injected[0].payload();
  EXPECT_EQ(Buffer(payload.begin(), payload.end()), (Buffer{0x33, 0xaa, 0, 5, 0, 1, 0x11, 0x70}));
}

TEST(Forms, TheReasonOfARstIsCompared) {
  const auto run = [](const char* text) {
    FakeTarget target;
    target.on_inject = [](FakeTarget& self, const packet::Dissected&) {
      Buffer rst = self.segment(0x004, 1, 0, 8);
      packet::Dissected frame = packet::dissect(rst, true);
      frame.overwrite(rst.size() - 8, Buffer{0x33, 0xaa, 0, 5, 0, 0, 0, 6});
      self.send(frame.octets());
    };
    return run_text("0 < . 1:1(0) ack 1 win 100\n+0 > R 1:9(8) " + std::string(text) + "\n", target)
        .status;
  };
  EXPECT_EQ(run("[code 5, pen 6]"), Status::passed);
  EXPECT_EQ(run("[code 6, pen 6]"), Status::failed);
  EXPECT_EQ(run("[code 5, pen 7]"), Status::failed);
}

// --- signatures

constexpr const char* kSecret = "--tcp_md5_secret=\"our secret\"\n";

TEST(Forms, AValidSignatureIsComputed) {
  FakeTarget target;
  const Outcome outcome = run_text(
      std::string(kSecret) + "0 < P. 1:11(10) ack 1 win 100 <nop,nop,md5 valid>\n", target);
  EXPECT_EQ(outcome.status, Status::passed) << failure_text(outcome);
  ASSERT_EQ(target.injected.size(), 1u);
  const packet::Dissected& frame = target.injected[0];
  const auto right = packet::tcp_signature(frame, "our secret");
  ASSERT_TRUE(right.has_value());
  EXPECT_EQ(frame.options(*frame.find(Proto::tcp)).back(),
            option(19, Buffer(right->begin(), right->end())));
  EXPECT_TRUE(frame.bad_checksums().empty());
}

TEST(Forms, AnInvalidSignatureIsSeen) {
  const auto run = [](std::string_view secret) {
    FakeTarget target;
    target.on_inject = [secret](FakeTarget& self, const packet::Dissected&) {
      const HeaderOption nop = option(1, {});
      const auto made = [&](Buffer digest) {
        return self.segment(0x010, 1, 11, 4, {nop, nop, option(19, std::move(digest))});
      };
      const auto digest = packet::tcp_signature(packet::dissect(made(Buffer(16, 0)), true), secret);
      self.send(made(Buffer(digest->begin(), digest->end())));
    };
    return run_text(std::string(kSecret) +
                        "0 < . 1:1(0) ack 1 win 100\n+0 > . 1:5(4) ack 11 <nop,nop,md5 valid>\n",
                    target);
  };
  EXPECT_EQ(run("our secret").status, Status::passed) << failure_text(run("our secret"));
  const Outcome wrong = run("another one");
  EXPECT_EQ(wrong.status, Status::failed);
  ASSERT_EQ(wrong.mismatches.size(), 1u);
  EXPECT_EQ(wrong.mismatches[0].fields.at(0).name, "option md5");
}

TEST(Forms, AValidSignatureNeedsASecret) {
  FakeTarget target;
  const Outcome outcome = run_text("0 < P. 1:11(10) ack 1 win 100 <nop,nop,md5 valid>\n", target);
  EXPECT_EQ(outcome.status, Status::error);
  EXPECT_EQ(outcome.reason, "'md5 valid' needs a secret: --tcp_md5_secret=SECRET");
}

// --- what nobody can run here

TEST(Forms, WhatIsNotSupportedIsNamedBeforeAnythingIsDone) {
  struct Case {
    const char* text;
    const char* reason;
  };
  constexpr Case kCases[] = {
      {"+0 > sctp: INIT[flgs=0, tag=1, a_rwnd=1500, os=1, is=1, tsn=1]\n", "SCTP is not supported"},
      {"+0 socket(..., SOCK_STREAM, IPPROTO_SCTP) = 4\n", "SCTP is not supported"},
      {"+0 sctp_peeloff(3, 4) = 5\n", "SCTP is not supported"},
      {"+0 getsockopt(3, SOL_TCP, SCTP_STATUS, ..., ...) = 0\n", "SCTP is not supported"},
      {"+0 < encap psp spi 5 . 1:1(0) ack 1 win 5\n",
       "PSP is not supported: it is encrypted by a network device, and none is here"},
      {"+0 psp_rx_assoc(3, [5]) = 0\n",
       "PSP is not supported: it is encrypted by a network device, and none is here"},
      {"+0 > . 1:1(0) ack 1/udp(1 > 2)\n", "TCP in UDP (RFC 6951) is not supported"},
  };
  for (const Case& one : kCases) {
    FakeTarget target;
    const Outcome outcome =
        run_text("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n" + std::string(one.text), target);
    EXPECT_EQ(outcome.status, Status::unsupported) << one.text;
    EXPECT_EQ(outcome.reason, one.reason) << one.text;
    EXPECT_EQ(outcome.reason_line, 2u) << one.text;
    EXPECT_TRUE(target.calls.empty()) << one.text;
  }
}

TEST(Forms, TheGroupOfTheHostsOwnAddressHasAName) {
  FakeTarget target;
  target.traits_.ethernet = true;
  RunOptions options;
  options.variant = Variant::ipv6;
  run_strict(
      "0 < ipv6 gateway > solicited_node: icmp neighbor_solicitation target local "
      "{eth.dst=solicited_node_mac}\n",
      target, options);
  ASSERT_FALSE(target.injected.empty());
  const auto& sent = target.injected[0];
  EXPECT_EQ(packet::field_text(Field::ipv6_dst, *sent.get(Field::ipv6_dst)), "ff02::1:ff00:1");
  EXPECT_EQ(packet::field_text(Field::ethernet_dst, *sent.get(Field::ethernet_dst)),
            "33:33:ff:00:00:01");
}

}  // namespace
}  // namespace packetwright::engine
