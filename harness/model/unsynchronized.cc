// SPDX-License-Identifier: Apache-2.0
// RFC 9293, 3.10.7.1 to 3.10.7.3: CLOSED, LISTEN and SYN-SENT.
#include "harness/model/tables.hh"

namespace packetwright::model {
namespace {

// --- 3.10.7.1 CLOSED

constexpr Row kClosed[] = {
    {"RFC9293-3.10.7.1-a", rst, drop},
    {"RFC9293-3.10.7.1-c", ack, answer_with_reset},
    {"RFC9293-3.10.7.1-b", always, answer_with_reset_and_ack},
};

// --- 3.10.7.2 LISTEN

bool syn_with_fin_that_is_dropped(Situation& s) {
  return s.seg.syn && s.seg.fin && s.choose.pick(Point::syn_fin_in_listen) == Variant::drop;
}

void learn_peer(Situation& s) {
  Variables& now = s.now();
  now.irs = s.seg.seq;
  now.rcv_nxt = s.seg.seq + 1;
  now.snd_wnd = now.max_snd_wnd = s.seg.win;
}

void open_passively(Situation& s) {
  learn_peer(s);
  s.now().state = State::syn_received;
  s.now().passive = true;
  answer_with_syn_ack(s);
  s.out.seq.reset();  // a new initial number
}

constexpr Row kListen[] = {
    {"RFC9293-3.10.7.2-rst", rst, drop},
    {"RFC9293-3.10.7.2-ack", ack, answer_with_reset},
    {"RFC9293-3.10.7.2-syn", syn_with_fin_that_is_dropped, drop},
    {"RFC9293-3.10.7.2-syn", syn, open_passively},
    {"RFC9293-3.10.7.2-other", always, drop},
};

// --- 3.10.7.3 SYN-SENT

bool bad_ack_in_rst(Situation& s) {
  return s.seg.ack_flag && !acks_something_new(s) && s.seg.rst;
}
bool bad_ack(Situation& s) {
  return s.seg.ack_flag && !acks_something_new(s);
}
bool rst_with_ack(Situation& s) {
  return s.seg.rst && s.seg.ack_flag;
}
bool syn_ack(Situation& s) {
  return s.seg.syn && s.seg.ack_flag;
}
bool ack_that_is_reset(Situation& s) {
  return s.seg.ack_flag && s.choose.pick(Point::ack_without_syn_in_syn_sent) == Variant::reset;
}

void establish(Situation& s) {
  learn_peer(s);
  take_window(s);
  s.now().snd_una = s.seg.ack;
  s.now().state = State::established;
  acknowledge(s);
  const bool has_more = s.seg.size > 0 || s.seg.fin;
  if (has_more && s.choose.pick(Point::text_of_syn_ack) == Variant::drop) {
    s.over = true;
    return;
  }
  // The window that its own SYN offered does not count the SYN of the peer.
  urgent_text_and_fin(s);
}

void open_simultaneously(Situation& s) {
  learn_peer(s);
  take_window(s);
  s.now().state = State::syn_received;
  answer_with_syn_ack(s);
}

constexpr Row kSynSent[] = {
    {"RFC9293-3.10.7.3-badack", bad_ack_in_rst, drop},
    {"RFC9293-3.10.7.3-badack", bad_ack, answer_with_reset},
    {"RFC9293-3.10.7.3-rst", rst_with_ack, close_with_error},
    {"RFC9293-3.10.7.3-rst", rst, drop},
    {"RFC9293-3.10.7.3-synack", syn_ack, establish},
    {"RFC9293-3.10.7.3-syn", syn, open_simultaneously},
    {"RFC9293-3.10.7.3-drop", ack_that_is_reset, answer_with_reset},
    {"RFC9293-3.10.7.3-drop", always, drop},
};

}  // namespace

void arrives_closed(Situation& s) {
  decide(kClosed, s);
}

void arrives_listen(Situation& s) {
  decide(kListen, s);
}

void arrives_syn_sent(Situation& s) {
  decide(kSynSent, s);
}

}  // namespace packetwright::model
