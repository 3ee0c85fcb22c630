// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <vector>

#include "harness/engine/connection.hh"
#include "harness/engine/outcome.hh"
#include "harness/engine/settings.hh"
#include "harness/script/packet.hh"

// What strict mode looks at beyond what a script writes down.
namespace packetwright::engine {

// Checksums are right, unless the script says something about them.
void check_checksums(const packet::Dissected& live, const script::Packet& packet,
                     std::vector<FieldDifference>& fields);

// The payload is the piece of the target's stream that its place says (TCP), what the application
// wrote (UDP), what the peer had sent (echo replies). Only where the script gives no content
// itself.
void check_payload(const script::Packet& packet, const packet::Dissected& mapped,
                   const Connection& connection, std::vector<FieldDifference>& fields);

// What an ICMP error quotes is the beginning of a packet that the peer sent: its IP header, changed
// at most where routers change it, and at least eight octets behind it (RFC 792; RFC 1122, 3.2.2).
// Only where the script does not give the quote itself.
void check_quote(const script::Packet& packet, const packet::Dissected& live,
                 const std::deque<packet::Dissected>& injected,
                 std::vector<FieldDifference>& fields);

// TS values advance as the script says, if it says how long a tick of the target's clock is
// (--tcp_ts_tick_usecs).
void check_timestamp_tick(const script::Tcp& tcp, const packet::Dissected& mapped,
                          const Settings& settings, std::vector<FieldDifference>& fields);

}  // namespace packetwright::engine
