// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/wire/parse_error.hh"

namespace packetwright::wire {

inline constexpr std::size_t kUdpHeaderSize = 8;

// A UDP datagram (RFC 768).
class UdpView {
 public:
  // Asks for a Length that covers the header and is covered by `datagram`. Octets behind Length do
  // not belong to the datagram and are not seen again.
  [[nodiscard]] static Result<UdpView, ParseError> parse(Bytes datagram) noexcept {
    if (datagram.size() < kUdpHeaderSize) {
      return fail(ParseErrc::truncated, Layer::udp, 0, kUdpHeaderSize, datagram.size());
    }
    const std::size_t length = load_be16(datagram, 4);
    //= RFC768-fields-a
    if (length < kUdpHeaderSize) {
      return fail(ParseErrc::bad_length, Layer::udp, 4, kUdpHeaderSize, length);
    }
    if (datagram.size() < length) {
      return fail(ParseErrc::truncated, Layer::udp, 4, length, datagram.size());
    }
    return UdpView{datagram.first(length)};
  }

  // For quoted or nonsensical datagrams: asks only for the 8 octets of the header.
  [[nodiscard]] static Result<UdpView, ParseError> parse_lax(Bytes datagram) noexcept {
    if (datagram.size() < kUdpHeaderSize) {
      return fail(ParseErrc::truncated, Layer::udp, 0, kUdpHeaderSize, datagram.size());
    }
    return UdpView{datagram.first(
        std::clamp(std::size_t{load_be16(datagram, 4)}, kUdpHeaderSize, datagram.size()))};
  }

  [[nodiscard]] std::uint16_t src_port() const noexcept { return load_be16(octets_, 0); }
  [[nodiscard]] std::uint16_t dst_port() const noexcept { return load_be16(octets_, 2); }
  [[nodiscard]] std::uint16_t length() const noexcept { return load_be16(octets_, 4); }
  // Zero: the sender computed none, which only IPv4 allows.
  [[nodiscard]] std::uint16_t checksum() const noexcept { return load_be16(octets_, 6); }
  [[nodiscard]] Bytes payload() const noexcept { return octets_.subspan(kUdpHeaderSize); }
  [[nodiscard]] Bytes octets() const noexcept { return octets_; }
  // True if the sum is right. A checksum of zero is a matter of policy: ask checksum() first.
  [[nodiscard]] bool verify_checksum(const IpAddress& src, const IpAddress& dst) const noexcept;

 private:
  explicit UdpView(Bytes octets) noexcept : octets_(octets) {}

  Bytes octets_;
};

struct UdpFields {
  std::uint16_t src_port = 0;
  std::uint16_t dst_port = 0;
  std::uint16_t length = kUdpHeaderSize;
  std::uint16_t checksum = 0;

  [[nodiscard]] static UdpFields from(const UdpView& view) noexcept {
    return {view.src_port(), view.dst_port(), view.length(), view.checksum()};
  }
  [[nodiscard]] std::size_t encoded_size() const noexcept { return kUdpHeaderSize; }
  void set_lengths(std::size_t payload_size) noexcept {
    length = static_cast<std::uint16_t>(kUdpHeaderSize + payload_size);
  }
  // Writes encoded_size() octets to the front of `out`, which is at least that long.
  void emit(MutableBytes out) const noexcept;

  friend bool operator==(const UdpFields&, const UdpFields&) = default;
};

// Computes the checksum of an emitted datagram (header and payload) and stores it there; a
// computed zero is sent as 0xffff, because zero means "none" (RFC 768).
void fill_udp_checksum(MutableBytes datagram, const IpAddress& src, const IpAddress& dst) noexcept;

}  // namespace packetwright::wire
