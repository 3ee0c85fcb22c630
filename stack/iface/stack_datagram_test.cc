// SPDX-License-Identifier: Apache-2.0
// UDP, ping, ARP and ICMP between two hosts, from socket to frame and back.
#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "stack/iface/mapped_address.hh"
#include "stack/iface/stack.hh"
#include "stack/iface/test_hosts.hh"

namespace packetwright::iface {
namespace {

using namespace testing_support;

struct Datagrams : testing::Test {
  TwoHosts hosts;

  Descriptor udp(Stack& host, Domain domain = Domain::inet, std::uint16_t port = 0) {
    const Descriptor descriptor = host.socket(domain, SocketType::datagram).value();
    const IpAddress any = domain == Domain::inet ? IpAddress{} : IpAddress::v6({});
    if (port != 0) {
      EXPECT_TRUE(host.bind(descriptor, {any, port}));
    }
    return descriptor;
  }
  SocketResult<std::size_t> send(Stack& host, Descriptor descriptor, std::string_view text,
                                 const Endpoint& to) {
    return host.write(hosts.now, descriptor, octets_of(text), {}, &to);
  }
  std::int64_t error_of(Stack& host, Descriptor descriptor) {
    return host.get_option(hosts.now, descriptor, SocketOption::so_error).value();
  }
  // Frames of one EtherType that were put on the wire.
  [[nodiscard]] long frames_of(std::uint16_t ether_type) const {
    return std::count_if(hosts.log().begin(), hosts.log().end(), [&](const auto& frame) {
      return load_be16(frame.octets, 12) == ether_type;
    });
  }
};

TEST_F(Datagrams, GoThereAndBack) {
  for (const Domain domain : {Domain::inet, Domain::inet6}) {
    const IpAddress bob_address = domain == Domain::inet ? kBob4 : kBob6;
    const Descriptor server = udp(hosts.bob, domain, 7);
    const Descriptor client = udp(hosts.alice, domain);
    EXPECT_EQ(send(hosts.alice, client, "ping?", {bob_address, 7}).value(), 5u);
    hosts.run_for(10ms);
    const auto request = hosts.bob.read(hosts.now, server, 100);
    ASSERT_TRUE(request);
    EXPECT_EQ(text_of(request->octets), "ping?");
    EXPECT_EQ(request->to->address, bob_address);
    EXPECT_TRUE(send(hosts.bob, server, "pong!", *request->from));
    hosts.run_for(10ms);
    const auto reply = hosts.alice.read(hosts.now, client, 100);
    ASSERT_TRUE(reply);
    EXPECT_EQ(text_of(reply->octets), "pong!");
    EXPECT_EQ(*reply->from, (Endpoint{bob_address, 7}));
    ASSERT_TRUE(hosts.bob.close(hosts.now, server));
  }
}

TEST_F(Datagrams, TheFirstOneWaitsForArpAndArrives) {
  const Descriptor server = udp(hosts.bob, Domain::inet, 7);
  EXPECT_TRUE(send(hosts.alice, udp(hosts.alice), "first", {kBob4, 7}));
  hosts.run_for(1us);
  ASSERT_EQ(hosts.log().size(), 1u);
  EXPECT_EQ(load_be16(hosts.log()[0].octets, 12), 0x0806);
  EXPECT_EQ(read_text(hosts.bob, hosts.now, server), "EAGAIN");
  hosts.run_for(10ms);
  EXPECT_EQ(read_text(hosts.bob, hosts.now, server), "first");
  // Bob learnt who Alice is from her request: the answer needs none of his own.
  EXPECT_EQ(frames_of(0x0806), 2);
}

TEST_F(Datagrams, OnesThatAreLongerThanTheLinkTakesAreFragmented) {
  for (const Domain domain : {Domain::inet, Domain::inet6}) {
    const IpAddress bob_address = domain == Domain::inet ? kBob4 : kBob6;
    const Descriptor server = udp(hosts.bob, domain, 7);
    const std::size_t before = hosts.log().size();
    const std::string text(5'000, 'f');
    EXPECT_EQ(send(hosts.alice, udp(hosts.alice, domain), text, {bob_address, 7}).value(), 5'000u);
    hosts.run_for(10ms);
    EXPECT_EQ(read_text(hosts.bob, hosts.now, server), text);
    EXPECT_GE(hosts.log().size() - before, 4u);
    for (const auto& frame : hosts.log()) EXPECT_LE(frame.octets.size(), 1'514u);
    ASSERT_TRUE(hosts.bob.close(hosts.now, server));
  }
}

TEST_F(Datagrams, TheLongestOneArrivesWhole) {
  const Descriptor server = udp(hosts.bob, Domain::inet, 7);
  const Descriptor client = udp(hosts.alice);
  const Endpoint to{kBob4, 7};
  Buffer octets(65'507);
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<std::uint8_t>(i >> 4);
  ASSERT_TRUE(hosts.alice.write(hosts.now, client, octets, {}, &to));
  hosts.run_for(10ms);
  const auto received = hosts.bob.read(hosts.now, server, 70'000);
  ASSERT_TRUE(received);
  EXPECT_TRUE(received->octets == octets);
  octets.push_back(0);
  EXPECT_EQ(hosts.alice.write(hosts.now, client, octets, {}, &to).error(), Errno::emsgsize);
}

TEST_F(Datagrams, WhoForbidsFragmentsIsToldThatItDoesNotFit) {
  const Descriptor client = udp(hosts.alice);
  ASSERT_TRUE(hosts.alice.set_option(hosts.now, client, SocketOption::ip_mtu_discover, 2));
  EXPECT_EQ(send(hosts.alice, client, std::string(1'473, 'x'), {kBob4, 7}).error(),
            Errno::emsgsize);
  EXPECT_TRUE(send(hosts.alice, client, std::string(1'472, 'x'), {kBob4, 7}));
}

TEST_F(Datagrams, AClosedPortIsReportedToAConnectedSocketOnce) {
  const Descriptor client = udp(hosts.alice);
  ASSERT_TRUE(hosts.alice.connect(hosts.now, client, {kBob4, 9}));
  ASSERT_TRUE(hosts.alice.write(hosts.now, client, octets_of("x")));
  hosts.run_for(10ms);
  EXPECT_TRUE(hosts.alice.poll(client)->error);
  EXPECT_EQ(hosts.alice.read(hosts.now, client, 1).error(), Errno::econnrefused);
  EXPECT_EQ(hosts.alice.read(hosts.now, client, 1).error(), Errno::eagain);
  EXPECT_FALSE(hosts.alice.poll(client)->error);
}

TEST_F(Datagrams, AClosedPortIsReportedOverIpv6Too) {
  const Descriptor client = udp(hosts.alice, Domain::inet6);
  ASSERT_TRUE(hosts.alice.connect(hosts.now, client, {kBob6, 9}));
  ASSERT_TRUE(hosts.alice.write(hosts.now, client, octets_of("x")));
  hosts.run_for(10ms);
  EXPECT_EQ(error_of(hosts.alice, client), static_cast<int>(Errno::econnrefused) + 1);
}

TEST_F(Datagrams, AnAbsentHostIsReportedToWhoAsked) {
  const Descriptor quiet = udp(hosts.alice);
  const Descriptor curious = udp(hosts.alice);
  ASSERT_TRUE(hosts.alice.set_option(hosts.now, curious, SocketOption::ip_recverr, 1));
  const Endpoint absent{IpAddress::v4(10, 0, 0, 99), 7};
  for (const Descriptor descriptor : {quiet, curious}) {
    ASSERT_TRUE(hosts.alice.connect(hosts.now, descriptor, absent));
    ASSERT_TRUE(hosts.alice.write(hosts.now, descriptor, octets_of("x")));
  }
  hosts.run_for(30s);
  EXPECT_EQ(error_of(hosts.alice, quiet), 0);
  EXPECT_EQ(error_of(hosts.alice, curious), static_cast<int>(Errno::ehostunreach) + 1);
}

TEST_F(Datagrams, TheErrorQueueTellsWhatWentWrongWithWhich) {
  const Descriptor client = udp(hosts.alice);
  ASSERT_TRUE(hosts.alice.set_option(hosts.now, client, SocketOption::ip_recverr, 1));
  EXPECT_EQ(hosts.alice.read_error(client).error(), Errno::eagain);
  const Endpoint closed{kBob4, 9}, other{kBob4, 10};
  ASSERT_TRUE(send(hosts.alice, client, "first", closed));
  hosts.run_for(10ms);
  EXPECT_EQ(error_of(hosts.alice, client), static_cast<int>(Errno::econnrefused) + 1);
  ASSERT_TRUE(send(hosts.alice, client, "second", other));
  hosts.run_for(10ms);
  EXPECT_TRUE(hosts.alice.poll(client)->error);
  const auto error = hosts.alice.read_error(client);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->error, Errno::econnrefused);
  EXPECT_EQ(error->icmp_type, 3);
  EXPECT_EQ(error->icmp_code, 3);
  EXPECT_EQ(error->offender, kBob4);
  EXPECT_EQ(error->destination, closed);
  EXPECT_EQ(text_of(error->octets), "first");
  EXPECT_EQ(hosts.alice.read_error(client)->destination, other);
  EXPECT_EQ(hosts.alice.read_error(client).error(), Errno::eagain);
}

TEST_F(Datagrams, TheErrorQueueIsBoundedAndOnlyForThoseWhoAsked) {
  StackConfig config = bob_config();
  config.icmp.errors_per_destination.interval = Duration{0};
  TwoHosts generous(alice_config(), config);
  const Descriptor quiet = udp(generous.alice), curious = udp(generous.alice);
  ASSERT_TRUE(generous.alice.set_option(generous.now, curious, SocketOption::ip_recverr, 1));
  for (int i = 0; i < 40; ++i) {
    for (const Descriptor descriptor : {quiet, curious}) {
      (void)generous.alice.get_option(generous.now, descriptor, SocketOption::so_error);
      const Endpoint closed{kBob4, 9};
      ASSERT_TRUE(generous.alice.write(generous.now, descriptor, octets_of("x"), {}, &closed));
      generous.run_for(10ms);
    }
  }
  EXPECT_EQ(generous.alice.read_error(quiet).error(), Errno::eagain);
  int errors = 0;
  while (generous.alice.read_error(curious)) ++errors;
  EXPECT_EQ(errors, 16);
}

TEST_F(Datagrams, TimeToLiveAndTypeOfServiceAreAsTheSocketSays) {
  const Descriptor server = udp(hosts.bob, Domain::inet, 7);
  const Descriptor client = udp(hosts.alice);
  ASSERT_TRUE(hosts.alice.set_option(hosts.now, client, SocketOption::ip_ttl, 9));
  ASSERT_TRUE(hosts.alice.set_option(hosts.now, client, SocketOption::ip_tos, 0x28));
  ASSERT_TRUE(send(hosts.alice, client, "x", {kBob4, 7}));
  hosts.run_for(10ms);
  const Buffer& frame = hosts.log().back().octets;
  EXPECT_EQ(frame[15], 0x28);
  EXPECT_EQ(frame[22], 9);
  EXPECT_EQ(read_text(hosts.bob, hosts.now, server), "x");
}

TEST_F(Datagrams, ABroadcastNeedsPermissionAndReachesTheOther) {
  const Descriptor server = udp(hosts.bob, Domain::inet, 7);
  const Descriptor client = udp(hosts.alice);
  const IpAddress everybody = IpAddress::v4(10, 0, 0, 255);
  EXPECT_EQ(send(hosts.alice, client, "all", {everybody, 7}).error(), Errno::eacces);
  ASSERT_TRUE(hosts.alice.set_option(hosts.now, client, SocketOption::so_broadcast, 1));
  EXPECT_TRUE(send(hosts.alice, client, "all", {everybody, 7}));
  EXPECT_TRUE(send(hosts.alice, client, "really", {IpAddress::v4(0xffffffff), 7}));
  hosts.run_for(10ms);
  EXPECT_EQ(read_text(hosts.bob, hosts.now, server), "all");
  EXPECT_EQ(read_text(hosts.bob, hosts.now, server), "really");
  EXPECT_EQ(frames_of(0x0806), 0);  // a broadcast has no neighbour to ask for
}

TEST_F(Datagrams, ConnectingToABroadcastAddressNeedsPermissionToo) {
  const Descriptor client = udp(hosts.alice);
  EXPECT_EQ(hosts.alice.connect(hosts.now, client, {IpAddress::v4(10, 0, 0, 255), 7}).error(),
            Errno::eacces);
}

TEST_F(Datagrams, AMulticastStaysOnTheLinkUnlessToldOtherwise) {
  const Descriptor client = udp(hosts.alice);
  const Endpoint group{IpAddress::v4(224, 0, 0, 1), 7};
  ASSERT_TRUE(send(hosts.alice, client, "x", group));
  ASSERT_TRUE(hosts.alice.set_option(hosts.now, client, SocketOption::ip_ttl, 5));
  ASSERT_TRUE(send(hosts.alice, client, "x", group));
  hosts.run_for(1ms);
  ASSERT_EQ(hosts.log().size(), 2u);
  EXPECT_EQ(hosts.log()[0].octets[22], 1);
  EXPECT_EQ(hosts.log()[1].octets[22], 5);
}

TEST_F(Datagrams, ASocketThatHearsAGroupSpeaksFromItsOwnAddress) {
  for (const IpAddress& group : {IpAddress::v4(224, 0, 0, 1), IpAddress::v4(10, 0, 0, 255)}) {
    const Descriptor server = udp(hosts.bob, Domain::inet, 7);
    const Descriptor member = udp(hosts.alice);
    ASSERT_TRUE(hosts.alice.bind(member, {group, 7}));
    EXPECT_TRUE(send(hosts.alice, member, "hello", {kBob4, 7}));
    hosts.run_for(10ms);
    const auto heard = hosts.bob.read(hosts.now, server, 100);
    ASSERT_TRUE(heard);
    EXPECT_EQ(*heard->from, (Endpoint{kAlice4, 7}));
    ASSERT_TRUE(hosts.bob.close(hosts.now, server));
    ASSERT_TRUE(hosts.alice.close(hosts.now, member));
  }
}

// RFC 1122, 4.1.3.2: an application sets IP options and is told of those that arrived.
TEST_F(Datagrams, CarryTheIpOptionsThatTheSocketSays) {
  const Descriptor server = udp(hosts.bob, Domain::inet, 7);
  const Descriptor client = udp(hosts.alice);
  const Buffer record_route{7, 7, 4, 0, 0, 0, 0};
  ASSERT_TRUE(hosts.alice.set_ip_options(client, record_route));
  EXPECT_TRUE(send(hosts.alice, client, "x", {kBob4, 7}));
  hosts.run_for(10ms);
  const auto heard = hosts.bob.read(hosts.now, server, 100);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->ip_options, (Buffer{7, 7, 8, 10, 0, 0, 2, 0}));  // Bob's address, and padding
  ASSERT_TRUE(hosts.alice.set_ip_options(client, {}));
  EXPECT_TRUE(send(hosts.alice, client, "x", {kBob4, 7}));
  hosts.run_for(10ms);
  EXPECT_TRUE(hosts.bob.read(hosts.now, server, 100)->ip_options.empty());
}

TEST_F(Datagrams, RefuseIpOptionsThatAreNone) {
  const Descriptor client = udp(hosts.alice);
  EXPECT_EQ(hosts.alice.set_ip_options(client, Buffer{7, 1}).error(), Errno::einval);
  EXPECT_EQ(hosts.alice.set_ip_options(client, Buffer(41, 1)).error(), Errno::einval);
  EXPECT_EQ(hosts.alice.set_ip_options(77, {}).error(), Errno::ebadf);
  const Descriptor stream = hosts.alice.socket(Domain::inet, SocketType::stream).value();
  EXPECT_EQ(hosts.alice.set_ip_options(stream, {}).error(), Errno::eopnotsupp);
}

TEST_F(Datagrams, AnIpv6SocketBoundToTheMappedWildcardHearsIpv4Only) {
  const Descriptor server = hosts.bob.socket(Domain::inet6, SocketType::datagram).value();
  const IpAddress any4 = IpAddress::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0});
  ASSERT_TRUE(hosts.bob.bind(server, {any4, 7}));
  ASSERT_TRUE(send(hosts.alice, udp(hosts.alice, Domain::inet6), "six", {kBob6, 7}));
  ASSERT_TRUE(send(hosts.alice, udp(hosts.alice), "four", {kBob4, 7}));
  hosts.run_for(10ms);
  EXPECT_EQ(read_text(hosts.bob, hosts.now, server), "four");
  EXPECT_EQ(read_text(hosts.bob, hosts.now, server), "EAGAIN");
}

TEST_F(Datagrams, AReadCutsALongOneAndSaysSo) {
  const Descriptor server = udp(hosts.bob, Domain::inet, 7);
  ASSERT_TRUE(send(hosts.alice, udp(hosts.alice), "hello", {kBob4, 7}));
  hosts.run_for(10ms);
  const auto cut = hosts.bob.read(hosts.now, server, 2);
  ASSERT_TRUE(cut);
  EXPECT_EQ(text_of(cut->octets), "he");
  EXPECT_TRUE(cut->truncated);
  EXPECT_EQ(read_text(hosts.bob, hosts.now, server), "EAGAIN");
}

TEST_F(Datagrams, ShutdownEndsWhatItSays) {
  const Descriptor client = udp(hosts.alice);
  EXPECT_EQ(hosts.alice.shutdown(hosts.now, client, ShutdownHow::read).error(), Errno::enotconn);
  ASSERT_TRUE(hosts.alice.connect(hosts.now, client, {kBob4, 7}));
  ASSERT_TRUE(hosts.alice.shutdown(hosts.now, client, ShutdownHow::both));
  EXPECT_EQ(read_text(hosts.alice, hosts.now, client), "");
  EXPECT_EQ(hosts.alice.write(hosts.now, client, octets_of("x")).error(), Errno::epipe);
  EXPECT_TRUE(hosts.alice.poll(client)->hang_up);
}

// An Echo Request as an application writes it: identifier and checksum are the stack's.
Buffer echo_request(std::uint8_t type, std::uint16_t sequence, std::string_view text) {
  Buffer message(8);
  message[0] = type;
  store_be16(message, 6, sequence);
  message.insert(message.end(), text.begin(), text.end());
  return message;
}

TEST_F(Datagrams, PingIsAnswered) {
  struct Row {
    Domain domain;
    Protocol protocol;
    IpAddress to;
    std::uint8_t request, reply;
  };
  for (const Row& row : {Row{Domain::inet, Protocol::icmp, kBob4, 8, 0},
                         Row{Domain::inet6, Protocol::icmpv6, kBob6, 128, 129}}) {
    const Descriptor ping =
        hosts.alice.socket(row.domain, SocketType::datagram, row.protocol).value();
    const Descriptor other =
        hosts.alice.socket(row.domain, SocketType::datagram, row.protocol).value();
    const Endpoint to{row.to, 0};
    ASSERT_TRUE(
        hosts.alice.write(hosts.now, ping, echo_request(row.request, 3, "payload"), {}, &to));
    hosts.run_for(10ms);
    const auto reply = hosts.alice.read(hosts.now, ping, 100);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->octets[0], row.reply);
    EXPECT_EQ(load_be16(reply->octets, 6), 3);
    EXPECT_EQ(text_of(Bytes{reply->octets}.subspan(8)), "payload");
    EXPECT_EQ(reply->from->address, row.to);
    EXPECT_EQ(read_text(hosts.alice, hosts.now, other), "EAGAIN");  // not its identifier
  }
}

TEST_F(Datagrams, APingSocketHearsTheHostAndTheAddressItIsTiedTo) {
  StackConfig config = alice_config();
  const IpAddress second = IpAddress::v4(10, 0, 0, 7);
  config.addresses.push_back({second, 24});
  TwoHosts pair(config, bob_config());
  const auto ping = [&] {
    return pair.alice.socket(Domain::inet, SocketType::datagram, Protocol::icmp).value();
  };
  // All of them have one identifier: only what they are tied to tells them apart.
  const Descriptor free = ping(), other_peer = ping(), other_address = ping();
  for (const Descriptor descriptor : {free, other_peer, other_address}) {
    ASSERT_TRUE(pair.alice.set_option(pair.now, descriptor, SocketOption::so_reuseaddr, 1));
  }
  ASSERT_TRUE(pair.alice.bind(free, {IpAddress{}, 99}));
  ASSERT_TRUE(pair.alice.bind(other_peer, {IpAddress{}, 99}));
  ASSERT_TRUE(pair.alice.connect(pair.now, other_peer, {IpAddress::v4(10, 0, 0, 50), 0}));
  ASSERT_TRUE(pair.alice.bind(other_address, {second, 99}));
  const Endpoint to{kBob4, 0};
  ASSERT_TRUE(pair.alice.write(pair.now, free, echo_request(8, 1, "x"), {}, &to));
  pair.run_for(10ms);
  EXPECT_TRUE(pair.alice.read(pair.now, free, 100));
  EXPECT_EQ(read_text(pair.alice, pair.now, other_peer), "EAGAIN");
  EXPECT_EQ(read_text(pair.alice, pair.now, other_address), "EAGAIN");
}

TEST_F(Datagrams, APingSocketSendsNothingElse) {
  const Descriptor ping =
      hosts.alice.socket(Domain::inet, SocketType::datagram, Protocol::icmp).value();
  const Endpoint to{kBob4, 0};
  EXPECT_EQ(hosts.alice.write(hosts.now, ping, echo_request(8, 1, "")).error(),
            Errno::edestaddrreq);
  EXPECT_EQ(hosts.alice.write(hosts.now, ping, echo_request(5, 1, ""), {}, &to).error(),
            Errno::einval);
  EXPECT_EQ(hosts.alice.write(hosts.now, ping, Buffer(7), {}, &to).error(), Errno::einval);
}

TEST_F(Datagrams, AnIdentifierIsOnePingSocketsUnlessAllShareIt) {
  const auto ping = [&] {
    return hosts.alice.socket(Domain::inet, SocketType::datagram, Protocol::icmp).value();
  };
  const Descriptor first = ping(), second = ping();
  ASSERT_TRUE(hosts.alice.bind(first, {IpAddress{}, 99}));
  EXPECT_TRUE(hosts.alice.bind(first, {kAlice4, 99}));  // its own is not in its way
  EXPECT_EQ(hosts.alice.bind(second, {IpAddress{}, 99}).error(), Errno::eaddrinuse);
  ASSERT_TRUE(hosts.alice.set_option(hosts.now, second, SocketOption::so_reuseaddr, 1));
  EXPECT_EQ(hosts.alice.bind(second, {IpAddress{}, 99}).error(), Errno::eaddrinuse);
  EXPECT_TRUE(hosts.alice.bind(second, {kAlice4, 0}));  // keeps the one it has
}

TEST_F(Datagrams, APingSocketRefusesAddressesThatItCannotUse) {
  const Descriptor six =
      hosts.alice.socket(Domain::inet6, SocketType::datagram, Protocol::icmpv6).value();
  const Endpoint mapped = as_seen_by(Domain::inet6, {kAlice4, 5});
  EXPECT_EQ(hosts.alice.bind(six, mapped).error(), Errno::eaddrnotavail);
  EXPECT_EQ(hosts.alice.connect(hosts.now, six, mapped).error(), Errno::einval);
  EXPECT_EQ(hosts.alice.write(hosts.now, six, echo_request(128, 1, ""), {}, &mapped).error(),
            Errno::einval);
  EXPECT_EQ(hosts.alice.remote_endpoint(six).error(), Errno::enotconn);

  const Descriptor four =
      hosts.alice.socket(Domain::inet, SocketType::datagram, Protocol::icmp).value();
  const Endpoint everyone{IpAddress::v4(10, 0, 0, 255), 0};
  EXPECT_EQ(hosts.alice.bind(four, everyone).error(), Errno::eaddrnotavail);
  EXPECT_EQ(hosts.alice.write(hosts.now, four, echo_request(8, 1, ""), {}, &everyone).error(),
            Errno::eacces);
  EXPECT_EQ(hosts.alice.connect(hosts.now, four, everyone).error(), Errno::eacces);
  ASSERT_TRUE(hosts.alice.set_option(hosts.now, four, SocketOption::so_broadcast, 1));
  EXPECT_TRUE(hosts.alice.write(hosts.now, four, echo_request(8, 1, ""), {}, &everyone));
}

TEST_F(Datagrams, APingSocketHearsThatNobodyIsThere) {
  const Endpoint absent{IpAddress::v4(10, 0, 0, 99), 0};
  const auto ping = [&] {
    return hosts.alice.socket(Domain::inet, SocketType::datagram, Protocol::icmp).value();
  };
  const Descriptor quiet = ping(), curious = ping();
  ASSERT_TRUE(hosts.alice.set_option(hosts.now, curious, SocketOption::ip_recverr, 1));
  for (const Descriptor descriptor : {quiet, curious}) {
    ASSERT_TRUE(hosts.alice.connect(hosts.now, descriptor, absent));
    ASSERT_TRUE(hosts.alice.write(hosts.now, descriptor, echo_request(8, 1, "x")));
  }
  hosts.run_for(30s);
  EXPECT_EQ(error_of(hosts.alice, quiet), 0);  // it may pass
  EXPECT_TRUE(hosts.alice.poll(curious)->error);
  EXPECT_TRUE(hosts.alice.poll(curious)->readable);
  EXPECT_EQ(hosts.alice.read(hosts.now, curious, 100).error(), Errno::ehostunreach);
  EXPECT_EQ(hosts.alice.read(hosts.now, curious, 100).error(), Errno::eagain);
}

TEST_F(Datagrams, ALargePingComesBackInFragments) {
  const Descriptor ping =
      hosts.alice.socket(Domain::inet, SocketType::datagram, Protocol::icmp).value();
  const Endpoint to{kBob4, 0};
  const std::string text(20'000, 'p');
  ASSERT_TRUE(hosts.alice.write(hosts.now, ping, echo_request(8, 2, text), {}, &to));
  hosts.run_for(10ms);
  const auto reply = hosts.alice.read(hosts.now, ping, 65'535);
  ASSERT_TRUE(reply);
  EXPECT_EQ(text_of(Bytes{reply->octets}.subspan(8)), text);
}

TEST_F(Datagrams, AHostThatProbesUsesItsAddressOnlyAfterwards) {
  StackConfig config = alice_config();
  config.claim.probe = true;
  config.claim.announce = true;
  TwoHosts pair(config, bob_config());
  const Descriptor client = pair.alice.socket(Domain::inet, SocketType::datagram).value();
  const Endpoint to{kBob4, 7};
  EXPECT_FALSE(pair.alice.write(pair.now, client, octets_of("x"), {}, &to));
  pair.run_for(12s);
  EXPECT_TRUE(pair.alice.write(pair.now, client, octets_of("x"), {}, &to));
  EXPECT_GE(pair.log().size(), 5u);  // three probes and two announcements
}

TEST_F(Datagrams, AHostThatFindsItsAddressTakenDoesNotUseIt) {
  StackConfig config = alice_config();
  config.addresses = {{kBob4, 24}};
  config.claim.probe = true;
  TwoHosts pair(config, bob_config());
  pair.run_for(20s);
  const Descriptor client = pair.alice.socket(Domain::inet, SocketType::datagram).value();
  const Endpoint to{IpAddress::v4(10, 0, 0, 3), 7};
  EXPECT_FALSE(pair.alice.write(pair.now, client, octets_of("x"), {}, &to));
  // The rightful owner goes on using it.
  const Descriptor other = pair.bob.socket(Domain::inet, SocketType::datagram).value();
  EXPECT_TRUE(pair.bob.write(pair.now, other, octets_of("x"), {}, &to));
}

}  // namespace
}  // namespace packetwright::iface
