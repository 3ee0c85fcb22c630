// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "harness/engine/outcome.hh"
#include "harness/engine/variant.hh"
#include "harness/runner/level.hh"
#include "harness/runner/verdict.hh"

namespace packetwright::runner {

// Values of a script's parameters, in the order of its `for` lines: {"mss", "536"}.
using Params = std::vector<std::pair<std::string, std::string>>;

// Where a requirement stands in its RFC, ready to print.
struct Citation {
  std::string id;     // "RFC9293-MUST-12"
  std::string place;  // "RFC 9293, 3.4.1"

  friend bool operator==(const Citation&, const Citation&) = default;
};

// Everything known about one run of one case. The documents of harness/report are made of these.
struct CaseResult {
  std::string id;
  std::string path;      // as a user can open it
  bool outside = false;  // see Case
  std::string title;
  engine::Variant variant = engine::Variant::ipv4;
  Params params;
  std::string target;
  Level level = Level::must;
  std::vector<Citation> requirements;
  std::uint64_t seed = 0;  // of this run; it follows from the seed of the whole

  Verdict verdict = Verdict::error;
  std::string cause;    // one line on why it is not a plain pass; empty for a pass
  std::string symptom;  // what expectations are compared with; empty unless it failed
  std::string known;    // for xfail and xpass: why the ledger expects it
  std::string log;      // last words of a dead stack, or diagnostics of a broken case
  bool vacuous = false;
  bool order_dependent = false;
  bool retried = false;
  bool strict = false;               // the mode: strict, else packetdrill
  std::uint32_t line = 0;            // of the script, where it ended early; 0: none
  std::string prelude;               // the file that `line` is of, if that is not `path`
  std::uint32_t events_skipped = 0;  // assertions that the target could not answer
  std::int64_t wall_us = 0;
  std::int64_t virtual_us = 0;  // how far the clock of the target came
  std::int64_t late_us = 0;     // how far the harness was behind its script; 0 on a virtual clock
  std::uint64_t trace_hash = 0;
  std::uint32_t rounds = 1;  // how often it ran (--repeat)

  std::vector<engine::Mismatch> mismatches;
  std::vector<engine::HistoryEntry> history;  // kept unless it passed
  std::string replay;                         // a command line that repeats it
  std::string pcap;                           // the capture that was written for it, if any
};

// "tcp/window/probe [ipv6, mss=536]": an id with what tells apart the runs of one case.
[[nodiscard]] std::string full_name(const CaseResult& result);

}  // namespace packetwright::runner
