// SPDX-License-Identifier: Apache-2.0
// Path MTU discovery as a connection sees it: reports that are doubted (RFC 5927, 7.2), paths that
// got better (RFC 8201, 5.3), and what is found out without routers (RFC 4821).
#include <gtest/gtest.h>

#include "stack/tcp/tcp_test_support.hh"

namespace packetwright::tcp {
namespace {

using testing::Bench;

Bench& at_established(Bench& bench, bool sack = false) {
  return bench.with_peer_options({.mss = 1460, .sack_permitted = sack}).at_established();
}

// A connection whose peer has acknowledged a segment of full size.
Bench& at_proven(Bench& bench) {
  at_established(bench);
  bench.write(1460);
  bench.arrive({.flags = ".", .seq = 1, .ack = 1461});
  return bench;
}

//= RFC5927-7.2-a
TEST(TcpPathMtu, AReportThatContradictsAnAcknowledgmentIsDoubted) {
  Bench bench;
  at_proven(bench).write(1460);
  EXPECT_EQ(bench.icmp(IcmpErrorKind::packet_too_big, 1461, 540), "");
  EXPECT_EQ(bench.drops(), "icmp_too_big_doubted");
  EXPECT_EQ(bench.status().snd_mss, 1460);
  // The peer acknowledges what was said not to fit: that settles it.
  bench.arrive({.flags = ".", .seq = 1, .ack = 2921});
  bench.write(1460);
  EXPECT_EQ(bench.advance(1s), "P. 2921:4381(1460) ack 1");
}

//= RFC5927-7.2-a
TEST(TcpPathMtu, ADoubtedReportIsTrueIfNothingComesThrough) {
  Bench bench;
  at_proven(bench).write(1460);
  bench.icmp(IcmpErrorKind::packet_too_big, 1461, 540);
  EXPECT_EQ(bench.advance(1s), ". 1461:1961(500) ack 1");
  EXPECT_EQ(bench.status().snd_mss, 500);
  // What was proven before says nothing any more.
  bench.icmp(IcmpErrorKind::packet_too_big, 1461, 340);
  EXPECT_EQ(bench.status().snd_mss, 300);
}

TEST(TcpPathMtu, SeveralSmallSegmentsProveNothing) {
  Bench bench;
  at_established(bench.with_options({.nodelay = true}));
  bench.write(800);
  bench.write(800);
  bench.arrive({.flags = ".", .seq = 1, .ack = 1601});
  bench.write(1460);
  bench.icmp(IcmpErrorKind::packet_too_big, 1601, 940);
  EXPECT_EQ(bench.status().snd_mss, 900);
}

TEST(TcpPathMtu, ADoubtedReportWithoutASizeIsNotPassedOn) {
  Bench bench;
  at_proven(bench).write(1460);
  EXPECT_EQ(bench.icmp(IcmpErrorKind::packet_too_big, 1461, 0), "");
  EXPECT_EQ(bench.drops(), "icmp_too_big_doubted");
}

TEST(TcpPathMtu, AReportThatChangesNoSegmentResendsNothing) {
  Bench bench;
  bench.with_peer_options({.mss = 536}).at_established();
  bench.write(536);
  EXPECT_EQ(bench.icmp(IcmpErrorKind::packet_too_big, 1, 1000), "");
  EXPECT_EQ(bench.status().snd_mss, 536);
}

TEST(TcpPathMtu, DoubtCanBeSwitchedOff) {
  TcpConfig config = Bench::plain_config();
  config.doubt_too_big = false;
  Bench bench{config};
  at_proven(bench).write(1460);
  bench.icmp(IcmpErrorKind::packet_too_big, 1461, 540);
  EXPECT_EQ(bench.status().snd_mss, 500);
}

TcpConfig suspicious() {
  TcpConfig config = Bench::plain_config();
  config.path_probing = PathProbing::black_hole;
  config.r1_retransmissions = 2;
  return config;
}

//= RFC4821-7.7-a
TEST(TcpPathMtu, WhereLargeSegmentsVanishSmallerOnesAreSent) {
  Bench bench{suspicious()};
  at_established(bench);
  bench.write(1460);
  EXPECT_EQ(bench.advance_to_next_deadline(), "P. 1:1461(1460) ack 1");
  EXPECT_EQ(bench.advance_to_next_deadline(), ". 1:1025(1024) ack 1");
  EXPECT_EQ(bench.advance_to_next_deadline(), ". 1:493(492) ack 1");  // a packet half as long
  EXPECT_EQ(bench.status().snd_mss, 492);
  // It was that: all the rest follows.
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 493}),
            ". 493:985(492) ack 1 | . 985:1025(40) ack 1 | P. 1025:1461(436) ack 1");
}

//= RFC4821-7.7-a
TEST(TcpPathMtu, OfIpv6NotBelowItsSmallestMtu) {
  Bench bench{suspicious()};
  bench.local.address = IpAddress::v6({0xfd, 0, 0, 1});
  bench.remote.address = IpAddress::v6({0xfd, 0, 0, 2});
  bench.path = {1440, 1440};
  bench.with_peer_options({.mss = 1440}).at_established();
  bench.write(1440);
  for (int i = 0; i < 5; ++i) bench.advance_to_next_deadline();
  EXPECT_EQ(bench.status().snd_mss, 1220);
}

TEST(TcpPathMtu, ThatIsNotSuspectedUnasked) {
  Bench bench;
  at_established(bench);
  bench.write(1460);
  for (int i = 0; i < 5; ++i) bench.advance_to_next_deadline();
  EXPECT_EQ(bench.status().snd_mss, 1460);
}

// --- active probing

constexpr std::uint32_t kFirst = 10 * 1024;  // the initial window
constexpr std::uint32_t kProbe = 1242;       // in the middle of 1024 and 1460

TcpConfig searching(bool sack = false) {
  TcpConfig config = Bench::plain_config();
  config.path_probing = PathProbing::always;
  config.sack = sack;
  return config;
}

// A first window was acknowledged, and more was written: a probe is under way, with six segments
// behind it.
Bench& at_probing(Bench& bench, bool sack = false) {
  at_established(bench, sack);
  bench.write(kFirst);
  bench.arrive({.flags = ".", .seq = 1, .ack = 1 + kFirst});
  EXPECT_EQ(bench.write(kProbe + 6 * 1024).substr(0, 29), ". 10241:11483(1242) ack 1 | .");
  return bench;
}

//= RFC4821-7.1-a
TEST(TcpPathMtu, SearchBeginsWithSmallSegments) {
  Bench bench{searching()};
  at_established(bench);
  EXPECT_EQ(bench.status().snd_mss, 1024);
  bench.write(kFirst);
  EXPECT_EQ(bench.status().snd_probe, 0) << "no probe in the initial window";
}

//= RFC4821-4-c
TEST(TcpPathMtu, AProbeThatArrivesMakesSegmentsLarger) {
  Bench bench{searching()};
  at_probing(bench);
  EXPECT_EQ(bench.status().snd_probe, kProbe);
  const std::uint32_t window = bench.status().cwnd;
  bench.arrive({.flags = ".", .seq = 1, .ack = 1 + kFirst + kProbe});
  EXPECT_EQ(bench.status().snd_mss, kProbe);
  EXPECT_EQ(bench.status().snd_probe, 0);
  EXPECT_LE(bench.status().cwnd, window + kProbe);  // slow start, no more
  bench.arrive({.flags = ".", .seq = 1, .ack = 1 + kFirst + kProbe + 6 * 1024});
  EXPECT_EQ(bench.write(2 * kProbe), ". 17627:18869(1242) ack 1 | P. 18869:20111(1242) ack 1");
}

//= RFC4821-4-b
//= RFC4821-7.6.2-a
TEST(TcpPathMtu, AProbeThatAloneIsLostIsNoCongestion) {
  for (const bool sack : {false, true}) {
    Bench bench{searching(sack)};
    at_probing(bench, sack);
    const std::uint32_t window = bench.status().cwnd;
    std::string sent;
    for (std::uint32_t i = 1; i <= 3; ++i) {
      Options options;
      if (sack) {
        options.sack_blocks[0] = {SeqNum{1000 + 1 + kFirst + kProbe},
                                  SeqNum{1000 + 1 + kFirst + kProbe + i * 1024}};
        options.sack_count = 1;
      }
      sent += bench.arrive({.flags = ".", .seq = 1, .ack = 1 + kFirst, .options = options});
    }
    // Its text goes again in ordinary segments, and nothing else does.
    EXPECT_EQ(sent, ". 10241:11265(1024) ack 1 | . 11265:11483(218) ack 1") << sack;
    EXPECT_EQ(bench.status().cwnd, window) << sack;
    EXPECT_EQ(bench.status().snd_mss, 1024);
    bench.arrive({.flags = ".", .seq = 1, .ack = 1 + kFirst + kProbe + 6 * 1024});
    EXPECT_GE(bench.status().cwnd, window);
    // No probe soon again (RFC 4821, 7.6.2).
    bench.write(8 * 1024);
    EXPECT_EQ(bench.status().snd_probe, 0);
  }
}

TEST(TcpPathMtu, OtherLossesBesideTheProbeAreCongestion) {
  Bench bench{searching(true)};
  at_probing(bench, true);
  const std::uint32_t window = bench.status().cwnd;
  const std::uint32_t behind = 1000 + 1 + kFirst + kProbe;
  for (std::uint32_t i = 2; i <= 4; ++i) {  // the segment behind the probe is missing too
    Options options;
    options.sack_blocks[0] = {SeqNum{behind + 1024}, SeqNum{behind + i * 1024}};
    options.sack_count = 1;
    bench.arrive({.flags = ".", .seq = 1, .ack = 1 + kFirst, .options = options});
  }
  EXPECT_LT(bench.status().cwnd, window);
  EXPECT_EQ(bench.status().snd_probe, 0) << "nothing is learnt from it";
}

//= RFC8201-5.4-d
TEST(TcpPathMtu, ARouterThatReportsAProbeSaysHowMuchFits) {
  Bench bench{searching()};
  at_probing(bench);
  const std::uint32_t window = bench.status().cwnd;
  EXPECT_EQ(bench.icmp(IcmpErrorKind::packet_too_big, 1 + kFirst, 1200),
            ". 10241:11265(1024) ack 1 | . 11265:11483(218) ack 1");
  EXPECT_EQ(bench.status().cwnd, window);
  EXPECT_EQ(bench.status().snd_mss, 1024);
}

TEST(TcpPathMtu, ATimeoutOfAProbeIsCongestionAndALongPause) {
  Bench bench{searching()};
  at_probing(bench);
  const std::uint32_t window = bench.status().cwnd;
  EXPECT_EQ(bench.advance_to_next_deadline(), ". 10241:11265(1024) ack 1");
  EXPECT_LT(bench.status().cwnd, window);
  EXPECT_EQ(bench.status().snd_probe, 0);
}

// ACKs of one segment each would let go a small segment each, and never a probe.
TEST(TcpPathMtu, NewTextWaitsForRoomForAProbe) {
  Bench bench{searching()};
  at_established(bench);
  bench.write(kFirst + 20 * 1024);
  std::string sent;
  std::uint32_t acked = 1;
  for (int i = 0; i < 4 && sent.find("(1242)") == std::string::npos; ++i) {
    acked += 1024;
    sent += bench.arrive({.flags = ".", .seq = 1, .ack = acked});
  }
  EXPECT_NE(sent.find("(1242)"), std::string::npos) << bench.story();
}

// --- a path that got better

//= RFC8201-5.3-a
//= RFC1191-6.3-b
//= RFC4821-4-c
TEST(TcpPathMtu, APathThatTakesMoreIsUsed) {
  Bench bench;
  bench.path.send_mss = 500;
  at_established(bench);
  bench.write(500);
  bench.arrive({.flags = ".", .seq = 1, .ack = 501});
  const std::uint32_t window = bench.status().cwnd;
  EXPECT_EQ(bench.status().snd_mss, 500);
  bench.path.send_mss = 1460;
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 501}), "");  // nothing is sent again
  EXPECT_EQ(bench.status().snd_mss, 1460);
  EXPECT_EQ(bench.status().cwnd, window);
  bench.path.send_mss = 500;  // down only by a report about this connection
  bench.arrive({.flags = ".", .seq = 1, .ack = 501});
  EXPECT_EQ(bench.status().snd_mss, 1460);
}

}  // namespace
}  // namespace packetwright::tcp
