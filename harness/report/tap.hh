// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>

#include "harness/report/document.hh"

namespace packetwright::report {

// The document in the Test Anything Protocol, version 13: perl's prove, its most common reader,
// takes a document that says 14 for broken. A test point per run, with a YAML block where something
// fell short. unsupported is SKIP, xfail is TODO; an interrupted run ends with "Bail out!".
void write_tap(std::ostream& out, const Json& document);

}  // namespace packetwright::report
