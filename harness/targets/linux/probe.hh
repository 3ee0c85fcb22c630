// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/targets/linux/link.hh"
#include "harness/targets/target.hh"
#include "stack/base/result.hh"

namespace packetwright::linux_stack {

// Whether a LinuxTarget can be opened here, tried in a child process so that the caller stays in
// its own namespaces. The traits that it would have, or what is missing.
[[nodiscard]] Result<targets::Traits, std::string> probe(Medium medium);

}  // namespace packetwright::linux_stack
