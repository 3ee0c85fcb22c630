// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "harness/targets/target.hh"

namespace packetwright::faulty {

// The reference stack with one fault of fault_table(), by its number; with 0 it has none. The fault
// is that of the whole process: a target that was opened earlier has it from now on, too.
//
// This is all that the library packetwright_planted shows of itself. It has a stack of its own
// inside, so that the harness around it, which uses stack/wire and stack/base, stays sound.
[[nodiscard]] std::unique_ptr<targets::Target> open_planted(unsigned number);

}  // namespace packetwright::faulty
