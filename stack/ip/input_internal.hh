// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stack/ip/input.hh"

// What the two families of Input share, and nobody else needs.
namespace packetwright::ip {

[[nodiscard]] Received refuse(DropReason reason);
[[nodiscard]] Received refuse(DropReason reason, Problem problem);

}  // namespace packetwright::ip
