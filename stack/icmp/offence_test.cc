// SPDX-License-Identifier: Apache-2.0
#include "stack/icmp/offence.hh"

#include <gtest/gtest.h>

#include "stack/wire/icmpv4.hh"
#include "stack/wire/icmpv6.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/ipv6.hh"

namespace packetwright::icmp {
namespace {

const IpAddress kOurs = IpAddress::v4(192, 168, 0, 1);
const IpAddress kPeer = IpAddress::v4(192, 0, 2, 1);
const IpAddress kOurs6 = IpAddress::v6({0xfd, 0, 1});
const IpAddress kPeer6 = IpAddress::v6({0xfd, 0, 2});

Buffer packet_v4(wire::IpProtocol protocol, Bytes payload, std::uint16_t offset = 0) {
  wire::Ipv4Fields ip;
  ip.src = kPeer;
  ip.dst = kOurs;
  ip.protocol = protocol;
  ip.fragment_offset = offset;
  ip.set_lengths(payload.size());
  Buffer out(ip.encoded_size() + payload.size());
  ip.emit(out);
  store_bytes(out, 20, payload);
  return out;
}

Buffer packet_v6(wire::IpProtocol next_header, Bytes payload) {
  wire::Ipv6Fields ip;
  ip.src = kPeer6;
  ip.dst = kOurs6;
  ip.next_header = next_header;
  ip.set_lengths(payload.size());
  Buffer out(ip.encoded_size() + payload.size());
  ip.emit(out);
  store_bytes(out, 40, payload);
  return out;
}

Buffer icmp_of_type(int type) {
  Buffer message(8);
  message[0] = static_cast<std::uint8_t>(type);
  return message;
}

Offence about(Bytes packet, const IpAddress& source = kPeer) {
  Offence offence;
  offence.source = source;
  offence.destination = source.is_v4() ? kOurs : kOurs6;
  offence.packet = packet;
  return offence;
}

TEST(IcmpOffence, AnOrdinaryDatagramMayBeAnswered) {
  const Buffer packet = packet_v4(wire::IpProtocol::udp, Buffer(8));
  EXPECT_TRUE(may_answer(about(packet)));
  const Buffer packet6 = packet_v6(wire::IpProtocol::udp, Buffer(8));
  EXPECT_TRUE(may_answer(about(packet6, kPeer6)));
}

TEST(IcmpOffence, WhatWasSentToManyIsNotAnswered) {
  const Buffer packet = packet_v4(wire::IpProtocol::udp, Buffer(8));
  Offence offence = about(packet);
  offence.to_group = true;
  EXPECT_FALSE(may_answer(offence));
  offence.to_group = false;
  offence.link_group = true;
  EXPECT_FALSE(may_answer(offence));
}

TEST(IcmpOffence, AnOptionThatDemandsItIsAnsweredEvenToAGroup) {
  const Buffer packet = packet_v6(wire::IpProtocol::udp, Buffer(8));
  Offence offence = about(packet, kPeer6);
  offence.to_group = true;
  offence.link_group = true;
  offence.even_if_group = true;
  EXPECT_TRUE(may_answer(offence));
}

TEST(IcmpOffence, ALaterFragmentIsNotAnswered) {
  const Buffer packet = packet_v4(wire::IpProtocol::udp, Buffer(8), 8);
  Offence offence = about(packet);
  offence.non_initial_fragment = true;
  EXPECT_FALSE(may_answer(offence));
}

// RFC 8200, 4.5 wants to be told of fragments that are too long or no multiple of eight.
TEST(IcmpOffence, ALaterFragmentIsAnsweredInIpv6) {
  const Buffer fragment{17, 0, 0, 9, 0, 0, 0, 1, 1, 2, 3, 4, 5};  // UDP, offset 8, more to come
  const Buffer packet = packet_v6(wire::IpProtocol::fragment, fragment);
  Offence offence = about(packet, kPeer6);
  offence.non_initial_fragment = true;
  EXPECT_TRUE(may_answer(offence));
}

TEST(IcmpOffence, ASourceThatIsNotOneHostIsNotAnswered) {
  const Buffer packet = packet_v4(wire::IpProtocol::udp, Buffer(8));
  for (const IpAddress& source :
       {IpAddress{}, IpAddress::v4(127, 0, 0, 1), IpAddress::v4(224, 0, 0, 5),
        IpAddress::v4(240, 0, 0, 1), IpAddress::v4(0xffffffff)}) {
    EXPECT_FALSE(may_answer(about(packet, source)));
  }
  const Buffer packet6 = packet_v6(wire::IpProtocol::udp, Buffer(8));
  for (const IpAddress& source : {IpAddress::v6({}), IpAddress::v6({0xff, 2, 5})}) {
    EXPECT_FALSE(may_answer(about(packet6, source)));
  }
}

TEST(IcmpOffence, Icmpv4ErrorsAreNotAnsweredAndQueriesAre) {
  for (const int type : {3, 4, 5, 11, 12}) {
    const Buffer packet = packet_v4(wire::IpProtocol::icmpv4, icmp_of_type(type));
    EXPECT_FALSE(may_answer(about(packet))) << type;
  }
  for (const int type : {0, 8, 13}) {
    const Buffer packet = packet_v4(wire::IpProtocol::icmpv4, icmp_of_type(type));
    EXPECT_TRUE(may_answer(about(packet))) << type;
  }
}

TEST(IcmpOffence, AnIcmpMessageWhoseTypeIsMissingCountsAsAnError) {
  const Buffer packet = packet_v4(wire::IpProtocol::icmpv4, Bytes{});
  EXPECT_FALSE(may_answer(about(packet)));
  const Buffer packet6 = packet_v6(wire::IpProtocol::icmpv6, Bytes{});
  EXPECT_FALSE(may_answer(about(packet6, kPeer6)));
}

TEST(IcmpOffence, TheMiddleOfAnIcmpMessageCountsAsAnError) {
  // Octet 0 of this fragment would be the type of an Echo Request, but it is no type at all.
  const Buffer packet = packet_v4(wire::IpProtocol::icmpv4, icmp_of_type(8), 8);
  EXPECT_FALSE(may_answer(about(packet)));
}

TEST(IcmpOffence, Icmpv6ErrorsAndRedirectsAreNotAnsweredAndQueriesAre) {
  for (const int type : {1, 2, 3, 4, 100, 127, 137}) {
    const Buffer packet = packet_v6(wire::IpProtocol::icmpv6, icmp_of_type(type));
    EXPECT_FALSE(may_answer(about(packet, kPeer6))) << type;
  }
  for (const int type : {128, 129, 135}) {
    const Buffer packet = packet_v6(wire::IpProtocol::icmpv6, icmp_of_type(type));
    EXPECT_TRUE(may_answer(about(packet, kPeer6))) << type;
  }
}

TEST(IcmpOffence, AnIcmpv6ErrorIsFoundBehindExtensionHeaders) {
  Buffer payload{static_cast<std::uint8_t>(wire::IpProtocol::icmpv6), 0, 1, 4, 0, 0, 0, 0};
  const Buffer error = icmp_of_type(1);
  payload.insert(payload.end(), error.begin(), error.end());
  const Buffer packet = packet_v6(wire::IpProtocol::destination_options, payload);
  EXPECT_FALSE(may_answer(about(packet, kPeer6)));
}

}  // namespace
}  // namespace packetwright::icmp
