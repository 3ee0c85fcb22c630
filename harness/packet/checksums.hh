// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "harness/packet/field.hh"
#include "stack/base/bytes.hh"

namespace packetwright::packet {

[[nodiscard]] bool is_checksum(Field field) noexcept;
// The checksum field of a header; nullopt: it has none.
[[nodiscard]] std::optional<Field> checksum_field_of(Proto proto) noexcept;

// The Internet checksum (RFC 1071) of octets whose checksum field is zero.
[[nodiscard]] std::uint16_t checksum_of(Bytes octets) noexcept;
// The checksum of a TCP, UDP, UDP-Lite or ICMPv6 message with the pseudo-header of `ip_header`, an
// IPv4 or IPv6 header. The length counted is that of `message`, so that a header which lies about
// its length is wrong in that alone. UDP's zero is sent as 0xffff (RFC 768).
[[nodiscard]] std::uint16_t transport_checksum(Proto proto, Bytes ip_header, Bytes message);
// A value that is wrong, and is neither zero (UDP: none computed) nor 0xffff.
[[nodiscard]] std::uint16_t wrong_checksum(std::uint64_t right) noexcept;

}  // namespace packetwright::packet
