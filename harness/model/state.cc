// SPDX-License-Identifier: Apache-2.0
#include "harness/model/state.hh"

#include <array>
#include <cstddef>

namespace packetwright::model {
namespace {

constexpr auto kNames = std::to_array<std::string_view>(
    {"CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2",
     "CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT"});

}  // namespace

std::string_view name_of(State state) noexcept {
  return kNames[static_cast<std::size_t>(state)];
}

bool is_after_fin_of_peer(State state) noexcept {
  return state == State::close_wait || state == State::closing || state == State::last_ack ||
         state == State::time_wait;
}

}  // namespace packetwright::model
