// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "stack/tcp/tcp_test_support.hh"

// When text is sent, how much of it, and what window is offered: RFC 9293, 3.7 and 3.8.
namespace packetwright::tcp::testing {
namespace {

// --- 3.7.1, segment sizes

TEST(TcpMss, IsTheDefaultOfTheFamilyWhenThePeerSaysNothing) {
  Bench four;
  four.at_listen();
  four.arrive({.flags = "S"});
  EXPECT_EQ(four.status().snd_mss, 536);

  Bench six;
  six.local = {IpAddress::v6({0x20, 1}), 80};
  six.remote = {IpAddress::v6({0x20, 2}), 40000};
  six.at_listen();
  six.arrive({.flags = "S"});
  EXPECT_EQ(six.status().snd_mss, 1220);
}

TEST(TcpMss, IsTheSmallerOfWhatPeerAndPathTake) {
  Bench bench;
  bench.path.send_mss = 900;
  bench.at_established();
  EXPECT_EQ(bench.status().snd_mss, 900);
  EXPECT_EQ(bench.write(1000), ". 1:901(900) ack 1");
}

TEST(TcpMss, OptionsTakeRoomFromTheText) {
  TcpConfig config = Bench::plain_config();
  config.timestamps = true;
  Bench bench(config);
  bench.with_peer_options({.timestamps = Timestamps{1, 0}}).at_established();
  EXPECT_EQ(bench.status().snd_mss, 988);
  EXPECT_EQ(bench.write(2000), ". 1:989(988) ack 1 | . 989:1977(988) ack 1");
}

TEST(TcpMss, SackBlocksTakeRoomFromTheTextToo) {
  TcpConfig config = Bench::plain_config();
  config.sack = true;
  Bench bench(config);
  bench.with_peer_options({.sack_permitted = true}).at_established();
  bench.arrive({.flags = ".", .seq = 101, .ack = 1, .size = 10});
  // 10 octets of option are padded to 12. The rest is short, and Nagle holds it.
  EXPECT_EQ(bench.write(1000), ". 1:989(988) ack 1 <sack 101:111>");
}

TEST(TcpMss, AnnouncesWhatTheInterfaceTakes) {
  Bench bench;
  bench.path.receive_mss = 1400;
  bench.at_syn_sent();
  EXPECT_EQ(bench.last_sent().options.mss, 1400);
  Bench passive;
  passive.path.receive_mss = 1300;
  passive.at_syn_received();
  EXPECT_EQ(passive.last_sent().options.mss, 1300);
}

TEST(TcpMss, TheUserMayBoundBothDirections) {
  Bench bench;
  bench.with_options({.max_segment = 700}).at_established();
  EXPECT_EQ(bench.sent().front().options.mss, 700);
  EXPECT_EQ(bench.write(800), ". 1:701(700) ack 1");
}

TEST(TcpMss, ATinyOrZeroMssDoesNotStopTheConnection) {
  for (const std::uint16_t mss : {0, 1, 47}) {
    TcpConfig config = Bench::plain_config();
    config.timestamps = config.sack = true;
    Bench bench(config);
    bench.with_peer_options({.mss = mss, .sack_permitted = true, .timestamps = Timestamps{1, 0}})
        .at_established();
    EXPECT_EQ(bench.status().snd_mss, 36) << mss;
    for (std::uint32_t i = 0; i < 5; ++i) {
      bench.arrive({.flags = ".", .seq = 101 + 20 * i, .ack = 1, .size = 10});
    }
    EXPECT_NE(bench.write(100), "") << mss;
    EXPECT_GE(bench.last_sent().size, 20u) << mss;
  }
}

// --- 3.7.4, Nagle; cork

TEST(TcpNagle, HoldsAShortSegmentWhileSomethingIsOutstanding) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.write(10), "P. 1:11(10) ack 1");
  EXPECT_EQ(bench.write(10), "");
  EXPECT_EQ(bench.write(10), "");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 11}), "P. 11:31(20) ack 1");
}

TEST(TcpNagle, AFullSegmentDoesNotWait) {
  Bench bench;
  bench.at_established();
  bench.write(10);
  EXPECT_EQ(bench.write(1200), ". 11:1011(1000) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 11}), "");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1011}), "P. 1011:1211(200) ack 1");
}

TEST(TcpNagle, CanBeTurnedOff) {
  Bench bench;
  bench.with_options({.nodelay = true}).at_established();
  EXPECT_EQ(bench.write(10), "P. 1:11(10) ack 1");
  EXPECT_EQ(bench.write(10), "P. 11:21(10) ack 1");
}

TEST(TcpNagle, TurningItOffSendsWhatWaits) {
  Bench bench;
  bench.at_established();
  bench.write(10);
  bench.write(10);
  Actions act;
  bench.tcp().set_options(bench.now(), bench.id(), {.nodelay = true}, act);
  ASSERT_EQ(act.segment_count(), 1u);
  EXPECT_EQ(act.segment(0).size, 10u);
}

TEST(TcpNagle, CloseSendsTheRestWithTheFin) {
  Bench bench;
  bench.at_established();
  bench.write(10);
  bench.write(10);
  EXPECT_EQ(bench.close(), "FP. 11:21(10) ack 1");
}

TEST(TcpNagle, UrgentTextDoesNotWait) {
  Bench bench;
  bench.at_established();
  bench.write(10);
  EXPECT_EQ(bench.write(10, {.urgent = true}), "P. 11:21(10) ack 1 urg 10");
}

TEST(TcpCork, HoldsAShortSegmentEvenWhenIdle) {
  Bench bench;
  bench.with_options({.cork = true}).at_established();
  EXPECT_EQ(bench.write(10), "");
  EXPECT_EQ(bench.write(1000), ". 1:1001(1000) ack 1");
  Actions act;
  bench.tcp().set_options(bench.now(), bench.id(), {.nodelay = true}, act);
  ASSERT_EQ(act.segment_count(), 1u);
  EXPECT_EQ(act.segment(0).size, 10u);
}

TEST(TcpCork, LetsGoAfterAWhile) {
  Bench bench;
  bench.with_options({.cork = true}).at_established();
  EXPECT_EQ(bench.write(10), "");
  EXPECT_EQ(bench.advance(199ms), "");
  EXPECT_EQ(bench.advance(1ms), "P. 1:11(10) ack 1");
}

TEST(TcpCork, MoreIsACorkForOneWrite) {
  Bench bench;
  bench.with_options({.nodelay = true}).at_established();
  EXPECT_EQ(bench.write(10, {.more = true}), "");
  EXPECT_EQ(bench.write(10), "P. 1:21(20) ack 1");
}

TEST(TcpCork, APushLetsGoWhatWaits) {
  Bench bench;
  bench.with_options({.cork = true}).at_established();
  EXPECT_EQ(bench.write(10), "");
  Actions act;
  bench.tcp().push(bench.now(), bench.id(), act);
  ASSERT_EQ(act.segment_count(), 1u);
  EXPECT_EQ(act.segment(0).size, 10u);
  EXPECT_TRUE(act.segment(0).psh);
}

// --- records

TEST(TcpRecord, EndsASegmentWhateverFollows) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.write(10), "P. 1:11(10) ack 1");
  EXPECT_EQ(bench.write(20, {.record_end = true}), "") << "Nagle: more may still come";
  EXPECT_EQ(bench.write(1'500), "P. 11:31(20) ack 1 | . 31:1031(1000) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 11}), "");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1'031}), "P. 1031:1531(500) ack 1");
}

TEST(TcpRecord, BeginsATrainOfItsOwn) {
  TcpConfig config = Bench::plain_config();
  config.train_segments = 2;
  Bench bench(config);
  bench.with_options({.cork = true}).at_established();
  EXPECT_EQ(bench.write(400, {.record_end = true}), "");
  EXPECT_EQ(bench.write(1'500), "P. 1:401(400) ack 1 | . 401:1401(1000) ack 1");
}

TEST(TcpRecord, OfManySegmentsIsCutAsAnyText) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.write(2'400, {.record_end = true}),
            ". 1:1001(1000) ack 1 | . 1001:2001(1000) ack 1");
  EXPECT_EQ(bench.write(10), "P. 2001:2401(400) ack 1") << "nothing can join the record any more";
}

TEST(TcpRecord, IsSentAgainAsItWas) {
  Bench bench;
  bench.with_options({.nodelay = true}).at_established();
  EXPECT_EQ(bench.write(20, {.record_end = true}), "P. 1:21(20) ack 1");
  EXPECT_EQ(bench.write(30, {.record_end = true}), "P. 21:51(30) ack 1");
  EXPECT_EQ(bench.advance(1s), "P. 1:21(20) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 21}), "P. 21:51(30) ack 1");
}

// --- PSH

TEST(TcpPush, MarksTheLastOfWhatWasWritten) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.write(2500), ". 1:1001(1000) ack 1 | . 1001:2001(1000) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 2001}), "P. 2001:2501(500) ack 1");
}

// MSG_MORE is a SEND without the PUSH flag (RFC 9293, 3.9.1.2).
TEST(TcpPush, IsNotMeantWhereMoreFollows) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.write(1'000, {.more = true}), ". 1:1001(1000) ack 1");
  EXPECT_EQ(bench.write(1'000), "P. 1001:2001(1000) ack 1");
}

// --- 3.8.6, the peer's window

TEST(TcpSendWindow, IsNeverExceeded) {
  Bench bench;
  bench.with_peer_window(2500).at_established();
  // Two full segments; what is left of the window is less than half of it.
  EXPECT_EQ(bench.write(5000), ". 1:1001(1000) ack 1 | . 1001:2001(1000) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 2001, .window = 1000}),
            ". 2001:3001(1000) ack 1");
}

TEST(TcpSendWindow, ScaledWindowsCountInFull) {
  TcpConfig config = Bench::plain_config();
  config.window_scaling = true;
  Bench bench(config);
  bench.with_peer_options({.window_scale = std::uint8_t{2}}).at_established();
  // The SYN's own window was not scaled, the ACK's was.
  EXPECT_EQ(bench.status().snd_wnd, 65535u * 4);
}

TEST(TcpSendWindow, AShiftAboveFourteenCountsAsFourteen) {
  TcpConfig config = Bench::plain_config();
  config.window_scaling = true;
  Bench bench(config);
  bench.with_peer_options({.window_scale = std::uint8_t{200}}).at_established();
  EXPECT_EQ(bench.status().snd_wscale, 14);
  EXPECT_EQ(bench.status().snd_wnd, 65535u << 14);
}

TEST(TcpSendWindow, AShrunkenWindowHoldsNewTextAndHarmsNothing) {
  Bench bench;
  bench.at_established();
  bench.write(5000);
  // The usable window is negative now.
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1001, .window = 1500}), "");
  EXPECT_EQ(bench.write(3000), "");
  // What lies in the window is resent as usual.
  EXPECT_EQ(bench.advance(1s), ". 1001:2001(1000) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 5001, .window = 1000}),
            ". 5001:6001(1000) ack 1");
}

TEST(TcpSendWindow, ARetransmissionIsCutAtTheShrunkenEdge) {
  Bench bench;
  bench.at_established();
  bench.write(5000);
  bench.arrive({.flags = ".", .seq = 1, .ack = 1001, .window = 500});
  EXPECT_EQ(bench.advance(1s), ". 1001:1501(500) ack 1");
}

TEST(TcpSillyWindow, TheSenderWaitsForASegmentOrHalfTheWindow) {
  Bench bench;
  bench.with_peer_window(4000).at_established();
  bench.write(6000);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 4001, .window = 500}), "");
  // Nothing is outstanding, so no ACK will come: the override timer sends what fits.
  EXPECT_EQ(bench.advance(199ms), "");
  EXPECT_EQ(bench.advance(1ms), ". 4001:4501(500) ack 1");
}

TEST(TcpSillyWindow, HalfOfTheLargestWindowIsEnough) {
  Bench bench;
  bench.with_peer_window(800).at_established();
  EXPECT_EQ(bench.write(2000), ". 1:801(800) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 801, .window = 400}),
            ". 801:1201(400) ack 1");
}

// --- 3.8.6.1, zero-window probing

TEST(TcpZeroWindow, IsProbedWithOneOctetAtGrowingIntervalsForEver) {
  Bench bench;
  bench.with_peer_window(1000).at_established();
  EXPECT_EQ(bench.write(3000), ". 1:1001(1000) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1001, .window = 0}), "");
  Duration wait = 1s;
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(bench.advance(wait - 1ms), "") << i;
    EXPECT_EQ(bench.advance(1ms), ". 1001:1002(1) ack 1") << i;
    EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1001, .window = 0}), "") << i;
    wait = std::min<Duration>(wait * 2, 60s);
  }
  EXPECT_EQ(bench.state(), State::established);
  // The window opens: what the probes carried goes again with what follows.
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1001, .window = 2000}),
            ". 1001:2001(1000) ack 1 | P. 2001:3001(1000) ack 1");
  EXPECT_EQ(bench.status().cwnd, 10'000u) << "a closed window is no congestion";
}

TEST(TcpZeroWindow, AProbeThatIsTakenIsAcknowledged) {
  Bench bench;
  bench.with_peer_window(1000).at_established();
  bench.write(3000);
  bench.arrive({.flags = ".", .seq = 1, .ack = 1001, .window = 0});
  bench.advance(1s);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1002, .window = 0}), "");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1002, .window = 1000}),
            ". 1002:2002(1000) ack 1");
}

TEST(TcpZeroWindow, OpensAtOnceEvenAfterATimeout) {
  Bench bench;
  bench.at_established();
  bench.write(3000);
  bench.advance(1s);  // the timer has spoken
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .window = 0});
  EXPECT_EQ(bench.advance(2s), ". 1:2(1) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1, .window = 5000}),
            ". 1:1001(1000) ack 1");
}

TEST(TcpZeroWindow, TheNextOneIsProbedAfterOneRtoAgain) {
  Bench bench;
  bench.with_peer_window(1000).at_established();
  bench.write(5000);
  bench.arrive({.flags = ".", .seq = 1, .ack = 1001, .window = 0});
  bench.advance(7s);
  bench.arrive({.flags = ".", .seq = 1, .ack = 1001, .window = 1000});
  bench.arrive({.flags = ".", .seq = 1, .ack = 2001, .window = 0});
  EXPECT_EQ(bench.advance(999ms), "");
  EXPECT_EQ(bench.advance(1ms), ". 2001:2002(1) ack 1");
}

TEST(TcpZeroWindow, GivesUpWhenNobodyAnswers) {
  Bench bench;
  bench.with_peer_window(1000).at_established();
  bench.write(3000);
  bench.arrive({.flags = ".", .seq = 1, .ack = 1001, .window = 0});
  bench.advance(5min + 1s);
  EXPECT_EQ(bench.events().find("failed aborted_by_user_timeout") == std::string::npos, false);
}

TEST(TcpZeroWindow, AFinAloneIsProbedWith) {
  Bench bench;
  bench.with_peer_window(1000).at_established();
  bench.write(1000);
  EXPECT_EQ(bench.close(), "");  // the window is full
  bench.arrive({.flags = ".", .seq = 1, .ack = 1001, .window = 0});
  EXPECT_EQ(bench.advance(1s), "F. 1001:1001(0) ack 1");
  bench.arrive({.flags = ".", .seq = 1, .ack = 1002, .window = 0});
  EXPECT_EQ(bench.state(), State::fin_wait_2);
}

TEST(TcpZeroWindow, AWindowThatShrinksToZeroIsProbedWithOldText) {
  Bench bench;
  bench.at_established();
  bench.write(3000);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1001, .window = 0}), "");
  EXPECT_EQ(bench.advance(1s), ". 1001:1002(1) ack 1");
  EXPECT_EQ(bench.status().cwnd, 10'000u);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1001, .window = 5000}),
            ". 1001:2001(1000) ack 1 | P. 2001:3001(1000) ack 1");
}

// --- 3.8.6.2.2, the window that we offer

TEST(TcpReceiveWindow, KeepsItsRightEdgeUntilTheStepIsWorthwhile) {
  TcpConfig config = Bench::plain_config();
  config.receive_buffer = 4000;
  Bench bench(config);
  bench.at_established();
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 1000}), "");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1001, .ack = 1, .size = 1000}), ". 1:1(0) ack 2001");
  EXPECT_EQ(bench.last_sent().window, 2000);
  // 500 octets read are no reason to move the edge, ...
  EXPECT_EQ(bench.read(500), "");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 0, .ack = 1}), ". 1:1(0) ack 2001");
  EXPECT_EQ(bench.last_sent().window, 2000);
  // ... a whole segment is, with the next ACK.
  EXPECT_EQ(bench.read(500), "");
  bench.advance(1s);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 0, .ack = 1}), ". 1:1(0) ack 2001");
  EXPECT_EQ(bench.last_sent().window, 3000);
}

TEST(TcpReceiveWindow, OpensAtOnceWhenItWasClosed) {
  TcpConfig config = Bench::plain_config();
  config.receive_buffer = 4000;
  Bench bench(config);
  bench.at_established();
  for (std::uint32_t i = 0; i < 4; ++i) {
    bench.arrive({.flags = ".", .seq = 1 + 1000 * i, .ack = 1, .size = 1000});
  }
  EXPECT_EQ(bench.last_sent().window, 0);
  EXPECT_EQ(bench.read(999), "");
  EXPECT_EQ(bench.read(1), ". 1:1(0) ack 4001");
  EXPECT_EQ(bench.last_sent().window, 1000);
  EXPECT_EQ(bench.read(1000), "");
  EXPECT_EQ(bench.read(1000), ". 1:1(0) ack 4001");
  EXPECT_EQ(bench.last_sent().window, 3000);
}

TEST(TcpReceiveWindow, AReaderThatKeepsUpCausesNoUpdates) {
  Bench bench;
  bench.at_established();
  for (std::uint32_t i = 0; i < 10; ++i) {
    bench.arrive({.flags = ".", .seq = 1 + 1000 * i, .ack = 1, .size = 1000});
    EXPECT_EQ(bench.read(1000), "");
  }
}

TEST(TcpReceiveWindow, IsScaledByTheSmallestShiftThatFits) {
  TcpConfig config = Bench::plain_config();
  config.window_scaling = true;
  config.receive_buffer = 1'000'000;
  Bench bench(config);
  bench.with_peer_options({.window_scale = std::uint8_t{0}}).at_syn_received();
  EXPECT_EQ(bench.last_sent().options.window_scale, 4);
  EXPECT_EQ(bench.last_sent().window, 65535);  // not scaled in a SYN
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 2000});
  bench.arrive({.flags = ".", .seq = 2001, .ack = 1, .size = 2000});
  EXPECT_EQ(bench.last_sent().window, (1'000'000 - 4000) >> 4);
}

TEST(TcpReceiveWindow, TextWithinAnyEdgeEverOfferedIsTaken) {
  // A scaled window that is rounded down takes octets back; they are honoured all the same.
  TcpConfig config = Bench::plain_config();
  config.window_scaling = true;
  config.receive_buffer = 65536 * 8;
  Bench bench(config);
  bench.with_peer_options({.window_scale = std::uint8_t{0}}).at_established();
  const auto edge = [&bench] {
    return bench.status().rcv_nxt + bench.status().rcv_wnd - SeqNum{Bench::kIrs};
  };
  const auto offered = [&bench] {
    const Segment& ack = bench.last_sent();
    return ack.ack - SeqNum{Bench::kIrs} + (std::uint32_t{ack.window} << 4);
  };
  std::uint32_t seq = 1;
  do {
    for (int i = 0; i < 2; ++i, seq += 1001) {
      bench.arrive({.flags = ".", .seq = seq, .ack = 1, .size = 1001});
    }
    ASSERT_LT(seq, 100'000u) << "the window was never rounded down";
  } while (offered() == edge());
  EXPECT_LT(offered(), edge());
  bench.arrive({.flags = ".", .seq = edge() - 1, .ack = 1, .size = 1});
  EXPECT_EQ(bench.drops(), "");
  bench.arrive({.flags = ".", .seq = edge(), .ack = 1, .size = 1});
  EXPECT_EQ(bench.drops(), "tcp_outside_window");
}

TEST(TcpReceiveWindow, IsRoundedUpWhereThereIsRoom) {
  TcpConfig config = Bench::plain_config();
  config.window_scaling = true;
  config.receive_buffer = 65536 * 8;
  Bench bench(config);
  bench.with_peer_options({.window_scale = std::uint8_t{0}}).at_established();
  SeqNum edge{Bench::kIrs};
  for (std::uint32_t i = 0; i < 40; ++i) {
    bench.arrive({.flags = ".", .seq = 1 + 101 * i, .ack = 1, .size = 101});
    bench.read(101);
    const Segment& ack = bench.last_sent();
    if (ack.syn) continue;
    const SeqNum now = ack.ack + (std::uint32_t{ack.window} << 4);
    EXPECT_GE(now, edge) << i;
    edge = now;
  }
}

TEST(TcpReceiveWindow, TheClampBoundsIt) {
  Bench bench;
  bench.with_options({.window_clamp = 3000}).at_established();
  EXPECT_EQ(bench.sent().front().window, 3000);
}

// --- acknowledgments

TEST(TcpAck, RidesOnText) {
  Bench bench;
  bench.at_established();
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 100});
  EXPECT_EQ(bench.write(10), "P. 1:11(10) ack 101");
  EXPECT_EQ(bench.advance(500ms), "");
}

TEST(TcpAck, QuickAckAnswersEverySegment) {
  Bench bench;
  bench.with_options({.quick_ack = true}).at_established();
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 1}), ". 1:1(0) ack 2");
}

TEST(TcpAck, TheUserCanAskForTheOneThatIsOwed) {
  Bench bench;
  bench.at_established();
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 1});
  Actions act;
  bench.tcp().quick_ack(bench.now(), bench.id(), act);
  EXPECT_EQ(act.segment_count(), 1u);
  bench.tcp().quick_ack(bench.now(), bench.id(), act);
  EXPECT_EQ(act.segment_count(), 1u);
}

}  // namespace
}  // namespace packetwright::tcp::testing
