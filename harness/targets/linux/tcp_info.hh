// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "harness/targets/target.hh"

struct tcp_info;  // NOLINT(readability-identifier-naming): <linux/tcp.h>

namespace packetwright::linux_stack {

// A tcp_info of which `size` octets were written, as a status.
[[nodiscard]] targets::TcpStatus status_of(const tcp_info& info, std::size_t size);

// What the kernel tells of a connection (TCP_INFO): its state, and its counters under their names
// in the kernel without the prefix, with a unit where they have one ("cwnd", "rto_us", "srtt_us").
[[nodiscard]] targets::CallResult<targets::TcpStatus> read_tcp_info(int socket);

// Makes the next connect() of the socket begin at this sequence number, by the kernel's means to
// resume connections (TCP_REPAIR). 0 cannot be had: the kernel takes it for "not chosen".
[[nodiscard]] targets::CallResult<void> choose_isn(int socket, std::uint32_t isn);

}  // namespace packetwright::linux_stack
