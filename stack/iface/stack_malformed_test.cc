// SPDX-License-Identifier: Apache-2.0
// Whole frames that made other stacks fall over: each is dropped for a reason that has a name, and
// the host goes on.
#include <optional>

#include <gtest/gtest.h>

#include "stack/iface/link.hh"
#include "stack/iface/stack.hh"
#include "stack/iface/test_hosts.hh"
#include "stack/wire/checksum.hh"
#include "stack/wire/icmpv4.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/ipv6.hh"
#include "stack/wire/multicast.hh"

namespace packetwright::iface {
namespace {

using namespace testing_support;
using wire::IpProtocol;

constexpr IpAddress kAllHosts = IpAddress::v4(224, 0, 0, 1);

StackConfig host() {
  StackConfig config = alice_config();
  config.static_neighbors.emplace_back(kBob4, kBobMac);  // nobody need be asked for
  return config;
}

struct Malformed : testing::Test {
  Stack stack{host()};
  Instant now = Instant{} + 1s;

  void arrives(wire::EtherType type, Bytes payload, const MacAddress& to = kAliceMac) {
    Buffer frame;
    emit_frame(to, kBobMac, type, payload, frame);
    stack.on_frame(now, frame);
  }
  static Buffer v4(IpProtocol protocol, Bytes payload, const IpAddress& to = kAlice4,
                   std::uint16_t offset = 0, bool more = false) {
    wire::Ipv4Fields ip;
    ip.src = kBob4;
    ip.dst = to;
    ip.protocol = protocol;
    ip.fragment_offset = offset;
    ip.mf = more;
    ip.id = 7;
    ip.set_lengths(payload.size());
    Buffer packet(ip.encoded_size() + payload.size());
    const MutableBytes out{packet};
    ip.emit(out);
    wire::fill_ipv4_checksum(out.first(ip.encoded_size()));
    store_bytes(out, ip.encoded_size(), payload);
    return packet;
  }
  // In two fragments, cut behind eight octets.
  void arrives_cut(IpProtocol protocol, Bytes payload, const IpAddress& to = kAlice4) {
    const MacAddress mac = to.is_multicast() ? wire::multicast_mac(to) : kAliceMac;
    arrives(wire::EtherType::ipv4, v4(protocol, payload.first(8), to, 0, true), mac);
    arrives(wire::EtherType::ipv4, v4(protocol, payload.subspan(8), to, 8), mac);
  }
  void runs_for(Duration time) {
    const Instant until = now + time;
    for (auto next = stack.next_deadline(); next && *next <= until; next = stack.next_deadline()) {
      now = std::max(now, *next);
      stack.on_deadline(now);
    }
    now = until;
  }
  [[nodiscard]] std::size_t sent() {
    std::size_t count = 0;
    Buffer frame;
    while (stack.next_tx(frame)) ++count;
    return count;
  }
  [[nodiscard]] std::uint64_t drops(DropReason reason) const { return stack.drops()[reason]; }

  // It still answers an echo request.
  void TearDown() override {
    (void)sent();
    const Buffer request{8, 0, 0, 0, 0, 1, 0, 1};
    Buffer echo = request;
    store_be16(echo, 2, wire::internet_checksum(echo));
    arrives(wire::EtherType::ipv4, v4(IpProtocol::icmpv4, echo));
    EXPECT_EQ(sent(), 1u) << "it is to be alive";
  }
};

// Reverse ARP gives addresses to those who ask; nobody did (CVE-2019-12262).
TEST_F(Malformed, AReverseArpReplyGivesNoAddress) {
  Buffer reply{0,  1, 8, 0, 6, 4, 0, 4, 2, 0, 0,  0, 0, 2,
               10, 0, 0, 2, 2, 0, 0, 0, 0, 1, 10, 0, 0, 9};
  arrives(static_cast<wire::EtherType>(0x8035), reply);
  EXPECT_EQ(drops(DropReason::ethertype_unknown), 1u);
  EXPECT_FALSE(stack.network().addresses().is_own(IpAddress::v4(10, 0, 0, 9)));
  EXPECT_EQ(sent(), 0u);
}

// A tunnel that nobody has set up ends nowhere, whole or in fragments (CVE-2020-11896, -11900).
TEST_F(Malformed, ADatagramInsideADatagramIsNotLookedAt) {
  const Buffer request{8, 0, 0xf7, 0xfd, 0, 1, 0, 1};
  const Buffer inner = v4(IpProtocol::icmpv4, request);
  const auto tunnel = static_cast<IpProtocol>(4);
  arrives(wire::EtherType::ipv4, v4(tunnel, inner));
  arrives_cut(tunnel, inner);
  EXPECT_EQ(drops(DropReason::ip_protocol_unknown), 2u);
  Buffer frame;
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(stack.next_tx(frame));
    EXPECT_EQ(frame[34], 3) << "an error, and no answer to what is inside";
  }
  EXPECT_FALSE(stack.next_tx(frame));
}

// The header of IGMP may be spread over fragments (CVE-2019-12265): it is put together, and then
// read like any other.
TEST_F(Malformed, AGroupQueryInFragmentsIsRead) {
  const Descriptor fd = stack.socket(Domain::inet, SocketType::datagram).value();
  const IpAddress group = IpAddress::v4(239, 1, 2, 3);
  ASSERT_TRUE(stack.join_group(now, fd, group));
  runs_for(2s);
  (void)sent();
  Buffer query{0x11, 1, 0, 0, 0, 0, 0, 0, 2, 125, 0, 0};
  store_be16(query, 2, wire::internet_checksum(query));
  arrives_cut(IpProtocol::igmp, query, kAllHosts);
  runs_for(1s);
  EXPECT_EQ(sent(), 1u);
  // One that promises a source which it does not have is read as far, and no further.
  query[11] = 1;
  store_be16(query, 2, 0);
  store_be16(query, 2, wire::internet_checksum(query));
  arrives_cut(IpProtocol::igmp, query, kAllHosts);
  runs_for(1s);
  EXPECT_EQ(drops(DropReason::group_malformed), 1u);
  EXPECT_EQ(sent(), 0u);
}

// A time of zero (CVE-2019-12259), and a group that is none but the address of this host.
TEST_F(Malformed, AQueryForAnAddressThatIsNoGroupIsAnsweredByNobody) {
  Buffer query{0x11, 0, 0, 0, 10, 0, 0, 1, 2, 125, 0, 0};
  store_be16(query, 2, wire::internet_checksum(query));
  arrives(wire::EtherType::ipv4, v4(IpProtocol::igmp, query, kAllHosts),
          wire::multicast_mac(kAllHosts));
  runs_for(1s);
  EXPECT_EQ(sent(), 0u);
}

// Of every length that is too short for it (CVE-2020-11899 read past the end of such).
TEST_F(Malformed, AMulticastPacketThatIsCutAnywhereIsDropped) {
  const Buffer message(24);
  wire::Ipv6Fields ip;
  ip.src = kBob6;
  ip.dst = wire::kAllNodes;
  ip.next_header = IpProtocol::icmpv6;
  ip.set_lengths(message.size());
  Buffer packet(wire::kIpv6HeaderSize + message.size());
  ip.emit(packet);
  for (std::size_t size = 0; size < packet.size(); ++size) {
    arrives(wire::EtherType::ipv6, Bytes{packet}.first(size), wire::multicast_mac(wire::kAllNodes));
  }
  EXPECT_EQ(drops(DropReason::ip_malformed), packet.size());
  EXPECT_EQ(sent(), 0u);
}

// A payload of no octets is that, and no jumbogram: nothing is left for the next header.
TEST_F(Malformed, APayloadLengthOfZeroLeavesNothingToRead) {
  wire::Ipv6Fields ip;
  ip.src = kBob6;
  ip.dst = kAlice6;
  Buffer packet(wire::kIpv6HeaderSize + 8);
  for (const IpProtocol next : {IpProtocol::icmpv6, IpProtocol::udp, IpProtocol::tcp}) {
    ip.next_header = next;
    ip.emit(packet);
    arrives(wire::EtherType::ipv6, packet);
  }
  EXPECT_EQ(drops(DropReason::icmp_malformed), 1u);
  EXPECT_EQ(drops(DropReason::udp_malformed), 1u);
  EXPECT_EQ(drops(DropReason::tcp_malformed), 1u);
  EXPECT_EQ(sent(), 0u);
}

//= RFC9293-MUST-3
TEST_F(Malformed, ASegmentWithAWrongChecksumIsNoSegment) {
  Buffer syn(20);
  store_be16(syn, 0, 1024);
  store_be16(syn, 2, 80);
  syn[12] = 5 << 4;
  syn[13] = 2;
  for (const std::uint16_t wrong : {std::uint16_t{0}, std::uint16_t{0x1234}}) {
    store_be16(syn, 16, wrong);
    arrives(wire::EtherType::ipv4, v4(IpProtocol::tcp, syn));
  }
  EXPECT_EQ(drops(DropReason::tcp_bad_checksum), 2u);
  EXPECT_EQ(sent(), 0u);
}

}  // namespace
}  // namespace packetwright::iface
