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
  const SeqNum una = tcb_.snd.una;
  const std::uint32_t flight = flight_size();
  const std::uint32_t held = uses_rack() ? scoreboard_.sacked_octets() : 0;
  if (sack_ok_ && tcb_.snd.una <= seg.ack) {
    //= RFC6675-5-a
    newly_sacked = scoreboard_.update(seg.options.sack(), seg.ack, tcb_.snd.una, tcb_.snd.nxt);
    if (uses_rack()) note_delivered(now, seg, newly_sacked > 0);
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
  if (repair_ && una <= seg.ack) {
    judge_timeout(seg, una);
    judge_reduction(seg, una);
  }
  if (repair_ && uses_rack() && una <= seg.ack) {
    const std::uint32_t arrived = (seg.ack - una) + scoreboard_.sacked_octets();
    repair_->arrived = arrived > held ? arrived - held : 0;
    judge_probe(seg, una, flight);
    const std::uint32_t lost_before = send_buffer_.lost_octets();
    detect_losses(now);
    const bool more_lost = lost_before < send_buffer_.lost_octets();
    reduce_in_proportion(una != seg.ack, more_lost);
  }
  update_window(seg);
}

// SND.UNA < SEG.ACK =< SND.NXT.
void Connection::acknowledge(Instant now, const Segment& seg, Actions& act) {
  const bool acks_syn = !syn_acked_;
  const bool echoes_congestion = ecn_ok_ && seg.ece && !seg.syn;
  const std::uint32_t flight_before = flight_size();
  const std::optional<Duration> rtt = take_rtt_sample(now, seg);

  const std::optional<Duration> noticed = rtt ? rtt : round_trip_of_last(now, seg.ack);
  const std::uint32_t text_before = send_buffer_.size();
  note_arrival(seg.ack);
  send_buffer_.acknowledge(seg.ack);
  const std::uint32_t text_acked = text_before - send_buffer_.size();
  octets_acked_ += text_acked;
  act.confirm(remote_.address);
  tcb_.snd.una = seg.ack;
  tcb_.snd.up = max(tcb_.snd.up, tcb_.snd.una);
  // What the peer has told of before, by SACK or, without, by as many duplicate ACKs.
  const bool once = shared_.config.abc_counts_reported_once;
  std::uint32_t known = once ? scoreboard_.sacked_octets() : 0;
  scoreboard_.advance(tcb_.snd.una);
  if (once) {
    const std::uint32_t smss = congestion_.smss();
    known = sack_ok_ ? known - scoreboard_.sacked_octets()
                     : std::min(dup_acks_ * smss, text_acked - std::min(text_acked, smss));
  }
  if (uses_rack() && scoreboard_.is_sacked(tcb_.snd.una)) {
    // It reported to hold what it asks for now: the peer has let go of it, and of who knows what
    // else (RFC 2018, 8).
    scoreboard_.clear();
    send_buffer_.take_back_sacks();
  }

  //= RFC6298-5.3
  //= RFC6928-9-a
  restart_retransmit_ = restart_probe_ = true;
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
  if (more_ == More::waits && shared_.config.more_holds_until_ack) more_ = More::expected;
  on_new_data_acked({.now = now,
                     .acked = text_acked - std::min(known, text_acked),
                     .una = tcb_.snd.una,
                     .nxt = tcb_.snd.nxt,
                     .srtt = rto_.srtt(),
                     .rtt = noticed},
                    echoes_congestion);
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
std::optional<Duration> Connection::take_rtt_sample(Instant now, const Segment& seg) {
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
  if (!rtt) return rtt;
  rto_.sample(*rtt, samples);
  if (repair_) repair_->sampled_since_probe = true;
  // The minimum is forgotten now and then, because a path can become longer.
  constexpr Duration kForget = 5min;
  if (*rtt <= min_rtt_ || now - min_rtt_at_ > kForget) {
    min_rtt_ = *rtt;
    min_rtt_at_ = now;
  }
  return rtt;
}

// How long the last segment took that an ACK acknowledges, for whoever watches the end of slow
// start and needs more samples than the one in a round trip that there is without timestamps.
std::optional<Duration> Connection::round_trip_of_last(Instant now, SeqNum ack) const {
  if (timestamps_ok_ || !congestion_.watches_round_trips()) return std::nullopt;
  for (const SendBuffer::Mark& mark : send_buffer_.marks()) {
    if (mark.end < ack) continue;  // one or two, as a rule
    if (mark.resent) break;
    return now - mark.sent_at;
  }
  return std::nullopt;
}

void Connection::on_new_data_acked(const Congestion::Ack& ack, bool congestion_echoed) {
  switch (recovery_) {
    case Recovery::none:
      //= RFC3168-6.1.2-b
      if (ack.acked > 0 && !congestion_echoed) congestion_.on_ack(ack);
      break;
    case Recovery::fast:
      if (recover_ <= tcb_.snd.una) {
        congestion_.leave_fast_recovery(flight_size());
        recovery_ = Recovery::none;
        break;
      }
      // A partial ACK: the next segment is missing too.
      congestion_.on_partial_ack(ack.acked);
      resend_first_ = true;
      //= RFC6582-3.2-d
      // Only the first one restarts the timer, so that many losses end in a timeout.
      if (had_partial_ack_) restart_retransmit_ = false;
      had_partial_ack_ = true;
      break;
    case Recovery::sack:
      //= RFC6675-5-c
      if (recover_ <= tcb_.snd.una) leave_recovery();
      break;
    case Recovery::timeout:
      resend_next_ = max(resend_next_, tcb_.snd.una);
      if (ack.acked > 0 && !congestion_echoed) congestion_.on_ack(ack);
      if (recover_ <= tcb_.snd.una) leave_recovery();
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
      if (uses_rack()) break;  // detect_losses() decides
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
  if (only_path_probe_is_lost()) return resend_path_probe();
  const std::uint32_t flight = flight_size() - std::min(limited_, flight_size());
  remember_reduction(flight);
  note_reduction();
  recover_ = tcb_.snd.nxt;
  resend_first_ = true;
  if (sack_ok_) {
    recovery_ = Recovery::sack;
    congestion_.enter_sack_recovery(flight);
    if (uses_rack()) {
      repair().probe_end.reset();
      // What had been reported before this ACK does not count as delivered during recovery.
      if (shared_.config.prr) {
        repair().prr.begin(in_flight() + send_buffer_.lost_octets() + repair_->arrived,
                           congestion_.ssthresh());
      }
      resend_first_ = !shared_.config.prr;
    }
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
  if (repair_) repair_->reduction.reset();
  congestion_.on_ecn_echo(flight);
  note_reduction();
}

// Everything in flight is taken for lost and goes again, oldest first.
void Connection::resend_from_una(bool merge) {
  if (!(tcb_.snd.una < tcb_.snd.nxt)) return;
  recovery_ = Recovery::timeout;
  recover_ = tcb_.snd.nxt;
  resend_merges_ = merge;
  if (uses_rack()) {
    send_buffer_.mark_all_lost();
  } else {
    resend_next_ = tcb_.snd.una;
    resend_end_ = tcb_.snd.nxt;
  }
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
  if (uses_rack()) {
    const std::uint32_t gone = scoreboard_.sacked_octets() + send_buffer_.lost_octets();
    return flight_size() - std::min(gone, flight_size());
  }
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
