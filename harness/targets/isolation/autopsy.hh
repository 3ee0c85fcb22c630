// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "harness/targets/isolation/pool.hh"
#include "harness/targets/target.hh"

namespace packetwright::isolation {

struct Autopsy {
  JobEnd end = JobEnd::lost;
  targets::Death death;  // its log: a sentence on the cause, then the last output
};

// Why a worker died: from its wait status, the limit for which it was killed (if it was), and the
// last of its output.
[[nodiscard]] Autopsy examine(int wait_status, std::optional<JobEnd> killed_for,
                              const Limits& limits, const std::string& output);

}  // namespace packetwright::isolation
