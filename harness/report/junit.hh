// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "harness/report/document.hh"

namespace packetwright::report {

// The document as JUnit XML in the dialect of Jenkins: a <testsuite> per folder, a <testcase> per
// run. fail, xpass and (strict) non_strict are <failure>, crash, hang and error are <error>,
// unsupported and xfail are <skipped>. Requirement ids, level and variant are properties. Known
// failures that select no case are failures of a suite of their own, so that a CI system sees them.
void write_junit(std::ostream& out, const Json& document);

// Text as it may stand between tags or in a double-quoted attribute. Characters that XML 1.0 does
// not allow, and octets that are not UTF-8, become '?'.
[[nodiscard]] std::string xml_escaped(std::string_view text);

}  // namespace packetwright::report
