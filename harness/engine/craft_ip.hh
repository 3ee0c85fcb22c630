// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "harness/engine/craft.hh"

namespace packetwright::engine {

// What a script says about an IP header, applied to `ip`; extension headers are appended to
// `extensions` in the order of the wire. `inbound`: the packet is to be built, else compared.
[[nodiscard]] std::optional<CraftError> apply_ip_info(const script::IpInfo& info,
                                                      const Settings& settings, bool inbound,
                                                      packet::Layer& ip,
                                                      std::vector<packet::Layer>& extensions);

}  // namespace packetwright::engine
