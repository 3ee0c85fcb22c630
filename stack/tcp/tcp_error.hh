// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace packetwright::tcp {

// Why a user call failed, or how a connection ended: the error texts of RFC 9293, 3.10.
enum class TcpError : std::uint8_t {
  connection_does_not_exist,
  connection_already_exists,
  connection_closing,
  connection_reset,         // a RST came, or our side aborted
  connection_refused,       // a RST answered our SYN
  insufficient_resources,   // no room now: try again later
  remote_unspecified,       // an active OPEN needs address and port, and no broadcast or multicast
  aborted_by_user_timeout,  // R2, or keep-alive without an answer
  unreachable,              // a hard ICMP error ended an attempt to connect
};

// The enumerator's own name.
[[nodiscard]] std::string_view name_of(TcpError error) noexcept;

}  // namespace packetwright::tcp
