// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/trace/trace.hh"

namespace packetwright::trace {

// One event in words: "segment FA, 100 octets", "call write(100)", "wait 1500 us".
[[nodiscard]] std::string text_of(const Event& event);

}  // namespace packetwright::trace
