// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include <gtest/gtest.h>

#include "stack/ip/input.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/ipv6.hh"
#include "stack/wire/ipv6_extensions.hh"

// A host with one address of each family, and the means to make packets for it.
namespace packetwright::ip {

inline constexpr Instant kStart = instant_at(0);
inline constexpr IpAddress kOwn = IpAddress::v4(192, 168, 1, 10);
inline constexpr IpAddress kPeer = IpAddress::v4(192, 168, 1, 20);
inline constexpr IpAddress kOwn6 =
    IpAddress::v6({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10});
inline constexpr IpAddress kPeer6 =
    IpAddress::v6({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20});
inline constexpr IpAddress kAllNodes =
    IpAddress::v6({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});

class InputTest : public ::testing::Test {
 protected:
  explicit InputTest(const InputConfig& config = {}) : input_(addresses_, config) {
    EXPECT_TRUE(addresses_.add({kOwn, 24}));
    EXPECT_TRUE(addresses_.add({kOwn6, 64}));
  }

  static Buffer octets(std::size_t size, std::uint8_t seed = 1) {
    Buffer data(size);
    for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(seed + i * 7);
    return data;
  }
  static Buffer copy(Bytes from) { return {from.begin(), from.end()}; }

  // Lengths and checksum as they should be. Options: `header.options`, whole words.
  static Buffer packet4(wire::Ipv4Fields header, const Buffer& payload) {
    header.set_lengths(payload.size());
    return raw4(header, payload);
  }
  // Lengths as given.
  static Buffer raw4(const wire::Ipv4Fields& header, const Buffer& payload) {
    Buffer out(header.encoded_size() + payload.size());
    const MutableBytes all{out};
    header.emit(all);
    wire::fill_ipv4_checksum(all.first(header.encoded_size()));
    store_bytes(all, header.encoded_size(), payload);
    return out;
  }
  static wire::Ipv4Fields header4(const IpAddress& source = kPeer,
                                  const IpAddress& destination = kOwn) {
    wire::Ipv4Fields header;
    header.src = source;
    header.dst = destination;
    header.id = 77;
    header.protocol = wire::IpProtocol::udp;
    return header;
  }
  static Buffer packet6(wire::Ipv6Fields header, const Buffer& payload) {
    header.set_lengths(payload.size());
    Buffer out(wire::kIpv6HeaderSize + payload.size());
    const MutableBytes all{out};
    header.emit(all);
    store_bytes(all, wire::kIpv6HeaderSize, payload);
    return out;
  }
  static wire::Ipv6Fields header6(wire::IpProtocol next = wire::IpProtocol::udp,
                                  const IpAddress& source = kPeer6,
                                  const IpAddress& destination = kOwn6) {
    wire::Ipv6Fields header;
    header.src = source;
    header.dst = destination;
    header.next_header = next;
    return header;
  }

  Received receive4(const Buffer& packet, LinkCast link = LinkCast::unicast, Instant now = kStart) {
    return receive(Family::ipv4, packet, link, now);
  }
  Received receive6(const Buffer& packet, LinkCast link = LinkCast::unicast, Instant now = kStart) {
    return receive(Family::ipv6, packet, link, now);
  }
  Received receive(Family family, const Buffer& packet, LinkCast link, Instant now) {
    last_ = Buffer(packet);  // an allocation of exactly this size: a sanitizer sees a read past it
    last_.shrink_to_fit();
    return input_.on_packet(now, family, last_, link);
  }
  static bool kept(const Received& received) { return !received.datagram && !received.dropped; }

  Addresses addresses_;
  Input input_;
  Buffer last_;
};

}  // namespace packetwright::ip
