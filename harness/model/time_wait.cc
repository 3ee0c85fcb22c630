// SPDX-License-Identifier: Apache-2.0
// RFC 6191, 2, with RFC 9293, MAY-2 and SHLD-4: a SYN may end TIME-WAIT early.
#include "harness/model/tables.hh"

namespace packetwright::model {
namespace {

// What the SYN is compared with: the last number of the old incarnation, which is that of its FIN,
// and its last timestamp.
bool higher_number(Situation& s) {
  const SeqNum nxt = s.before.rcv_nxt;
  if (s.seg.seq == nxt) {
    return s.choose.pick(Point::syn_at_rcv_nxt_in_time_wait) == Variant::accept;
  }
  return s.seg.seq > nxt;
}
bool newer(std::uint32_t a, std::uint32_t b) {
  return SeqNum{b} < SeqNum{a};
}

bool nobody_listens(Situation& s) {
  return !s.before.listener;
}
bool both_with_newer_timestamp(Situation& s) {
  return s.before.timestamps && s.seg.tsval && newer(*s.seg.tsval, s.before.ts_recent);
}
bool both_with_equal_timestamp_and_higher_number(Situation& s) {
  return s.before.timestamps && s.seg.tsval && *s.seg.tsval == s.before.ts_recent &&
         higher_number(s);
}
bool only_old_with_timestamps_and_higher_number(Situation& s) {
  return s.before.timestamps && !s.seg.tsval && higher_number(s);
}
bool only_new_with_timestamps(Situation& s) {
  return !s.before.timestamps && s.seg.tsval.has_value();
}
bool none_with_timestamps_and_higher_number(Situation& s) {
  return !s.before.timestamps && !s.seg.tsval && higher_number(s);
}

void take_as_new(Situation& s) {
  if (s.choose.pick(Point::new_syn_in_time_wait) == Variant::ack) return answer_with_ack(s);
  s.now().state = State::syn_received;
  s.now().passive = true;
  s.now().irs = s.seg.seq;
  s.now().rcv_nxt = s.seg.seq + 1;
  answer_with_syn_ack(s);
  s.out.seq.reset();  // a new initial number
}

void take_as_stale(Situation& s) {
  if (s.choose.pick(Point::stale_syn_in_time_wait) == Variant::ack) return answer_with_ack(s);
  drop(s);
}

// To accept is a choice that needs a listener; without one the steps of 3.10.7.4 follow.
constexpr Row kTimeWaitSyn[] = {
    {"RFC9293-MAY-2", nobody_listens, go_on},
    {"RFC6191-2-a", both_with_newer_timestamp, take_as_new},
    {"RFC6191-2-b", both_with_equal_timestamp_and_higher_number, take_as_new},
    {"RFC6191-2-c", only_old_with_timestamps_and_higher_number, take_as_new},
    {"RFC6191-2-d", only_new_with_timestamps, take_as_new},
    {"RFC9293-SHLD-4", none_with_timestamps_and_higher_number, take_as_new},
    {"RFC6191-2-e", always, take_as_stale},
};

}  // namespace

void time_wait_syn(Situation& s) {
  decide(kTimeWaitSyn, s);
}

}  // namespace packetwright::model
