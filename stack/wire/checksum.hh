// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/wire/ip_protocol.hh"

namespace packetwright::wire {

// The Internet checksum (RFC 1071) over pieces that are added one after the other, as if they
// were one sequence of octets: a piece of odd length is joined to the next one correctly.
class Checksum {
 public:
  Checksum& add(Bytes octets) noexcept;
  // Two or four octets in network order.
  Checksum& add_u16(std::uint16_t value) noexcept;
  Checksum& add_u32(std::uint32_t value) noexcept;
  // The pseudo-header of TCP, UDP and ICMPv6: RFC 9293, 3.1 for IPv4 and RFC 8200, 8.1 for IPv6.
  // Both addresses are of one family; `length` counts the upper-layer header and its data.
  Checksum& add_pseudo_header(const IpAddress& src, const IpAddress& dst, IpProtocol protocol,
                              std::uint32_t length) noexcept;

  // The ones' complement sum of everything added, 0 .. 0xffff. Octets that contain their correct
  // checksum sum to 0xffff.
  [[nodiscard]] std::uint16_t sum() const noexcept;
  // What goes into the checksum field: the complement of sum().
  [[nodiscard]] std::uint16_t value() const noexcept { return static_cast<std::uint16_t>(~sum()); }

 private:
  std::uint64_t sum_ = 0;  // of 16-bit words; carries are folded in by sum()
  bool odd_ = false;       // an odd number of octets has been added so far
};

// The checksum of one run of octets whose checksum field is zero.
[[nodiscard]] std::uint16_t internet_checksum(Bytes octets) noexcept;

// True if the octets, checksum field included, sum to minus zero.
//= RFC1071-1-a
[[nodiscard]] bool verify_internet_checksum(Bytes octets) noexcept;

// The checksum after one 16-bit word of the covered octets changed from `from` to `to`
// (RFC 1624, 3, equation 3).
[[nodiscard]] std::uint16_t update_checksum(std::uint16_t checksum, std::uint16_t from,
                                            std::uint16_t to) noexcept;

// The checksum of an upper-layer message with its pseudo-header. The checksum field inside
// `message` takes part with the value it holds.
[[nodiscard]] std::uint16_t transport_checksum(Bytes message, const IpAddress& src,
                                               const IpAddress& dst, IpProtocol protocol) noexcept;

}  // namespace packetwright::wire
