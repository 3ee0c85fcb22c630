// SPDX-License-Identifier: Apache-2.0
// What the socket calls say, with little or nothing on the wire.
#include <gtest/gtest.h>

#include "stack/iface/stack.hh"
#include "stack/iface/test_hosts.hh"

namespace packetwright::iface {
namespace {

using namespace testing_support;

constexpr Instant kNow{};

struct SocketCalls : testing::Test {
  Stack stack{alice_config()};

  Descriptor stream(Domain domain = Domain::inet) {
    return stack.socket(domain, SocketType::stream).value();
  }
  Descriptor datagram(Domain domain = Domain::inet) {
    return stack.socket(domain, SocketType::datagram).value();
  }
  Errno bind_error(Descriptor descriptor, const Endpoint& local) {
    return stack.bind(descriptor, local).error();
  }
};

TEST_F(SocketCalls, DescriptorsAreTheLowestFreeNumbers) {
  EXPECT_EQ(stream(), 0);
  EXPECT_EQ(datagram(), 1);
  EXPECT_EQ(stream(), 2);
  EXPECT_TRUE(stack.close(kNow, 1));
  EXPECT_EQ(stream(), 1);
}

TEST_F(SocketCalls, ThereIsALimitToThem) {
  StackConfig config = alice_config();
  config.max_sockets = 2;
  Stack small{config};
  EXPECT_TRUE(small.socket(Domain::inet, SocketType::stream));
  EXPECT_TRUE(small.socket(Domain::inet, SocketType::datagram));
  EXPECT_EQ(small.socket(Domain::inet, SocketType::stream).error(), Errno::emfile);
  EXPECT_TRUE(small.close(kNow, 0));
  EXPECT_TRUE(small.socket(Domain::inet, SocketType::stream));
}

TEST_F(SocketCalls, ADescriptorThatIsNotOpenIsRefusedEverywhere) {
  Buffer octets(1);
  EXPECT_EQ(bind_error(7, {kAlice4, 80}), Errno::ebadf);
  EXPECT_EQ(stack.listen(7, 1).error(), Errno::ebadf);
  EXPECT_EQ(stack.accept(kNow, 7).error(), Errno::ebadf);
  EXPECT_EQ(stack.connect(kNow, 7, {kBob4, 80}).error(), Errno::ebadf);
  EXPECT_EQ(stack.read(kNow, 7, 1).error(), Errno::ebadf);
  EXPECT_EQ(stack.write(kNow, 7, octets).error(), Errno::ebadf);
  EXPECT_EQ(stack.shutdown(kNow, 7, ShutdownHow::both).error(), Errno::ebadf);
  EXPECT_EQ(stack.close(kNow, -1).error(), Errno::ebadf);
  EXPECT_EQ(stack.abort(kNow, 7).error(), Errno::ebadf);
  EXPECT_EQ(stack.set_option(kNow, 7, SocketOption::so_linger, 1).error(), Errno::ebadf);
  EXPECT_EQ(stack.get_option(kNow, 7, SocketOption::so_linger).error(), Errno::ebadf);
  EXPECT_EQ(stack.poll(7).error(), Errno::ebadf);
  EXPECT_EQ(stack.local_endpoint(7).error(), Errno::ebadf);
  EXPECT_EQ(stack.remote_endpoint(7).error(), Errno::ebadf);
  EXPECT_EQ(stack.tcp_status(7).error(), Errno::ebadf);
  EXPECT_EQ(stack.set_isn(7, 1).error(), Errno::ebadf);
}

TEST_F(SocketCalls, TheProtocolMustSuitTheType) {
  EXPECT_EQ(stack.socket(Domain::inet, SocketType::stream, Protocol::udp).error(),
            Errno::eprotonosupport);
  EXPECT_EQ(stack.socket(Domain::inet, SocketType::datagram, Protocol::tcp).error(),
            Errno::eprotonosupport);
  EXPECT_EQ(stack.socket(Domain::inet, SocketType::datagram, Protocol::icmpv6).error(),
            Errno::eprotonosupport);
  EXPECT_TRUE(stack.socket(Domain::inet6, SocketType::datagram, Protocol::icmpv6));
}

TEST_F(SocketCalls, OnlyOwnAddressesCanBeBound) {
  for (const Descriptor descriptor : {stream(), datagram()}) {
    EXPECT_EQ(bind_error(descriptor, {kBob4, 80}), Errno::eaddrnotavail);
    EXPECT_EQ(bind_error(descriptor, {kAlice6, 80}), Errno::eafnosupport);
    EXPECT_TRUE(stack.bind(descriptor, {kAlice4, 80}));
    EXPECT_EQ(bind_error(descriptor, {kAlice4, 81}), Errno::einval);
    EXPECT_EQ(stack.local_endpoint(descriptor).value(), (Endpoint{kAlice4, 80}));
  }
}

TEST_F(SocketCalls, AGroupIsNoAddressForAStream) {
  EXPECT_EQ(bind_error(stream(), {IpAddress::v4(224, 0, 0, 1), 80}), Errno::eaddrnotavail);
  EXPECT_EQ(bind_error(stream(), {IpAddress::v4(0xffffffff), 80}), Errno::eaddrnotavail);
}

TEST_F(SocketCalls, PortZeroMeansAnyFreePort) {
  for (const Descriptor descriptor : {stream(), datagram()}) {
    EXPECT_TRUE(stack.bind(descriptor, {IpAddress{}, 0}));
    EXPECT_NE(stack.local_endpoint(descriptor)->port, 0);
  }
}

TEST_F(SocketCalls, ABoundPortIsTaken) {
  const Descriptor first = stream();
  ASSERT_TRUE(stack.bind(first, {IpAddress{}, 80}));
  EXPECT_EQ(bind_error(stream(), {IpAddress{}, 80}), Errno::eaddrinuse);
  EXPECT_EQ(bind_error(stream(), {kAlice4, 80}), Errno::eaddrinuse);
  EXPECT_TRUE(stack.bind(stream(Domain::inet6), {kAlice6, 80}));
  EXPECT_TRUE(stack.bind(datagram(), {IpAddress{}, 80}));
  ASSERT_TRUE(stack.close(kNow, first));
  EXPECT_TRUE(stack.bind(stream(), {kAlice4, 80}));
}

TEST_F(SocketCalls, ReuseaddrSharesABoundPortButNotAListeningOne) {
  const Descriptor first = stream();
  const Descriptor second = stream();
  const Descriptor third = stream();
  for (const Descriptor descriptor : {first, second, third}) {
    ASSERT_TRUE(stack.set_option(kNow, descriptor, SocketOption::so_reuseaddr, 1));
  }
  ASSERT_TRUE(stack.bind(first, {IpAddress{}, 80}));
  ASSERT_TRUE(stack.bind(second, {IpAddress{}, 80}));
  ASSERT_TRUE(stack.listen(first, 1));
  EXPECT_EQ(stack.listen(second, 1).error(), Errno::eaddrinuse);
  EXPECT_EQ(bind_error(third, {IpAddress{}, 80}), Errno::eaddrinuse);
}

TEST_F(SocketCalls, ListenBindsWhatIsNotBound) {
  const Descriptor descriptor = stream();
  ASSERT_TRUE(stack.listen(descriptor, 1));
  EXPECT_NE(stack.local_endpoint(descriptor)->port, 0);
  EXPECT_EQ(stack.listen(datagram(), 1).error(), Errno::eopnotsupp);
  EXPECT_TRUE(stack.listen(descriptor, 9));  // a second time changes the backlog
}

TEST_F(SocketCalls, AnUnconnectedStreamHasNothingToReadOrWrite) {
  const Descriptor descriptor = stream();
  EXPECT_EQ(stack.read(kNow, descriptor, 1).error(), Errno::enotconn);
  EXPECT_EQ(stack.write(kNow, descriptor, Buffer(1)).error(), Errno::enotconn);
  EXPECT_EQ(stack.shutdown(kNow, descriptor, ShutdownHow::write).error(), Errno::enotconn);
  EXPECT_EQ(stack.remote_endpoint(descriptor).error(), Errno::enotconn);
  EXPECT_EQ(stack.accept(kNow, descriptor).error(), Errno::einval);
  EXPECT_EQ(stack.local_endpoint(descriptor).value(), Endpoint{});
  EXPECT_EQ(stack.poll(descriptor).value(), (Readiness{.writable = true, .hang_up = true}));
}

TEST_F(SocketCalls, AListenerIsNotAConnection) {
  const Descriptor descriptor = stream();
  ASSERT_TRUE(stack.bind(descriptor, {IpAddress{}, 80}));
  ASSERT_TRUE(stack.listen(descriptor, 1));
  EXPECT_EQ(stack.accept(kNow, descriptor).error(), Errno::eagain);
  EXPECT_EQ(stack.connect(kNow, descriptor, {kBob4, 80}).error(), Errno::eopnotsupp);
  EXPECT_EQ(stack.read(kNow, descriptor, 1).error(), Errno::enotconn);
  EXPECT_EQ(stack.poll(descriptor).value(), Readiness{});
  EXPECT_EQ(stack.tcp_status(descriptor)->state, tcp::State::listen);
}

TEST_F(SocketCalls, ConnectRefusesWhatIsNoHost) {
  EXPECT_EQ(stack.connect(kNow, stream(), {kBob4, 0}).error(), Errno::eaddrnotavail);
  EXPECT_EQ(stack.connect(kNow, stream(), {IpAddress::v4(224, 0, 0, 1), 80}).error(),
            Errno::enetunreach);
  EXPECT_EQ(stack.connect(kNow, stream(), {IpAddress::v4(0xffffffff), 80}).error(),
            Errno::enetunreach);
  EXPECT_EQ(stack.connect(kNow, stream(), {kBob6, 80}).error(), Errno::eafnosupport);
}

TEST_F(SocketCalls, OptionsKeepTheirValues) {
  using O = SocketOption;
  struct Row {
    O option;
    std::int64_t value;
  };
  const Descriptor descriptor = stream();
  for (const auto& [option, value] :
       {Row{O::so_reuseaddr, 1},        Row{O::so_keepalive, 1},
        Row{O::so_linger, 7},           Row{O::so_sndbuf, 5'000},
        Row{O::so_rcvbuf, 6'000},       Row{O::so_oobinline, 1},
        Row{O::so_broadcast, 1},        Row{O::ip_ttl, 33},
        Row{O::ip_tos, 0x28},           Row{O::ip_recverr, 1},
        Row{O::ip_mtu_discover, 2},     Row{O::ipv6_unicast_hops, 9},
        Row{O::ipv6_tclass, 0x10},      Row{O::tcp_nodelay, 1},
        Row{O::tcp_maxseg, 1'000},      Row{O::tcp_cork, 1},
        Row{O::tcp_keepidle, 100},      Row{O::tcp_keepintvl, 10},
        Row{O::tcp_keepcnt, 3},         Row{O::tcp_user_timeout, 30'000},
        Row{O::tcp_quickack, 1},        Row{O::tcp_syncnt, 4},
        Row{O::tcp_window_clamp, 4'096}}) {
    EXPECT_TRUE(stack.set_option(kNow, descriptor, option, value)) << static_cast<int>(option);
    EXPECT_EQ(stack.get_option(kNow, descriptor, option).value_or(-99), value)
        << static_cast<int>(option);
  }
}

TEST_F(SocketCalls, OptionsRefuseValuesOutOfRange) {
  using O = SocketOption;
  struct Row {
    O option;
    std::int64_t value;
  };
  const Descriptor descriptor = stream();
  for (const auto& [option, value] :
       {Row{O::ip_ttl, 0}, Row{O::ip_ttl, 256}, Row{O::ip_tos, -1}, Row{O::ip_tos, 256},
        Row{O::ip_mtu_discover, 9}, Row{O::tcp_maxseg, 1}, Row{O::tcp_maxseg, 70'000},
        Row{O::tcp_keepidle, 0}, Row{O::tcp_keepintvl, 40'000}, Row{O::tcp_keepcnt, 0},
        Row{O::tcp_keepcnt, 256}, Row{O::tcp_syncnt, 0}, Row{O::tcp_user_timeout, -1},
        Row{O::ipv6_unicast_hops, 0}}) {
    EXPECT_EQ(stack.set_option(kNow, descriptor, option, value).error(), Errno::einval)
        << static_cast<int>(option) << " " << value;
  }
  EXPECT_TRUE(stack.set_option(kNow, descriptor, O::ip_ttl, -1));  // back to the default
  EXPECT_EQ(stack.get_option(kNow, descriptor, O::ip_ttl).value(), 64);
}

TEST_F(SocketCalls, OptionsOfAnotherKindOfSocketAreRefused) {
  using O = SocketOption;
  EXPECT_EQ(stack.set_option(kNow, datagram(), O::tcp_nodelay, 1).error(), Errno::enoprotoopt);
  EXPECT_EQ(stack.get_option(kNow, datagram(), O::tcp_nodelay).error(), Errno::enoprotoopt);
  EXPECT_EQ(stack.set_option(kNow, stream(), O::ipv6_v6only, 1).error(), Errno::enoprotoopt);
  EXPECT_EQ(stack.get_option(kNow, stream(), O::ip_mtu).error(), Errno::enotconn);
  const Descriptor bound = stream(Domain::inet6);
  ASSERT_TRUE(stack.bind(bound, {kAlice6, 80}));
  EXPECT_EQ(stack.set_option(kNow, bound, O::ipv6_v6only, 1).error(), Errno::einval);
}

TEST_F(SocketCalls, CongestionControlsHaveNames) {
  const Descriptor descriptor = stream();
  EXPECT_EQ(stack.congestion_control(descriptor).value(), "cubic");
  EXPECT_TRUE(stack.set_congestion_control(kNow, descriptor, "reno"));
  EXPECT_EQ(stack.congestion_control(descriptor).value(), "reno");
  EXPECT_EQ(stack.set_congestion_control(kNow, descriptor, "vegas").error(), Errno::enoent);
  EXPECT_EQ(stack.congestion_control(descriptor).value(), "reno");
  EXPECT_EQ(stack.set_congestion_control(kNow, datagram(), "reno").error(), Errno::enoprotoopt);
  EXPECT_EQ(stack.congestion_control(datagram()).error(), Errno::enoprotoopt);
  EXPECT_EQ(stack.set_congestion_control(kNow, 77, "reno").error(), Errno::ebadf);
  EXPECT_EQ(stack.congestion_control(77).error(), Errno::ebadf);
}

TEST_F(SocketCalls, AHostCanTalkToItself) {
  const Descriptor listener = stream();
  ASSERT_TRUE(stack.bind(listener, {IpAddress{}, 80}));
  ASSERT_TRUE(stack.listen(listener, 1));
  const Descriptor client = stream();
  EXPECT_EQ(stack.connect(kNow, client, {kAlice4, 80}).error(), Errno::einprogress);
  const auto server = stack.accept(kNow, listener);
  ASSERT_TRUE(server);
  EXPECT_TRUE(stack.write(kNow, client, octets_of("me")));
  EXPECT_EQ(read_text(stack, kNow, *server), "me");
  // And nobody else hears of it.
  Buffer frame;
  EXPECT_FALSE(stack.next_tx(frame));
}

TEST_F(SocketCalls, ListsEverySocket) {
  const Descriptor listener = stream();
  ASSERT_TRUE(stack.bind(listener, {IpAddress{}, 80}));
  ASSERT_TRUE(stack.listen(listener, 1));
  const Descriptor udp = datagram(Domain::inet6);
  ASSERT_TRUE(stack.bind(udp, {kAlice6, 53}));
  const Descriptor client = stream();
  (void)stack.connect(kNow, client, {kBob4, 9});
  const std::string text = stack.netstat(kNow);
  EXPECT_NE(
      text.find("   0 tcp        0      0 0.0.0.0:80              0.0.0.0:*               LISTEN"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("   1 udp6       0      0 [fd00::1]:53            [::]:*"), std::string::npos)
      << text;
  EXPECT_NE(text.find("10.0.0.2:9              SYN-SENT     retransmit (1.000)"), std::string::npos)
      << text;
}

}  // namespace
}  // namespace packetwright::iface
