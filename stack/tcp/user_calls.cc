// SPDX-License-Identifier: Apache-2.0
// RFC 9293, 3.10.1 to 3.10.6: the user's calls, in the order of the text, states in its order.
#include <algorithm>

#include "stack/tcp/connection.hh"
#include "stack/tcp/syn_cookie.hh"

namespace packetwright::tcp {

// 3.10.1 OPEN, active, CLOSED state.
//= RFC9293-3.10.1-active
void Connection::open(Instant now, SeqNum iss, const FastOpenAttempt* fast_open, Bytes text,
                      bool waits, Actions& act) {
  tcb_.iss = iss;
  tcb_.snd.una = iss;
  tcb_.snd.nxt = iss + 1;
  tcb_.snd.up = iss;
  recover_ = short_end_ = iss;
  send_buffer_.start_at(iss + 1);
  send_buffer_.mark_sent(iss, {.end = iss + 1, .sent_at = now});
  state_ = State::syn_sent;
  ecn_asked_ = shared_.config.ecn == EcnPolicy::initiate;
  writer_waits_ = waits;
  if (fast_open != nullptr && fast_open->option.size == 0 && !fast_open->without_cookie) {
    //= RFC7413-4.2.1-a
    fast_open_ =
        fast_open->option.experimental ? FastOpen::requested_experimental : FastOpen::requested;
  } else if (fast_open != nullptr) {
    // RFC 7413, 4.2.2, "Client: Sending SYN": as much text as the server takes in a segment, less
    // the room of the longest options, because somebody on the way may add some.
    constexpr std::uint32_t kMaxOptions = 40;
    fast_open_ = fast_open->without_cookie ? FastOpen::attempted_bare : FastOpen::attempted;
    const std::uint16_t otherwise = fast_open->without_cookie ? advertised_mss_ : peer_mss_;
    const std::uint16_t mss = std::min({fast_open->mss > 0 ? fast_open->mss : otherwise,
                                        path_.send_mss, options_->max_segment.value_or(0xffff)});
    const std::size_t room = mss > kMaxOptions ? mss - kMaxOptions : 0;
    const std::size_t taken = send_buffer_.append(text.first(std::min(text.size(), room)));
    if (taken > 0) {
      tcb_.snd.nxt += static_cast<std::uint32_t>(taken);
      send_buffer_.mark_sent(iss + 1, {.end = tcb_.snd.nxt, .sent_at = now});
    }
    user_is_blocked_ = taken < text.size();
    writer_waits_ = waits && user_is_blocked_;
  }
  send_syn(now, act, fast_open != nullptr ? &fast_open->option : nullptr);
  arm_timers(now);
}

// 3.10.1 OPEN, passive: what listen_3_syn begins. The listener's record stays in LISTEN; this one
// goes from there to SYN-RECEIVED.
void Connection::open_from_listen(Instant now, SeqNum iss, const Segment& syn, ListenerId listener,
                                  const FastOpenGrant& grant, Actions& act) {
  enter_syn_received(now, iss, syn, listener);
  if (grant.accept) take_text_of_fast_open(syn);
  send_syn(now, act, grant.answer ? &*grant.answer : nullptr);
  //= RFC9293-3.10.7.2-text
  //= RFC7413-4.2.2-b
  if (!grant.accept && !grant.refuse_text) keep_text_of_syn(syn);
  arm_timers(now);
}

void Connection::enter_syn_received(Instant now, SeqNum iss, const Segment& syn,
                                    ListenerId listener) {
  //= RFC9293-MUST-11
  listener_ = listener;
  tcb_.iss = iss;
  tcb_.snd.una = iss;
  tcb_.snd.nxt = iss + 1;
  tcb_.snd.up = iss;
  recover_ = short_end_ = iss;
  send_buffer_.start_at(iss + 1);
  send_buffer_.mark_sent(iss, {.end = iss + 1, .sent_at = now});
  take_syn(now, syn);
  //= RFC3168-6.1.1-a
  //= RFC3168-6.1.1-e
  ecn_ok_ = shared_.config.ecn != EcnPolicy::off && syn.ece && syn.cwr;
  state_ = State::syn_received;
}

Segment Connection::make_syn_cookie_ack(Instant now, SeqNum iss, const Segment& syn) {
  enter_syn_received(now, iss, syn, {});
  if (!timestamps_ok_) {
    // Without timestamps the cookie has no room for more than the segment size.
    scaling_ok_ = sack_ok_ = ecn_ok_ = false;
    rcv_wscale_ = 0;
  }
  Segment answer = make_syn(now);
  if (timestamps_ok_) {
    SynCookieOptions options;
    if (scaling_ok_) options.window_scale = snd_wscale_;
    options.sack_permitted = sack_ok_;
    options.ecn = ecn_ok_;
    answer.options.timestamps->value = SynCookies::stamp(timestamps_.clock(now), options);
  }
  return answer;
}

void Connection::open_from_cookie(Instant now, SeqNum iss, const Segment& syn,
                                  ListenerId listener) {
  enter_syn_received(now, iss, syn, listener);
  static_cast<void>(offer_window(true));  // as the SYN,ACK did
  ++segments_out_;
  arm_timers(now);
}

// 3.10.2 SEND.
Result<std::size_t, TcpError> Connection::send(Instant now, Bytes text, SendFlags flags,
                                               Actions& act) {
  switch (state_) {
    case State::syn_sent:
    case State::syn_received:
      //= RFC9293-3.10.2-synsent
      // The text is queued; output() leaves it there until ESTABLISHED.
    case State::established:
    case State::close_wait:
      if (fin_queued_ || close_deferred_) return Err{TcpError::connection_closing};
      break;
    case State::fin_wait_1:
    case State::fin_wait_2:
    case State::closing:
    case State::last_ack:
    case State::time_wait:
      //= RFC9293-3.10.2-closing
      return Err{TcpError::connection_closing};
    case State::listen:
    case State::closed: return Err{failure_.value_or(TcpError::connection_does_not_exist)};
  }
  const std::size_t taken = send_buffer_.append(text);
  if (taken < text.size()) user_is_blocked_ = true;
  if (taken == 0 && !text.empty()) return Err{TcpError::insufficient_resources};
  //= RFC9293-MUST-31
  //= RFC9293-MUST-62
  //= RFC6093-4-a
  // SND.UP is the number of the octet behind the urgent text.
  if (flags.urgent && taken > 0) tcb_.snd.up = send_buffer_.end();
  if (flags.record_end && taken == text.size()) send_buffer_.end_record();
  more_ = flags.more ? More::waits : More::none;
  output(now, act);
  return taken;
}

// 3.10.3 RECEIVE.
Result<std::size_t, TcpError> Connection::receive(Instant now, MutableBytes into, bool peek,
                                                  Actions& act) {
  switch (state_) {
    case State::listen:
    case State::syn_sent: return std::size_t{0};
    case State::syn_received:
      // A RECEIVE would wait here for ESTABLISHED; ours never waits.
      if (!fast_opened()) return std::size_t{0};
      break;
    case State::established:
    case State::fin_wait_1:
    case State::fin_wait_2: break;
    case State::close_wait:
      //= RFC9293-3.10.3-closewait
    case State::closing:
    case State::last_ack:
    case State::time_wait:
      // The text answers "connection closing" from CLOSING on. What arrived before the FIN is not
      // withheld for that: the user may have closed the other direction long ago.
    case State::closed:
      if (failure_ && receive_buffer_.size() == 0) return Err{*failure_};
      if (state_ == State::closed && !fin_received_ && receive_buffer_.size() == 0) {
        return Err{TcpError::connection_does_not_exist};
      }
      break;
  }
  //= RFC6093-3.1-a
  std::uint32_t skip = 0;  // an urgent octet that is not part of the stream
  std::uint32_t count = receive_buffer_.size();
  if (urgent_valid_) {
    const SeqNum urgent_octet = tcb_.rcv.up - 1;
    const SeqNum reader = read_seq();
    if (reader < urgent_octet) {
      count = std::min(count, urgent_octet - reader);
    } else if (reader == urgent_octet && !options_->oob_inline && count > 0) {
      skip = 1;
    }
  }
  count = static_cast<std::uint32_t>(std::min<std::size_t>(count - skip, into.size()));
  receive_buffer_.copy(skip, into.first(count));
  if (!peek && count + skip > 0) {
    receive_buffer_.drop(count + skip);
    tune_receive_buffer(now, count + skip);
    if (urgent_valid_ && tcb_.rcv.up <= read_seq()) urgent_valid_ = false;
    if (window_update_is_due()) {
      ack_now_ = true;
      output(now, act);
    }
  }
  return std::size_t{count};
}

// 3.10.4 CLOSE.
Result<void, TcpError> Connection::close(Instant now, Actions& act) {
  switch (state_) {
    case State::listen:
    case State::syn_sent:
      //= RFC9293-3.10.4-synsent
      vanish();
      return {};
    case State::syn_received:
      //= RFC9293-3.10.4-synrcvd
      if (close_deferred_) return Err{TcpError::connection_closing};
      if (send_buffer_.size() > 0 && !fast_opened()) {
        close_deferred_ = true;
        return {};
      }
      [[fallthrough]];
    case State::established:
      //= RFC9293-3.10.4-estab
      //= RFC9293-3.6-deliver
      fin_queued_ = true;
      state_ = State::fin_wait_1;
      break;
    case State::fin_wait_1:
    case State::fin_wait_2:
      //= RFC9293-3.10.4-second
      return Err{TcpError::connection_closing};
    case State::close_wait:
      //= RFC9293-3.6-halfclosed
      // LAST-ACK begins when the FIN is sent, behind the text that is still queued.
      if (fin_queued_) return Err{TcpError::connection_closing};
      fin_queued_ = true;
      break;
    case State::closing:
    case State::last_ack:
    case State::time_wait: return Err{TcpError::connection_closing};
    case State::closed: return Err{failure_.value_or(TcpError::connection_does_not_exist)};
  }
  output(now, act);
  return {};
}

//= RFC9293-SHLD-3
// A RST shows the peer that its text is lost, in CLOSING and LAST-ACK too, where ABORT says
// nothing. In TIME-WAIT the peer has nothing left to reset, and the wait has to last (3.6.1).
Result<void, TcpError> Connection::close_unread(Instant now, Actions& act) {
  if (state_ == State::time_wait || state_ == State::closed) return close(now, act);
  send_reset(now, act);
  failure_ = TcpError::connection_reset;
  vanish();
  return {};
}

// 3.10.5 ABORT.
// DEVIATION RFC9293-3.5.2-tw: CLOSED follows, as this section says, not the TIME-WAIT of 3.5.2.
Result<void, TcpError> Connection::abort(Instant now, Actions& act) {
  switch (state_) {
    case State::listen:
    case State::syn_sent: break;
    case State::syn_received:
    case State::established:
    case State::fin_wait_1:
    case State::fin_wait_2:
    case State::close_wait:
      //= RFC9293-3.10.5-abort
      send_reset(now, act);
      break;
    case State::closing:
    case State::last_ack:
    case State::time_wait:
      //= RFC9293-3.10.5-quiet
      break;
    case State::closed: return Err{failure_.value_or(TcpError::connection_does_not_exist)};
  }
  failure_ = TcpError::connection_reset;
  receive_buffer_.release();
  vanish();
  return {};
}

// 3.10.6 STATUS.
Status Connection::status() const {
  Status s;
  s.state = state_;
  s.local = local_;
  s.remote = remote_;
  s.passive = listener_ != ListenerId{};
  s.iss = tcb_.iss;
  s.irs = tcb_.irs;
  s.snd_una = tcb_.snd.una;
  s.snd_nxt = tcb_.snd.nxt;
  s.rcv_nxt = tcb_.rcv.nxt;
  s.snd_wnd = tcb_.snd.wnd;
  s.rcv_wnd = tcb_.rcv.wnd;
  s.snd_wscale = snd_wscale_;
  s.rcv_wscale = rcv_wscale_;
  s.snd_mss = mss_;
  s.snd_probe = search_ ? search_->probe() : std::uint16_t{0};
  s.advertised_mss = advertised_mss_;
  s.peer_mss = peer_mss_;
  s.timestamps = timestamps_ok_;
  s.sack = sack_ok_;
  s.window_scaling = scaling_ok_;
  s.ecn = ecn_ok_;

  s.cwnd = congestion_.cwnd();
  s.ssthresh = congestion_.ssthresh();
  s.cwnd_segments = s.cwnd / congestion_.smss();
  s.ssthresh_segments = s.ssthresh / congestion_.smss();
  s.in_recovery = recovery_ != Recovery::none;
  s.srtt = rto_.srtt();
  s.rttvar = rto_.rttvar();
  s.rto = rto_.rto();
  s.backoff = persist_at_ ? persist_backoff_ : retransmits_;
  s.retransmits = retransmits_;
  s.total_retrans = total_retrans_;
  s.delivered = send_buffer_.delivered_segments();
  // A SYN and its text are one segment.
  if (syn_text_taken_ && listener_ == ListenerId{}) --s.delivered;
  s.reordering =
      std::max<std::uint32_t>(shared_.config.dup_thresh, repair_ ? repair_->rack.reordering() : 0);
  const SeqNum lost_end = recovery_ == Recovery::timeout ? recover_ : lost_before();
  SeqNum from = tcb_.snd.una;
  for (const SendBuffer::Mark& mark : send_buffer_.marks()) {
    ++s.unacked;
    if (scoreboard_.is_sacked(from)) {
      ++s.sacked;
    } else if (uses_rack() ? mark.lost : from < lost_end) {
      ++s.lost;
    }
    if (mark.resent && !mark.lost && !scoreboard_.is_sacked(from)) ++s.resent;
    from = mark.end;
  }
  s.syn_text_taken = syn_text_taken_;
  if (recovery_ == Recovery::timeout) {
    s.course = Status::Course::loss;
  } else if (recovery_ != Recovery::none) {
    s.course = Status::Course::recovery;
  } else if (tcb_.snd.una < ecn_recover_) {
    s.course = Status::Course::reduced;
  } else if (s.sacked > 0 || dup_acks_ > 0) {
    s.course = Status::Course::disorder;
  }

  if (send_times_) s.send_times = *send_times_;
  s.send_queue = send_buffer_.size();
  if (tcb_.snd.nxt < send_buffer_.end()) s.unsent = send_buffer_.end() - tcb_.snd.nxt;
  s.receive_queue = receive_buffer_.size();
  s.segments_in = segments_in_;
  s.segments_out = segments_out_;
  s.octets_acked = octets_acked_;
  s.octets_received = octets_received_;

  const auto consider = [&s](TimerKind kind, const std::optional<Instant>& at) {
    if (!at || (s.timer != TimerKind::none && s.timer_at <= *at)) return;
    s.timer = kind;
    s.timer_at = *at;
  };
  consider(TimerKind::retransmit, retransmit_at_);
  consider(early_is_probe_ ? TimerKind::loss_probe : TimerKind::reordering, early_at_);
  consider(TimerKind::persist, persist_at_);
  consider(TimerKind::time_wait, time_wait_at_);
  consider(TimerKind::orphan, orphan_at_);
  consider(TimerKind::override_sws, override_at_);
  consider(TimerKind::delayed_ack, delayed_ack_at_);
  consider(TimerKind::keepalive, keepalive_at_);
  consider(TimerKind::user_timeout, user_timeout_at_);
  return s;
}

SeqNum Connection::read_seq() const noexcept {
  return tcb_.rcv.nxt - (fin_received_ ? 1u : 0u) - receive_buffer_.size();
}

//= RFC9293-MUST-33
std::uint32_t Connection::urgent_ahead() const noexcept {
  if (!urgent_valid_ || tcb_.rcv.up <= read_seq()) return 0;
  return tcb_.rcv.up - read_seq();
}

bool Connection::at_urgent_mark() const noexcept {
  return urgent_valid_ && tcb_.rcv.up - 1 == read_seq();
}

std::optional<std::uint8_t> Connection::receive_urgent(bool peek) {
  const std::uint32_t ahead = urgent_ahead();
  if (ahead == 0 || ahead > receive_buffer_.size() || urgent_taken_) return std::nullopt;
  std::uint8_t octet = 0;
  receive_buffer_.copy(ahead - 1, MutableBytes{&octet, 1});
  if (!peek) urgent_taken_ = true;
  return octet;
}

void Connection::set_options(const ConnectionOptions& options) {
  //= RFC5482-3-c
  user_timeout_is_news_ = user_timeout_is_news_ || options.user_timeout != options_->user_timeout;
  options_ = options;
  send_buffer_.set_capacity(options.send_buffer.value_or(shared_.config.send_buffer));
  if (options.receive_buffer) receive_buffer_.set_capacity(*options.receive_buffer);
  // The shift of our window is told in our SYN and never again (RFC 7323, 2.2).
  if (state_ == State::closed) rcv_wscale_ = shift_for_buffer();
  if (is_synchronized(state_)) {
    update_mss();
    congestion_.set_smss(mss_);
  }
  congestion_.set_control(options.congestion_control.value_or(shared_.config.congestion_control));
  if (!options_->keepalive) keepalive_at_.reset();
}

}  // namespace packetwright::tcp
