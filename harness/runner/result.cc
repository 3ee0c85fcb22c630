// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/result.hh"

namespace packetwright::runner {

std::string full_name(const CaseResult& result) {
  std::string name = result.id + " [" + std::string(script::name_of(result.variant));
  for (const auto& [parameter, value] : result.params) name += ", " + parameter + "=" + value;
  return name + "]";
}

}  // namespace packetwright::runner
