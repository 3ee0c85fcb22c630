// SPDX-License-Identifier: Apache-2.0
#include "harness/engine/session.hh"

#include <algorithm>

#include "harness/script/printer.hh"

namespace packetwright::engine {
namespace {

// Scripts speak in microseconds; a stack may count in nanoseconds.
constexpr Duration kScriptGranularity = 1us;

// One hundredth of a script's time may be spent on being a little late: tolerances are wider.
constexpr int kExcusedShare = 100;

bool uses_labels(const script::Script& script) {
  return std::any_of(script.events.begin(), script.events.end(), [](const script::Event& event) {
    const auto* packet = event.as<script::Packet>();
    return packet != nullptr && !packet->connection.empty();
  });
}

}  // namespace

Session::Session(const script::Script& the_script, const RunOptions& the_options,
                 const Settings& the_settings, targets::Target& the_target, Outcome& the_outcome,
                 Observer* observer)
    : script(the_script),
      options(the_options),
      settings(the_settings),
      target(the_target),
      outcome(the_outcome),
      trace(the_script, the_outcome, observer),
      connections(the_settings, the_options.seed, the_options.run_number),
      tap(the_target, the_settings, connections, scripted_protocols(the_script), trace),
      labels_used(uses_labels(the_script)) {}

void Session::ended_at(const script::Location& where) {
  outcome.reason_line = where.line;
  outcome.reason_prelude = prelude_of(script, where);
}

void Session::fail(const script::Location& where, std::string expected, std::string actual,
                   std::vector<FieldDifference> fields) {
  if (over_ && outcome.status != Status::failed) return;
  Mismatch mismatch;
  mismatch.file = std::string(script.file_of(where));
  mismatch.line = where.line;
  mismatch.column = where.column;
  mismatch.expected = std::move(expected);
  mismatch.actual = std::move(actual);
  mismatch.fields = std::move(fields);
  if (outcome.mismatches.empty()) {
    outcome.reason = symptom_of(mismatch);
    ended_at(where);
  }
  outcome.mismatches.push_back(std::move(mismatch));
  outcome.status = Status::failed;
  over_ = true;
}

void Session::unsupported(const script::Location& where, std::string reason) {
  if (over_) return;
  outcome.status = Status::unsupported;
  outcome.reason = std::move(reason);
  ended_at(where);
  over_ = true;
}

void Session::wrong_script(const script::Location& where, std::string reason) {
  if (over_) return;
  outcome.status = Status::error;
  outcome.fault = Fault::script;
  outcome.reason = std::move(reason);
  ended_at(where);
  over_ = true;
}

bool Session::check_trouble() {
  if (const auto death = target.death(); death && death->unsupported) {
    outcome.status = Status::unsupported;
    outcome.mismatches.clear();
    outcome.reason = death->log;
    ended_at(trace.where());
    over_ = true;
  } else if (death) {
    // A death explains whatever else looked wrong.
    outcome.status = Status::died;
    outcome.mismatches.clear();
    outcome.death = death;
    outcome.reason = "the stack under test died";
    if (death->signal != 0) outcome.reason += " of signal " + std::to_string(death->signal);
    ended_at(trace.where());
    over_ = true;
  } else if (!tap.trouble().empty() && !over_) {
    outcome.status = Status::failed;
    outcome.reason = tap.trouble();
    ended_at(trace.where());
    over_ = true;
  }
  return over_;
}

void Session::note_lateness() {
  if (!settings.real_time) return;
  const LatenessMeter& late = tap.lateness();
  outcome.late = {late.total(), late.worst(), late.where().line, prelude_of(script, late.where())};
  // Delays too small to matter one by one add up in a long script, but so does its time.
  const Duration gone_by = std::max(previous_ - origin_, Duration{0});
  const Duration excused = settings.slack + gone_by / kExcusedShare;
  too_late_ = outcome.late.worst > settings.slack || outcome.late.total > excused;
}

void Session::settle_doubt() {
  if (!settings.real_time || outcome.status != Status::failed) return;
  if (too_late_) {
    outcome.doubt = Doubt::lateness;
  } else if (may_differ_only_in_time(outcome)) {
    outcome.doubt = Doubt::time;
  }
}

Duration Session::tolerance(Duration since_previous) const {
  // 100 000 thousandths of a percent are the whole; whole microseconds keep this far from 2^63.
  const std::int64_t micros = std::max<std::int64_t>(since_previous.count() / 1000, 0);
  const Duration share{micros * settings.tolerance_milli_percent / 100};
  return std::max(settings.tolerance, share);
}

void Session::set_tolerances(Window& window, Duration since_previous) const {
  const bool exact = settings.strict && !settings.real_time;
  if (exact && !settings.tolerance_given) {
    // Virtual time: a timer fires when it should, or at the next tick of the stack's clock.
    window.early = Duration{0};
    window.late = settings.tick + kScriptGranularity;
    return;
  }
  window.early = window.late = tolerance(since_previous);
  // packetdrill knows neither slack nor ticks on the clock of a kernel, whose scripts were made so.
  if (!settings.strict && settings.real_time) return;
  window.early += settings.slack;
  window.late += settings.slack + settings.tick;
}

Window Session::window_of(const script::When& when) {
  const Instant now = tap.now();
  Window window;
  window.anchor = inbound_anchor_.value_or(now);
  switch (when.kind) {
    case script::WhenKind::none: window.from = window.to = window.anchor; break;
    case script::WhenKind::absolute: window.from = window.to = origin_ + when.start.value; break;
    case script::WhenKind::relative:
      window.from = window.to = window.anchor + when.start.value;
      break;
    case script::WhenKind::any:
      window.any = true;
      window.from = origin_;
      window.to = now + settings.star_limit;
      break;
    case script::WhenKind::absolute_range:
      window.from = origin_ + when.start.value;
      window.to = origin_ + when.end.value;
      break;
    case script::WhenKind::relative_range:
      window.from = window.anchor + when.start.value;
      window.to = window.anchor + when.end.value;
      break;
  }
  const Instant due = window.any ? now : window.from;
  set_tolerances(window, due - previous_);
  if (window.any) window.early = window.late = Duration{0};
  if (settings.real_time && !window.any) window.early += std::max(now - completed_, Duration{0});
  previous_ = due;
  return window;
}

Window Session::end_of_call(const script::When& when, const script::Time& end, Instant start,
                            Instant anchor) const {
  Window window;
  window.anchor = anchor;
  window.from = window.to =
      (when.kind == script::WhenKind::absolute ? origin_ : anchor) + end.value;
  set_tolerances(window, window.from - start);
  return window;
}

std::string Session::time_text(Instant at, const Window& window, const script::When& when) const {
  const bool absolute =
      when.kind == script::WhenKind::absolute || when.kind == script::WhenKind::absolute_range;
  // A real clock's nanoseconds are noise.
  const Duration unit = settings.real_time ? Duration{1us} : Duration{1};
  if (absolute) return script::print_duration((at - origin_) / unit * unit);
  const Duration since = (at - window.anchor) / unit * unit;
  std::string text = since < Duration{0} ? "" : "+";
  text += script::print_duration(since);
  return text;
}

}  // namespace packetwright::engine
