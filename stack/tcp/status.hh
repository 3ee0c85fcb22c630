// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/seq_num.hh"
#include "stack/tcp/segment.hh"
#include "stack/tcp/send_times.hh"
#include "stack/tcp/state.hh"

namespace packetwright::tcp {

enum class TimerKind : std::uint8_t {
  none,
  retransmit,
  persist,
  delayed_ack,
  keepalive,
  time_wait,
  user_timeout,
  override_sws,
  orphan,
  reordering,  // RFC 8985, 6.2
  loss_probe,  // RFC 8985, 7
};

// The answer to STATUS (RFC 9293, 3.10.6). Windows and sizes are octets unless said otherwise.
struct Status {
  State state = State::closed;
  Endpoint local, remote;
  bool passive = false;  // began in LISTEN (MUST-11)

  SeqNum iss, irs, snd_una, snd_nxt, rcv_nxt;
  std::uint32_t snd_wnd = 0, rcv_wnd = 0;  // as the peer offered and as we offered, unscaled
  std::uint8_t snd_wscale = 0, rcv_wscale = 0;
  std::uint16_t snd_mss = 0;    // text that a segment carries now
  std::uint16_t snd_probe = 0;  // text and options of a larger segment that tries the path; 0: none
  std::uint16_t advertised_mss = 0, peer_mss = 0;
  bool timestamps = false, sack = false, window_scaling = false, ecn = false;

  std::uint32_t cwnd = 0, ssthresh = 0;
  std::uint32_t cwnd_segments = 0, ssthresh_segments = 0;  // the same in segments, rounded down
  bool in_recovery = false;
  // Where the sender is: all is well; the peer has reported something out of order; it slows down
  // for ECN; it repairs losses; the retransmission timer has expired.
  enum class Course : std::uint8_t {
    open,
    disorder,
    reduced,
    recovery,
    loss
  } course = Course::open;
  bool syn_text_taken = false;          // all text of a SYN, ours or the peer's (RFC 7413)
  Duration srtt{0}, rttvar{0}, rto{0};  // srtt zero: no sample yet
  std::uint32_t backoff = 0;            // expiries of the retransmission timer without progress
  std::uint32_t unacked = 0;            // segments in [SND.UNA, SND.NXT)
  std::uint32_t sacked = 0, lost = 0;   // segments of those
  std::uint32_t resent = 0;             // of those, sent again and neither reported nor lost since
  std::uint32_t retransmits = 0;        // of the segment at SND.UNA by the timer
  std::uint64_t total_retrans = 0;      // segments that were sent again
  std::uint32_t delivered = 0;          // segments that the peer has, SYN and FIN counted
  std::uint32_t reordering = 0;         // by how many segments one may be overtaken and not be lost

  std::optional<SendTimes> send_times;  // where TcpConfig::count_send_times wants them

  std::uint32_t send_queue = 0;     // octets accepted from the user and not yet acknowledged
  std::uint32_t unsent = 0;         // of those, never sent
  std::uint32_t receive_queue = 0;  // octets in order that the user has not read
  std::uint64_t segments_in = 0, segments_out = 0, octets_acked = 0, octets_received = 0;

  TimerKind timer = TimerKind::none;  // the next to expire,
  Instant timer_at{};                 //   and when
};

// What the user could do now without being refused.
struct Readiness {
  bool readable = false;     // text, end of stream, or an error to collect
  bool writable = false;     // room to SEND, or an error to collect
  bool urgent = false;       // urgent text is still ahead
  bool peer_closed = false;  // FIN has arrived, in order
  bool closed = false;       // the connection is CLOSED
};

}  // namespace packetwright::tcp
