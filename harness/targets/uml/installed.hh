// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "harness/targets/uml/machine.hh"
#include "stack/base/result.hh"

// Where the parts of a machine are.
namespace packetwright::uml {

// For the target `name`, "uml" or "uml-kasan". The kernel is what the environment variable
// PACKETWRIGHT_UML names, else what `./pw targets --install NAME` left in its cache; the guest is
// beside an installed command (lib/packetwright/uml) or in the build that the command is of. An
// error: what is missing, and how to get it.
[[nodiscard]] Result<Parts, std::string> find_parts(std::string_view name);

}  // namespace packetwright::uml
