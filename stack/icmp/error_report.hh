// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/wire/ip_protocol.hh"

namespace packetwright::icmp {

// What can be wrong with a datagram, in the words of both families. The numbers of the wire
// (type and code) differ between them; what it means to a transport does not.
enum class Problem : std::uint8_t {
  net_unreachable,          // 3/0, 3/6, 3/11; no route 1/0
  host_unreachable,         // 3/1, 3/7, 3/8, 3/12; address 1/3, beyond scope 1/2
  protocol_unreachable,     // 3/2; unrecognised next header 4/1
  port_unreachable,         // 3/3; 1/4
  packet_too_big,           // 3/4; 2
  source_route_failed,      // 3/5
  prohibited,               // 3/9, 3/10, 3/13 .. 3/15; 1/1, 1/5, 1/6
  hop_limit_exceeded,       // 11/0; 3/0
  reassembly_timeout,       // 11/1; 3/1
  erroneous_header,         // 12/0; 4/0, 4/3: `value` points at the octet
  required_option_missing,  // 12/1
  unrecognised_option,      // 4/2: `value` points at the option
  unknown,                  // another code of a type above, or an ICMPv6 error of another type
};

// An ICMP error that arrived, about a datagram that seems to be ours. Nothing of it is proven:
// whoever can guess a few numbers can forge one (RFC 5927), so the transport checks the quoted
// header against what it has really in flight.
struct ErrorReport {
  Problem problem = Problem::unknown;
  std::uint8_t type = 0;  // of the wire, for those who want to print it
  std::uint8_t code = 0;
  std::uint32_t value = 0;        // next-hop MTU of packet_too_big (0: not told), or a pointer
  std::uint32_t quoted_size = 0;  // total length of the datagram that is quoted, headers included
  IpAddress reporter;             // who sent the error
  IpAddress local;                // source of the quoted datagram: us
  IpAddress remote;               // its destination
  wire::IpProtocol protocol = wire::IpProtocol::no_next_header;
  Bytes transport{};  // the part of its transport header that was quoted; 8 octets or
                      // more, valid while the message is
};

}  // namespace packetwright::icmp
