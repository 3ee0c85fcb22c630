// SPDX-License-Identifier: Apache-2.0
// What more than one step of SEGMENT ARRIVES does (segment_arrives.cc): what a SYN teaches, and
// what belongs to entering a state.
#include <algorithm>

#include "stack/tcp/connection.hh"

namespace packetwright::tcp {

// The peer's SYN: its number, its window, which is not scaled, and its options.
//= RFC9293-MUST-5
void Connection::take_syn(Instant now, const Segment& syn) {
  tcb_.irs = syn.seq;
  tcb_.rcv.nxt = syn.seq + 1;
  last_ack_sent_ = tcb_.rcv.nxt;
  //= RFC7323-2.2-d
  tcb_.snd.wnd = syn.window;
  tcb_.snd.max_wnd = std::max(tcb_.snd.max_wnd, tcb_.snd.wnd);
  tcb_.snd.wl1 = syn.seq;
  tcb_.snd.wl2 = syn.ack;

  //= RFC9293-MUST-14
  if (syn.options.mss) peer_mss_ = *syn.options.mss;
  //= RFC7323-2.2-a
  //= RFC7323-2.2-c
  scaling_ok_ = shared_.config.window_scaling && syn.options.window_scale.has_value();
  if (scaling_ok_) {
    //= RFC7323-2.3-e
    constexpr std::uint8_t kLargestShift = 14;
    snd_wscale_ = std::min(*syn.options.window_scale, kLargestShift);
  } else {
    snd_wscale_ = rcv_wscale_ = 0;
  }
  timestamps_ok_ = shared_.config.timestamps && syn.options.timestamps.has_value();
  if (timestamps_ok_) timestamps_.set_recent(now, syn.options.timestamps->value);
  //= RFC2018-4-a
  sack_ok_ = shared_.config.sack && syn.options.sack_permitted;
  take_user_timeout(syn);
  update_mss();
}

//= RFC5482-3-a
//= RFC5482-3.4-a
void Connection::take_user_timeout(const Segment& seg) {
  const auto& told = seg.options.user_timeout;
  if (!shared_.config.user_timeout_option || !told || told->value == 0) return;
  peer_user_timeout_seconds_ = std::uint32_t{told->value} * (told->minutes ? 60 : 1);
}

//= RFC9293-3.5-data-syn
void Connection::keep_text_of_syn(const Segment& syn) {
  const SeqNum first = syn.seq + 1;
  const std::uint32_t size = std::min(syn.size, tcb_.rcv.wnd);
  if (size > 0) {
    receive_buffer_.store(0, syn.text.first(size));
    static_cast<void>(reassembly_.hold(first, first + size, 1));
  }
  if (syn.fin && size == syn.size && size < tcb_.rcv.wnd) reassembly_.hold_fin(first + size);
}

void Connection::absorb_held(Actions& act) {
  if (receiver_gone_) return reassembly_.clear();
  const SeqNum next = reassembly_.take(tcb_.rcv.nxt);
  const std::uint32_t octets = next - tcb_.rcv.nxt;
  if (octets == 0 && !reassembly_.fin()) return;
  receive_buffer_.commit(octets);
  octets_received_ += octets;
  tcb_.rcv.wnd -= octets;
  tcb_.rcv.nxt = next;
  ack_now_ = true;
  if (octets > 0) tell(EventKind::readable, act);
}

// Our SYN is acknowledged: what the handshake has taught is put to use.
void Connection::begin_data_transfer(Instant now, Actions& act) {
  if (!fast_opened()) start_congestion_control();
  if (retransmits_ > 0) rto_.data_begins_after_lost_syn();
  if (attempted_fast_open() && tcb_.snd.una < tcb_.snd.nxt) take_back_text_of_syn();
  last_sent_at_ = std::max(last_sent_at_, now);
  last_received_at_ = now;
  user_timeout_is_news_ = true;
  if (shared_.config.count_send_times) send_times_ = std::make_unique<SendTimes>();
  absorb_held(act);
}

void Connection::start_congestion_control() {
  if (shared_.config.path_probing == PathProbing::always) start_path_search();
  // RFC 6928, 2: one lost SYN is forgiven, two are a sign of congestion.
  //= RFC5681-3.1-c
  //= RFC5681-3.1-d
  //= RFC6928-2-b
  const bool congested = retransmits_ > 1;
  const std::uint32_t window =
      congested ? mss_ : Congestion::initial_window(mss_, shared_.config.initial_window_segments);
  congestion_.start(mss_, window);
  // Without SACK each segment that slow start loses at its end costs a round trip.
  if (!sack_ok_) congestion_.limit_slow_start(shared_.config.abc_limit_without_sack);
  careful_restart_ = congested;
  burst_end_ = tcb_.snd.una + window;
  high_rxt_ = rescue_rxt_ = ecn_recover_ = tcb_.snd.una;
}

void Connection::enter_established(Actions& act) {
  state_ = State::established;
  if (listener_ == ListenerId{}) tell(EventKind::connected, act);
  if (close_deferred_) {
    // CLOSE was called while text was queued in SYN-RECEIVED.
    fin_queued_ = true;
    state_ = State::fin_wait_1;
  }
}

void Connection::enter_time_wait(Instant now) {
  state_ = State::time_wait;
  send_buffer_.release();
  retransmit_at_ = persist_at_ = override_at_ = delayed_ack_at_ = keepalive_at_ = user_timeout_at_ =
      orphan_at_ = early_at_ = std::nullopt;
  //= RFC9293-MUST-13
  time_wait_at_ = now + 2 * shared_.config.msl;
}

bool Connection::our_fin_is_acked() const noexcept {
  return fin_queued_ && tcb_.snd.una == tcb_.snd.nxt && fin_seq() < tcb_.snd.una;
}

//= RFC9293-3.10.7.4-wnd
//= RFC9293-MUST-1
//= RFC9293-REC-1
//= RFC7323-2.3-b
//= RFC9293-MUST-34
void Connection::update_window(const Segment& seg) {
  if (!(tcb_.snd.una <= seg.ack && seg.ack <= tcb_.snd.nxt)) return;
  const bool newer = tcb_.snd.wl1 < seg.seq || (tcb_.snd.wl1 == seg.seq && tcb_.snd.wl2 <= seg.ack);
  if (!newer) return;
  const bool was_closed = tcb_.snd.wnd == 0;
  // The window of a SYN is never scaled.
  tcb_.snd.wnd = std::uint32_t{seg.window} << (seg.syn ? 0 : snd_wscale_);
  tcb_.snd.wl1 = seg.seq;
  tcb_.snd.wl2 = seg.ack;
  tcb_.snd.max_wnd = std::max(tcb_.snd.max_wnd, tcb_.snd.wnd);
  if (was_closed && tcb_.snd.wnd > 0 && persist_backoff_ > 0) {
    // What a probe carried was refused. It goes again now, joined with what follows.
    retransmits_ = 0;
    await_ack_ = false;
    resend_from_una(true);
  }
}

}  // namespace packetwright::tcp
