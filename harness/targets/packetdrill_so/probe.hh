// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "harness/targets/target.hh"
#include "stack/base/result.hh"

namespace packetwright::packetdrill_so {

// What the target of that name can do. It is opened in a process of its own, because a plug-in may
// take its process down. An error says why it cannot be used, or how it died.
[[nodiscard]] Result<targets::Traits, std::string> probe(std::string_view target);

}  // namespace packetwright::packetdrill_so
