// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/wire/ip_protocol.hh"
#include "stack/wire/parse_error.hh"

namespace packetwright::wire {

inline constexpr std::size_t kIpv6HeaderSize = 40;

// An IPv6 packet (RFC 8200, 3). Extension headers are part of its payload here: see
// ipv6_extensions.hh.
class Ipv6View {
 public:
  // Asks for: version 6 and a Payload Length that is covered by `packet`. Octets behind it are
  // padding of the link and not seen again.
  [[nodiscard]] static Result<Ipv6View, ParseError> parse(Bytes packet) noexcept {
    if (packet.size() < kIpv6HeaderSize) {
      return fail(ParseErrc::truncated, Layer::ipv6, 0, kIpv6HeaderSize, packet.size());
    }
    const std::size_t version = packet[0] >> 4;
    if (version != 6) return fail(ParseErrc::bad_version, Layer::ipv6, 0, 6, version);
    const std::size_t size = kIpv6HeaderSize + load_be16(packet, 4);
    if (packet.size() < size) {
      return fail(ParseErrc::truncated, Layer::ipv6, 4, size, packet.size());
    }
    return Ipv6View{packet.first(size)};
  }

  // For quoted, cut off or nonsensical packets: asks only for the 40 octets of the header.
  [[nodiscard]] static Result<Ipv6View, ParseError> parse_lax(Bytes packet) noexcept {
    if (packet.size() < kIpv6HeaderSize) {
      return fail(ParseErrc::truncated, Layer::ipv6, 0, kIpv6HeaderSize, packet.size());
    }
    return Ipv6View{
        packet.first(std::min<std::size_t>(packet.size(), kIpv6HeaderSize + load_be16(packet, 4)))};
  }

  [[nodiscard]] std::uint8_t version() const noexcept { return load_u8(octets_, 0) >> 4; }
  [[nodiscard]] std::uint8_t traffic_class() const noexcept {
    return static_cast<std::uint8_t>(load_be16(octets_, 0) >> 4);
  }
  [[nodiscard]] std::uint8_t dscp() const noexcept { return traffic_class() >> 2; }
  [[nodiscard]] std::uint8_t ecn() const noexcept { return traffic_class() & 3; }
  // 20 bits.
  [[nodiscard]] std::uint32_t flow_label() const noexcept {
    return load_be32(octets_, 0) & 0x000fffff;
  }
  [[nodiscard]] std::uint16_t payload_length() const noexcept { return load_be16(octets_, 4); }
  [[nodiscard]] IpProtocol next_header() const noexcept {
    return static_cast<IpProtocol>(load_u8(octets_, 6));
  }
  [[nodiscard]] std::uint8_t hop_limit() const noexcept { return load_u8(octets_, 7); }
  [[nodiscard]] IpAddress src() const noexcept {
    return IpAddress::from_octets(octets_.subspan(8, 16));
  }
  [[nodiscard]] IpAddress dst() const noexcept {
    return IpAddress::from_octets(octets_.subspan(24, 16));
  }
  [[nodiscard]] Bytes header() const noexcept { return octets_.first(kIpv6HeaderSize); }
  // Extension headers and what they carry.
  [[nodiscard]] Bytes payload() const noexcept { return octets_.subspan(kIpv6HeaderSize); }
  // Header and payload, without padding of the link.
  [[nodiscard]] Bytes octets() const noexcept { return octets_; }

 private:
  explicit Ipv6View(Bytes octets) noexcept : octets_(octets) {}

  Bytes octets_;
};

// Every field of the header, each with any value its bits can hold.
struct Ipv6Fields {
  std::uint8_t version = 6;  // 4 bits
  std::uint8_t traffic_class = 0;
  std::uint32_t flow_label = 0;  // 20 bits
  std::uint16_t payload_length = 0;
  IpProtocol next_header = IpProtocol::tcp;
  std::uint8_t hop_limit = 64;
  IpAddress src = IpAddress::v6({});  // this and dst are IPv6 addresses
  IpAddress dst = IpAddress::v6({});

  [[nodiscard]] static Ipv6Fields from(const Ipv6View& view) noexcept;
  [[nodiscard]] std::size_t encoded_size() const noexcept { return kIpv6HeaderSize; }
  // `payload_size` counts extension headers too.
  void set_lengths(std::size_t payload_size) noexcept;
  // Writes encoded_size() octets to the front of `out`, which is at least that long.
  void emit(MutableBytes out) const noexcept;

  friend bool operator==(const Ipv6Fields&, const Ipv6Fields&) = default;
};

}  // namespace packetwright::wire
