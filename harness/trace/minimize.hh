// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "harness/trace/trace.hh"

namespace packetwright::trace {

// A trace from which nothing can be taken, and whose packets have nothing odd that could be
// ordinary, without `holds` becoming false. `holds` is true of `trace`, and is asked some hundred
// times at most.
[[nodiscard]] Trace minimized(Trace trace, const std::function<bool(const Trace&)>& holds);

}  // namespace packetwright::trace
