// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "stack/base/bytes.hh"
#include "stack/base/drop_reason.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"

namespace packetwright::udp {

struct UdpConfig;

// A datagram whose header and checksum are in order.
struct Input {
  std::uint16_t src_port = 0;  // 0: the sender wants no answer (RFC 768, Fields)
  std::uint16_t dst_port = 0;
  Bytes data;  // as many octets as Length says; what IP carried beyond them is not UDP's
};

// `octets`: everything behind the IP headers. udp_malformed: shorter than a header, or Length below
// 8 or beyond the octets. udp_bad_checksum: wrong, or missing where it may not be.
[[nodiscard]] Result<Input, DropReason> check_input(const IpAddress& source,
                                                    const IpAddress& destination, Bytes octets,
                                                    const UdpConfig& config) noexcept;

}  // namespace packetwright::udp
