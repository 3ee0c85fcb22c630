// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include "harness/targets/isolation/journal.hh"
#include "harness/targets/isolation/output_file.hh"
#include "harness/targets/isolation/pool.hh"

namespace packetwright::isolation {

// The life of a worker, from just after fork(): becomes the leader of a process group of its own
// that dies with `parent`, takes job numbers from `socket`, and answers there. Never returns, and
// an exception ends it here: above lies the parent's own stack, which is not the worker's to
// unwind.
[[noreturn]] void run_worker(pid_t parent, int socket, const OutputFile& output, JournalSlot& slot,
                             const PoolOptions& options, const Work& work) noexcept;

}  // namespace packetwright::isolation
