// SPDX-License-Identifier: Apache-2.0
// RFC 9293, 3.10.8, Timeouts, and the timers that sections 3.8.3 to 3.8.6 add.
#include <algorithm>

#include "stack/tcp/connection.hh"

namespace packetwright::tcp {
namespace {

bool is_due(const Deadline& at, Instant now) {
  return at && *at <= now;
}

}  // namespace

Deadline Connection::next_deadline() const noexcept {
  const auto first = [](Deadline a, Deadline b) { return b < a ? b : a; };
  const Deadline often =
      first(first(retransmit_at_, early_at_), first(delayed_ack_at_, time_wait_at_));
  const Deadline seldom = first(first(persist_at_, override_at_), first(keepalive_at_, orphan_at_));
  return first(first(often, seldom), user_timeout_at_);
}

void Connection::on_deadline(Instant now, Actions& act) {
  if (is_due(user_timeout_at_, now)) return user_timeout(now, act);
  if (is_due(time_wait_at_, now)) return time_wait_timeout(act);
  if (is_due(orphan_at_, now)) return vanish();
  if (is_due(early_at_, now)) {
    early_at_.reset();
    if (early_is_probe_) {
      send_probe(now, act);
    } else {
      repair().arrived = 0;
      detect_losses(now);
      reduce_in_proportion(false, true);
    }
  }
  if (is_due(retransmit_at_, now)) retransmission_timeout(now, act);
  if (is_due(persist_at_, now)) persist_timeout(now, act);
  if (is_due(keepalive_at_, now)) keepalive_timeout(now, act);
  if (is_due(override_at_, now)) {
    override_at_.reset();
    override_ = true;
    more_ = More::none;  // who knows
  }
  if (is_due(delayed_ack_at_, now)) {
    delayed_ack_at_.reset();
    ack_now_ = true;
  }
  output(now, act);
}

// USER TIMEOUT: R2 of 3.8.3.
//= RFC9293-3.10.8-user
//= RFC9293-MUST-20
void Connection::user_timeout(Instant now, Actions& act) {
  fast_open_failed(now);
  finish(TcpError::aborted_by_user_timeout, act);
}

// RETRANSMISSION TIMEOUT.
//= RFC6298-5.4
//= RFC6298-5.6
void Connection::retransmission_timeout(Instant now, Actions& act) {
  retransmit_at_.reset();
  ecn_hold_ = false;
  if (tcb_.snd.una == tcb_.snd.nxt) return;  // it ran for RFC 3168, 6.1.2 alone

  const bool syn_is_lost = !syn_acked_;
  if (const auto limit = syn_retries(); syn_is_lost && limit && retransmits_ >= *limit) {
    fast_open_failed(now);
    return finish(TcpError::aborted_by_user_timeout, act);
  }
  const bool first = retransmits_ == 0;
  ++retransmits_;
  //= RFC9293-MUST-20
  //= RFC9293-SHLD-9
  //= RFC9293-SHLD-10
  //= RFC9293-MUST-47
  // R1: the user and IP are told.
  if (retransmits_ == shared_.config.r1_retransmissions) {
    tell(EventKind::soft_error, act);
    act.doubt(remote_.address);
  }
  rto_.back_off();
  timed_until_.reset();
  if (syn_is_lost) {
    //= RFC9293-MUST-22
    //= RFC3168-6.1.1.1-a
    // The SYN may have been dropped for its ECN bits.
    ecn_asked_ = false;
    ++total_retrans_;
    //= RFC7413-4.2.2-c
    // As plain as can be: no text and no Fast Open, which somebody on the way may not like.
    return send_syn(now, act);
  }
  const std::uint32_t flight = flight_size() - std::min(limited_, flight_size());
  // In the middle of a recovery the losses are real, and ACKs of what that has sent again would
  // mislead: nothing is ever taken back, and F-RTO has no say (RFC 5682, 2.1, step 1).
  const bool repairing = recovery_ != Recovery::none;
  if (first && !repairing) remember_reduction(flight);
  if (first && repairing && repair_) repair_->reduction.reset();
  // The timer may expire several times for the same segment.
  const bool asks = first ? !repairing : repair_ && repair_->frto == Repair::Frto::first_ack;
  suspect_path(act);
  note_reduction();
  congestion_.on_timeout(flight, first, repairing);
  if (uses_rack()) {
    // RFC 8985, 6.3: reports stay, and so does what was sent too lately to be late.
    repair().probe_end.reset();
    if (scoreboard_.is_sacked(tcb_.snd.una)) {
      // Whoever holds this would have acknowledged it (RFC 2018, 8).
      scoreboard_.clear();
      send_buffer_.take_back_sacks();
    }
    repair().rack.detect_on_timeout(send_buffer_, rack_view(now));
    recovery_ = Recovery::timeout;
    recover_ = tcb_.snd.nxt;
  } else {
    //= RFC2018-5-b
    //= RFC2018-5.1-a
    scoreboard_.clear();
    //= RFC6582-3.2-e
    resend_from_una(false);
  }
  early_at_.reset();
  resend_first_ = await_ack_ = true;
  repair().frto = asks && shared_.config.frto ? Repair::Frto::first_ack : Repair::Frto::off;
}

// TIME-WAIT TIMEOUT.
//= RFC9293-3.10.8-tw
void Connection::time_wait_timeout(Actions& act) {
  finish(std::nullopt, act);
}

// 3.8.6.1, zero-window probing: one octet at the left edge, old if there is any in flight, else
// new. The peer refuses it, or takes it, and says what its window is now.
//= RFC9293-MUST-35
//= RFC9293-MUST-36
//= RFC3168-6.1.6-a
void Connection::persist_timeout(Instant now, Actions& act) {
  persist_at_.reset();
  ++persist_backoff_;
  // ... or, where the configuration says so, without text: that draws an ACK too.
  if (shared_.config.empty_window_probes) return send_keepalive(now, act);
  send_text(now, tcb_.snd.una, tcb_.snd.una + 1, false, act);
}

bool Connection::is_persisting() const noexcept {
  if (!may_send_text() || tcb_.snd.wnd != 0 || !syn_acked_) return false;
  return tcb_.snd.una < tcb_.snd.nxt || tcb_.snd.nxt < send_buffer_.end() || fin_waits();
}

// 3.8.4.
void Connection::keepalive_timeout(Instant now, Actions& act) {
  keepalive_at_.reset();
  const std::uint8_t count = options_->keep_count.value_or(shared_.config.keep_count);
  //= RFC9293-MUST-26
  // Not while something is outstanding; and whatever arrives sets the timer anew.
  if (tcb_.snd.una < tcb_.snd.nxt || is_persisting()) return;
  //= RFC9293-MUST-29
  if (keepalive_probes_ >= count) return finish(TcpError::aborted_by_user_timeout, act);
  ++keepalive_probes_;
  send_keepalive(now, act);
}

std::optional<std::uint8_t> Connection::syn_retries() const noexcept {
  if (options_->syn_retries) return options_->syn_retries;
  return state_ == State::syn_received ? shared_.config.syn_ack_retries
                                       : shared_.config.syn_retries;
}

Duration Connection::user_timeout_length() const noexcept {
  //= RFC9293-MUST-21
  //= RFC5482-3.1-a
  // What the user has chosen the peer does not change.
  if (options_->user_timeout && *options_->user_timeout > 0s) return *options_->user_timeout;
  //= RFC9293-MUST-23
  const bool handshake = !syn_acked_;
  // A user who counts SYNs does not count seconds.
  if (handshake && syn_retries()) return Duration::max() / 2;
  if (handshake) return shared_.config.syn_timeout;
  if (peer_user_timeout_seconds_ == 0) return shared_.config.user_timeout;
  //= RFC5482-3.1-b
  //= RFC5482-3.1-c
  //= RFC5482-3-b
  const Duration peers = std::chrono::seconds{peer_user_timeout_seconds_};
  const Duration least = std::max(shared_.config.user_timeout_least, 2 * rto_.rto());
  return std::min(shared_.config.user_timeout_most,
                  std::max({shared_.config.user_timeout, peers, least}));
}

// ADV_UTO of RFC 5482, 3.1.
Duration Connection::own_user_timeout() const noexcept {
  if (options_->user_timeout && *options_->user_timeout > 0s) return *options_->user_timeout;
  return shared_.config.user_timeout;
}

bool Connection::sends_user_timeout() const noexcept {
  return shared_.config.user_timeout_option;
}

// After every event: which timers run, and until when.
void Connection::arm_timers(Instant now) {
  const bool outstanding = tcb_.snd.una < tcb_.snd.nxt;
  const bool unsent = may_send_text() && (tcb_.snd.nxt < send_buffer_.end() || fin_waits());
  switch (state_) {
    case State::closed:
    case State::listen:
    case State::time_wait: return;  // their one timer, if any, is set
    case State::syn_sent:
    case State::syn_received:
    case State::established:
    case State::fin_wait_1:
    case State::fin_wait_2:
    case State::close_wait:
    case State::closing:
    case State::last_ack: break;
  }

  if (is_persisting()) {
    retransmit_at_.reset();
    //= RFC9293-SHLD-29
    //= RFC9293-SHLD-30
    if (!persist_at_) {
      Duration wait = rto_.rto();
      for (std::uint32_t i = 0; i < persist_backoff_ && wait < shared_.config.max_rto; ++i) {
        wait *= 2;
      }
      persist_at_ = now + std::min(wait, shared_.config.max_rto);
    }
  } else {
    persist_at_.reset();
    persist_backoff_ = 0;
    if (outstanding || ecn_hold_) {
      //= RFC6298-5.1
      //= RFC6298-5-a
      if (!retransmit_at_ || restart_retransmit_) retransmit_at_ = now + rto_.rto();
    } else {
      //= RFC6298-5.2
      retransmit_at_.reset();
    }
  }
  restart_retransmit_ = false;
  arm_early_timer(now);

  //= RFC9293-MUST-60
  // Something waits, and no ACK will come to let it go: the override of 3.8.6.2.1, or the end of a
  // cork.
  if (unsent && !outstanding && tcb_.snd.wnd > 0 && !ecn_hold_) {
    const TcpConfig& config = shared_.config;
    const bool corked = options_->cork || more_ == More::waits;
    const Duration wait = config.override_after_rto ? rto_.rto()
                          : corked                  ? config.cork_timeout
                                                    : config.sws_override;
    if (!override_at_) override_at_ = now + wait;
  } else {
    override_at_.reset();
  }

  if (outstanding || is_persisting()) {
    if (!progress_at_) progress_at_ = now;
    user_timeout_at_ = *progress_at_ + user_timeout_length();
  } else {
    progress_at_.reset();
    user_timeout_at_.reset();
  }

  //= RFC9293-MAY-5
  //= RFC9293-MUST-24
  //= RFC9293-MUST-27
  //= RFC9293-MUST-25
  if (options_->keepalive && is_synchronized(state_)) {
    Duration wait = keepalive_probes_ > 0
                        ? options_->keep_interval.value_or(shared_.config.keep_interval)
                        : options_->keep_idle.value_or(shared_.config.keep_idle);
    wait = std::max<Duration>(wait, 1ms);
    // From the last thing that came; after a probe, or while we have something outstanding, from
    // now on.
    Instant at = last_received_at_ + wait;
    if (keepalive_probes_ > 0 || at <= now) at = now + wait;
    if (keepalive_probes_ == 0 || !keepalive_at_) keepalive_at_ = at;
  } else {
    keepalive_at_.reset();
  }
}

}  // namespace packetwright::tcp
