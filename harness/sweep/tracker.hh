// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "harness/model/variables.hh"
#include "harness/sweep/link.hh"
#include "harness/sweep/recording_target.hh"

namespace packetwright::sweep {

// What a peer knows of a connection from what went over the wire, everything but the state, and
// with it what a stimulus needs besides.
struct Tracked {
  model::Variables variables;
  std::uint32_t tsval_of_target = 0;  // the newest one, to be echoed
  std::uint32_t unread = 0;           // octets of text that were acknowledged
  bool knows_peer = false;            // a SYN of the peer was seen
  bool knows_target = false;          // a SYN of the target was seen
};

// Adds the ports of the first TCP segment among the frames to `link`, and reads what followed.
[[nodiscard]] Tracked track(std::span<const Traced> frames, Link& link);

}  // namespace packetwright::sweep
