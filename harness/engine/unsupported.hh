// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "harness/engine/engine.hh"
#include "harness/script/tree.hh"
#include "harness/targets/target.hh"

namespace packetwright::engine {

// A place in a script that the run ends at before it begins, and why.
struct Lack {
  std::string reason;
  script::Location where;
};

// A system call whose name means nothing anywhere: a slip of the pen, on every target.
[[nodiscard]] std::optional<Lack> unknown_call(const script::Script& script);

// Something of a script that cannot be had: nowhere (SCTP, PSP, TCP in UDP), not on the system of
// this target (a symbol or a command of another one), or not without a system (a command that does
// more than to set things). The first such thing in an expanded script; nullopt: none is known of.
// It is known before the first event, so that nothing is set up in vain.
[[nodiscard]] std::optional<Lack> unsupported_part(const script::Script& script,
                                                   const RunOptions& options,
                                                   targets::Target& target);

}  // namespace packetwright::engine
