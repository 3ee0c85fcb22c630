// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "stack/base/result.hh"

namespace packetwright::reference {

// The knob that does here what a sysctl of Linux ("net.ipv4.tcp_sack"), or a parameter of one of
// its modules ("tcp_cubic.hystart_detect"), does there; nullopt: the value is how this stack
// behaves in any case, or is about something that it has nothing of. An error names the setting.
[[nodiscard]] Result<std::optional<std::string>, std::string> knob_of_sysctl(
    std::string_view name, std::string_view value);

}  // namespace packetwright::reference
