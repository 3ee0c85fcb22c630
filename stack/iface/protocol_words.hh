// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stack/base/ip_address.hh"
#include "stack/base/seq_num.hh"
#include "stack/icmp/error_report.hh"
#include "stack/icmp/offence.hh"
#include "stack/ip/datagram.hh"
#include "stack/ip/problem.hh"
#include "stack/tcp/icmp_error.hh"
#include "stack/udp/udp.hh"

// The protocols of this stack do not know each other. Here what one says is put into the words of
// another.
namespace packetwright::iface {

// IP to ICMP. The results refer to the packet of their argument.
[[nodiscard]] icmp::Offence offence_of(const ip::Problem& problem) noexcept;
[[nodiscard]] icmp::Offence offence_of(const ip::Datagram& datagram,
                                       icmp::OffenceKind kind) noexcept;

// ICMP to TCP (RFC 9293, 3.9.2.2) and UDP (RFC 1122, 4.1.3.3).
[[nodiscard]] tcp::IcmpError tcp_error_of(const icmp::ErrorReport& report, const Endpoint& local,
                                          const Endpoint& remote, SeqNum seq) noexcept;
[[nodiscard]] udp::UdpError udp_error_of(icmp::Problem problem) noexcept;
// Whether it speaks of a state that will last, and not of a hint (RFC 1122, 3.2.2.1).
[[nodiscard]] bool is_fatal(icmp::Problem problem) noexcept;

}  // namespace packetwright::iface
