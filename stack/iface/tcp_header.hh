// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "stack/base/bytes.hh"
#include "stack/base/drop_reason.hh"
#include "stack/base/ip_address.hh"
#include "stack/tcp/segment.hh"

namespace packetwright::iface {

// Between the octets of a TCP header and the Segment that the state machine knows, which is neutral
// to the address family and has no checksum.

// `octets`: everything behind the IP headers. `source` is the sender, hence the remote side of the
// segment, which is overwritten. Says why there is none: tcp_malformed (cut off, or a Data Offset
// that lies) or tcp_bad_checksum.
[[nodiscard]] std::optional<DropReason> read_segment(const IpAddress& source,
                                                     const IpAddress& destination, std::uint8_t ecn,
                                                     Bytes octets, bool verify_checksum,
                                                     tcp::Segment& segment) noexcept;

// Octets of a segment with its header.
[[nodiscard]] std::size_t encoded_size(const tcp::Segment& segment) noexcept;
// Writes header, options, text and checksum over whatever `out` held. `text` has segment.size
// octets.
void emit_segment(const tcp::Segment& segment, Bytes text, Buffer& out);
// The same over all of `out`, which is encoded_size() octets.
void emit_segment_to(const tcp::Segment& segment, Bytes text, MutableBytes out) noexcept;

}  // namespace packetwright::iface
