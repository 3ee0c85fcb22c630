// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/targets/target.hh"
#include "stack/tcp/status.hh"

namespace packetwright::reference {

[[nodiscard]] targets::TcpState state_of(tcp::State state) noexcept;

// STATUS of the stack in the words that all targets share; the names of the counters are those of
// Linux's tcp_info where it has one. Times that still run count up to `now`.
[[nodiscard]] targets::TcpStatus tcp_status_of(Instant now, const tcp::Status& status);

}  // namespace packetwright::reference
