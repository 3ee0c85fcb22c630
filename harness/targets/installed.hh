// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Stacks that are known by their names: a file of that name in one of these folders, in this order:
// those of an environment variable, with colons between, those beside an installed command
// (lib/packetwright/), those of the build that the command is of, and what `./pw targets --install
// NAME` left in its cache.
namespace packetwright::targets {

// What is looked for, and where.
struct Installable {
  const char* variable;     // of the environment
  std::string_view folder;  // below lib/packetwright, and of a build
  std::string_view ending;  // of the file, after the name
  bool is_program;          // only what may be run counts
};

inline constexpr Installable kPlugins{"PACKETWRIGHT_PLUGINS", "plugins", ".so", false};
inline constexpr Installable kAgents{"PACKETWRIGHT_AGENTS", "agents", "", true};
inline constexpr Installable kResolvers{"PACKETWRIGHT_RESOLVERS", "resolvers", "", true};

// The folder of what `./pw targets --install` builds: $PACKETWRIGHT_CACHE, else packetwright in
// $XDG_CACHE_HOME, else in ~/.cache. It need not be there.
[[nodiscard]] std::string cache_folder();

// The file of that name; nullopt: there is none. A name is letters, digits, "_", "-" and ".", and
// begins with a letter.
[[nodiscard]] std::optional<std::string> find_installed(const Installable& what,
                                                        std::string_view name);

// All names, sorted.
[[nodiscard]] std::vector<std::string> installed(const Installable& what);

}  // namespace packetwright::targets
