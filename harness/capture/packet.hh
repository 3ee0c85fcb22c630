// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "stack/base/bytes.hh"

namespace packetwright::capture {

// What the first octet of a captured packet is. The numbers are the registry's (LINKTYPE_...); a
// reader passes on any other number as it stands in the file.
enum class LinkType : std::uint16_t {
  null = 0,      // a 4-octet address family in the byte order of the capturing host, then IP
  ethernet = 1,  // an Ethernet frame
  raw = 101,     // an IPv4 or IPv6 packet
  linux_sll = 113,
  ipv4 = 228,
  ipv6 = 229,
  linux_sll2 = 276,
};

// Where packets of a capture were seen.
struct Interface {
  LinkType link_type = LinkType::ethernet;
  std::uint32_t snaplen = 0;    // octets kept of each packet; 0: no limit
  std::string name;             // "veth0"; empty: not said
  std::string description;      // empty: not said
  std::uint8_t fcs_octets = 0;  // length of the frame check sequence that frames ended with
};

// As seen from the host that captured.
enum class Direction : std::uint8_t { unknown, inbound, outbound };

// One packet of a capture. `octets` points into the octets that were given to the reader.
struct Packet {
  std::size_t interface = 0;          // index into the reader's interfaces()
  std::int64_t time_ns = 0;           // since 1970-01-01 00:00 UTC, saturated; 0 when not said
  std::uint32_t original_length = 0;  // on the wire; more than octets.size() when cut
  Bytes octets;                       // without the frame check sequence
  Direction direction = Direction::unknown;
  std::string comment;       // several are joined by line feeds
  std::uint64_t offset = 0;  // of the record in the file

  [[nodiscard]] bool is_cut() const noexcept { return octets.size() < original_length; }
};

// Leaves out the frame check sequence of `length` octets. A packet that was cut may hold only a
// part of it, or none.
inline void drop_frame_check(Packet& packet, std::uint8_t length) noexcept {
  if (length == 0 || packet.original_length < length) return;
  packet.original_length -= length;
  if (packet.octets.size() > packet.original_length) {
    packet.octets = packet.octets.first(packet.original_length);
  }
}

// Why reading stopped. Packets that were read before it are good.
struct Error {
  std::uint64_t offset = 0;  // of the record or block that is at fault
  std::string what;          // "the record is cut short: 60 octets wanted, 12 left"
};

}  // namespace packetwright::capture
