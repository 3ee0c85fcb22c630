// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "harness/runner/result.hh"

namespace packetwright::runner {

// [[known]] tables for results that fell short of a requirement and that no ledger names yet: a
// draft, since the reason is for a person to find. One table for each case and symptom, with the
// variants and parameters only where not all of those that ran agree. Empty: there is nothing to
// add.
[[nodiscard]] std::string draft_expectations(std::span<const CaseResult> results);

}  // namespace packetwright::runner
