// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/engine/session.hh"

// What happens after the last event.
namespace packetwright::engine {

// Shows that the target still works: it answers an ICMP echo request, or, where it has no ICMP, a
// SYN to a port where nobody listens (RFC 1122, 3.2.2.6; RFC 9293, 3.10.7.1). What it sends
// meanwhile is not the script's business any more.
[[nodiscard]] Alive check_alive(Session& session);

// Ends the connections of a script with a RST each, so that a real stack does not go on sending to
// a peer that is gone.
void reset_connections(Session& session);

}  // namespace packetwright::engine
