// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "harness/cli/verbs.hh"
#include "harness/cli/version.hh"

namespace packetwright::cli {

VerbResult version(const VersionArguments&) {
  std::cout << version_report();
  return ExitCode::ok;
}

}  // namespace packetwright::cli
