// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "harness/targets/faulty/fault.hh"

namespace packetwright::cli {

// The whole command, given what main() was given: reads the words, acts, and says what the process
// should leave to its caller. main.cc calls it; so does a program with a stack of its own, after
// targets::add(). `faults`: those that this program can plant into the reference stack, as the
// target "faulty:NAME".
[[nodiscard]] int command(int argc, char** argv, std::span<const faulty::Fault> faults = {});

}  // namespace packetwright::cli
