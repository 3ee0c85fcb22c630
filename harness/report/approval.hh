// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace packetwright::report {

// Compares what a view prints with the sample that a person has looked at, approved/<name> beside
// this file. With PW_APPROVE=1 in the environment the sample is replaced and the test passes: look
// at the difference in git before you commit it. Otherwise returns what differs, or an empty text.
[[nodiscard]] std::string differs_from_approved(std::string_view name, const std::string& text);

}  // namespace packetwright::report
