// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/seq_num.hh"
#include "stack/wire/ip_protocol.hh"
#include "stack/wire/tcp.hh"

namespace packetwright::trace {

// An IP packet and what it carries, as far as the oracles ask. The octets outlive it.
struct SentPacket {
  IpAddress src, dst;
  wire::IpProtocol protocol{};  // behind extension headers
  bool is_fragment = false;     // then nothing is told of what it carries
  Bytes payload;                // behind the IP header and extension headers
  std::optional<wire::TcpView> tcp;

  // nullopt: the IP header cannot be read.
  [[nodiscard]] static std::optional<SentPacket> parse(Bytes packet) noexcept;

  // The sequence number behind the segment: SYN, text and FIN count.
  [[nodiscard]] SeqNum seq_end() const noexcept;
  // The headers' lengths are right and the checksums fit (UDP over IPv4 may have none).
  [[nodiscard]] bool is_sound(Bytes packet) const noexcept;
};

}  // namespace packetwright::trace
