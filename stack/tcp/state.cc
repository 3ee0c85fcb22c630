// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/state.hh"

namespace packetwright::tcp {

std::string_view name_of(State state) noexcept {
  switch (state) {
    case State::listen: return "LISTEN";
    case State::syn_sent: return "SYN-SENT";
    case State::syn_received: return "SYN-RECEIVED";
    case State::established: return "ESTABLISHED";
    case State::fin_wait_1: return "FIN-WAIT-1";
    case State::fin_wait_2: return "FIN-WAIT-2";
    case State::close_wait: return "CLOSE-WAIT";
    case State::closing: return "CLOSING";
    case State::last_ack: return "LAST-ACK";
    case State::time_wait: return "TIME-WAIT";
    case State::closed: return "CLOSED";
  }
  return "?";
}

bool is_synchronized(State state) noexcept {
  switch (state) {
    case State::established:
    case State::fin_wait_1:
    case State::fin_wait_2:
    case State::close_wait:
    case State::closing:
    case State::last_ack:
    case State::time_wait: return true;
    case State::listen:
    case State::syn_sent:
    case State::syn_received:
    case State::closed: return false;
  }
  return false;
}

}  // namespace packetwright::tcp
