// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "stack/base/bytes.hh"
#include "stack/base/drop_reason.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"
#include "stack/ip/datagram.hh"
#include "stack/wire/ethernet.hh"

namespace packetwright::iface {

// What a frame carries, and how it came (RFC 1122, 2.4).
struct LinkPacket {
  wire::EtherType ether_type{};
  ip::LinkCast cast = ip::LinkCast::unicast;
  Bytes payload;  // padding included
};

// Reads a frame for a host whose address is `ours`: Ethernet II (RFC 894), and the 802.3 frames
// with LLC and SNAP that RFC 1042 made of IP. frame_too_short, frame_not_for_us (another host's, or
// in a VLAN), ethertype_unknown (802.3, but not RFC 1042).
[[nodiscard]] Result<LinkPacket, DropReason> read_frame(const MacAddress& ours,
                                                        Bytes frame) noexcept;

// Writes an Ethernet II frame over whatever `out` held; its memory is reused.
void emit_frame(const MacAddress& to, const MacAddress& from, wire::EtherType ether_type,
                Bytes payload, Buffer& out);
// Writes the header of an Ethernet II frame to the front of `out`; the payload follows it.
void emit_frame_header(const MacAddress& to, const MacAddress& from, wire::EtherType ether_type,
                       MutableBytes out) noexcept;

}  // namespace packetwright::iface
