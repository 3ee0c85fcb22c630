// SPDX-License-Identifier: Apache-2.0
// RFC 9293, 3.10.7.4: SYN-RECEIVED and all later states, up to the ACK field. A table a step, in
// the order of the text.
#include "harness/model/tables.hh"

namespace packetwright::model {
namespace {

bool syn_received(const Situation& s) {
  return s.before.state == State::syn_received;
}
bool passive_embryo(const Situation& s) {
  return syn_received(s) && s.before.passive;
}
bool late_state(const Situation& s) {
  return s.before.state == State::last_ack || s.before.state == State::time_wait;
}
bool inside(const Situation& s, SeqNum number) {
  return in_window(number, s.before.rcv_nxt, s.before.rcv_wnd);
}

// --- timestamps: RFC 7323, 3.2 and 5.3

bool without_timestamps_or_rst(Situation& s) {
  return !s.before.timestamps || s.seg.rst;
}
bool timestamp_is_missing(Situation& s) {
  if (s.seg.tsval) return false;
  const Point point = s.seg.syn ? Point::missing_timestamp_of_syn : Point::missing_timestamp;
  return s.choose.pick(point) == Variant::drop;
}
bool timestamp_is_missed(Situation& s) {
  return !s.seg.tsval;
}
bool timestamp_is_old(Situation& s) {
  if (!(SeqNum{*s.seg.tsval} < SeqNum{s.before.ts_recent})) return false;
  return !syn_received(s) || s.choose.pick(Point::paws_in_syn_received) == Variant::check;
}

constexpr Row kTimestamps[] = {
    {"RFC7323-3.2-i", without_timestamps_or_rst, go_on},
    {"RFC7323-3.2-g", timestamp_is_missing, drop},
    {"RFC7323-3.2-g", timestamp_is_missed, go_on},
    {"RFC7323-5.3-R1", timestamp_is_old, answer_with_ack},
};

// --- first, the sequence number

bool empty_at_the_edge(const Situation& s) {
  return s.seg.len() == 0 && s.before.rcv_wnd > 0 && s.seg.seq == s.before.rcv_edge();
}
bool fin_at_the_edge(const Situation& s) {
  return s.seg.fin && s.seg.len() == 1 && s.seg.seq == s.before.rcv_edge();
}

// The four cases of the text.
bool acceptable(Situation& s) {
  const Variables& v = s.before;
  if (s.seg.len() == 0) {
    if (v.rcv_wnd == 0) return s.seg.seq == v.rcv_nxt;
    if (empty_at_the_edge(s)) return s.choose.pick(Point::empty_at_right_edge) == Variant::accept;
    return inside(s, s.seg.seq);
  }
  if (fin_at_the_edge(s) && s.choose.pick(Point::fin_at_right_edge) == Variant::take) return true;
  if (v.rcv_wnd == 0) return false;
  return inside(s, s.seg.seq) || inside(s, s.seg.seq + (s.seg.len() - 1));
}
// MUST-66: with a closed window what stands at RCV.NXT is refused, but ACK, RST and URG count.
bool at_closed_window(Situation& s) {
  return s.before.rcv_wnd == 0 && s.seg.seq == s.before.rcv_nxt;
}
bool rst_at_closed_window(Situation& s) {
  return s.seg.rst && at_closed_window(s);
}
bool syn_that_straddles(Situation& s) {
  return s.seg.syn && !s.seg.rst && !inside(s, s.seg.seq) && acceptable(s) &&
         s.choose.pick(Point::straddling_syn) == Variant::challenge;
}
bool crossing_syn_ack(Situation& s) {
  return syn_received(s) && !s.before.passive && s.seg.syn && s.seg.seq == s.before.irs &&
         acks_something_new(s) && !s.seg.rst &&
         s.choose.pick(Point::crossing_syn_ack) == Variant::establish;
}
bool repeated_syn(Situation& s) {
  return syn_received(s) && s.seg.syn && s.seg.seq == s.before.irs && !s.seg.rst &&
         s.choose.pick(Point::repeated_syn) == Variant::syn_ack;
}
bool stray_without_ack(Situation& s) {
  return !s.seg.ack_flag && !s.seg.syn && !s.seg.rst &&
         s.choose.pick(Point::stray_without_ack) == Variant::drop;
}
bool old_segment_whose_ack_counts(Situation& s) {
  return s.seg.ack_flag && !s.seg.rst && !s.seg.syn && s.seg.seq < s.before.rcv_nxt &&
         s.choose.pick(Point::old_segment_with_ack) == Variant::process;
}

bool rst_at_edge_that_is_challenged(Situation& s) {
  return s.seg.rst && s.before.rcv_wnd > 0 && s.seg.seq == s.before.rcv_edge() &&
         s.choose.pick(Point::rst_at_right_edge) == Variant::challenge;
}

constexpr Row kSequenceNumber[] = {
    {"RFC5961-3.2-1", rst_at_edge_that_is_challenged, answer_with_ack},
    {"RFC9293-3.10.7.3-syn", crossing_syn_ack, acknowledge},
    {"RFC9293-3.10.7.4-seq-ack", repeated_syn, answer_with_syn_ack},
    {"RFC5961-4.2-1", syn_that_straddles, answer_with_ack},
    {"", acceptable, go_on},
    {"RFC9293-MUST-66", rst_at_closed_window, go_on},
    {"RFC9293-3.10.7.4-seq-rst", rst, drop},
    {"RFC9293-3.10.7.4-seq-ack", stray_without_ack, drop},
    {"RFC9293-3.10.7.4-zerown", at_closed_window, acknowledge},
    {"RFC9293-3.10.7.4-seq-ack", old_segment_whose_ack_counts, acknowledge},
    {"RFC9293-3.10.7.4-seq-ack", always, answer_with_ack},
};

// RFC 7323, 5.3, R3: a segment that is acceptable, or by appendix D any, renews TS.Recent.
void renew_ts_recent(Situation& s, bool is_acceptable) {
  Variables& now = s.now();
  if (!now.timestamps || !s.seg.tsval || s.seg.rst) return;
  if (SeqNum{*s.seg.tsval} < SeqNum{now.ts_recent} || now.last_ack_sent < s.seg.seq) return;
  if (*s.seg.tsval == now.ts_recent) return;
  if (!is_acceptable && s.choose.pick(Point::ts_recent_below_window) == Variant::keep) return;
  now.ts_recent = *s.seg.tsval;
}

// It stands in the window, and is refused for another reason.
void forget_timestamp_of_refused(Situation& s) {
  Variables& now = s.now();
  if (now.ts_recent == s.before.ts_recent || now.state == State::closed) return;
  if (s.choose.pick(Point::ts_recent_of_refused) == Variant::keep) {
    now.ts_recent = s.before.ts_recent;
  }
}

// --- second, RST

bool rst_at_rcv_nxt(Situation& s) {
  return s.seg.rst && s.seg.seq == s.before.rcv_nxt;
}
bool rst_acceptable_for_its_end_alone(Situation& s) {
  return s.seg.rst && !inside(s, s.seg.seq) && !empty_at_the_edge(s) && !fin_at_the_edge(s);
}

void reset(Situation& s) {
  switch (s.before.state) {
    case State::syn_received: return s.before.passive ? return_to_listen(s) : close_with_error(s);
    case State::established:
    case State::fin_wait_1:
    case State::fin_wait_2:
    case State::close_wait: return close_with_error(s);
    case State::closing:
    case State::last_ack: return close_silently(s);
    case State::time_wait:
      if (s.choose.pick(Point::rst_in_time_wait) == Variant::ignore) return drop(s);
      return close_silently(s);
    case State::closed:
    case State::listen:
    case State::syn_sent: return;  // not of this section
  }
}

// RFC 5961, 3.2.
void challenge_rst(Situation& s) {
  const Point point = passive_embryo(s) ? Point::inexact_rst_in_syn_received : Point::inexact_rst;
  const Variant chosen = s.choose.pick(point);
  if (chosen == Variant::reset) return reset(s);
  if (chosen == Variant::drop) return drop(s);
  answer_with_ack(s);
}

constexpr Row kRst[] = {
    {"RFC5961-3.2-2", rst_at_rcv_nxt, reset},
    {"RFC5961-3.2-1", rst_acceptable_for_its_end_alone, drop},
    {"RFC5961-3.2-3", rst, challenge_rst},
};

// --- third, security: void (RFC 9293, appendix A.1). Fourth, SYN

bool syn_in_window(Situation& s) {
  return s.seg.syn && (inside(s, s.seg.seq) || at_closed_window(s));
}
bool syn_in_window_of_embryo(Situation& s) {
  return syn_in_window(s) && passive_embryo(s);
}

void give_up_embryo(Situation& s) {
  switch (s.choose.pick(Point::syn_in_syn_received)) {
    case Variant::ack: return answer_with_ack(s);
    case Variant::syn_ack: return answer_with_syn_ack(s);
    case Variant::reset:
      if (s.seg.ack_flag) {
        answer_with_reset(s);
      } else {
        answer_with_reset_and_ack(s);
      }
      return return_to_listen(s);
    default: s.out.reply = Reply::none; return return_to_listen(s);
  }
}

// RFC 5961, 4.2; before it, a SYN in the window was a reason to reset.
void challenge_syn(Situation& s) {
  switch (s.choose.pick(Point::syn_in_window)) {
    case Variant::drop: return drop(s);
    case Variant::reset:
      answer_with_reset(s);
      s.out.seq.reset();
      return close_with_error(s);
    default: return answer_with_ack(s);
  }
}

constexpr Row kSyn[] = {
    {"RFC9293-3.10.7.4-syn-rcvd", syn_in_window_of_embryo, give_up_embryo},
    {"RFC5961-4.2-1", syn_in_window, challenge_syn},
};

// --- fifth, ACK

bool ack_of_our_syn(Situation& s) {
  return syn_received(s) && acks_something_new(s);
}
bool bad_ack_in_syn_received(Situation& s) {
  return syn_received(s);
}
bool ack_not_yet_sent(Situation& s) {
  return s.before.snd_nxt < s.seg.ack;
}
// RFC 5961, 5.2.
bool ack_too_old(Situation& s) {
  return s.seg.ack < s.before.snd_una - s.before.max_snd_wnd &&
         s.choose.pick(Point::ack_range) == Variant::check;
}

void establish(Situation& s) {
  s.now().state = State::established;
  s.now().snd_una = s.seg.ack;
  take_window(s);
}

void refuse_ack_in_syn_received(Situation& s) {
  if (s.choose.pick(Point::bad_ack_in_syn_received) == Variant::ack) return answer_with_ack(s);
  answer_with_reset(s);
}

void refuse_ack(Situation& s) {
  if (late_state(s) && s.choose.pick(Point::bad_ack_in_late_state) == Variant::silence) {
    return drop(s);
  }
  answer_with_ack(s);
}

void refuse_ack_not_yet_sent(Situation& s) {
  if (s.choose.pick(Point::ack_not_yet_sent) == Variant::drop) return drop(s);
  refuse_ack(s);
}

constexpr Row kAck[] = {
    {"RFC9293-3.10.7.4-noack", no_ack, drop},
    {"RFC9293-3.10.7.4-ack-rcvd", ack_of_our_syn, establish},
    {"RFC9293-3.10.7.4-ack-rcvd", bad_ack_in_syn_received, refuse_ack_in_syn_received},
    {"RFC9293-3.10.7.4-ack-future", ack_not_yet_sent, refuse_ack_not_yet_sent},
    {"RFC5961-5.2-a", ack_too_old, refuse_ack},
    {"", always, go_on},
};

void update_send_variables(Situation& s) {
  Variables& now = s.now();
  if (s.seg.ack < now.snd_una) return;  // an old one is ignored, with its window
  now.snd_una = s.seg.ack;
  // Equal ones count as newer by the text; some take nothing but more room from them.
  const bool equal = now.snd_wl1 == s.seg.seq && now.snd_wl2 == s.seg.ack;
  if (equal && s.seg.win < now.snd_wnd &&
      s.choose.pick(Point::window_of_equal_numbers) == Variant::larger) {
    return;
  }
  const bool newer =
      now.snd_wl1 < s.seg.seq || (now.snd_wl1 == s.seg.seq && now.snd_wl2 <= s.seg.ack);
  if (newer) take_window(s);
}

// Where an acknowledgment leads; our FIN is the last number that we sent.
bool our_fin_is_acked(Situation& s) {
  return s.now().snd_una == s.now().snd_nxt;
}
template <State state>
bool is_in(Situation& s) {
  return s.now().state == state;
}
template <State state>
bool our_fin_is_acked_in(Situation& s) {
  return is_in<state>(s) && our_fin_is_acked(s);
}
template <State state>
void enter(Situation& s) {
  s.now().state = state;
}
void end_in_last_ack(Situation& s) {
  s.out.reply = Reply::none;  // there is nobody left to send it
  close_silently(s);
}
void rest_in_time_wait(Situation& s) {
  // The only thing that can arrive is the FIN again; of anything else the text says nothing.
  const bool ack = s.choose.pick(Point::other_in_time_wait) == Variant::ack ||
                   (s.seg.fin && s.choose.pick(Point::second_fin) == Variant::ack);
  if (ack) acknowledge(s);
  s.over = true;
}

constexpr Row kAckByState[] = {
    {"RFC9293-3.10.7.4-fw1", our_fin_is_acked_in<State::fin_wait_1>, enter<State::fin_wait_2>},
    {"RFC9293-3.10.7.4-closing", our_fin_is_acked_in<State::closing>, enter<State::time_wait>},
    {"RFC9293-3.10.7.4-closing", is_in<State::closing>, drop},
    {"RFC9293-3.10.7.4-lastack", our_fin_is_acked_in<State::last_ack>, end_in_last_ack},
    {"RFC9293-3.10.7.4-timewait", is_in<State::time_wait>, rest_in_time_wait},
};

}  // namespace

void arrives_other(Situation& s) {
  if (s.before.state == State::time_wait && s.seg.syn && !s.seg.ack_flag && !s.seg.rst) {
    time_wait_syn(s);
    if (s.over) return;
  }
  decide(kTimestamps, s);
  if (s.over) return;
  // A SYN that is challenged for its number is not taken, whatever of its text is in the window.
  const bool is_acceptable = (acceptable(s) && !syn_that_straddles(s)) || at_closed_window(s);
  renew_ts_recent(s, is_acceptable);
  decide(kSequenceNumber, s);
  if (s.over) return;
  for (const std::span<const Row> table : {std::span<const Row>{kRst}, {kSyn}, {kAck}}) {
    decide(table, s);
    if (s.over) return forget_timestamp_of_refused(s);
  }
  if (s.before.state != State::syn_received) {
    update_send_variables(s);
    decide(kAckByState, s);
    if (s.over) return forget_timestamp_of_refused(s);
  }
  urgent_text_and_fin(s);
}

}  // namespace packetwright::model
