// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "harness/engine/settings.hh"
#include "harness/script/tree.hh"
#include "harness/targets/target.hh"
#include "stack/base/instant.hh"

namespace packetwright::engine {

// Takes the addresses of a host that is not ours to configure for those of the run; of any other
// target nothing. An error: the script, or the command line, asks for addresses that the host does
// not have.
[[nodiscard]] std::optional<std::string> take_given_addresses(const script::Script& script,
                                                              const RunOptions& options,
                                                              const targets::Target& target,
                                                              Settings& settings);

// How long such a host may take to say the last that it has to say; else 0.
[[nodiscard]] Duration settling_time(const targets::Target& target);

}  // namespace packetwright::engine
