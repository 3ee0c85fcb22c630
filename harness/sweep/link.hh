// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/seq_num.hh"
#include "stack/wire/tcp.hh"
#include "stack/wire/tcp_options.hh"

namespace packetwright::sweep {

// Between the target and the peer that the sweep plays: one connection over IPv4.
struct Link {
  bool ethernet = true;  // else bare IP packets
  MacAddress local_mac, peer_mac;
  IpAddress local, peer;
  std::uint16_t local_port = 0, peer_port = 0;  // local: of the target
};

// A segment of the connection, as it was on the wire.
struct WireSegment {
  SeqNum seq, ack;
  wire::TcpFlags flags;
  std::uint16_t win = 0;
  std::uint32_t size = 0;  // octets of text
  std::optional<wire::TcpTimestamps> timestamps;

  // What follows its last octet, SYN or FIN.
  [[nodiscard]] SeqNum end() const noexcept {
    return seq + size + (flags.has(wire::tcp_flag::syn) ? 1u : 0u) +
           (flags.has(wire::tcp_flag::fin) ? 1u : 0u);
  }
};

// The ports of a TCP segment and the segment; nullopt: the frame has none, or not a sound one.
struct ReadSegment {
  std::uint16_t src_port = 0, dst_port = 0;
  WireSegment segment;
};
[[nodiscard]] std::optional<ReadSegment> read_segment(const Link& link, Bytes frame);

// The frame of a segment of the peer, checksums filled in. Ports are those of the link; of the
// other fields any may be nonsense.
[[nodiscard]] Buffer frame_of(const Link& link, wire::TcpFields fields, Bytes text);

}  // namespace packetwright::sweep
