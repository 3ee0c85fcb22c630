// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the sources of the stack call once tools/plant_faults.py has been over them; nothing else
// knows this header.
namespace packetwright::faulty {

// The fault that this process has. Written by open_planted() alone, before there is a stack: for
// the stack it is a constant. 0: it has none.
extern unsigned planted_number;

[[nodiscard]] inline bool planted(unsigned number) noexcept {
  return planted_number == number;
}

}  // namespace packetwright::faulty
