// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "stack/base/seq_num.hh"

namespace packetwright::tcp {

// The transmission control block: the variables of RFC 9293, 3.3.1, by their names there.
struct Tcb {
  struct Send {
    SeqNum una;             // oldest unacknowledged
    SeqNum nxt;             // next to be sent for the first time; retransmission leaves it alone
    std::uint32_t wnd = 0;  // what the peer offers, counted from una
    SeqNum up;              // behind the urgent text
    SeqNum wl1;             // SEG.SEQ and
    SeqNum wl2;             //   SEG.ACK of the segment that wnd was taken from
    std::uint32_t max_wnd = 0;  // MAX.SND.WND of RFC 5961, 5, and Max(SND.WND) of 3.8.6.2.1
  } snd;
  SeqNum iss;

  struct Receive {
    SeqNum nxt;             // next expected
    std::uint32_t wnd = 0;  // what we offer, counted from nxt: see edge()
    SeqNum up;              // behind the urgent text

    //= RFC7323-2.4-b
    // The rightmost edge that was ever advertised. Everything before it counts as in the window,
    // even if a later, rounded window said less.
    [[nodiscard]] SeqNum edge() const noexcept { return nxt + wnd; }
  } rcv;
  SeqNum irs;
};

}  // namespace packetwright::tcp
