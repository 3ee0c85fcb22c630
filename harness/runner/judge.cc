// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/judge.hh"

#include <array>
#include <string_view>
#include <utility>

#include "harness/runner/text.hh"

namespace packetwright::runner {
namespace {

using engine::Alive;
using engine::Doubt;
using engine::Outcome;
using engine::Status;

Verdict failed_at(Level level) {
  switch (level) {
    case Level::must: return Verdict::fail;
    case Level::should: return Verdict::non_strict;
    case Level::may: return Verdict::info;
  }
  return Verdict::fail;
}

Judgement judge_failure(const Outcome& outcome, Level level) {
  Judgement out{failed_at(level), outcome.reason, {}, false};
  if (!outcome.mismatches.empty()) out.symptom = engine::symptom_of(outcome.mismatches.front());
  if (out.symptom.empty()) out.symptom = outcome.reason;
  if (out.cause.empty()) out.cause = out.symptom;
  return out;
}

// "12.3 ms"
std::string milliseconds(Duration duration) {
  const std::int64_t tenths = duration / 100us;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " ms";
}

Judgement too_late(const Outcome& outcome) {
  const engine::Lateness& late = outcome.late;
  std::string cause = "no verdict: the harness was " + milliseconds(late.total) +
                      " late, time and again (" + milliseconds(late.worst) + " of it at " +
                      (late.prelude.empty() ? "line " : late.prelude + ":") +
                      std::to_string(late.line) + "); this machine is too busy";
  return {Verdict::error, std::move(cause), {}, false};
}

Judgement vacuous(std::string why) {
  return {Verdict::fail, "vacuous: " + why, "vacuous: " + why, true};
}

Judgement judge_pass(const Outcome& outcome) {
  if (outcome.alive == Alive::no) return vacuous("the stack did not answer after the last event");
  if (outcome.stimuli == 0) return vacuous("nothing was sent to the stack and no call was made");
  if (outcome.assertions_checked == 0 && outcome.assertions_skipped > 0) {
    return {Verdict::unsupported,
            "the target cannot tell its state, and the case looks at nothing else",
            {},
            false};
  }
  return {Verdict::pass, {}, {}, false};
}

// Signals that end a program, by the numbers that Linux and the BSDs share.
std::string name_of_signal(int number) {
  static constexpr std::array<std::pair<int, std::string_view>, 8> kNames{{{4, "SIGILL"},
                                                                           {5, "SIGTRAP"},
                                                                           {6, "SIGABRT"},
                                                                           {8, "SIGFPE"},
                                                                           {9, "SIGKILL"},
                                                                           {11, "SIGSEGV"},
                                                                           {13, "SIGPIPE"},
                                                                           {15, "SIGTERM"}}};
  for (const auto& [known, name] : kNames) {
    if (known == number) return std::string(name);
  }
  return "signal " + std::to_string(number);
}

// The C++ library says on a line of its own what an exception that nobody caught was about.
std::string what_of(std::string_view mark, std::string_view log) {
  constexpr std::string_view kWhat = "what():";
  const std::size_t found = mark == "terminate called" ? log.find(kWhat) : std::string_view::npos;
  if (found == std::string_view::npos) return {};
  log.remove_prefix(found + kWhat.size());
  return ": " + std::string(trim(log.substr(0, log.find('\n'))));
}

// The line of the log that names the fault; empty: none does.
std::string telling_line(std::string_view log) {
  for (const std::string_view mark :
       {"ERROR: AddressSanitizer: ", "ERROR: LeakSanitizer: ", "WARNING: ThreadSanitizer: ",
        "WARNING: MemorySanitizer: ", "runtime error: ", "assertion failed", "Assertion `",
        "panicked at", "terminate called", "broke its interface", "left with exit status ",
        "closed the descriptors ", "the agent "}) {
    const std::size_t found = log.find(mark);
    if (found == std::string_view::npos) continue;
    const std::size_t start = log.rfind('\n', found) + 1;  // npos + 1 is the start of the log
    std::string_view line = log.substr(start, log.find('\n', found) - start);
    // The process id in front of a sanitizer's report differs from run to run.
    if (const std::size_t error = line.find("ERROR: "); error != std::string_view::npos) {
      line.remove_prefix(error + 7);
    }
    // So do the addresses behind it.
    if (const std::size_t at = line.find(" on address"); at != std::string_view::npos) {
      line = line.substr(0, at);
    }
    return std::string(trim(line)) + what_of(mark, log);
  }
  return {};
}

// A machine that is away for a moment, just at the edge of what is tolerated, is away once.
constexpr int kTimesToBelieve = 2;

bool fails(const Outcome& outcome, Level level) {
  const Verdict verdict = judge(outcome, level).verdict;
  return verdict == Verdict::fail || verdict == Verdict::non_strict || verdict == Verdict::info;
}

}  // namespace

Judgement judge(const Outcome& outcome, Level level) {
  switch (outcome.status) {
    case Status::passed: return judge_pass(outcome);
    case Status::failed:
      return outcome.doubt == Doubt::lateness ? too_late(outcome) : judge_failure(outcome, level);
    case Status::unsupported: return {Verdict::unsupported, outcome.reason, {}, false};
    case Status::died: {
      const std::string cause = cause_of(outcome.death.value_or(targets::Death{}));
      return {Verdict::crash, cause, cause, false};
    }
    case Status::error: return {Verdict::error, outcome.reason, {}, false};
  }
  return {};
}

std::string cause_of(const targets::Death& death) {
  std::string cause = telling_line(death.log);
  if (!cause.empty()) return cause;
  return death.signal == 0 ? "the stack ended" : name_of_signal(death.signal);
}

Attempt attempt(const RunCase& run, Level level) {
  Attempt out{run(false), false, false};
  if (out.outcome.doubt != Doubt::none || !fails(out.outcome, level)) return out;
  out.outcome = run(true);
  out.retried = true;
  // In doubt, this is what it will be if it passes in the end.
  out.order_dependent = out.outcome.doubt != Doubt::none || !fails(out.outcome, level);
  return out;
}

Attempt attempt_alone(const RunCase& run, Level level, const Attempt& doubtful) {
  Attempt out;
  out.retried = true;
  int in_time_alone = 0;  // failures in which nothing but the time may differ
  for (int i = 0; i < kRunsAlone; ++i) {
    out.outcome = run(true);
    if (out.outcome.doubt == Doubt::lateness) continue;
    if (out.outcome.doubt == Doubt::time && ++in_time_alone < kTimesToBelieve) continue;
    break;
  }
  const bool passes = out.outcome.doubt != Doubt::lateness && !fails(out.outcome, level);
  out.order_dependent = passes && doubtful.order_dependent;
  return out;
}

}  // namespace packetwright::runner
