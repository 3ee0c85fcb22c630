// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/script/testing.hh"

namespace packetwright::script {
namespace {

using namespace testing;  // NOLINT: this folder's helpers
using ::testing::HasSubstr;

constexpr std::uint16_t kSyn = TcpFlags::kSyn, kAck = TcpFlags::kAck, kPsh = TcpFlags::kPsh,
                        kFin = TcpFlags::kFin, kEce = TcpFlags::kEce, kCwr = TcpFlags::kCwr,
                        kAe = TcpFlags::kAe;

template <class Option>
Option option_of(std::string_view text) {
  const Tcp tcp = tcp_of("> . 1:1(0) ack 1 <" + std::string(text) + ">");
  EXPECT_FALSE(tcp.options.empty());
  const Option* option = tcp.options.empty() ? nullptr : std::get_if<Option>(&tcp.options[0]);
  EXPECT_NE(option, nullptr) << text;
  return option == nullptr ? Option{} : *option;
}

TEST(ParseTcp, ReadsEveryFieldOfAHeader) {
  const Packet packet = packet_of("< PU. 1:1001(1000) ack 2 win 3 urg 4 <nop,nop,sackOK>");
  const Tcp& tcp = *packet.as<Tcp>();
  EXPECT_EQ(packet.direction, Direction::inbound);
  EXPECT_EQ(tcp.flags.bits, kPsh | kAck | TcpFlags::kUrg);
  EXPECT_EQ(tcp.seq.first.value, 1);
  EXPECT_EQ(tcp.seq.last.value, 1001);
  EXPECT_EQ(tcp.seq.length.value, 1000);
  EXPECT_EQ(tcp.ack->value, 2);
  EXPECT_EQ(tcp.win->value, 3);
  EXPECT_EQ(tcp.urg->value, 4);
  EXPECT_EQ(tcp.options.size(), 3u);
  EXPECT_EQ(packet_of("> . 1:1(0)").direction, Direction::outbound);
}

TEST(ParseTcp, AbsentFieldsAreAbsent) {
  const Tcp tcp = tcp_of("> S 0:0(0)");
  EXPECT_FALSE(tcp.ack || tcp.win || tcp.urg || tcp.ports || tcp.psp_spi || tcp.any_options);
  EXPECT_TRUE(tcp.options.empty());
}

TEST(ParseTcp, FlagsAreLettersADotAndDigits) {
  const auto bits = [](std::string_view flags) {
    return tcp_of("> " + std::string(flags) + " 1:1(0)").flags.bits;
  };
  EXPECT_EQ(bits("S"), kSyn);
  EXPECT_EQ(bits("S."), kSyn | kAck);
  EXPECT_EQ(bits("SEW"), kSyn | kEce | kCwr);
  EXPECT_EQ(bits("FP."), kFin | kPsh | kAck);
  EXPECT_EQ(bits("P ."), kPsh | kAck);
  EXPECT_EQ(bits("."), kAck);
  EXPECT_EQ(bits("-"), 0);
  EXPECT_EQ(bits("A."), kAe | kAck);
}

TEST(ParseTcp, DigitInTheFlagsIsTheAceField) {
  // RFC 9768, 3.2.2: ACE is AE, CWR and ECE, from the highest bit down, so that 5 is AE and ECE.
  const TcpFlags five = tcp_of("> P.5 1:1(0)").flags;
  EXPECT_EQ(five.bits, kPsh | kAck | kAe | kEce);
  EXPECT_EQ(five.ace, 5);
  EXPECT_EQ(tcp_of("> S2 0:0(0)").flags.bits, kSyn | kCwr);
  EXPECT_EQ(tcp_of("> .0 1:1(0)").flags.bits, kAck);
}

TEST(ParseTcp, FlagsThatContradictEachOtherAreAnError) {
  EXPECT_THAT(remarks("+0 > E.5 1:1(0)\n"), HasSubstr("conflicting TCP flags"));
  EXPECT_THAT(remarks("+0 > S55 1:1(0)\n"), HasSubstr("conflicting TCP flags"));
  EXPECT_THAT(remarks("+0 > S9 1:1(0)\n"), HasSubstr("'9' is not a TCP flag"));
}

TEST(ParseTcp, SequenceNumbersHaveToAddUp) {
  EXPECT_EQ(remarks("+0 > . 1:11(9)\n"),
            "1:8: inconsistent sequence numbers: 1 + 9 is 10, not 11\n");
  EXPECT_EQ(remarks("+0 > . 4294967295:4294967295(0)\n"), "");
  EXPECT_THAT(remarks("+0 > . 4294967295:0(1)\n"), HasSubstr("cannot wrap around"));
  EXPECT_THAT(remarks("+0 > . 4294967296:4294967296(0)\n"), HasSubstr("is out of range"));
}

TEST(ParseTcp, RangesAreChecked) {
  EXPECT_EQ(remarks("+0 < . 1:1(0) ack 1 win 65536\n"),
            "1:25: the number after 'win' is out of range: 65536 is not in 0 to 65535\n");
  EXPECT_THAT(remarks("+0 < 70000 > 1 . 1:1(0)\n"), HasSubstr("source port is out of range"));
  EXPECT_THAT(remarks("+0 < . 1:1(0) ack -1\n"), HasSubstr("out of range"));
  EXPECT_THAT(remarks("+0 < S 0:0(0) win 1 <mss 65536>\n"), HasSubstr("out of range"));
  EXPECT_THAT(remarks("+0 < S 0:0(0) win 99999999999999999999\n"), HasSubstr("too large"));
}

TEST(ParseTcp, OrderOfFieldsIsFixed) {
  EXPECT_THAT(remarks("+0 > . 1:1(0) win 1 ack 1\n"), HasSubstr("'ack' stands too late"));
}

TEST(ParseTcpOptions, ReadsEveryKind) {
  EXPECT_EQ(option_of<OptMss>("mss 1460").mss.value, 1460);
  EXPECT_EQ(option_of<OptWindowScale>("wscale 7,nop").shift.value, 7);
  option_of<OptSackPermitted>("sackOK,nop,nop");
  option_of<OptEol>("eol,eol,eol,eol");
  const auto timestamps = option_of<OptTimestamps>("TS val 1 ecr 2,nop,nop");
  EXPECT_EQ(timestamps.val.value, 1);
  EXPECT_EQ(timestamps.ecr.value, 2);
  const auto sack = option_of<OptSack>("sack 1:2 3:4,nop,nop");
  ASSERT_EQ(sack.blocks.size(), 2u);
  EXPECT_EQ(sack.blocks[1].right.value, 4);
  EXPECT_EQ(option_of<OptMd5>("md5 000102030405060708090a0b0c0d0e0f,nop,nop").digest.size(), 16u);
  EXPECT_EQ(option_of<OptFastOpen>("FO 3021b9d889017eeb,nop,nop").cookie[1], 0x21);
  EXPECT_EQ(option_of<OptFastOpen>("FO 12,nop").cookie[0], 0x12) << "digits alone are octets too";
  EXPECT_TRUE(option_of<OptFastOpen>("FOEXP").experimental);
  const auto ecn = option_of<OptAccEcn>("ECN e1b 1 ceb 2 e0b 3,nop");
  EXPECT_TRUE(ecn.order1);
  EXPECT_EQ(ecn.counters.size(), 3u);
  const auto other = option_of<OptOther>("kind 253 len 9 hex \"0102\"");
  EXPECT_EQ(other.kind.value, 253);
  EXPECT_EQ(other.length->value, 9);
  EXPECT_EQ(other.data->octets, (Buffer{1, 2}));
  EXPECT_EQ(option_of<OptRaw>("hex \"01 02 03 04\"").data.octets.size(), 4u);
}

TEST(ParseTcpOptions, SizesAreThoseOfTheWire) {
  const auto size = [](std::string_view text) {
    const Tcp tcp = tcp_of("> . 1:1(0) <" + std::string(text) + "> ");
    return encoded_size(tcp.options.at(0));
  };
  EXPECT_EQ(size("mss 1"), 4u);
  EXPECT_EQ(size("TS val 1 ecr 2,nop,nop"), 10u);
  EXPECT_EQ(size("sack 1:2,nop,nop"), 10u);
  EXPECT_EQ(size("ECN e0b 1 ceb 2,nop,nop,nop,nop"), 8u);
  EXPECT_EQ(size("kind 99,nop,nop,nop"), 1u);
  EXPECT_EQ(size("kind 99 len 40,nop,nop"), 2u) << "a length that lies takes no room";
}

TEST(ParseTcpOptions, HaveToFillWholeWords) {
  EXPECT_THAT(remarks("+0 < S 0:0(0) win 1 <mss 1,nop>\n"),
              HasSubstr("have 5 octets, 1 more than a multiple of 4"));
  EXPECT_EQ(remarks(strict("+0 < S 0:0(0) win 1 <mss 1,nop> {tcp.data_offset=7}\n")), "")
      << "whoever sets the data offset may leave options unpadded";
  EXPECT_THAT(remarks("+0 < . 1:1(0) win 1 <sack 1:2 3:4 5:6 7:8 9:10,nop,nop>\n"),
              HasSubstr("there is room for 40"));
}

TEST(ParseTcpOptions, AnyOptionsAreForExpectedPackets) {
  EXPECT_TRUE(tcp_of("> S 0:0(0) <...>").any_options);
  EXPECT_THAT(remarks("+0 < S 0:0(0) win 1 <...>\n"), HasSubstr("has to choose"));
}

TEST(ParseIp, ReadsPacketdrillsForms) {
  EXPECT_EQ(packet_of("> [ect0] . 1:1(0)").ip.ecn, Ecn::ect0);
  EXPECT_EQ(packet_of("> (tos 0x28) . 1:1(0)").ip.tos->value, 0x28);
  EXPECT_EQ(packet_of("> [ttl 5] udp (3)").ip.ttl->value, 5);
  const Packet pair = packet_of("> [ce, flowlabel 0x12345] . 1:1(0)");
  EXPECT_EQ(pair.ip.ecn, Ecn::ce);
  EXPECT_EQ(pair.ip.flow_label->value, 0x12345);
  EXPECT_FALSE(event_of("+0 > [ce, flowlabel 0x12345] . 1:1(0)\n").ours);
  EXPECT_THAT(remarks("+0 < [ect01] . 1:1(0) win 1\n"), HasSubstr("has to choose"));
}

TEST(ParseIp, ReadsOurFields) {
  const IpInfo ip = packet_of("< [id 7, df, ttl 3, proto 99, offset 8, mf] udp (3)").ip;
  EXPECT_EQ(ip.id->value, 7);
  EXPECT_EQ(ip.dont_fragment, true);
  EXPECT_EQ(ip.protocol->value, 99);
  EXPECT_EQ(ip.offset->value, 8);
  EXPECT_EQ(ip.more_fragments, true);
  EXPECT_EQ(packet_of("< [nodf] udp (3)").ip.dont_fragment, false);
  EXPECT_EQ(packet_of("> [dscp(ef)] udp (3)").ip.dscp->value, 46);
  EXPECT_THAT(remarks("+0 < [offset 7] udp (3)\n"), HasSubstr("a multiple of 8"));
}

TEST(ParseIp, ReadsIpv4Options) {
  const IpInfo ip =
      packet_of(
          "< [options <nop, rr 3 ptr 4, lsrr 192.0.2.1 192.0.2.2, ts 2 flag 1 overflow 3, "
          "ra, kind 130 len 4 hex \"0102\">] udp (3)")
          .ip;
  ASSERT_EQ(ip.options.size(), 6u);
  EXPECT_EQ(ip.options[1].kind, IpOptionKind::record_route);
  EXPECT_EQ(ip.options[1].slots->value, 3);
  EXPECT_EQ(ip.options[1].pointer->value, 4);
  EXPECT_EQ(ip.options[2].addresses.size(), 2u);
  EXPECT_EQ(ip.options[3].overflow->value, 3);
  EXPECT_EQ(ip.options[5].value->value, 130);
}

TEST(ParseIp, ReadsExtensionHeaders) {
  const IpInfo ip = packet_of(
                        "< [hopopts <ra 0, padn 2>, routing type 0 left 1 fd00::1, "
                        "fragment id 5 offset 8 mf, dstopts <>, ext 50 hex \"00\"] udp (3)")
                        .ip;
  ASSERT_EQ(ip.extensions.size(), 5u);
  EXPECT_EQ(ip.extensions[0].options.size(), 2u);
  EXPECT_EQ(ip.extensions[1].segments_left->value, 1);
  EXPECT_TRUE(ip.extensions[2].more_fragments);
  EXPECT_EQ(ip.extensions[4].number->value, 50);
  EXPECT_THAT(remarks("+0 < [options <nop>, hopopts <>] udp (1)\n"), HasSubstr("one or the other"));
}

TEST(ParseEncapsulation, ReadsHeadersFromTheOutsideIn) {
  const Packet packet = packet_of(
      "< ipv4 [ttl 9] 192.0.2.1 > 192.168.0.1: gre flags [key present], sum 0, off 0, key = 7, "
      "seq 0: mpls (label 5, tc 0, [S], ttl 64): . 1:1(0) win 1");
  ASSERT_EQ(packet.encapsulation.size(), 3u);
  const auto& ip = std::get<IpHeader>(packet.encapsulation[0]);
  EXPECT_EQ(ip.info.ttl->value, 9);
  EXPECT_EQ(ip.dst.literal, IpAddress::v4(192, 168, 0, 1));
  const auto& gre = std::get<GreHeader>(packet.encapsulation[1]);
  EXPECT_EQ(gre.flags.value, GreHeader::kKeyPresent);
  EXPECT_EQ(gre.key.value, 7);
  const auto& mpls = std::get<MplsStack>(packet.encapsulation[2]);
  EXPECT_EQ(mpls.entries.at(0).label.value, 5);
  EXPECT_TRUE(mpls.entries.at(0).bottom);
}

TEST(ParseEncapsulation, ChecksFamiliesAndDepth) {
  EXPECT_THAT(remarks("+0 < ipv6 192.0.2.1 > ::1: udp (1)\n"), HasSubstr("other IP version"));
  EXPECT_THAT(remarks("+0 < gre: gre: gre: gre: gre: udp (1)\n"), HasSubstr("at most 6 headers"));
  EXPECT_EQ(remarks("+0 < gre: gre: gre: gre: udp (1)\n"), "");
}

TEST(ParsePacket, PspIsPartOfTheTcpHeader) {
  EXPECT_EQ(tcp_of("< encap psp spi 7 . 1:1(0) win 1").psp_spi->value, 7);
}

TEST(ParsePacket, LabelNamesTheConnection) {
  EXPECT_EQ(packet_of("< @b S 0:0(0) win 1").connection, "b");
}

TEST(ParseUdp, HasALengthAndPorts) {
  const Packet packet = packet_of("< udp 9000 > 7 (5) \"hello\"");
  EXPECT_EQ(packet.as<Udp>()->ports->src.value, 9000);
  EXPECT_EQ(packet.as<Udp>()->length.value, 5);
  EXPECT_EQ(packet.payload->octets.size(), 5u);
}

TEST(ParsePayload, HasToFitTheLength) {
  EXPECT_EQ(packet_of("< P. 1:4(3) win 1 hex \"00 ff7f\"").payload->octets, (Buffer{0, 255, 127}));
  EXPECT_THAT(remarks("+0 < udp (4) \"hello\"\n"),
              HasSubstr("has 5 octets, but the packet says 4"));
  EXPECT_THAT(remarks("+0 < udp (1) hex \"0\"\n"), HasSubstr("odd number"));
  EXPECT_THAT(remarks("+0 < udp (1) hex \"zz\"\n"), HasSubstr("only hexadecimal digits"));
}

TEST(ParseIcmp, ReadsPacketdrillsForms) {
  const Packet packet = packet_of("< icmp unreachable frag_needed mtu 1280 [1:1001(1000)]");
  const Icmp& icmp = *packet.as<Icmp>();
  EXPECT_EQ(icmp.type, "unreachable");
  EXPECT_EQ(icmp.code, "frag_needed");
  EXPECT_EQ(icmp.mtu->value, 1280);
  EXPECT_EQ(std::get<QuotedTcp>(*icmp.quote).seq.length.value, 1000);
  const Packet udp = packet_of("< icmp unreachable [udp (32)]");
  EXPECT_EQ(std::get<QuotedUdp>(*udp.as<Icmp>()->quote).length.value, 32);
  const Packet raw = packet_of("< icmp echo_request id 5 [raw (64)]");
  EXPECT_EQ(std::get<QuotedNothing>(*raw.as<Icmp>()->quote).length.value, 64);
  EXPECT_EQ(raw.as<Icmp>()->id->value, 5);
}

TEST(ParseIcmp, ReadsOurFields) {
  const Packet echo = packet_of("< icmp echo_request id 7 seq 1 (5) \"hello\"");
  EXPECT_EQ(echo.as<Icmp>()->length->value, 5);
  EXPECT_EQ(std::get<Number>(echo.as<Icmp>()->fields.at(0).value).value, 1);
  const Packet ndp =
      packet_of("< icmp neighbor_advertisement target fd00::1 solicited tlla peer_mac");
  ASSERT_EQ(ndp.as<Icmp>()->fields.size(), 3u);
  EXPECT_EQ(ndp.as<Icmp>()->fields[1].name, "solicited");
  EXPECT_EQ(std::get<LinkAddress>(ndp.as<Icmp>()->fields[2].value).name, "peer_mac");
}

TEST(ParseIcmp, UnknownNamesAreErrorsWithASuggestion) {
  const auto result = parse({"t", "+0 < icmp unreachble\n"});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.diagnostics[0].hint, "did you mean 'unreachable'?");
  EXPECT_THAT(remarks("+0 < icmp unreachable CODE\n"), HasSubstr("'CODE' is not a code"));
  EXPECT_EQ(remarks("+0 < icmp type_42 code_3\n"), "");
  EXPECT_THAT(remarks("+0 < icmp type_256\n"), HasSubstr("is not a type"));
}

TEST(ParseArp, ReadsEveryForm) {
  const auto arp = [](std::string_view text) { return *packet_of(text).as<Arp>(); };
  const Arp who = arp("< arp who-has local tell gateway from 02:00:00:00:00:09");
  EXPECT_EQ(who.target.name, "local");
  EXPECT_EQ(who.sender.name, "gateway");
  EXPECT_EQ(who.sender_mac->literal->octets[5], 9);
  const Arp reply = arp("> arp reply local is-at local_mac to peer_mac");
  EXPECT_EQ(reply.form, ArpForm::reply);
  EXPECT_EQ(reply.sender.name, "local");
  EXPECT_EQ(reply.target_mac->name, "peer_mac");
  EXPECT_EQ(arp("< arp probe 192.168.0.1").form, ArpForm::probe);
  EXPECT_EQ(arp("< arp announce 192.168.0.1").sender.spelling, "192.168.0.1");
}

TEST(ParseDns, ReadsQuestionsFlagsAndRecords) {
  const Packet packet = packet_of(
      "< dns response \"www.example\" A aa ra, answer \"www.example\" 60 CNAME \"x.example\", "
      "answer \"x.example\" 60 A 192.0.2.9, authority \"example\" 60 SOA \"ns\" \"mail\" 1 2 3 4 "
      "5, "
      "additional \"t\" 1 TXT \"a\" \"b\", additional \"\" 0 class 4096 OPT {dns.id=+1}");
  const Dns& dns = *packet.as<Dns>();
  EXPECT_EQ(dns.form, DnsForm::response);
  EXPECT_EQ(dns.flags, (std::vector<std::string>{"aa", "ra"}));
  ASSERT_EQ(dns.records.size(), 5u);
  EXPECT_EQ(std::get<IpAddress>(dns.records[1].data.at(0)), IpAddress::v4(192, 0, 2, 9));
  EXPECT_EQ(dns.records[2].section, DnsSection::authority);
  EXPECT_EQ(dns.records[2].data.size(), 7u) << "two names, not one that is continued";
  EXPECT_EQ(dns.records[3].data.size(), 2u);
  EXPECT_EQ(dns.records[4].dns_class->value, 4096);
  EXPECT_EQ(packet.overrides.at(0).how, Override::How::add);
}

TEST(ParseDns, FlagsMayStandInBracketsAtTheEnd) {
  const Packet packet =
      packet_of("< dns response \"a\" A, answer \"a\" 1 A 192.0.2.1 [flags: aa nxdomain]");
  EXPECT_EQ(packet.as<Dns>()->flags, (std::vector<std::string>{"aa", "nxdomain"}));
}

TEST(ParsePacket, ReadsOtherProtocolsAndBareOctets) {
  const Packet other = packet_of("< ip proto 253 (20)");
  EXPECT_EQ(other.as<OtherIp>()->protocol.value, 253);
  EXPECT_EQ(packet_of("< frame hex \"ffff\"").as<Literal>()->layer, LiteralLayer::frame);
  EXPECT_EQ(packet_of("< tcp hex \"00\"").as<Literal>()->layer, LiteralLayer::tcp);
  EXPECT_EQ(packet_of("< udp hex \"00\"").as<Literal>()->layer, LiteralLayer::udp);
  EXPECT_EQ(packet_of("< icmp hex \"00\"").as<Literal>()->layer, LiteralLayer::icmp);
}

TEST(ParseFragment, IsARangeOfOctets) {
  const Fragment fragment = *packet_of("< udp (32) frag id 7 0:16").fragment;
  EXPECT_EQ(fragment.id->value, 7);
  EXPECT_EQ(fragment.last.value, 16);
  EXPECT_FALSE(fragment.more.has_value());
  EXPECT_EQ(packet_of("< udp (32) frag 16:40 mf").fragment->more, true);
  EXPECT_EQ(packet_of("< udp (32) frag 16:40 nomf").fragment->more, false);
  EXPECT_THAT(remarks("+0 < udp (32) frag 4:16\n"), HasSubstr("a multiple of 8"));
  EXPECT_THAT(remarks("+0 < udp (32) frag 16:8\n"), HasSubstr("ends behind its start"));
}

TEST(ParseOverrides, ReadsEveryKindOfValue) {
  const auto made =
      packet_of(
          "< . 1:1(0) win 1 {tcp.data_offset=4, tcp.checksum=bad, ip.total_length=+4, "
          "ip.ttl=-1, eth.dst=broadcast_mac, ip.src=192.0.2.9, eth.type=0x86dd, tcp.x=word}")
          .overrides;
  ASSERT_EQ(made.size(), 8u);
  EXPECT_EQ(made[0].layer, "tcp");
  EXPECT_EQ(made[0].field, "data_offset");
  EXPECT_EQ(std::get<Number>(made[0].value).value, 4);
  EXPECT_EQ(made[1].how, Override::How::bad);
  EXPECT_EQ(made[2].how, Override::How::add);
  EXPECT_EQ(std::get<Number>(made[3].value).value, -1);
  EXPECT_EQ(made[3].how, Override::How::add);
  EXPECT_EQ(std::get<LinkAddress>(made[4].value).name, "broadcast_mac");
  EXPECT_TRUE(std::get<Address>(made[5].value).literal.has_value());
  EXPECT_EQ(std::get<Number>(made[6].value).value, 0x86dd);
  EXPECT_EQ(std::get<std::string>(made[7].value), "word");
}

TEST(ParseOverrides, KeepHasAName) {
  const auto made = packet_of("> S. 0:0(0) ack 1 <...> {tcp.seq=keep isn}").overrides;
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(made[0].how, Override::How::keep);
  EXPECT_EQ(std::get<std::string>(made[0].value), "isn");
  EXPECT_THAT(remarks("+0 > S. 0:0(0) ack 1 <...> {tcp.seq=keep}\n"),
              HasSubstr("the name under which 'keep' is to keep it"));
}

TEST(ParseOverrides, SymbolsNeverReplaceTheNamesOfFields) {
  ParseOptions options;
  options.defines = {{"tcp", "udp"}, {"checksum", "win"}};
  const Packet packet = packet_of("< . 1:1(0) win 1 {tcp.checksum=bad}", options);
  EXPECT_EQ(packet.overrides.at(0).layer, "tcp");
  EXPECT_EQ(packet.overrides.at(0).field, "checksum");
}

}  // namespace
}  // namespace packetwright::script
