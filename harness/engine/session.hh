// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "harness/engine/connection.hh"
#include "harness/engine/engine.hh"
#include "harness/engine/kept_values.hh"
#include "harness/engine/settings.hh"
#include "harness/engine/tap.hh"
#include "harness/engine/trace.hh"
#include "harness/script/tree.hh"

namespace packetwright::engine {

// When an event is to happen, and how far off it may be.
struct Window {
  Instant from, to;   // what the script says; equal unless it is a range
  Duration early{0};  // tolerated before `from`
  Duration late{0};   // tolerated after `to`
  bool any = false;   // `*`
  Instant anchor;     // where relative times count from
  [[nodiscard]] Instant earliest() const noexcept { return from - early; }
  [[nodiscard]] Instant latest() const noexcept { return to + late; }
};

// The state of one run: what all kinds of events share.
class Session {
 public:
  Session(const script::Script& script, const RunOptions& options, const Settings& settings,
          targets::Target& target, Outcome& outcome, Observer* observer);

  const script::Script& script;
  const RunOptions& options;
  const Settings& settings;
  targets::Target& target;
  Outcome& outcome;
  Trace trace;
  ConnectionTable connections;
  KeptValues kept;
  Tap tap;
  const bool labels_used;  // some packet names a connection

  // --- how it ends. The first of these counts; what follows is not run.
  void fail(const script::Location& where, std::string expected, std::string actual,
            std::vector<FieldDifference> fields);
  void unsupported(const script::Location& where, std::string reason);
  void wrong_script(const script::Location& where, std::string reason);
  // Looks whether the target died or the tap is in trouble; true: the run is over.
  bool check_trouble();
  [[nodiscard]] bool over() const noexcept { return over_; }
  void pass() { ++outcome.assertions_checked; }
  // The last event is over: how late the harness was up to here.
  void note_lateness();
  // All is over. What a failure is worth follows from how late the harness was.
  void settle_doubt();

  // --- time
  void start_clock() {
    origin_ = previous_ = completed_ = target.now();
    tap.start_counting();
  }
  // The window of an event that is reached now. `anchor_inbound`: where relative times of an
  // inbound packet count from that follows another one (packetdrill, google dialect).
  [[nodiscard]] Window window_of(const script::When& when);
  // The same for the end of a blocking call that began at `start`.
  [[nodiscard]] Window end_of_call(const script::When& when, const script::Time& end, Instant start,
                                   Instant anchor) const;
  // When the event that is being run did its part: an action at this moment, an expected frame when
  // it was sent. What the harness itself needs until the next event is reached comes later, and on
  // a real clock may be long; a frame of that meantime is not early.
  void completed_at(Instant at) noexcept { completed_ = std::max(completed_, at); }
  void set_inbound_anchor(std::optional<Instant> anchor) noexcept { inbound_anchor_ = anchor; }
  // A moment as the event's kind of time would show it: "+0.2" or "1.2".
  [[nodiscard]] std::string time_text(Instant at, const Window& window,
                                      const script::When& when) const;

 private:
  void ended_at(const script::Location& where);
  [[nodiscard]] Duration tolerance(Duration since_previous) const;
  void set_tolerances(Window& window, Duration since_previous) const;

  Instant origin_;
  Instant previous_;   // when the previous event was due
  Instant completed_;  // when it had done its part
  std::optional<Instant> inbound_anchor_;
  bool over_ = false;
  bool too_late_ = false;
};

}  // namespace packetwright::engine
