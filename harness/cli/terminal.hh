// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "harness/report/console.hh"

namespace packetwright::cli {

// How to print on a descriptor: colours, progress and width as the user, the environment and the
// terminal say. `colour` and `progress` are "auto", "always" or "never".
[[nodiscard]] report::ConsoleOptions console_options(const std::string& colour,
                                                     const std::string& progress, int fd);

// The words of `text` in lines of at most 80 columns, each behind `indent` blanks.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t indent);

}  // namespace packetwright::cli
