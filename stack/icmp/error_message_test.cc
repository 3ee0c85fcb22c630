// SPDX-License-Identifier: Apache-2.0
#include "stack/icmp/error_message.hh"

#include <gtest/gtest.h>

#include "stack/icmp/icmp.hh"
#include "stack/wire/icmpv4.hh"
#include "stack/wire/icmpv6.hh"

namespace packetwright::icmp {
namespace {

const IpAddress kOurs = IpAddress::v4(192, 168, 0, 1);
const IpAddress kPeer = IpAddress::v4(192, 0, 2, 1);
const IpAddress kOurs6 = IpAddress::v6({0xfd, 0, 1});
const IpAddress kPeer6 = IpAddress::v6({0xfd, 0, 2});

// Octets that look like a UDP datagram in IPv4 or IPv6 as far as anybody here looks.
Buffer packet(Family family, std::size_t size) {
  Buffer octets(size);
  for (std::size_t i = 0; i < size; ++i) octets[i] = static_cast<std::uint8_t>(i);
  octets[0] = family == Family::ipv4 ? 0x45 : 0x60;
  octets[family == Family::ipv4 ? 9 : 6] = 17;
  if (family == Family::ipv4) store_be16(octets, 6, 0);
  return octets;
}

Offence offence_v4(OffenceKind kind, Bytes octets) {
  Offence offence;
  offence.kind = kind;
  offence.source = kPeer;
  offence.destination = kOurs;
  offence.packet = octets;
  return offence;
}

Offence offence_v6(OffenceKind kind, Bytes octets) {
  Offence offence = offence_v4(kind, octets);
  offence.source = kPeer6;
  offence.destination = kOurs6;
  return offence;
}

struct Numbers {
  OffenceKind kind;
  int type, code;
  std::uint32_t rest;
};

TEST(IcmpErrorMessage, HasTheTypeAndCodeOfItsOffenceV4) {
  const Buffer octets = packet(Family::ipv4, 60);
  for (const Numbers& want : {Numbers{OffenceKind::port_unreachable, 3, 3, 0},
                              Numbers{OffenceKind::protocol_unreachable, 3, 2, 0},
                              Numbers{OffenceKind::source_route_failed, 3, 5, 0},
                              Numbers{OffenceKind::reassembly_time_exceeded, 11, 1, 0},
                              Numbers{OffenceKind::bad_header_field, 12, 0, 21u << 24}}) {
    Offence offence = offence_v4(want.kind, octets);
    offence.pointer = 21;
    Buffer out(3, 0xee);
    emit_error_v4(offence, 576, out);
    const auto message = wire::Icmpv4View::parse(out);
    ASSERT_TRUE(message);
    EXPECT_EQ(static_cast<int>(message->type()), want.type);
    EXPECT_EQ(message->code(), want.code);
    EXPECT_EQ(message->rest(), want.rest);
    EXPECT_EQ(Buffer(message->body().begin(), message->body().end()), octets);
  }
}

TEST(IcmpErrorMessage, HasTheTypeAndCodeOfItsOffenceV6) {
  const Buffer octets = packet(Family::ipv6, 60);
  for (const Numbers& want : {Numbers{OffenceKind::port_unreachable, 1, 4, 0},
                              Numbers{OffenceKind::protocol_unreachable, 4, 1, 41},
                              Numbers{OffenceKind::reassembly_time_exceeded, 3, 1, 0},
                              Numbers{OffenceKind::bad_header_field, 4, 0, 41},
                              Numbers{OffenceKind::unknown_option, 4, 2, 41},
                              Numbers{OffenceKind::incomplete_header_chain, 4, 3, 41}}) {
    Offence offence = offence_v6(want.kind, octets);
    offence.pointer = 41;
    Buffer out;
    emit_error_v6(offence, out);
    const auto message = wire::Icmpv6View::parse(out);
    ASSERT_TRUE(message);
    EXPECT_EQ(static_cast<int>(message->type()), want.type);
    EXPECT_EQ(message->code(), want.code);
    EXPECT_EQ(message->rest(), want.rest);
    EXPECT_EQ(Buffer(message->body().begin(), message->body().end()), octets);
  }
}

TEST(IcmpErrorMessage, QuotesAsMuchAsFitsTheLimitOfItsFamily) {
  const Buffer big4 = packet(Family::ipv4, 1'400);
  Buffer out;
  emit_error_v4(offence_v4(OffenceKind::port_unreachable, big4), 576, out);
  EXPECT_EQ(out.size() + 20, 576u);
  const Buffer big6 = packet(Family::ipv6, 1'400);
  emit_error_v6(offence_v6(OffenceKind::port_unreachable, big6), out);
  EXPECT_EQ(out.size() + 40, 1'280u);
}

TEST(IcmpErrorMessage, AlwaysQuotesAHeaderAndEightOctets) {
  const Buffer big = packet(Family::ipv4, 1'400);
  Buffer out;
  emit_error_v4(offence_v4(OffenceKind::port_unreachable, big), 0, out);
  EXPECT_EQ(out.size(), 8u + 60 + 8);
}

TEST(IcmpErrors, ComeFromTheAddressThatWasSpokenTo) {
  Icmp icmp{IcmpConfig{}, Rng{1}};
  const Buffer octets = packet(Family::ipv4, 60);
  auto answer = icmp.error_about(instant_at(0), offence_v4(OffenceKind::port_unreachable, octets));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->source, kOurs);
  EXPECT_EQ(answer->destination, kPeer);
  fill_checksum(*answer);
  EXPECT_TRUE(wire::Icmpv4View::parse(answer->octets)->verify_checksum());
}

TEST(IcmpErrors, SayWhyTheyAreNotSent) {
  IcmpConfig config;
  config.errors_per_destination = {1s, 2};
  Icmp icmp{config, Rng{1}};
  const Buffer octets = packet(Family::ipv4, 60);
  Offence offence = offence_v4(OffenceKind::port_unreachable, octets);
  EXPECT_TRUE(icmp.error_about(instant_at(0), offence));
  EXPECT_TRUE(icmp.error_about(instant_at(0), offence));
  EXPECT_EQ(icmp.error_about(instant_at(0), offence).error(), DropReason::icmp_rate_limited);
  EXPECT_TRUE(icmp.error_about(instant_at(0) + 1s, offence));
  offence.to_group = true;
  EXPECT_EQ(icmp.error_about(instant_at(0) + 9s, offence).error(),
            DropReason::icmp_error_forbidden);
}

}  // namespace
}  // namespace packetwright::icmp
