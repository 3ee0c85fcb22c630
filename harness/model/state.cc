// SPDX-License-Identifier: Apache-2.0
#include "harness/model/state.hh"

#include <algorithm>
#include <array>
#include <cstddef>

namespace packetwright::model {
namespace {

constexpr auto kNames = std::to_array<std::string_view>(
    {"CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2",
     "CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT"});

bool spelt_alike(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return x == y || (x == '-' && y == '_'); });
}

}  // namespace

std::string_view name_of(State state) noexcept {
  return kNames[static_cast<std::size_t>(state)];
}

std::optional<State> state_named(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (spelt_alike(kNames[i], name)) return static_cast<State>(i);
  }
  return std::nullopt;
}

bool is_after_fin_of_peer(State state) noexcept {
  return state == State::close_wait || state == State::closing || state == State::last_ack ||
         state == State::time_wait;
}

}  // namespace packetwright::model
