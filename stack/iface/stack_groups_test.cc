// SPDX-License-Identifier: Apache-2.0
// One host and the groups that its sockets join: what it hears, and what it tells routers.
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "stack/iface/link.hh"
#include "stack/iface/stack.hh"
#include "stack/iface/test_hosts.hh"
#include "stack/udp/output.hh"
#include "stack/wire/checksum.hh"
#include "stack/wire/group_message.hh"
#include "stack/wire/icmpv6.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/ipv6.hh"
#include "stack/wire/multicast.hh"

namespace packetwright::iface {
namespace {

using namespace testing_support;
using wire::IpProtocol;

constexpr IpAddress kGroup4 = IpAddress::v4(239, 1, 2, 3);
constexpr IpAddress kGroup6 = IpAddress::v6({0xff, 0x05, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9});
constexpr IpAddress kRouter6 =
    IpAddress::v6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x99});

Buffer packet_v4(const IpAddress& from, const IpAddress& to, IpProtocol protocol, Bytes payload) {
  wire::Ipv4Fields ip;
  ip.protocol = protocol;
  ip.ttl = 1;
  ip.src = from;
  ip.dst = to;
  ip.set_lengths(payload.size());
  Buffer packet(ip.encoded_size() + payload.size());
  const MutableBytes out{packet};
  ip.emit(out);
  wire::fill_ipv4_checksum(out.first(ip.encoded_size()));
  store_bytes(out, ip.encoded_size(), payload);
  return packet;
}

struct GroupHost : testing::Test {
  explicit GroupHost(const StackConfig& config = alice_config()) : stack(config) {}

  void arrives(wire::EtherType type, const IpAddress& group, Bytes packet) {
    Buffer frame;
    emit_frame(wire::multicast_mac(group), kBobMac, type, packet, frame);
    stack.on_frame(now, frame);
  }
  Descriptor receiver(Domain domain) {
    const Descriptor fd = stack.socket(domain, SocketType::datagram).value();
    EXPECT_TRUE(stack.bind(fd, {domain == Domain::inet ? IpAddress{} : IpAddress::v6({}), 5000}));
    return fd;
  }
  void text_arrives(const IpAddress& group = kGroup4) {
    Buffer payload;
    udp::emit({kBob4, 9}, {group, 5000}, octets_of("news"), payload);
    arrives(wire::EtherType::ipv4, group, packet_v4(kBob4, group, IpProtocol::udp, payload));
  }
  // The IP packet of the next frame that the host sent; nullopt: there is none.
  std::optional<Buffer> sent(MacAddress* to = nullptr) {
    Buffer frame;
    if (!stack.next_tx(frame)) return std::nullopt;
    if (to != nullptr) *to = wire::EthernetView::parse(frame)->dst();
    return Buffer{frame.begin() + 14, frame.end()};
  }
  void wait(Duration time) {
    const Instant until = now + time;
    for (auto next = stack.next_deadline(); next && *next <= until; next = stack.next_deadline()) {
      now = std::max(now, *next);
      stack.on_deadline(now);
    }
    now = until;
  }
  // A query for all groups, answered at once; the fields that follow are those that a host checks.
  void mld_query(std::uint8_t hop_limit = 1, const IpAddress& from = kRouter6, bool alert = true) {
    Buffer message(28);
    message[0] = 130;
    wire::fill_icmpv6_checksum(message, from, wire::kAllNodes);
    Buffer payload;
    if (alert) payload = {58, 0, 5, 2, 0, 0, 1, 0};
    payload.insert(payload.end(), message.begin(), message.end());
    wire::Ipv6Fields ip;
    ip.next_header = alert ? IpProtocol::hop_by_hop : IpProtocol::icmpv6;
    ip.hop_limit = hop_limit;
    ip.src = from;
    ip.dst = wire::kAllNodes;
    ip.set_lengths(payload.size());
    Buffer packet(wire::kIpv6HeaderSize + payload.size());
    ip.emit(packet);
    store_bytes(MutableBytes{packet}, wire::kIpv6HeaderSize, payload);
    arrives(wire::EtherType::ipv6, wire::kAllNodes, packet);
    wait(0s);
  }

  Stack stack;
  Instant now = Instant{} + 1s;
};

TEST_F(GroupHost, HearsAGroupOnlyWhileItIsJoined) {
  const Descriptor fd = receiver(Domain::inet);
  text_arrives();
  EXPECT_EQ(read_text(stack, now, fd), "EAGAIN");
  EXPECT_EQ(stack.drops()[DropReason::ip_not_for_us], 1u);
  ASSERT_TRUE(stack.join_group(now, fd, kGroup4));
  text_arrives();
  EXPECT_EQ(read_text(stack, now, fd), "news");
  ASSERT_TRUE(stack.leave_group(now, fd, kGroup4));
  text_arrives();
  EXPECT_EQ(read_text(stack, now, fd), "EAGAIN");
}

TEST_F(GroupHost, OneSocketThatLeavesIsNotAll) {
  const Descriptor fd = receiver(Domain::inet);
  const Descriptor other = stack.socket(Domain::inet, SocketType::datagram).value();
  ASSERT_TRUE(stack.join_group(now, fd, kGroup4));
  ASSERT_TRUE(stack.join_group(now, other, kGroup4));
  ASSERT_TRUE(stack.close(now, other));
  text_arrives();
  EXPECT_EQ(read_text(stack, now, fd), "news");
}

TEST_F(GroupHost, TellsRoutersOfAGroupOverIpv4) {
  const Descriptor fd = receiver(Domain::inet);
  ASSERT_TRUE(stack.join_group(now, fd, kGroup4));
  MacAddress to;
  const auto report = sent(&to);
  ASSERT_TRUE(report);
  EXPECT_EQ(to, wire::multicast_mac(wire::kReportsV4));
  const auto ip = wire::Ipv4View::parse(*report).value();
  EXPECT_EQ(ip.src(), kAlice4);
  EXPECT_EQ(ip.dst(), wire::kReportsV4);
  EXPECT_EQ(ip.protocol(), IpProtocol::igmp);
  EXPECT_EQ(ip.ttl(), 1);
  EXPECT_EQ(ip.tos(), 0xc0);
  EXPECT_EQ((Buffer{ip.options().begin(), ip.options().end()}), (Buffer{0x94, 4, 0, 0}));
  EXPECT_TRUE(wire::verify_internet_checksum(ip.payload()));
  EXPECT_EQ(ip.payload()[0], 0x22);
  EXPECT_EQ(sent(), std::nullopt);
  // Closing the socket is leaving.
  wait(2s);
  while (sent()) {
  }
  ASSERT_TRUE(stack.close(now, fd));
  const auto left = sent();
  ASSERT_TRUE(left);
  EXPECT_EQ(wire::Ipv4View::parse(*left).value().payload()[8], 3);  // to INCLUDE nobody
}

TEST_F(GroupHost, TellsRoutersOfAGroupOverIpv6) {
  const Descriptor fd = receiver(Domain::inet6);
  ASSERT_TRUE(stack.join_group(now, fd, kGroup6));
  MacAddress to;
  const auto report = sent(&to);
  ASSERT_TRUE(report);
  EXPECT_EQ(to, wire::multicast_mac(wire::kReportsV6));
  const auto ip = wire::Ipv6View::parse(*report).value();
  EXPECT_TRUE(ip.src().is_unspecified()) << "it has no link-local address";
  EXPECT_EQ(ip.dst(), wire::kReportsV6);
  EXPECT_EQ(ip.hop_limit(), 1);
  EXPECT_EQ(ip.next_header(), IpProtocol::hop_by_hop);
  const Bytes message = ip.payload().subspan(8);
  EXPECT_EQ((Buffer{ip.payload().begin(), ip.payload().begin() + 8}),
            (Buffer{58, 0, 5, 2, 0, 0, 1, 0}));
  const auto mld = wire::Icmpv6View::parse(message).value();
  EXPECT_TRUE(mld.verify_checksum(ip.src(), ip.dst()));
  EXPECT_EQ(mld.type(), wire::Icmpv6Type::mld_report_v2);
}

TEST_F(GroupHost, AnswersAQueryWithTheGroupsOfItsAddresses) {
  EXPECT_EQ(sent(), std::nullopt) << "nothing is said at the start";
  mld_query();
  const auto report = sent();
  ASSERT_TRUE(report);
  const auto ip = wire::Ipv6View::parse(*report).value();
  const Bytes message = ip.payload().subspan(8);
  EXPECT_EQ(load_be16(message, 6), 1);
  EXPECT_EQ(message[8], 2);
  EXPECT_EQ(IpAddress::from_octets(message.subspan(12)), wire::solicited_node_group(kAlice6));
}

TEST_F(GroupHost, RefusesQueriesThatAreNotOfThisLink) {
  mld_query(2);
  mld_query(1, kBob6);
  mld_query(1, kRouter6, false);
  EXPECT_EQ(sent(), std::nullopt);
  EXPECT_EQ(stack.drops()[DropReason::group_hop_limit], 1u);
  EXPECT_EQ(stack.drops()[DropReason::group_bad_source], 1u);
  EXPECT_EQ(stack.drops()[DropReason::group_no_router_alert], 1u);
}

TEST_F(GroupHost, RefusesIgmpThatIsDamaged) {
  const Descriptor fd = receiver(Domain::inet);
  ASSERT_TRUE(stack.join_group(now, fd, kGroup4));
  wait(2s);
  while (sent()) {
  }
  const IpAddress all = IpAddress::v4(224, 0, 0, 1);
  Buffer query{0x11, 1, 0, 0, 0, 0, 0, 0, 2, 125, 0, 0};
  const auto asks = [&] {
    arrives(wire::EtherType::ipv4, all, packet_v4(kBob4, all, IpProtocol::igmp, query));
    wait(100ms);
  };
  asks();
  EXPECT_EQ(stack.drops()[DropReason::group_bad_checksum], 1u);
  EXPECT_EQ(sent(), std::nullopt);
  store_be16(query, 2, wire::internet_checksum(query));
  asks();
  const auto report = sent();
  ASSERT_TRUE(report);
  EXPECT_EQ(wire::Ipv4View::parse(*report).value().payload()[8], 2);
}

TEST_F(GroupHost, RefusesGroupsThatAreNone) {
  const Descriptor fd = receiver(Domain::inet);
  EXPECT_EQ(stack.join_group(now, fd, kBob4).error(), Errno::einval);
  EXPECT_EQ(stack.join_group(now, fd, kGroup6).error(), Errno::einval);
  EXPECT_EQ(stack.leave_group(now, fd, kGroup4).error(), Errno::eaddrnotavail);
  ASSERT_TRUE(stack.join_group(now, fd, kGroup4));
  EXPECT_EQ(stack.join_group(now, fd, kGroup4).error(), Errno::eaddrinuse);
  EXPECT_EQ(stack.join_group(now, 77, kGroup4).error(), Errno::ebadf);
  const Descriptor stream = stack.socket(Domain::inet, SocketType::stream).value();
  EXPECT_EQ(stack.join_group(now, stream, kGroup4).error(), Errno::eopnotsupp);
  for (std::uint8_t i = 1; i < 20; ++i) {
    ASSERT_TRUE(stack.join_group(now, fd, IpAddress::v4(239, 0, 0, i)));
  }
  EXPECT_EQ(stack.join_group(now, fd, IpAddress::v4(239, 0, 0, 20)).error(), Errno::enobufs);
}

struct LoudHost : GroupHost {
  LoudHost() : GroupHost(loud()) {}
  static StackConfig loud() {
    StackConfig config = alice_config();
    config.announce_groups = true;
    return config;
  }
};

TEST_F(LoudHost, TellsOfTheGroupsOfItsAddressesAtTheStart) {
  const auto report = sent();
  ASSERT_TRUE(report);
  const auto ip = wire::Ipv6View::parse(*report).value();
  EXPECT_EQ(ip.dst(), wire::kReportsV6);
  EXPECT_EQ(ip.payload()[16], 4);
}

}  // namespace
}  // namespace packetwright::iface
