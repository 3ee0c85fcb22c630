// SPDX-License-Identifier: Apache-2.0
// What is sent, and when: RFC 9293, 3.7 and 3.8. Every segment of a connection is made here.
#include <algorithm>

#include "stack/tcp/connection.hh"

namespace packetwright::tcp {

void Connection::output(Instant now, Actions& act) {
  if (state_ == State::closed) return;
  if (may_send_text()) {
    send_retransmissions(now, act);
    send_new_text(now, act);
  }
  override_ = false;
  //= RFC5681-4.2-c
  //= RFC9293-MUST-58
  //= RFC9293-MUST-59
  // Whatever left above carried the acknowledgment; otherwise one ACK serves all that has arrived.
  if (ack_now_ && is_synchronized(state_)) send_ack(now, act);
  ack_now_ = false;
  if (send_times_) send_times_->enter(now, send_limit());
  arm_timers(now);
}

// What sending waits for.
SendTimes::Limit Connection::send_limit() const noexcept {
  if (send_buffer_.size() == 0) return SendTimes::Limit::idle;
  if (tcb_.snd.nxt < send_buffer_.end()) {
    const std::uint32_t wanted = std::min<std::uint32_t>(send_buffer_.end() - tcb_.snd.nxt, mss_);
    const bool window_is_full = tcb_.snd.una + tcb_.snd.wnd < tcb_.snd.nxt + wanted;
    return window_is_full ? SendTimes::Limit::window : SendTimes::Limit::network;
  }
  const bool starves = user_is_blocked_ && congestion_room() >= mss_;
  return starves ? SendTimes::Limit::buffer : SendTimes::Limit::network;
}

bool Connection::may_send_text() const noexcept {
  switch (state_) {
    case State::syn_received: return fast_opened();
    case State::established:
    case State::fin_wait_1:
    case State::close_wait:
    case State::closing:
    case State::last_ack: return true;
    case State::listen:
    case State::syn_sent:
    case State::fin_wait_2:
    case State::time_wait:
    case State::closed: return false;
  }
  return false;
}

// --- retransmission

void Connection::send_retransmissions(Instant now, Actions& act) {
  // Into a closed window only probes go (MUST-35): persist_timeout().
  if (tcb_.snd.wnd == 0) return;
  if (resend_first_) {
    resend_first_ = false;
    if (syn_text_again_) return send_text_of_syn_again(now, act);
    if (tcb_.snd.una < tcb_.snd.nxt) {
      //= RFC2018-5-c
      const SeqNum end = retransmit(now, tcb_.snd.una, tcb_.snd.nxt, act);
      resend_next_ = max(resend_next_, end);
      if (recovery_ == Recovery::sack) high_rxt_ = rescue_rxt_ = end;
    }
  }
  if (awaits_second_ack()) return;
  if (uses_rack()) return send_lost(now, act);
  if (recovery_ == Recovery::sack) return send_sack_recovery(now, act);
  if (recovery_ != Recovery::timeout) return;
  //= RFC6298-5.4
  //= RFC1191-6.4-b
  // The timer sends one segment, however short, and so does a packet that was too big; an ACK has
  // to let go the others.
  if (await_ack_) return;
  // After the timer, all over again in slow start, except what the peer has reported since.
  //= RFC6675-5.1-b
  while (const auto hole = scoreboard_.next_hole(resend_next_, resend_end_)) {
    resend_next_ = *hole;
    const std::uint32_t size = std::min<std::uint32_t>(mss_, resend_end_ - *hole);
    if (congestion_room() < size) return;
    const SeqNum end = retransmit(now, *hole, scoreboard_.hole_end(*hole, resend_end_), act);
    if (end == *hole) return;  // beyond the window
    resend_next_ = end;
  }
  resend_next_ = resend_end_;
}

// Whatever is marked as lost, oldest first.
//= RFC8985-9.3-a
void Connection::send_lost(Instant now, Actions& act) {
  if (await_ack_) return;  // after the timer, as above
  for (std::size_t i = 0; i < send_buffer_.marks().size(); ++i) {
    if (send_buffer_.lost_octets() == 0) return;
    const SendBuffer::Mark mark = send_buffer_.marks()[i];
    if (!mark.lost) continue;
    if (congestion_room() < std::min<std::uint32_t>(mark.size, mss_)) return;
    if (retransmit(now, mark.begin(), mark.end, act) == mark.begin()) return;  // beyond the window
  }
}

// RFC 6675, 5, step C: as long as the pipe has room for a segment, whatever NextSeg() names.
//= RFC6675-5-d
void Connection::send_sack_recovery(Instant now, Actions& act) {
  while (congestion_room() >= congestion_.smss()) {
    if (!send_next_segment(now, act)) return;
  }
}

// NextSeg() of RFC 6675, 4. False: there is nothing to send.
bool Connection::send_next_segment(Instant now, Actions& act) {
  const SeqNum una = tcb_.snd.una;
  const SeqNum from = max(una, high_rxt_);
  const SeqNum highest = scoreboard_.highest().value_or(una);
  const auto hole = scoreboard_.next_hole(from, highest);
  const auto resend = [&](SeqNum at) {
    const SeqNum end = retransmit(now, at, scoreboard_.hole_end(at, tcb_.snd.nxt), act);
    high_rxt_ = max(high_rxt_, end);
    return at < end;
  };
  //= RFC6675-4-c
  // Rule 1: the lowest octet that is lost and was not sent again.
  //= RFC2018-5-a
  if (hole && *hole < lost_before()) return resend(*hole);
  //= RFC6675-4-d
  // Rule 2: new text.
  if (const std::uint32_t size = new_segment_size(congestion_room()); size > 0) {
    send_text(now, tcb_.snd.nxt, tcb_.snd.nxt + size, true, act);
    return true;
  }
  // Rule 3: the lowest octet below a report that was not sent again, lost or not.
  if (hole) return resend(*hole);
  //= RFC6675-4-e
  // Rule 4: once in a recovery, the end of what is outstanding, lest the ACKs dry up.
  const auto last = scoreboard_.last_hole(una, tcb_.snd.nxt);
  if (!last || una <= rescue_rxt_) return false;
  rescue_rxt_ = recover_;
  const SeqNum start =
      last->right - last->left > mss_ ? last->right - std::uint32_t{mss_} : last->left;
  return start < retransmit(now, start, last->right, act);
}

// Sends again what begins at `from` and ends at `limit` at the latest, cut as it was the first time
// unless segments have become smaller. Returns where it ended; `from` if the window is in the way.
//= RFC9293-3.10.8-rto
//= RFC9293-SHLD-16
SeqNum Connection::retransmit(Instant now, SeqNum from, SeqNum limit, Actions& act) {
  SeqNum end;
  if (resend_merges_) {
    end = send_buffer_.record_end(from);
    if (end == send_buffer_.end() && fin_waits()) end += 1;
  } else {
    end = min(limit, send_buffer_.mark_of(from).end);
  }
  end = max(end, from + 1);
  end = min(end, tcb_.snd.una + tcb_.snd.wnd);
  if (end <= from) return from;
  return send_text(now, from, end, false, act);
}

// --- new text

void Connection::send_new_text(Instant now, Actions& act) {
  if (recovery_ == Recovery::sack && !uses_rack()) return;  // NextSeg() has had its say
  if (await_ack_) return;
  if (awaits_second_ack()) return send_frto_text(now, act);
  // Old text first.
  if (send_buffer_.lost_octets() > 0) return;
  if (recovery_ == Recovery::timeout && !uses_rack() && resend_next_ < resend_end_) return;
  // Before something is sent after a pause, and not before: a closed window is no pause.
  if (shared_.config.restart_after_idle && tcb_.snd.una == tcb_.snd.nxt &&
      now - last_sent_at_ > rto_.rto() && new_segment_size(congestion_room())) {
    congestion_.on_idle(restart_window());
    burst_end_ = tcb_.snd.nxt + congestion_.cwnd();
  }
  if (search_ && !probe_path(now, act)) return;
  const std::uint32_t train = longest_train();
  std::uint32_t in_train = 0;
  while (const std::uint32_t size = new_segment_size(congestion_room())) {
    //= RFC3042-2-b
    if (recovery_ == Recovery::none && dup_acks_ > 0) limited_ += size;
    if (train > 0) ends_train_ = ++in_train > 1 && (in_train == train || is_last(size));
    if (in_train == train) in_train = 0;
    send_text(now, tcb_.snd.nxt, tcb_.snd.nxt + size, true, act);
    ends_train_ = false;
    if (train > 0 && send_buffer_.ends_record(tcb_.snd.nxt)) in_train = 0;
  }
}

// TcpConfig::train_segments, in segments; 0: there are no trains.
std::uint32_t Connection::longest_train() const noexcept {
  const std::uint32_t least = shared_.config.train_segments;
  if (least == 0) return 0;
  const std::uint32_t window = congestion_.cwnd() / congestion_.smss();
  // What leaves in a millisecond at a pace of two windows in each round trip.
  const std::int64_t paced = 2 * Duration{1ms} * window / std::max(rto_.srtt(), Duration{1us});
  const std::uint32_t half = std::max(window / 2, 1u);
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(paced, std::min(least, half), half));
}

// Whether the windows hold back all that follows the next segment of new text.
bool Connection::is_last(std::uint32_t size) const noexcept {
  const SeqNum next = tcb_.snd.nxt + size;
  if (send_buffer_.end() <= next) return true;
  const std::uint32_t wanted = std::min<std::uint32_t>(send_buffer_.end() - next, mss_);
  return congestion_room() < size + wanted || tcb_.snd.una + tcb_.snd.wnd < next + wanted ||
         (wanted < mss_ && holds_back_short_segments());
}

// RFC 5682, 2.1, step 2b: two segments of new text. What they draw shows whether the old text had
// arrived. Without new text, or room for it, the old text goes again as after any timeout.
//= RFC5682-2.1-a
void Connection::send_frto_text(Instant now, Actions& act) {
  if (repair_->frto_text_sent) return;
  for (int i = 0; i < 2; ++i) {
    const std::uint32_t size = new_segment_size(mss_);
    if (size == 0) break;
    send_text(now, tcb_.snd.nxt, tcb_.snd.nxt + size, true, act);
    repair_->frto_text_sent = true;
  }
  if (repair_->frto_text_sent) return;
  repair_->frto = Repair::Frto::off;
  send_retransmissions(now, act);
}

// How many octets the congestion window lets into the network now.
//= RFC5681-2-a
//= RFC5681-3-a
std::uint32_t Connection::congestion_room() const noexcept {
  if (ecn_hold_) return 0;
  std::uint32_t window = congestion_.cwnd();
  if (recovery_ == Recovery::none && !sack_ok_ && shared_.config.limited_transmit) {
    //= RFC3042-2-a
    //= RFC5681-3.2-d
    // With SACK, the octets that a duplicate reports have left the pipe: room comes by itself.
    window += std::min(dup_acks_, 2u) * congestion_.smss();
  }
  const bool by_flight = recovery_ == Recovery::none && !shared_.config.limited_transmit;
  std::uint32_t used = by_flight ? flight_size() : in_flight();
  if (!syn_acked_ && used > 0) --used;  // the SYN, which is no text (RFC 7413, 4.2.2)
  return used < window ? window - used : 0;
}

// The sequence numbers that the next segment of new text takes, FIN included; 0: none now.
// RFC 9293, 3.8.6.2.1, with the Nagle algorithm of 3.7.4.
//= RFC9293-MUST-38
//= RFC9293-SHLD-7
//= RFC9293-SHLD-15
//= RFC7323-2.4-c
//= RFC7323-2.4-a
std::uint32_t Connection::new_segment_size(std::uint32_t room) const {
  if (send_buffer_.end() < tcb_.snd.nxt) return 0;  // the FIN was sent: that is all
  const SeqNum edge = tcb_.snd.una + tcb_.snd.wnd;
  const std::uint32_t usable = tcb_.snd.nxt < edge ? edge - tcb_.snd.nxt : 0;
  const std::uint32_t unsent = send_buffer_.end() - tcb_.snd.nxt;
  if (unsent == 0) {
    if (fin_waits() && usable > 0) return 1;
    return 0;
  }
  const std::uint32_t record = send_buffer_.record_end(tcb_.snd.nxt) - tcb_.snd.nxt;
  const std::uint32_t wanted = std::min<std::uint32_t>(record, mss_);
  if (room < wanted) return 0;
  const bool idle = tcb_.snd.una == tcb_.snd.nxt;
  if (wanted <= usable) {
    //= RFC9293-SHLD-28
    // (1) a full segment, or (2) all there is. Nothing can join what ends a record.
    const bool last = wanted == unsent;
    if (wanted < mss_ && last && holds_back_short_segments()) return 0;
    return wanted + (last && fin_waits() && wanted < usable ? 1 : 0);
  }
  if (usable == 0) return 0;
  // (4) the override timer, or (3) half of the largest window that the peer ever offered.
  if (override_) return usable;
  if ((options_->nodelay || idle) && usable >= tcb_.snd.max_wnd / 2) return usable;
  return 0;
}

// Is the last, short piece of what is queued to wait?
bool Connection::holds_back_short_segments() const noexcept {
  // Nothing can join it any more, or it has waited long enough, or it is urgent.
  // DEVIATION RFC9293-SHLD-7: the piece before the FIN, and urgent text, do not wait for an ACK.
  if (fin_queued_ || override_ || tcb_.snd.nxt < tcb_.snd.up) return false;
  if (options_->cork || more_ == More::waits) return true;
  //= RFC9293-MUST-17
  const SeqNum text_una = tcb_.snd.una + (syn_acked_ ? 0u : 1u);
  if (shared_.config.nagle_by_short_segments) return !options_->nodelay && text_una < short_end_;
  return !options_->nodelay && text_una < tcb_.snd.nxt;
}

// CLOSE was called and the FIN is still to be sent for the first time.
bool Connection::fin_waits() const noexcept {
  return fin_queued_ && tcb_.snd.nxt <= send_buffer_.end();
}

// --- making segments

// What every segment from SYN-RECEIVED on has in common: <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>.
//= RFC9293-3.1-ack
//= RFC9293-3.1-rsvd-a
Segment& Connection::make_segment(Instant now, Actions& act) {
  Segment& s = act.new_segment();
  s.local = local_;
  s.remote = remote_;
  s.seq = tcb_.snd.nxt;
  s.has_ack = true;
  s.ack = tcb_.rcv.nxt;
  s.window = offer_window(false);
  s.ece = echo_congestion_;
  if (timestamps_ok_) {
    //= RFC7323-3.2-b
    //= RFC7323-3.2-e
    //= RFC7323-4.3-a
    //= RFC7323-4.3-b
    //= RFC7323-4.3-c
    s.options.timestamps = Timestamps{timestamps_.clock(now), timestamps_.recent()};
  }
  if (sack_ok_ && is_synchronized(state_)) {
    //= RFC2018-4-b
    //= RFC2018-4-c
    // 40 octets of options hold four blocks, or three beside the timestamps; of a tiny segment the
    // greater part is left for text.
    std::size_t blocks = timestamps_ok_ ? 3 : 4;
    while (blocks > 0 && 2 * (4 + 8 * blocks) > mss_) --blocks;
    s.options.sack_count = reassembly_.blocks(s.options.sack_blocks, blocks);
  }
  if (user_timeout_is_news_ && sends_user_timeout() && is_synchronized(state_) &&
      s.options.encoded_size() + 4 <= kMaxOptionsSize) {
    //= RFC5482-3-c
    s.options.user_timeout = user_timeout_option();
    user_timeout_is_news_ = false;
  }
  return s;
}

// After a segment in Actions is complete.
void Connection::sent(const Segment& segment) {
  ++segments_out_;
  if (!segment.has_ack) return;
  ack_now_ = false;
  unacked_segments_ = 0;
  delayed_ack_at_.reset();
  last_ack_sent_ = tcb_.rcv.nxt;
  //= RFC2883-4-b
  if (segment.options.sack_count > 0) reassembly_.reported();
}

// SYN or, if the peer's SYN has arrived, SYN,ACK; the first time or again.
// The first one of a Fast Open has the option, and that of a client all text there is.
void Connection::send_syn(Instant now, Actions& act, const FastOpenOption* fast_open) {
  Segment s = make_syn(now);
  if (fast_open != nullptr) {
    //= RFC7413-4.1.1-a
    if (fast_open_ != FastOpen::attempted_bare) s.options.fast_open = *fast_open;
    if (!s.has_ack) s.size = send_buffer_.size();
  }
  if (sends_user_timeout() && s.options.encoded_size() + 4 <= kMaxOptionsSize) {
    s.options.user_timeout = user_timeout_option();
  }
  if (retransmits_ == 0 && !timed_until_) {
    timed_until_ = tcb_.iss + 1;
    timed_at_ = now;
  }
  act.send(s);
  if (s.size > 0) send_buffer_.copy(tcb_.iss + 1, act.make_text(s.size));
  sent(s);
}

Segment Connection::make_syn(Instant now) {
  const bool answers = state_ != State::syn_sent;
  Segment s;
  s.local = local_;
  s.remote = remote_;
  s.seq = tcb_.iss;
  s.syn = true;
  s.has_ack = answers;
  //= RFC7413-4.2.2-a
  if (answers) s.ack = tcb_.rcv.nxt;
  s.window = offer_window(true);
  //= RFC9293-MUST-14
  //= RFC9293-SHLD-5
  //= RFC9293-MAY-3
  //= RFC9293-3.7.1-mss-fixed
  //= RFC6691-2-a
  s.options.mss = advertised_mss_;
  //= RFC7323-2.2-b
  //= RFC7323-2.2-e
  //= RFC7323-2.3-a
  //= RFC7323-2.3-d
  //= RFC9293-MUST-65
  //= RFC2018-2-a
  // Sizes and permissions go with a SYN and with nothing else.
  if (answers ? scaling_ok_ : shared_.config.window_scaling) s.options.window_scale = rcv_wscale_;
  s.options.sack_permitted = answers ? sack_ok_ : shared_.config.sack;
  //= RFC7323-3.2-a
  //= RFC7323-3.2-d
  if (answers ? timestamps_ok_ : shared_.config.timestamps) {
    s.options.timestamps = Timestamps{timestamps_.clock(now), answers ? timestamps_.recent() : 0};
  }
  //= RFC3168-6.1.1-f
  if (answers) {
    s.ece = ecn_ok_;
  } else {
    s.ece = s.cwr = ecn_asked_;
  }
  return s;
}

//= RFC5482-3.3-a
// Our R2 as the option says it: in seconds, or, if those are too many for it, in minutes.
UserTimeout Connection::user_timeout_option() const noexcept {
  constexpr std::int64_t kMost = 0x7fff;
  const std::int64_t seconds = std::max<std::int64_t>(own_user_timeout() / Duration{1s}, 1);
  if (seconds <= kMost) return {false, static_cast<std::uint16_t>(seconds)};
  return {true, static_cast<std::uint16_t>(std::min(seconds / 60, kMost))};
}

// Text of [from, end), where `end` may count the FIN, as far as one segment takes it. Returns where
// the segment ended.
SeqNum Connection::send_text(Instant now, SeqNum from, SeqNum end, bool is_new, Actions& act) {
  Segment& s = make_segment(now, act);
  s.seq = from;
  const SeqNum text_end = send_buffer_.end();
  const auto room = static_cast<std::uint32_t>(segment_mss_ - s.options.encoded_size());
  s.size = from < text_end ? std::min(min(end, text_end) - from, room) : 0;
  const SeqNum sent_end = from + s.size;
  //= RFC9293-SHLD-27
  //= RFC9293-MUST-61
  // PSH marks the end of what the user has written so far.
  s.fin = fin_queued_ && sent_end == text_end && text_end < end;
  s.psh = s.size > 0 &&
          ((sent_end == text_end && more_ == More::none) || ends_train_ ||
           send_buffer_.ends_record(sent_end) || (!is_new && ends_with_push(from, sent_end)));
  set_urgent(s);
  if (is_new && ecn_ok_ && s.size > 0) {
    //= RFC3168-5-a
    //= RFC3168-6.1.1-b
    //= RFC3168-6.1.2-d
    //= RFC3168-6.1.5-a
    s.ecn = Ecn::ect0;
    s.cwr = cwr_pending_;
    cwr_pending_ = false;
  }
  send_buffer_.copy(from, act.make_text(s.size));
  sent(s);

  // No two at once, so that RFC 8985 can tell the order in which segments left by their times.
  last_sent_at_ = std::max(now, last_sent_at_ + Duration{1});
  send_buffer_.mark_sent(from, {.end = s.end(),
                                .psh = s.psh && !ends_train_,
                                .resent = from < tcb_.snd.nxt,
                                .sent_at = last_sent_at_});
  if (repair_ && recovery_ == Recovery::sack) repair_->prr.on_sent(s.len());
  if (is_new && !timed_until_) {
    timed_until_ = s.end();
    timed_at_ = now;
  }
  // The user answers: its next answers can carry our ACKs.
  if (is_new && octets_received_ > 0 && now - last_received_at_ < shared_.config.ack_delay) {
    quick_acks_ = std::numeric_limits<std::uint8_t>::max();
  }
  if (!is_new) {
    //= RFC6298-3-a
    if (from < tcb_.snd.nxt) ++total_retrans_;  // a window probe may be new text
    timed_until_.reset();
    note_retransmission(now, from, s.end());
    if (search_) search_->on_resent(from);
  }
  tcb_.snd.nxt = max(tcb_.snd.nxt, s.end());
  if (is_new && s.size > 0 && s.size < mss_) short_end_ = s.end();
  if (is_new) {
    congestion_.on_sent(tcb_.snd.una, tcb_.snd.nxt);
    restart_probe_ = true;
  }
  if (s.fin && state_ == State::close_wait) state_ = State::last_ack;
  return s.end();
}

bool Connection::ends_with_push(SeqNum from, SeqNum end) const {
  if (tcb_.snd.nxt <= from) return false;
  const SendBuffer::Mark mark = send_buffer_.mark_of(from);
  return mark.psh && mark.end == end;
}

// <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>
//= RFC3168-5.2-a
//= RFC3168-6.1.4-a
void Connection::send_ack(Instant now, Actions& act) {
  Segment& s = make_segment(now, act);
  set_urgent(s);
  sent(s);
}

//= RFC9293-SHLD-12
// <SEQ=SND.UNA-1>: below the window, so that it draws an ACK, and empty, so that it is no text.
void Connection::send_keepalive(Instant now, Actions& act) {
  Segment& s = make_segment(now, act);
  s.seq = tcb_.snd.una - 1;
  sent(s);
}

// <SEQ=SND.NXT><CTL=RST>, and where the configuration says so <ACK=RCV.NXT><CTL=ACK> beside it.
void Connection::send_reset(Instant now, Actions& act) {
  Segment s;
  s.local = local_;
  s.remote = remote_;
  s.seq = tcb_.snd.nxt;
  s.rst = true;
  if (shared_.config.acknowledge_in_reset && state_ != State::syn_sent) {
    s.has_ack = true;
    s.ack = tcb_.rcv.nxt;
  }
  //= RFC7323-3.2-f
  if (timestamps_ok_) {
    s.options.timestamps = Timestamps{timestamps_.clock(now), timestamps_.recent()};
  }
  act.send(s);
  sent(s);
}

// The urgent pointer counts from SEG.SEQ to behind the urgent text; what is too far ahead is told
// as far as sixteen bits go. It is said in empty segments too: a closed window does not stop it.
void Connection::set_urgent(Segment& segment) const noexcept {
  if (!(segment.seq < tcb_.snd.up)) return;
  segment.urg = true;
  segment.urgent_pointer =
      static_cast<std::uint16_t>(std::min<std::uint32_t>(tcb_.snd.up - segment.seq, 0xffff));
}

// --- the window that we offer

// RCV.BUFF - RCV.USER, as far as the window field reaches.
std::uint32_t Connection::receive_space() const noexcept {
  const std::uint32_t clamp = options_->window_clamp.value_or(0xffff'ffff);
  return std::min({receive_buffer_.space(), clamp, 0xffffu << rcv_wscale_});
}

// The smallest shift with which the whole buffer can be offered (RFC 7323, 2.3).
std::uint8_t Connection::shift_for_buffer() const noexcept {
  constexpr std::uint8_t kLargestShift = 14;
  const std::uint32_t space =
      std::min(largest_receive_buffer(), options_->window_clamp.value_or(0xffff'ffff));
  std::uint8_t shift = 0;
  while (shift < kLargestShift && (space >> shift) > 0xffff) ++shift;
  return shift;
}

// What the buffer may grow to: a size that the user chose is kept.
std::uint32_t Connection::largest_receive_buffer() const noexcept {
  if (options_->receive_buffer) return receive_buffer_.capacity();
  return std::max(receive_buffer_.capacity(), shared_.config.receive_buffer_max);
}

// Dynamic right-sizing: what the user reads in a round trip is what the peer could send in one.
// With twice that and a little more, the window is not what holds a peer back that doubles its own
// window in each round trip.
void Connection::tune_receive_buffer(Instant now, std::uint32_t read) {
  read_since_tuned_ += read;
  constexpr Duration kShortest = 1ms;
  if (now - tuned_at_ < std::max(rto_.srtt(), kShortest)) return;
  const std::uint64_t wanted =
      2 * std::uint64_t{read_since_tuned_} + 16 * std::uint64_t{advertised_mss_};
  const std::uint32_t most = std::min(largest_receive_buffer(), 0xffffu << rcv_wscale_);
  if (tuned_at_ != Instant{} && wanted > receive_buffer_.capacity() &&
      receive_buffer_.capacity() < most) {
    receive_buffer_.set_capacity(static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, most)));
  }
  tuned_at_ = now;
  read_since_tuned_ = 0;
}

// Sets RCV.WND and returns the window field that says so.
//= RFC9293-MUST-39
//= RFC9293-SHLD-14
//= RFC7323-2.3-c
std::uint16_t Connection::offer_window(bool in_syn) {
  const std::uint32_t space = receive_space();
  if (in_syn) {
    const std::uint32_t window = std::min(space, 0xffffu);
    tcb_.rcv.wnd = std::max(tcb_.rcv.wnd, window);
    return static_cast<std::uint16_t>(window);
  }
  // RFC 9293, 3.8.6.2.2: the right edge moves only by a worthwhile amount.
  std::uint32_t window = tcb_.rcv.wnd;
  const std::uint32_t step = std::min(receive_buffer_.capacity() / 2, std::uint32_t{mss_});
  if (space > window && space - window >= step) window = space;
  std::uint32_t field = window >> rcv_wscale_;
  // Rounding down would take back up to 2^shift - 1 octets; rounding up is better where the buffer
  // has room for it. What was once offered is honoured in either case: RCV.WND never shrinks here.
  const std::uint32_t rounded_up = (field + 1) << rcv_wscale_;
  if (field << rcv_wscale_ != window && rounded_up <= space) ++field;
  field = std::min(field, 0xffffu);
  tcb_.rcv.wnd = std::max(tcb_.rcv.wnd, field << rcv_wscale_);
  return static_cast<std::uint16_t>(field);
}

// The user has read: is it worth a segment to say that there is room again?
bool Connection::window_update_is_due() const noexcept {
  if (!accepts_text() || fin_received_) return false;
  const std::uint32_t space = receive_space();
  const std::uint32_t offered = tcb_.rcv.wnd;
  if (space <= offered) return false;
  const std::uint32_t gain = space - offered;
  const std::uint32_t whole = receive_buffer_.capacity();
  const std::uint32_t mss = mss_;
  // A window of less than a segment stalls the peer: any worthwhile step is told. Otherwise two
  // segments, if that is much of the window; the ACKs of what arrives tell the rest.
  if (offered < mss) return gain >= std::min(whole / 2, mss);
  return gain >= whole / 2 || (gain >= 2 * mss && (gain >= whole / 4 || offered <= whole / 8));
}

}  // namespace packetwright::tcp
