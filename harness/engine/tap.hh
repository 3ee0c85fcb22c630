// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "harness/engine/connection.hh"
#include "harness/engine/lateness.hh"
#include "harness/engine/neighbor.hh"
#include "harness/engine/settings.hh"
#include "harness/engine/trace.hh"
#include "harness/packet/print.hh"
#include "harness/targets/target.hh"

namespace packetwright::engine {

// A frame of the target that nothing in the script has accounted for yet.
struct SeenFrame {
  Instant at;
  packet::Dissected frame;
  script::Location where;   // of the event that was being run when it was seen
  std::size_t history = 0;  // index of its entry
};

// The engine's end of the wire and its hold on time. Everything that goes to the target and comes
// from it passes here, so that the history is complete.
class Tap {
 public:
  Tap(targets::Target& target, const Settings& settings, ConnectionTable& connections,
      const ScriptedProtocols& scripted, Trace& trace);

  // `where` nowhere: the harness by itself. `text`: how the script puts it; else it is made from
  // the frame.
  void inject(Bytes frame, const script::Location& where = {}, std::string text = {});
  // Takes what the target sent, answers and ignores chatter, queues the rest.
  void pump();
  // The script plays no protocol of the link any more.
  void script_is_over() noexcept { scripted_ = {}; }
  [[nodiscard]] std::deque<SeenFrame>& queue() noexcept { return queue_; }
  // What was injected lately, the newest last: an ICMP error quotes one of them.
  [[nodiscard]] const std::deque<packet::Dissected>& injected() const noexcept { return injected_; }

  [[nodiscard]] Instant now() const { return target_.now(); }
  // Lets time pass until `until`, pumping at each frame. `stop` is asked at every stop on the way
  // and ends the wait when it says so. `steps`: also stop where the target may act without sending
  // anything (a blocked call waits for that).
  void advance(Instant until, bool steps, const std::function<bool()>& stop);

  // The script begins: from here on every delay of the harness is lateness, which lateness() tells.
  void start_counting() {
    late_ = {};
    late_.start(now());
  }
  [[nodiscard]] const LatenessMeter& lateness() {
    late_.wait(now(), trace_.where());
    return late_;
  }
  // What is done between these two takes its time because the script wants it done.
  void pause_counting() { late_.wait(now(), trace_.where()); }
  void go_on_counting() { late_.start(now()); }

  // Something is so wrong with the target that going on is pointless; empty: all is well.
  [[nodiscard]] const std::string& trouble() const noexcept { return trouble_; }

  // The packet in script notation and script numbers.
  [[nodiscard]] std::string describe(const packet::Dissected& frame);

 private:
  void pass_time(Instant until, bool steps, const std::function<bool()>& stop);
  [[nodiscard]] Instant next_stop(Instant until, bool steps) const;

  targets::Target& target_;
  const Settings& settings_;
  ConnectionTable& connections_;
  ScriptedProtocols scripted_;
  Trace& trace_;
  packet::PrintContext print_;
  std::deque<SeenFrame> queue_;
  std::deque<packet::Dissected> injected_;
  std::vector<targets::SentFrame> sent_;
  LatenessMeter late_;
  Instant heard_ = Instant::max();  // when the first frame of the last pump() was sent
  std::size_t total_ = 0;
  std::string trouble_;
};

}  // namespace packetwright::engine
