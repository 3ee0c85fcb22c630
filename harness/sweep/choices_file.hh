// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "harness/model/choices.hh"
#include "stack/base/result.hh"

namespace packetwright::sweep {

// Reads what a target chooses, conformance/choices/<target>.toml: [[choice]] tables with `point`,
// `takes` (a word or several) and `why`. Points that are not named stay as the texts leave them. An
// error names the file and what is wrong: an unknown point, word or key, a point that comes twice,
// a choice without a reason.
[[nodiscard]] Result<model::Choices, std::string> read_choices(std::string_view toml,
                                                               std::string_view file);

}  // namespace packetwright::sweep
