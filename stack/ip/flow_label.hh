// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "stack/base/rng.hh"
#include "stack/base/siphash.hh"
#include "stack/ip/datagram.hh"

namespace packetwright::ip {

// The flow labels of what this host sends over IPv6 (RFC 6437, 3): the same for all packets of a
// TCP connection or between two UDP ports, spread evenly, and of no use to anybody who wants to
// foretell the next one. No state is kept.
class FlowLabels {
 public:
  explicit FlowLabels(Rng rng) noexcept;

  // 20 bits, and not zero; zero, which is no label, for protocols without ports.
  [[nodiscard]] std::uint32_t label_of(const Datagram& datagram) const noexcept;

 private:
  SipKey key_;
};

}  // namespace packetwright::ip
