// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/tcp.h>

#include "harness/targets/target.hh"

namespace packetwright::example {

// What a stack tells of a connection, in the shape that TCP_INFO has on Linux: scripts know no
// other.
[[nodiscard]] tcp_info tcp_info_of(const targets::TcpStatus& status);

}  // namespace packetwright::example
