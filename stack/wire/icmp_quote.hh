// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/seq_num.hh"
#include "stack/wire/ip_protocol.hh"
#include "stack/wire/parse_error.hh"

namespace packetwright::wire {

// The datagram that an ICMP or ICMPv6 error quotes, as far as it was quoted. Source and
// destination are the ones of that datagram: if we sent it, `src` is ours.
struct QuotedDatagram {
  IpAddress src;
  IpAddress dst;
  IpProtocol protocol = IpProtocol::no_next_header;
  std::uint8_t tos = 0;              // or Traffic Class
  bool is_first_fragment = true;     // only then do ports follow
  std::size_t transport_offset = 0;  // of `transport` in the quote
  Bytes transport;                   // what is there of the upper-layer header; may be empty

  // The first four octets of TCP and UDP; nothing if they are missing or the protocol has none.
  struct Ports {
    std::uint16_t src = 0, dst = 0;
  };
  [[nodiscard]] std::optional<Ports> ports() const noexcept;
  // Of a TCP segment, which RFC 5927, 4.1 wants to be checked before an error is believed.
  [[nodiscard]] std::optional<SeqNum> tcp_seq() const noexcept;
};

// Reads the body of an ICMP error: an IPv4 header and at least part of what follows. Lengths that
// claim more than is there are normal in a quote; a wrong version or header length is not.
[[nodiscard]] Result<QuotedDatagram, ParseError> parse_ipv4_quote(Bytes quote) noexcept;
// The same for ICMPv6; extension headers are followed.
[[nodiscard]] Result<QuotedDatagram, ParseError> parse_ipv6_quote(Bytes quote) noexcept;

}  // namespace packetwright::wire
