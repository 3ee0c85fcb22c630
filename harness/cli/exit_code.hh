// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace packetwright::cli {

// What the command leaves to its caller.
enum class ExitCode : int {
  ok = 0,           // all as expected
  fell_short = 1,   // a verdict, a lint finding or a format that is not as it should be
  usage = 2,        // the command line, an invalid script, or nothing selected
  environment = 3,  // the target or the environment could not be used, an output not be written
  interrupted = 130,
};

}  // namespace packetwright::cli
