// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "stack/ip/addresses.hh"

namespace packetwright::ip {

// One of the addresses of a peer, and what would be sent from if it were chosen.
struct Destination {
  IpAddress address;
  std::optional<LocalAddress> source;  // nullopt: there is no way there
};

// RFC 6724, 6: brings destinations of both families into the order in which they are to be tried.
// Those that no rule tells apart keep their order.
void order_destinations(std::vector<Destination>& destinations);

}  // namespace packetwright::ip
