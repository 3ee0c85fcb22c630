// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "stack/base/ip_address.hh"
#include "stack/base/seq_num.hh"

namespace packetwright::tcp {

// What an ICMP error means to TCP (RFC 9293, 3.9.2.2). ICMP maps types and codes to these.
enum class IcmpErrorKind : std::uint8_t {
  soft,            // v4 3/0, 3/1, 3/5, 11, 12; v6 1/0, 1/3, 3, 4
  hard,            // v4 3/2, 3/3; v6 1/1, 1/4
  packet_too_big,  // v4 3/4; v6 type 2
  source_quench,   // v4 4
};

struct IcmpError {
  Endpoint local = {}, remote = {};  // of the quoted segment: its source and destination
  SeqNum seq = {};                   // its sequence number
  IcmpErrorKind kind = IcmpErrorKind::soft;
  std::uint32_t mtu = 0;                      // packet_too_big: the next hop's, 0 if not said
  bool certain = false;                       // packet_too_big: our own IP says so, no stranger
  std::uint8_t icmp_type = 0, icmp_code = 0;  // handed to the user in the event
};

}  // namespace packetwright::tcp
