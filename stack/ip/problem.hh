// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/ip/datagram.hh"

namespace packetwright::ip {

// What was wrong with a datagram, in words both families share. ICMP turns it into a message.
//                                 ICMPv4  ICMPv6
enum class ProblemKind : std::uint8_t {
  reassembly_time_exceeded,  //    11/1    3/1
  bad_header_field,          //    12/0    4/0, pointer at the field
  unknown_next_header,       //    3/2     4/1, pointer at the octet that names it
  unknown_option,            //    -       4/2, pointer at the option
  incomplete_header_chain,   //    -       4/3, pointer 0 (RFC 7112, 5)
  source_route_failed,       //    3/5     -
};

// An error that this host may owe to the sender. IP states it and ICMP decides: whether the rules
// of RFC 1122, 3.2.2 and RFC 4443, 2.4 allow an answer, and how often.
struct Problem {
  ProblemKind kind = ProblemKind::bad_header_field;
  std::uint32_t pointer = 0;  // octet of `packet`, where the kind has one
  IpAddress source;           // of the offending packet: who would be told
  IpAddress destination;      // of the offending packet
  AddressKind destination_kind = AddressKind::unicast;
  LinkCast link = LinkCast::unicast;
  // RFC 4443, 2.4 (e.3): Parameter Problem code 2 for an option whose two leading bits are 10 is
  // sent even when the packet went to a multicast address.
  bool even_if_multicast = false;
  // The offending packet came as a fragment whose offset is not zero; IPv4 never answers those.
  bool non_initial_fragment = false;
  Buffer packet;  // the offending packet from its IP header on, as it arrived, for the quotation
};

// The problem of a datagram that was delivered but whose protocol nobody here speaks.
[[nodiscard]] Problem unknown_protocol(const Datagram& datagram);

}  // namespace packetwright::ip
