// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/wire/checksum.hh"
#include "stack/wire/ip_protocol.hh"
#include "stack/wire/parse_error.hh"

namespace packetwright::wire {

inline constexpr std::size_t kIpv4HeaderSize = 20;  // without options

// An IPv4 datagram or fragment (RFC 791, 3.1).
class Ipv4View {
 public:
  // Asks for: version 4, a header that holds at least its 20 fixed octets, and a Total Length that
  // covers the header and is covered by `datagram`. Octets behind Total Length are padding of the
  // link and not seen again.
  [[nodiscard]] static Result<Ipv4View, ParseError> parse(Bytes datagram) noexcept {
    if (datagram.size() < kIpv4HeaderSize) {
      return fail(ParseErrc::truncated, Layer::ipv4, 0, kIpv4HeaderSize, datagram.size());
    }
    const std::size_t version = datagram[0] >> 4;
    if (version != 4) return fail(ParseErrc::bad_version, Layer::ipv4, 0, 4, version);
    const std::size_t header_size = std::size_t{datagram[0] & 0x0fu} * 4;
    if (header_size < kIpv4HeaderSize) {
      return fail(ParseErrc::bad_length, Layer::ipv4, 0, kIpv4HeaderSize, header_size);
    }
    const std::size_t total_length = load_be16(datagram, 2);
    if (total_length < header_size) {
      return fail(ParseErrc::bad_length, Layer::ipv4, 2, header_size, total_length);
    }
    if (datagram.size() < total_length) {
      return fail(ParseErrc::truncated, Layer::ipv4, 2, total_length, datagram.size());
    }
    return Ipv4View{datagram.first(total_length), header_size};
  }

  // For quoted, cut off or nonsensical datagrams: asks only for the 20 fixed octets. A header or
  // total length that lies is taken as near to its value as the octets allow; the raw fields still
  // say what it was.
  [[nodiscard]] static Result<Ipv4View, ParseError> parse_lax(Bytes datagram) noexcept {
    if (datagram.size() < kIpv4HeaderSize) {
      return fail(ParseErrc::truncated, Layer::ipv4, 0, kIpv4HeaderSize, datagram.size());
    }
    const std::size_t ihl = std::size_t{datagram[0] & 0x0fu} * 4;
    const std::size_t header_size = std::clamp(ihl, kIpv4HeaderSize, datagram.size());
    const std::size_t end =
        std::clamp(std::size_t{load_be16(datagram, 2)}, header_size, datagram.size());
    return Ipv4View{datagram.first(end), header_size};
  }

  [[nodiscard]] std::uint8_t version() const noexcept { return load_u8(octets_, 0) >> 4; }
  // In 32-bit words, as in the header.
  [[nodiscard]] std::uint8_t ihl() const noexcept { return load_u8(octets_, 0) & 0x0f; }
  [[nodiscard]] std::uint8_t tos() const noexcept { return load_u8(octets_, 1); }
  // The parts of the TOS octet: RFC 2474 and RFC 3168, 5.
  [[nodiscard]] std::uint8_t dscp() const noexcept { return tos() >> 2; }
  [[nodiscard]] std::uint8_t ecn() const noexcept { return tos() & 3; }
  [[nodiscard]] std::uint16_t total_length() const noexcept { return load_be16(octets_, 2); }
  [[nodiscard]] std::uint16_t id() const noexcept { return load_be16(octets_, 4); }
  [[nodiscard]] bool reserved_flag() const noexcept { return (load_u8(octets_, 6) & 0x80) != 0; }
  [[nodiscard]] bool df() const noexcept { return (load_u8(octets_, 6) & 0x40) != 0; }
  [[nodiscard]] bool mf() const noexcept { return (load_u8(octets_, 6) & 0x20) != 0; }
  // In octets: 0, 8, .. 65528.
  [[nodiscard]] std::uint16_t fragment_offset() const noexcept {
    return static_cast<std::uint16_t>((load_be16(octets_, 6) & 0x1fff) * 8);
  }
  [[nodiscard]] bool is_fragment() const noexcept { return (load_be16(octets_, 6) & 0x3fff) != 0; }
  [[nodiscard]] std::uint8_t ttl() const noexcept { return load_u8(octets_, 8); }
  [[nodiscard]] IpProtocol protocol() const noexcept {
    return static_cast<IpProtocol>(load_u8(octets_, 9));
  }
  [[nodiscard]] std::uint16_t checksum() const noexcept { return load_be16(octets_, 10); }
  [[nodiscard]] IpAddress src() const noexcept { return IpAddress::v4(load_be32(octets_, 12)); }
  [[nodiscard]] IpAddress dst() const noexcept { return IpAddress::v4(load_be32(octets_, 16)); }
  // In octets.
  [[nodiscard]] std::size_t header_size() const noexcept { return header_size_; }
  // The octets of the options, padding included: read them with Ipv4Options.
  [[nodiscard]] Bytes options() const noexcept {
    return octets_.subspan(kIpv4HeaderSize, header_size_ - kIpv4HeaderSize);
  }
  [[nodiscard]] Bytes header() const noexcept { return octets_.first(header_size_); }
  [[nodiscard]] Bytes payload() const noexcept { return octets_.subspan(header_size_); }
  // Header and payload, without padding of the link.
  [[nodiscard]] Bytes octets() const noexcept { return octets_; }
  [[nodiscard]] bool verify_checksum() const noexcept { return verify_internet_checksum(header()); }

 private:
  Ipv4View(Bytes octets, std::size_t header_size) noexcept
      : octets_(octets), header_size_(header_size) {}

  Bytes octets_;
  std::size_t header_size_;
};

// Every field of the header, each with any value its bits can hold.
struct Ipv4Fields {
  std::uint8_t version = 4;  // 4 bits
  std::uint8_t ihl = 5;      // 4 bits, in 32-bit words
  std::uint8_t tos = 0;
  std::uint16_t total_length = kIpv4HeaderSize;
  std::uint16_t id = 0;
  bool reserved_flag = false;
  bool df = false;
  bool mf = false;
  std::uint16_t fragment_offset = 0;  // in octets; the lowest three bits are not sent
  std::uint8_t ttl = 64;
  IpProtocol protocol = IpProtocol::tcp;
  std::uint16_t checksum = 0;
  IpAddress src;  // this and dst are IPv4 addresses
  IpAddress dst;
  Bytes options;  // as they are sent, padding included; not owned

  [[nodiscard]] static Ipv4Fields from(const Ipv4View& view) noexcept;
  // 20 and the options, whatever ihl says.
  [[nodiscard]] std::size_t encoded_size() const noexcept {
    return kIpv4HeaderSize + options.size();
  }
  // Sets ihl and total_length to what `payload_size` octets behind this header make them.
  // The options are a multiple of 4 octets.
  void set_lengths(std::size_t payload_size) noexcept;
  // Sets checksum to what the other fields make it. It is computed from them and not from the
  // header once it is written: reading back what has just been written takes a processor long.
  void set_checksum() noexcept;
  // Writes encoded_size() octets to the front of `out`, which is at least that long.
  void emit(MutableBytes out) const noexcept;

  friend bool operator==(const Ipv4Fields& a, const Ipv4Fields& b) noexcept;

 private:
  // The words of the header that hold more than one field.
  [[nodiscard]] std::uint16_t first_word() const noexcept {
    return static_cast<std::uint16_t>((version & 0x0fu) << 12 | (ihl & 0x0fu) << 8 | tos);
  }
  [[nodiscard]] std::uint16_t flags_and_offset() const noexcept {
    return static_cast<std::uint16_t>((reserved_flag ? 0x8000u : 0u) | (df ? 0x4000u : 0u) |
                                      (mf ? 0x2000u : 0u) | (fragment_offset / 8u));
  }
  [[nodiscard]] std::uint16_t ttl_and_protocol() const noexcept {
    return static_cast<std::uint16_t>(ttl << 8 | static_cast<std::uint8_t>(protocol));
  }
};

// Computes the checksum of an emitted header and stores it there. `header` is the header only.
void fill_ipv4_checksum(MutableBytes header) noexcept;

}  // namespace packetwright::wire
