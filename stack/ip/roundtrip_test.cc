// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <gtest/gtest.h>

#include "stack/base/rng.hh"
#include "stack/ip/input.hh"
#include "stack/ip/output.hh"
#include "stack/wire/ipv4_options.hh"

// Whatever one host sends, in fragments of any size that arrive in any order and more than once,
// another host receives as it was.
namespace packetwright::ip {
namespace {

constexpr Instant kStart = instant_at(0);

struct Host {
  explicit Host(std::uint8_t number, std::uint64_t seed)
      : v4(IpAddress::v4(10, 0, 0, number)),
        v6(IpAddress::v6({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number})),
        output(addresses, routes, Rng{seed}) {
    EXPECT_TRUE(addresses.add({v4, 24}));
    EXPECT_TRUE(addresses.add({v6, 64}));
  }
  IpAddress v4, v6;
  Addresses addresses;
  Routes routes{addresses, RoutesConfig{}};
  Input input{addresses, InputConfig{}};
  Output output;
};

template <class T>
void shuffle(std::vector<T>& items, Rng& rng) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[rng.below(i)]);
}

class RoundTrip : public ::testing::TestWithParam<Family> {};

TEST_P(RoundTrip, AnyDatagramOverAnyMtuInAnyOrderArrivesAsItWas) {
  const bool v4 = GetParam() == Family::ipv4;
  Rng rng{v4 ? 4u : 6u};
  Host sender{1, 1}, receiver{2, 2};
  for (int round = 0; round < 150; ++round) {
    const std::uint16_t smallest = v4 ? 68 : 1280;
    const auto mtu =
        static_cast<std::uint16_t>(smallest + rng.below(rng.chance(1, 2) ? 100 : 8000));
    sender.routes.set_mtu(mtu);

    Buffer payload(40 + rng.below(rng.chance(1, 4) ? 65000 : 5000));
    rng.fill(payload);
    std::array<std::uint8_t, kMaxIpv4Options> storage{};
    wire::Ipv4OptionWriter options{storage};
    if (v4 && rng.chance(1, 3)) options.router_alert(static_cast<std::uint16_t>(rng.next16()));
    if (v4 && rng.chance(1, 3))
      options.raw(static_cast<wire::Ipv4OptionType>(30), Bytes{payload}.first(9)).pad();

    Datagram datagram;
    datagram.source = v4 ? sender.v4 : sender.v6;
    datagram.destination = v4 ? receiver.v4 : receiver.v6;
    datagram.protocol = wire::IpProtocol::udp;
    datagram.hop_limit = static_cast<std::uint8_t>(1 + rng.below(255));
    datagram.traffic_class = static_cast<std::uint8_t>(rng.next16());
    datagram.payload = payload;
    if (v4) datagram.options = options.written();

    std::vector<Packet> packets;
    ASSERT_TRUE(sender.output.send(kStart, datagram, packets).ok());
    std::vector<Buffer> arriving;
    for (const Packet& packet : packets) {
      ASSERT_LE(packet.octets.size(), mtu);
      arriving.push_back(packet.octets);
    }
    // Every copy comes before the last original does, so that none starts a datagram anew.
    const std::size_t originals = arriving.size();
    shuffle(arriving, rng);
    const Buffer last = arriving.back();
    arriving.pop_back();
    for (std::size_t i = 0; originals > 1 && i < originals / 2; ++i) {
      arriving.push_back(arriving[rng.below(originals - 1)]);
    }
    shuffle(arriving, rng);
    arriving.push_back(last);

    int delivered = 0;
    for (const Buffer& packet : arriving) {
      const Received received =
          receiver.input.on_packet(kStart, GetParam(), packet, LinkCast::unicast);
      ASSERT_FALSE(received.dropped) << name_of(*received.dropped);
      if (!received.datagram) continue;
      ++delivered;
      const Datagram& got = *received.datagram;
      EXPECT_EQ(got.source, datagram.source);
      EXPECT_EQ(got.destination, datagram.destination);
      EXPECT_EQ(got.protocol, datagram.protocol);
      EXPECT_EQ(got.hop_limit, datagram.hop_limit);
      EXPECT_EQ(got.traffic_class, datagram.traffic_class);
      EXPECT_TRUE(std::ranges::equal(got.options, datagram.options));
      EXPECT_TRUE(std::ranges::equal(got.payload, payload));
      EXPECT_EQ(got.fragmented, packets.size() > 1);
    }
    ASSERT_EQ(delivered, 1) << "round " << round << ", MTU " << mtu;
    ASSERT_EQ(receiver.input.reassembler().octets(), 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(, RoundTrip, ::testing::Values(Family::ipv4, Family::ipv6),
                         [](const auto& family) {
                           return std::string{family.param == Family::ipv4 ? "ipv4" : "ipv6"};
                         });

}  // namespace
}  // namespace packetwright::ip
