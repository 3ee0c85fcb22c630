// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/report/console.hh"

namespace packetwright::cli {

// How to print on a descriptor: colours, progress and width as the user, the environment and the
// terminal say. `colour` and `progress` are "auto", "always" or "never".
[[nodiscard]] report::ConsoleOptions console_options(const std::string& colour,
                                                     const std::string& progress, int fd);

}  // namespace packetwright::cli
