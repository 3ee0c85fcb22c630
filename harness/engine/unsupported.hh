// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "harness/script/tree.hh"
#include "harness/targets/target.hh"

namespace packetwright::engine {

// Something of a script that cannot be had: nowhere (SCTP, PSP, TCP in UDP), or not on the system
// of this target (a symbol or a command of another one).
struct Lack {
  std::string reason;
  script::Location where;
};

// The first such thing in an expanded script; nullopt: none is known of. It is known before the
// first event, so that nothing is set up in vain.
[[nodiscard]] std::optional<Lack> unsupported_part(const script::Script& script,
                                                   targets::Target& target);

}  // namespace packetwright::engine
