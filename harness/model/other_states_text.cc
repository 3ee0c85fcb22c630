// SPDX-License-Identifier: Apache-2.0
// RFC 9293, 3.10.7.4, the last three steps: URG, text, FIN.
#include "harness/model/tables.hh"

namespace packetwright::model {
namespace {

// The text that is new and inside the window: what is left of it and what is right of it is cut.
struct Trimmed {
  SeqNum left, right;  // of [left, right)

  [[nodiscard]] bool empty() const noexcept { return right <= left; }
};

Trimmed trimmed(Situation& s) {
  const Variables& now = s.now();
  return {max(s.seg.text(), now.rcv_nxt), min(s.seg.text() + s.seg.size, now.rcv_edge())};
}

// --- seventh, text

bool no_text(Situation& s) {
  return s.seg.size == 0;
}
bool after_fin_of_peer(Situation& s) {
  return is_after_fin_of_peer(s.before.state);
}
bool nothing_new_inside(Situation& s) {
  return trimmed(s).empty();
}
bool in_order(Situation& s) {
  return trimmed(s).left == s.now().rcv_nxt;
}

void ignore_text(Situation& s) {
  if (s.choose.pick(Point::text_after_fin) == Variant::ack) acknowledge(s);
}

// RFC 6093, 3.1: an octet that the pointer calls urgent may have left the stream.
void take_urgent_octet_out(Situation& s, const Trimmed& text) {
  if (!s.seg.urgent || s.choose.pick(Point::urgent_octet) != Variant::out_of_band) return;
  const SeqNum octet = s.seg.seq + s.seg.urgent_pointer - 1;
  if (octet < text.left || text.right <= octet) return;
  s.out.out_of_band = octet - text.left;
}

void deliver(Situation& s) {
  const Trimmed text = trimmed(s);
  Variables& now = s.now();
  const std::uint32_t octets = text.right - text.left;
  s.out.delivered = octets;
  take_urgent_octet_out(s, text);
  now.rcv_nxt = text.right;
  now.rcv_wnd -= octets;  // its right edge stays
  acknowledge(s);
  s.out.may_wait = true;
}

constexpr Row kText[] = {
    {"", no_text, go_on},
    {"RFC9293-3.10.7.4-text-late", after_fin_of_peer, ignore_text},
    {"RFC9293-3.10.7.4-trim", nothing_new_inside, acknowledge},
    {"RFC9293-3.10.7.4-text", in_order, deliver},
    {"RFC9293-SHLD-31", always, acknowledge},  // held until the gap is filled
};

// --- eighth, FIN

bool no_fin(Situation& s) {
  return !s.seg.fin;
}
bool fin_at_rcv_nxt(Situation& s) {
  const Variables& now = s.now();
  if (s.seg.fin_number() != now.rcv_nxt) return false;
  // Its number is one of the window; what arrived in front of it took its own.
  return s.seg.fin_number() != now.rcv_edge() ||
         s.choose.pick(Point::fin_at_right_edge) == Variant::take;
}
bool fin_is_cut_off(Situation& s) {
  return !in_window(s.seg.fin_number(), s.now().rcv_nxt, s.now().rcv_wnd);
}

void answer_second_fin(Situation& s) {
  if (s.choose.pick(Point::second_fin) == Variant::ack) acknowledge(s);
}

void take_fin(Situation& s) {
  Variables& now = s.now();
  now.rcv_nxt += 1;
  if (now.rcv_wnd > 0) now.rcv_wnd -= 1;
  acknowledge(s);
  s.out.may_wait = true;
  s.out.notice = Notice::end_of_stream;
  switch (now.state) {
    case State::syn_received:
    case State::established: now.state = State::close_wait; break;
    case State::fin_wait_1: now.state = State::closing; break;
    case State::fin_wait_2: now.state = State::time_wait; break;
    case State::close_wait:
    case State::closing:
    case State::last_ack:
    case State::time_wait:
    case State::closed:
    case State::listen:
    case State::syn_sent: break;  // not reached: the FIN was taken, or there is none to take
  }
}

constexpr Row kFin[] = {
    {"", no_fin, go_on},
    {"RFC9293-3.10.7.4-fin", after_fin_of_peer, answer_second_fin},
    {"RFC9293-3.10.7.4-fin", fin_at_rcv_nxt, take_fin},
    {"RFC9293-3.10.7.4-trim", fin_is_cut_off, go_on},
    {"RFC9293-3.10.7.4-fin-ooo", always, acknowledge},
};

}  // namespace

void urgent_text_and_fin(Situation& s) {
  // Sixth, URG: the user is told, and nothing goes over the wire.
  decide(kText, s);
  decide(kFin, s);
}

}  // namespace packetwright::model
