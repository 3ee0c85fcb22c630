// SPDX-License-Identifier: Apache-2.0
// Fields are the same if each of them is. Those that hold octets of somebody else compare what they
// point to, by hand, where one field is soon forgotten.
#include <initializer_list>

#include <gtest/gtest.h>

#include "stack/wire/icmpv4.hh"
#include "stack/wire/icmpv6.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/ipv6.hh"
#include "stack/wire/ipv6_extensions.hh"
#include "stack/wire/ndp.hh"
#include "stack/wire/tcp.hh"

namespace packetwright::wire {
namespace {

const Buffer kOctets{1, 2, 3};
const IpAddress kAddress = IpAddress::v6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9});

// Each change makes other fields of them, and the same change the same ones.
template <class Fields>
void expect_all_count(std::initializer_list<void (*)(Fields&)> changes) {
  const Fields plain;
  EXPECT_TRUE(plain == Fields{});
  int number = 0;
  for (const auto change : changes) {
    Fields one, two;
    change(one);
    change(two);
    EXPECT_FALSE(one == plain) << number;
    EXPECT_TRUE(one == two) << number;
    ++number;
  }
}

TEST(WireFields, Ipv4) {
  using F = Ipv4Fields;
  expect_all_count<F>({
      [](F& f) { f.version = 5; },
      [](F& f) { f.ihl = 6; },
      [](F& f) { f.tos = 1; },
      [](F& f) { f.total_length = 1; },
      [](F& f) { f.id = 1; },
      [](F& f) { f.reserved_flag = true; },
      [](F& f) { f.df = true; },
      [](F& f) { f.mf = true; },
      [](F& f) { f.fragment_offset = 8; },
      [](F& f) { f.ttl = 1; },
      [](F& f) { f.protocol = IpProtocol::udp; },
      [](F& f) { f.checksum = 1; },
      [](F& f) { f.src = IpAddress::v4(1); },
      [](F& f) { f.dst = IpAddress::v4(1); },
      [](F& f) { f.options = kOctets; },
  });
}

TEST(WireFields, Icmpv4) {
  using F = Icmpv4Fields;
  expect_all_count<F>({
      [](F& f) { f.type = Icmpv4Type::redirect; },
      [](F& f) { f.code = 1; },
      [](F& f) { f.checksum = 1; },
      [](F& f) { f.rest = 1; },
      [](F& f) { f.body = kOctets; },
  });
}

TEST(WireFields, Icmpv6) {
  using F = Icmpv6Fields;
  expect_all_count<F>({
      [](F& f) { f.type = Icmpv6Type::redirect; },
      [](F& f) { f.code = 1; },
      [](F& f) { f.checksum = 1; },
      [](F& f) { f.rest = 1; },
      [](F& f) { f.body = kOctets; },
  });
}

TEST(WireFields, Ipv6Extension) {
  using F = Ipv6ExtensionFields;
  expect_all_count<F>({
      [](F& f) { f.next_header = IpProtocol::udp; },
      [](F& f) { f.hdr_ext_len = 7; },
      [](F& f) { f.data = kOctets; },
  });
}

TEST(WireFields, Tcp) {
  using F = TcpFields;
  expect_all_count<F>({
      [](F& f) { f.src_port = 1; },
      [](F& f) { f.dst_port = 1; },
      [](F& f) { f.seq = SeqNum{1}; },
      [](F& f) { f.ack = SeqNum{1}; },
      [](F& f) { f.data_offset = 6; },
      [](F& f) { f.reserved = 1; },
      [](F& f) { f.flags = TcpFlags{2}; },
      [](F& f) { f.win = 1; },
      [](F& f) { f.checksum = 1; },
      [](F& f) { f.urgent = 1; },
      [](F& f) { f.options = kOctets; },
  });
}

TEST(WireFields, RouterSolicitation) {
  using F = RouterSolicitationFields;
  expect_all_count<F>({
      [](F& f) { f.code = 1; },
      [](F& f) { f.checksum = 1; },
      [](F& f) { f.reserved = 1; },
      [](F& f) { f.options = kOctets; },
  });
}

TEST(WireFields, RouterAdvertisement) {
  using F = RouterAdvertisementFields;
  expect_all_count<F>({
      [](F& f) { f.code = 1; },
      [](F& f) { f.checksum = 1; },
      [](F& f) { f.cur_hop_limit = 1; },
      [](F& f) { f.flags = 1; },
      [](F& f) { f.router_lifetime_s = 1; },
      [](F& f) { f.reachable_time_ms = 1; },
      [](F& f) { f.retrans_timer_ms = 1; },
      [](F& f) { f.options = kOctets; },
  });
}

TEST(WireFields, NeighborSolicitation) {
  using F = NeighborSolicitationFields;
  expect_all_count<F>({
      [](F& f) { f.code = 1; },
      [](F& f) { f.checksum = 1; },
      [](F& f) { f.reserved = 1; },
      [](F& f) { f.target = kAddress; },
      [](F& f) { f.options = kOctets; },
  });
}

TEST(WireFields, NeighborAdvertisement) {
  using F = NeighborAdvertisementFields;
  expect_all_count<F>({
      [](F& f) { f.code = 1; },
      [](F& f) { f.checksum = 1; },
      [](F& f) { f.flags = kNdpRouterFlag; },
      [](F& f) { f.target = kAddress; },
      [](F& f) { f.options = kOctets; },
  });
}

TEST(WireFields, Redirect) {
  using F = RedirectFields;
  expect_all_count<F>({
      [](F& f) { f.code = 1; },
      [](F& f) { f.checksum = 1; },
      [](F& f) { f.reserved = 1; },
      [](F& f) { f.target = kAddress; },
      [](F& f) { f.destination = kAddress; },
      [](F& f) { f.options = kOctets; },
  });
}

}  // namespace
}  // namespace packetwright::wire
