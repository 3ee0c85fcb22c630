// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "harness/targets/target.hh"
#include "stack/base/result.hh"

namespace packetwright::packetdrill_so {

// The name of a target of this kind, taken apart: "packetdrill-so:FILE[,FLAGS]".
struct Words {
  std::string file;   // a path, with a slash in it
  std::string flags;  // handed to the plug-in; may hold {NAME}
};
inline constexpr std::string_view kName = "packetdrill-so";
// An error: there is no FILE. The file is not looked at.
[[nodiscard]] Result<Words, std::string> words_of(std::string_view target);

// The flags with every {NAME} replaced by what a case says: seed, mtu, local4, peer4, gateway4,
// local6, peer6, gateway6 (local ones with the length of their prefix), knobs ("a=1,b=2").
// An error: an unknown NAME, or a case has knobs and nothing takes them.
[[nodiscard]] Result<std::string, std::string> flags_for(std::string_view flags,
                                                         const targets::Config& config);

}  // namespace packetwright::packetdrill_so
