// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "stack/base/bytes.hh"
#include "stack/ip/datagram.hh"

// From a datagram whose addresses are decided to the octets of its packets.
namespace packetwright::ip {

// As many packets of at most `mtu` octets as it takes: one, or fragments (RFC 791, 3.2). The
// options are those that padded_options() accepted. None if not even eight octets of payload fit
// beside the header.
[[nodiscard]] std::vector<Buffer> packets_v4(const Datagram& datagram, Bytes options,
                                             std::uint16_t identification, std::uint32_t mtu);

// The same for IPv6 (RFC 8200, 4.5). `identification` is used only if there are fragments.
[[nodiscard]] std::vector<Buffer> packets_v6(const Datagram& datagram, std::uint32_t identification,
                                             std::uint32_t mtu);

// The header alone, of a datagram that is sent whole, without options or Identification.
void emit_header_v4(const Datagram& datagram, MutableBytes header) noexcept;
void emit_header_v6(const Datagram& datagram, MutableBytes header) noexcept;

}  // namespace packetwright::ip
