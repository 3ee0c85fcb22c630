// SPDX-License-Identifier: Apache-2.0
// In place of fault_table.cc and planted_target.cc where no faults are planted.
#include "harness/targets/faulty/fault.hh"
#include "harness/targets/faulty/planted_target.hh"
#include "harness/targets/reference/reference_target.hh"

namespace packetwright::faulty {

std::span<const Fault> fault_table() {
  return {};
}

std::unique_ptr<targets::Target> open_planted(unsigned) {
  return std::make_unique<reference::ReferenceTarget>();
}

}  // namespace packetwright::faulty
