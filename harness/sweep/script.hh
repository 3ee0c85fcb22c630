// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/model/outcome.hh"
#include "harness/sweep/judge.hh"
#include "harness/sweep/prelude.hh"
#include "harness/sweep/stimulus.hh"

namespace packetwright::sweep {

// One stimulus and what the model wants of it as a script for `packetwright run`: the prelude, the
// segment, the reply, and where `differs` is about something else a line that shows that.
// `seen`: what the target did, as a comment.
[[nodiscard]] std::string script_for(const Stimulus& stimulus, const model::Outcome& wanted,
                                     Difference differs, const std::string& seen,
                                     const Ready& ready);

}  // namespace packetwright::sweep
