// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "harness/engine/craft.hh"
#include "harness/packet/match.hh"

namespace packetwright::engine {

// Appends UDP and DNS headers. A response answers the last query of the connection, unless fields
// are overridden; an expected message is compared by compare_dns().
[[nodiscard]] std::optional<CraftError> craft_dns(const script::Dns& dns,
                                                  const CraftContext& context, bool inbound,
                                                  packet::Packet& out);

// What is different in the DNS message of a frame: question, response bit, flags that were named.
[[nodiscard]] std::vector<packet::Difference> compare_dns(const script::Dns& dns,
                                                          const packet::Dissected& frame);

}  // namespace packetwright::engine
