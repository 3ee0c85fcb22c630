// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "harness/model/choices.hh"
#include "harness/model/outcome.hh"
#include "harness/model/segment.hh"
#include "harness/model/variables.hh"

// The words that the tables are written in.
namespace packetwright::model {

// A segment on its way through the tables.
struct Situation {
  const Variables& before;
  const Segment& seg;
  Chooser& choose;
  Outcome out;        // `out.after` is what the connection knows by now
  bool over = false;  // a row has said that nothing more happens

  [[nodiscard]] Variables& now() noexcept { return out.after; }
};

using Condition = bool (*)(Situation&);
using Action = void (*)(Situation&);

// A rule: when the condition holds, the action follows. Without one the segment goes on.
struct Row {
  std::string_view rule;
  Condition when;
  Action then;
};

// The first row that applies acts, and its rule, if it names one, is what decided.
void decide(std::span<const Row> table, Situation& s);

// --- conditions
[[nodiscard]] bool always(Situation& s);
[[nodiscard]] bool rst(Situation& s);
[[nodiscard]] bool syn(Situation& s);
[[nodiscard]] bool ack(Situation& s);
[[nodiscard]] bool no_ack(Situation& s);
// SND.UNA < SEG.ACK =< SND.NXT
[[nodiscard]] bool acks_something_new(const Situation& s);

// --- actions; all but the first two end it
void go_on(Situation& s);
void acknowledge(Situation& s);  // the connection goes on to look at the segment
void drop(Situation& s);
void answer_with_ack(Situation& s);
void answer_with_reset(Situation& s);
void answer_with_reset_and_ack(Situation& s);
void answer_with_syn_ack(Situation& s);
void close_silently(Situation& s);    // -> CLOSED
void close_with_error(Situation& s);  // -> CLOSED, and the user is told
void return_to_listen(Situation& s);  // the embryo is gone, its listener stays

// The window that the segment announces is the one to send into.
void take_window(Situation& s);

}  // namespace packetwright::model
