// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stack/base/result.hh"

namespace packetwright::runner {

// The rows of comma-separated text (RFC 4180): fields may stand in double quotes, a double quote
// inside is doubled, a quoted field may span lines. Lines may end with LF or CRLF; empty lines are
// dropped. The error names the line of a quote that never ends.
[[nodiscard]] Result<std::vector<std::vector<std::string>>, std::string> parse_csv(
    std::string_view text);

}  // namespace packetwright::runner
