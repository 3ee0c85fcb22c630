// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "stack/base/bytes.hh"
#include "stack/base/ip_address.hh"
#include "stack/wire/parse_error.hh"

namespace packetwright::wire {

inline constexpr std::size_t kEthernetHeaderSize = 14;  // without a VLAN tag
inline constexpr std::size_t kVlanTagSize = 4;

// The Type field. A value up to 1500 is an IEEE 802.3 length instead (RFC 1122, 2.3.3).
enum class EtherType : std::uint16_t {
  ipv4 = 0x0800,
  arp = 0x0806,
  vlan = 0x8100,
  ipv6 = 0x86dd,
  mpls = 0x8847,
};

[[nodiscard]] inline MacAddress load_mac(Bytes octets, std::size_t offset) noexcept {
  PW_ASSERT(offset + 6 <= octets.size());
  MacAddress mac;
  for (std::size_t i = 0; i < 6; ++i) mac.octets[i] = octets[offset + i];
  return mac;
}

// The tag of IEEE 802.1Q: who may pass, and in which VLAN.
struct VlanTag {
  std::uint8_t priority = 0;     // 3 bits
  bool drop_eligible = false;    // 1 bit
  std::uint16_t identifier = 0;  // 12 bits

  friend constexpr bool operator==(const VlanTag&, const VlanTag&) = default;
};

// An Ethernet II frame (RFC 894) without preamble and frame check sequence. At most one IEEE
// 802.1Q tag is understood; whatever follows it is the payload.
class EthernetView {
 public:
  [[nodiscard]] static Result<EthernetView, ParseError> parse(Bytes frame) noexcept {
    if (frame.size() < kEthernetHeaderSize) {
      return fail(ParseErrc::truncated, Layer::ethernet, 0, kEthernetHeaderSize, frame.size());
    }
    const bool tagged = load_be16(frame, 12) == static_cast<std::uint16_t>(EtherType::vlan);
    const std::size_t header_size = kEthernetHeaderSize + (tagged ? kVlanTagSize : 0);
    if (frame.size() < header_size) {
      return fail(ParseErrc::truncated, Layer::vlan, 0, header_size, frame.size());
    }
    return EthernetView{frame, header_size};
  }

  [[nodiscard]] MacAddress dst() const noexcept { return load_mac(frame_, 0); }
  [[nodiscard]] MacAddress src() const noexcept { return load_mac(frame_, 6); }
  [[nodiscard]] std::optional<VlanTag> vlan() const noexcept {
    if (header_size_ == kEthernetHeaderSize) return std::nullopt;
    const std::uint16_t control = load_be16(frame_, 14);
    return VlanTag{static_cast<std::uint8_t>(control >> 13), (control & 0x1000) != 0,
                   static_cast<std::uint16_t>(control & 0x0fff)};
  }
  // The type of the payload: behind the tag if there is one.
  [[nodiscard]] EtherType ether_type() const noexcept {
    return static_cast<EtherType>(load_be16(frame_, header_size_ - 2));
  }
  [[nodiscard]] std::size_t header_size() const noexcept { return header_size_; }
  // Everything behind the header, padding included.
  [[nodiscard]] Bytes payload() const noexcept { return frame_.subspan(header_size_); }
  [[nodiscard]] Bytes octets() const noexcept { return frame_; }

 private:
  EthernetView(Bytes frame, std::size_t header_size) noexcept
      : frame_(frame), header_size_(header_size) {}

  Bytes frame_;
  std::size_t header_size_;
};

struct EthernetFields {
  MacAddress dst;
  MacAddress src;
  std::optional<VlanTag> vlan;
  EtherType ether_type = EtherType::ipv4;

  [[nodiscard]] static EthernetFields from(const EthernetView& view) noexcept {
    return {view.dst(), view.src(), view.vlan(), view.ether_type()};
  }
  [[nodiscard]] std::size_t encoded_size() const noexcept {
    return kEthernetHeaderSize + (vlan ? kVlanTagSize : 0);
  }
  // Writes encoded_size() octets to the front of `out`, which is at least that long.
  void emit(MutableBytes out) const noexcept;

  friend bool operator==(const EthernetFields&, const EthernetFields&) = default;
};

}  // namespace packetwright::wire
