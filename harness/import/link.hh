// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "harness/capture/packet.hh"
#include "stack/base/bytes.hh"
#include "stack/base/result.hh"

namespace packetwright::import {

// The IP packet in a captured frame.
struct NetworkPacket {
  Bytes octets;  // from the IP header on; may be cut, or have padding behind it
  capture::Direction direction = capture::Direction::unknown;
};

// Takes off what the link puts in front: Ethernet with any number of VLAN tags, Linux cooked
// headers of both versions, the address family of loopback captures, or nothing. An error says, in
// the plural, what frames are that hold no IP packet: "frames of type 0x0806".
[[nodiscard]] Result<NetworkPacket, std::string> network_packet(const capture::Packet& packet,
                                                                capture::LinkType link);

}  // namespace packetwright::import
