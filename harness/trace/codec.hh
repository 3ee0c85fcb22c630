// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "harness/trace/trace.hh"
#include "stack/base/bytes.hh"

// Traces as octets, for fuzzers: two octets, then sixteen for each event, so that engines that know
// nothing of traces still move and repeat whole events.
namespace packetwright::trace {

inline constexpr std::size_t kPreambleSize = 2;
inline constexpr std::size_t kEventSize = 16;

// Any octets mean some trace: numbers that are too large are taken modulo, octets that are missing
// are zero, and a last event that is not whole is left out.
[[nodiscard]] Trace decode(Bytes octets);

// decode(encode(trace)) is the trace again, if it has at most kMaxEvents.
[[nodiscard]] Buffer encode(const Trace& trace);

// One event: `octets` has kEventSize of them.
[[nodiscard]] Event decode_event(Bytes octets);
void encode_event(const Event& event, MutableBytes octets);

}  // namespace packetwright::trace
