// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Plug-ins that are known by their names: NAME.so in one of these folders, in this order: those of
// the environment variable PACKETWRIGHT_PLUGINS, with colons between, those beside an installed
// command (lib/packetwright/plugins), and those of the build that the command is of.
namespace packetwright::plugin {

// The file of the plug-in of that name; nullopt: there is none. A name is letters, digits, "_", "-"
// and ".", and begins with a letter.
[[nodiscard]] std::optional<std::string> find_installed(std::string_view name);

// All names, sorted.
[[nodiscard]] std::vector<std::string> installed();

}  // namespace packetwright::plugin
