// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stack/base/ip_address.hh"
#include "stack/iface/socket.hh"

namespace packetwright::iface {

// IPv6 sockets that speak IPv4 see its addresses as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2). On the wire
// and in every protocol below the socket layer they are plain IPv4.

// Without the mapping: what the protocols use.
[[nodiscard]] Endpoint unmapped(const Endpoint& endpoint) noexcept;
// As an application with a socket of `domain` sees it.
[[nodiscard]] Endpoint as_seen_by(Domain domain, const Endpoint& endpoint) noexcept;
// 0.0.0.0 or ::.
[[nodiscard]] IpAddress unspecified(Family family) noexcept;

}  // namespace packetwright::iface
