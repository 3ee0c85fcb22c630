// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/import/conversation.hh"
#include "harness/import/import.hh"
#include "stack/base/result.hh"

namespace packetwright::import {

// One segment of a mended connection.
struct Step {
  Datagram segment;       // numbers relative to the ISNs, 0 in a SYN
  bool outbound = false;  // of the stack under test
  bool made_up = false;   // the capture does not have it
};

// A TCP connection that can be played: it begins with a handshake, everything that is acknowledged
// was sent, and the peer's segments fit into what the stack announced.
struct Mended {
  std::vector<Step> steps;
  std::uint32_t stack_isn = 0, peer_isn = 0;  // on the wire
  bool passive = false;                       // the stack under test listens
  bool content_known = true;                  // every octet of both streams is there
  bool timestamps = false;                    // the option is in use
  std::vector<std::string> remarks;           // what was changed, for people
};

// Works out initial sequence numbers, makes up what was not captured (handshake, lost segments,
// without content), puts right what the capture has out of order, and cuts segments that only
// offload hardware can have. An error: too much is missing.
[[nodiscard]] Result<Mended, std::string> mend(const Conversation& conversation, Side side);

}  // namespace packetwright::import
