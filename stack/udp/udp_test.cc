// SPDX-License-Identifier: Apache-2.0
#include "stack/udp/udp.hh"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "stack/udp/output.hh"

namespace packetwright::udp {
namespace {

const IpAddress kOurs = IpAddress::v4(192, 168, 0, 1);
const IpAddress kOurSecond = IpAddress::v4(192, 168, 0, 9);
const IpAddress kPeer = IpAddress::v4(192, 0, 2, 1);
const IpAddress kStranger = IpAddress::v4(198, 51, 100, 7);
const IpAddress kBroadcast = IpAddress::v4(192, 168, 255, 255);
const IpAddress kOurs6 = IpAddress::v6({0xfd, 0, 1});
const IpAddress kPeer6 = IpAddress::v6({0xfd, 0, 2});

Buffer octets_of(std::string_view text) {
  return Buffer(text.begin(), text.end());
}
std::string text_of(const Buffer& octets) {
  return {octets.begin(), octets.end()};
}

struct UdpTest : testing::Test {
  Udp udp{UdpConfig{}, Rng{1}};

  SocketId bound(const std::optional<IpAddress>& address, std::uint16_t port,
                 Families families = Families::v4) {
    const SocketId id = udp.open(families);
    EXPECT_TRUE(udp.bind(id, address, port));
    return id;
  }
  // The reason why it was dropped; nullopt: it was delivered.
  std::optional<DropReason> arrives(const Endpoint& from, const Endpoint& to, std::string_view text,
                                    bool to_group = false) {
    Buffer datagram;
    emit(from, to, octets_of(text), datagram);
    Arrival arrival{from.address, to.address, to_group};
    const auto outcome = udp.on_datagram(arrival, datagram);
    return outcome ? std::nullopt : std::optional{outcome.error()};
  }
  // What waits on a socket, "" if nothing does.
  std::string next(SocketId id) {
    const auto received = udp.receive(id, false);
    return received ? text_of(received->octets) : "";
  }
};

TEST_F(UdpTest, DeliversToTheBoundPortWithAddressesAndPorts) {
  const SocketId id = bound(std::nullopt, 7);
  EXPECT_EQ(arrives({kPeer, 4'000}, {kOurs, 7}, "hello"), std::nullopt);
  const auto received = udp.receive(id, false);
  ASSERT_TRUE(received);
  EXPECT_EQ(text_of(received->octets), "hello");
  EXPECT_EQ(received->from, (Endpoint{kPeer, 4'000}));
  EXPECT_EQ(received->to, (Endpoint{kOurs, 7}));
  EXPECT_EQ(udp.receive(id, false).error(), UdpError::nothing_received);
}

TEST_F(UdpTest, AnEmptyDatagramIsADatagram) {
  const SocketId id = bound(std::nullopt, 7);
  EXPECT_EQ(arrives({kPeer, 4'000}, {kOurs, 7}, ""), std::nullopt);
  EXPECT_TRUE(udp.status(id).readable);
  const auto received = udp.receive(id, false);
  ASSERT_TRUE(received);
  EXPECT_TRUE(received->octets.empty());
}

TEST_F(UdpTest, PassesUpTypeOfServiceHopLimitAndOptions) {
  const SocketId id = bound(std::nullopt, 7);
  Buffer datagram;
  emit({kPeer, 1}, {kOurs, 7}, octets_of("x"), datagram);
  const Buffer options{1, 1, 1, 0};
  ASSERT_TRUE(udp.on_datagram({kPeer, kOurs, false, 0x28, 9, options}, datagram));
  const auto received = udp.receive(id, false);
  ASSERT_TRUE(received);
  EXPECT_EQ(received->tos, 0x28);
  EXPECT_EQ(received->ttl, 9);
  EXPECT_EQ(received->options, options);
}

TEST_F(UdpTest, KeepingReadsTheSameDatagramAgain) {
  const SocketId id = bound(std::nullopt, 7);
  (void)arrives({kPeer, 1}, {kOurs, 7}, "once");
  const auto peeked = udp.receive(id, true);
  ASSERT_TRUE(peeked);
  EXPECT_EQ(text_of(peeked->octets), "once");
  EXPECT_EQ(next(id), "once");
  EXPECT_EQ(next(id), "");
}

TEST_F(UdpTest, SaysThatNobodyListens) {
  (void)bound(std::nullopt, 7);
  EXPECT_EQ(arrives({kPeer, 1}, {kOurs, 8}, "x"), DropReason::udp_no_socket);
  EXPECT_EQ(arrives({kPeer, 1}, {kOurs, 0}, "x"), DropReason::udp_no_socket);
}

TEST_F(UdpTest, ASourcePortOfZeroIsNoReasonToRefuse) {
  const SocketId id = bound(std::nullopt, 7);
  EXPECT_EQ(arrives({kPeer, 0}, {kOurs, 7}, "x"), std::nullopt);
  EXPECT_EQ(udp.receive(id, false)->from.port, 0);
}

TEST_F(UdpTest, ABoundAddressIsPreferredToAnyAddress) {
  const SocketId any = bound(std::nullopt, 7);
  const SocketId second = udp.open(Families::v4);
  udp.set_reuse_address(any, true);
  udp.set_reuse_address(second, true);
  ASSERT_TRUE(udp.bind(second, kOurSecond, 7));
  (void)arrives({kPeer, 1}, {kOurSecond, 7}, "second");
  (void)arrives({kPeer, 1}, {kOurs, 7}, "first");
  EXPECT_EQ(next(second), "second");
  EXPECT_EQ(next(second), "");
  EXPECT_EQ(next(any), "first");
}

TEST_F(UdpTest, AConnectedSocketHearsItsPeerAndNobodyElse) {
  const SocketId id = bound(std::nullopt, 7);
  ASSERT_TRUE(udp.connect(id, {kPeer, 4'000}, kOurs));
  EXPECT_EQ(arrives({kStranger, 4'000}, {kOurs, 7}, "x"), DropReason::udp_no_socket);
  EXPECT_EQ(arrives({kPeer, 4'001}, {kOurs, 7}, "x"), DropReason::udp_no_socket);
  EXPECT_EQ(arrives({kPeer, 4'000}, {kOurs, 7}, "mine"), std::nullopt);
  EXPECT_EQ(next(id), "mine");
  udp.disconnect(id);
  EXPECT_EQ(arrives({kStranger, 4'000}, {kOurSecond, 7}, "all"), std::nullopt);
  EXPECT_EQ(next(id), "all");
}

TEST_F(UdpTest, AConnectedSocketIsPreferredToAnUnconnectedOne) {
  const SocketId server = udp.open(Families::v4);
  const SocketId session = udp.open(Families::v4);
  udp.set_reuse_address(server, true);
  udp.set_reuse_address(session, true);
  ASSERT_TRUE(udp.bind(session, std::nullopt, 7));
  ASSERT_TRUE(udp.bind(server, std::nullopt, 7));
  ASSERT_TRUE(udp.connect(session, {kPeer, 4'000}, kOurs));
  (void)arrives({kPeer, 4'000}, {kOurs, 7}, "session");
  (void)arrives({kStranger, 4'000}, {kOurs, 7}, "server");
  EXPECT_EQ(next(session), "session");
  EXPECT_EQ(next(server), "server");
}

TEST_F(UdpTest, ABroadcastReachesEverySocketOfThePort) {
  const SocketId first = udp.open(Families::v4);
  const SocketId second = udp.open(Families::v4);
  const SocketId bound_to_us = udp.open(Families::v4);
  for (const SocketId id : {first, second, bound_to_us}) udp.set_reuse_address(id, true);
  ASSERT_TRUE(udp.bind(first, std::nullopt, 7));
  ASSERT_TRUE(udp.bind(second, std::nullopt, 7));
  ASSERT_TRUE(udp.bind(bound_to_us, kOurs, 7));
  EXPECT_EQ(arrives({kPeer, 1}, {kBroadcast, 7}, "all", true), std::nullopt);
  EXPECT_EQ(next(first), "all");
  EXPECT_EQ(next(second), "all");
  EXPECT_EQ(next(bound_to_us), "");
}

TEST_F(UdpTest, ThePortOfAnotherSocketIsTaken) {
  const SocketId first = bound(std::nullopt, 7);
  const SocketId second = udp.open(Families::v4);
  EXPECT_EQ(udp.bind(second, std::nullopt, 7).error(), UdpError::address_in_use);
  EXPECT_EQ(udp.bind(second, kOurs, 7).error(), UdpError::address_in_use);
  udp.close(first);
  EXPECT_TRUE(udp.bind(second, kOurs, 7));
}

TEST_F(UdpTest, TwoAddressesOrTwoFamiliesShareAPort) {
  (void)bound(kOurs, 7);
  (void)bound(kOurSecond, 7);
  (void)bound(std::nullopt, 7, Families::v6);
  const SocketId both = udp.open(Families::both);
  EXPECT_EQ(udp.bind(both, std::nullopt, 7).error(), UdpError::address_in_use);
}

TEST_F(UdpTest, ReuseNeedsTheConsentOfBoth) {
  const SocketId first = bound(std::nullopt, 7);
  const SocketId second = udp.open(Families::v4);
  udp.set_reuse_address(second, true);
  EXPECT_EQ(udp.bind(second, std::nullopt, 7).error(), UdpError::address_in_use);
  udp.set_reuse_address(first, true);
  EXPECT_TRUE(udp.bind(second, std::nullopt, 7));
}

TEST_F(UdpTest, DrawsEphemeralPortsFromTheDynamicRangeUnpredictably) {
  std::set<std::uint16_t> ports;
  bool consecutive = true;
  std::uint16_t last = 0;
  for (int i = 0; i < 100; ++i) {
    const std::uint16_t port = udp.status(bound(std::nullopt, 0)).port;
    EXPECT_GE(port, 49'152);
    consecutive = consecutive && (last == 0 || port == last + 1);
    last = port;
    ports.insert(port);
  }
  EXPECT_EQ(ports.size(), 100u);
  EXPECT_FALSE(consecutive);
}

TEST_F(UdpTest, SaysWhenNoEphemeralPortIsLeft) {
  UdpConfig config;
  config.first_ephemeral = 50'000;
  config.last_ephemeral = 50'003;
  Udp small{config, Rng{1}};
  std::set<std::uint16_t> ports;
  for (int i = 0; i < 4; ++i) {
    const SocketId id = small.open(Families::v4);
    ASSERT_TRUE(small.bind(id, std::nullopt, 0));
    ports.insert(small.status(id).port);
  }
  EXPECT_EQ(ports.size(), 4u);
  EXPECT_EQ(small.bind(small.open(Families::v4), std::nullopt, 0).error(), UdpError::no_port_free);
}

TEST_F(UdpTest, ASocketHearsOnlyItsFamilies) {
  const SocketId four = bound(std::nullopt, 7, Families::v4);
  const SocketId six = bound(std::nullopt, 7, Families::v6);
  const SocketId both = bound(std::nullopt, 8, Families::both);
  (void)arrives({kPeer, 1}, {kOurs, 7}, "4");
  (void)arrives({kPeer6, 1}, {kOurs6, 7}, "6");
  (void)arrives({kPeer, 1}, {kOurs, 8}, "both 4");
  (void)arrives({kPeer6, 1}, {kOurs6, 8}, "both 6");
  EXPECT_EQ(next(four), "4");
  EXPECT_EQ(next(six), "6");
  EXPECT_EQ(next(both), "both 4");
  EXPECT_EQ(next(both), "both 6");
}

TEST_F(UdpTest, SendingNeedsADestinationAndBindsAPort) {
  const SocketId id = udp.open(Families::v4);
  EXPECT_EQ(udp.prepare_send(id, std::nullopt, 1).error(), UdpError::destination_required);
  EXPECT_EQ(udp.status(id).port, 0);
  const auto route = udp.prepare_send(id, Endpoint{kPeer, 53}, 1);
  ASSERT_TRUE(route);
  EXPECT_EQ(route->destination, (Endpoint{kPeer, 53}));
  EXPECT_EQ(route->source, std::nullopt);
  EXPECT_EQ(route->source_port, udp.status(id).port);
  EXPECT_NE(route->source_port, 0);
}

TEST_F(UdpTest, AConnectedSocketSendsToItsPeerFromTheAddressItConnectedWith) {
  const SocketId id = udp.open(Families::v4);
  ASSERT_TRUE(udp.connect(id, {kPeer, 53}, kOurs));
  const auto route = udp.prepare_send(id, std::nullopt, 1);
  ASSERT_TRUE(route);
  EXPECT_EQ(route->destination, (Endpoint{kPeer, 53}));
  EXPECT_EQ(route->source, kOurs);
}

TEST_F(UdpTest, RefusesMoreThanADatagramHolds) {
  const SocketId id = udp.open(Families::both);
  EXPECT_TRUE(udp.prepare_send(id, Endpoint{kPeer, 53}, 65'507));
  EXPECT_EQ(udp.prepare_send(id, Endpoint{kPeer, 53}, 65'508).error(), UdpError::message_too_long);
  EXPECT_TRUE(udp.prepare_send(id, Endpoint{kPeer6, 53}, 65'527));
  EXPECT_EQ(udp.prepare_send(id, Endpoint{kPeer6, 53}, 65'528).error(), UdpError::message_too_long);
}

TEST_F(UdpTest, AShutDownSocketNeitherSendsNorKeepsWhatComes) {
  const SocketId id = bound(std::nullopt, 7);
  (void)arrives({kPeer, 1}, {kOurs, 7}, "before");
  udp.shut_down_writing(id);
  udp.shut_down_reading(id);
  EXPECT_EQ(udp.prepare_send(id, Endpoint{kPeer, 53}, 1).error(), UdpError::closed_for_writing);
  EXPECT_EQ(arrives({kPeer, 1}, {kOurs, 7}, "after"), DropReason::udp_queue_full);
  EXPECT_EQ(next(id), "before");
  EXPECT_EQ(next(id), "");
}

TEST_F(UdpTest, AFullQueueDropsTheNewestAndRecovers) {
  const SocketId id = bound(std::nullopt, 7);
  udp.set_receive_buffer(id, 2'000);
  EXPECT_EQ(arrives({kPeer, 1}, {kOurs, 7}, std::string(1'200, 'a')), std::nullopt);
  EXPECT_EQ(arrives({kPeer, 1}, {kOurs, 7}, std::string(1'200, 'b')), DropReason::udp_queue_full);
  EXPECT_EQ(next(id), std::string(1'200, 'a'));
  EXPECT_EQ(arrives({kPeer, 1}, {kOurs, 7}, std::string(1'200, 'c')), std::nullopt);
}

TEST_F(UdpTest, AConnectedSocketLearnsOnceThatNobodyListens) {
  const SocketId id = udp.open(Families::v4);
  ASSERT_TRUE(udp.connect(id, {kPeer, 53}, kOurs));
  const Endpoint local{kOurs, udp.status(id).port};
  ASSERT_TRUE(udp.on_error(local, {kPeer, 53}, UdpError::port_unreachable, true));
  EXPECT_TRUE(udp.status(id).has_error);
  EXPECT_EQ(udp.take_error(id), UdpError::port_unreachable);
  EXPECT_EQ(udp.take_error(id), std::nullopt);
}

TEST_F(UdpTest, AnErrorAboutAnotherPeerIsNotOurs) {
  const SocketId id = udp.open(Families::v4);
  ASSERT_TRUE(udp.connect(id, {kPeer, 53}, kOurs));
  const std::uint16_t port = udp.status(id).port;
  EXPECT_EQ(udp.on_error({kOurs, port}, {kStranger, 53}, UdpError::port_unreachable, true).error(),
            DropReason::icmp_error_unmatched);
  EXPECT_EQ(udp.on_error({kOurs, port}, {kPeer, 54}, UdpError::port_unreachable, true).error(),
            DropReason::icmp_error_unmatched);
  EXPECT_FALSE(udp.status(id).has_error);
}

TEST_F(UdpTest, SoftErrorsAndUnconnectedSocketsAreToldOnlyOnRequest) {
  const SocketId id = bound(std::nullopt, 7);
  ASSERT_TRUE(udp.on_error({kOurs, 7}, {kPeer, 53}, UdpError::port_unreachable, true));
  EXPECT_FALSE(udp.status(id).has_error);
  ASSERT_TRUE(udp.connect(id, {kPeer, 53}, kOurs));
  ASSERT_TRUE(udp.on_error({kOurs, 7}, {kPeer, 53}, UdpError::host_unreachable, false));
  EXPECT_FALSE(udp.status(id).has_error);
  udp.set_report_all_errors(id, true);
  ASSERT_TRUE(udp.on_error({kOurs, 7}, {kPeer, 53}, UdpError::host_unreachable, false));
  EXPECT_EQ(udp.take_error(id), UdpError::host_unreachable);
}

TEST_F(UdpTest, AmongEqualsTheOneThatWasBoundLastIsHeard) {
  const SocketId old = udp.open(Families::v4);
  const SocketId restarted = udp.open(Families::v4);
  for (const SocketId id : {old, restarted}) {
    udp.set_reuse_address(id, true);
    ASSERT_TRUE(udp.bind(id, std::nullopt, 7));
  }
  (void)arrives({kPeer, 1}, {kOurs, 7}, "x");
  EXPECT_EQ(next(restarted), "x");
  EXPECT_EQ(next(old), "");
}

TEST_F(UdpTest, AnEphemeralPortIsSharedByNobody) {
  UdpConfig config;
  config.first_ephemeral = config.last_ephemeral = 50'000;
  Udp small{config, Rng{1}};
  const SocketId first = small.open(Families::v4);
  const SocketId second = small.open(Families::v4);
  small.set_reuse_address(first, true);
  small.set_reuse_address(second, true);
  ASSERT_TRUE(small.bind(first, std::nullopt, 0));
  EXPECT_EQ(small.bind(second, std::nullopt, 0).error(), UdpError::no_port_free);
}

TEST_F(UdpTest, AnErrorOfTheLastPeerIsForgottenWithIt) {
  const SocketId id = bound(std::nullopt, 7);
  ASSERT_TRUE(udp.connect(id, {kPeer, 53}, kOurs));
  ASSERT_TRUE(udp.on_error({kOurs, 7}, {kPeer, 53}, UdpError::port_unreachable, true));
  ASSERT_TRUE(udp.connect(id, {kStranger, 53}, kOurs));
  EXPECT_FALSE(udp.status(id).has_error);
}

TEST_F(UdpTest, ABroadcastThatOneSocketTookWasDelivered) {
  const SocketId roomy = udp.open(Families::v4);
  const SocketId full = udp.open(Families::v4);
  for (const SocketId id : {roomy, full}) {
    udp.set_reuse_address(id, true);
    ASSERT_TRUE(udp.bind(id, std::nullopt, 7));
  }
  udp.set_receive_buffer(full, 1);
  EXPECT_EQ(arrives({kPeer, 1}, {kBroadcast, 7}, "1", true), std::nullopt);
  EXPECT_EQ(arrives({kPeer, 1}, {kBroadcast, 7}, "2", true), std::nullopt);
  EXPECT_EQ(next(full), "1");
  EXPECT_EQ(next(full), "");
  EXPECT_EQ(next(roomy), "1");
  EXPECT_EQ(next(roomy), "2");
}

TEST_F(UdpTest, AClosedSocketLeavesNothingBehind) {
  const SocketId first = bound(std::nullopt, 7);
  (void)arrives({kPeer, 1}, {kOurs, 7}, "old");
  udp.close(first);
  EXPECT_EQ(arrives({kPeer, 1}, {kOurs, 7}, "x"), DropReason::udp_no_socket);
  const SocketId again = bound(std::nullopt, 7);
  EXPECT_EQ(next(again), "");
  EXPECT_FALSE(udp.status(again).has_error);
}

}  // namespace
}  // namespace packetwright::udp
