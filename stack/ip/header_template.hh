// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "stack/base/bytes.hh"
#include "stack/ip/datagram.hh"
#include "stack/wire/checksum.hh"
#include "stack/wire/ipv6.hh"

namespace packetwright::ip {

// The header of datagrams that differ in nothing but their length, their ECN bits and their flow
// label: one after the other between the same two hosts. It is written once, and filled in for each
// of them.
class HeaderTemplate {
 public:
  HeaderTemplate() = default;
  // As of this datagram, whose source is known and which has no options; if it is of IPv4, with the
  // DF flag, and so without an Identification (RFC 6864, 4.1).
  explicit HeaderTemplate(const Datagram& datagram) noexcept;

  // 20 or 40 octets.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  // The header of a datagram with `payload_size` octets, into the first size() of `out`. `ecn`: 0
  // to 3. `flow_label`: of IPv6, 20 bits. RFC 791, 3.1; RFC 8200, 3.
  void emit(std::uint8_t ecn, std::uint32_t flow_label, std::size_t payload_size,
            MutableBytes out) const noexcept;

 private:
  std::array<std::uint8_t, wire::kIpv6HeaderSize> octets_{};
  std::uint8_t size_ = 0;
  bool v4_ = true;
  wire::Checksum sum_;  // of IPv4: of the octets, as if the length and the checksum were zero
};

}  // namespace packetwright::ip
