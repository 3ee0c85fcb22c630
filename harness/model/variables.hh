// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "harness/model/state.hh"
#include "stack/base/seq_num.hh"

namespace packetwright::model {

// What a connection knows (RFC 9293, 3.3.1), as its peer can tell it from what went over the wire.
struct Variables {
  State state = State::closed;
  bool passive = false;   // opened from LISTEN
  bool listener = false;  // somebody listens at its port
  SeqNum iss, snd_una, snd_nxt, snd_wl1, snd_wl2;
  std::uint32_t snd_wnd = 0;
  std::uint32_t max_snd_wnd = 0;  // MAX.SND.WND of RFC 5961, 5.2
  SeqNum irs, rcv_nxt;
  std::uint32_t rcv_wnd = 0;    // up to the rightmost edge that was ever announced (RFC 7323, 2.4)
  bool timestamps = false;      // both SYNs had the option
  std::uint32_t ts_recent = 0;  // TS.Recent, with `timestamps`
  SeqNum last_ack_sent;         // Last.ACK.sent, with `timestamps`

  [[nodiscard]] SeqNum rcv_edge() const noexcept { return rcv_nxt + rcv_wnd; }
};

}  // namespace packetwright::model
