// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "stack/tcp/tcp_test_support.hh"

// RFC 9293, 3.10.1 to 3.10.6, and what sockets add. The answers to CLOSE, ABORT and SEND in each
// state are in state_table_test.cc.
namespace packetwright::tcp::testing {
namespace {

// --- OPEN

TEST(TcpOpen, SendsASynAndEntersSynSent) {
  Bench bench;
  bench.at_syn_sent();
  EXPECT_EQ(bench.state(), State::syn_sent);
  EXPECT_EQ(bench.status().snd_una, SeqNum{Bench::kIss});
  EXPECT_EQ(bench.status().snd_nxt, SeqNum{Bench::kIss + 1});
}

TEST(TcpOpen, RefusesARemoteThatCannotBe) {
  Tcp tcp(TcpConfig{}, Rng(1));
  Actions act;
  const IpAddress here = IpAddress::v4(192, 0, 2, 1);
  for (const Endpoint& remote :
       {Endpoint{IpAddress{}, 80}, Endpoint{IpAddress::v4(198, 51, 100, 7), 0},
        Endpoint{IpAddress::v4(224, 0, 0, 1), 80}, Endpoint{IpAddress::v4(255, 255, 255, 255), 80},
        Endpoint{IpAddress::v6({0xff, 2}), 80}}) {
    const auto opened = tcp.open(instant_at(0), {.local_address = here, .remote = remote}, act);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error(), TcpError::remote_unspecified);
  }
  EXPECT_EQ(act.segment_count(), 0u);
}

TEST(TcpOpen, RefusesAFourTupleInUse) {
  Bench bench;
  bench.at_established();
  Actions act;
  const auto again = bench.tcp().open(bench.now(),
                                      {.local_address = bench.local.address,
                                       .local_port = bench.local.port,
                                       .remote = bench.remote},
                                      act);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error(), TcpError::connection_already_exists);
  EXPECT_EQ(bench.state(), State::established);
}

TEST(TcpOpen, DrawsAPortThatIsFree) {
  TcpConfig config;
  config.first_port = 60000;
  config.last_port = 60001;
  Tcp tcp(config, Rng(1));
  Actions act;
  const ActiveOpen open{.local_address = IpAddress::v4(192, 0, 2, 1),
                        .remote = {IpAddress::v4(198, 51, 100, 7), 80}};
  tcp.reserve_port(60001);
  ASSERT_TRUE(tcp.open(instant_at(0), open, act).ok());
  EXPECT_EQ(act.segment(0).local.port, 60000);
  const auto none = tcp.open(instant_at(0), open, act);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error(), TcpError::insufficient_resources);
  tcp.unreserve_port(60001);
  EXPECT_TRUE(tcp.open(instant_at(0), open, act).ok());
}

TEST(TcpOpen, SharesPortsAmongRemotesWhenAllAreTaken) {
  TcpConfig config;
  config.first_port = config.last_port = 60000;
  Tcp tcp(config, Rng(1));
  Actions act;
  ActiveOpen open{.local_address = IpAddress::v4(192, 0, 2, 1),
                  .remote = {IpAddress::v4(198, 51, 100, 7), 80}};
  EXPECT_TRUE(tcp.open(instant_at(0), open, act).ok());
  EXPECT_FALSE(tcp.open(instant_at(0), open, act).ok());
  open.remote.port = 81;
  EXPECT_TRUE(tcp.open(instant_at(0), open, act).ok());
  EXPECT_EQ(act.segment(1).local.port, 60000);
}

TEST(TcpOpen, GivesThePortBackAtTheEnd) {
  TcpConfig config;
  config.first_port = config.last_port = 60000;
  Tcp tcp(config, Rng(1));
  Actions act;
  const auto id = tcp.open(instant_at(0),
                           {.local_address = IpAddress::v4(192, 0, 2, 1),
                            .remote = {IpAddress::v4(198, 51, 100, 7), 80}},
                           act);
  ASSERT_TRUE(id.ok());
  EXPECT_EQ(tcp.choose_port(), std::nullopt);
  tcp.release(instant_at(0), *id, act);
  EXPECT_EQ(tcp.choose_port(), 60000);
}

TEST(TcpOpen, IsBounded) {
  TcpConfig config;
  config.max_connections = 2;
  Tcp tcp(config, Rng(1));
  Actions act;
  const ActiveOpen open{.local_address = IpAddress::v4(192, 0, 2, 1),
                        .remote = {IpAddress::v4(198, 51, 100, 7), 80}};
  EXPECT_TRUE(tcp.open(instant_at(0), open, act).ok());
  EXPECT_TRUE(tcp.open(instant_at(0), open, act).ok());
  EXPECT_FALSE(tcp.open(instant_at(0), open, act).ok());
}

TEST(TcpListen, OnePlaceTakesOneListenerAndConnectionsDoNotMind) {
  Bench bench;
  bench.at_established();
  EXPECT_FALSE(bench.tcp().listen({.local = bench.local}).ok());
  // Another record, on another address: the connection is not affected.
  EXPECT_TRUE(bench.tcp().listen({.local = {IpAddress{}, 80}}).ok());
  EXPECT_EQ(bench.state(), State::established);
}

TEST(TcpListen, IsPossibleBesideAnAttemptToConnectFromThePort) {
  Bench bench;
  bench.at_syn_sent();
  EXPECT_TRUE(bench.tcp().listen({.local = bench.local}).ok());
  EXPECT_EQ(bench.state(), State::syn_sent);
}

TEST(TcpListen, AnyLocalAddressIsBoundToTheOneThatTheSynNames) {
  Tcp tcp(TcpConfig{}, Rng(1));
  Actions act;
  ASSERT_TRUE(tcp.listen({.local = {IpAddress{}, 80}}).ok());
  Segment syn;
  syn.local = {IpAddress::v4(203, 0, 113, 9), 80};
  syn.remote = {IpAddress::v4(198, 51, 100, 7), 40000};
  syn.syn = true;
  tcp.on_segment(instant_at(0), syn, {}, act);
  ASSERT_EQ(act.segment_count(), 1u);
  EXPECT_EQ(act.segment(0).local, syn.local);
}

TEST(TcpListen, BoundsItsEmbryosAndRecovers) {
  TcpConfig config = Bench::plain_config();
  config.syn_backlog = 3;
  config.syn_cookies = SynCookiePolicy::off;
  Bench bench(config);
  bench.at_listen();
  for (std::uint16_t i = 0; i < 3; ++i) {
    bench.remote.port = 40000 + i;
    EXPECT_EQ(bench.arrive({.flags = "S"}), "S. 0:0(0) ack 1");
  }
  bench.remote.port = 50000;
  EXPECT_EQ(bench.arrive({.flags = "S"}), "");
  EXPECT_EQ(bench.drops(), "tcp_listen_backlog_full");
  bench.remote.port = 40001;
  bench.arrive({.flags = "R", .seq = 1});
  bench.remote.port = 50000;
  EXPECT_EQ(bench.arrive({.flags = "S"}), "S. 0:0(0) ack 1");
}

TEST(TcpListen, BoundsAllConnectionsTogether) {
  TcpConfig config = Bench::plain_config();
  config.max_connections = 1;
  Bench bench(config);
  bench.at_listen();
  EXPECT_EQ(bench.arrive({.flags = "S"}), "S. 0:0(0) ack 1");
  bench.remote.port = 40001;
  EXPECT_EQ(bench.arrive({.flags = "S"}), "");
  EXPECT_EQ(bench.drops(), "tcp_listen_backlog_full");
}

TEST(TcpListen, HandsItsOptionsToWhatComesAfterwards) {
  Bench bench;
  bench.at_listen();
  EXPECT_EQ(bench.tcp().local_endpoint(bench.listener()), bench.local);
  bench.tcp().set_options(bench.listener(), {.max_segment = 700});
  bench.arrive({.flags = "S"});
  EXPECT_EQ(bench.last_sent().options.mss, 700);
  bench.arrive({.flags = ".", .seq = 1, .ack = bench.last_sent().seq - SeqNum{Bench::kIss} + 1});
  const auto id = bench.tcp().accept(bench.listener());
  ASSERT_TRUE(id.has_value());
  EXPECT_EQ(bench.tcp().options(*id).max_segment, 700);
  EXPECT_EQ(*bench.tcp().local_endpoint(*id), bench.local);
  EXPECT_EQ(*bench.tcp().remote_endpoint(*id), bench.remote);
}

TEST(TcpListen, BoundsWhatWaitsForAccept) {
  Bench bench;
  bench.at_listen();
  bench.tcp().set_backlog(bench.listener(), 2);
  for (std::uint16_t i = 0; i < 2; ++i) {
    bench.remote.port = 40000 + i;
    bench.arrive({.flags = "S"});
    bench.arrive({.flags = ".", .seq = 1, .ack = 1});
  }
  EXPECT_EQ(bench.tcp().pending(bench.listener()), 2u);
  bench.remote.port = 40002;
  EXPECT_EQ(bench.arrive({.flags = "S"}), "");
  EXPECT_EQ(bench.drops(), "tcp_listen_backlog_full");
  EXPECT_TRUE(bench.tcp().accept(bench.listener()).has_value());
  EXPECT_EQ(bench.arrive({.flags = "S"}), "S. 0:0(0) ack 1");
}

TEST(TcpListen, AcceptGivesTheOldestFirst) {
  Bench bench;
  bench.at_listen();
  for (std::uint16_t i = 0; i < 3; ++i) {
    bench.remote.port = 40000 + i;
    bench.arrive({.flags = "S"});
    bench.arrive({.flags = ".", .seq = 1, .ack = 1});
  }
  for (std::uint16_t i = 0; i < 3; ++i) {
    const auto id = bench.tcp().accept(bench.listener());
    ASSERT_TRUE(id.has_value());
    EXPECT_EQ(bench.tcp().remote_endpoint(*id)->port, 40000 + i);
  }
  EXPECT_FALSE(bench.tcp().accept(bench.listener()).has_value());
}

TEST(TcpListen, AConnectionResetBeforeAcceptIsStillAccepted) {
  Bench bench;
  bench.at_syn_received();
  bench.arrive({.flags = ".", .seq = 1, .ack = 1});
  bench.arrive({.flags = "R", .seq = 1});
  const auto id = bench.tcp().accept(bench.listener());
  ASSERT_TRUE(id.has_value());
  EXPECT_EQ(bench.tcp().failure(*id), TcpError::connection_reset);
  EXPECT_TRUE(bench.tcp().readiness(*id).closed);
  Actions act;
  bench.tcp().release(bench.now(), *id, act);
  EXPECT_TRUE(bench.tcp().connections().empty());
}

TEST(TcpListen, ClosingItForgetsEmbryosAndResetsWhatNobodyAccepted) {
  Bench bench;
  bench.at_listen();
  bench.arrive({.flags = "S"});
  bench.arrive({.flags = ".", .seq = 1, .ack = 1});
  bench.remote.port = 40001;
  bench.arrive({.flags = "S"});
  Actions act;
  bench.tcp().close_listener(bench.now(), bench.listener(), act);
  ASSERT_EQ(act.segment_count(), 1u);
  EXPECT_TRUE(act.segment(0).rst);
  EXPECT_EQ(act.segment(0).remote.port, 40000);
  EXPECT_TRUE(bench.tcp().connections().empty());
  EXPECT_EQ(bench.tcp().next_deadline(), std::nullopt);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1}), "R 1:1(0)");
  EXPECT_TRUE(bench.tcp().listen({.local = bench.local}).ok());
}

TEST(TcpListen, AcceptedConnectionsOutliveTheListener) {
  Bench bench;
  bench.at_established();
  Actions act;
  bench.tcp().close_listener(bench.now(), bench.listener(), act);
  EXPECT_EQ(bench.write(10), "P. 1:11(10) ack 1");
}

// --- SEND

TEST(TcpSend, TakesWhatFitsAndTellsWhenThereIsRoom) {
  Bench bench;
  bench.with_options({.send_buffer = 1500}).at_established();
  Actions act;
  const auto taken = bench.tcp().send(bench.now(), bench.id(), stream_text(0, 2000), {}, act);
  ASSERT_TRUE(taken.ok());
  EXPECT_EQ(*taken, 1500u);
  const auto full = bench.tcp().send(bench.now(), bench.id(), stream_text(1500, 10), {}, act);
  ASSERT_FALSE(full.ok());
  EXPECT_EQ(full.error(), TcpError::insufficient_resources);
  EXPECT_FALSE(bench.tcp().readiness(bench.id()).writable);
  bench.arrive({.flags = ".", .seq = 1, .ack = 1001});
  EXPECT_EQ(bench.events(), "writable");
  EXPECT_TRUE(bench.tcp().readiness(bench.id()).writable);
}

TEST(TcpSend, QueuesBeforeTheConnectionIsEstablished) {
  Bench bench;
  bench.at_syn_sent();
  EXPECT_EQ(bench.write(100), "");
  EXPECT_FALSE(bench.tcp().readiness(bench.id()).writable);
  EXPECT_EQ(bench.arrive({.flags = "S.", .ack = 1, .options = {.mss = 1000}}),
            "P. 1:101(100) ack 1");
}

TEST(TcpSend, IsRefusedAfterACloseThatWaits) {
  Bench bench;
  bench.at_syn_received_by_simultaneous_open();
  bench.write(10);
  bench.close();
  Actions act;
  const auto sent = bench.tcp().send(bench.now(), bench.id(), stream_text(10, 1), {}, act);
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error(), TcpError::connection_closing);
}

TEST(TcpSend, IsPossibleAfterThePeersFin) {
  Bench bench;
  bench.at_close_wait();
  EXPECT_EQ(bench.write(100), "P. 1:101(100) ack 2");
}

// --- RECEIVE

TEST(TcpReceive, AfterACloseBeforeTheConnectionWasThereIsRefused) {
  Bench bench;
  bench.at_syn_sent();
  bench.close();
  Actions act;
  Buffer into(10);
  const auto got = bench.tcp().receive(bench.now(), bench.id(), into, {}, act);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error(), TcpError::connection_does_not_exist);
}

TEST(TcpReceive, GivesTextInOrderAndThenTheEnd) {
  Bench bench;
  bench.at_established();
  bench.arrive({.flags = "PF.", .seq = 1, .ack = 1, .size = 10});
  Buffer into(4);
  Actions act;
  auto got = bench.tcp().receive(bench.now(), bench.id(), into, {.peek = true}, act);
  EXPECT_EQ(got->octets, 4u);
  got = bench.tcp().receive(bench.now(), bench.id(), into, {}, act);
  EXPECT_EQ(got->octets, 4u);
  EXPECT_EQ(into, stream_text(0, 4));
  into.resize(100);
  got = bench.tcp().receive(bench.now(), bench.id(), into, {}, act);
  EXPECT_EQ(got->octets, 6u);
  EXPECT_FALSE(got->end_of_stream);
  got = bench.tcp().receive(bench.now(), bench.id(), into, {}, act);
  EXPECT_EQ(got->octets, 0u);
  EXPECT_TRUE(got->end_of_stream);
}

TEST(TcpReceive, TextThatArrivedOutlivesAnOrdinaryEnd) {
  Bench bench;
  bench.at_established();
  bench.arrive({.flags = "PF.", .seq = 1, .ack = 1, .size = 10});
  bench.close();
  bench.arrive({.flags = ".", .seq = 12, .ack = 2});
  EXPECT_EQ(bench.state(), State::closed);
  bench.read(100);
  EXPECT_EQ(bench.last_read(), stream_text(0, 10));
}

TEST(TcpReceive, AfterAResetTheErrorIsAllThereIs) {
  Bench bench;
  bench.at_established();
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 10});
  bench.arrive({.flags = "R", .seq = 11});
  Buffer into(10);
  Actions act;
  const auto got = bench.tcp().receive(bench.now(), bench.id(), into, {}, act);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error(), TcpError::connection_reset);
  const auto sent = bench.tcp().send(bench.now(), bench.id(), into, {}, act);
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error(), TcpError::connection_reset);
  EXPECT_EQ(bench.status().receive_queue, 0u);
}

// --- CLOSE

TEST(TcpClose, InSynSentDeletesAndSaysNothing) {
  Bench bench;
  bench.at_syn_sent();
  EXPECT_EQ(bench.close(), "");
  EXPECT_EQ(bench.tcp().connection_count(), 0u);
  EXPECT_EQ(bench.advance(1h), "");
}

TEST(TcpClose, InSynReceivedWithNothingToSendSendsAFin) {
  Bench bench;
  bench.at_syn_received_by_simultaneous_open();
  EXPECT_EQ(bench.close(), "F. 1:1(0) ack 1");
  EXPECT_EQ(bench.state(), State::fin_wait_1);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 2}), "");
  EXPECT_EQ(bench.state(), State::fin_wait_2);
}

TEST(TcpClose, InSynReceivedBothSynAndFinAreRepeated) {
  Bench bench;
  bench.at_syn_received_by_simultaneous_open();
  bench.close();
  EXPECT_EQ(bench.advance(1s), "S. 0:0(0) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1}), "");
  EXPECT_EQ(bench.advance(10s).substr(0, 15), "F. 1:1(0) ack 1");
}

TEST(TcpClose, InSynReceivedWithTextQueuedWaitsForTheHandshake) {
  Bench bench;
  bench.at_syn_received_by_simultaneous_open();
  bench.write(100);
  EXPECT_EQ(bench.close(), "");
  EXPECT_EQ(bench.state(), State::syn_received);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1}), "FP. 1:101(100) ack 1");
  EXPECT_EQ(bench.state(), State::fin_wait_1);
}

TEST(TcpClose, SendsWhatIsQueuedAheadOfTheFin) {
  Bench bench;
  bench.with_peer_window(1000).at_established();
  EXPECT_EQ(bench.write(2500), ". 1:1001(1000) ack 1");
  EXPECT_EQ(bench.close(), "");
  EXPECT_EQ(bench.state(), State::fin_wait_1);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 1001, .window = 5000}),
            ". 1001:2001(1000) ack 1 | FP. 2001:2501(500) ack 1");
}

TEST(TcpClose, InCloseWaitLastAckBeginsWithTheFin) {
  Bench bench;
  bench.with_peer_window(1000).at_close_wait();
  bench.write(1500);
  EXPECT_EQ(bench.close(), "");
  EXPECT_EQ(bench.state(), State::close_wait);
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 2, .ack = 1001, .window = 1000}),
            "FP. 1001:1501(500) ack 2");
  EXPECT_EQ(bench.state(), State::last_ack);
}

TEST(TcpClose, InFullWithUnreadTextResets) {
  Bench bench;
  bench.at_established();
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 10});
  EXPECT_EQ(bench.close(CloseMode::full), "R 1:1(0)");
  EXPECT_TRUE(bench.tcp().connections().empty());
}

TEST(TcpClose, InFullWithUnreadTextResetsAPeerThatIsStillThere) {
  Bench last_ack;
  last_ack.at_established();
  last_ack.arrive({.flags = "F.", .seq = 1, .ack = 1, .size = 10});
  last_ack.close();
  ASSERT_EQ(last_ack.state(), State::last_ack);
  EXPECT_EQ(last_ack.close(CloseMode::full), "R 2:2(0)");
  EXPECT_TRUE(last_ack.tcp().connections().empty());
}

TEST(TcpClose, InFullWithUnreadTextDoesNotCutTimeWaitShort) {
  Bench bench;
  bench.at_fin_wait_2();
  bench.arrive({.flags = "F.", .seq = 1, .ack = 2, .size = 10});
  ASSERT_EQ(bench.state(), State::time_wait);
  Actions act;
  bench.tcp().release(bench.now(), bench.id(), act);
  EXPECT_EQ(act.segment_count(), 0u);
  EXPECT_EQ(bench.state(), State::time_wait);
  EXPECT_EQ(bench.arrive({.flags = "F.", .seq = 11, .ack = 2}), ". 2:2(0) ack 12");
  bench.advance(60s);
  EXPECT_TRUE(bench.tcp().connections().empty());
}

TEST(TcpClose, InFullLateTextDrawsAReset) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.close(CloseMode::full), "F. 1:1(0) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 2, .size = 10}), "R 2:2(0)");
  EXPECT_EQ(bench.drops(), "tcp_text_receiver_gone");
  EXPECT_TRUE(bench.tcp().connections().empty());
}

TEST(TcpClose, InFullTextThatWaitedForTheHandshakeIsNotAcknowledged) {
  Bench bench;
  bench.at_syn_sent();
  bench.arrive({.flags = "S", .size = 30});
  EXPECT_EQ(bench.close(CloseMode::full), "F. 1:1(0) ack 1");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 2}), "");
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 1, .ack = 2, .size = 30}), "R 2:2(0)");
}

TEST(TcpClose, InHalfTheOtherDirectionGoesOn) {
  Bench bench;
  bench.at_fin_wait_2();
  bench.arrive({.flags = ".", .seq = 1, .ack = 2, .size = 10});
  bench.read(100);
  EXPECT_EQ(bench.last_read(), stream_text(0, 10));
  EXPECT_EQ(bench.state(), State::fin_wait_2);
}

TEST(TcpRelease, OfAnOpenConnectionClosesItAndItsIdMeansNothingAfterwards) {
  Bench bench;
  bench.at_established();
  Actions act;
  bench.tcp().release(bench.now(), bench.id(), act);
  ASSERT_EQ(act.segment_count(), 1u);
  EXPECT_TRUE(act.segment(0).fin);
  bench.arrive({.flags = "F.", .seq = 1, .ack = 2});
  bench.advance(60s);
  EXPECT_TRUE(bench.tcp().connections().empty());
  EXPECT_FALSE(bench.tcp().status(bench.id()).ok());
  const auto sent = bench.tcp().send(bench.now(), bench.id(), stream_text(0, 1), {}, act);
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error(), TcpError::connection_does_not_exist);
}

TEST(TcpIds, AreNotReused) {
  Tcp tcp(TcpConfig{}, Rng(1));
  Actions act;
  const ActiveOpen open{.local_address = IpAddress::v4(192, 0, 2, 1),
                        .remote = {IpAddress::v4(198, 51, 100, 7), 80}};
  const auto first = tcp.open(instant_at(0), open, act);
  tcp.release(instant_at(0), *first, act);
  const auto second = tcp.open(instant_at(0), open, act);
  EXPECT_EQ(first->slot, second->slot);
  EXPECT_FALSE(*first == *second);
  EXPECT_FALSE(tcp.status(*first).ok());
  EXPECT_TRUE(tcp.status(*second).ok());
}

// --- 3.8.5, urgent

TEST(TcpUrgent, ThePointerIsBehindTheUrgentText) {
  Bench bench;
  bench.at_established();
  EXPECT_EQ(bench.write(10, {.urgent = true}), "P. 1:11(10) ack 1 urg 10");
  bench.arrive({.flags = ".", .seq = 1, .ack = 11});
  EXPECT_EQ(bench.write(10), "P. 11:21(10) ack 1");
}

TEST(TcpUrgent, AnnouncesTextThatTheWindowHoldsBack) {
  Bench bench;
  bench.with_peer_window(1000).at_established();
  EXPECT_EQ(bench.write(3000, {.urgent = true}), ". 1:1001(1000) ack 1 urg 3000");
  bench.arrive({.flags = ".", .seq = 1, .ack = 1001, .window = 0});
  EXPECT_EQ(bench.arrive({.flags = ".", .seq = 0, .ack = 1001, .window = 0}),
            ". 1001:1001(0) ack 1 urg 2000");
}

TEST(TcpUrgent, IsToldOnceForEachAdvance) {
  Bench bench;
  bench.at_established();
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .urgent_pointer = 5});
  EXPECT_EQ(bench.events(), "urgent");
  EXPECT_EQ(bench.tcp().urgent_ahead(bench.id()), 5u);
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .urgent_pointer = 5});
  EXPECT_EQ(bench.events(), "");
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .urgent_pointer = 3});
  EXPECT_EQ(bench.events(), "");
  EXPECT_EQ(bench.tcp().urgent_ahead(bench.id()), 5u);
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .urgent_pointer = 9});
  EXPECT_EQ(bench.events(), "urgent");
}

TEST(TcpUrgent, APointerIntoThePastMeansNothing) {
  Bench bench;
  bench.at_established();
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 10, .urgent_pointer = 0});
  EXPECT_EQ(bench.events(), "readable");
  EXPECT_EQ(bench.tcp().urgent_ahead(bench.id()), 0u);
}

TEST(TcpUrgent, TheReaderStopsAtTheMark) {
  Bench bench;
  bench.at_established();
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 10, .urgent_pointer = 6});
  bench.read(100);
  EXPECT_EQ(bench.last_read(), stream_text(0, 5));
  EXPECT_TRUE(bench.tcp().at_urgent_mark(bench.id()));
  bench.read(100);
  EXPECT_EQ(bench.last_read(), stream_text(5, 5));
  EXPECT_FALSE(bench.tcp().at_urgent_mark(bench.id()));
  EXPECT_EQ(bench.tcp().urgent_ahead(bench.id()), 0u);
}

TEST(TcpUrgent, OutOfBandTheOctetIsReadApart) {
  Bench bench;
  bench.with_options({.oob_inline = false}).at_established();
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 10, .urgent_pointer = 6});
  EXPECT_EQ(bench.tcp().receive_urgent(bench.id(), true), stream_octet(5));
  EXPECT_EQ(bench.tcp().receive_urgent(bench.id(), false), stream_octet(5));
  EXPECT_EQ(bench.tcp().receive_urgent(bench.id(), false), std::nullopt);
  bench.read(100);
  EXPECT_EQ(bench.last_read(), stream_text(0, 5));
  bench.read(100);
  EXPECT_EQ(bench.last_read(), stream_text(6, 4));
}

TEST(TcpUrgent, TheOctetMayNotHaveArrivedYet) {
  Bench bench;
  bench.at_established();
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 3, .urgent_pointer = 50});
  EXPECT_EQ(bench.tcp().receive_urgent(bench.id(), false), std::nullopt);
  bench.arrive({.flags = ".", .seq = 4, .ack = 1, .size = 47});
  EXPECT_EQ(bench.tcp().receive_urgent(bench.id(), false), stream_octet(49));
}

TEST(TcpUrgent, APointerFarBeyondTheWindowIsHarmless) {
  Bench bench;
  bench.at_established();
  bench.arrive({.flags = ".", .seq = 1, .ack = 1, .size = 3, .urgent_pointer = 0xffff});
  EXPECT_EQ(bench.tcp().urgent_ahead(bench.id()), 0xffffu);
  bench.read(100);
  EXPECT_EQ(bench.last_read(), stream_text(0, 3));
}

// --- ICMP errors, 3.9.2.2 and RFC 5927

TEST(TcpIcmp, AHardErrorEndsAnAttemptToConnect) {
  Bench bench;
  bench.at_syn_sent();
  bench.icmp(IcmpErrorKind::hard, 0);
  EXPECT_EQ(bench.events(), "failed unreachable");
}

TEST(TcpIcmp, ASoftErrorIsToldAndNothingMore) {
  for (auto factory : {&Bench::at_syn_sent, &Bench::at_established}) {
    Bench bench;
    (bench.*factory)();
    if (bench.state() == State::established) bench.write(10);
    bench.icmp(IcmpErrorKind::soft, bench.state() == State::established ? 1 : 0);
    EXPECT_EQ(bench.events(), "soft_error");
    EXPECT_NE(bench.state(), State::closed);
  }
}

TEST(TcpIcmp, AHardErrorIsSoftOnceEstablishedUnlessConfigured) {
  Bench bench;
  bench.at_established();
  bench.write(10);
  bench.icmp(IcmpErrorKind::hard, 1);
  EXPECT_EQ(bench.events(), "soft_error");
  EXPECT_EQ(bench.state(), State::established);

  TcpConfig config = Bench::plain_config();
  config.hard_icmp_aborts = true;
  Bench strict(config);
  strict.at_established();
  strict.write(10);
  strict.icmp(IcmpErrorKind::hard, 1);
  EXPECT_EQ(strict.events(), "failed unreachable");
}

TEST(TcpIcmp, WhatQuotesANumberNotInFlightIsIgnored) {
  Bench bench;
  bench.at_syn_sent();
  bench.icmp(IcmpErrorKind::hard, 1);
  EXPECT_EQ(bench.drops(), "icmp_error_out_of_window");
  bench.icmp(IcmpErrorKind::hard, 0xffffffff);
  EXPECT_EQ(bench.state(), State::syn_sent);
}

TEST(TcpIcmp, SourceQuenchIsDiscarded) {
  Bench bench;
  bench.at_established();
  bench.write(10'000);
  bench.icmp(IcmpErrorKind::source_quench, 1);
  EXPECT_EQ(bench.drops(), "icmp_source_quench");
  EXPECT_EQ(bench.status().cwnd, 10'000u);
}

TEST(TcpIcmp, AnUnknownConnectionIsNamed) {
  Bench bench;
  bench.icmp(IcmpErrorKind::hard, 0);
  EXPECT_EQ(bench.drops(), "icmp_error_unmatched");
}

TEST(TcpIcmp, PacketTooBigNeverRaisesTheSizeAndBelievesNoNonsense) {
  Bench bench;
  bench.at_established();
  bench.write(2000);
  EXPECT_EQ(bench.icmp(IcmpErrorKind::packet_too_big, 1, 9000), "");
  EXPECT_EQ(bench.icmp(IcmpErrorKind::packet_too_big, 1, 67), "");
  EXPECT_EQ(bench.status().snd_mss, 1000);
  bench.icmp(IcmpErrorKind::packet_too_big, 1, 0);
  EXPECT_EQ(bench.status().snd_mss, 536);
}

// Whoever goes on using what was released is told so, and nothing happens.
TEST(TcpUserCalls, OfAConnectionThatIsNoneSayThatThereIsNone) {
  Tcp tcp{TcpConfig{}, Rng{1}};
  const Instant now = instant_at(0);
  const ConnectionId nobody;
  Actions act;
  Buffer octets(4);
  const auto none = TcpError::connection_does_not_exist;
  EXPECT_EQ(tcp.send(now, nobody, octets, {}, act).error(), none);
  EXPECT_EQ(tcp.receive(now, nobody, octets, {}, act).error(), none);
  EXPECT_EQ(tcp.close(now, nobody, CloseMode::half, act).error(), none);
  EXPECT_EQ(tcp.close(now, nobody, CloseMode::full, act).error(), none);
  EXPECT_EQ(tcp.abort(now, nobody, act).error(), none);
  EXPECT_EQ(tcp.status(nobody).error(), none);
  EXPECT_EQ(tcp.local_endpoint(nobody).error(), none);
  EXPECT_EQ(tcp.remote_endpoint(nobody).error(), none);
  EXPECT_EQ(tcp.receive_urgent(nobody, false), std::nullopt);
  EXPECT_EQ(tcp.urgent_ahead(nobody), 0u);
  EXPECT_FALSE(tcp.at_urgent_mark(nobody));
  EXPECT_EQ(tcp.state(nobody), State::closed);
  EXPECT_EQ(tcp.unread(nobody), 0u);
  EXPECT_EQ(tcp.failure(nobody), std::nullopt);
  // A poll() that asks for it wakes up, to be told by the call that follows.
  const Readiness readiness = tcp.readiness(nobody);
  EXPECT_TRUE(readiness.readable && readiness.writable && readiness.closed);
  tcp.release(now, nobody, act);
  tcp.set_options(now, nobody, {}, act);
  tcp.quick_ack(now, nobody, act);
  EXPECT_EQ(act.segment_count(), 0u);
  EXPECT_EQ(tcp.next_deadline(), std::nullopt);
}

TEST(TcpUserCalls, OfAListenerThatIsClosedDoNothing) {
  Tcp tcp{TcpConfig{}, Rng{1}};
  const Instant now = instant_at(0);
  Actions act;
  const ListenerId gone = tcp.listen({.local = {IpAddress::v4(10, 0, 0, 1), 80}}).value();
  tcp.close_listener(now, gone, act);
  tcp.close_listener(now, gone, act);
  tcp.set_backlog(gone, 9);
  tcp.set_fast_open(gone, 9);
  tcp.set_defer_accept(gone, 1s);
  tcp.set_options(gone, {});
  EXPECT_EQ(tcp.pending(gone), 0u);
  EXPECT_EQ(tcp.accept(gone), std::nullopt);
  EXPECT_EQ(tcp.local_endpoint(gone), std::nullopt);
  EXPECT_TRUE(tcp.listen({.local = {IpAddress::v4(10, 0, 0, 1), 80}})) << "the port is free";
}

}  // namespace
}  // namespace packetwright::tcp::testing
