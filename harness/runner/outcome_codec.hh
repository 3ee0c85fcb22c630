// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/runner/judge.hh"
#include "stack/base/bytes.hh"
#include "stack/base/result.hh"

namespace packetwright::runner {

// An attempt as octets, for its way from a worker to the parent. Both are the same program, so the
// form is versioned by nothing and kept by nobody.
[[nodiscard]] Buffer encode(Attempt attempt);

// The inverse. A worker may be shot in the middle of a sentence: octets that are no whole attempt
// give an error, never anything else.
[[nodiscard]] Result<Attempt, std::string> decode(Bytes octets);

}  // namespace packetwright::runner
