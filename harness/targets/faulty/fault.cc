// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/faulty/fault.hh"

#include <algorithm>

namespace packetwright::faulty {

const Fault* find_fault(std::string_view name) {
  if (name == kNoFault.name) return &kNoFault;
  const std::span<const Fault> all = fault_table();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [name](const Fault& fault) { return fault.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace packetwright::faulty
