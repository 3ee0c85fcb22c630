// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "stack/tcp/tcp_test_support.hh"

// RFC 9293, 3.10.7, step by step: what each step answers, what it makes of the state, and the name
// under which it drops a segment. The table of all states and stimuli is in state_table_test.cc.
namespace packetwright::tcp::testing {
namespace {

// --- 3.10.7.1 CLOSED

TEST(TcpSegmentArrives, ClosedResetsASynAtZero) {
  Bench bench;
  EXPECT_EQ(bench.arrive({.flags = "S"}), "R. 0:0(0) ack 1");
  EXPECT_EQ(bench.drops(), "tcp_no_connection");
}

TEST(TcpSegmentArrives, ClosedCountsTextSynAndFinInTheAckOfItsReset) {
  Bench bench;
  EXPECT_EQ(bench.arrive({.flags = "SF", .size = 10}), "R. 0:0(0) ack 12");
}

TEST(TcpSegmentArrives, ClosedResetsAnAckAtItsAckNumber) {
  Bench bench;
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 77, .ack = 33}), "R 33:33(0)");
}

TEST(TcpSegmentArrives, ClosedIgnoresEveryReset) {
  Bench bench;
  EXPECT_EQ(bench.arrive({.flags = "R"}), "");
  EXPECT_EQ(bench.arrive({.flags = "R.", .ack = 5}), "");
  EXPECT_EQ(bench.drops(), "tcp_no_connection");
}

TEST(TcpSegmentArrives, AResetEchoesTheTimestampThatItAnswers) {
  Bench bench;
  bench.arrive({.flags = ".", .ack = 1, .options = {.timestamps = Timestamps{77, 5}}});
  EXPECT_EQ(bench.last_sent().options.timestamps, (Timestamps{0, 77}));
}

// --- 3.10.7.2 LISTEN

TEST(TcpSegmentArrives, Listen1IgnoresAReset) {
  Bench bench;
  bench.at_listen();
  EXPECT_EQ(bench.arrive({.flags = "R"}), "");
  EXPECT_EQ(bench.drops(), "tcp_listen_rst");
}

TEST(TcpSegmentArrives, Listen2ResetsWhateverAcknowledges) {
  Bench bench;
  bench.at_listen();
  EXPECT_EQ(bench.arrive({.flags = ".", .ack = 9}), "R 9:9(0)");
  EXPECT_EQ(bench.drops(), "tcp_listen_ack");
  EXPECT_EQ(bench.arrive({.flags = "S.", .ack = 10}), "R 10:10(0)");
  EXPECT_EQ(bench.arrive({.flags = "F.", .ack = 11}), "R 11:11(0)");
}

TEST(TcpSegmentArrives, Listen3AnswersASynAndStaysInListen) {
  Bench bench;
  bench.at_listen();
  EXPECT_EQ(bench.arrive({.flags = "S"}), "S. 0:0(0) ack 1");
  EXPECT_EQ(bench.state(), State::syn_received);
  EXPECT_TRUE(bench.status().passive);
  EXPECT_EQ(bench.tcp().pending(bench.listener()), 0u);
  bench.remote.port = 40001;
  EXPECT_EQ(bench.arrive({.flags = "S"}), "S. 0:0(0) ack 1");
}

TEST(TcpSegmentArrives, Listen3KeepsTextOfTheSynUntilEstablished) {
  Bench bench;
  bench.at_listen();
  // Only the SYN is acknowledged at first.
  EXPECT_EQ(bench.arrive({.flags = "S", .size = 100}), "S. 0:0(0) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 101, .ack = 1}), ". 1:1(0) ack 101");
  EXPECT_EQ(bench.status().receive_queue, 100u);
}

TEST(TcpSegmentArrives, Listen3KeepsAFinOfTheSynUntilEstablished) {
  Bench bench;
  bench.at_listen();
  EXPECT_EQ(bench.arrive({.flags = "SF", .size = 5}), "S. 0:0(0) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 7, .ack = 1}), ". 1:1(0) ack 7");
  EXPECT_EQ(bench.state(), State::close_wait);
}

TEST(TcpSegmentArrives, Listen3KeepsNoMoreOfTheSynThanTheWindowHolds) {
  TcpConfig config = Bench::plain_config();
  config.receive_buffer = 1000;
  Bench bench(config);
  bench.at_listen();
  bench.arrive({.flags = "SF", .size = 1500});
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1}), ". 1:1(0) ack 1001");
  EXPECT_EQ(bench.state(), State::established);
  EXPECT_EQ(bench.status().receive_queue, 1000u);
}

TEST(TcpSegmentArrives, Listen4DropsWhatIsNeitherRstNorAckNorSyn) {
  Bench bench;
  bench.at_listen();
  EXPECT_EQ(bench.arrive({.flags = "F", .size = 4}), "");
  EXPECT_EQ(bench.drops(), "tcp_listen_other");
}

// --- 3.10.7.3 SYN-SENT

TEST(TcpSegmentArrives, SynSent1ResetsAnAckOfNothingSent) {
  Bench bench;
  bench.at_syn_sent();
  EXPECT_EQ(bench.arrive({.flags = "S.", .ack = 0}), "R 0:0(0)");
  EXPECT_EQ(bench.drops(), "tcp_syn_sent_bad_ack");
  EXPECT_EQ(bench.arrive({.flags = "S.", .ack = 2}), "R 2:2(0)");
  EXPECT_EQ(bench.arrive({.flags = ".", .ack = 2}), "R 2:2(0)");
  EXPECT_EQ(bench.state(), State::syn_sent);
}

TEST(TcpSegmentArrives, SynSent1IgnoresAResetWithABadAck) {
  Bench bench;
  bench.at_syn_sent();
  EXPECT_EQ(bench.arrive({.flags = "R.", .ack = 2}), "");
  EXPECT_EQ(bench.drops(), "tcp_syn_sent_bad_ack");
  EXPECT_EQ(bench.state(), State::syn_sent);
}

TEST(TcpSegmentArrives, SynSent2AResetWithAGoodAckEndsTheAttempt) {
  Bench bench;
  bench.at_syn_sent();
  EXPECT_EQ(bench.arrive({.flags = "R.", .seq = 12345, .ack = 1}), "");
  EXPECT_EQ(bench.events(), "failed connection_refused");
  EXPECT_EQ(bench.state(), State::closed);
}

TEST(TcpSegmentArrives, SynSent2IgnoresAResetWithoutAck) {
  Bench bench;
  bench.at_syn_sent();
  EXPECT_EQ(bench.arrive({.flags = "R"}), "");
  EXPECT_EQ(bench.drops(), "tcp_syn_sent_rst_without_ack");
  EXPECT_EQ(bench.state(), State::syn_sent);
}

TEST(TcpSegmentArrives, SynSent4ASynAckEstablishes) {
  Bench bench;
  bench.at_syn_sent();
  EXPECT_EQ(bench.arrive({.flags = "S.", .ack = 1}), ". 1:1(0) ack 1");
  EXPECT_EQ(bench.events(), "connected");
  EXPECT_EQ(bench.state(), State::established);
}

TEST(TcpSegmentArrives, SynSent4QueuedTextLeavesWithTheAckOfTheSynAck) {
  Bench bench;
  bench.at_syn_sent();
  EXPECT_EQ(bench.write(300), "");
  EXPECT_EQ(bench.arrive({.flags = "S.", .ack = 1}), "P. 1:301(300) ack 1");
}

TEST(TcpSegmentArrives, SynSent4TextOfASynAckIsDelivered) {
  Bench bench;
  bench.at_syn_sent();
  EXPECT_EQ(bench.arrive({.flags = "S.", .ack = 1, .size = 20}), ". 1:1(0) ack 21");
  EXPECT_EQ(bench.read(100), "");
  EXPECT_EQ(bench.last_read(), stream_text(0, 20));
}

TEST(TcpSegmentArrives, SynSent4AFinOfASynAckLeadsToCloseWait) {
  Bench bench;
  bench.at_syn_sent();
  EXPECT_EQ(bench.arrive({.flags = "SF.", .ack = 1, .size = 20}), ". 1:1(0) ack 22");
  EXPECT_EQ(bench.state(), State::close_wait);
}

TEST(TcpSegmentArrives, SynSent4ASynAloneIsASimultaneousOpen) {
  Bench bench;
  bench.at_syn_sent();
  EXPECT_EQ(bench.arrive({.flags = "S"}), "S. 0:0(0) ack 1");
  EXPECT_EQ(bench.state(), State::syn_received);
  EXPECT_FALSE(bench.status().passive);
}

TEST(TcpSegmentArrives, SynSent5DropsWhatIsNeitherSynNorRst) {
  Bench bench;
  bench.at_syn_sent();
  EXPECT_EQ(bench.arrive({.flags = ".", .ack = 1}), "");
  EXPECT_EQ(bench.drops(), "tcp_syn_sent_neither");
  EXPECT_EQ(bench.arrive({.flags = "F"}), "");
  EXPECT_EQ(bench.drops(), "tcp_syn_sent_neither");
  EXPECT_EQ(bench.state(), State::syn_sent);
}

// --- simultaneous open, RFC 9293, figure 7

TEST(TcpSimultaneousOpen, ASynAckEstablishesAndIsAcknowledged) {
  Bench bench;
  bench.at_syn_received_by_simultaneous_open();
  EXPECT_EQ(bench.arrive({.flags = "S.", .ack = 1}), ". 1:1(0) ack 1");
  EXPECT_EQ(bench.events(), "connected");
  EXPECT_EQ(bench.state(), State::established);
}

TEST(TcpSimultaneousOpen, ABareAckEstablishes) {
  Bench bench;
  bench.at_syn_received_by_simultaneous_open();
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1}), "");
  EXPECT_EQ(bench.state(), State::established);
}

TEST(TcpSimultaneousOpen, TextOfThePeersSynIsDeliveredOnceEstablished) {
  Bench bench;
  bench.at_syn_sent();
  EXPECT_EQ(bench.arrive({.flags = "S", .size = 30}), "S. 0:0(0) ack 1");
  EXPECT_EQ(bench.arrive({.flags = "S.", .ack = 1}), ". 1:1(0) ack 31");
  bench.read(100);
  EXPECT_EQ(bench.last_read(), stream_text(0, 30));
}

TEST(TcpSimultaneousOpen, TextAndFinOfTheSynAckAreDelivered) {
  Bench bench;
  bench.at_syn_received_by_simultaneous_open();
  EXPECT_EQ(bench.arrive({.flags = "SF.", .ack = 1, .size = 30}), ". 1:1(0) ack 32");
  EXPECT_EQ(bench.state(), State::close_wait);
  bench.read(100);
  EXPECT_EQ(bench.last_read(), stream_text(0, 30));
}

TEST(TcpSimultaneousOpen, AResetMeansConnectionRefused) {
  Bench bench;
  bench.at_syn_received_by_simultaneous_open();
  EXPECT_EQ(bench.arrive({.flags = "R", .seq = 1}), "");
  EXPECT_EQ(bench.events(), "failed connection_refused");
}

TEST(TcpSimultaneousOpen, ASynInTheWindowIsChallenged) {
  Bench bench;
  bench.at_syn_received_by_simultaneous_open();
  EXPECT_EQ(bench.arrive({.flags = "S", .seq = 10}), ". 1:1(0) ack 1");
  EXPECT_EQ(bench.drops(), "tcp_syn_in_window");
  EXPECT_EQ(bench.state(), State::syn_received);
}

// --- SYN-RECEIVED

TEST(TcpSynReceived, ASecondSynIsAnsweredLikeTheFirst) {
  Bench bench;
  bench.at_syn_received();
  EXPECT_EQ(bench.arrive({.flags = "S"}), "S. 0:0(0) ack 1");
  EXPECT_EQ(bench.drops(), "tcp_duplicate_syn");
  EXPECT_EQ(bench.state(), State::syn_received);
}

TEST(TcpSynReceived, ASecondSynWithTextOrFinIsAnsweredLikeTheFirst) {
  for (const char* const flags : {"S", "SF"}) {
    Bench bench;
    bench.at_listen();
    bench.arrive({.flags = flags, .size = 20});
    EXPECT_EQ(bench.arrive({.flags = flags, .size = 20}), "S. 0:0(0) ack 1") << flags;
    EXPECT_EQ(bench.drops(), "tcp_duplicate_syn");
    EXPECT_EQ(bench.arrive({.flags = ".", .seq = 21, .ack = 1}).substr(0, 13), ". 1:1(0) ack ");
    EXPECT_EQ(bench.status().receive_queue, 20u);
  }
}

TEST(TcpSynReceived, ASynOutsideTheWindowIsNotMovedIntoItByItsText) {
  Bench bench;
  bench.at_syn_received();
  EXPECT_EQ(bench.arrive({.flags = "S", .seq = 0xffffffff - 50, .size = 100}), ". 1:1(0) ack 1");
  EXPECT_EQ(bench.drops(), "tcp_outside_window");
  EXPECT_EQ(bench.state(), State::syn_received);
}

TEST(TcpSynReceived, AResetReturnsToListenAndTellsNobody) {
  Bench bench;
  bench.at_syn_received();
  EXPECT_EQ(bench.arrive({.flags = "R", .seq = 1}), "");
  EXPECT_EQ(bench.events(), "");
  EXPECT_EQ(bench.tcp().connection_count(), 0u);
  // The listener is where it was.
  EXPECT_EQ(bench.arrive({.flags = "S"}), "S. 0:0(0) ack 1");
}

TEST(TcpSynReceived, ASynInTheWindowReturnsToListen) {
  Bench bench;
  bench.at_syn_received();
  EXPECT_EQ(bench.arrive({.flags = "S", .seq = 10}), "");
  EXPECT_EQ(bench.drops(), "tcp_syn_received_syn");
  EXPECT_EQ(bench.tcp().connection_count(), 0u);
}

TEST(TcpSynReceived, AnAckOfNothingSentIsReset) {
  Bench bench;
  bench.at_syn_received();
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 2}), "R 2:2(0)");
  EXPECT_EQ(bench.drops(), "tcp_syn_received_bad_ack");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 0}), "R 0:0(0)");
  EXPECT_EQ(bench.state(), State::syn_received);
}

TEST(TcpSynReceived, TextWithTheLastAckOfTheHandshakeIsDelivered) {
  Bench bench;
  bench.at_syn_received();
  EXPECT_EQ(bench.arrive({.flags = "P.", .seq = 1, .ack = 1, .size = 50}), "");
  EXPECT_EQ(bench.events(), "incoming");
  EXPECT_EQ(bench.status().receive_queue, 50u);
}

TEST(TcpSynReceived, AFinWithTheLastAckOfTheHandshakeLeadsToCloseWait) {
  Bench bench;
  bench.at_syn_received();
  EXPECT_EQ(bench.arrive({.flags = "F.", .seq = 1, .ack = 1}), ". 1:1(0) ack 2");
  EXPECT_EQ(bench.state(), State::close_wait);
  EXPECT_EQ(bench.tcp().pending(bench.listener()), 1u);
}

// --- 3.10.7.4, first: sequence number

TEST(TcpSegmentArrives, Check1TheFourCasesOfTheAcceptabilityTest) {
  // Length 0, window open: RCV.NXT to the octet before the edge.
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1}), "");
  EXPECT_EQ(bench.drops(), "");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 65535, .ack = 1}), "");
  EXPECT_EQ(bench.drops(), "");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 65536, .ack = 1}), ". 1:1(0) ack 1");
  EXPECT_EQ(bench.drops(), "tcp_outside_window");
  bench.advance(1s);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 0, .ack = 1}), ". 1:1(0) ack 1");
  EXPECT_EQ(bench.drops(), "tcp_outside_window");
  // Length > 0, window open: the first or the last octet inside.
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 65535, .ack = 1, .size = 10}), ". 1:1(0) ack 1");
  EXPECT_EQ(bench.drops(), "");  // held: its first octet is the last of the window
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 65536, .ack = 1, .size = 1}), ". 1:1(0) ack 1");
  EXPECT_EQ(bench.drops(), "tcp_outside_window");
}

TEST(TcpSegmentArrives, Check1TakesTheNewPartOfASegmentThatBeginsInThePast) {
  Bench bench;
  bench.at_established();
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 100});
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 51, .ack = 1, .size = 100}), ". 1:1(0) ack 151");
  bench.read(1000);
  EXPECT_EQ(bench.last_read(), stream_text(0, 150));
}

TEST(TcpSegmentArrives, Check1CutsOffWhatLiesBeyondTheWindow) {
  TcpConfig config = Bench::plain_config();
  config.receive_buffer = 1000;
  Bench bench(config);
  bench.at_established();
  EXPECT_EQ(bench.arrive({.flags = "F.", .seq = 1, .ack = 1, .size = 1200}), "");
  EXPECT_EQ(bench.advance(40ms), ". 1:1(0) ack 1001");
  EXPECT_EQ(bench.last_sent().window, 0);
  EXPECT_EQ(bench.state(), State::established);  // the FIN was beyond it too
}

TEST(TcpSegmentArrives, Check1AClosedWindowStillTakesAckUrgAndRst) {
  TcpConfig config = Bench::plain_config();
  config.receive_buffer = 1000;
  Bench bench(config);
  bench.at_established();
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 1000});
  bench.advance(40ms);
  bench.write(10);
  // The text is refused with an ACK, the acknowledgment of our text counts.
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1001, .ack = 11, .size = 1, .urgent_pointer = 1}),
            ". 11:11(0) ack 1001");
  EXPECT_EQ(bench.drops(), "tcp_zero_window");
  EXPECT_EQ(bench.events(), "urgent");
  EXPECT_EQ(bench.status().snd_una - bench.status().iss, 11u);
  EXPECT_EQ(bench.status().receive_queue, 1000u);
  EXPECT_EQ(bench.arrive({.flags = "R", .seq = 1001}), "");
  EXPECT_EQ(bench.events(), "failed connection_reset");
}

TEST(TcpSegmentArrives, Check1AnswersAKeepAlive) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 0, .ack = 1}), ". 1:1(0) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 0, .ack = 1, .size = 1}), ". 1:1(0) ack 1");
}

TEST(TcpSegmentArrives, Check1DoesNotAcknowledgeEmptyStraySegmentsForEver) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 0, .ack = 1}), ". 1:1(0) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 0, .ack = 1}), "");
  EXPECT_EQ(bench.drops(), "tcp_outside_window tcp_stray_ack_limited");
  bench.advance(500ms);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 0, .ack = 1}), ". 1:1(0) ack 1");
}

// --- second: RST

TEST(TcpSegmentArrives, Check2RstExactlyAtRcvNxtResets) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.arrive({.flags = "R", .seq = 1}), "");
  EXPECT_EQ(bench.events(), "failed connection_reset");
  EXPECT_EQ(bench.state(), State::closed);
}

TEST(TcpSegmentArrives, Check2RstWithTextResetsAndTheTextIsNotDelivered) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.arrive({.flags = "R", .seq = 1, .size = 20}), "");
  EXPECT_EQ(bench.events(), "failed connection_reset");
}

TEST(TcpSegmentArrives, Check2RstInWindowNotExactDrawsChallengeAck) {
  Bench bench;
  bench.at_established();
  for (const std::uint32_t seq : {2u, 30000u, 65535u}) {
    EXPECT_EQ(bench.arrive({.flags = "R", .seq = seq}), ". 1:1(0) ack 1") << seq;
    EXPECT_EQ(bench.drops(), "rst_not_exact");
  }
  EXPECT_EQ(bench.state(), State::established);
}

TEST(TcpSegmentArrives, Check2RstOutsideTheWindowIsSilentlyDropped) {
  Bench bench;
  bench.at_established();
  for (const std::uint32_t seq : {0u, 65536u, 0x80000001u}) {
    EXPECT_EQ(bench.arrive({.flags = "R", .seq = seq}), "") << seq;
    EXPECT_EQ(bench.drops(), "rst_outside_window");
  }
  // Its text alone reaches into the window.
  EXPECT_EQ(bench.arrive({.flags = "R", .seq = 0, .size = 2}), "");
  EXPECT_EQ(bench.drops(), "rst_outside_window");
  EXPECT_EQ(bench.state(), State::established);
}

TEST(TcpSegmentArrives, Check2AnyRstInTheWindowResetsWithoutRfc5961) {
  TcpConfig config = Bench::plain_config();
  config.challenge_ack = false;
  Bench bench(config);
  bench.at_established();
  EXPECT_EQ(bench.arrive({.flags = "R", .seq = 100}), "");
  EXPECT_EQ(bench.events(), "failed connection_reset");
}

TEST(TcpSegmentArrives, Check2HeldTextDoesNotMoveTheExactNumber) {
  // Were out-of-order text held before this step, the RST's number would be compared with the
  // wrong variable.
  Bench bench;
  bench.at_established();
  bench.arrive({.flags = ".", .seq = 101, .ack = 1, .size = 100});
  EXPECT_EQ(bench.arrive({.flags = "R", .seq = 201}), ". 1:1(0) ack 1");
  EXPECT_EQ(bench.arrive({.flags = "R", .seq = 1}), "");
  EXPECT_EQ(bench.state(), State::closed);
}

TEST(TcpChallengeAck, OfOneConnectionLeaveThoseOfAnotherAlone) {
  Bench bench;
  bench.several_connections = true;
  bench.at_established();
  for (int i = 0; i < 20; ++i) bench.arrive({.flags = "R", .seq = 100});
  EXPECT_EQ(bench.drops(), "rst_not_exact tcp_challenge_ack_limited");
  bench.remote.port = 40001;
  bench.arrive({.flags = "S"});
  bench.arrive({.flags = ".", .seq = 1, .ack = 1});
  EXPECT_EQ(bench.arrive({.flags = "R", .seq = 100}), ". 1:1(0) ack 1");
}

TEST(TcpChallengeAck, OfAllConnectionsTogetherAreBounded) {
  TcpConfig config = Bench::plain_config();
  config.challenge_limit_of_all = 4;
  Bench bench(config);
  bench.at_established();
  int sent = 0;
  for (int i = 0; i < 10; ++i) sent += bench.arrive({.flags = "R", .seq = 100}).empty() ? 0 : 1;
  EXPECT_GE(sent, 2);
  EXPECT_LE(sent, 6);
}

TEST(TcpChallengeAck, AreThrottled) {
  Bench bench;
  bench.at_established();
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(bench.arrive({.flags = "R", .seq = 100}), ". 1:1(0) ack 1");
  }
  EXPECT_EQ(bench.arrive({.flags = "R", .seq = 100}), "");
  EXPECT_EQ(bench.drops(), "rst_not_exact tcp_challenge_ack_limited");
  EXPECT_EQ(bench.arrive({.flags = "S", .seq = 100}), "");
  bench.advance(5s);
  EXPECT_EQ(bench.arrive({.flags = "R", .seq = 100}), ". 1:1(0) ack 1");
  // The exact number works whatever the throttle says.
  EXPECT_EQ(bench.arrive({.flags = "R", .seq = 1}), "");
  EXPECT_EQ(bench.state(), State::closed);
}

TEST(TcpChallengeAck, AreThrottledForSynsOutsideTheWindowToo) {
  Bench bench;
  bench.at_established();
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(bench.arrive({.flags = "S", .seq = 0x90000000}), ". 1:1(0) ack 1");
  }
  EXPECT_EQ(bench.arrive({.flags = "S", .seq = 0x90000000}), "");
  EXPECT_EQ(bench.drops(), "tcp_outside_window tcp_challenge_ack_limited");
  // Text outside the window is no SYN.
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 0x90000000, .ack = 1, .size = 1}), ". 1:1(0) ack 1");
}

// --- fourth: SYN

TEST(TcpSegmentArrives, Check4SynInTheWindowDrawsChallengeAck) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.arrive({.flags = "S", .seq = 1}), ". 1:1(0) ack 1");
  EXPECT_EQ(bench.drops(), "tcp_syn_in_window");
  EXPECT_EQ(bench.arrive({.flags = "S.", .seq = 100, .ack = 1}), ". 1:1(0) ack 1");
  EXPECT_EQ(bench.state(), State::established);
}

TEST(TcpSegmentArrives, Check4SynOutsideTheWindowDrawsOneAck) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.arrive({.flags = "S", .seq = 0}), ". 1:1(0) ack 1");
  EXPECT_EQ(bench.arrive({.flags = "S", .seq = 0x90000000}), ". 1:1(0) ack 1");
  EXPECT_EQ(bench.state(), State::established);
}

TEST(TcpSegmentArrives, Check4SynInTheWindowResetsWithoutRfc5961) {
  TcpConfig config = Bench::plain_config();
  config.challenge_ack = false;
  Bench bench(config);
  bench.at_established();
  EXPECT_EQ(bench.arrive({.flags = "S", .seq = 1}), "R 1:1(0)");
  EXPECT_EQ(bench.events(), "failed connection_reset");
}

TEST(TcpSegmentArrives, Check4HalfOpenIsDiscoveredByTheResetThatTheChallengeProvokes) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.arrive({.flags = "S", .seq = 0x40000000}), ". 1:1(0) ack 1");
  // The rebooted peer answers <SEQ=SEG.ACK><CTL=RST>.
  EXPECT_EQ(bench.arrive({.flags = "R", .seq = 1}), "");
  EXPECT_EQ(bench.events(), "failed connection_reset");
}

// --- fifth: ACK

TEST(TcpSegmentArrives, Check5DropsASegmentWithoutAck) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.arrive({.flags = "P", .seq = 1, .size = 10}), "");
  EXPECT_EQ(bench.drops(), "tcp_no_ack_flag");
  EXPECT_EQ(bench.status().receive_queue, 0u);
  EXPECT_EQ(bench.arrive({.flags = "F", .seq = 1}), "");
  EXPECT_EQ(bench.state(), State::established);
}

TEST(TcpSegmentArrives, Check5AnAckOfWhatWasNotSentIsAnsweredAndItsTextDropped) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 2, .size = 10}), ". 1:1(0) ack 1");
  EXPECT_EQ(bench.drops(), "tcp_ack_not_yet_sent");
  EXPECT_EQ(bench.status().receive_queue, 0u);
}

TEST(TcpSegmentArrives, Check5AnAckBelowMaxSndWndIsAnsweredAndItsTextDropped) {
  Bench bench;
  bench.with_peer_window(1000).at_established();
  bench.write(2000);
  bench.arrive({.flags = ".", .seq = 1, .ack = 1001, .window = 1000});
  // SND.UNA is 1001 and MAX.SND.WND 1000: 1 is the oldest that may still be.
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 0, .size = 5, .window = 1000}),
            ". 2001:2001(0) ack 1");
  EXPECT_EQ(bench.drops(), "tcp_ack_too_old");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 5, .window = 1000}), "");
  EXPECT_EQ(bench.drops(), "");
  EXPECT_EQ(bench.status().receive_queue, 5u);
}

TEST(TcpSegmentArrives, Check5TheRangeGrowsWithTheLargestWindowEverSeen) {
  Bench bench;
  bench.with_peer_window(1000).at_established();
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .window = 5000});
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .window = 1000});
  bench.arrive({.flags = ".", .seq = 1, .ack = 0xffffffff - 4998, .size = 5, .window = 1000});
  EXPECT_EQ(bench.drops(), "");
  bench.arrive({.flags = ".", .seq = 6, .ack = 0xffffffff - 4999, .size = 5, .window = 1000});
  EXPECT_EQ(bench.drops(), "tcp_ack_too_old");
}

TEST(TcpSegmentArrives, Check5WithoutTheRangeCheckAnOldAckIsJustOld) {
  TcpConfig config = Bench::plain_config();
  config.ack_range_check = false;
  Bench bench(config);
  bench.at_established();
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 0x90000000, .size = 5}), "");
  EXPECT_EQ(bench.status().receive_queue, 5u);
}

TEST(TcpSegmentArrives, Check5TakesTheWindowFromTheNewestSegmentOnly) {
  Bench bench;
  bench.at_established();
  bench.write(100);
  bench.arrive({.flags = ".", .seq = 11, .ack = 101, .window = 5000});  // above a gap
  EXPECT_EQ(bench.status().snd_wnd, 5000u);
  bench.arrive({.flags = ".", .seq = 1, .ack = 101, .size = 5, .window = 7000});  // WL1 is newer
  EXPECT_EQ(bench.status().snd_wnd, 5000u);
  bench.arrive({.flags = ".", .seq = 11, .ack = 1, .window = 8000});  // WL2 is newer
  EXPECT_EQ(bench.status().snd_wnd, 5000u);
  bench.arrive({.flags = ".", .seq = 11, .ack = 101, .window = 9000});
  EXPECT_EQ(bench.status().snd_wnd, 9000u);
}

TEST(TcpSegmentArrives, Check5FinWait1MovesOnWhenItsFinIsAcknowledged) {
  Bench bench;
  bench.at_fin_wait_1();
  bench.arrive({.flags = ".", .seq = 1, .ack = 1});
  EXPECT_EQ(bench.state(), State::fin_wait_1);
  bench.arrive({.flags = ".", .seq = 1, .ack = 2});
  EXPECT_EQ(bench.state(), State::fin_wait_2);
}

TEST(TcpSegmentArrives, Check5ClosingIgnoresWhatDoesNotAcknowledgeItsFin) {
  Bench bench;
  bench.at_closing();
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 2, .ack = 1}), "");
  EXPECT_EQ(bench.drops(), "tcp_closing_not_our_fin");
  EXPECT_EQ(bench.state(), State::closing);
}

// --- seventh: text

TEST(TcpSegmentArrives, Check7HoldsTextThatArrivesOutOfOrder) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 101, .ack = 1, .size = 100}), ". 1:1(0) ack 1");
  EXPECT_EQ(bench.events(), "");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 100}), ". 1:1(0) ack 201");
  EXPECT_EQ(bench.events(), "readable");
  bench.read(1000);
  EXPECT_EQ(bench.last_read(), stream_text(0, 200));
}

TEST(TcpSegmentArrives, Check7AcknowledgesEverySecondSegmentAtOnce) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 100}), "");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 101, .ack = 1, .size = 100}), ". 1:1(0) ack 201");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 201, .ack = 1, .size = 100}), "");
}

TEST(TcpSegmentArrives, Check7AcknowledgesASingleSegmentAfterTheDelay) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 100}), "");
  EXPECT_EQ(bench.advance(39ms), "");
  EXPECT_EQ(bench.advance(1ms), ". 1:1(0) ack 101");
  EXPECT_EQ(bench.advance(10s), "");
}

TEST(TcpSegmentArrives, Check7AcknowledgesASegmentAsLargeAsTwoAtOnce) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 2919}), "");
  bench.advance(40ms);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 2920, .ack = 1, .size = 2920}), ". 1:1(0) ack 5840");
}

TEST(TcpSegmentArrives, Check7OneAckServesABatch) {
  Bench bench;
  bench.at_established();
  for (std::uint32_t i = 0; i < 6; ++i) {
    bench.arrive_unflushed({.flags = ".", .seq = 1 + 100 * i, .ack = 1, .size = 100});
  }
  EXPECT_EQ(bench.flush(), ". 1:1(0) ack 601");
}

TEST(TcpSegmentArrives, Check7IgnoresTextAfterTheFin) {
  Bench bench;
  bench.at_close_wait();
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 2, .ack = 1, .size = 10}), "");
  EXPECT_EQ(bench.drops(), "tcp_text_after_close");
  EXPECT_EQ(bench.status().receive_queue, 0u);
}

TEST(TcpSegmentArrives, Check7HoldsABoundedNumberOfRanges) {
  TcpConfig config = Bench::plain_config();
  config.max_held_ranges = 4;
  Bench bench(config);
  bench.at_established();
  for (std::uint32_t i = 0; i < 4; ++i) {
    bench.arrive({.flags = ".", .seq = 11 + 20 * i, .ack = 1, .size = 10});
    EXPECT_EQ(bench.drops(), "");
  }
  bench.arrive({.flags = ".", .seq = 91, .ack = 1, .size = 10});
  EXPECT_EQ(bench.drops(), "tcp_text_no_memory");
  // One that joins what is held needs no more room.
  bench.arrive({.flags = ".", .seq = 21, .ack = 1, .size = 10});
  EXPECT_EQ(bench.drops(), "");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 10}), ". 1:1(0) ack 41");
}

// --- eighth: FIN

TEST(TcpSegmentArrives, Check8AFinAheadOfAGapWaits) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.arrive({.flags = "F.", .seq = 101, .ack = 1, .size = 100}), ". 1:1(0) ack 1");
  EXPECT_EQ(bench.state(), State::established);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 100}), ". 1:1(0) ack 202");
  EXPECT_EQ(bench.events(), "readable peer_closed");
  EXPECT_EQ(bench.state(), State::close_wait);
}

TEST(TcpSegmentArrives, Check8FinWithTheAckOfOurFinGoesToTimeWait) {
  Bench bench;
  bench.at_fin_wait_1();
  EXPECT_EQ(bench.arrive({.flags = "F.", .seq = 1, .ack = 2}), ". 2:2(0) ack 2");
  EXPECT_EQ(bench.state(), State::time_wait);
}

TEST(TcpSegmentArrives, Check8TextAndFinInFinWait2AreTaken) {
  Bench bench;
  bench.at_fin_wait_2();
  EXPECT_EQ(bench.arrive({.flags = "PF.", .seq = 1, .ack = 2, .size = 10}), ". 2:2(0) ack 12");
  EXPECT_EQ(bench.state(), State::time_wait);
  bench.read(100);
  EXPECT_EQ(bench.last_read(), stream_text(0, 10));
}

TEST(TcpSegmentArrives, Check8ASecondFinAtANewNumberChangesNothing) {
  Bench bench;
  bench.at_close_wait();
  EXPECT_EQ(bench.arrive({.flags = "F.", .seq = 2, .ack = 1}), ". 1:1(0) ack 2");
  EXPECT_EQ(bench.state(), State::close_wait);
  EXPECT_EQ(bench.events(), "");
}

TEST(TcpSegmentArrives, Check8ASecondFinInTimeWaitRestartsTheWait) {
  Bench bench;
  bench.at_time_wait_via_fin_wait_2();
  bench.advance(30s);
  bench.arrive({.flags = "F.", .seq = 2, .ack = 2});
  bench.advance(59s);
  EXPECT_EQ(bench.state(), State::time_wait);
}

}  // namespace
}  // namespace packetwright::tcp::testing
