// SPDX-License-Identifier: Apache-2.0
// RFC 9293, 3.10.7, SEGMENT ARRIVES: to be read beside the text. The functions stand in its order
// and carry its ordinals, and every switch names the states in its order. What RFC 5961, 6191 and
// 7323 change is said at the step where they act.
#include <algorithm>

#include "stack/tcp/connection.hh"
#include "stack/tcp/reset.hh"
#include "stack/tcp/tcp.hh"

namespace packetwright::tcp {

// Which section the segment is for.
void Tcp::on_segment(Instant now, const Segment& seg, const Path& path, Actions& act) {
  if (Connection* const found = find(seg.local, seg.remote)) {
    Connection& connection = *found;
    if (time_wait_syn(now, connection, seg, path, act)) return;
    if (const auto reason = handshake_waits(now, connection, seg)) return act.drop(*reason);
    if (shared_.narrow_paths > 0) connection.on_path(path);
    connection.on_segment(now, seg, act);
    mark_dirty(connection);
    return settle(connection, act);
  }
  if (Listener* const listener = listeners_.match(seg.local)) {
    return arrives_listen(now, seg, path, *listener, act);
  }
  arrives_closed(seg, act);
}

// 3.10.7.1 CLOSED STATE: there is no TCB.
//= RFC9293-3.5.2-1
void Tcp::arrives_closed(const Segment& seg, Actions& act) {
  act.drop(DropReason::tcp_no_connection);
  //= RFC9293-3.10.7.1-a
  if (seg.rst) return;
  act.send(make_reset_for(seg, shared_.config));
}

// 3.10.7.2 LISTEN STATE.
void Tcp::arrives_listen(Instant now, const Segment& seg, const Path& path, Listener& listener,
                         Actions& act) {
  if (listen_1_rst(seg, act) == Verdict::done) return;
  if (listen_2_ack(now, seg, path, listener, act) == Verdict::done) return;
  if (listen_3_syn(now, seg, path, listener, act) == Verdict::done) return;
  listen_4_other(act);
}

// First, check for a RST.
//= RFC9293-3.10.7.2-rst
Verdict Tcp::listen_1_rst(const Segment& seg, Actions& act) {
  if (!seg.rst) return Verdict::go_on;
  act.drop(DropReason::tcp_listen_rst);
  return Verdict::done;
}

// Second, check for an ACK: it acknowledges nothing that LISTEN ever sent, but for SYN cookies.
//= RFC9293-3.10.7.2-ack
Verdict Tcp::listen_2_ack(Instant now, const Segment& seg, const Path& path, Listener& listener,
                          Actions& act) {
  if (!seg.has_ack) return Verdict::go_on;
  if (take_syn_cookie(now, seg, path, listener, act)) return Verdict::done;
  act.send(make_reset_for(seg, shared_.config));
  act.drop(DropReason::tcp_listen_ack);
  return Verdict::done;
}

// Third, check for a SYN. The security check of the text is void: see check_3_security.
//= RFC9293-3.10.7.2-syn
//= RFC9293-MUST-41
//= RFC9293-MUST-42
Verdict Tcp::listen_3_syn(Instant now, const Segment& seg, const Path& path, Listener& listener,
                          Actions& act) {
  if (!seg.syn) return Verdict::go_on;
  // No room for a connection: silence, so that the peer tries again when there may be some.
  const bool no_room_to_wait = listener.pending.size() >= listener.backlog;
  const SynCookiePolicy cookies = shared_.config.syn_cookies;
  const bool no_room_for_embryos = listener.embryos >= shared_.config.syn_backlog;
  if (no_room_to_wait || (no_room_for_embryos && cookies == SynCookiePolicy::off)) {
    act.drop(DropReason::tcp_listen_backlog_full);
    return Verdict::done;
  }
  if (no_room_for_embryos || cookies == SynCookiePolicy::always) {
    send_syn_cookie(now, seg, path, listener, act);
    return Verdict::done;
  }
  //= RFC9293-3.9.1.1-anyaddr
  //= RFC9293-MUST-45
  // The addresses of the SYN fill in what the passive OPEN left open.
  Connection* const embryo = make_connection(seg.local, seg.remote, path, listener.options);
  if (embryo == nullptr) {
    act.drop(DropReason::tcp_listen_backlog_full);
    return Verdict::done;
  }
  const FastOpenGrant grant = fast_open_grant(now, seg, listener);
  embryo->holder = Connection::Holder::listener;
  embryo->embryo = true;
  ++listener.embryos;
  const SeqNum iss = choose_iss(now, seg.local, seg.remote, listener.options);
  embryo->open_from_listen(now, iss, seg, listener.id, grant, act);
  if (grant.accept) {
    ++listener.fast_opens;
    offer(listener, *embryo, act);
  }
  settle(*embryo, act);
  return Verdict::done;
}

// Fourth, other data or control.
//= RFC9293-3.10.7.2-other
void Tcp::listen_4_other(Actions& act) {
  act.drop(DropReason::tcp_listen_other);
}

// TIME-WAIT and a SYN, before the checks of 3.10.7.4. RFC 6191 acts here: the SYN of a new
// incarnation, told by its timestamp or else by its number, ends TIME-WAIT early.
//= RFC9293-SHLD-4
//= RFC9293-MAY-2
bool Tcp::time_wait_syn(Instant now, Connection& old, const Segment& seg, const Path& path,
                        Actions& act) {
  if (old.state() != State::time_wait || !seg.syn || seg.has_ack || seg.rst) return false;
  if (!shared_.config.time_wait_reuse) return false;
  Listener* const listener = listeners_.match(seg.local);
  if (listener == nullptr) return false;
  if (!old.may_be_replaced_by(seg)) {
    //= RFC6191-2-e
    act.drop(DropReason::tcp_time_wait_syn);
    return true;
  }
  // The old connection stands aside and comes back if the SYN proves an old duplicate: settle().
  table_.erase(old.local(), old.remote(), old.id().slot);
  floor_of_iss_ = old.tcb().snd.nxt;
  arrives_listen(now, seg, path, *listener, act);
  floor_of_iss_.reset();
  if (Connection* const embryo = find(seg.local, seg.remote)) {
    embryo->replaces = old.id();
  } else {
    table_.insert(old.local(), old.remote(), old.id().slot);
  }
  return true;
}

void Connection::on_segment(Instant now, const Segment& seg, Actions& act) {
  ++segments_in_;
  switch (state_) {
    case State::syn_sent: arrives_syn_sent(now, seg, act); break;
    case State::syn_received:
    case State::established:
    case State::fin_wait_1:
    case State::fin_wait_2:
    case State::close_wait:
    case State::closing:
    case State::last_ack:
    case State::time_wait: arrives_other(now, seg, act); break;
    case State::listen:
    case State::closed: PW_ASSERT(false); break;  // Tcp deals with these
  }
}

// 3.10.7.3 SYN-SENT STATE.
Verdict Connection::arrives_syn_sent(Instant now, const Segment& seg, Actions& act) {
  if (syn_sent_1_ack(now, seg, act) == Verdict::done) return Verdict::done;
  if (syn_sent_2_rst(seg, act) == Verdict::done) return Verdict::done;
  if (syn_sent_3_security(seg) == Verdict::done) return Verdict::done;
  if (syn_sent_4_syn(now, seg, act) == Verdict::done) return Verdict::done;
  return syn_sent_5_neither(act);
}

// First, check the ACK bit.
//= RFC9293-3.10.7.3-badack
//= RFC9293-3.5-olddup
//= RFC9293-3.5.2-2
Verdict Connection::syn_sent_1_ack(Instant now, const Segment& seg, Actions& act) {
  if (!seg.has_ack) return Verdict::go_on;
  const bool acks_our_syn = tcb_.snd.una < seg.ack && seg.ack <= tcb_.snd.nxt;
  if (acks_our_syn && !echoes_no_syn(now, seg)) return Verdict::go_on;
  //= RFC5961-3.2-4
  if (!seg.rst) act.send(make_reset_for(seg, shared_.config));
  act.drop(DropReason::tcp_syn_sent_bad_ack);
  return Verdict::done;
}

// Not one of the timestamps that our SYNs had came back (TcpConfig::check_echo_of_syn).
bool Connection::echoes_no_syn(Instant now, const Segment& seg) const {
  const TcpConfig& config = shared_.config;
  if (!config.check_echo_of_syn || !config.timestamps || seg.rst) return false;
  if (!seg.options.timestamps || !progress_at_) return false;
  const std::uint32_t first = timestamps_.clock(*progress_at_);
  return seg.options.timestamps->echo_reply - first > timestamps_.clock(now) - first;
}

// Second, check the RST bit. The ACK field, checked above, is what tells a reset from a blind guess
// (RFC 5961, 3.2).
// DEVIATION RFC9293-3.10.7.3-5961: SEG.SEQ is not compared with RCV.NXT, which has no value yet.
//= RFC9293-3.10.7.3-rst
//= RFC9293-3.5.3-synsent
Verdict Connection::syn_sent_2_rst(const Segment& seg, Actions& act) {
  if (!seg.rst) return Verdict::go_on;
  if (!seg.has_ack) {
    act.drop(DropReason::tcp_syn_sent_rst_without_ack);
    return Verdict::done;
  }
  finish(TcpError::connection_refused, act);
  return Verdict::done;
}

// Third, check the security: see check_3_security.
Verdict Connection::syn_sent_3_security(const Segment&) {
  return Verdict::go_on;
}

// Fourth, check the SYN bit.
Verdict Connection::syn_sent_4_syn(Instant now, const Segment& seg, Actions& act) {
  if (!seg.syn) return Verdict::go_on;
  take_syn(now, seg);
  if (seg.has_ack) {
    //= RFC9293-3.10.7.3-synack
    // A SYN,ACK that grants ECN has ECE without CWR (RFC 3168, 6.1.1).
    ecn_ok_ = ecn_asked_ && seg.ece && !seg.cwr;
    learn_from_syn_ack(seg, now);
    acknowledge(now, seg, act);
    if (writer_waits_ && shared_.config.handshake_ack_waits) {
      // What is written then is an answer, as it is to text: others may follow.
      delayed_ack_at_ = now + shared_.config.ack_delay;
      quick_acks_ = std::numeric_limits<std::uint8_t>::max();
    } else {
      ack_now_ = true;
    }
    enter_established(act);
    //= RFC9293-3.10.7.3-text
    if (check_6_urg(seg, act) == Verdict::done) return Verdict::done;
    if (check_7_text(now, seg, act) == Verdict::done) return Verdict::done;
    return check_8_fin(now, seg, act);
  }
  //= RFC9293-3.10.7.3-syn
  //= RFC9293-MUST-10
  // Both sides open at once.
  state_ = State::syn_received;
  send_syn(now, act);
  timed_until_.reset();  // an ACK may be for the SYN or for the SYN,ACK (RFC 6298, 3)
  if (shared_.config.keep_text_of_crossing_syn) keep_text_of_syn(seg);
  return Verdict::done;
}

// Fifth, neither SYN nor RST.
//= RFC9293-3.10.7.3-drop
Verdict Connection::syn_sent_5_neither(Actions& act) {
  act.drop(DropReason::tcp_syn_sent_neither);
  return Verdict::done;
}

// 3.10.7.4 Other States. The eight checks, in the order of the text. A check that says "return" in
// the RFC returns Verdict::done here.
Verdict Connection::arrives_other(Instant now, const Segment& seg, Actions& act) {
  last_received_at_ = now;
  keepalive_probes_ = 0;
  if (check_1_sequence(now, seg, act) == Verdict::done) return Verdict::done;
  if (check_2_rst(now, seg, act) == Verdict::done) return Verdict::done;
  if (check_3_security(seg) == Verdict::done) return Verdict::done;
  if (check_4_syn(now, seg, act) == Verdict::done) return Verdict::done;
  if (check_5_ack(now, seg, act) == Verdict::done) return Verdict::done;
  if (check_6_urg(seg, act) == Verdict::done) return Verdict::done;
  if (check_7_text(now, seg, act) == Verdict::done) return Verdict::done;
  return check_8_fin(now, seg, act);
}

// First, check sequence number; the same in all states. What lies beyond the window is cut off, and
// what has been taken before is skipped, where text and FIN are processed. Out-of-order text is
// held in step 7, not here, so that RST, SYN and ACK are seen as they come.
Verdict Connection::check_1_sequence(Instant now, const Segment& seg, Actions& act) {
  //= RFC7323-5.3-R2
  //= RFC7323-5.3-R5
  // RFC 7323, 5.3 acts here: PAWS comes before the window.
  if (check_paws(now, seg, act) == Verdict::done) return Verdict::done;
  if (!is_acceptable(seg)) {
    if (!is_window_probe(seg)) return unacceptable(now, seg, act);
    //= RFC9293-3.10.7.4-zerown
    //= RFC9293-MUST-66
    //= RFC9293-3.8.6.1-ack
    //= RFC9293-MAY-8
    ack_now_ = true;
  }
  if (timestamps_ok_ && seg.options.timestamps && !seg.rst) {
    //= RFC7323-5.2-c
    timestamps_.remember(now, seg.options.timestamps->value, seg.seq, last_ack_sent_);
  }
  return Verdict::go_on;
}

// RFC 7323, 3.2 and 5.3. A RST is not tested, and a segment without the option is no reason to end
// anything. A SYN comes from a peer that may know nothing of this connection, nor of its options:
// it is always answered (RFC 5961, 4), or a half-open connection would never be discovered (3.5.1).
Verdict Connection::check_paws(Instant now, const Segment& seg, Actions& act) {
  //= RFC7323-3.2-i
  if (!timestamps_ok_ || seg.rst) return Verdict::go_on;
  if (!seg.options.timestamps) {
    // DEVIATION RFC7323-3.2-g: a SYN is not dropped, decision 0005.
    if (seg.syn || shared_.config.allow_missing_timestamps) return Verdict::go_on;
    //= RFC7323-3.2-g
    //= RFC7323-3.2-h
    act.drop(DropReason::tcp_missing_timestamp);
    return Verdict::done;
  }
  if (!timestamps_.is_old(now, seg.options.timestamps->value)) return Verdict::go_on;
  act.drop(DropReason::tcp_paws);
  reply_to_stray(now, seg, act);
  return Verdict::done;
}

// The four cases of the table in 3.10.7.4. RCV.WND reaches to the rightmost edge ever advertised
// (RFC 7323, 2.4).
//= RFC9293-3.4-accept
//= RFC9293-3.4-mod
bool Connection::is_acceptable(const Segment& seg) const noexcept {
  const SeqNum nxt = tcb_.rcv.nxt;
  const std::uint32_t wnd = tcb_.rcv.wnd;
  if (seg.len() == 0) return wnd == 0 ? seg.seq == nxt : in_window(seg.seq, nxt, wnd);
  // Trimming takes a SYN outside the window off its text: the SYN that made us, sent again, is no
  // SYN in the window, whatever it carries.
  if (seg.syn) return in_window(seg.seq, nxt, wnd);
  return wnd != 0 && (in_window(seg.seq, nxt, wnd) || in_window(seg.end() - 1, nxt, wnd));
}

bool Connection::is_window_probe(const Segment& seg) const noexcept {
  return tcb_.rcv.wnd == 0 && seg.seq == tcb_.rcv.nxt;
}

//= RFC9293-3.10.7.4-seq-ack
//= RFC9293-3.10.7.4-seq-rst
//= RFC9293-3.5.2-3
//= RFC9293-3.5.2-general
Verdict Connection::unacceptable(Instant now, const Segment& seg, Actions& act) {
  if (seg.rst) {
    //= RFC9293-3.10.7.4-rst1
    //= RFC5961-3.2-1
    act.drop(DropReason::rst_outside_window);
    return Verdict::done;
  }
  if (state_ == State::syn_received && seg.syn && seg.seq == tcb_.irs) {
    return second_syn(now, seg, act);
  }
  if (state_ == State::time_wait && seg.fin && seg.end() == tcb_.rcv.nxt) {
    //= RFC9293-3.10.7.4-timewait
    // The peer has not heard our ACK of its FIN.
    enter_time_wait(now);
  }
  if (sack_ok_ && seg.size > 0 && seg.seq < tcb_.rcv.nxt) {
    const SeqNum text = seg.seq + (seg.syn ? 1u : 0u);
    reassembly_.note_duplicate(text, text + seg.size, tcb_.rcv.nxt);
  }
  if (seg.syn && shared_.config.challenge_ack) {
    //= RFC5961-4.2-1
    //= RFC5961-7-a
    // Whatever the number of a SYN, its answer counts against the limit: who guesses numbers could
    // have an ACK sent for each of them otherwise, over a link that text needs.
    challenge(now, DropReason::tcp_outside_window, act);
    return Verdict::done;
  }
  act.drop(DropReason::tcp_outside_window);
  reply_to_stray(now, seg, act);
  return Verdict::done;
}

// The SYN that made this connection has come again.
Verdict Connection::second_syn(Instant now, const Segment& seg, Actions& act) {
  const bool acks_our_syn = seg.has_ack && tcb_.snd.una < seg.ack && seg.ack <= tcb_.snd.nxt;
  if (listener_ == ListenerId{} && acks_our_syn) {
    // A simultaneous open (RFC 9293, figure 7): this SYN,ACK answers our SYN. Its number is old, so
    // it gets the ACK that any old number gets, and a peer that waits for a bare ACK is content.
    ack_now_ = true;
    if (sack_ok_ && shared_.config.report_duplicate_syn) {
      reassembly_.note_duplicate(seg.seq, seg.seq + 1, tcb_.rcv.nxt);
    }
    if (check_5_ack(now, seg, act) == Verdict::done) return Verdict::done;
    if (check_6_urg(seg, act) == Verdict::done) return Verdict::done;
    if (check_7_text(now, seg, act) == Verdict::done) return Verdict::done;
    return check_8_fin(now, seg, act);
  }
  //= RFC3168-6.1.1-g
  // Without the two bits now, perhaps because somebody on the way drops what has them.
  if (!seg.has_ack && !(seg.ece && seg.cwr)) ecn_ok_ = false;
  // Our SYN,ACK was lost: an ACK would tell a peer in SYN-SENT nothing, so it is sent again.
  send_syn(now, act);
  ++total_retrans_;
  timed_until_.reset();
  act.drop(DropReason::tcp_duplicate_syn);
  return Verdict::done;
}

// An ACK of what we expect, for a segment that is not taken.
// DEVIATION RFC9293-3.10.7.4-seq-ack: empty ones are answered rarely, or two peers that find each
// other's numbers wrong would never stop.
void Connection::reply_to_stray(Instant now, const Segment& seg, Actions& act) {
  if (seg.len() == 0) {
    if (stray_ack_sent_ && now - last_stray_ack_at_ < shared_.config.stray_ack_interval) {
      return act.drop(DropReason::tcp_stray_ack_limited);
    }
    stray_ack_sent_ = true;
    last_stray_ack_at_ = now;
  }
  send_ack(now, act);
}

// Second, check the RST bit.
Verdict Connection::check_2_rst(Instant now, const Segment& seg, Actions& act) {
  if (!seg.rst) return Verdict::go_on;
  //= RFC9293-SHLD-2
  // Its text, if any, is not looked at.
  if (seg.seq == tcb_.rcv.nxt) {
    //= RFC9293-3.10.7.4-rst2
    //= RFC5961-3.2-2
    //= RFC5961-4.2-2
    return reset_by_peer(act);
  }
  if (!in_window(seg.seq, tcb_.rcv.nxt, tcb_.rcv.wnd)) {
    //= RFC9293-3.10.7.4-rst1
    // Acceptable for its last octet alone.
    act.drop(DropReason::rst_outside_window);
    return Verdict::done;
  }
  if (!shared_.config.challenge_ack) return reset_by_peer(act);
  //= RFC9293-3.10.7.4-rst3
  //= RFC5961-3.2-3
  // RFC 5961, 3.2 acts here: in the window, but not the exact number, may be a guess. A peer that
  // meant it answers the ACK with the exact number.
  challenge(now, DropReason::rst_not_exact, act);
  return Verdict::done;
}

Verdict Connection::reset_by_peer(Actions& act) {
  switch (state_) {
    case State::syn_received:
      //= RFC9293-3.10.7.4-rst-synrcvd
      // From LISTEN: the record goes, its listener stays, the user was never told. One that came by
      // Fast Open the user may have.
      if (fast_opened()) {
        finish(TcpError::connection_reset, act);
      } else if (listener_ != ListenerId{}) {
        vanish();
      } else {
        finish(TcpError::connection_refused, act);
      }
      break;
    case State::established:
    case State::fin_wait_1:
    case State::fin_wait_2:
    case State::close_wait:
      //= RFC9293-MUST-12
      //= RFC9293-3.5.1-halfopen
      finish(TcpError::connection_reset, act);
      break;
    case State::closing:
    case State::last_ack:
    case State::time_wait:
      //= RFC9293-3.10.7.4-rst-timewait
      finish(std::nullopt, act);
      break;
    case State::listen:
    case State::syn_sent:
    case State::closed: PW_ASSERT(false); break;
  }
  return Verdict::done;
}

// A challenge ACK, unless too many were sent lately.
void Connection::challenge(Instant now, DropReason reason, Actions& act) {
  act.drop(reason);
  const TcpConfig& config = shared_.config;
  if (!challenge_acks_.allow(now, config.challenge_window, config.challenge_limit) ||
      !shared_.challenge_acks.allow(now)) {
    return act.drop(DropReason::tcp_challenge_ack_limited);
  }
  send_ack(now, act);
}

// Third, check security. Security compartments have not been in use for decades, and the Diffserv
// field that took their place is no reason to reset (RFC 9293, appendix A.1): everything matches.
Verdict Connection::check_3_security(const Segment&) {
  return Verdict::go_on;
}

// Fourth, check the SYN bit.
Verdict Connection::check_4_syn(Instant now, const Segment& seg, Actions& act) {
  if (!seg.syn) return Verdict::go_on;
  switch (state_) {
    case State::syn_received:
      if (listener_ != ListenerId{} && !fast_opened()) {
        //= RFC9293-3.10.7.4-syn-rcvd
        vanish();
        act.drop(DropReason::tcp_syn_received_syn);
        return Verdict::done;
      }
      break;
    case State::established:
    case State::fin_wait_1:
    case State::fin_wait_2:
    case State::close_wait:
    case State::closing:
    case State::last_ack:
    case State::time_wait: break;
    case State::listen:
    case State::syn_sent:
    case State::closed: PW_ASSERT(false); break;
  }
  if (shared_.config.challenge_ack) {
    //= RFC9293-3.10.7.4-syn
    //= RFC5961-4.2-1
    // RFC 5961, 4 acts here: whatever its number, the SYN is neither believed nor ignored.
    challenge(now, DropReason::tcp_syn_in_window, act);
    return Verdict::done;
  }
  act.drop(DropReason::tcp_syn_in_window);
  send_reset(now, act);
  finish(TcpError::connection_reset, act);
  return Verdict::done;
}

// Fifth, check the ACK field.
Verdict Connection::check_5_ack(Instant now, const Segment& seg, Actions& act) {
  if (!seg.has_ack) {
    //= RFC9293-3.10.7.4-noack
    act.drop(DropReason::tcp_no_ack_flag);
    return Verdict::done;
  }
  if (state_ == State::syn_received) {
    //= RFC9293-3.10.7.4-ack-rcvd
    // Before the range check below, which would answer with an ACK what 3.5.2 wants reset.
    if (!(tcb_.snd.una < seg.ack && seg.ack <= tcb_.snd.nxt)) {
      act.send(make_reset_for(seg, shared_.config));
      act.drop(DropReason::tcp_syn_received_bad_ack);
      return Verdict::done;
    }
    // SND.WND, SND.WL1 and SND.WL2 are set from this segment, whatever they were.
    tcb_.snd.wl1 = seg.seq;
    tcb_.snd.wl2 = seg.ack;
    acknowledge(now, seg, act);
    update_window(seg);
    enter_established(act);
  } else {
    //= RFC9293-3.10.7.4-ack-future
    if (seg.ack > tcb_.snd.nxt) {
      challenge(now, DropReason::tcp_ack_not_yet_sent, act);
      return Verdict::done;
    }
    //= RFC9293-MAY-12
    //= RFC5961-5.2-a
    // RFC 5961, 5 acts here: an ACK from before anything the peer could still be thinking of.
    if (shared_.config.ack_range_check && seg.ack < tcb_.snd.una - tcb_.snd.max_wnd) {
      challenge(now, DropReason::tcp_ack_too_old, act);
      return Verdict::done;
    }
  }

  take_user_timeout(seg);
  switch (state_) {
    case State::syn_received: PW_ASSERT(false); break;  // it has just become ESTABLISHED
    case State::established: process_ack(now, seg, act); break;
    case State::fin_wait_1:
      process_ack(now, seg, act);
      //= RFC9293-3.10.7.4-fw1
      if (our_fin_is_acked()) {
        state_ = State::fin_wait_2;
        if (receiver_gone_) orphan_at_ = now + shared_.config.orphan_timeout;
      }
      break;
    case State::fin_wait_2:
      // CLOSE has been answered long ago: ours never waits.
      process_ack(now, seg, act);
      break;
    case State::close_wait: process_ack(now, seg, act); break;
    case State::closing:
      process_ack(now, seg, act);
      //= RFC9293-3.10.7.4-closing
      //= RFC9293-3.6-simclose
      if (!our_fin_is_acked()) {
        act.drop(DropReason::tcp_closing_not_our_fin);
        return Verdict::done;
      }
      enter_time_wait(now);
      break;
    case State::last_ack:
      process_ack(now, seg, act);
      //= RFC9293-3.10.7.4-lastack
      if (our_fin_is_acked()) {
        finish(std::nullopt, act);
        return Verdict::done;
      }
      break;
    case State::time_wait:
      // "The only thing that can arrive" is the peer's FIN again. Its number is below the window:
      // unacceptable() has acknowledged it and restarted the wait.
      break;
    case State::listen:
    case State::syn_sent:
    case State::closed: PW_ASSERT(false); break;
  }
  return Verdict::go_on;
}

// Sixth, check the URG bit.
Verdict Connection::check_6_urg(const Segment& seg, Actions& act) {
  //= RFC9293-3.1-urg
  if (!seg.urg) return Verdict::go_on;
  switch (state_) {
    case State::established:
    case State::fin_wait_1:
    case State::fin_wait_2: {
      //= RFC9293-3.10.7.4-urg
      //= RFC9293-MUST-30
      //= RFC6093-5-a
      // The pointer names the octet behind the urgent text. One that points at or before what the
      // user has read, or back, means nothing (3.8.5).
      //= RFC9293-3.8.5-recede
      const SeqNum up = seg.seq + seg.urgent_pointer;
      if (up <= read_seq() || (urgent_valid_ && up <= tcb_.rcv.up)) break;
      //= RFC9293-MUST-32
      tcb_.rcv.up = up;
      urgent_valid_ = true;
      urgent_taken_ = false;
      tell(EventKind::urgent, act);
      break;
    }
    case State::close_wait:
    case State::closing:
    case State::last_ack:
    case State::time_wait: break;  // it comes after the FIN: ignored
    case State::listen:
    case State::syn_sent:
    case State::syn_received:
    case State::closed: PW_ASSERT(false); break;
  }
  return Verdict::go_on;
}

// Seventh, process the segment text.
Verdict Connection::check_7_text(Instant now, const Segment& seg, Actions& act) {
  if (!accepts_text()) {
    //= RFC9293-3.10.7.4-text-late
    if (seg.size > 0) act.drop(DropReason::tcp_text_after_close);
    return Verdict::go_on;
  }
  note_congestion_mark(seg);
  if (seg.size == 0) return Verdict::go_on;
  //= RFC9293-3.10.7.4-trim
  // Only the part that is new and inside the window.
  const SeqNum nxt = tcb_.rcv.nxt;
  const SeqNum text = seg.seq + (seg.syn ? 1u : 0u);
  const SeqNum left = max(text, nxt);
  const SeqNum right = min(text + seg.size, tcb_.rcv.edge());
  if (receiver_gone_ && nxt < text + seg.size) return refuse_late_text(seg, act);
  if (sack_ok_) reassembly_.note_duplicate(text, text + seg.size, nxt);
  if (right <= left) {
    if (tcb_.rcv.wnd == 0) act.drop(DropReason::tcp_zero_window);
    ack_now_ = true;
    return Verdict::go_on;
  }
  //= RFC9293-SHLD-31
  receive_buffer_.store(left - nxt, seg.text.subspan(left - text, right - left));
  if (left != nxt) {
    //= RFC5681-3.2-a
    //= RFC9293-MAY-13
    ack_now_ = true;
    if (!reassembly_.hold(left, right, shared_.config.max_held_ranges)) {
      act.drop(DropReason::tcp_text_no_memory);
    }
    return Verdict::go_on;
  }
  //= RFC9293-3.10.7.4-text
  const bool fills_gap = !reassembly_.empty();
  const SeqNum next = reassembly_.take(right);
  receive_buffer_.commit(next - nxt);
  octets_received_ += next - nxt;
  //= RFC9293-3.10.7.4-text-sum
  //= RFC9293-SHLD-14
  // The right edge stays where it is.
  tcb_.rcv.wnd -= next - nxt;
  tcb_.rcv.nxt = next;
  tell(EventKind::readable, act);
  //= RFC5681-3.2-b
  //= RFC6582-5-a
  //= RFC9293-SHLD-19
  //= RFC5681-4.2-b
  // At once when a gap was filled or a duplicate is to be reported; else every second segment, of
  // whatever size (RFC 5681, 4.2), and at once for one as large as two.
  ++unacked_segments_;
  if (fills_gap || reassembly_.has_duplicate() || options_->quick_ack || unacked_segments_ >= 2 ||
      seg.size >= 2u * advertised_mss_) {
    ack_now_ = true;
  } else if (quick_acks_ < shared_.config.quick_acks) {
    ++quick_acks_;
    ack_now_ = true;
  } else if (!delayed_ack_at_) {
    //= RFC9293-SHLD-18
    //= RFC9293-MUST-40
    //= RFC5681-4.2-a
    delayed_ack_at_ = now + shared_.config.ack_delay;
  }
  return Verdict::go_on;
}

bool Connection::accepts_text() const noexcept {
  switch (state_) {
    case State::established:
    case State::fin_wait_1:
    case State::fin_wait_2: return true;
    case State::close_wait:
    case State::closing:
    case State::last_ack:
    case State::time_wait:
    case State::listen:
    case State::syn_sent:
    case State::syn_received:
    case State::closed: return false;
  }
  return false;
}

//= RFC9293-SHLD-3
// The user has closed both directions: a RST shows the peer that its text is lost. Its number is
// the one that the peer expects, whether our FIN has arrived or not: any other one would draw a
// challenge (RFC 5961, 3.2).
Verdict Connection::refuse_late_text(const Segment& seg, Actions& act) {
  act.drop(DropReason::tcp_text_receiver_gone);
  act.send(make_reset_for(seg, shared_.config));
  ++segments_out_;
  finish(TcpError::connection_reset, act);
  return Verdict::done;
}

//= RFC3168-6.1.1-d
//= RFC3168-6.1.3-a
//= RFC3168-6.1.5-b
//= RFC3168-6.1.6-b
//= RFC9293-SHLD-8
// RFC 3168, 6.1.3: from a segment in the window that was marked on its way, every ACK echoes the
// mark until the sender says that it has slowed down.
void Connection::note_congestion_mark(const Segment& seg) {
  if (!ecn_ok_) return;
  if (seg.cwr) echo_congestion_ = false;
  if (seg.ecn == Ecn::ce && seg.size > 0) echo_congestion_ = true;
}

// Eighth, check the FIN bit. In CLOSED, LISTEN and SYN-SENT it is not processed: none of them comes
// here.
//= RFC9293-3.10.7.4-fin-early
Verdict Connection::check_8_fin(Instant now, const Segment& seg, Actions& act) {
  if (seg.fin) {
    const SeqNum fin = seg.end() - 1;
    if (fin_received_) {
      // Again, or at a new number, which is the peer's fault: it is told what we expect.
      ack_now_ = true;
      if (state_ == State::time_wait) enter_time_wait(now);
    } else if (tcb_.rcv.nxt <= fin && fin < tcb_.rcv.edge()) {
      //= RFC9293-3.10.7.4-fin-ooo
      reassembly_.hold_fin(fin);
      ack_now_ = true;
    }
  }
  if (!fin_received_ && reassembly_.fin() == tcb_.rcv.nxt) take_fin(now, act);
  return Verdict::done;
}

//= RFC9293-3.10.7.4-fin
// Everything before the FIN has arrived.
void Connection::take_fin(Instant now, Actions& act) {
  tcb_.rcv.nxt += 1;
  tcb_.rcv.wnd -= 1;
  fin_received_ = true;
  reassembly_.clear();
  ack_now_ = true;
  tell(EventKind::peer_closed, act);
  switch (state_) {
    case State::syn_received:
    case State::established: state_ = State::close_wait; break;
    case State::fin_wait_1:
      //= RFC9293-3.10.7.4-fin-tw
      // Had this segment acknowledged our FIN, step 5 would have made it FIN-WAIT-2.
      state_ = State::closing;
      break;
    case State::fin_wait_2:
      //= RFC9293-MUST-13
      enter_time_wait(now);
      break;
    case State::close_wait:
    case State::closing:
    case State::last_ack:
    case State::time_wait: break;  // no second FIN is taken
    case State::listen:
    case State::syn_sent:
    case State::closed: PW_ASSERT(false); break;
  }
}

}  // namespace packetwright::tcp
