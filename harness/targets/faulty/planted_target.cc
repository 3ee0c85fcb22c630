// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/faulty/planted_target.hh"

#include "harness/targets/faulty/planted.hh"
#include "harness/targets/reference/reference_target.hh"

namespace packetwright::faulty {

unsigned planted_number = 0;

std::unique_ptr<targets::Target> open_planted(unsigned number) {
  planted_number = number;
  return std::make_unique<reference::ReferenceTarget>();
}

}  // namespace packetwright::faulty
