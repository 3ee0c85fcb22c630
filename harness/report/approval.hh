// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace packetwright::report {

// Compares what is printed with the sample that a person has looked at, `name` in `folder`. With
// PW_APPROVE=1 in the environment the sample is replaced and the test passes: look at the
// difference in git before you commit it. Otherwise returns what differs, or an empty text.
[[nodiscard]] std::string differs_from_approved(
    std::string_view name, const std::string& text,
    std::string_view folder = "harness/report/approved");

}  // namespace packetwright::report
