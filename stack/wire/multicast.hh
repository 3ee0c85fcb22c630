// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stack/base/ip_address.hh"

namespace packetwright::wire {

// The groups that every IPv6 host or router listens to (RFC 4291, 2.7.1).
inline constexpr IpAddress kAllNodes =
    IpAddress::v6({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
inline constexpr IpAddress kAllRouters =
    IpAddress::v6({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2});

// ff02::1:ffXX:XXXX for an IPv6 address (RFC 4291, 2.7.1).
[[nodiscard]] IpAddress solicited_node_group(const IpAddress& address) noexcept;

// The Ethernet address of a group: 01-00-5E and 23 bits (RFC 1112, 6.4), or 33-33 and 32 bits
// (RFC 2464, 7). `group` is multicast.
[[nodiscard]] MacAddress multicast_mac(const IpAddress& group) noexcept;

}  // namespace packetwright::wire
