// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "harness/runner/result.hh"

namespace packetwright::report {

// Writes what went over the wire in one run as pcapng. The point of view is the stack's: what it
// sent is outbound. Each frame's comment says which line of the script it belongs to, how the
// script would write it, what calls came before it, and, where the run went wrong, what was
// expected. Times count from the reset of the target. A run without frames gives a capture without
// packets.
void write_capture(std::ostream& out, const runner::CaseResult& result,
                   std::string_view application);

// "reference/tcp/window/probe.ipv4.mss=536.pcapng": where the capture of a run belongs below the
// folder that a user names.
[[nodiscard]] std::string capture_path(const runner::CaseResult& result);

}  // namespace packetwright::report
