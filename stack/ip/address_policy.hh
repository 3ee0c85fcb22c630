// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stack/base/ip_address.hh"

namespace packetwright::ip {

// What RFC 6724 knows of an address by looking at it. The default policy table is the only one.

// Section 3.1: multicast scopes, to which unicast addresses are mapped: 2 link-local, 5 site-local,
// 14 global.
[[nodiscard]] int scope_of(const IpAddress& address) noexcept;

struct AddressPolicy {
  int precedence = 0;  // higher is better, as a destination
  int label = 0;       // source and destination should have the same

  friend bool operator==(const AddressPolicy&, const AddressPolicy&) = default;
};

// Section 2.1. An IPv4 address counts as the IPv4-mapped IPv6 address that holds it.
[[nodiscard]] AddressPolicy policy_of(const IpAddress& address) noexcept;

// Section 2.2: how many leading bits an address has in common with a source, within the network
// part of the source. Both are of one family.
[[nodiscard]] int common_prefix(const Prefix& source, const IpAddress& address) noexcept;

}  // namespace packetwright::ip
