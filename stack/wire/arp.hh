// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/wire/ethernet.hh"
#include "stack/wire/parse_error.hh"

namespace packetwright::wire {

inline constexpr std::size_t kArpSize = 28;  // of a packet for Ethernet and IPv4

enum class ArpOperation : std::uint16_t { request = 1, reply = 2 };

// An ARP packet (RFC 826) laid out for 6-octet hardware and 4-octet protocol addresses. The four
// fields that describe the layout may hold anything; unless is_ethernet_ipv4() the address
// accessors read octets that mean something else.
class ArpView {
 public:
  [[nodiscard]] static Result<ArpView, ParseError> parse(Bytes packet) noexcept {
    if (packet.size() < kArpSize) {
      return fail(ParseErrc::truncated, Layer::arp, 0, kArpSize, packet.size());
    }
    return ArpView{packet.first(kArpSize)};
  }

  [[nodiscard]] std::uint16_t hw_type() const noexcept { return load_be16(packet_, 0); }
  [[nodiscard]] std::uint16_t proto_type() const noexcept { return load_be16(packet_, 2); }
  [[nodiscard]] std::uint8_t hw_size() const noexcept { return load_u8(packet_, 4); }
  [[nodiscard]] std::uint8_t proto_size() const noexcept { return load_u8(packet_, 5); }
  [[nodiscard]] ArpOperation operation() const noexcept {
    return static_cast<ArpOperation>(load_be16(packet_, 6));
  }
  [[nodiscard]] MacAddress sender_mac() const noexcept { return load_mac(packet_, 8); }
  [[nodiscard]] IpAddress sender_ip() const noexcept {
    return IpAddress::v4(load_be32(packet_, 14));
  }
  [[nodiscard]] MacAddress target_mac() const noexcept { return load_mac(packet_, 18); }
  [[nodiscard]] IpAddress target_ip() const noexcept {
    return IpAddress::v4(load_be32(packet_, 24));
  }
  [[nodiscard]] bool is_ethernet_ipv4() const noexcept {
    return hw_type() == 1 && proto_type() == static_cast<std::uint16_t>(EtherType::ipv4) &&
           hw_size() == 6 && proto_size() == 4;
  }
  [[nodiscard]] Bytes octets() const noexcept { return packet_; }

 private:
  explicit ArpView(Bytes packet) noexcept : packet_(packet) {}

  Bytes packet_;
};

struct ArpFields {
  std::uint16_t hw_type = 1;  // Ethernet
  std::uint16_t proto_type = static_cast<std::uint16_t>(EtherType::ipv4);
  std::uint8_t hw_size = 6;
  std::uint8_t proto_size = 4;
  ArpOperation operation = ArpOperation::request;
  MacAddress sender_mac;
  IpAddress sender_ip;  // this and target_ip are IPv4 addresses
  MacAddress target_mac;
  IpAddress target_ip;

  [[nodiscard]] static ArpFields from(const ArpView& view) noexcept;
  [[nodiscard]] std::size_t encoded_size() const noexcept { return kArpSize; }
  // Writes encoded_size() octets to the front of `out`, which is at least that long.
  void emit(MutableBytes out) const noexcept;

  friend bool operator==(const ArpFields&, const ArpFields&) = default;
};

}  // namespace packetwright::wire
