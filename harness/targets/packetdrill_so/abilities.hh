// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/targets/target.hh"

namespace packetwright::packetdrill_so {

// The configuration that a script has unless it says otherwise, for a trial.
[[nodiscard]] targets::Config plausible_config();

// Finds out what a stack can do by using it, since the interface has nothing to ask: by calls that
// succeed or do not, and by talking to it over the wire. Writes capabilities and notes. `target`
// was reset with `config`, and needs another reset afterwards. `seeded`: the plug-in is told the
// seed.
void find_abilities(targets::Target& target, const targets::Config& config, bool seeded,
                    targets::Traits& traits);

}  // namespace packetwright::packetdrill_so
