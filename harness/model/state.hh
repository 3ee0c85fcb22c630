// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace packetwright::model {

// The states of RFC 9293, 3.3.2, in its order; CLOSED, which stands for no connection, first.
enum class State : std::uint8_t {
  closed,
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
};

// "SYN-RECEIVED".
[[nodiscard]] std::string_view name_of(State state) noexcept;

// The peer's FIN has been taken: no more text is.
[[nodiscard]] bool is_after_fin_of_peer(State state) noexcept;

}  // namespace packetwright::model
