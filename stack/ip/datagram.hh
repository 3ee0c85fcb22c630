// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/wire/ip_protocol.hh"

namespace packetwright::ip {

// How the link layer brought a packet (RFC 1122, 2.4): IP and ICMP decide by it.
enum class LinkCast : std::uint8_t {
  unicast,
  multicast,
  broadcast,
  loopback,  // never on a wire: this host to itself
};

// What kind of address a packet of ours or to us is sent to.
enum class AddressKind : std::uint8_t { unicast, broadcast, multicast };

// One internet datagram of either family, whole, as the layers above see it. It owns nothing: an
// incoming one refers to the packet given to Input::on_packet, or to a buffer inside Input, until
// the next call of Input; an outgoing one need only live during Output::send.
struct Datagram {
  IpAddress source;       // outgoing: unspecified means "choose one"
  IpAddress destination;  // incoming: the specific destination when kind is unicast
  wire::IpProtocol protocol =
      wire::IpProtocol::tcp;       // of the payload, behind all IPv6 extension headers
  std::uint8_t hop_limit = 64;     // Time to Live, 1 .. 255 when sent (RFC 1122, 3.2.1.7)
  std::uint8_t traffic_class = 0;  // the former TOS octet: DSCP in the upper six bits, ECN below
  std::uint32_t flow_label = 0;    // IPv6 only, 20 bits
  // IPv4: the DF flag. IPv6, outgoing: refuse instead of fragmenting.
  bool dont_fragment = false;
  // Outgoing: as much as the link takes, whatever is known of the path: a probe of it (RFC 4821).
  bool ignore_path_mtu = false;
  // IPv4: the octets of the option field. Incoming: with Record Route and Timestamp filled in by
  // this host. Outgoing: padded to whole words by Output, at most 40 octets.
  Bytes options;
  Bytes payload;

  // --- incoming only
  AddressKind kind = AddressKind::unicast;  // of the destination
  LinkCast link = LinkCast::unicast;
  // It came in a fragment, an atomic one included. NDP refuses such messages (RFC 6980, 5).
  bool fragmented = false;
  // The whole datagram from its IP header on, unchanged, for ICMP errors to quote. A reassembled
  // one has the header of its first fragment, with lengths and flags made right.
  Bytes packet;
  // Where in `packet` the octet stands that names `protocol`.
  std::uint16_t protocol_offset = 0;

  [[nodiscard]] Family family() const noexcept { return destination.family(); }
  [[nodiscard]] std::uint8_t ecn() const noexcept { return traffic_class & 3u; }
};

}  // namespace packetwright::ip
