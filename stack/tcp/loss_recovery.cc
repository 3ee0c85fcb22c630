// SPDX-License-Identifier: Apache-2.0
// What an ACK means to the sender: RTT samples (RFC 6298), duplicate ACKs and recovery (RFC 5681,
// 6582, 6675), and the echo of congestion marks (RFC 3168). Called from check_5_ack; what it
// decides, output() sends.
#include <algorithm>

#include "stack/tcp/connection.hh"

namespace packetwright::tcp {

// The processing for ESTABLISHED in step 5 of 3.10.7.4. SEG.ACK is not above SND.NXT.
void Connection::process_ack(Instant now, const Segment& seg, Actions& act) {
  if (tcb_.snd.wnd == 0) {
    //= RFC9293-MUST-37
    //= RFC9293-SHLD-17
    // Somebody answers our probes: the user timeout begins anew.
    if (progress_at_) progress_at_ = now;
  }
  std::uint32_t newly_sacked = 0;
  if (sack_ok_ && tcb_.snd.una <= seg.ack) {
    //= RFC6675-5-a
    newly_sacked = scoreboard_.update(seg.options.sack(), seg.ack, tcb_.snd.una, tcb_.snd.nxt);
  }
  if (tcb_.snd.una < seg.ack) {
    acknowledge(now, seg, act);
    if (newly_sacked > 0) on_duplicate_ack();
  } else if (tcb_.snd.una == seg.ack) {
    //= RFC9293-3.10.7.4-ack-dup
    if (ecn_ok_ && seg.ece && !seg.syn) react_to_ecn_echo(flight_size());
    //= RFC5681-2-b
    const bool same_window = std::uint32_t{seg.window} << snd_wscale_ == tcb_.snd.wnd;
    // With a closed window it is the answer to a probe.
    const bool duplicate =
        seg.len() == 0 && same_window && tcb_.snd.wnd > 0 && tcb_.snd.una < tcb_.snd.nxt;
    //= RFC5681-3.2-e
    if (sack_ok_ ? newly_sacked > 0 : duplicate) on_duplicate_ack();
  }
  update_window(seg);
}

// SND.UNA < SEG.ACK =< SND.NXT.
void Connection::acknowledge(Instant now, const Segment& seg, Actions& act) {
  const bool acks_syn = !syn_acked_;
  const bool echoes_congestion = ecn_ok_ && seg.ece && !seg.syn;
  const std::uint32_t flight_before = flight_size();
  take_rtt_sample(now, seg);

  const std::uint32_t text_before = send_buffer_.size();
  send_buffer_.acknowledge(seg.ack);
  const std::uint32_t text_acked = text_before - send_buffer_.size();
  octets_acked_ += text_acked;
  act.confirm(remote_.address);
  tcb_.snd.una = seg.ack;
  tcb_.snd.up = max(tcb_.snd.up, tcb_.snd.una);
  scoreboard_.advance(tcb_.snd.una);

  //= RFC6298-5.3
  //= RFC6928-9-a
  restart_retransmit_ = true;
  if (tcb_.snd.una == tcb_.snd.nxt) {
    progress_at_.reset();
  } else {
    progress_at_ = now;
  }
  if (acks_syn) {
    syn_acked_ = true;
    begin_data_transfer(now, act);
  }
  retransmits_ = 0;
  await_ack_ = false;
  dup_acks_ = 0;
  limited_ = 0;
  on_new_data_acked(text_acked, echoes_congestion);
  // Half of what was on its way when the mark was made: what this ACK acknowledges was.
  if (echoes_congestion) react_to_ecn_echo(flight_before);

  // Marks that lie behind us must not be overtaken by the wrap of sequence numbers.
  high_rxt_ = max(high_rxt_, tcb_.snd.una);
  if (recovery_ == Recovery::none) {
    high_rxt_ = tcb_.snd.una;
    if (recover_ < tcb_.snd.una) recover_ = tcb_.snd.una - 1;
  }
  ecn_recover_ = max(ecn_recover_, tcb_.snd.una);
  burst_end_ = max(burst_end_, tcb_.snd.una);

  if (user_is_blocked_ && send_buffer_.space() > 0) {
    user_is_blocked_ = false;
    tell(EventKind::writable, act);
  }
}

//= RFC9293-MUST-18
//= RFC6298-3-b
//= RFC7323-4.1-b
//= RFC7323-3.2-c
void Connection::take_rtt_sample(Instant now, const Segment& seg) {
  std::optional<Duration> rtt;
  std::uint32_t samples = 1;
  if (timestamps_ok_ && seg.options.timestamps) {
    rtt = timestamps_.round_trip(now, seg.options.timestamps->echo_reply);
    // One sample for each ACK, of which there is one for every second segment (RFC 7323, app. G);
    // rounded up.
    samples = (flight_size() + 2u * mss_ - 1) / (2u * mss_);
  } else if (timed_until_ && *timed_until_ <= seg.ack) {
    //= RFC6298-3-a
    rtt = now - timed_at_;
  }
  if (timed_until_ && *timed_until_ <= seg.ack) timed_until_.reset();
  if (rtt) rto_.sample(*rtt, samples);
}

void Connection::on_new_data_acked(std::uint32_t acked, bool congestion_echoed) {
  switch (recovery_) {
    case Recovery::none:
      //= RFC3168-6.1.2-b
      if (acked > 0 && !congestion_echoed) congestion_.on_ack(acked);
      break;
    case Recovery::fast:
      if (recover_ <= tcb_.snd.una) {
        congestion_.leave_fast_recovery(flight_size());
        recovery_ = Recovery::none;
        break;
      }
      // A partial ACK: the next segment is missing too.
      congestion_.on_partial_ack(acked);
      resend_first_ = true;
      //= RFC6582-3.2-d
      // Only the first one restarts the timer, so that many losses end in a timeout.
      if (had_partial_ack_) restart_retransmit_ = false;
      had_partial_ack_ = true;
      break;
    case Recovery::sack:
      //= RFC6675-5-c
      if (recover_ <= tcb_.snd.una) recovery_ = Recovery::none;
      break;
    case Recovery::timeout:
      resend_next_ = max(resend_next_, tcb_.snd.una);
      if (acked > 0 && !congestion_echoed) congestion_.on_ack(acked);
      if (recover_ <= tcb_.snd.una) {
        recovery_ = Recovery::none;
        resend_merges_ = false;
      }
      break;
  }
}

// An ACK that reports text above a gap for the first time is a duplicate by RFC 6675, 2, whatever
// else it does; without SACK a duplicate is what RFC 5681, 2 says.
void Connection::on_duplicate_ack() {
  switch (recovery_) {
    case Recovery::none: {
      ++dup_acks_;
      const std::uint32_t thresh = shared_.config.dup_thresh;
      if (sack_ok_) {
        //= RFC6675-5.1-a
        // recover_ is behind us unless a timeout has set it, and nothing above SND.UNA was resent.
        const bool lost = dup_acks_ >= thresh || tcb_.snd.una < lost_before();
        if (lost && recover_ <= tcb_.snd.una) enter_recovery();
      } else if (dup_acks_ == thresh && recover_ < tcb_.snd.una) {
        //= RFC6582-3.2-a
        //= RFC5681-3.2-c
        enter_recovery();
      }
      break;
    }
    case Recovery::fast:
      // RFC 5681, 3.2, step 4, no more often than there are segments that could have left.
      if (inflations_ * congestion_.smss() < flight_size()) {
        ++inflations_;
        congestion_.inflate();
      }
      break;
    case Recovery::sack:
    case Recovery::timeout:
      // The scoreboard has it; output() acts on that.
      break;
  }
}

//= RFC5681-4.3-a
void Connection::enter_recovery() {
  const std::uint32_t flight = flight_size() - std::min(limited_, flight_size());
  note_reduction();
  recover_ = tcb_.snd.nxt;
  resend_first_ = true;
  if (sack_ok_) {
    recovery_ = Recovery::sack;
    congestion_.enter_sack_recovery(flight);
  } else {
    recovery_ = Recovery::fast;
    congestion_.enter_fast_recovery(flight);
    had_partial_ack_ = false;
    inflations_ = 0;
  }
}

// The window is about to be reduced, for whatever reason.
void Connection::note_reduction() {
  //= RFC6928-2-d
  if (tcb_.snd.una < burst_end_) careful_restart_ = true;
  //= RFC3168-6.1.1-c
  cwr_pending_ = ecn_ok_;
  ecn_recover_ = tcb_.snd.nxt;
}

void Connection::react_to_ecn_echo(std::uint32_t flight) {
  // Once for each window of data (RFC 3168, 6.1.2), and not on top of a reduction for a loss.
  if (tcb_.snd.una < ecn_recover_ || recovery_ != Recovery::none) return;
  //= RFC3168-6.1.2-c
  // With one segment there is nothing to halve: the next one waits for the timer.
  if (congestion_.cwnd() <= congestion_.smss()) {
    ecn_hold_ = true;
    restart_retransmit_ = true;
  }
  congestion_.on_ecn_echo(flight);
  note_reduction();
}

// Everything in flight is taken for lost and goes again, oldest first.
void Connection::resend_from_una(bool merge) {
  if (!(tcb_.snd.una < tcb_.snd.nxt)) return;
  recovery_ = Recovery::timeout;
  recover_ = tcb_.snd.nxt;
  resend_next_ = tcb_.snd.una;
  resend_end_ = tcb_.snd.nxt;
  resend_merges_ = merge;
  timed_until_.reset();
}

// FlightSize of RFC 5681, 2.
std::uint32_t Connection::flight_size() const noexcept {
  return tcb_.snd.nxt - tcb_.snd.una;
}

SeqNum Connection::lost_before() const noexcept {
  return scoreboard_.lost_before(tcb_.snd.una, shared_.config.dup_thresh, congestion_.smss());
}

// Octets that are thought to be in the network: Pipe of RFC 6675, or what comes closest.
std::uint32_t Connection::in_flight() const noexcept {
  const SeqNum una = tcb_.snd.una;
  const SeqNum nxt = tcb_.snd.nxt;
  switch (recovery_) {
    case Recovery::none:
    case Recovery::sack:
      if (sack_ok_) return scoreboard_.pipe(una, nxt, high_rxt_, lost_before());
      break;
    case Recovery::fast: break;
    case Recovery::timeout:
      // What waits to be sent again is not in the network.
      return scoreboard_.missing(una, min(resend_next_, resend_end_)) +
             scoreboard_.missing(resend_end_, nxt);
  }
  return flight_size();
}

std::uint32_t Connection::restart_window() const {
  const std::uint32_t smss = congestion_.smss();
  if (careful_restart_) return Congestion::rfc3390_window(smss);
  return Congestion::initial_window(smss, shared_.config.initial_window_segments);
}

}  // namespace packetwright::tcp
