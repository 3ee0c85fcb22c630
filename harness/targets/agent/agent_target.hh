// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "harness/targets/plugin/plugin_target.hh"

namespace packetwright::agent {

inline constexpr std::string_view kName = "agent";

// A stack behind a program that speaks docs/agent-protocol.md: "agent:COMMAND", "agent:HOST:PORT",
// or the name of one that is installed (../installed.hh). It has ten seconds for whatever it is
// asked, or as many as the environment variable PACKETWRIGHT_AGENT_TIMEOUT says.
[[nodiscard]] Result<std::unique_ptr<plugin::PluginTarget>, std::string> open(
    std::string_view target);

}  // namespace packetwright::agent
