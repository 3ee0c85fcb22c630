// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace packetwright::faulty {

// A wrong behaviour that can be chosen for the reference stack: an entry of stack/*/faults.toml.
struct Fault {
  unsigned number = 0;        // made of the name; not 0
  std::string_view name;      // "tcp.rto.not_doubled": area and behaviour
  std::string_view breaks;    // the requirements that do not hold then, with spaces between
  std::string_view what;      // a sentence: what the stack does
  std::string_view source;    // where it is planted: "stack/tcp/rto.cc"
  std::string_view survives;  // why no case can show it; empty: one should
};

// What stands for a stack that is sound.
inline constexpr Fault kNoFault{0, "none", "", "", "", ""};

// All of them, in the order of the tables. Made by tools/plant_faults.py.
[[nodiscard]] std::span<const Fault> fault_table();

// By its name; that of kNoFault is known, too. nullptr: there is none.
[[nodiscard]] const Fault* find_fault(std::string_view name);

}  // namespace packetwright::faulty
