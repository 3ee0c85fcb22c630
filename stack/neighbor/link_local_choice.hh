// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stack/base/ip_address.hh"
#include "stack/base/rng.hh"

namespace packetwright::neighbor {

// The IPv4 link-local addresses that a host tries, one after the other (RFC 3927, 2.1). What they
// are follows from its hardware address alone: it will mostly have the same one each time it is
// switched on, and no two hosts run into each other again and again.
class LinkLocalChoice {
 public:
  explicit LinkLocalChoice(const MacAddress& mac);

  // 169.254.1.0 .. 169.254.254.255.
  [[nodiscard]] IpAddress next();

 private:
  Rng rng_;
};

}  // namespace packetwright::neighbor
