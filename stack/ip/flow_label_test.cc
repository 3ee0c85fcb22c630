// SPDX-License-Identifier: Apache-2.0
#include "stack/ip/flow_label.hh"

#include <set>

#include <gtest/gtest.h>

namespace packetwright::ip {
namespace {

Datagram datagram(Bytes payload, wire::IpProtocol protocol = wire::IpProtocol::tcp) {
  Datagram datagram;
  datagram.source = IpAddress::v6({0xfd, 0, 0, 1});
  datagram.destination = IpAddress::v6({0xfd, 0, 0, 2});
  datagram.protocol = protocol;
  datagram.payload = payload;
  return datagram;
}

// 443 from a port of its own, then text that does not count.
std::array<std::uint8_t, 6> segment(std::uint16_t port, std::uint8_t text = 0) {
  return {
      static_cast<std::uint8_t>(port >> 8), static_cast<std::uint8_t>(port), 1, 187, text, text};
}

//= RFC6437-3-a
TEST(FlowLabels, AFlowHasOneLabel) {
  const FlowLabels labels{Rng{1}};
  const auto first = segment(1024, 1), later = segment(1024, 2), other = segment(1025, 1);
  EXPECT_EQ(labels.label_of(datagram(first)), labels.label_of(datagram(later)));
  EXPECT_NE(labels.label_of(datagram(first)), labels.label_of(datagram(other)));
  EXPECT_NE(labels.label_of(datagram(first)),
            labels.label_of(datagram(first, wire::IpProtocol::udp)));
  Datagram elsewhere = datagram(first);
  elsewhere.destination = IpAddress::v6({0xfd, 0, 0, 3});
  EXPECT_NE(labels.label_of(datagram(first)), labels.label_of(elsewhere));
}

//= RFC6437-3-b
//= RFC6437-3-c
TEST(FlowLabels, AreSpreadAndNotInOrder) {
  const FlowLabels labels{Rng{1}};
  std::set<std::uint32_t> seen;
  int rising = 0;
  std::uint32_t last = 0, high = 0;
  for (std::uint16_t port = 1024; port < 2024; ++port) {
    const auto octets = segment(port);
    const std::uint32_t label = labels.label_of(datagram(octets));
    EXPECT_GT(label, 0u);
    EXPECT_LE(label, 0xfffffu);
    seen.insert(label);
    rising += label > last ? 1 : 0;
    high += label >= 0x80000 ? 1 : 0;
    last = label;
  }
  EXPECT_GT(seen.size(), 990u);
  EXPECT_GT(rising, 400);
  EXPECT_LT(rising, 600);
  EXPECT_GT(high, 400u);
  EXPECT_LT(high, 600u);
}

TEST(FlowLabels, DependOnASecret) {
  const auto octets = segment(1024);
  EXPECT_NE(FlowLabels{Rng{1}}.label_of(datagram(octets)),
            FlowLabels{Rng{2}}.label_of(datagram(octets)));
}

//= RFC6437-3-d
TEST(FlowLabels, WithoutPortsThereIsNone) {
  const FlowLabels labels{Rng{1}};
  const auto octets = segment(1024);
  EXPECT_EQ(labels.label_of(datagram(octets, wire::IpProtocol::icmpv6)), 0u);
  EXPECT_EQ(labels.label_of(datagram(Bytes{octets}.first(3))), 0u);
}

}  // namespace
}  // namespace packetwright::ip
