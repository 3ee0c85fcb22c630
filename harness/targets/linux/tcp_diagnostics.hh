// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "harness/targets/linux/netlink.hh"
#include "harness/targets/target.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"

// The kernel's table of TCP connections, seen from outside of any socket (sock_diag).
namespace packetwright::linux_stack {

// A connection by its two ends.
struct Connection {
  Endpoint local, remote;
};

// Its state; closed: there is no such connection. It is in the table even when no descriptor
// belongs to it any more, or when its descriptor has lost it, as in TIME-WAIT. An error is an
// errno.
[[nodiscard]] Result<targets::TcpState, int> state_of_connection(Netlink& diagnostics,
                                                                 const Connection& connection);

// Ends every connection of the namespace that no descriptor belongs to any more: those that still
// say goodbye, wait in TIME-WAIT or were never accepted. The number of those ended; an error is an
// errno (EOPNOTSUPP: the kernel was built without it).
[[nodiscard]] Result<int, int> destroy_connections(Netlink& diagnostics);

// The kernel's numbers of the states (include/net/tcp_states.h), which it promises not to change.
[[nodiscard]] std::optional<targets::TcpState> state_of_number(unsigned number);

}  // namespace packetwright::linux_stack
