// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "stack/base/ip_address.hh"
#include "stack/iface/errno.hh"
#include "stack/ip/output.hh"
#include "stack/tcp/tcp_error.hh"
#include "stack/udp/udp.hh"

// What went wrong in a protocol, as POSIX calls it.
namespace packetwright::iface {

// How a connection ended.
[[nodiscard]] Errno errno_of(tcp::TcpError error) noexcept;
[[nodiscard]] Errno errno_of(udp::UdpError error) noexcept;
[[nodiscard]] Errno errno_of(ip::SendError error) noexcept;
// The type and code of an ICMP error about a packet of `family` (RFC 1122, 4.2.3.9).
[[nodiscard]] Errno errno_of_icmp(Family family, std::uint8_t type, std::uint8_t code) noexcept;

}  // namespace packetwright::iface
