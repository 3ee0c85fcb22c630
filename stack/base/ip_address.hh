// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>

#include "stack/base/bytes.hh"

namespace packetwright::inline base {

enum class Family : std::uint8_t { ipv4, ipv6 };

// An address of either family. Everything above the wire speaks of these, so that the same code
// serves both families. Text forms are in stack/wire/address_text.hh.
class IpAddress {
 public:
  // The unspecified IPv4 address, 0.0.0.0.
  constexpr IpAddress() = default;

  [[nodiscard]] static constexpr IpAddress v4(std::uint32_t host_order) noexcept {
    const auto octets = std::bit_cast<std::array<std::uint8_t, 4>>(to_network(host_order));
    return v4(octets[0], octets[1], octets[2], octets[3]);
  }
  [[nodiscard]] static constexpr IpAddress v4(std::uint8_t a, std::uint8_t b, std::uint8_t c,
                                              std::uint8_t d) noexcept {
    IpAddress address;
    address.octets_[0] = a, address.octets_[1] = b, address.octets_[2] = c, address.octets_[3] = d;
    return address;
  }
  [[nodiscard]] static constexpr IpAddress v6(const std::array<std::uint8_t, 16>& octets) noexcept {
    IpAddress address;
    address.family_ = Family::ipv6;
    address.octets_ = octets;
    return address;
  }
  // From 4 or 16 octets in network order; any other length is a programmer error.
  [[nodiscard]] static constexpr IpAddress from_octets(Bytes octets) noexcept {
    PW_ASSERT(octets.size() == 4 || octets.size() == 16);
    IpAddress address;
    address.family_ = octets.size() == 4 ? Family::ipv4 : Family::ipv6;
    for (std::size_t i = 0; i < octets.size(); ++i) address.octets_[i] = octets[i];
    return address;
  }

  [[nodiscard]] constexpr Family family() const noexcept { return family_; }
  [[nodiscard]] constexpr bool is_v4() const noexcept { return family_ == Family::ipv4; }
  [[nodiscard]] constexpr bool is_v6() const noexcept { return family_ == Family::ipv6; }
  // 4 or 16 octets in network order, valid as long as this object.
  [[nodiscard]] constexpr Bytes octets() const noexcept {
    return Bytes{octets_.data(), is_v4() ? std::size_t{4} : std::size_t{16}};
  }
  // Host order; only for IPv4.
  [[nodiscard]] constexpr std::uint32_t v4_value() const noexcept {
    PW_ASSERT(is_v4());
    return (std::uint32_t{octets_[0]} << 24) | (std::uint32_t{octets_[1]} << 16) |
           (std::uint32_t{octets_[2]} << 8) | std::uint32_t{octets_[3]};
  }

  [[nodiscard]] constexpr bool is_unspecified() const noexcept {
    return is_v4() ? v4_value() == 0 : octets_ == decltype(octets_){};
  }
  [[nodiscard]] constexpr bool is_multicast() const noexcept {
    return is_v4() ? (octets_[0] & 0xf0) == 0xe0 : octets_[0] == 0xff;
  }
  [[nodiscard]] constexpr bool is_loopback() const noexcept {
    if (is_v4()) return octets_[0] == 127;
    for (std::size_t i = 0; i < 15; ++i) {
      if (octets_[i] != 0) return false;
    }
    return octets_[15] == 1;
  }
  // 255.255.255.255. A subnet's own broadcast address needs its prefix: see Prefix.
  [[nodiscard]] constexpr bool is_limited_broadcast() const noexcept {
    return is_v4() && v4_value() == 0xffffffff;
  }
  [[nodiscard]] constexpr bool is_link_local() const noexcept {
    return is_v4() ? octets_[0] == 169 && octets_[1] == 254
                   : octets_[0] == 0xfe && (octets_[1] & 0xc0) == 0x80;
  }

  // By family, then by octets. Asked for every packet: of IPv4 it is a comparison of two words.
  friend constexpr bool operator==(const IpAddress& a, const IpAddress& b) noexcept {
    if (a.family_ != b.family_) return false;
    return a.is_v4() ? a.v4_value() == b.v4_value() : a.octets_ == b.octets_;
  }
  friend constexpr std::strong_ordering operator<=>(const IpAddress& a,
                                                    const IpAddress& b) noexcept {
    if (a.family_ != b.family_) return a.family_ <=> b.family_;
    return a.is_v4() ? a.v4_value() <=> b.v4_value() : a.octets_ <=> b.octets_;
  }

 private:
  Family family_ = Family::ipv4;
  std::array<std::uint8_t, 16> octets_{};
};

// An address and how many of its leading bits name the network.
struct Prefix {
  IpAddress address;
  std::uint8_t length = 0;  // 0 .. 32 or 0 .. 128

  [[nodiscard]] constexpr bool contains(const IpAddress& other) const noexcept {
    if (other.family() != address.family()) return false;
    if (address.is_v4()) {
      return length == 0 || (address.v4_value() ^ other.v4_value()) >> (32 - length) == 0;
    }
    const Bytes mine = address.octets();
    const Bytes theirs = other.octets();
    for (std::size_t bit = 0; bit < length; ++bit) {
      const int mask = 0x80 >> (bit % 8);
      if (((mine[bit / 8] ^ theirs[bit / 8]) & mask) != 0) return false;
    }
    return true;
  }
  // The directed broadcast address of an IPv4 network of at least two host bits (RFC 1122, 3.3.6).
  [[nodiscard]] constexpr bool is_directed_broadcast(const IpAddress& other) const noexcept {
    if (!address.is_v4() || !other.is_v4() || length > 30) return false;
    const std::uint32_t host_bits = 0xffffffffu >> length;
    return contains(other) && (other.v4_value() & host_bits) == host_bits;
  }

  friend constexpr bool operator==(const Prefix&, const Prefix&) = default;
};

// Where a transport endpoint is: address and port.
struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;

  friend constexpr bool operator==(const Endpoint&, const Endpoint&) = default;
  friend constexpr auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

// An Ethernet address (IEEE 802, 48 bit).
struct MacAddress {
  std::array<std::uint8_t, 6> octets{};

  [[nodiscard]] static constexpr MacAddress broadcast() noexcept {
    return {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
  }
  [[nodiscard]] constexpr bool is_group() const noexcept { return (octets[0] & 1) != 0; }

  friend constexpr bool operator==(const MacAddress&, const MacAddress&) = default;
  friend constexpr auto operator<=>(const MacAddress&, const MacAddress&) = default;
};

}  // namespace packetwright::inline base
