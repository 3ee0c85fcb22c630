// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "stack/base/bytes.hh"
#include "stack/icmp/offence.hh"

namespace packetwright::icmp {

// Both write over whatever `out` held and leave the checksum at zero, since it may cover addresses
// that are not chosen yet.

// The ICMPv4 error for an offence. With its IP header of 20 octets it is not longer than
// `max_size`, unless that would quote less than eight octets behind the longest IP header.
void emit_error_v4(const Offence& offence, std::uint16_t max_size, Buffer& out);

// The ICMPv6 error for an offence, which fits the minimum IPv6 MTU with its IP header.
void emit_error_v6(const Offence& offence, Buffer& out);

}  // namespace packetwright::icmp
