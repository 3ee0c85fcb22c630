// SPDX-License-Identifier: Apache-2.0
#include "harness/model/vocabulary.hh"

#include <algorithm>

namespace packetwright::model {

void decide(std::span<const Row> table, Situation& s) {
  for (const Row& row : table) {
    if (!row.when(s)) continue;
    if (!row.rule.empty()) s.out.rule = row.rule;
    row.then(s);
    return;
  }
}

bool always(Situation&) {
  return true;
}

bool rst(Situation& s) {
  return s.seg.rst;
}

bool syn(Situation& s) {
  return s.seg.syn;
}

bool ack(Situation& s) {
  return s.seg.ack_flag;
}

bool no_ack(Situation& s) {
  return !s.seg.ack_flag;
}

bool acks_something_new(const Situation& s) {
  return s.seg.ack_flag && s.before.snd_una < s.seg.ack && s.seg.ack <= s.before.snd_nxt;
}

void go_on(Situation&) {}

void acknowledge(Situation& s) {
  s.out.reply = Reply::ack;
  s.out.seq = s.now().snd_nxt;
  s.out.ack = s.now().rcv_nxt;
  s.out.may_wait = false;
}

void drop(Situation& s) {
  s.over = true;
}

void answer_with_ack(Situation& s) {
  acknowledge(s);
  s.over = true;
}

void answer_with_reset(Situation& s) {
  s.out.reply = Reply::reset;
  s.out.seq = s.seg.ack;
  s.out.reset_may_ack = s.choose.pick(Point::reset_has_ack) == Variant::yes;
  s.over = true;
}

void answer_with_reset_and_ack(Situation& s) {
  s.out.reply = Reply::reset_with_ack;
  s.out.seq = SeqNum{0};
  s.out.ack = s.seg.seq + s.seg.len();
  s.over = true;
}

void answer_with_syn_ack(Situation& s) {
  s.out.reply = Reply::syn_ack;
  s.out.seq = s.now().iss;
  s.out.ack = s.now().rcv_nxt;
  s.over = true;
}

void close_silently(Situation& s) {
  s.now().state = State::closed;
  s.over = true;
}

void close_with_error(Situation& s) {
  close_silently(s);
  s.out.notice = Notice::error;
}

void return_to_listen(Situation& s) {
  s.now().state = State::listen;
  s.over = true;
}

void take_window(Situation& s) {
  Variables& now = s.now();
  now.snd_wnd = s.seg.win;
  now.snd_wl1 = s.seg.seq;
  now.snd_wl2 = s.seg.ack;
  now.max_snd_wnd = std::max(now.max_snd_wnd, now.snd_wnd);
}

}  // namespace packetwright::model
