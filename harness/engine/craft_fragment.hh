// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/packet/packet.hh"
#include "harness/script/packet.hh"

namespace packetwright::engine {

// Replaces the transport of a packet by a piece of the IP payload that it would be: an IPv4
// fragment, or a fragment header in IPv6. `inbound`: it is to be built; else compared, and then by
// its place and size alone.
void cut_fragment(const script::Fragment& fragment, bool inbound, packet::Packet& out);

}  // namespace packetwright::engine
