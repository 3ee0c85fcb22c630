// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "stack/base/bytes.hh"
#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/iface/segment_attributes.hh"
#include "stack/ip/header_template.hh"
#include "stack/wire/ethernet.hh"

namespace packetwright::iface {

// How segments get from one address to another: all that was found out about the route and the
// neighbour for the last one, as the headers that say it. The next one often goes the same way.
struct ReadyWay {
  IpAddress source, destination;
  SegmentAttributes attributes;
  // It counts before this instant, and while the sum of the versions of whatever it was found out
  // from is the same: none of them ever goes back.
  Instant until{};
  std::uint64_t version = 0;
  std::uint16_t mtu = 0;  // octets of an IP packet
  std::array<std::uint8_t, wire::kEthernetHeaderSize> ethernet{};
  ip::HeaderTemplate ip;

  [[nodiscard]] bool leads(Instant now, std::uint64_t versions, const IpAddress& from,
                           const IpAddress& to, const SegmentAttributes& wanted) const noexcept {
    return now < until && versions == version && destination == to && source == from &&
           attributes == wanted;
  }
};

}  // namespace packetwright::iface
