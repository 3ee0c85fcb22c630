// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/trace/trace.hh"
#include "stack/base/rng.hh"

// New traces from old ones. All of it follows from the generator alone.
namespace packetwright::trace {

// An event that often leads somewhere: mostly sound segments at the places where stacks decide,
// calls, and time that is long enough for one of their timers.
[[nodiscard]] Event likely_event(Rng& rng);

// Changes the trace in one to four ways: events come, go, are repeated, change places, or differ in
// one field. It has at least one event and at most kMaxEvents afterwards.
void mutate(Trace& trace, Rng& rng);

// The beginning of one and the end of another.
[[nodiscard]] Trace cross(const Trace& one, const Trace& other, Rng& rng);

}  // namespace packetwright::trace
