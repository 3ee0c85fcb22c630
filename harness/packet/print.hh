// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/packet/dissect.hh"
#include "stack/base/ip_address.hh"

namespace packetwright::packet {

// What a packet line leaves out because the run makes it obvious.
struct PrintContext {
  std::vector<std::pair<IpAddress, std::string>> addresses;  // shown by these words
  std::vector<std::pair<MacAddress, std::string>> macs;
  // Packets between these two (either way) show neither addresses nor an IP header.
  IpAddress local, peer;
  bool ports = false;  // TCP and UDP ports are shown
};

// A frame in the notation of the script language, without direction and time:
// `P. 1:501(500) ack 1 win 64240 <nop,nop,TS val 1 ecr 2>`. Numbers are shown as they stand; map
// them first if they are to be those of a script. Anything can be printed; what has no notation
// is shown as `frame hex ".."`.
[[nodiscard]] std::string print(const Dissected& frame, const PrintContext& context);

}  // namespace packetwright::packet
