// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "stack/tcp/tcp_test_support.hh"

// RFC 9293, 3.10.8 and 3.8.3, 3.8.4: what time alone brings about.
namespace packetwright::tcp::testing {
namespace {

// --- SYN

TEST(TcpSynTimeout, RetransmitsForThreeMinutesAndThenGivesUp) {
  Bench bench;
  bench.at_syn_sent();
  Duration at{0};
  Duration wait = 1s;
  int retransmissions = 0;
  Duration last{0};
  while (bench.state() == State::syn_sent) {
    const Instant before = bench.now();
    const std::string sent = bench.advance_to_next_deadline();
    at += bench.now() - before;
    if (sent.empty()) break;
    EXPECT_EQ(sent, "S 0:0(0)");
    EXPECT_EQ(at - last, wait);
    last = at;
    wait = std::min<Duration>(2 * wait, 60s);
    ++retransmissions;
  }
  EXPECT_EQ(retransmissions, 8);  // 1 3 7 15 31 63 123 183
  EXPECT_GE(last, 3min);
  EXPECT_EQ(bench.events(), "failed aborted_by_user_timeout");
  EXPECT_EQ(bench.tcp().connection_count(), 0u);
}

TEST(TcpSynTimeout, TheUserMayCountSyns) {
  Bench bench;
  bench.with_options({.syn_retries = std::uint8_t{2}}).at_syn_sent();
  EXPECT_EQ(bench.advance(3s), "S 0:0(0) | S 0:0(0)");
  EXPECT_EQ(bench.advance(4s), "");
  EXPECT_EQ(bench.events(), "failed aborted_by_user_timeout");
}

TEST(TcpSynTimeout, TheUserHearsOfR1) {
  Bench bench;
  bench.at_syn_sent();
  bench.advance(6s);
  EXPECT_EQ(bench.events(), "");
  bench.advance(1s);
  EXPECT_EQ(bench.events(), "soft_error");
}

TEST(TcpSynTimeout, AnEmbryoRepeatsItsSynAckAndIsForgotten) {
  Bench bench;
  bench.at_syn_received();
  EXPECT_EQ(bench.advance(1s), "S. 0:0(0) ack 1");
  EXPECT_EQ(bench.advance(2s), "S. 0:0(0) ack 1");
  bench.advance(200s);
  EXPECT_EQ(bench.tcp().connection_count(), 0u);
  EXPECT_EQ(bench.events(), "");
  EXPECT_EQ(bench.tcp().next_deadline(), std::nullopt);
  // Its place in the backlog is free again.
  EXPECT_EQ(bench.arrive({.flags = "S"}), "S. 0:0(0) ack 1");
}

// --- R1, R2

TEST(TcpUserTimeout, EndsAConnectionThatMakesNoProgress) {
  Bench bench;
  bench.at_established();
  bench.write(100);
  bench.advance(5min - 1ms);
  EXPECT_EQ(bench.state(), State::established);
  bench.advance(1ms);
  EXPECT_EQ(bench.state(), State::closed);
  EXPECT_EQ(bench.events(), "failed aborted_by_user_timeout");
  EXPECT_EQ(bench.tcp().failure(bench.id()), TcpError::aborted_by_user_timeout);
}

TEST(TcpUserTimeout, ProgressStartsItAnew) {
  Bench bench;
  bench.at_established();
  bench.write(2000);
  bench.advance(4min);
  bench.arrive({.flags = ".", .seq = 1, .ack = 1001});
  bench.advance(4min);
  EXPECT_EQ(bench.state(), State::established);
  bench.advance(1min);
  EXPECT_EQ(bench.state(), State::closed);
}

TEST(TcpUserTimeout, TheUserChoosesIt) {
  Bench bench;
  bench.with_options({.user_timeout = Duration{10s}}).at_established();
  bench.write(100);
  bench.advance(10s);
  EXPECT_EQ(bench.state(), State::closed);
}

TEST(TcpUserTimeout, R1IsToldOnceAfterThreeRetransmissions) {
  Bench bench;
  bench.at_established();
  bench.write(100);
  bench.advance(3s);
  EXPECT_EQ(bench.events(), "");
  bench.advance(4s);
  EXPECT_EQ(bench.events(), "soft_error");
  bench.advance(60s);
  EXPECT_EQ(bench.events(), "");
}

TEST(TcpUserTimeout, AlsoEndsWhatNobodyHolds) {
  Bench bench;
  bench.at_established();
  bench.write(100);
  bench.close(CloseMode::full);
  EXPECT_EQ(bench.tcp().connection_count(), 1u);
  bench.advance(5min);
  EXPECT_EQ(bench.tcp().connection_count(), 0u);
  EXPECT_TRUE(bench.tcp().connections().empty());
}

// --- keep-alive

TEST(TcpKeepAlive, IsOffByDefault) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.tcp().next_deadline(), std::nullopt);
}

TEST(TcpKeepAlive, ProbesAfterTwoHoursOfSilence) {
  Bench bench;
  bench.with_options({.keepalive = true}).at_established();
  EXPECT_EQ(bench.advance(2h - 1ms), "");
  EXPECT_EQ(bench.advance(1ms), ". 0:0(0) ack 1");
  EXPECT_EQ(bench.last_sent().size, 0u);
  // An answer is all it takes.
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1}), "");
  EXPECT_EQ(bench.advance(2h - 1ms), "");
  EXPECT_EQ(bench.advance(1ms), ". 0:0(0) ack 1");
}

TEST(TcpKeepAlive, AnythingThatArrivesPutsItOff) {
  Bench bench;
  bench.with_options({.keepalive = true}).at_established();
  bench.advance(1h);
  bench.arrive({.flags = ".", .seq = 0, .ack = 1});
  EXPECT_EQ(bench.advance(2h - 1ms), "");
  EXPECT_EQ(bench.advance(1ms), ". 0:0(0) ack 1");
}

TEST(TcpKeepAlive, OneProbeWithoutAnswerIsNotTheEndNineAre) {
  Bench bench;
  bench.with_options({.keepalive = true}).at_established();
  EXPECT_EQ(bench.advance(2h), ". 0:0(0) ack 1");
  for (int i = 1; i < 9; ++i) {
    EXPECT_EQ(bench.advance(75s), ". 0:0(0) ack 1") << i;
    EXPECT_EQ(bench.state(), State::established);
  }
  EXPECT_EQ(bench.advance(75s), "");
  EXPECT_EQ(bench.events(), "failed aborted_by_user_timeout");
}

TEST(TcpKeepAlive, AllThreeNumbersCanBeChosen) {
  Bench bench;
  bench
      .with_options({.keepalive = true,
                     .keep_idle = Duration{10s},
                     .keep_interval = Duration{2s},
                     .keep_count = std::uint8_t{2}})
      .at_established();
  EXPECT_EQ(bench.advance(12s), ". 0:0(0) ack 1 | . 0:0(0) ack 1");
  bench.advance(2s);
  EXPECT_EQ(bench.state(), State::closed);
}

TEST(TcpKeepAlive, WaitsWhileSomethingIsOutstanding) {
  Bench bench;
  bench.with_options({.keepalive = true, .keep_idle = Duration{10s}}).at_established();
  bench.write(100);
  const std::string sent = bench.advance(30s);
  EXPECT_EQ(sent.find("(0)"), std::string::npos) << sent;
}

TEST(TcpKeepAlive, CanBeTurnedOnAndOffLater) {
  Bench bench;
  bench.at_established();
  Actions act;
  bench.tcp().set_options(bench.now(), bench.id(), {.keepalive = true}, act);
  EXPECT_TRUE(bench.tcp().next_deadline().has_value());
  bench.tcp().set_options(bench.now(), bench.id(), {}, act);
  EXPECT_EQ(bench.tcp().next_deadline(), std::nullopt);
}

// --- TIME-WAIT

TEST(TcpTimeWait, LastsTwiceTheMsl) {
  for (auto factory : {&Bench::at_time_wait_via_fin_wait_2, &Bench::at_time_wait_via_closing}) {
    Bench bench;
    (bench.*factory)();
    bench.advance(60s - 1ms);
    EXPECT_EQ(bench.state(), State::time_wait);
    bench.advance(1ms);
    EXPECT_EQ(bench.state(), State::closed);
    EXPECT_EQ(bench.events(), "closed");
    EXPECT_EQ(bench.tcp().connection_count(), 0u);
  }
}

TEST(TcpTimeWait, OnlyAFinRestartsIt) {
  Bench bench;
  bench.at_time_wait_via_fin_wait_2();
  bench.advance(30s);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 2, .ack = 2}), "");
  EXPECT_EQ(bench.arrive({.flags = "F.", .seq = 1, .ack = 2}), ". 2:2(0) ack 2");
  bench.advance(59s);
  EXPECT_EQ(bench.state(), State::time_wait);
  bench.advance(1s);
  EXPECT_EQ(bench.state(), State::closed);
}

// RFC 6191, and RFC 9293, 3.6.1.

TEST(TcpTimeWait, ASynWithAHigherNumberOpensANewConnection) {
  Bench bench;
  bench.at_time_wait_via_fin_wait_2();
  bench.several_connections = true;
  // The peer's FIN had number 1: 2 is above it.
  EXPECT_EQ(bench.arrive({.flags = "S", .seq = 2}), "S. 0:0(0) ack 3");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 3, .ack = 1}), "");
  EXPECT_EQ(bench.events(), "incoming closed");
  EXPECT_EQ(bench.state(), State::closed);  // the old one
  EXPECT_EQ(bench.tcp().connection_count(), 1u);
}

TEST(TcpTimeWait, ASynWithAnOldNumberIsSilentlyDropped) {
  Bench bench;
  bench.at_time_wait_via_fin_wait_2();
  EXPECT_EQ(bench.arrive({.flags = "S", .seq = 1}), "");
  EXPECT_EQ(bench.drops(), "tcp_time_wait_syn");
  EXPECT_EQ(bench.state(), State::time_wait);
}

TEST(TcpTimeWait, TheNewInitialNumberIsAboveTheOld) {
  // Without an ISS of the test's choice.
  Tcp tcp(Bench::plain_config(), Rng(1));
  Actions act;
  const Endpoint local{IpAddress::v4(192, 0, 2, 1), 80};
  const Endpoint remote{IpAddress::v4(198, 51, 100, 7), 40000};
  const auto listener = tcp.listen({.local = local});
  ASSERT_TRUE(listener.ok());
  const auto arrive = [&](std::uint32_t seq, SeqNum ack, bool syn, bool fin, bool has_ack) {
    act.clear();
    Segment s;
    s.local = local;
    s.remote = remote;
    s.seq = SeqNum{seq};
    s.ack = ack;
    s.syn = syn;
    s.fin = fin;
    s.has_ack = has_ack;
    s.window = 1'000'0;
    tcp.on_segment(instant_at(0), s, {}, act);
    tcp.flush(instant_at(0), act);
  };
  arrive(0, SeqNum{0}, true, false, false);
  const SeqNum old_iss = act.segment(0).seq;
  arrive(1, old_iss + 1, false, false, true);
  const ConnectionId id = tcp.accept(*listener).value();
  ASSERT_TRUE(tcp.close(instant_at(0), id, CloseMode::half, act).ok());
  arrive(1, old_iss + 2, false, true, true);
  ASSERT_EQ(tcp.status(id)->state, State::time_wait);
  arrive(100, SeqNum{0}, true, false, false);
  ASSERT_EQ(act.segment_count(), 1u);
  EXPECT_TRUE(act.segment(0).syn);
  EXPECT_GT(act.segment(0).seq, old_iss + 2);
}

TEST(TcpTimeWait, ComesBackWhenTheSynProvesAnOldDuplicate) {
  Bench bench;
  bench.at_time_wait_via_fin_wait_2();
  bench.several_connections = true;
  bench.arrive({.flags = "S", .seq = 2});
  // The peer knows nothing of that SYN.
  EXPECT_EQ(bench.arrive({.flags = "R", .seq = 3}), "");
  EXPECT_EQ(bench.state(), State::time_wait);
  EXPECT_EQ(bench.arrive({.flags = "F.", .seq = 1, .ack = 2}), ". 2:2(0) ack 2");
  bench.advance(60s);
  EXPECT_EQ(bench.tcp().connection_count(), 0u);
}

TEST(TcpTimeWait, GoesOnWhenTheListenerHasNoRoom) {
  TcpConfig config = Bench::plain_config();
  config.syn_backlog = 0;
  Bench full(config);
  // An active open needs no room in the backlog of the listener at its own port.
  full.at_established_by_active_open();
  full.at_listen();
  full.close();
  full.arrive({.flags = "F.", .seq = 1, .ack = 2});
  ASSERT_EQ(full.state(), State::time_wait);
  EXPECT_EQ(full.arrive({.flags = "S", .seq = 2}), "");
  EXPECT_EQ(full.drops(), "tcp_listen_backlog_full");
  EXPECT_EQ(full.arrive({.flags = "F.", .seq = 1, .ack = 2}), ". 2:2(0) ack 2");
  full.advance(60s);
  EXPECT_EQ(full.tcp().connection_count(), 0u);
}

TEST(TcpTimeWait, WithTimestampsANewerOneDecides) {
  TcpConfig config = Bench::plain_config();
  config.timestamps = true;
  const auto syn = [](Bench& bench, std::uint32_t seq, std::optional<Timestamps> ts) {
    bench.peer_sends_timestamps = false;
    return bench.arrive({.flags = "S", .seq = seq, .options = {.timestamps = ts}});
  };
  const auto reach = [&config] {
    auto bench = std::make_unique<Bench>(config);
    bench->with_peer_options({.timestamps = Timestamps{100'000, 0}}).at_time_wait_via_fin_wait_2();
    bench->several_connections = true;
    return bench;
  };
  EXPECT_EQ(syn(*reach(), 0x80000000, Timestamps{100'001, 0}).substr(0, 2), "S.");
  EXPECT_EQ(syn(*reach(), 2, Timestamps{100'000, 0}).substr(0, 2), "S.");
  EXPECT_EQ(syn(*reach(), 1, Timestamps{100'000, 0}), "");
  EXPECT_EQ(syn(*reach(), 2, Timestamps{99'999, 0}), "");
  EXPECT_EQ(syn(*reach(), 2, std::nullopt).substr(0, 2), "S.");
  EXPECT_EQ(syn(*reach(), 1, std::nullopt), "");
}

TEST(TcpTimeWait, ASynWithTimestampsReplacesAConnectionWithout) {
  TcpConfig config = Bench::plain_config();
  config.timestamps = true;
  Bench bench(config);
  bench.at_time_wait_via_fin_wait_2();
  bench.several_connections = true;
  EXPECT_EQ(bench.arrive({.flags = "S", .seq = 0, .options = {.timestamps = Timestamps{1, 0}}})
                .substr(0, 2),
            "S.");
}

TEST(TcpTimeWait, WithoutReuseASynIsChallenged) {
  TcpConfig config = Bench::plain_config();
  config.time_wait_reuse = false;
  Bench bench(config);
  bench.at_time_wait_via_fin_wait_2();
  EXPECT_EQ(bench.arrive({.flags = "S", .seq = 2}), ". 2:2(0) ack 2");
  EXPECT_EQ(bench.drops(), "tcp_syn_in_window");
}

// --- orphans

TEST(TcpOrphan, InFinWait2IsForgottenAfterAWhile) {
  Bench bench;
  bench.at_established();
  bench.close(CloseMode::full);
  bench.arrive({.flags = ".", .seq = 1, .ack = 2});
  bench.advance(60s - 1ms);
  EXPECT_EQ(bench.tcp().connection_count(), 1u);
  bench.advance(1ms);
  EXPECT_EQ(bench.tcp().connection_count(), 0u);
}

TEST(TcpOrphan, InFinWait2WithAUserWaitsForEver) {
  Bench bench;
  bench.at_fin_wait_2();
  EXPECT_EQ(bench.tcp().next_deadline(), std::nullopt);
}

}  // namespace
}  // namespace packetwright::tcp::testing
