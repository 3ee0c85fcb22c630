// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stack/tcp/config.hh"
#include "stack/tcp/segment.hh"

namespace packetwright::tcp {

// The reset that a segment provokes which is not meant for any connection of ours, or acknowledges
// what was never sent (RFC 9293, 3.5.2, groups 1 and 2). The segment must not be a reset itself.
[[nodiscard]] Segment make_reset_for(const Segment& seg, const TcpConfig& config);

}  // namespace packetwright::tcp
