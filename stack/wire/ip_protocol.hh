// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace packetwright::wire {

// The Protocol field of IPv4 and the Next Header field of IPv6 share one number space. Every other
// number is a value of this type too.
enum class IpProtocol : std::uint8_t {
  hop_by_hop = 0,
  icmpv4 = 1,
  igmp = 2,
  ipv4 = 4,  // an IPv4 datagram inside
  tcp = 6,
  udp = 17,
  ipv6 = 41,  // an IPv6 datagram inside
  routing = 43,
  fragment = 44,
  gre = 47,
  icmpv6 = 58,
  no_next_header = 59,
  destination_options = 60,
  mpls = 137,
};

}  // namespace packetwright::wire
