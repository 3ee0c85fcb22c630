// SPDX-License-Identifier: Apache-2.0
#include "harness/model/segment_arrives.hh"

#include "harness/model/tables.hh"

namespace packetwright::model {
namespace {

bool bad_checksum(Situation& s) {
  return s.seg.bad_checksum;
}
bool bad_data_offset(Situation& s) {
  return s.seg.bad_data_offset;
}
bool bad_option_is_refused(Situation& s) {
  return s.seg.bad_option_length && s.choose.pick(Point::illegal_option_length) == Variant::drop;
}

// Before any state: what is no segment.
constexpr Row kBeforeAnyState[] = {
    {"RFC9293-MUST-3", bad_checksum, drop},
    {"RFC9293-3.1-doff", bad_data_offset, drop},
    {"RFC9293-MUST-7", bad_option_is_refused, drop},
};

void arrives(Situation& s) {
  decide(kBeforeAnyState, s);
  if (s.over) return;
  switch (s.before.state) {
    case State::closed: return arrives_closed(s);
    case State::listen: return arrives_listen(s);
    case State::syn_sent: return arrives_syn_sent(s);
    case State::syn_received:
    case State::established:
    case State::fin_wait_1:
    case State::fin_wait_2:
    case State::close_wait:
    case State::closing:
    case State::last_ack:
    case State::time_wait: return arrives_other(s);
  }
}

}  // namespace

std::vector<Outcome> segment_arrives(const Variables& before, const Segment& segment,
                                     const Choices& choices) {
  std::vector<Outcome> outcomes;
  Chooser chooser(choices);
  do {
    Situation s{before, segment, chooser, {}, false};
    s.out.after = before;
    arrives(s);
    outcomes.push_back(s.out);
  } while (chooser.next());
  return outcomes;
}

}  // namespace packetwright::model
