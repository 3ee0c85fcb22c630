// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <sys/types.h>

// What the kernel tells of threads below /proc. `process`: a number, or "self".
namespace packetwright::linux_stack {

// A file of the thread; empty: it cannot be read, or the thread is gone.
[[nodiscard]] std::string read_task_file(std::string_view process, pid_t thread, const char* name);

// Whether the thread sleeps. One that was just woken up does not, wherever it has come to.
[[nodiscard]] bool sleeps(std::string_view process, pid_t thread);

// Whether every thread of the process does, or it has none any more: then it does nothing until
// something happens. One that waits for another's lock is no exception, because the other does not
// sleep.
[[nodiscard]] bool all_sleep(std::string_view process);

}  // namespace packetwright::linux_stack
