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

// The exit status of a worker that cannot reach the harness any more, although that lives: the job
// has closed what is not its own.
inline constexpr int kDeafWorker = 120;

// Why a worker died: from its wait status, what it was killed for (if it was), and the last of its
// output. `crashed` stands for a worker that lives and does not listen any more.
[[nodiscard]] Autopsy examine(int wait_status, std::optional<JobEnd> killed_for,
                              const Limits& limits, const std::string& output);

}  // namespace packetwright::isolation
