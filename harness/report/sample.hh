// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "harness/report/document.hh"
#include "harness/runner/result.hh"

// A run with every verdict in it, for the tests of the views.
namespace packetwright::report {

[[nodiscard]] RunInfo sample_info();
[[nodiscard]] std::vector<runner::CaseResult> sample_results();
[[nodiscard]] RunEnd sample_end();
[[nodiscard]] Json sample_document();

}  // namespace packetwright::report
