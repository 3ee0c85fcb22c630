// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "harness/targets/target.hh"
#include "stack/base/bytes.hh"

namespace packetwright::contract {

// Frames as they could arrive from the gateway, one of each kind that a host of that link knows: a
// question for its address, an Echo Request, a datagram and a SYN, of both families.
[[nodiscard]] std::vector<Buffer> sound_frames(const targets::Traits& traits,
                                               const targets::Config& config);

}  // namespace packetwright::contract
