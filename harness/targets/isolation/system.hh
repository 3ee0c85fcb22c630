// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <sys/types.h>

// The few questions that both sides of the pool put to the system.
namespace packetwright::isolation {

// Nanoseconds of the monotonic clock; the same clock in every process.
[[nodiscard]] std::int64_t monotonic_ns();

// Octets of memory that are resident for a process; 0 when it cannot be said (it is gone).
[[nodiscard]] std::size_t resident_octets(pid_t process);

// Writes everything, however often it is interrupted. False: the other end is gone.
[[nodiscard]] bool send_all(int socket, const void* octets, std::size_t size);

}  // namespace packetwright::isolation
