// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "stack/base/seq_num.hh"
#include "stack/tcp/congestion.hh"
#include "stack/tcp/prr.hh"
#include "stack/tcp/rack.hh"

namespace packetwright::tcp {

// What a connection needs to know from its first trouble on, and not before: made when a SACK, a
// probe or the retransmission timer comes, so that a connection without losses does not pay for it.
struct Repair {
  Rack rack;
  Prr prr;
  std::uint32_t arrived = 0;  // octets that the ACK at hand reports for the first time

  // The last reduction, as long as it may turn out to have been for nothing.
  struct Reduction {
    Congestion::Before before;
    SeqNum from, until;            // what was outstanding
    std::uint32_t resent = 0;      // segments of that, sent again
    std::uint32_t duplicates = 0;  // ... of which the peer said that it had two
    std::uint32_t first_at = 0;    // TSval of the first of them, at SND.UNA;
    bool awaits_echo = false;      //   no ACK of it has come yet
  };
  std::optional<Reduction> reduction = {};

  // F-RTO (RFC 5682, 2.1): what the next ACK is, counted from the timer.
  enum class Frto : std::uint8_t { off, first_ack, second_ack };
  Frto frto = Frto::off;
  SeqNum frto_end;              // of the segment that the timer sent again
  bool frto_text_sent = false;  // the new text of step 2b

  // Tail loss probe (RFC 8985, 7).
  std::optional<SeqNum> probe_end = {};  // TLP.end_seq
  bool probe_was_resent = false;         // TLP.is_retrans
  bool sampled_since_probe = true;       // an RTT was measured
};

}  // namespace packetwright::tcp
