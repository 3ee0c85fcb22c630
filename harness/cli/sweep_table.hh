// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "harness/model/state.hh"
#include "harness/report/document.hh"
#include "harness/report/paint.hh"
#include "harness/sweep/sweep.hh"

// What `packetwright sweep` found, as a table of states and kinds of segments.
namespace packetwright::cli {

// The finding of a cell, in words.
struct SweepFinding {
  std::string prelude, stimulus, rule, wanted, seen, script;
  unsigned deviations = 0;  // of the segment from a normal one
  std::string file;         // where the script was written; empty: nowhere
};

struct SweepCell {
  std::uint64_t stimuli = 0, deviating = 0;
  std::optional<SweepFinding> finding;
  std::vector<std::string> problems;  // what ended it early: a crash, say
};

struct SweepTable {
  std::string target, version;
  std::uint64_t seed = 0;
  unsigned deviations = 0;
  std::int64_t wall_ms = 0;
  std::vector<std::string> unsupported;  // preludes that are not for this target, and why
  std::map<std::pair<model::State, const sweep::Kind*>, SweepCell> cells;

  void add(const sweep::Prelude& prelude, const sweep::Kind& kind, sweep::Swept swept);
  [[nodiscard]] std::uint64_t stimuli() const;
  [[nodiscard]] std::uint64_t deviating() const;
  // No cell is red.
  [[nodiscard]] bool holds() const;
};

[[nodiscard]] report::Json to_json(const SweepTable& table);
void write_text(std::ostream& out, const SweepTable& table, const report::Paint& paint);
void write_markdown(std::ostream& out, const SweepTable& table);

// What a worker tells of one prelude and one kind, and back. The octets of to_octets() alone are
// read.
[[nodiscard]] Buffer to_octets(const sweep::Swept& swept);
[[nodiscard]] sweep::Swept swept_from(const Buffer& octets, const sweep::Kind& kind);

}  // namespace packetwright::cli
