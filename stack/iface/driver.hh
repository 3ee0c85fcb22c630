// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "stack/base/bytes.hh"
#include "stack/wire/ethernet.hh"

namespace packetwright::iface {

// What the stack needs of a network card, or of what stands in for one. A frame is Ethernet, from
// the destination address to the end of the payload, without preamble and frame check sequence. No
// work is taken off the stack: every checksum in a frame is complete, in both directions, and no
// frame is longer than the MTU and the header of Ethernet (with a VLAN tag, if there is one).
//
// Nothing here waits. How to find out when to ask again is the concern of each driver.
class Driver {
 public:
  virtual ~Driver() = default;

  [[nodiscard]] virtual MacAddress mac() const = 0;     // for StackConfig::mac
  [[nodiscard]] virtual std::uint16_t mtu() const = 0;  // for StackConfig::mtu; octets of a packet
  // Whether there is anybody at the other end of the cable.
  [[nodiscard]] virtual bool link_up() const = 0;

  // The oldest frame that has arrived, in place of what `frame` held. False: there is none.
  [[nodiscard]] virtual bool receive(Buffer& frame) = 0;
  // Sends a frame. False: there is no room now, and it was not taken; give it again later. Without
  // a link it is taken and lost.
  [[nodiscard]] virtual bool transmit(Bytes frame) = 0;
};

}  // namespace packetwright::iface
