// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/uml/uml_target.hh"

#include <utility>

#include "harness/targets/uml/installed.hh"
#include "harness/targets/uml/uml_stack.hh"

namespace packetwright::uml {

Result<std::unique_ptr<plugin::PluginTarget>, std::string> open(std::string_view name) {
  auto parts = find_parts(name);
  if (!parts) return Err{parts.error()};
  auto stack = UmlStack::open(std::move(*parts));
  if (!stack) return Err{stack.error()};
  return std::make_unique<plugin::PluginTarget>(std::string{name}, std::move(*stack));
}

}  // namespace packetwright::uml
