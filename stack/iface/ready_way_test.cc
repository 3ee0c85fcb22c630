// SPDX-License-Identifier: Apache-2.0
// A connection sends many segments the same way, and the way is looked up once. What is seen here:
// that it is another one at once when it has changed.
#include <algorithm>
#include <optional>

#include <gtest/gtest.h>

#include "stack/iface/link.hh"
#include "stack/iface/test_hosts.hh"
#include "stack/wire/arp.hh"
#include "stack/wire/ethernet.hh"
#include "stack/wire/icmpv4.hh"
#include "stack/wire/ipv4.hh"

namespace packetwright::iface {
namespace {

using namespace testing_support;

constexpr MacAddress kOtherMac{{2, 0, 0, 0, 0, 7}};

wire::EtherType type_of(Bytes frame) {
  return wire::EthernetView::parse(frame).value().ether_type();
}

// Two hosts that find each other by ARP, and a connection between them.
struct ReadyWayTest : testing::Test {
  TwoHosts hosts{};
  ConnectedPair pair = connect_eagerly(80);

  // One that does not wait with short segments.
  ConnectedPair connect_eagerly(std::uint16_t port) {
    const ConnectedPair made = connect(hosts, Domain::inet, port);
    EXPECT_TRUE(hosts.alice.set_option(hosts.now, made.client, SocketOption::tcp_nodelay, 1));
    return made;
  }

  // The frame in which the client's next text leaves.
  Buffer write() {
    const std::size_t before = hosts.log().size();
    EXPECT_TRUE(hosts.alice.write(hosts.now, pair.client, octets_of("text")));
    hosts.run_for(10ms);
    for (std::size_t i = before; i < hosts.log().size(); ++i) {
      const TwoHosts::Frame& frame = hosts.log()[i];
      if (frame.from_alice && type_of(frame.octets) == wire::EtherType::ipv4) return frame.octets;
    }
    ADD_FAILURE() << "nothing was sent";
    return Buffer(wire::kEthernetHeaderSize + wire::kIpv4HeaderSize);
  }
  static MacAddress to(const Buffer& frame) {
    return wire::EthernetView::parse(frame).value().dst();
  }
  static Buffer ip_header(const Buffer& frame) {
    return {frame.begin() + wire::kEthernetHeaderSize,
            frame.begin() + wire::kEthernetHeaderSize + wire::kIpv4HeaderSize};
  }
};

TEST_F(ReadyWayTest, ANeighbourThatHasMovedIsFollowed) {
  EXPECT_EQ(to(write()), kBobMac);
  wire::ArpFields moved;
  moved.operation = wire::ArpOperation::request;
  moved.sender_mac = kOtherMac;
  moved.sender_ip = moved.target_ip = kBob4;
  Buffer arp(moved.encoded_size()), frame;
  moved.emit(arp);
  emit_frame(MacAddress::broadcast(), kOtherMac, wire::EtherType::arp, arp, frame);
  hosts.alice.on_frame(hosts.now, frame);
  EXPECT_EQ(to(write()), kOtherMac);
}

TEST_F(ReadyWayTest, ANeighbourOfWhomNothingWasHeardForLongIsAskedAfter) {
  (void)write();
  hosts.run_for(61s);
  hosts.lose = [](const TwoHosts::Frame&) { return true; };
  const std::size_t before = hosts.log().size();
  (void)write();
  hosts.run_for(6s);
  EXPECT_TRUE(std::any_of(hosts.log().begin() + static_cast<std::ptrdiff_t>(before),
                          hosts.log().end(), [](const TwoHosts::Frame& frame) {
                            return frame.from_alice &&
                                   type_of(frame.octets) == wire::EtherType::arp;
                          }));
}

TEST_F(ReadyWayTest, ASocketThatWantsOtherHeadersGetsThem) {
  EXPECT_EQ(ip_header(write())[1], 0);
  ASSERT_TRUE(hosts.alice.set_option(hosts.now, pair.client, SocketOption::ip_tos, 0x10));
  EXPECT_EQ(ip_header(write())[1], 0x10);
  ASSERT_TRUE(hosts.alice.set_option(hosts.now, pair.client, SocketOption::ip_ttl, 9));
  const Buffer header = ip_header(write());
  const auto ip = wire::Ipv4View::parse_lax(header);
  ASSERT_TRUE(ip);
  EXPECT_EQ(ip->ttl(), 9);
  EXPECT_TRUE(ip->verify_checksum());
}

TEST_F(ReadyWayTest, TwoConnectionsThatTakeTurnsKeepTheirHeadersApart) {
  const ConnectedPair usual = pair;
  const ConnectedPair other = connect_eagerly(81);
  ASSERT_TRUE(hosts.alice.set_option(hosts.now, other.client, SocketOption::ip_tos, 0x10));
  for (int turn = 0; turn < 3; ++turn) {
    pair = usual;
    EXPECT_EQ(ip_header(write())[1], 0) << turn;
    pair = other;
    EXPECT_EQ(ip_header(write())[1], 0x10) << turn;
  }
}

TEST_F(ReadyWayTest, NothingLeavesWhileTheLinkIsDown) {
  (void)write();
  hosts.alice.set_link(hosts.now, false);
  const std::size_t before = hosts.log().size();
  EXPECT_TRUE(hosts.alice.write(hosts.now, pair.client, octets_of("text")));
  hosts.run_for(10ms);
  EXPECT_EQ(hosts.log().size(), before);
}

// A host whose peer is behind a router.
struct BehindARouter : testing::Test {
  static constexpr IpAddress kFar = IpAddress::v4(192, 0, 2, 9);
  static constexpr IpAddress kRouter = IpAddress::v4(10, 0, 0, 101);
  static constexpr IpAddress kOtherRouter = IpAddress::v4(10, 0, 0, 102);
  static constexpr MacAddress kRouterMac{{2, 0, 0, 0, 1, 1}};
  static constexpr MacAddress kOtherRouterMac{{2, 0, 0, 0, 1, 2}};

  static StackConfig config() {
    StackConfig config = alice_config();
    config.gateways = {kRouter};
    config.static_neighbors.emplace_back(kRouter, kRouterMac);
    config.static_neighbors.emplace_back(kOtherRouter, kOtherRouterMac);
    return config;
  }
  // What the host sends next, when its timer has run out if it has nothing to send before that.
  Buffer next_frame() {
    Buffer frame;
    while (!stack.next_tx(frame)) {
      const auto deadline = stack.next_deadline();
      if (!deadline) return {};
      now = std::max(now, *deadline);
      stack.on_deadline(now);
    }
    return frame;
  }

  Stack stack{config()};
  Instant now{};
};

TEST_F(BehindARouter, ARedirectCountsForTheNextSegment) {
  const Descriptor socket = stack.socket(Domain::inet, SocketType::stream).value();
  (void)stack.connect(now, socket, {kFar, 80});
  const Buffer syn = next_frame();
  ASSERT_FALSE(syn.empty());
  EXPECT_EQ(wire::EthernetView::parse(syn).value().dst(), kRouterMac);

  const auto redirect =
      wire::Icmpv4Fields::error(wire::Icmpv4Type::redirect, 1, kOtherRouter.v4_value(),
                                Bytes{syn}.subspan(wire::kEthernetHeaderSize, 28));
  Buffer message(redirect.encoded_size());
  redirect.emit(message);
  wire::fill_icmpv4_checksum(message);
  wire::Ipv4Fields ip;
  ip.src = kRouter;
  ip.dst = kAlice4;
  ip.protocol = wire::IpProtocol::icmpv4;
  ip.set_lengths(message.size());
  Buffer packet(ip.encoded_size() + message.size()), frame;
  ip.emit(packet);
  wire::fill_ipv4_checksum(MutableBytes{packet}.first(ip.encoded_size()));
  store_bytes(packet, ip.encoded_size(), message);
  emit_frame(kAliceMac, kRouterMac, wire::EtherType::ipv4, packet, frame);
  stack.on_frame(now, frame);

  const Buffer again = next_frame();
  ASSERT_FALSE(again.empty());
  EXPECT_EQ(wire::EthernetView::parse(again).value().dst(), kOtherRouterMac);
}

}  // namespace
}  // namespace packetwright::iface
