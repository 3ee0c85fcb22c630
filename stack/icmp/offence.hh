// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"

namespace packetwright::icmp {

// What a datagram that arrived did wrong.     ICMPv4  ICMPv6
enum class OffenceKind : std::uint8_t {
  port_unreachable,          //                 3/3     1/4
  protocol_unreachable,      //                 3/2     4/1, pointer at the octet that names it
  source_route_failed,       //                 3/5     -
  reassembly_time_exceeded,  //                 11/1    3/1
  bad_header_field,          //                 12/0    4/0, pointer at the field
  unknown_option,            //                 -       4/2, pointer at the option
  incomplete_header_chain,   //                 -       4/3
};

// A datagram that this host could not use, and what it must know to decide about an answer.
struct Offence {
  OffenceKind kind = OffenceKind::port_unreachable;
  std::uint32_t pointer = 0;  // octet of `packet`, for the kinds that have one
  IpAddress source;
  IpAddress destination;
  bool to_group = false;              // destination is a broadcast or multicast address
  bool link_group = false;            // it came in a link-layer broadcast or multicast
  bool non_initial_fragment = false;  // it is a fragment whose offset is not zero
  // RFC 4443, 2.4 (e.3): an option that demands an answer even when it was sent to a group.
  bool even_if_group = false;
  Bytes packet;  // from its IP header on, as it arrived
};

// Whether RFC 1122, 3.2.2 and RFC 4443, 2.4 (e) allow an ICMP error about it: never about an ICMP
// error or a Redirect, never about what was sent to many, in IPv4 never about a fragment that is
// not the first, and never to a source that is not one host.
[[nodiscard]] bool may_answer(const Offence& offence) noexcept;

}  // namespace packetwright::icmp
