// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/trace/trace.hh"
#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/wire/ip_protocol.hh"

// IP packets as the peer of a trace sends them: well-formed, then damaged, then in pieces.
namespace packetwright::trace {

struct Addresses {
  IpAddress src, dst;
};

[[nodiscard]] std::size_t ip_header_size(Family family) noexcept;

// An IP packet around `payload`, whose checksum is made right (TCP, UDP, ICMP, ICMPv6).
[[nodiscard]] Buffer ip_packet(const Addresses& addresses, wire::IpProtocol protocol, Bytes payload,
                               std::uint16_t id);

// Does to a packet of ip_packet() what `damage` says.
void apply(const Damage& damage, bool in_pieces, Buffer& packet);

// The packets in which it arrives, in their order: fragments if there are to be several pieces, and
// enough octets for them.
[[nodiscard]] std::vector<Buffer> in_pieces(Buffer packet, const Pieces& pieces, std::uint32_t id);

// The Ethernet frame around an IP packet.
[[nodiscard]] Buffer frame_of(Bytes packet, const MacAddress& dst, const MacAddress& src);

}  // namespace packetwright::trace
