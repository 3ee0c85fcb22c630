// SPDX-License-Identifier: Apache-2.0
// Two hosts that speak TCP to each other, from socket to frame and back.
#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "stack/iface/link.hh"
#include "stack/iface/stack.hh"
#include "stack/iface/test_hosts.hh"
#include "stack/wire/arp.hh"
#include "stack/wire/ethernet.hh"
#include "stack/wire/icmpv4.hh"
#include "stack/wire/ipv4.hh"

namespace packetwright::iface {
namespace {

using namespace testing_support;

std::int64_t error_of(TwoHosts& hosts, Stack& host, Descriptor descriptor) {
  return host.get_option(hosts.now, descriptor, SocketOption::so_error).value();
}
std::int64_t number(Errno error) {
  return static_cast<std::int64_t>(error) + 1;
}

TEST(StackTcp, ConnectsAndCarriesDataBothWays) {
  for (const Domain domain : {Domain::inet, Domain::inet6}) {
    TwoHosts hosts;
    const ConnectedPair pair = connect(hosts, domain);
    EXPECT_EQ(hosts.alice.write(hosts.now, pair.client, octets_of("hello")).value(), 5u);
    hosts.run_for(10ms);
    EXPECT_EQ(read_text(hosts.bob, hosts.now, pair.server), "hello");
    EXPECT_EQ(hosts.bob.write(hosts.now, pair.server, octets_of("world!")).value(), 6u);
    hosts.run_for(10ms);
    EXPECT_EQ(read_text(hosts.alice, hosts.now, pair.client), "world!");
    EXPECT_EQ(read_text(hosts.alice, hosts.now, pair.client), "EAGAIN");
  }
}

TEST(StackTcp, AnIpv6ListenerServesIpv4BehindMappedAddresses) {
  TwoHosts hosts;
  const Descriptor listener = hosts.bob.socket(Domain::inet6, SocketType::stream).value();
  ASSERT_TRUE(hosts.bob.bind(listener, {IpAddress::v6({}), 80}));
  ASSERT_TRUE(hosts.bob.listen(listener, 5));
  const Descriptor client = hosts.alice.socket(Domain::inet, SocketType::stream).value();
  (void)hosts.alice.connect(hosts.now, client, {kBob4, 80});
  hosts.run_for(50ms);
  Endpoint peer;
  const auto server = hosts.bob.accept(hosts.now, listener, &peer);
  ASSERT_TRUE(server);
  const std::array<std::uint8_t, 16> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1};
  EXPECT_EQ(peer.address, IpAddress::v6(mapped));
  (void)hosts.alice.write(hosts.now, client, octets_of("hi"));
  hosts.run_for(10ms);
  EXPECT_EQ(read_text(hosts.bob, hosts.now, *server), "hi");
}

TEST(StackTcp, AnIpv6OnlyListenerDoesNot) {
  TwoHosts hosts;
  const Descriptor listener = hosts.bob.socket(Domain::inet6, SocketType::stream).value();
  ASSERT_TRUE(hosts.bob.set_option(hosts.now, listener, SocketOption::ipv6_v6only, 1));
  ASSERT_TRUE(hosts.bob.bind(listener, {IpAddress::v6({}), 80}));
  ASSERT_TRUE(hosts.bob.listen(listener, 5));
  const Descriptor client = hosts.alice.socket(Domain::inet, SocketType::stream).value();
  (void)hosts.alice.connect(hosts.now, client, {kBob4, 80});
  hosts.run_for(50ms);
  EXPECT_EQ(error_of(hosts, hosts.alice, client), number(Errno::econnrefused));
}

TEST(StackTcp, AnIpv6SocketConnectsToAMappedAddress) {
  TwoHosts hosts;
  const Descriptor listener = hosts.bob.socket(Domain::inet, SocketType::stream).value();
  ASSERT_TRUE(hosts.bob.bind(listener, {kBob4, 80}));
  ASSERT_TRUE(hosts.bob.listen(listener, 5));
  const Descriptor client = hosts.alice.socket(Domain::inet6, SocketType::stream).value();
  const std::array<std::uint8_t, 16> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 2};
  EXPECT_EQ(hosts.alice.connect(hosts.now, client, {IpAddress::v6(mapped), 80}).error(),
            Errno::einprogress);
  hosts.run_for(50ms);
  EXPECT_TRUE(hosts.bob.accept(hosts.now, listener));
  EXPECT_EQ(hosts.alice.remote_endpoint(client)->address, IpAddress::v6(mapped));
}

TEST(StackTcp, AConnectToAClosedPortIsRefused) {
  TwoHosts hosts;
  const Descriptor client = hosts.alice.socket(Domain::inet, SocketType::stream).value();
  EXPECT_EQ(hosts.alice.connect(hosts.now, client, {kBob4, 81}).error(), Errno::einprogress);
  EXPECT_EQ(hosts.alice.connect(hosts.now, client, {kBob4, 81}).error(), Errno::ealready);
  hosts.run_for(50ms);
  EXPECT_EQ(hosts.alice.poll(client).value(), (Readiness{.readable = true,
                                                         .writable = true,
                                                         .hang_up = true,
                                                         .error = true,
                                                         .peer_closed = true}));
  EXPECT_EQ(error_of(hosts, hosts.alice, client), number(Errno::econnrefused));
  EXPECT_EQ(error_of(hosts, hosts.alice, client), 0);
}

TEST(StackTcp, ASecondConnectTellsHowTheFirstWent) {
  TwoHosts hosts;
  const Descriptor refused = hosts.alice.socket(Domain::inet, SocketType::stream).value();
  (void)hosts.alice.connect(hosts.now, refused, {kBob4, 81});
  hosts.run_for(50ms);
  EXPECT_EQ(hosts.alice.connect(hosts.now, refused, {kBob4, 81}).error(), Errno::econnrefused);
  const ConnectedPair pair = connect(hosts);
  EXPECT_TRUE(hosts.alice.connect(hosts.now, pair.client, {kBob4, 80}));
  EXPECT_EQ(hosts.alice.connect(hosts.now, pair.client, {kBob4, 80}).error(), Errno::eisconn);
}

TEST(StackTcp, SoErrorTellsItToo) {
  TwoHosts hosts;
  const ConnectedPair pair = connect(hosts);
  EXPECT_EQ(error_of(hosts, hosts.alice, pair.client), 0);
  EXPECT_EQ(hosts.alice.connect(hosts.now, pair.client, {kBob4, 80}).error(), Errno::eisconn);
}

TEST(StackTcp, NobodyAnswersForAnAbsentHostAndTheUserLearnsWhy) {
  TwoHosts hosts;
  const Descriptor client = hosts.alice.socket(Domain::inet, SocketType::stream).value();
  (void)hosts.alice.connect(hosts.now, client, {IpAddress::v4(10, 0, 0, 99), 80});
  hosts.run_for(300s);
  // ARP had no answer, so there is a better reason than that time ran out.
  EXPECT_EQ(error_of(hosts, hosts.alice, client), number(Errno::ehostunreach));
}

TEST(StackTcp, ThereIsNoRouteWithoutAGateway) {
  TwoHosts hosts;
  const Descriptor client = hosts.alice.socket(Domain::inet, SocketType::stream).value();
  EXPECT_EQ(hosts.alice.connect(hosts.now, client, {IpAddress::v4(192, 0, 2, 1), 80}).error(),
            Errno::enetunreach);
}

TEST(StackTcp, CloseOnBothSidesEndsInTimeWaitAndThenNothing) {
  TwoHosts hosts;
  const ConnectedPair pair = connect(hosts);
  ASSERT_TRUE(hosts.alice.shutdown(hosts.now, pair.client, ShutdownHow::write));
  hosts.run_for(10ms);
  EXPECT_EQ(read_text(hosts.bob, hosts.now, pair.server), "");  // end of stream
  EXPECT_EQ(hosts.bob.tcp_status(pair.server)->state, tcp::State::close_wait);
  EXPECT_EQ(hosts.alice.tcp_status(pair.client)->state, tcp::State::fin_wait_2);
  // Half closed: the other direction still carries data.
  EXPECT_TRUE(hosts.bob.write(hosts.now, pair.server, octets_of("late")));
  hosts.run_for(100ms);
  EXPECT_EQ(read_text(hosts.alice, hosts.now, pair.client), "late");
  ASSERT_TRUE(hosts.bob.close(hosts.now, pair.server));
  hosts.run_for(10ms);
  EXPECT_EQ(read_text(hosts.alice, hosts.now, pair.client), "");
  EXPECT_EQ(hosts.alice.tcp_status(pair.client)->state, tcp::State::time_wait);
  ASSERT_TRUE(hosts.alice.close(hosts.now, pair.client));
  EXPECT_NE(hosts.alice.netstat(hosts.now).find("TIME-WAIT"), std::string::npos);
  hosts.run_for(61s);
  EXPECT_EQ(hosts.alice.netstat(hosts.now).find("TIME-WAIT"), std::string::npos);
  EXPECT_EQ(hosts.bob.netstat(hosts.now).find("LAST-ACK"), std::string::npos);
}

TEST(StackTcp, WhatWasWrittenArrivesAlthoughTheSocketIsClosed) {
  TwoHosts hosts;
  const ConnectedPair pair = connect(hosts);
  const std::string text(100'000, 'x');
  EXPECT_EQ(hosts.alice.write(hosts.now, pair.client, octets_of(text)).value(), text.size());
  ASSERT_TRUE(hosts.alice.close(hosts.now, pair.client));
  EXPECT_EQ(hosts.alice.poll(pair.client).error(), Errno::ebadf);
  std::string received;
  for (int i = 0; i < 100 && received.size() < text.size(); ++i) {
    hosts.run_for(100ms);
    const auto result = hosts.bob.read(hosts.now, pair.server, 1'000'000);
    if (result) received += text_of(result->octets);
  }
  EXPECT_EQ(received, text);
  EXPECT_EQ(read_text(hosts.bob, hosts.now, pair.server), "");
}

TEST(StackTcp, CloseWithUnreadDataResetsThePeer) {
  TwoHosts hosts;
  const ConnectedPair pair = connect(hosts);
  (void)hosts.alice.write(hosts.now, pair.client, octets_of("unread"));
  hosts.run_for(10ms);
  ASSERT_TRUE(hosts.bob.close(hosts.now, pair.server));
  hosts.run_for(10ms);
  EXPECT_EQ(read_text(hosts.alice, hosts.now, pair.client), "ECONNRESET");
  EXPECT_EQ(read_text(hosts.alice, hosts.now, pair.client), "");
  EXPECT_EQ(hosts.alice.write(hosts.now, pair.client, octets_of("x")).error(), Errno::epipe);
}

TEST(StackTcp, ALingerTimeOfZeroResetsThePeer) {
  TwoHosts hosts;
  const ConnectedPair pair = connect(hosts);
  ASSERT_TRUE(hosts.alice.set_option(hosts.now, pair.client, SocketOption::so_linger, 0));
  ASSERT_TRUE(hosts.alice.close(hosts.now, pair.client));
  hosts.run_for(10ms);
  EXPECT_TRUE(hosts.bob.poll(pair.server)->error);
  EXPECT_EQ(hosts.bob.write(hosts.now, pair.server, octets_of("x")).error(), Errno::econnreset);
  EXPECT_EQ(hosts.bob.write(hosts.now, pair.server, octets_of("x")).error(), Errno::epipe);
}

TEST(StackTcp, AbortResetsThePeerWhateverIsQueued) {
  TwoHosts hosts;
  const ConnectedPair pair = connect(hosts);
  (void)hosts.alice.write(hosts.now, pair.client, octets_of("never mind"));
  ASSERT_TRUE(hosts.alice.abort(hosts.now, pair.client));
  hosts.run_for(10ms);
  EXPECT_TRUE(hosts.bob.poll(pair.server)->error);
}

TEST(StackTcp, UrgentDataIsReadApart) {
  TwoHosts hosts;
  const ConnectedPair pair = connect(hosts);
  EXPECT_EQ(hosts.bob.read(hosts.now, pair.server, 1, {.out_of_band = true}).error(),
            Errno::einval);
  (void)hosts.alice.write(hosts.now, pair.client, octets_of("ab!"), {.out_of_band = true});
  hosts.run_for(10ms);
  EXPECT_TRUE(hosts.bob.poll(pair.server)->urgent);
  const auto urgent = hosts.bob.read(hosts.now, pair.server, 1, {.out_of_band = true});
  ASSERT_TRUE(urgent);
  EXPECT_EQ(text_of(urgent->octets), "!");
  EXPECT_TRUE(urgent->out_of_band);
  EXPECT_EQ(read_text(hosts.bob, hosts.now, pair.server), "ab");
}

TEST(StackTcp, TheReaderCanTellWhereTheUrgentDataIs) {
  TwoHosts hosts;
  const ConnectedPair pair = connect(hosts);
  ASSERT_TRUE(hosts.bob.set_option(hosts.now, pair.server, SocketOption::so_oobinline, 1));
  ASSERT_TRUE(hosts.alice.write(hosts.now, pair.client, octets_of("abc")));
  ASSERT_TRUE(hosts.alice.write(hosts.now, pair.client, octets_of("!"), {.out_of_band = true}));
  ASSERT_TRUE(hosts.alice.write(hosts.now, pair.client, octets_of("def")));
  hosts.run_for(50ms);
  EXPECT_FALSE(hosts.bob.at_mark(pair.server).value());
  EXPECT_EQ(read_text(hosts.bob, hosts.now, pair.server), "abc") << "a read stops at the mark";
  EXPECT_TRUE(hosts.bob.at_mark(pair.server).value());
  EXPECT_EQ(read_text(hosts.bob, hosts.now, pair.server), "!def");
  EXPECT_FALSE(hosts.bob.at_mark(pair.server).value());
}

TEST(StackTcp, UrgentDataStaysInTheStreamIfAskedTo) {
  TwoHosts hosts;
  const ConnectedPair pair = connect(hosts);
  ASSERT_TRUE(hosts.bob.set_option(hosts.now, pair.server, SocketOption::so_oobinline, 1));
  (void)hosts.alice.write(hosts.now, pair.client, octets_of("ab!"), {.out_of_band = true});
  hosts.run_for(10ms);
  std::string text;
  for (int i = 0; i < 3; ++i) {
    const auto result = hosts.bob.read(hosts.now, pair.server, 10);
    if (result) text += text_of(result->octets);
  }
  EXPECT_EQ(text, "ab!");
}

TEST(StackTcp, PeekingLeavesTheData) {
  TwoHosts hosts;
  const ConnectedPair pair = connect(hosts);
  (void)hosts.alice.write(hosts.now, pair.client, octets_of("hello"));
  hosts.run_for(10ms);
  EXPECT_EQ(text_of(hosts.bob.read(hosts.now, pair.server, 3, {.peek = true})->octets), "hel");
  EXPECT_EQ(read_text(hosts.bob, hosts.now, pair.server), "hello");
}

TEST(StackTcp, AFullSendBufferTakesWhatFitsAndSaysWhenThereIsRoom) {
  TwoHosts hosts;
  const ConnectedPair pair = connect(hosts);
  std::size_t taken = 0;
  const Buffer block(100'000, 'x');
  for (;;) {
    const auto written = hosts.alice.write(hosts.now, pair.client, block);
    if (!written) {
      EXPECT_EQ(written.error(), Errno::eagain);
      break;
    }
    taken += *written;
    ASSERT_LT(taken, 10'000'000u);
  }
  EXPECT_FALSE(hosts.alice.poll(pair.client)->writable);
  std::size_t received = 0;
  for (int i = 0; i < 200 && received < taken; ++i) {
    hosts.run_for(100ms);
    if (const auto result = hosts.bob.read(hosts.now, pair.server, 1'000'000)) {
      received += result->octets.size();
    }
  }
  EXPECT_EQ(received, taken);
  hosts.run_for(1s);
  EXPECT_TRUE(hosts.alice.poll(pair.client)->writable);
}

// Octets that tell their own place in the stream.
Buffer pattern(std::size_t from, std::size_t size) {
  Buffer octets(size);
  for (std::size_t i = 0; i < size; ++i) {
    octets[i] = static_cast<std::uint8_t>((from + i) * 2'654'435'761u >> 24);
  }
  return octets;
}

TEST(StackTcp, DataSurvivesABadWire) {
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u}) {
    TwoHosts hosts;
    const ConnectedPair pair = connect(hosts, seed % 2 == 0 ? Domain::inet6 : Domain::inet);
    Rng rng{seed};
    hosts.lose = [&rng](const TwoHosts::Frame&) { return rng.chance(1, 20); };
    constexpr std::size_t kSize = 300'000;
    std::size_t written = 0;
    Buffer received;
    for (int i = 0; i < 20'000 && received.size() < kSize; ++i) {
      if (written < kSize) {
        const auto taken =
            hosts.alice.write(hosts.now, pair.client, pattern(written, kSize - written));
        if (taken) written += *taken;
      }
      hosts.run_for(50ms);
      const auto result = hosts.bob.read(hosts.now, pair.server, 100'000);
      if (result) received.insert(received.end(), result->octets.begin(), result->octets.end());
    }
    EXPECT_EQ(received.size(), kSize) << seed;
    EXPECT_TRUE(received == pattern(0, kSize)) << seed;
  }
}

// An ICMPv4 error from the peer about the last segment that alice sent.
void reject_last_segment(TwoHosts& hosts, std::uint8_t code, std::uint16_t mtu = 0) {
  hosts.run_for(1us);
  const auto last = std::find_if(hosts.log().rbegin(), hosts.log().rend(), [](const auto& frame) {
    return frame.from_alice && load_be16(frame.octets, 12) == 0x0800;
  });
  ASSERT_NE(last, hosts.log().rend());
  Buffer message(8);
  message[0] = 3;
  message[1] = code;
  store_be16(message, 6, mtu);
  message.insert(message.end(), last->octets.begin() + 14, last->octets.begin() + 14 + 28);
  wire::fill_icmpv4_checksum(message);
  wire::Ipv4Fields ip;
  ip.src = kBob4;
  ip.dst = kAlice4;
  ip.protocol = wire::IpProtocol::icmpv4;
  ip.set_lengths(message.size());
  Buffer packet(20);
  ip.emit(packet);
  wire::fill_ipv4_checksum(packet);
  packet.insert(packet.end(), message.begin(), message.end());
  Buffer frame;
  emit_frame(kAliceMac, kBobMac, wire::EtherType::ipv4, packet, frame);
  hosts.alice.on_frame(hosts.now, frame);
}

// An attempt to connect that is under way, and whose SYN is lost.
Descriptor lost_syn(TwoHosts& hosts) {
  hosts.lose = [](const TwoHosts::Frame& frame) {
    return frame.from_alice && load_be16(frame.octets, 12) == 0x0800;
  };
  const Descriptor client = hosts.alice.socket(Domain::inet, SocketType::stream).value();
  (void)hosts.alice.connect(hosts.now, client, {kBob4, 80});
  hosts.run_for(10ms);
  return client;
}

TEST(StackTcp, AHardErrorEndsAnAttemptToConnectAndSaysWhich) {
  struct Row {
    std::uint8_t code;
    Errno error;
  };
  for (const Row& row : {Row{3, Errno::econnrefused}, Row{2, Errno::enoprotoopt}}) {
    TwoHosts hosts;
    const Descriptor client = lost_syn(hosts);
    reject_last_segment(hosts, row.code);
    EXPECT_EQ(error_of(hosts, hosts.alice, client), number(row.error)) << int{row.code};
  }
}

TEST(StackTcp, ASoftErrorIsToldOnRequestAndEndsNothing) {
  for (const bool asked : {false, true}) {
    TwoHosts hosts;
    const Descriptor client = lost_syn(hosts);
    ASSERT_TRUE(hosts.alice.set_option(hosts.now, client, SocketOption::ip_recverr, asked ? 1 : 0));
    reject_last_segment(hosts, 1);
    EXPECT_EQ(error_of(hosts, hosts.alice, client), asked ? number(Errno::ehostunreach) : 0);
    const auto queued = hosts.alice.read_error(client);
    EXPECT_EQ(queued.ok(), asked);
    if (queued) {
      EXPECT_EQ(queued->error, Errno::ehostunreach);
      EXPECT_EQ(queued->destination, (Endpoint{kBob4, 80}));
    }
    EXPECT_EQ(hosts.alice.tcp_status(client)->state, tcp::State::syn_sent);
  }
}

TEST(StackTcp, WhatAnotherSocketLearnsOfThePathHelpsTcpToo) {
  TwoHosts hosts;
  const ConnectedPair pair = connect(hosts);
  const Descriptor udp = hosts.alice.socket(Domain::inet, SocketType::datagram).value();
  ASSERT_TRUE(hosts.alice.connect(hosts.now, udp, {kBob4, 9'999}));
  ASSERT_TRUE(hosts.alice.write(hosts.now, udp, Buffer(1'400)));
  reject_last_segment(hosts, 4, 1'000);
  const std::size_t before = hosts.log().size();
  const Buffer text = pattern(0, 10'000);
  EXPECT_EQ(hosts.alice.write(hosts.now, pair.client, text).value(), text.size());
  hosts.run_for(2s);
  EXPECT_EQ(read_text(hosts.bob, hosts.now, pair.server, 100'000), text_of(text));
  for (std::size_t i = before; i < hosts.log().size(); ++i) {
    if (!hosts.log()[i].from_alice) continue;
    EXPECT_LE(hosts.log()[i].octets.size(), 1'014u);
  }
}

TEST(StackTcp, WhatWasSaidOfThePathIsForgottenInTime) {
  TwoHosts hosts;
  const ConnectedPair pair = connect(hosts);
  const auto largest_of = [&](std::size_t octets) {
    const std::size_t before = hosts.log().size();
    (void)hosts.alice.write(hosts.now, pair.client, pattern(0, octets));
    hosts.run_for(2s);
    (void)read_text(hosts.bob, hosts.now, pair.server, octets);
    std::size_t largest = 0;
    for (std::size_t i = before; i < hosts.log().size(); ++i) {
      if (hosts.log()[i].from_alice) largest = std::max(largest, hosts.log()[i].octets.size());
    }
    return largest;
  };
  ASSERT_EQ(largest_of(10'000), 1'514u);
  const Descriptor udp = hosts.alice.socket(Domain::inet, SocketType::datagram).value();
  ASSERT_TRUE(hosts.alice.connect(hosts.now, udp, {kBob4, 9'999}));
  ASSERT_TRUE(hosts.alice.write(hosts.now, udp, Buffer(1'400)));
  reject_last_segment(hosts, 4, 1'000);
  ASSERT_EQ(largest_of(10'000), 1'014u);
  hosts.run_for(11min);     // RFC 8201, 4: not before five minutes, ten are usual
  (void)largest_of(1'000);  // any segment brings the news
  EXPECT_EQ(largest_of(10'000), 1'514u);
}

TEST(StackTcp, SegmentsForbidFragmentsUnlessToldOtherwise) {
  TwoHosts hosts;
  const ConnectedPair pair = connect(hosts);
  const auto df_of_last = [&] {
    (void)hosts.alice.write(hosts.now, pair.client, octets_of("x"));
    hosts.run_for(1us);
    return hosts.log().back().octets[20] & 0x40;
  };
  EXPECT_NE(df_of_last(), 0);
  ASSERT_TRUE(hosts.alice.set_option(hosts.now, pair.client, SocketOption::ip_mtu_discover, 0));
  hosts.run_for(1s);
  EXPECT_EQ(df_of_last(), 0);
}

TEST(StackTcp, AcceptedConnectionsAreMarkedAsTheirListener) {
  TwoHosts hosts;
  const Descriptor listener = hosts.bob.socket(Domain::inet, SocketType::stream).value();
  ASSERT_TRUE(hosts.bob.set_option(hosts.now, listener, SocketOption::ip_tos, 0x28));
  ASSERT_TRUE(hosts.bob.set_option(hosts.now, listener, SocketOption::ip_ttl, 9));
  ASSERT_TRUE(hosts.bob.bind(listener, {IpAddress{}, 80}));
  ASSERT_TRUE(hosts.bob.listen(listener, 1));
  const Descriptor client = hosts.alice.socket(Domain::inet, SocketType::stream).value();
  (void)hosts.alice.connect(hosts.now, client, {kBob4, 80});
  hosts.run_for(50ms);
  int segments = 0;
  for (const auto& frame : hosts.log()) {
    if (frame.from_alice || load_be16(frame.octets, 12) != 0x0800) continue;
    EXPECT_EQ(frame.octets[15], 0x28);
    EXPECT_EQ(frame.octets[22], 9);
    ++segments;
  }
  EXPECT_GE(segments, 1);  // the SYN,ACK
}

TEST(StackTcp, DataIsMarkedForEcnOnceBothAgree) {
  StackConfig config = alice_config();
  config.tcp.ecn = tcp::EcnPolicy::initiate;
  TwoHosts hosts(config, bob_config());
  const ConnectedPair pair = connect(hosts);
  (void)hosts.alice.write(hosts.now, pair.client, octets_of("marked"));
  hosts.run_for(1us);
  EXPECT_EQ(hosts.log().back().octets[15] & 3, 2);  // ECT(0), RFC 3168, 6.1.2
}

TEST(StackTcp, AConnectionInTimeWaitKeepsItsPortFromThoseWhoDoNotShare) {
  TwoHosts hosts;
  const ConnectedPair pair = connect(hosts);
  ASSERT_TRUE(hosts.bob.close(hosts.now, pair.server));
  hosts.run_for(10ms);
  ASSERT_TRUE(hosts.alice.close(hosts.now, pair.client));
  ASSERT_TRUE(hosts.bob.close(hosts.now, pair.listener));
  hosts.run_for(1s);
  const Descriptor again = hosts.bob.socket(Domain::inet, SocketType::stream).value();
  const auto refused = hosts.bob.bind(again, {IpAddress{}, 80});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), Errno::eaddrinuse);
  ASSERT_TRUE(hosts.bob.set_option(hosts.now, again, SocketOption::so_reuseaddr, 1));
  EXPECT_TRUE(hosts.bob.bind(again, {IpAddress{}, 80}));
}

TEST(StackTcp, AConnectionThatWasResetBeforeItWasAcceptedSaysSo) {
  TwoHosts hosts;
  const Descriptor listener = hosts.bob.socket(Domain::inet, SocketType::stream).value();
  ASSERT_TRUE(hosts.bob.bind(listener, {IpAddress{}, 80}));
  ASSERT_TRUE(hosts.bob.listen(listener, 1));
  const Descriptor client = hosts.alice.socket(Domain::inet, SocketType::stream).value();
  (void)hosts.alice.connect(hosts.now, client, {kBob4, 80});
  hosts.run_for(50ms);
  ASSERT_TRUE(hosts.alice.abort(hosts.now, client));
  hosts.run_for(10ms);
  const auto server = hosts.bob.accept(hosts.now, listener);
  ASSERT_TRUE(server);
  EXPECT_EQ(read_text(hosts.bob, hosts.now, *server), "ECONNRESET");
  EXPECT_EQ(read_text(hosts.bob, hosts.now, *server), "");
}

TEST(StackTcp, WithoutADescriptorToGiveAConnectionGoesOnWaiting) {
  StackConfig config = bob_config();
  config.max_sockets = 2;
  TwoHosts hosts(alice_config(), config);
  const Descriptor listener = hosts.bob.socket(Domain::inet, SocketType::stream).value();
  const Descriptor other = hosts.bob.socket(Domain::inet, SocketType::stream).value();
  ASSERT_TRUE(hosts.bob.bind(listener, {IpAddress{}, 80}));
  ASSERT_TRUE(hosts.bob.listen(listener, 1));
  const Descriptor client = hosts.alice.socket(Domain::inet, SocketType::stream).value();
  (void)hosts.alice.connect(hosts.now, client, {kBob4, 80});
  hosts.run_for(50ms);
  EXPECT_EQ(hosts.bob.accept(hosts.now, listener).error(), Errno::emfile);
  ASSERT_TRUE(hosts.bob.close(hosts.now, other));
  EXPECT_TRUE(hosts.bob.accept(hosts.now, listener));
}

TEST(StackTcp, AClosedSocketGivesItsPortBack) {
  StackConfig config = alice_config();
  config.tcp.first_port = config.tcp.last_port = 2'000;
  Stack stack{config};
  for (int i = 0; i < 3; ++i) {
    const Descriptor descriptor = stack.socket(Domain::inet, SocketType::stream).value();
    ASSERT_TRUE(stack.bind(descriptor, {IpAddress{}, 0})) << i;
    ASSERT_TRUE(stack.close(Instant{}, descriptor));
  }
}

TEST(StackTcp, NothingIsLeftOfConnectionsThatAreOver) {
  TwoHosts hosts;
  for (int i = 0; i < 20; ++i) {
    const ConnectedPair pair = connect(hosts);
    (void)hosts.alice.write(hosts.now, pair.client, octets_of("x"));
    if (i % 3 == 0) (void)hosts.alice.abort(hosts.now, pair.client);
    if (i % 3 == 1) (void)hosts.bob.close(hosts.now, pair.server);
    hosts.run_for(10ms);
    (void)hosts.alice.close(hosts.now, pair.client);
    (void)hosts.bob.close(hosts.now, pair.server);
    (void)hosts.bob.close(hosts.now, pair.listener);
    hosts.run_for(200s);
  }
  EXPECT_TRUE(hosts.alice.network().tcp().connections().empty());
  EXPECT_TRUE(hosts.bob.network().tcp().connections().empty());
  EXPECT_EQ(hosts.alice.next_deadline(), std::nullopt);
}

TEST(StackTcp, WhatAHostSaysToItselfNeverTakesOneCallForEver) {
  StackConfig config = alice_config();
  config.tcp.send_buffer = config.tcp.receive_buffer = 8'000'000;
  Stack stack{config};
  const Descriptor listener = stack.socket(Domain::inet, SocketType::stream).value();
  ASSERT_TRUE(stack.bind(listener, {IpAddress{}, 80}));
  ASSERT_TRUE(stack.listen(listener, 1));
  const Descriptor client = stack.socket(Domain::inet, SocketType::stream).value();
  (void)stack.connect(Instant{}, client, {kAlice4, 80});
  const Descriptor server = stack.accept(Instant{}, listener).value();
  const Buffer text(4'000'000, 'x');
  EXPECT_EQ(stack.write(Instant{}, client, text).value(), text.size());
  // The rest is due at once: no frame, no call and no time is needed for it.
  int calls = 0;
  while (stack.next_deadline() && *stack.next_deadline() <= Instant{}) {
    stack.on_deadline(Instant{});
    ++calls;
  }
  EXPECT_GE(calls, 1);
  EXPECT_EQ(stack.read(Instant{}, server, text.size())->octets.size(), text.size());
}

TEST(StackTcp, APathThatTakesLessIsFoundOut) {
  TwoHosts hosts;
  const ConnectedPair pair = connect(hosts);
  // A router between them: what is longer than 1,000 octets draws an ICMP error and is lost.
  std::size_t largest = 0;
  hosts.lose = [&](const TwoHosts::Frame& frame) {
    const std::size_t ip_size = frame.octets.size() - 14;
    if (!frame.from_alice || ip_size <= 1'000) {
      largest = std::max(largest, frame.from_alice ? ip_size : std::size_t{0});
      return false;
    }
    return true;
  };
  const Buffer text = pattern(0, 20'000);
  EXPECT_EQ(hosts.alice.write(hosts.now, pair.client, text).value(), text.size());
  reject_last_segment(hosts, 4, 1'000);
  hosts.run_for(30s);
  EXPECT_EQ(read_text(hosts.bob, hosts.now, pair.server, 100'000), text_of(text));
  EXPECT_GT(largest, 900u);
  EXPECT_EQ(hosts.alice.get_option(hosts.now, pair.client, SocketOption::ip_mtu).value(), 1'000);
}

// RFC 5227, 2.4: before the address is given up, peers are told that nobody is behind it any more.
TEST(StackTcp, AnAddressThatIsLostTakesItsConnectionsAlong) {
  StackConfig config = alice_config();
  config.claim.policy = neighbor::DefendPolicy::give_up;
  TwoHosts hosts(config, bob_config());
  const ConnectedPair pair = connect(hosts);
  const std::size_t before = hosts.log().size();

  wire::ArpFields claim;  // somebody announces Alice's address
  claim.sender_mac = {{2, 0, 0, 0, 0, 9}};
  claim.sender_ip = kAlice4;
  claim.target_ip = kAlice4;
  Buffer payload(claim.encoded_size());
  claim.emit(payload);
  Buffer frame;
  emit_frame(MacAddress::broadcast(), claim.sender_mac, wire::EtherType::arp, payload, frame);
  hosts.alice.on_frame(hosts.now, frame);
  hosts.run_for(10ms);

  EXPECT_EQ(hosts.log().size() - before, 1u);  // the reset
  EXPECT_EQ(read_text(hosts.bob, hosts.now, pair.server), "ECONNRESET");
  EXPECT_EQ(read_text(hosts.alice, hosts.now, pair.client), "ECONNRESET");
  EXPECT_EQ(hosts.alice.network().addresses().find(kAlice4), nullptr);
}

}  // namespace
}  // namespace packetwright::iface
