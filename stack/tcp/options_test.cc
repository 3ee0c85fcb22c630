// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "stack/tcp/tcp_test_support.hh"

// Window scale, timestamps, PAWS, SACK and ECN on whole connections: RFC 7323, 2018, 2883, 3168.
namespace packetwright::tcp::testing {
namespace {

TcpConfig with_timestamps() {
  TcpConfig config = Bench::plain_config();
  config.timestamps = true;
  return config;
}

Options peer_timestamps() {
  return {.timestamps = Timestamps{100'000, 0}};
}

// --- negotiation

TEST(TcpNegotiation, AnActiveOpenOffersEverythingThatIsOn) {
  Bench bench{TcpConfig{}};
  bench.at_syn_sent();
  const Options& options = bench.last_sent().options;
  EXPECT_TRUE(options.mss.has_value());
  EXPECT_TRUE(options.window_scale.has_value());
  EXPECT_TRUE(options.sack_permitted);
  ASSERT_TRUE(options.timestamps.has_value());
  EXPECT_EQ(options.timestamps->echo_reply, 0u);
  EXPECT_FALSE(bench.last_sent().ece || bench.last_sent().cwr);
}

TEST(TcpNegotiation, ASynAckRepeatsOnlyWhatTheSynHad) {
  Bench bench{TcpConfig{}};
  bench.at_syn_received();
  const Options& options = bench.last_sent().options;
  EXPECT_TRUE(options.mss.has_value());
  EXPECT_FALSE(options.window_scale || options.sack_permitted || options.timestamps);
  EXPECT_EQ(bench.status().rcv_wscale, 0);
}

TEST(TcpNegotiation, ASynAckTakesUpWhatTheSynOffers) {
  Bench bench{TcpConfig{}};
  bench
      .with_peer_options({.window_scale = std::uint8_t{7},
                          .sack_permitted = true,
                          .timestamps = Timestamps{77, 0}})
      .at_syn_received();
  const Options& options = bench.last_sent().options;
  EXPECT_TRUE(options.window_scale && options.sack_permitted && options.timestamps);
  EXPECT_EQ(options.timestamps->echo_reply, 77u);
  EXPECT_EQ(bench.status().snd_wscale, 7);
}

TEST(TcpNegotiation, WhatIsOffIsNeitherOfferedNorTaken) {
  Bench active;
  active.at_syn_sent();
  EXPECT_EQ(active.last_sent().options, (Options{.mss = 1460}));
  Bench passive;
  passive
      .with_peer_options({.window_scale = std::uint8_t{7},
                          .sack_permitted = true,
                          .timestamps = Timestamps{77, 0}})
      .at_syn_received();
  EXPECT_EQ(passive.last_sent().options, (Options{.mss = 1460}));
}

TEST(TcpNegotiation, WindowScaleInASegmentWithoutSynIsIgnored) {
  TcpConfig config = Bench::plain_config();
  config.window_scaling = true;
  Bench bench(config);
  bench.with_peer_options({.window_scale = std::uint8_t{1}}).at_established();
  bench.arrive({.flags = ".",
                .seq = 1,
                .ack = 1,
                .window = 100,
                .options = {.window_scale = std::uint8_t{9}}});
  EXPECT_EQ(bench.status().snd_wnd, 200u);
}

// --- timestamps

TEST(TcpTimestamps, EveryAckEchoesTheOldestUnacknowledgedSegment) {
  Bench bench(with_timestamps());
  bench.with_peer_options(peer_timestamps()).at_established();
  // RFC 7323, 4.3: a delayed ACK echoes the first of the two.
  bench.peer_clock = 100'010;
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 10});
  bench.peer_clock = 100'020;
  bench.arrive({.flags = ".", .seq = 11, .ack = 1, .size = 10});
  EXPECT_EQ(bench.last_sent().options.timestamps->echo_reply, 100'010u);
}

TEST(TcpTimestamps, AnAckForAGapEchoesTheLastSegmentInOrderAndItsFillingIsEchoed) {
  Bench bench(with_timestamps());
  bench.with_peer_options(peer_timestamps()).at_established();
  bench.peer_clock = 100'010;
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 10});
  bench.advance(40ms);
  bench.peer_clock = 100'030;
  bench.arrive({.flags = ".", .seq = 21, .ack = 1, .size = 10});
  EXPECT_EQ(bench.last_sent().options.timestamps->echo_reply, 100'010u);
  bench.peer_clock = 100'040;
  bench.arrive({.flags = ".", .seq = 11, .ack = 1, .size = 10});
  EXPECT_EQ(bench.last_sent().options.timestamps->echo_reply, 100'040u);
}

TEST(TcpTimestamps, ASegmentWithoutThemIsDroppedButEndsNothing) {
  Bench bench(with_timestamps());
  bench.with_peer_options(peer_timestamps()).at_established();
  bench.peer_sends_timestamps = false;
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 10}), "");
  EXPECT_EQ(bench.drops(), "tcp_missing_timestamp");
  EXPECT_EQ(bench.status().receive_queue, 0u);
  EXPECT_EQ(bench.state(), State::established);
  // A RST is no such segment.
  bench.arrive({.flags = "R", .seq = 1});
  EXPECT_EQ(bench.state(), State::closed);
}

TEST(TcpTimestamps, ASynWithoutThemIsAnswered) {
  // The peer has lost its memory and its timestamps: without the ACK it would never learn that the
  // connection is half open.
  Bench bench(with_timestamps());
  bench.with_peer_options(peer_timestamps()).at_established();
  bench.peer_sends_timestamps = false;
  EXPECT_EQ(bench.arrive({.flags = "S", .seq = 0x40000000}), ". 1:1(0) ack 1");
  EXPECT_EQ(bench.arrive({.flags = "S", .seq = 100}), ". 1:1(0) ack 1");
  EXPECT_EQ(bench.arrive({.flags = "R", .seq = 1}), "");
  EXPECT_EQ(bench.events(), "failed connection_reset");
}

TEST(TcpTimestamps, PawsAcknowledgesAndDropsAnOldSegment) {
  Bench bench(with_timestamps());
  bench.with_peer_options(peer_timestamps()).at_established();
  bench.peer_clock = 99'999;
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 10}), ". 1:1(0) ack 1");
  EXPECT_EQ(bench.drops(), "tcp_paws");
  EXPECT_EQ(bench.status().receive_queue, 0u);
  bench.peer_clock = 100'000;
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 10});
  EXPECT_EQ(bench.status().receive_queue, 10u);
}

TEST(TcpTimestamps, PawsComesBeforeTheWindowAndSparesResets) {
  Bench bench(with_timestamps());
  bench.with_peer_options(peer_timestamps()).at_established();
  bench.peer_clock = 1;
  bench.arrive({.flags = ".", .seq = 0x80000000, .ack = 1, .size = 10});
  EXPECT_EQ(bench.drops(), "tcp_paws");
  bench.arrive({.flags = "R", .seq = 1});
  EXPECT_EQ(bench.events(), "failed connection_reset");
}

TEST(TcpTimestamps, ASegmentOutsideTheWindowIsNotRemembered) {
  Bench bench(with_timestamps());
  bench.with_peer_options(peer_timestamps()).at_established();
  bench.peer_clock = 0x70000000;
  bench.arrive({.flags = ".", .seq = 0, .ack = 1, .size = 1});
  EXPECT_EQ(bench.drops(), "tcp_outside_window");
  bench.peer_clock = 100'001;
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 1});
  EXPECT_EQ(bench.drops(), "");
}

TEST(TcpTimestamps, PawsLetsThroughAfter24Days) {
  Bench bench(with_timestamps());
  bench.with_peer_options(peer_timestamps()).at_established();
  bench.advance(std::chrono::hours{24 * 24} + 1s);
  bench.peer_clock = 5;
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 10});
  EXPECT_EQ(bench.drops(), "");
  EXPECT_EQ(bench.status().receive_queue, 10u);
}

TEST(TcpTimestamps, GiveASampleEvenOfWhatWasResent) {
  Bench bench(with_timestamps());
  bench.with_peer_options(peer_timestamps()).at_established();
  bench.write(100);
  bench.advance(1s);
  bench.advance(70ms);
  // The echo is that of the retransmission.
  bench.arrive({.flags = ".", .seq = 1, .ack = 101});
  EXPECT_EQ(bench.status().rto, 1s);
}

TEST(TcpTimestamps, AResetOfOursCarriesThem) {
  Bench bench(with_timestamps());
  bench.with_peer_options(peer_timestamps()).at_established();
  bench.abort();
  ASSERT_TRUE(bench.last_sent().options.timestamps.has_value());
  EXPECT_EQ(bench.last_sent().options.timestamps->echo_reply, 100'000u);
}

// --- SACK, the receiving side

TEST(TcpSackReceiver, ReportsWhatIsHeldNewestFirst) {
  TcpConfig config = Bench::plain_config();
  config.sack = true;
  Bench bench(config);
  bench.with_peer_options({.sack_permitted = true}).at_established();
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 101, .ack = 1, .size = 100}),
            ". 1:1(0) ack 1 <sack 101:201>");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 301, .ack = 1, .size = 100}),
            ". 1:1(0) ack 1 <sack 301:401 101:201>");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 201, .ack = 1, .size = 100}),
            ". 1:1(0) ack 1 <sack 101:401>");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 100}), ". 1:1(0) ack 401");
}

TEST(TcpSackReceiver, ReportsADuplicateOnceAndFirst) {
  TcpConfig config = Bench::plain_config();
  config.sack = true;
  Bench bench(config);
  bench.with_peer_options({.sack_permitted = true}).at_established();
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 100});
  bench.arrive({.flags = ".", .seq = 101, .ack = 1, .size = 100});
  bench.arrive({.flags = ".", .seq = 301, .ack = 1, .size = 100});
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 51, .ack = 1, .size = 50}),
            ". 1:1(0) ack 201 <sack 51:101 301:401>");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 301, .ack = 1, .size = 50}),
            ". 1:1(0) ack 201 <sack 301:351 301:401>");
  bench.arrive({.flags = ".", .seq = 501, .ack = 1, .size = 50});
  EXPECT_EQ(bench.sent().back().options.sack_count, 2);
}

TEST(TcpSackReceiver, APartlyRepeatedSegmentIsReportedAtOnce) {
  TcpConfig config = Bench::plain_config();
  config.sack = true;
  Bench bench(config);
  bench.with_peer_options({.sack_permitted = true}).at_established();
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 100});
  bench.advance(40ms);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 51, .ack = 1, .size = 100}),
            ". 1:1(0) ack 151 <sack 51:101>");
}

TEST(TcpSackReceiver, FourBlocksFitOrThreeBesideTimestamps) {
  for (const bool timestamps : {false, true}) {
    TcpConfig config = Bench::plain_config();
    config.sack = true;
    config.timestamps = timestamps;
    Bench bench(config);
    Options options{.sack_permitted = true};
    if (timestamps) options.timestamps = Timestamps{100'000, 0};
    bench.with_peer_options(options).at_established();
    for (std::uint32_t i = 0; i < 6; ++i) {
      bench.arrive({.flags = ".", .seq = 101 + 200 * i, .ack = 1, .size = 100});
    }
    EXPECT_EQ(bench.last_sent().options.sack_count, timestamps ? 3 : 4);
    EXPECT_EQ(bench.last_sent().options.encoded_size(), timestamps ? 40u : 36u);
  }
}

TEST(TcpSackReceiver, SaysNothingWithoutPermission) {
  TcpConfig config = Bench::plain_config();
  config.sack = true;
  Bench bench(config);
  bench.at_established();
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 101, .ack = 1, .size = 100}), ". 1:1(0) ack 1");
}

TEST(TcpSackReceiver, TextOfASynThatIsHeldIsNoBlock) {
  TcpConfig config = Bench::plain_config();
  config.sack = true;
  Bench bench(config);
  bench.at_listen();
  bench.arrive({.flags = "S", .size = 10, .options = {.sack_permitted = true}});
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 0, .ack = 1}), ". 1:1(0) ack 1");
}

// --- ECN

TEST(TcpEcn, IsGrantedToAnEcnSetupSynOnly) {
  for (const auto& [flags, granted] : std::initializer_list<std::pair<const char*, bool>>{
           {"SEW", true}, {"SE", false}, {"SW", false}, {"S", false}}) {
    Bench bench;
    bench.at_listen();
    EXPECT_EQ(bench.arrive({.flags = flags}), granted ? "SE. 0:0(0) ack 1" : "S. 0:0(0) ack 1");
    EXPECT_EQ(bench.status().ecn, granted);
    EXPECT_EQ(bench.last_sent().ecn, Ecn::not_ect);
  }
}

TEST(TcpEcn, IsTakenBackWhenTheSynComesAgainWithoutIt) {
  Bench bench;
  bench.at_listen();
  EXPECT_EQ(bench.arrive({.flags = "SEW"}), "SE. 0:0(0) ack 1");
  EXPECT_EQ(bench.arrive({.flags = "SEW"}), "SE. 0:0(0) ack 1");
  EXPECT_EQ(bench.arrive({.flags = "S"}), "S. 0:0(0) ack 1");
  EXPECT_FALSE(bench.status().ecn);
  // One non-ECN-setup SYN,ACK has been sent: it stays so.
  EXPECT_EQ(bench.arrive({.flags = "SEW"}), "S. 0:0(0) ack 1");
}

TEST(TcpEcn, IsNotGrantedWhenOff) {
  TcpConfig config = Bench::plain_config();
  config.ecn = EcnPolicy::off;
  Bench bench(config);
  bench.at_listen();
  EXPECT_EQ(bench.arrive({.flags = "SEW"}), "S. 0:0(0) ack 1");
}

TEST(TcpEcn, AnActiveOpenAsksWhenToldToAndTakesOnlyAProperAnswer) {
  TcpConfig config = Bench::plain_config();
  config.ecn = EcnPolicy::initiate;
  for (const auto& [flags, granted] : std::initializer_list<std::pair<const char*, bool>>{
           {"SE.", true}, {"SEW.", false}, {"S.", false}, {"SW.", false}}) {
    Bench bench(config);
    bench.at_listen();  // only so that the bench has one
    Actions act;
    const auto id = bench.tcp().open(bench.now(),
                                     {.local_address = bench.local.address,
                                      .local_port = 81,
                                      .remote = bench.remote,
                                      .options = {.iss = SeqNum{Bench::kIss}}},
                                     act);
    ASSERT_TRUE(id.ok());
    EXPECT_TRUE(act.segment(0).ece && act.segment(0).cwr);
    bench.local.port = 81;
    bench.arrive({.flags = flags, .ack = 1});
    EXPECT_EQ(bench.tcp().status(*id)->ecn, granted) << flags;
  }
}

TEST(TcpEcn, ARepeatedSynDoesWithoutIt) {
  TcpConfig config = Bench::plain_config();
  config.ecn = EcnPolicy::initiate;
  Bench bench(config);
  Actions act;
  const auto id = bench.tcp().open(
      bench.now(), {.local_address = bench.local.address, .remote = bench.remote}, act);
  ASSERT_TRUE(id.ok());
  act.clear();
  bench.tcp().on_deadline(bench.now() + 1s, act);
  ASSERT_EQ(act.segment_count(), 1u);
  EXPECT_TRUE(act.segment(0).syn);
  EXPECT_FALSE(act.segment(0).ece || act.segment(0).cwr);
}

class TcpEcnEstablished : public ::testing::Test {
 protected:
  TcpEcnEstablished() {
    bench_.at_listen();
    bench_.arrive({.flags = "SEW", .options = {.mss = 1000}});
    bench_.arrive({.flags = ".", .seq = 1, .ack = 1});
    id_ = *bench_.tcp().accept(bench_.listener());
  }
  std::string write(std::size_t size) {
    Actions act;
    EXPECT_TRUE(bench_.tcp().send(bench_.now(), id_, stream_text(written_, size), {}, act).ok());
    written_ += size;
    std::string marks;
    for (std::size_t i = 0; i < act.segment_count(); ++i) {
      marks += act.segment(i).ecn == Ecn::ect0 ? "ect" : "not";
      if (act.segment(i).cwr) marks += "+cwr";
      marks += ' ';
    }
    return marks;
  }

  Bench bench_;
  ConnectionId id_;
  std::uint64_t written_ = 0;
};

TEST_F(TcpEcnEstablished, NewTextIsEctAndRetransmissionsAndAcksAreNot) {
  EXPECT_EQ(write(1000), "ect ");
  bench_.advance(1s);
  EXPECT_EQ(bench_.last_sent().ecn, Ecn::not_ect);
  EXPECT_FALSE(bench_.last_sent().cwr);
  bench_.arrive({.flags = ".", .seq = 11, .ack = 1, .size = 10});
  EXPECT_EQ(bench_.last_sent().ecn, Ecn::not_ect);
}

TEST_F(TcpEcnEstablished, AMarkIsEchoedUntilCwr) {
  EXPECT_EQ(bench_.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 10, .ecn = Ecn::ce}), "");
  EXPECT_EQ(bench_.arrive({.flags = ".", .seq = 11, .ack = 1, .size = 10}), "E. 1:1(0) ack 21");
  EXPECT_EQ(bench_.arrive({.flags = ".", .seq = 0, .ack = 1, .size = 1}), "E. 1:1(0) ack 21");
  bench_.arrive({.flags = "W.", .seq = 21, .ack = 1, .size = 10});
  EXPECT_EQ(bench_.arrive({.flags = ".", .seq = 31, .ack = 1, .size = 10}), ". 1:1(0) ack 41");
  // CWR and a new mark in one segment: the mark stays.
  bench_.arrive({.flags = "W.", .seq = 41, .ack = 1, .size = 10, .ecn = Ecn::ce});
  EXPECT_EQ(bench_.advance(40ms), "E. 1:1(0) ack 51");
}

TEST_F(TcpEcnEstablished, AMarkOutsideTheWindowIsIgnored) {
  bench_.arrive({.flags = ".", .seq = 0, .ack = 1, .size = 1, .ecn = Ecn::ce});
  EXPECT_EQ(bench_.arrive({.flags = ".", .seq = 11, .ack = 1, .size = 10}), ". 1:1(0) ack 1");
}

TEST_F(TcpEcnEstablished, AnEchoHalvesTheWindowOncePerRoundTrip) {
  write(10'000);
  bench_.arrive({.flags = "E.", .seq = 1, .ack = 1001});
  EXPECT_EQ(bench_.tcp().status(id_)->cwnd, 5000u);  // half of what was in flight
  bench_.arrive({.flags = "E.", .seq = 1, .ack = 2001});
  EXPECT_EQ(bench_.tcp().status(id_)->cwnd, 5000u);
  bench_.arrive({.flags = ".", .seq = 1, .ack = 10'001});
  EXPECT_EQ(write(1000), "ect+cwr ");
  bench_.arrive({.flags = ".", .seq = 1, .ack = 11'001});
  EXPECT_EQ(write(1000), "ect ");
}

TEST_F(TcpEcnEstablished, AnEchoInTheAckOfEverythingHalvesTheWindowToo) {
  write(10'000);
  bench_.arrive({.flags = "E.", .seq = 1, .ack = 10'001});
  EXPECT_EQ(bench_.tcp().status(id_)->cwnd, 5000u);
}

TEST_F(TcpEcnEstablished, AnAckThatEchoesGrowsNoWindow) {
  write(10'000);
  bench_.arrive({.flags = "E.", .seq = 1, .ack = 1001});
  // More than a window is acknowledged: without the echo, congestion avoidance would take a step.
  bench_.arrive({.flags = "E.", .seq = 1, .ack = 6001});
  EXPECT_EQ(bench_.tcp().status(id_)->cwnd, 5000u);
}

TEST_F(TcpEcnEstablished, CwrFollowsATimeoutToo) {
  write(1000);
  bench_.advance(1s);
  bench_.arrive({.flags = ".", .seq = 1, .ack = 1001});
  EXPECT_EQ(write(1000), "ect+cwr ");
}

TEST_F(TcpEcnEstablished, WithAWindowOfOneSegmentAnEchoWaitsForTheTimer) {
  write(3000);
  bench_.advance(1s);  // the timer: one segment
  bench_.arrive({.flags = ".", .seq = 1, .ack = 3001});
  // Down to one segment again by a second timeout.
  write(1000);
  bench_.advance(3s);
  ASSERT_EQ(bench_.tcp().status(id_)->cwnd, 1000u);
  bench_.arrive({.flags = "E.", .seq = 1, .ack = 4001});
  EXPECT_EQ(write(1000), "");
  const Status status = *bench_.tcp().status(id_);
  EXPECT_EQ(status.timer, TimerKind::retransmit);
  bench_.advance(status.timer_at - bench_.now());
  EXPECT_EQ(bench_.last_sent().size, 1000u);
  EXPECT_EQ(bench_.last_sent().seq, SeqNum{Bench::kIss + 4001});
}

TEST(TcpEcn, TheFirstEchoCountsWhereverNumbersBegin) {
  for (const std::uint32_t iss : {1000u, 0x90000000u, 0x7fffffffu}) {
    Bench bench(Bench::plain_config(), iss);
    bench.at_listen();
    bench.arrive({.flags = "SEW", .options = {.mss = 1000}});
    bench.arrive({.flags = ".", .seq = 1, .ack = 1});
    const ConnectionId id = bench.tcp().accept(bench.listener()).value();
    Actions act;
    ASSERT_TRUE(bench.tcp().send(bench.now(), id, stream_text(0, 10'000), {}, act).ok());
    bench.arrive({.flags = "E.", .seq = 1, .ack = 1001});
    EXPECT_EQ(bench.tcp().status(id)->cwnd, 5000u) << iss;
  }
}

// --- RFC 5482, the user timeout option

class TcpUserTimeoutOption : public ::testing::Test {
 protected:
  TcpUserTimeoutOption() : bench(config()) {}

  static TcpConfig config() {
    TcpConfig config = Bench::plain_config();
    config.user_timeout_option = true;
    config.user_timeout = 200s;
    return config;
  }
  // Establishes the connection, with what the peer's SYN says of its timeout, and writes.
  void write_after_syn_with(const std::optional<UserTimeout>& told) {
    bench.with_peer_options({.user_timeout = told}).at_established();
    bench.write(10);
  }
  // How long what was written then may stay unacknowledged.
  Duration lasts() {
    const Instant begin = bench.now();
    while (bench.state() != State::closed) bench.advance_to_next_deadline();
    return bench.now() - begin;
  }

  Bench bench;
};

TEST_F(TcpUserTimeoutOption, IsInTheSynInTheFirstSegmentAfterItAndWheneverItChanges) {
  bench.at_established();
  ASSERT_TRUE(bench.last_sent().options.user_timeout) << "the SYN,ACK";
  EXPECT_EQ(*bench.last_sent().options.user_timeout, (UserTimeout{false, 200}));
  bench.write(10);
  EXPECT_EQ(*bench.last_sent().options.user_timeout, (UserTimeout{false, 200}));
  bench.arrive({.flags = ".", .seq = 1, .ack = 11});
  bench.write(10);
  EXPECT_FALSE(bench.last_sent().options.user_timeout);
  Actions act;
  ConnectionOptions options = bench.tcp().options(bench.id());
  options.user_timeout = std::chrono::hours{20};
  bench.tcp().set_options(bench.now(), bench.id(), options, act);
  bench.arrive({.flags = ".", .seq = 1, .ack = 21});
  bench.write(10);
  EXPECT_EQ(*bench.last_sent().options.user_timeout, (UserTimeout{true, 1200}));
}

TEST_F(TcpUserTimeoutOption, TheLongerOfBothCounts) {
  write_after_syn_with(UserTimeout{true, 10});
  EXPECT_EQ(lasts(), 600s);
}

TEST_F(TcpUserTimeoutOption, AShorterOneOfThePeerChangesNothing) {
  write_after_syn_with(UserTimeout{false, 1});
  EXPECT_EQ(lasts(), 200s);
}

TEST_F(TcpUserTimeoutOption, ThereIsAnUpperLimit) {
  write_after_syn_with(UserTimeout{true, 0x7fff});
  EXPECT_EQ(lasts(), std::chrono::hours{1});
}

TEST_F(TcpUserTimeoutOption, ZeroMeansNothing) {
  write_after_syn_with(UserTimeout{true, 0});
  EXPECT_EQ(lasts(), 200s);
}

TEST_F(TcpUserTimeoutOption, WhatTheUserChoseIsKept) {
  bench.with_options({.user_timeout = 120s});
  write_after_syn_with(UserTimeout{true, 10});
  EXPECT_EQ(lasts(), 120s);
}

TEST_F(TcpUserTimeoutOption, CountsInLaterSegmentsToo) {
  bench.at_established();
  bench.arrive(
      {.flags = ".", .seq = 1, .ack = 1, .options = {.user_timeout = UserTimeout{true, 9}}});
  bench.write(10);
  EXPECT_EQ(lasts(), 540s);
}

TEST(TcpUserTimeoutOptionOff, IsNeitherSentNorHeeded) {
  TcpConfig config = Bench::plain_config();
  config.user_timeout = 200s;
  Bench bench(config);
  bench.with_peer_options({.user_timeout = UserTimeout{true, 10}}).at_established();
  EXPECT_FALSE(bench.last_sent().options.user_timeout);
  bench.write(10);
  EXPECT_FALSE(bench.last_sent().options.user_timeout);
  bench.advance(200s);
  EXPECT_EQ(bench.state(), State::closed);
}

// --- the receive buffer finds its size

class TcpReceiveBufferTuning : public ::testing::Test {
 protected:
  static TcpConfig config() {
    TcpConfig config = Bench::plain_config();
    config.window_scaling = true;
    config.receive_buffer = 64 * 1024;
    config.receive_buffer_max = 1024 * 1024;
    return config;
  }
  // One round trip in which the peer fills the window and the user reads `share` hundredths of it.
  static void round_trip(Bench& bench, std::uint32_t& sent, std::uint32_t& read,
                         std::uint32_t share) {
    const Status before = bench.status();
    bench.advance(100ms);
    for (std::uint32_t left = before.rcv_wnd; left > 0;) {
      const std::uint32_t size = std::min<std::uint32_t>(left, 1000);
      bench.arrive({.flags = ".", .seq = 1 + sent, .ack = 1, .size = size});
      sent += size;
      left -= size;
    }
    const std::uint32_t wanted = bench.status().receive_queue / 100 * share;
    bench.read(wanted);
    read += wanted;
  }
  static std::uint32_t buffer(const Bench& bench) {
    return bench.status().rcv_wnd + bench.status().receive_queue;
  }
};

TEST_F(TcpReceiveBufferTuning, GrowsAsFastAsTheUserReadsUpToItsLimit) {
  Bench bench(config());
  bench.with_peer_options({.window_scale = std::uint8_t{7}}).at_established();
  EXPECT_EQ(bench.status().rcv_wscale, 5) << "chosen for what the buffer may become";
  std::uint32_t sent = 0, read = 0;
  std::uint32_t last = buffer(bench);
  for (int i = 0; i < 10; ++i) {
    round_trip(bench, sent, read, 100);
    EXPECT_GE(buffer(bench) + 1000, last);
    last = buffer(bench);
  }
  EXPECT_GT(last, 900'000u);
  EXPECT_LE(last, 1024u * 1024);
}

TEST_F(TcpReceiveBufferTuning, StaysForAUserWhoReadsSlowly) {
  Bench bench(config());
  bench.with_peer_options({.window_scale = std::uint8_t{7}}).at_established();
  std::uint32_t sent = 0, read = 0;
  for (int i = 0; i < 10; ++i) round_trip(bench, sent, read, 20);
  EXPECT_LE(buffer(bench), 64u * 1024);
}

TEST_F(TcpReceiveBufferTuning, StaysWhenTheUserChoseIt) {
  Bench bench(config());
  bench.with_options({.receive_buffer = 64 * 1024})
      .with_peer_options({.window_scale = std::uint8_t{7}})
      .at_established();
  std::uint32_t sent = 0, read = 0;
  for (int i = 0; i < 10; ++i) round_trip(bench, sent, read, 100);
  EXPECT_LE(buffer(bench), 64u * 1024);
}

TEST_F(TcpReceiveBufferTuning, StaysWithinWhatAnUnscaledWindowCanSay) {
  Bench bench(config());
  bench.at_established();
  std::uint32_t sent = 0, read = 0;
  for (int i = 0; i < 10; ++i) round_trip(bench, sent, read, 100);
  EXPECT_LE(buffer(bench), 64u * 1024);
}

TEST(TcpWindowScaling, TheLargestWindowIsAGibibyte) {
  TcpConfig config = Bench::plain_config();
  config.window_scaling = true;
  config.receive_buffer = std::uint32_t{1} << 30;
  Bench bench(config);
  bench.with_peer_options({.window_scale = std::uint8_t{14}}).with_peer_window(0xffff);
  bench.at_established();
  EXPECT_EQ(bench.status().rcv_wscale, 14);
  EXPECT_EQ(bench.status().snd_wnd, std::uint32_t{0xffff} << 14);
  bench.arrive({.flags = "P.", .seq = 1, .ack = 1, .size = 1000});
  bench.advance(100ms);
  EXPECT_EQ(bench.last_sent().window, 0xffff);
  EXPECT_EQ(bench.status().rcv_wnd, std::uint32_t{0xffff} << 14);
}

}  // namespace
}  // namespace packetwright::tcp::testing
