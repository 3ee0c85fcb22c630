// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/engine/outcome.hh"
#include "harness/engine/variant.hh"
#include "harness/script/tree.hh"
#include "harness/targets/target.hh"
#include "stack/base/instant.hh"

// Runs a script against a target: a discrete-event loop over the one interface all stacks
// implement. It owns no clock, never sleeps and uses no floating point; with a target on virtual
// time, equal arguments give equal outcomes, bit for bit.
namespace packetwright::engine {

enum class Mode : std::uint8_t {
  automatic,    // strict if the script has a `//:` line, else packetdrill
  strict,       // unexpected frames, wrong payload, checksums or echoes fail; the end must be quiet
  packetdrill,  // exactly what packetdrill would compare
};

struct RunOptions {
  Mode mode = Mode::automatic;
  Variant variant = Variant::ipv4;
  std::uint64_t seed = 1;     // of the target and of everything the engine draws
  bool slow = false;          // allow scripts longer than 2 s on a real clock
  bool strong_reset = false;  // begin with Target::reset_strongly()
  // How many scripts this target has run before. On a real clock the peer's ports follow from it,
  // so that what earlier connections left behind is not met again.
  std::uint32_t run_number = 0;
  // Strict mode only: shift the peer's sequence numbers by a seeded amount, so that wraps are
  // exercised. Off: the numbers of the script are the numbers on the wire.
  bool shift_remote_isn = false;
  // The script is a record to be replayed: TCP segments are followed by how far both streams have
  // come (follow.hh), and times of what the target sends are not compared.
  bool follow = false;
  // packetdrill's options by name, without dashes ("tolerance_usecs", "bind_port"). They are
  // applied after those of the script and so win, as packetdrill's command line does.
  std::vector<std::pair<std::string, std::string>> options;
  // The same for scripts that do not have the option themselves.
  std::vector<std::pair<std::string, std::string>> defaults;
  // Where the script's shell commands and snippets run; empty: where the harness does.
  std::string folder;
  // Reads a file that a command of the script names, for targets that have settings and no system
  // to run commands (setting_commands.hh). An error says why not, without the name. Empty: no file
  // can be read.
  std::function<Result<std::string, std::string>(const std::string& path)> read_file;
  // Knobs of the target, applied after the `//: set` lines of the script.
  std::map<std::string, std::string> knobs;
  // How long an expectation at `*` may wait. Default: 10 s on a virtual clock, 2 s on a real one.
  std::optional<Duration> star_limit;
};

// Told what happens while it happens; for journals and verbose output.
class Observer {
 public:
  virtual ~Observer() = default;
  // An event of the script begins. After a crash the last one told is the one to blame.
  virtual void on_event(const script::Location& where) { static_cast<void>(where); }
  // An entry was added to the history.
  virtual void on_entry(const HistoryEntry& entry) { static_cast<void>(entry); }
  // On a real clock: the script begins to wait for a long time (true), and has done so (false).
  virtual void on_wait(bool waits) { static_cast<void>(waits); }
};

// Resets `target` and runs `script`, which must be concrete: parsed without errors, its preludes
// inserted and its parameters expanded (script::expand). Never throws for anything a script or a
// target does; whatever goes wrong is in the outcome. The capabilities that the script names with
// `//: needs` are checked here.
[[nodiscard]] Outcome run(const script::Script& script, const RunOptions& options,
                          targets::Target& target, Observer* observer = nullptr);

}  // namespace packetwright::engine
