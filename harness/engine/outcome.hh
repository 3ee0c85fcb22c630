// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/packet/match.hh"
#include "harness/script/tree.hh"
#include "harness/targets/target.hh"
#include "stack/base/bytes.hh"
#include "stack/base/instant.hh"

// What came of running one script against one target. Plain values: they can be copied, compared
// and sent from a worker to its parent.
namespace packetwright::engine {

enum class Status : std::uint8_t {
  passed,       // every step held (whether the pass counts is the runner's question: `alive`)
  failed,       // the target did something else than the script says; see `mismatches`
  unsupported,  // the target lacks something that the script needs; `reason` says what
  died,         // the stack under test is dead; see `death`
  error,        // the script or the harness is at fault, or the target cannot be used; see `fault`
};

// Whose fault a Status::error is.
enum class Fault : std::uint8_t {
  none,
  script,  // the script asks for something that makes no sense, e.g. a descriptor it never opened
  target,  // the target could not be reset or configured: exit code 3 of the command
};

// Was the target shown to be working after the last event?
enum class Alive : std::uint8_t {
  not_checked,  // the run ended before, or this target offers no means to ask
  yes,
  no,
};

// One field that is not what the script says, both sides in the words of the script language:
// name ("tcp.win", "option TS", "time", "result", "errno"), want and got ("none": nothing there).
using FieldDifference = packet::Difference;

// One step of the script that did not hold.
struct Mismatch {
  std::string file;
  std::uint32_t line = 0;    // 1-based; 0: after the end of the script
  std::uint32_t column = 0;  // 1-based
  std::string expected;      // "+0.000 > . 1:1(0) ack 1"
  std::string actual;        // "+0.000 > R 1:1(0)", or "nothing"
  std::vector<FieldDifference> fields;

  friend bool operator==(const Mismatch&, const Mismatch&) = default;
};

// "expected > . 1:1(0) ack 1, got nothing": without times and places, so that a ledger of known
// failures can name it.
[[nodiscard]] std::string symptom_of(const Mismatch& mismatch);

// One thing that happened, in the order in which it happened.
struct HistoryEntry {
  enum class Kind : std::uint8_t {
    frame_in,   // the harness sent it to the target
    frame_out,  // the target sent it
    call,       // a socket call returned; the text holds its result
    note,       // anything else worth telling: a shell command, the end of the script
  };

  Kind kind = Kind::note;
  Instant at;              // time of the target, counted from its reset
  std::uint32_t line = 0;  // of the script; 0: none, the harness acted by itself
  std::string prelude;     // the file that `line` is of, if that is none of the case itself
  std::string text;        // in script notation
  Buffer octets;           // the frame as it was on the wire; empty for calls and notes
  bool ethernet = true;    // whether `octets` begin with an Ethernet header
};

// How far the harness was behind the script, on a real clock. On a virtual one it is never late.
struct Lateness {
  Duration total{0};       // all its delays together, up to the end of the script
  Duration worst{0};       // the longest of them
  std::uint32_t line = 0;  // the event at which that happened; 0: none
  std::string prelude;     // see HistoryEntry
};

// Whether a failure on a real clock may be another's fault than the stack's.
enum class Doubt : std::uint8_t {
  none,
  time,     // nothing but the time may differ: what else the machine did may be the reason
  lateness  // the harness was so late that this may be the reason
};

struct Outcome {
  Status status = Status::error;
  Fault fault = Fault::none;
  std::string reason;                // one line; empty when passed
  std::uint32_t reason_line = 0;     // where in the script, if anywhere
  std::string reason_prelude;        // see HistoryEntry
  std::vector<Mismatch> mismatches;  // all of the step that failed; the first names it
  std::vector<HistoryEntry> history;

  std::uint32_t events = 0;              // of the script
  std::uint32_t events_done = 0;         // of them, how many held
  std::uint32_t stimuli = 0;             // frames and calls the script wanted and that were made
  std::uint32_t frames_in = 0;           // frames given to the target, the harness's own included
  std::uint32_t frames_out = 0;          // frames the target sent
  std::uint32_t assertions_checked = 0;  // packets, results, states, counters, silences that held
  std::uint32_t assertions_skipped = 0;  // states and counters the target cannot tell
  Alive alive = Alive::not_checked;
  bool strict = false;           // the mode that was in force
  Duration target_time{0};       // how far the target's clock came
  std::uint64_t trace_hash = 0;  // over frames, times, results and status: equal for equal runs;
                                 // on a real clock it is computed too and differs every time
  Lateness late;
  Doubt doubt = Doubt::none;  // of a failure
  std::optional<targets::Death> death;
};

// The one field of the mismatch when %{ }% does not hold.
inline constexpr std::string_view kCodeField = "code";

// Whether all that came was what was expected, but not when; what %{ }% asks for may be a time,
// too.
[[nodiscard]] bool may_differ_only_in_time(const Outcome& outcome) noexcept;

// The file of a place in a prelude; empty: it is in the case itself, or nowhere.
[[nodiscard]] std::string prelude_of(const script::Script& script, const script::Location& where);

[[nodiscard]] std::string_view name_of(Status status) noexcept;
[[nodiscard]] std::string_view name_of(Fault fault) noexcept;
[[nodiscard]] std::string_view name_of(Alive alive) noexcept;

}  // namespace packetwright::engine
