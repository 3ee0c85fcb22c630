// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/targets/linux/netlink.hh"
#include "stack/base/result.hh"

namespace packetwright::linux_stack {

// Ends every TCP connection of the namespace that no descriptor belongs to any more: those that
// still say goodbye, wait in TIME-WAIT or were never accepted. The number of those ended; an error
// is an errno (EOPNOTSUPP: the kernel was built without it).
[[nodiscard]] Result<int, int> destroy_connections(Netlink& diagnostics);

}  // namespace packetwright::linux_stack
