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
  Checksum& add_u16(std::uint16_t value) noexcept {
    sum_ += odd_ ? swapped(value) : value;
    return *this;
  }
  Checksum& add_u32(std::uint32_t value) noexcept {
    if (odd_) {
      return add_u16(static_cast<std::uint16_t>(value >> 16))
          .add_u16(static_cast<std::uint16_t>(value));
    }
    sum_ += value;  // 2^16 counts as 1, so that the halves need not be taken apart
    return *this;
  }
  // The pseudo-header of TCP, UDP and ICMPv6: RFC 9293, 3.1 for IPv4 and RFC 8200, 8.1 for IPv6.
  // Both addresses are of one family; `length` counts the upper-layer header and its data.
  Checksum& add_pseudo_header(const IpAddress& src, const IpAddress& dst, IpProtocol protocol,
                              std::uint32_t length) noexcept;

  // The ones' complement sum of everything added, 0 .. 0xffff. Octets that contain their correct
  // checksum sum to 0xffff.
  [[nodiscard]] std::uint16_t sum() const noexcept { return folded(sum_); }
  // What goes into the checksum field: the complement of sum().
  [[nodiscard]] std::uint16_t value() const noexcept { return static_cast<std::uint16_t>(~sum()); }

 private:
  [[nodiscard]] static constexpr std::uint16_t swapped(std::uint16_t word) noexcept {
    return static_cast<std::uint16_t>((word << 8) | (word >> 8));
  }
  // The carries of every 16 bits are added in again; twice, because the first time may carry too.
  [[nodiscard]] static constexpr std::uint16_t folded(std::uint64_t sum) noexcept {
    const std::uint64_t once = (sum & 0xffffffff) + (sum >> 32);
    const auto twice = static_cast<std::uint32_t>((once & 0xffffffff) + (once >> 32));
    const std::uint32_t less = (twice & 0xffff) + (twice >> 16);
    return static_cast<std::uint16_t>((less & 0xffff) + (less >> 16));
  }

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
