// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace packetwright::tcp {

// The states of a connection, in the order of RFC 9293, 3.3.2.
enum class State : std::uint8_t {
  listen,
  syn_sent,
  syn_received,
  established,
  fin_wait_1,
  fin_wait_2,
  close_wait,
  closing,
  last_ack,
  time_wait,
  closed,  // fictional in the RFC: there is no TCB
};

// The RFC's spelling: "SYN-RECEIVED".
[[nodiscard]] std::string_view name_of(State state) noexcept;

// From ESTABLISHED on both sides know each other's sequence numbers (RFC 9293, 3.5.2).
[[nodiscard]] bool is_synchronized(State state) noexcept;

}  // namespace packetwright::tcp
