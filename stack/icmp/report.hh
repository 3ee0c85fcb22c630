// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "stack/base/bytes.hh"
#include "stack/base/drop_reason.hh"
#include "stack/base/ip_address.hh"
#include "stack/icmp/error_report.hh"

namespace packetwright::icmp {

// Fills in what the datagram that an error quotes tells: addresses, protocol, transport header.
// It comes from anybody and may end anywhere. A reason: icmp_malformed if it does not begin with a
// header of the family, icmp_error_unmatched if eight octets of a transport header are not there
// (cut off, or a fragment that is not the first).
[[nodiscard]] std::optional<DropReason> read_quote_v4(Bytes quote, ErrorReport& report) noexcept;
[[nodiscard]] std::optional<DropReason> read_quote_v6(Bytes quote, ErrorReport& report) noexcept;

// The same report for a packet of ours that this host itself could not deliver, because no
// neighbour answered for it (RFC 1122, 2.4). nullopt: it has no transport header to report to.
[[nodiscard]] std::optional<ErrorReport> report_unreachable(Family family, Bytes packet) noexcept;

}  // namespace packetwright::icmp
