// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>

#include "harness/report/document.hh"

namespace packetwright::report {

// The document in the Test Anything Protocol, version 14 (its readers of version 13 understand it
// too): a test point per run, with a YAML block where something fell short. unsupported is SKIP,
// xfail is TODO; an interrupted run ends with "Bail out!".
void write_tap(std::ostream& out, const Json& document);

}  // namespace packetwright::report
