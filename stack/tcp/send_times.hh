// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "stack/base/instant.hh"

namespace packetwright::tcp {

// For how long a connection had something to send, and what held it back meanwhile (RFC 4898 has
// such counters, SndLimTime). Times count up to the last event.
class SendTimes {
 public:
  enum class Limit : std::uint8_t {
    idle,     // nothing to send
    network,  // neither of the two that follow
    window,   // the peer's window
    buffer,   // the send buffer is full, and all of it is on its way
  };

  // From now on `limit` is what sending waits for.
  void enter(Instant now, Limit limit) noexcept {
    times_[static_cast<std::size_t>(limit_)] += now - since_;
    since_ = now;
    limit_ = limit;
  }
  [[nodiscard]] Duration busy() const noexcept {
    return of(Limit::network) + of(Limit::window) + of(Limit::buffer);
  }
  [[nodiscard]] Duration of(Limit limit) const noexcept {
    return times_[static_cast<std::size_t>(limit)];
  }

 private:
  Limit limit_ = Limit::idle;
  Instant since_{};
  std::array<Duration, 4> times_{};
};

}  // namespace packetwright::tcp
