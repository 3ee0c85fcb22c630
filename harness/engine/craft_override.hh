// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "harness/engine/craft.hh"

namespace packetwright::engine {

// Which overrides are meant: those of the frame, Ethernet and IP, or those of what IP carries.
enum class OverridePlace : std::uint8_t { anywhere, inside, outside };

// Whether scripts call a header of that kind so: "tcp", "ip" for both versions, "eth".
[[nodiscard]] bool is_called(packet::Proto proto, std::string_view name) noexcept;

// Says about a field of `out` what the script says, if the field is in that place. What it says of
// the Ethernet header goes to `ethernet`, as that header is made last.
[[nodiscard]] std::optional<CraftError> apply_override(const script::Override& one,
                                                       OverridePlace place,
                                                       const CraftContext& context, bool inbound,
                                                       packet::Packet& out,
                                                       packet::Layer& ethernet);

}  // namespace packetwright::engine
