// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "harness/trace/player.hh"

// What happened in a trace, for people.
namespace packetwright::cli {

// A line for each packet and call, in the notation of scripts, with the numbers of the wire.
[[nodiscard]] std::string story_of(const std::vector<trace::Step>& steps, bool ethernet);

// The packets as pcapng, from the stack's point of view.
void write_steps(std::ostream& out, const std::vector<trace::Step>& steps, bool ethernet,
                 const std::string& target);

}  // namespace packetwright::cli
