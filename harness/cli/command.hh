// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace packetwright::cli {

// The whole command, given what main() was given: reads the words, acts, and says what the process
// should leave to its caller. main.cc calls it; so does a program with a stack of its own, after
// targets::add().
[[nodiscard]] int command(int argc, char** argv);

}  // namespace packetwright::cli
